"""State diagrams: the values of an expression, and the steps that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocpp_verify.diagrams.extract.moves import Effort, Move, Moves, moves
from ocpp_verify.diagrams.extract.subject import Subject
from ocpp_verify.diagrams.extract.words import joined_names, shown_sizes
from ocpp_verify.diagrams.pictures import StateDiagram, StateEdge, StateNode
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.properties import Transitions
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Label

OPEN = "(?)"
"""Behind steps that are neither known to be possible nor known not to be."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the model a picture shows.

    Attributes:
        only: names of actions; empty means all.
        show_unreached: whether to draw what the table permits and nothing does.
    """

    only: tuple[str, ...] = ()
    show_unreached: bool = False


def state_diagram(
    lowering: Lowering,
    subject: Subject,
    selection: Selection | None = None,
    effort: Effort | None = None,
) -> StateDiagram:
    """The diagram of a subject."""
    return diagram_of(lowering, subject, moves(lowering, subject, effort), selection)


def diagram_of(
    lowering: Lowering, subject: Subject, found: Moves, selection: Selection | None = None
) -> StateDiagram:
    """The diagram of moves that are known already."""
    chosen = selection or Selection()
    picture = _Picture(lowering, subject.table, chosen)
    shown = [
        move
        for move in found.moves
        if not chosen.only or picture.label(move).action in chosen.only
    ]
    arrows: dict[tuple[str, str], list[Move]] = {}
    order = {value: at for at, value in enumerate(found.values)}
    for move in sorted(shown, key=lambda each: (order[each.source], order[each.target])):
        arrows.setdefault((move.source, move.target), []).append(move)
    edges = [picture.edge(source, target, each) for (source, target), each in arrows.items()]
    if chosen.show_unreached:
        edges += picture.unreached(arrows, found)
    touched = {end for edge in edges for end in (edge.source, edge.target)} | set(found.initial)
    reached = set(found.initial) | {move.target for move in found.moves}
    nodes = tuple(
        StateNode(value, value or "none", kind="normal" if value in reached else "unreached")
        for value in found.values
        if value in touched
    )
    note = _note(lowering, subject, found, chosen, edges)
    return StateDiagram(subject.title, nodes, tuple(edges), found.initial, note)


@dataclass(frozen=True, slots=True)
class _Picture:
    lowering: Lowering
    table: Transitions | None
    selection: Selection

    def label(self, move: Move) -> Label:
        return self.lowering.system.commands[move.command].label

    def code(self, source: str, target: str) -> str:
        """The codes of the table for this change."""
        rows = self.table.table if self.table is not None else ()
        return ", ".join(
            row.code
            for row in rows
            if (shown_value(row.source), shown_value(row.target)) == (source, target)
        )

    def edge(self, source: str, target: str, found: Sequence[Move]) -> StateEdge:
        """The arrow; its first line begins with the code. Steps that are sure come first."""
        sure = joined_names(
            self.lowering.model, [self.label(each) for each in found if each.before is not None]
        )
        every = joined_names(self.lowering.model, self._open(found))
        lines = [*sure, *(f"{each} {OPEN}" for each in every)]
        code = self.code(source, target)
        if code:
            lines[0] = f"{code} {lines[0]}"
        return StateEdge(
            source,
            target,
            tuple(lines),
            "highlighted" if not code and self._is_forbidden(found) else "normal",
        )

    def _open(self, found: Sequence[Move]) -> list[Label]:
        def kind(move: Move) -> tuple[str, str, str | None]:
            label = self.label(move)
            return label.action, label.phase, label.outcome

        sure = {kind(each) for each in found if each.before is not None}
        return [
            self.label(each) for each in found if each.before is None and kind(each) not in sure
        ]

    def _is_forbidden(self, found: Sequence[Move]) -> bool:
        """Whether a step that is sure breaks the table, which says nothing about some actions."""
        if self.table is None:
            return False
        return any(
            each.before is not None and self.label(each).action not in self.table.except_actions
            for each in found
        )

    def unreached(self, arrows: object, found: Moves) -> list[StateEdge]:
        """What the table permits and no step does."""
        assert isinstance(arrows, dict)
        rows = self.table.table if self.table is not None else ()
        made = {(move.source, move.target) for move in found.moves}
        return [
            StateEdge(*pair, (row.code,), "unreached")
            for row in rows
            for pair in [(shown_value(row.source), shown_value(row.target))]
            if pair not in made
        ]


def _note(
    lowering: Lowering,
    subject: Subject,
    found: Moves,
    selection: Selection,
    edges: Sequence[StateEdge],
) -> str:
    parts = [" + ".join(lowering.model.profiles)]
    sizes = shown_sizes(lowering.model)
    if sizes:
        parts.append(sizes)
    if subject.table is not None:
        parts.append(f"codes of {subject.table.name}")
        if subject.table.except_actions:
            parts.append(f"which does not judge {', '.join(subject.table.except_actions)}")
        if any(edge.emphasis == "highlighted" for edge in edges):
            parts.append("highlighted: not permitted by it")
    if selection.only:
        parts.append(f"only {', '.join(selection.only)}")
    told = "; ".join(parts)
    return f"{told}; {found.how}" if found.how else told
