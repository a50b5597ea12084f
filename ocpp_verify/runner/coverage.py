"""What the runs of a test have shown: transitions of tables, messages and outcomes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpp_verify.ir.expr import Const, Eq
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.properties import Property, Transitions
from ocpp_verify.ir.system import Formula
from ocpp_verify.ir.types import Value, domain
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.record import Entry
from ocpp_verify.live.wording import field_of
from ocpp_verify.ocpp import framing
from ocpp_verify.ocpp.v16.schemas import Schemas

_MOST_STATES = 300


@dataclass(slots=True)
class _Table:
    """One `transitions` property of a connector's status, with its values as formulas."""

    table: Transitions
    values: Mapping[tuple[int, str], Formula]


@dataclass(slots=True)
class StatusWatch:
    """Pairs of successive StatusNotifications that are transitions of a table.

    A pair counts only if no state that was possible in between shows anything else than the two:
    then nothing can have been hidden.
    """

    tables: list[_Table]
    seen: dict[str, set[str]]
    _last: dict[int, str] = field(default_factory=dict)
    _between: dict[int, set[str]] = field(default_factory=dict)
    _blurred: set[int] = field(default_factory=set)

    def forget(self) -> None:
        """Another run begins."""
        self._last.clear()
        self._between.clear()
        self._blurred.clear()

    def before(self, conversation: Conversation, data: str | bytes, now: float) -> None:
        """A frame is about to be judged."""
        if not self.tables:
            return
        states = conversation.belief.states(now)
        for connector in self._last:
            if len(states) > _MOST_STATES:
                self._blurred.add(connector)
                continue
            shown = self._between.setdefault(connector, set())
            for (index, value), formula in self.tables[0].values.items():
                is_open = index == connector and value not in shown
                if is_open and any(conversation.oracle.holds(formula, each) for each in states):
                    shown.add(value)
        told = _status(data)
        if told is None:
            return
        connector, status = told
        last = self._last.get(connector)
        is_clear = connector not in self._blurred and self._between.get(connector, set()) <= {
            last,
            status,
        }
        if last is not None and last != status and is_clear:
            for each in self.tables:
                for row in each.table.table:
                    if (row.source, row.target) == (last, status):
                        self.seen[each.table.name].add(row.code)
        self._last[connector] = status
        self._between[connector] = set()
        self._blurred.discard(connector)


def status_watch(lowering: Lowering, properties: Iterable[Property]) -> StatusWatch:
    """A watch for all tables over a connector's status."""
    tables = []
    for each in properties:
        if not isinstance(each, Transitions) or len(each.params) != 1:
            continue
        name = each.params[0].name
        values: dict[tuple[int, str], Formula] = {}
        for index in domain(each.params[0].type):
            for value in domain(each.type):
                if isinstance(index, int) and isinstance(value, str):
                    known: dict[str, Value] = {name: index}
                    formula = lowering.formula(Eq(each.body, Const(value, each.type)), known)
                    values[index, value] = formula
        if values:
            tables.append(_Table(each, values))
    return StatusWatch(tables, {each.table.name: set() for each in tables})


def _status(data: str | bytes) -> tuple[int, str] | None:
    """Connector and status of a StatusNotification; None for every other frame."""
    if not isinstance(data, str) or "StatusNotification" not in data[:200]:
        return None
    content = framing.decode(data, max_depth=64).content
    if not isinstance(content, framing.CallFrame) or content.action != "StatusNotification":
        return None
    connector, status = content.payload.get("connectorId"), content.payload.get("status")
    if isinstance(connector, int) and connector > 0 and isinstance(status, str):
        return connector, status
    return None


@dataclass(slots=True)
class Messages:
    """How often each message went each way, and how it was answered.

    Counted are frames that are well-formed; `outcomes` has `""` for answers without a status.
    """

    sent: dict[str, int] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, entries: Sequence[Entry], schemas: Schemas) -> None:
        """Add the frames of one run."""
        actions: dict[tuple[str, str], str] = {}
        for entry in entries:
            if entry.mark == "*":
                continue
            frame = frame_of(entry.text)
            if frame is None:
                continue
            if frame[0] == 2 and isinstance(frame[2], str):
                action = frame[2][:100]
                side = self.sent if entry.mark == "->" else self.received
                side[action] = side.get(action, 0) + 1
                actions[entry.mark, frame[1]] = action
            elif frame[0] in (3, 4):
                way = "<-" if entry.mark == "->" else "->"
                answered = actions.get((way, frame[1]))
                if answered is not None:
                    self._answer(answered, frame, schemas)

    def _answer(self, action: str, frame: list[Any], schemas: Schemas) -> None:
        outcome = "" if frame[0] == 3 else f"CALLERROR {frame[2]}"[:100]
        if frame[0] == 3 and isinstance(frame[2], Mapping):
            try:
                place = schemas.outcome_field(action)
            except KeyError:
                place = None
            found = field_of(frame[2], ".".join(place.path)) if place is not None else ""
            outcome = found[:100] if isinstance(found, str) else ""
        known = self.outcomes.setdefault(action, {})
        known[outcome] = known.get(outcome, 0) + 1


def frame_of(text: str) -> list[Any] | None:
    """The frame as a list of at least three whose second is a text."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_message = isinstance(frame, list) and len(frame) >= 3 and isinstance(frame[1], str)
    return frame if is_message else None
