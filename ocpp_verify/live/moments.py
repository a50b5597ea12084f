"""Every stimulus at every moment: each event and each request in each status that a connector shows.
And the loss of the link while a message of the system waits for its answer.

What a system does after a stimulus often depends on when it comes: the link may go while a vehicle
charges, the power while a message waits for its answer. Identifiers and numbers count as *known* or
*new*, as the system remembers them or not; at events, new identifiers also by what is thought of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ocpp_verify.ir.clauses import told
from ocpp_verify.ir.expr import Const, Eq
from ocpp_verify.ir.formula import NO, among, every, negation, some
from ocpp_verify.ir.lower import InFlight, Lowering
from ocpp_verify.ir.model import Call, Event, Role, SetLink, peer
from ocpp_verify.ir.properties import Transitions
from ocpp_verify.ir.system import Command, Formula
from ocpp_verify.ir.types import EnumType, OptionType, Type, Value, domain
from ocpp_verify.live.planner import Purpose
from ocpp_verify.source import Place


def moments(
    lowering: Lowering, sut: Role, table: Transitions, ignored: Collection[str] = ()
) -> list[Purpose]:
    """One purpose for each kind of stimulus in each value of the table, and for the loss of the
    link while some message of the system, other than those `ignored`, waits for its answer.
    """
    return _Moments(lowering, sut, table, ignored).all()


class _Moments:
    def __init__(
        self, lowering: Lowering, sut: Role, table: Transitions, ignored: Collection[str]
    ) -> None:
        self._lowering = lowering
        self._ignored = ignored
        self._sut = sut
        self._values: dict[Value, dict[Value, Formula]] = {}
        (index,) = table.params
        for at in domain(index.type):
            self._values[at] = {
                value: lowering.formula(Eq(table.body, Const(value, table.type)), {index.name: at})
                for value in domain(table.type)
            }

    def all(self) -> list[Purpose]:
        commands = self._lowering.system.commands
        found: dict[tuple[str, Formula], set[int]] = {}
        where: dict[str, tuple[Place, tuple[str, ...]]] = {}
        for number, command in enumerate(commands):
            if not self._is_stimulus(command):
                continue
            for name, goal in self._goals(command):
                if goal != NO:
                    found.setdefault((name, goal), set()).add(number)
                    where.setdefault(name, (command.at, command.rules))
        alternatives: dict[str, list[tuple[frozenset[int], Formula]]] = {}
        for (name, goal), numbers in found.items():
            alternatives.setdefault(name, []).append((frozenset(numbers), goal))
        return [
            Purpose(name, "moment", *where[name], moments=tuple(parts))
            for name, parts in alternatives.items()
        ]

    def _is_stimulus(self, command: Command) -> bool:
        label = command.label
        if label.phase == "sent":
            return label.actor == peer(self._sut)
        action = self._lowering.model.action(label.action)
        return isinstance(action, Event) and action.role == self._sut

    def _goals(self, command: Command) -> Iterator[tuple[str, Formula]]:
        label = command.label
        name = told(self._lowering.model.action(label.action), label.args)
        args = dict(label.args)
        here = next((value for value in args.values() if value in self._values), None)
        values = self._values[here if here is not None else next(iter(self._values))]
        for words, related in self._relations(command):
            for value, formula in values.items():
                yield f"{name}{words} while {value}", every((formula, related))
        if self._is_link_loss(label.action):
            for call in self._lowering.model.calls():
                if call.sender == self._sut and call.name not in self._ignored:
                    yield f"{name} while {call.name} waits", self._waits(call)

    def _relations(self, command: Command) -> Iterator[tuple[str, Formula]]:
        """What the system remembers of the last name that the stimulus has."""
        action = self._lowering.model.action(command.label.action)
        args = dict(command.label.args)
        named = [
            (sort, args[each.name])
            for each in action.params
            if (sort := _named(each.type)) is not None and args.get(each.name) is not None
        ]
        if not named:
            yield "", every(())
            return
        sort, token = named[-1]
        known = self._is_remembered(token)
        yield f" of a known {sort.name}", known
        opinions = self._opinions(token) if isinstance(action, Event) else {"": every(())}
        for words, formula in opinions.items():
            yield f" of a new {sort.name}{words}", every((negation(known), formula))

    def _is_remembered(self, token: Value) -> Formula:
        cells = self._lowering.system.cells
        owners = {each.name: each.owner for each in self._lowering.model.variables}
        return some(
            among(at, (cell.domain.index(token),), len(cell.domain))
            for at, cell in enumerate(cells)
            if token in cell.domain and owners.get(cell.variable) == self._sut
        )

    def _opinions(self, token: Value) -> dict[str, Formula]:
        """What the other side thinks of the token, if it thinks anything."""
        for at, cell in enumerate(self._lowering.system.cells):
            if cell.indices == (token,) and len(cell.initial) > 1 and "Accepted" in cell.domain:
                good = among(at, (cell.domain.index("Accepted"),), len(cell.domain))
                return {" that is Accepted": good, " that is not": negation(good)}
        return {"": every(())}

    def _is_link_loss(self, name: str) -> bool:
        action = self._lowering.model.action(name)
        if not isinstance(action, Event):
            return False
        return any(isinstance(each, SetLink) and not each.up for each in action.updates)

    def _waits(self, call: Call) -> Formula:
        cell = self._lowering.system.cell(f"{call.sender}'s call")
        values = self._lowering.system.cells[cell].domain
        flights = (
            at
            for at, value in enumerate(values)
            if isinstance(value, InFlight) and value.call == call.name
        )
        return among(cell, flights, len(values))


def _named(type_: Type) -> EnumType | None:
    """The symmetric sort that the type names values of."""
    inner = type_.of if isinstance(type_, OptionType) else type_
    return inner if isinstance(inner, EnumType) and inner.is_sort and inner.symmetric else None
