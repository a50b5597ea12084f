"""State diagrams: the values of an expression, and the steps that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocpp_verify.diagrams.extract.hubs import fold
from ocpp_verify.diagrams.extract.moves import Effort, Move, Moves, moves
from ocpp_verify.diagrams.extract.subject import Subject
from ocpp_verify.diagrams.extract.walks import dead_ends
from ocpp_verify.diagrams.extract.words import joined_names, shown_sizes
from ocpp_verify.diagrams.pictures import EdgeEmphasis, StateDiagram, StateEdge, StateNode
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Transitions
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Label

OPEN = "?"
"""Before steps that are neither known to be possible nor known not to be."""
OTHER = "(another)"
"""After steps to a value that the same box stands for."""


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
        move for move in found.moves if not chosen.only or picture.label(move).action in chosen.only
    ]
    arrows: dict[tuple[str, str], list[Move]] = {}
    values = _as_declared(lowering.model, found.values)
    order = {value: at for at, value in enumerate(values)}
    placed = [(found.ends(move), move) for move in shown]
    for ends, move in sorted(placed, key=lambda each: tuple(order[end] for end in each[0])):
        arrows.setdefault(ends, []).append(move)
    edges = [picture.edge(source, target, each) for (source, target), each in arrows.items()]
    if chosen.show_unreached:
        edges += picture.unreached(found)
    touched = {end for edge in edges for end in (edge.source, edge.target)} | set(found.initial)
    reached = set(found.initial) | {found.ends(move)[1] for move in found.moves}
    nodes = tuple(
        StateNode(value, value or "none", kind="normal" if value in reached else "unreached")
        for value in values
        if value in touched
    )
    note = _note(lowering, subject, found, chosen, edges, [each.id for each in nodes])
    codes = {pair: code for pair in arrows if (code := picture.code(*pair))}
    nodes, shown_edges = fold(nodes, edges, codes)
    return StateDiagram(subject.title, nodes, shown_edges, found.initial, note)


def _as_declared(model: Model, values: tuple[str, ...]) -> tuple[str, ...]:
    """Values in the order of the type that has all of them: the layout begins with the first."""
    for each in model.types:
        order = [shown_value(None), *map(shown_value, each.values)]
        if set(values) <= set(order):
            return tuple(sorted(values, key=order.index))
    return values


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
        """The arrow; its first line begins with the code.

        Steps that are sure come first, those that the table does not judge last.
        """
        model = self.lowering.model
        excepted = self.table.except_actions if self.table is not None else ()
        sure = [self.label(each) for each in found if each.before is not None]
        parts = [
            joined_names(model, [each for each in labels if (each.action in excepted) is apart])
            for apart in (False, True)
            for labels in (sure, self._open(found))
        ]
        lines = [
            f"{OPEN} {name}" if at % 2 else name for at, names in enumerate(parts) for name in names
        ]
        code = self.code(source, target)
        if source == target:
            lines = [f"{line} {OTHER}" for line in lines]
        if code:
            lines[0] = f"{code} {lines[0]}"
        emphasis: EdgeEmphasis = "normal"
        if not code and self._is_forbidden(found):
            emphasis = "highlighted"
        return StateEdge(source, target, tuple(lines), emphasis)

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

    def unreached(self, found: Moves) -> list[StateEdge]:
        """What the table permits and no step does."""
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
    shown: Sequence[str],
) -> str:
    parts = [" + ".join(lowering.model.profiles)]
    sizes = shown_sizes(lowering.model)
    if sizes:
        parts.append(sizes)
    parts += found.alike.told(shown)
    if subject.table is not None:
        excepted = " and ".join(subject.table.except_actions)
        exempt = f", which does not judge {excepted}" if excepted else ""
        parts.append(f"codes of {subject.table.name}{exempt}")
        if any(edge.emphasis == "highlighted" for edge in edges):
            parts.append("highlighted: not permitted by it")
    if lost := dead_ends(found):
        parts.append(f"no way back from {', '.join(value or 'none' for value in lost)}")
    if selection.only:
        parts.append(f"only {', '.join(selection.only)}")
    told = "; ".join(parts)
    return f"{told}; {found.how}" if found.how else told
