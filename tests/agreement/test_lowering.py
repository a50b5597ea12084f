"""The lowered system does what the reference semantics says: the same values, the same visible runs."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.model import Model
from tests.agreement.models import build
from tests.litmus.machines import (
    Lowered,
    Machine,
    Reference,
    Seen,
    TooManyStatesError,
    observe,
    quietly,
    reachable,
)
from tests.litmus.rules import NAMES, rule

MOST = 1200
"""Worlds of a random model; those with more cost time and show nothing new."""


def agree_on_values(one: Machine, other: Machine) -> None:
    these = {one.valuation(state) for state in reachable(one)}
    those = {other.valuation(state) for state in reachable(other)}
    assert these == those


def agree_on_runs(walker: Machine, other: Machine, random: Random, walks: int, length: int) -> None:
    """Every visible run that `walker` takes is one that `other` can take."""
    first = quietly(other, other.initial())
    for _ in range(walks):
        state = random.choice(list(walker.initial()))
        belief, run = first, []
        for _ in range(length):
            enabled = walker.steps(state)
            if not enabled:
                break
            label, state = random.choice(enabled)
            if label.visible:
                run.append(str(label))
                belief = observe(other, belief, Seen.of(label).fits)
                assert belief, f"only one side can do {'; '.join(run)}"


def agree(model: Model, random: Random, walks: int = 15, length: int = 25) -> None:
    reference = Reference(model)
    for on_the_wire in (False, True):
        lowered = Lowered(lower(model, on_the_wire=on_the_wire))
        agree_on_values(reference, lowered)
        agree_on_runs(reference, lowered, random, walks, length)
        agree_on_runs(lowered, reference, random, walks, length)


@pytest.mark.parametrize("name", NAMES)
def test_litmus_models_mean_the_same(name: str) -> None:
    agree(rule(name).model, Random(name))


def agree_if_small(seed: int) -> bool:
    model = build(seed)
    try:
        reachable(Reference(model), limit=MOST)
    except TooManyStatesError:
        return False
    agree(model, Random(seed), walks=8)
    return True


@pytest.mark.parametrize("seed", [59, 86, 88, 91, 106, 114])
def test_these_random_models_mean_the_same(seed: int) -> None:
    assert agree_if_small(seed)


@pytest.mark.slow
@pytest.mark.timeout(400)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_models_mean_the_same(seed: int) -> None:
    assume(agree_if_small(seed))
