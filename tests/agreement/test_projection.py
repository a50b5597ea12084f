"""A projection reaches at least what the system reaches, and exactly that if nothing was guessed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.ir.abstraction import cone, project
from ocpp_verify.ir.system import State, System
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds
from tests.agreement.systems import ask, systems


def seen_from(states: dict[State, int], kept: frozenset[int]) -> set[State]:
    """The states with every forgotten cell at its one value."""
    return {tuple(value if at in kept else 0 for at, value in enumerate(state)) for state in states}


@st.composite
def with_cells(draw: st.DrawFn) -> tuple[System, frozenset[int]]:
    system = draw(systems())
    return system, frozenset(draw(st.sets(st.sampled_from(range(len(system.cells))))))


@settings(max_examples=400, deadline=None)
@given(with_cells())
def test_a_projection_reaches_all_that_the_system_reaches(
    drawn: tuple[System, frozenset[int]],
) -> None:
    system, kept = drawn
    projection = project(system, kept)
    expected = seen_from(explore(system).distance, kept)
    found = set(explore(projection.system).distance)
    assert expected <= found
    if projection.is_exact:
        assert expected == found


@settings(max_examples=200, deadline=None)
@given(systems(), st.integers(0, 2**32 - 1))
def test_the_cone_of_a_goal_decides_it_exactly(system: System, seed: int) -> None:
    (goal,) = ask(seed, system, 1)
    projection = project(system, cone(system, goal.goal))
    assert projection.is_exact
    expected = any(holds(goal.goal, state) for state in explore(system).distance)
    assert any(holds(goal.goal, s) for s in explore(projection.system).distance) == expected
