"""A command that was split does what it did, and its new values go together in a projection."""

from __future__ import annotations

from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.formula import cells_of
from ocpp_verify.ir.splitting import split
from ocpp_verify.ir.system import Bool, Cell, Choice, Command, Copy, Index, Is, System, Term
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import take
from tests.agreement.systems import label, random_formula, random_term

SIZES = (2, 3, 2, 3)


def shared_command(seed: int) -> Command:
    """A command whose updates depend on few conditions, each on several of them."""
    random = Random(seed)
    conditions = [random_formula(random, SIZES, 1) for _ in range(2)]

    def term(cell: int, depth: int) -> Term:
        if depth == 0:
            return random_term(random, SIZES, cell, 1)
        return Choice(random.choice(conditions), term(cell, depth - 1), term(cell, depth - 1))

    guard = random.choice((Bool(True), random_formula(random, SIZES, 2), *conditions))
    written = sorted(random.sample(range(len(SIZES)), random.randint(2, 4)))
    return Command(label("A"), guard, tuple((cell, term(cell, 2)) for cell in written))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, 3)))
def test_the_parts_do_what_the_command_does(seed: int, kept: set[int]) -> None:
    command = shared_command(seed)
    parts = [
        Command(command.label, guard, updates)
        for guard, updates in split(command.guard, command.updates, frozenset(kept))
    ]
    for state in product(*(range(size) for size in SIZES)):
        expected = take(command, state)
        found = [after for each in parts if (after := take(each, state)) is not None]
        assert found == ([] if expected is None else [expected])


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, 3)))
def test_a_projection_of_shared_conditions_reaches_all_that_the_system_reaches(
    seed: int, kept: set[int]
) -> None:
    cells = tuple(
        Cell(f"c{at}", tuple(range(n)), (0,), "state", "charger") for at, n in enumerate(SIZES)
    )
    commands = tuple(shared_command(seed + at) for at in range(3))
    system = System("drawn", cells, commands)
    smaller = project(system, frozenset(kept)).system
    found = set(explore(smaller).distance)
    for state in explore(system).distance:
        assert tuple(v if at in kept else 0 for at, v in enumerate(state)) in found


def test_values_that_hang_on_one_forgotten_condition_go_together() -> None:
    condition = Is(0, (1,))
    same = tuple(Copy(at, (0, 1)) for at in range(3))
    guard, updates = Bool(True), tuple((at, Choice(condition, Index(1), same[at])) for at in (1, 2))
    assert cells_of(condition) == {0}
    cells = tuple(Cell(f"c{at}", (False, True), (0,), "state", "charger") for at in range(3))
    system = System("pair", cells, (Command(label("A"), guard, updates),))
    reached = set(explore(project(system, {1, 2}).system).distance)
    assert reached == {(0, 0, 0), (0, 1, 1)}
