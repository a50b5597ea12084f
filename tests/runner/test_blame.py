"""What is blamed for an impossible step is enough, and no part of it is superfluous."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.system import All, Any, Cell, Is
from ocpp_verify.runner.blame import excluding, forbidding, possible, truth
from ocpp_verify.semantics.ground import holds, value
from tests.agreement.systems import random_formula, random_term

SIZES = (2, 3, 2, 5)
CELLS = tuple(
    Cell(f"c{at}", tuple(range(n)), (0,), "state", "charger") for at, n in enumerate(SIZES)
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1), st.frozensets(st.integers(0, 3)))
def test_enough_is_blamed_and_not_more(seed: int, kept: frozenset[int]) -> None:
    random = Random(seed)
    state = tuple(random.randrange(size) for size in SIZES)
    formula = random_formula(random, SIZES)
    if not holds(formula, state):
        found = forbidding(formula, state, kept, CELLS)
        assert found <= cells_of(formula) - kept
        assert truth(formula, state, kept | found) is False
        for each in found:
            assert truth(formula, state, (kept | found) - {each}) is None
    term = random_term(random, SIZES, 3)
    for wrong in set(range(SIZES[3])) - {value(term, state)}:
        found = excluding(term, wrong, state, kept, CELLS)
        assert found <= cells_of_term(term) - kept
        assert wrong not in possible(term, state, kept | found)
        for each in found:
            assert wrong in possible(term, state, (kept | found) - {each})


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1), st.frozensets(st.integers(0, 3)))
def test_what_is_known_is_true_of_the_state(seed: int, known: frozenset[int]) -> None:
    random = Random(seed)
    state = tuple(random.randrange(size) for size in SIZES)
    formula, term = random_formula(random, SIZES), random_term(random, SIZES, 3)
    assert truth(formula, state, known) in (None, holds(formula, state))
    assert value(term, state) in possible(term, state, known)


def test_of_two_conjuncts_that_fail_the_one_of_the_smaller_cell_is_blamed() -> None:
    state = (0, 0, 0, 0)
    both = All((Is(3, (1,)), Is(0, (1,))))
    either = Any((Is(3, (1,)), Is(0, (1,))))
    assert forbidding(both, state, frozenset(), CELLS) == {0}
    assert forbidding(either, state, frozenset(), CELLS) == {0, 3}
