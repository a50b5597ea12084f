"""What was compiled for one set of initial states serves others, with the same answers."""

from __future__ import annotations

from dataclasses import replace

from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.engines.explicit.workbench import Workbench
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.result import Budget
from tests.engines.stations import station


def beginning(system: System, cell: int, value: int) -> System:
    cells = list(system.cells)
    cells[cell] = replace(cells[cell], initial=(value,))
    return replace(system, cells=tuple(cells))


def test_an_engine_that_has_seen_other_beginnings_counts_the_same_states() -> None:
    system = station(1)
    old = ExplicitEngine()
    for cell, each in enumerate(system.cells):
        for value in range(len(each.domain)):
            begun = beginning(system, cell, value)
            again = old.explore(begun, [], Budget())
            fresh = ExplicitEngine().explore(begun, [], Budget())
            assert (again.states, again.depth) == (fresh.states, fresh.depth)


def test_the_same_commands_are_compiled_once_their_values_are_known() -> None:
    system = station(1)
    bench = Workbench()
    for value in (0, 1):
        bench.compiled(beginning(system, 0, value))
    known = bench.compiled(beginning(system, 0, 0))
    assert bench.compiled(beginning(system, 0, 1)) is known


def test_other_commands_are_compiled_anew() -> None:
    system = station(1)
    bench = Workbench()
    known = bench.compiled(system)
    assert bench.compiled(replace(system, commands=system.commands[1:])) is not known
