"""The cells of a lowered system, and conditions on those of the link: its slots and queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from ocpp_verify.ir.formula import YES, among, choice
from ocpp_verify.ir.lower.arguments import Args, assignments, constant
from ocpp_verify.ir.lower.slots import Answered, InFlight, Shape, Stored
from ocpp_verify.ir.model import ONLINE, ROLES, Model, Role, Variable, peer
from ocpp_verify.ir.properties import Monitor, Scenario
from ocpp_verify.ir.system import Cell, Copy, Formula, Index, Term
from ocpp_verify.ir.types import Value, domain


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is.

    Attributes:
        shapes: what is remembered of each call, by its name.
        online: the cell that is true while the link is up.
        slot: each role's cell for its outstanding call.
        entries: each role's cells for its stored calls, the oldest first.
        progress: each scenario's cell for how far it has come.
        marks: the meanings of that cell: values of the scenario's parameters, items passed.
    """

    cells: tuple[Cell, ...]
    sizes: tuple[int, ...]
    shapes: Mapping[str, Shape]
    online: int
    slot: Mapping[Role, int]
    entries: Mapping[Role, tuple[int, ...]]
    progress: Mapping[str, int]
    marks: Mapping[str, tuple[tuple[Args, int], ...]]

    def stays(self, cell: int) -> Term:
        """The cell's own value."""
        return Copy(cell, tuple(range(self.sizes[cell])))

    def holds(self, cell: int, value: object) -> Formula:
        """The cell holds this value."""
        return among(cell, (self.cells[cell].domain.index(value),), self.sizes[cell])

    def up(self) -> Formula:
        """The link is up."""
        return among(self.online, (1,), 2)

    def slot_is(self, role: Role, value: InFlight | Answered | None) -> Formula:
        """The role's slot holds this."""
        return self.holds(self.slot[role], value)

    def slot_to(self, role: Role, value: InFlight | Answered) -> Term:
        """The term that puts this into the role's slot."""
        return Index(self.cells[self.slot[role]].domain.index(value))

    def launched(self, call: Shape, args: Args) -> Term:
        """The call in its sender's slot, behind an answer on its way to the same side."""
        sender, name = call.call.sender, call.call.name
        behind = self.slot_to(sender, InFlight(name, args, behind=True))
        plain = self.slot_to(sender, InFlight(name, args))
        return choice(self._answer_waits(peer(sender)), behind, plain)

    def _answer_waits(self, role: Role) -> Formula:
        """An answer to a call of `role` is on its way."""
        cell = self.slot[role]
        values = self.cells[cell].domain
        on_its_way = (at for at, value in enumerate(values) if isinstance(value, Answered))
        return among(cell, on_its_way, self.sizes[cell])

    def freed(self, shape: Shape) -> Iterator[tuple[int, Term]]:
        """The call is over: its slot is free and, if it was stored, the queue moves up."""
        sender = shape.call.sender
        yield self.slot[sender], Index(0)
        if shape.call.queued:
            *_, last = entries = self.entries[sender]
            for cell, following in zip(entries, entries[1:], strict=False):  # noqa: RUF007
                yield cell, self.stays(following)
            yield last, Index(0)

    def unblocked(self, role: Role) -> Iterator[tuple[int, Term]]:
        """The answer that a call of `role` was behind has arrived."""
        cell = self.slot[role]
        values = self.cells[cell].domain
        table = tuple(
            values.index(InFlight(value.call, value.args))
            if isinstance(value, InFlight) and value.behind
            else number
            for number, value in enumerate(values)
        )
        if table != tuple(range(len(values))):
            yield cell, Copy(cell, table)

    def holds_queued(self, role: Role) -> Formula:
        """The role's outstanding call is a stored one."""
        cell = self.slot[role]
        stored = (
            at
            for at, value in enumerate(self.cells[cell].domain)
            if isinstance(value, InFlight | Answered) and self.shapes[value.call].call.queued
        )
        return among(cell, stored, self.sizes[cell])

    def known_args(self, shape: Shape, kept: Args) -> Iterator[tuple[dict[str, Value], Formula]]:
        """The arguments of a call whose slot keeps these, with the condition that tells them."""
        if not shape.call.queued:
            yield dict(kept), YES
            return
        head = self.entries[shape.call.sender][0]
        for args in assignments(shape.stored):
            yield {**dict(kept), **dict(args)}, self.holds(head, Stored(shape.call.name, args))


def lay_out(
    model: Model,
    shapes: Mapping[str, Shape],
    monitors: Sequence[Monitor],
    scenarios: Sequence[Scenario],
) -> Layout:
    """The cells, in this order: variables, link, slots, queues, ghosts, progress of scenarios."""
    cells: list[Cell] = []
    for variable in model.variables:
        cells += _cells_of(variable, "config" if variable.config or variable.trait else "state")
    online = len(cells)
    cells.append(Cell(ONLINE, (False, True), (0,), "link", "link", ONLINE))
    slot: dict[Role, int] = {}
    for role in ROLES:
        values: list[object] = [None]
        for shape in shapes.values():
            if shape.call.sender == role:
                values += shape.slot_values()
        slot[role] = len(cells)
        cells.append(Cell(f"{role}'s call", tuple(values), (0,), "slot", role))
    entries: dict[Role, tuple[int, ...]] = dict.fromkeys(ROLES, ())
    for queue in model.queues:
        stored: list[object] = [None]
        for shape in shapes.values():
            if shape.call.queued and shape.call.sender == queue.role:
                stored += [Stored(shape.call.name, args) for args in assignments(shape.stored)]
        entries[queue.role] = tuple(range(len(cells), len(cells) + queue.capacity))
        cells += [
            Cell(f"{queue.role}'s queue[{at}]", tuple(stored), (0,), "queue", queue.role)
            for at in range(queue.capacity)
        ]
    for monitor in monitors:
        for ghost in monitor.ghosts:
            cells += _cells_of(ghost, "ghost")
    progress: dict[str, int] = {}
    marks: dict[str, tuple[tuple[Args, int], ...]] = {}
    for scenario in scenarios:
        marks[scenario.name] = tuple(
            (args, at)
            for args in assignments(scenario.params)
            for at in range(len(scenario.items) + 1)
        )
        starts = tuple(number for number, (_, at) in enumerate(marks[scenario.name]) if at == 0)
        progress[scenario.name] = len(cells)
        cells.append(
            Cell(f"progress of {scenario.name}", marks[scenario.name], starts, "ghost", "monitor")
        )
    sizes = tuple(len(cell.domain) for cell in cells)
    return Layout(tuple(cells), sizes, shapes, online, slot, entries, progress, marks)


def _cells_of(variable: Variable, kind: Literal["state", "config", "ghost"]) -> Iterator[Cell]:
    values = domain(variable.type)
    for indices in product(*(each.values for each in variable.indices)):
        if variable.initial is None:
            initial = tuple(range(len(values)))
        else:
            bound = {f"index{at}": value for at, value in enumerate(indices)}
            initial = (values.index(constant(variable.initial, bound)),)
        shown = f"{variable.name}[{', '.join(map(str, indices))}]" if indices else variable.name
        yield Cell(shown, values, initial, kind, variable.owner, variable.name, tuple(indices))
