"""What an engine keeps from one exploration to the next: compiling can take longer than searching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocpp_verify.engines.explicit.circuit import Circuit
from ocpp_verify.engines.explicit.expand import Expander, Goals, prepare, prepare_goals
from ocpp_verify.engines.explicit.packing import Layout, lay_out
from ocpp_verify.ir.system import Formula, System


@dataclass(frozen=True, slots=True)
class Compiled:
    """The commands of a system, and the goals met so far, under one layout."""

    layout: Layout
    expander: Expander
    goals: Circuit

    def prepare_goals(self, formulas: Sequence[Formula]) -> Goals:
        """The formulas, ready to be looked for."""
        return prepare_goals(self.goals, formulas)

    def covers(self, system: System) -> bool:
        """Whether the layout has room for the initial states of a system with these commands."""
        return all(
            field.code(value) is not None
            for field, cell in zip(self.layout.fields, system.cells, strict=True)
            for value in cell.initial
        )


def compile_system(system: System) -> Compiled:
    """Compile a system."""
    layout = lay_out(system)
    return Compiled(layout, prepare(layout, system.commands), Circuit(layout))


@dataclass(slots=True)
class Workbench:
    """The last system compiled, for others that differ from it in their initial states only."""

    _system: System | None = None
    _compiled: Compiled | None = None

    def compiled(self, system: System) -> Compiled:
        """The system compiled, or another with the same commands and more initial states."""
        before, known = self._system, self._compiled
        if before is None or known is None or before.commands is not system.commands:
            known = compile_system(system)
        elif not known.covers(system):
            cells = tuple(
                replace(cell, initial=tuple(sorted({*cell.initial, *field.values})))
                for cell, field in zip(system.cells, known.layout.fields, strict=True)
            )
            known = compile_system(replace(system, cells=cells))
        self._system, self._compiled = system, known
        return known
