"""Sequence diagrams of traces: who did what, in which order, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from ocpp_verify.diagrams.extract.words import shown_args, shown_place, step_name
from ocpp_verify.diagrams.pictures import (
    Divider,
    Lifeline,
    Message,
    NoteBlock,
    SequenceDiagram,
    SequenceItem,
    ends_of,
)
from ocpp_verify.ir.lower import Answered, InFlight, Lowering
from ocpp_verify.ir.model import ROLES, Event, Role, SetLink
from ocpp_verify.ir.properties import Scenario
from ocpp_verify.ir.show import Shower, shown_value
from ocpp_verify.ir.system import State
from ocpp_verify.semantics.result import Trace
from ocpp_verify.semantics.traces import Change, Line, lines

Detail: TypeAlias = Literal["all", "definitions", "none"]

BENCH, OPERATOR = "bench", "operator"
"""Who makes events happen: at the charger, and at the central system."""
_LIFELINES = (
    (BENCH, "user, vehicle, site"),
    ("charger", "charger"),
    ("csms", "central system"),
    (OPERATOR, "operator"),
)
_MARK = "mark "
_MOST_CHANGES = 6
_ROW = 46
"""Characters of changes in one line."""


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """What a sequence diagram leaves out.

    Attributes:
        hidden: show steps that nobody outside sees.
        changes: of what the new values are shown.
        places: show where the clause stands, behind its rules.
    """

    hidden: bool = True
    changes: Detail = "all"
    places: bool = True


def sequence_of_trace(
    lowering: Lowering,
    trace: Trace,
    title: str,
    conclusion: NoteBlock | None = None,
    options: SequenceOptions | None = None,
    scenario: Scenario | None = None,
) -> SequenceDiagram:
    """The diagram of a run of the lowered system.

    A message is drawn when it is sent. An answer that arrives in the next step is one arrow; of one
    that arrives later, the arrival is drawn too, so that crossing messages can be told. What the
    link loses has no arrowhead. `scenario` is the one whose progress the system keeps.
    """
    drawing = _Drawing(lowering, trace, options or SequenceOptions(), scenario)
    items = drawing.draw()
    if conclusion is not None:
        items.append(conclusion)
    return SequenceDiagram(title, lifelines_of(items), tuple(items))


def lifelines_of(items: Sequence[SequenceItem]) -> tuple[Lifeline, ...]:
    """Both roles, and those of the world around them that do something."""
    used = {end for item in items for end in ends_of(item)} | set(ROLES)
    return tuple(Lifeline(id, label) for id, label in _LIFELINES if id in used)


@dataclass(slots=True)
class _Drawing:
    lowering: Lowering
    trace: Trace
    options: SequenceOptions
    scenario: Scenario | None
    items: list[SequenceItem] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    """By caller, the item of the call that is in flight."""
    answers: dict[str, int] = field(default_factory=dict)
    """By caller, the item of the answer that is on its way."""

    def draw(self) -> list[SequenceItem]:
        steps = lines(self.lowering, self.trace)
        self._start()
        number = 0
        skip = False
        for at, line in enumerate(steps):
            if skip:
                skip = False
                number += 1
                continue
            if line.label.action.startswith(_MARK):
                self._progress(line)
                continue
            number += 1
            following = next(
                (each for each in steps[at + 1 : at + 2] if _receives(line, each)), None
            )
            skip = following is not None
            self._step(line, number, following)
            self._losses(self.trace.states[at], self.trace.states[at + 1], line)
        return self.items

    def _start(self) -> None:
        cells = self.lowering.system.cells
        free = [
            f"{cell.name} = {shown_value(cell.domain[value])}"  # type: ignore[arg-type]
            for cell, value in zip(cells, self.trace.states[0], strict=True)
            if cell.kind in ("state", "config") and len(cell.initial) > 1
        ]
        if free:
            self.items.append(NoteBlock((), f"at the start: {', '.join(free)}"))

    def _step(self, line: Line, number: int, following: Line | None) -> None:
        label = line.label
        changes = (*line.changes, *(following.changes if following is not None else ()))
        told = self._changes(changes)
        name = step_name(self.lowering.model, label)
        args = shown_args(label.args)
        rules = self._rules(line)
        match label.phase:
            case "sent":
                self.calls[label.role] = len(self.items)
                detail = _stacked(args, told)
                self._message(label.role, name, detail, "call", number, rules)
            case "reply":
                caller = _other(label.role)
                self.calls.pop(caller, None)
                if following is None:
                    self.answers[caller] = len(self.items)
                detail = _stacked(shown_args(label.answer), told)
                self._message(label.role, name, detail, "reply", number, rules)
            case "received":
                self.answers.pop(label.role, None)
                text = _stacked(f"{name.removesuffix(' received')} arrives", told)
                self._note((label.role,), text, number, rules)
            case "queued":
                if self.options.hidden:
                    text = _stacked(f"stores {_called(name, args)}", told)
                    self._note((label.role,), text, number, rules)
            case "step" if not label.visible:
                if self.options.hidden:
                    self._note((label.role,), _stacked(_called(name, args), told), number, rules)
            case "step":
                self._event(line, number, told)

    def _event(self, line: Line, number: int, told: str) -> None:
        label = line.label
        rules = self._rules(line)
        up = self._link_only(label.action)
        if up is not None:
            state = "up" if up else "down"
            self.items.append(Divider(f"{label.action}: the link is {state}", number, rules))
            if told:
                self._note((), told, None, ())
            return
        source = BENCH if label.role == "charger" else OPERATOR
        detail = _stacked(shown_args(label.args), told)
        self.items.append(Message(source, label.role, label.action, detail, "call", number, rules))

    def _link_only(self, name: str) -> bool | None:
        """Whether the event brings the link up or down, if that is all it does."""
        action = self.lowering.model.action(name)
        match action:
            case Event(updates=(SetLink(up=up),)):
                return up
            case _:
                return None

    def _progress(self, line: Line) -> None:
        """A condition of the scenario is met."""
        item: object = None
        if self.scenario is not None:
            item = self.scenario.items[int(line.label.action.rsplit(" ", 1)[1]) - 1]
        shower = Shower(self.lowering.model.definitions)
        text = shower.expr(item) if item is not None else "the condition holds"  # type: ignore[arg-type]
        self._note((), f"here: {text}", None, (), "good")

    def _losses(self, before: State, after: State, line: Line) -> None:
        """Draw what vanished from the link as lost."""
        if line.label.phase in ("reply", "received"):
            return
        for number, cell in enumerate(self.lowering.system.cells):
            if cell.kind != "slot" or before[number] == after[number]:
                continue
            gone = cell.domain[before[number]]
            at = None
            if isinstance(gone, InFlight):
                at = self.calls.pop(cell.owner, None)
            elif isinstance(gone, Answered):
                at = self.answers.pop(cell.owner, None)
            item = self.items[at] if at is not None else None
            if at is not None and isinstance(item, Message):
                self.items[at] = replace(item, kind="lost")

    def _message(
        self,
        source: str,
        name: str,
        detail: str,
        kind: Literal["call", "reply"],
        number: int,
        rules: tuple[str, ...],
    ) -> None:
        self.items.append(Message(source, _other(source), name, detail, kind, number, rules))

    def _note(
        self,
        over: tuple[str, ...],
        text: str,
        number: int | None,
        rules: tuple[str, ...],
        tone: Literal["plain", "good"] = "plain",
    ) -> None:
        self.items.append(NoteBlock(over, text, tone, number, rules))

    def _rules(self, line: Line) -> tuple[str, ...]:
        place = shown_place(line.at) if self.options.places else ""
        return (*line.rules, place) if place else line.rules

    def _changes(self, changes: Sequence[Change]) -> str:
        """New values, on one line; what is in flight is seen in the arrows."""
        if self.options.changes == "none":
            return ""
        hidden = {
            cell.name
            for cell in self.lowering.system.cells
            if cell.kind in ("slot", "queue", "link", "ghost") or self.options.changes != "all"
        }
        alike: dict[str, list[str]] = {}
        for each in changes:
            if each.name not in hidden:
                alike.setdefault(f"{each.before} → {each.after}", []).append(each.name)
        told = [f"{', '.join(names)}: {change}" for change, names in alike.items()]
        if len(told) > _MOST_CHANGES:
            rest = len(told) - _MOST_CHANGES + 1
            told = [*told[: _MOST_CHANGES - 1], f"{rest} more"]
        return _lined(told)


def _receives(sent: Line, following: Line) -> bool:
    """Whether the second step is the arrival of the answer that the first one sends."""
    one, other = sent.label, following.label
    return (
        one.phase == "reply"
        and other.phase == "received"
        and (one.action, one.outcome) == (other.action, other.outcome)
    )


def _other(role: str) -> Role:
    return "csms" if role == "charger" else "charger"


def _lined(told: Sequence[str]) -> str:
    """Changes side by side as far as they fit, and none of them broken in two."""
    rows: list[str] = []
    for each in told:
        if rows and len(rows[-1]) + len(each) + 2 <= _ROW:
            rows[-1] += f", {each}"
        else:
            rows.append(each)
    return "\n".join(rows)


def _called(name: str, args: str) -> str:
    return f"{name}({args})" if args else name


def _stacked(*texts: str) -> str:
    return "\n".join(each for each in texts if each)
