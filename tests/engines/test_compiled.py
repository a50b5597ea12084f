"""Generated step functions on a system with many commands."""

from __future__ import annotations

from random import Random

import pytest

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.engines.walk import walk
from ocpp_verify.semantics.ground import steps
from tests.engines.stations import station


@pytest.mark.parametrize(("connectors", "tags"), [(1, 1), (2, 3), (8, 8)])
def test_compiled_stations_step_like_the_reference(connectors: int, tags: int) -> None:
    system = station(connectors, tags)
    compiled = CompiledSystem(system)
    every_third = range(0, len(system.commands), 3)
    some = compiled.subset(every_third)
    none = compiled.subset(())
    run = walk(system, Random(1), 60)
    assert run is not None
    for state in run.states:
        expected = list(steps(system, state))
        assert compiled.successors(state) == expected
        assert some.successors(state) == [each for each in expected if each[0] in every_third]
        assert none.successors(state) == []


def test_single_commands_are_asked_by_their_index() -> None:
    system = station(2)
    compiled = CompiledSystem(system, [3])
    state = tuple(cell.initial[0] for cell in system.cells)
    enabled = dict(steps(system, state))
    for number in range(len(system.commands)):
        assert compiled.enabled(state, number) == (number in enabled)
        if number in enabled:
            assert compiled.apply(state, number) == enabled[number]
