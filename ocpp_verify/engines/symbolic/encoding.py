"""A ground system as z3 terms over bit-vectors, one context per encoding; z3's answers wrapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import z3

from ocpp_verify.ir import system as ground
from ocpp_verify.ir.system import Formula, State, System, Term


@dataclass(frozen=True, slots=True)
class Satisfied:
    """There is a model: the values of the cells asked for."""

    state: State
    model: Any


@dataclass(frozen=True, slots=True)
class Contradiction:
    """There is no model."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The solver gave up, in its own words."""

    reason: str


Reply: TypeAlias = Satisfied | Contradiction | Undecided


class Encoding:
    """Terms for the cells of one system; formulas are translated once per object.

    A cell is a bit-vector with the index of its value. `now` are the cells before a step, `then`
    those after it.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.context = z3.Context()
        self.widths = [max(1, (len(cell.domain) - 1).bit_length()) for cell in system.cells]
        self.now = self.variables("c")
        self.then = self.variables("n")
        self._known: dict[int, tuple[Formula, Any]] = {}

    def variables(self, prefix: str) -> list[Any]:
        """Fresh cells."""
        return [
            z3.BitVec(f"{prefix}{number}", width, self.context)
            for number, width in enumerate(self.widths)
        ]

    def solver(self, timeout: float) -> Any:
        """A solver for this encoding; `timeout` in seconds for each check."""
        made = z3.Solver(ctx=self.context)
        made.set("timeout", max(1, int(timeout * 1000)))
        return made

    def ask(self, solver: Any, *assumptions: Any, cells: Sequence[Any] = ()) -> Reply:
        """One check; the state is that of `cells`, by default of `now`."""
        answer = solver.check(*assumptions)
        if answer == z3.unsat:
            return Contradiction()
        if answer == z3.unknown:
            return Undecided(str(solver.reason_unknown()))
        model = solver.model()
        return Satisfied(self.state(model, cells or self.now), model)

    def state(self, model: Any, cells: Sequence[Any]) -> State:
        """The values of the cells in a model."""
        return tuple(model.eval(cell, model_completion=True).as_long() for cell in cells)

    def number(self, cell: int, value: int) -> Any:
        """The bit pattern of a domain index."""
        return z3.BitVecVal(value, self.widths[cell], self.context)

    def constant(self, value: bool) -> Any:
        """True or false."""
        return z3.BoolVal(value, self.context)

    def truth(self, formula: Formula) -> Any:
        """The formula over the cells before a step."""
        known = self._known.get(id(formula))
        if known is None:
            # The formula is kept, so that its id stays its own.
            known = self._known[id(formula)] = (formula, self._truth(formula))
        return known[1]

    def _truth(self, formula: Formula) -> Any:
        match formula:
            case ground.Bool():
                return self.constant(formula.value)
            case ground.Is():
                return self.among(formula.cell, formula.values)
            case ground.No():
                return z3.Not(self.truth(formula.body))
            case ground.All():
                return self.every([self.truth(each) for each in formula.args])
            case ground.Any():
                return self.some([self.truth(each) for each in formula.args])
            case _:
                assert_never(formula)

    def among(self, cell: int, values: Sequence[int], primed: bool = False) -> Any:
        """The cell has one of the values, within its domain; after the step, if `primed`."""
        size = len(self.system.cells[cell].domain)
        variable = self.then[cell] if primed else self.now[cell]
        if 2 * len(values) > size:
            others = set(range(size)).difference(values)
            return self.every([variable != self.number(cell, value) for value in sorted(others)])
        return self.some([variable == self.number(cell, value) for value in values])

    def every(self, parts: Sequence[Any]) -> Any:
        """Conjunction, of none true."""
        return z3.And(*parts) if len(parts) > 1 else parts[0] if parts else self.constant(True)

    def some(self, parts: Sequence[Any]) -> Any:
        """Disjunction, of none false."""
        return z3.Or(*parts) if len(parts) > 1 else parts[0] if parts else self.constant(False)

    def value(self, cell: int, term: Term) -> Any:
        """The term as a bit pattern for the cell."""
        match term:
            case ground.Index():
                return self.number(cell, term.value)
            case ground.Copy():
                source = self.now[term.cell]
                if (
                    term.table == tuple(range(len(term.table)))
                    and self.widths[term.cell] == self.widths[cell]
                ):
                    return source
                shown = self.number(cell, term.table[-1])
                for at, target in reversed(list(enumerate(term.table[:-1]))):
                    here = source == self.number(term.cell, at)
                    shown = z3.If(here, self.number(cell, target), shown)
                return shown
            case ground.Choice():
                return z3.If(
                    self.truth(term.condition),
                    self.value(cell, term.yes),
                    self.value(cell, term.no),
                )
            case _:
                assert_never(term)

    def domains(self) -> Any:
        """Every cell has an index of its domain."""
        return self.every(
            [
                z3.ULT(self.now[number], self.number(number, len(cell.domain)))
                for number, cell in enumerate(self.system.cells)
                if len(cell.domain) < 2 ** self.widths[number]
            ]
        )

    def initial(self) -> Any:
        """The initial states."""
        parts = [
            self.some([self.now[number] == self.number(number, value) for value in cell.initial])
            for number, cell in enumerate(self.system.cells)
        ]
        return self.every([self.truth(self.system.initial), *parts])

    def step(self, updates: Mapping[int, Term]) -> Any:
        """The cells after a step with these updates; what is not assigned stays."""
        return self.every(
            [
                self.then[number]
                == (self.value(number, updates[number]) if number in updates else self.now[number])
                for number in range(len(self.now))
            ]
        )
