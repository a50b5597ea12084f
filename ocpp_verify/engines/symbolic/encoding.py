"""A ground system as z3 terms over bit-vectors, one context per encoding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import z3

from ocpp_verify.ir import system as ground
from ocpp_verify.ir.system import Formula, System, Term


class Encoding:
    """Terms for the cells of one system; formulas are translated once per object."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.context = z3.Context()
        self.widths = [max(1, (len(cell.domain) - 1).bit_length()) for cell in system.cells]
        self.now = self._variables("c")
        self.then = self._variables("n")
        self._known: dict[int, tuple[Formula, Any]] = {}

    def _variables(self, prefix: str) -> list[Any]:
        return [
            z3.BitVec(f"{prefix}{number}", width, self.context)
            for number, width in enumerate(self.widths)
        ]

    def number(self, cell: int, value: int) -> Any:
        """The bit pattern of a domain index."""
        return z3.BitVecVal(value, self.widths[cell], self.context)

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
                return z3.BoolVal(formula.value, self.context)
            case ground.Is():
                cell = self.now[formula.cell]
                return self._or([cell == self.number(formula.cell, v) for v in formula.values])
            case ground.No():
                return z3.Not(self.truth(formula.body))
            case ground.All():
                return z3.And(*(self.truth(each) for each in formula.args))
            case ground.Any():
                return self._or([self.truth(each) for each in formula.args])
            case _:
                assert_never(formula)

    def _or(self, parts: list[Any]) -> Any:
        return parts[0] if len(parts) == 1 else z3.Or(*parts)

    def value(self, cell: int, term: Term) -> Any:
        """The term as a bit pattern for the cell."""
        match term:
            case ground.Index():
                return self.number(cell, term.value)
            case ground.Copy():
                shown = self.number(cell, term.table[-1])
                source = self.now[term.cell]
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
        parts = [
            z3.ULT(self.now[number], self.number(number, len(cell.domain)))
            for number, cell in enumerate(self.system.cells)
            if len(cell.domain) < 2 ** self.widths[number]
        ]
        return z3.And(*parts) if parts else z3.BoolVal(True, self.context)

    def initial(self) -> Any:
        """The initial states."""
        parts = [
            self._or([self.now[number] == self.number(number, value) for value in cell.initial])
            for number, cell in enumerate(self.system.cells)
        ]
        return z3.And(self.truth(self.system.initial), *parts)

    def step(self, updates: Mapping[int, Term]) -> Any:
        """The cells after a step with these updates; what is not assigned stays."""
        return z3.And(
            *(
                self.then[number]
                == (self.value(number, updates[number]) if number in updates else self.now[number])
                for number in range(len(self.now))
            )
        )
