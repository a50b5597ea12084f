"""Each rule of the language holds in the reference semantics, the lowered system and the engine."""

from __future__ import annotations

from functools import partial

import pytest

from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.ir.lower import lower
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.result import Budget, Question, Reached, Unreachable
from tests.litmus.machines import Lowered, Machine, Reference, observe, quietly, reachable
from tests.litmus.rules import NAMES, Rule, fits, rule


def judge(machine: Machine, expected: Rule) -> None:
    states = reachable(machine)
    for shown, expr in expected.reach:
        assert any(machine.holds(expr, state) for state in states), f"never: {shown}"
    for shown, expr in expected.never:
        assert not any(machine.holds(expr, state) for state in states), f"reached: {shown}"
    for run in expected.runs:
        assert can_run(machine, run), f"cannot run: {run}"
    for run in expected.no_runs:
        assert not can_run(machine, run), f"can run: {run}"


def can_run(machine: Machine, run: str) -> bool:
    states = quietly(machine, machine.initial())
    for step in run.split(";"):
        states = observe(machine, states, partial(fits, step))
    return bool(states)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_keeps_the_rule(name: str) -> None:
    expected = rule(name)
    judge(Reference(expected.model), expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_lowered_system_keeps_the_rule(name: str) -> None:
    expected = rule(name)
    judge(Lowered(lower(expected.model, on_the_wire=True)), expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_explicit_engine_keeps_the_rule(name: str) -> None:
    expected = rule(name)
    lowering = lower(expected.model)
    asked = [
        Question(shown, lowering.formula(expr))
        for shown, expr in (*expected.reach, *expected.never)
    ]
    plain = explore(lowering.system, asked)
    found = ExplicitEngine().explore(lowering.system, asked, Budget())
    assert found.states == len(plain.distance)
    for shown, _ in expected.reach:
        assert plain.shortest[shown] is not None
        assert isinstance(found.answers[shown], Reached)
    for shown, _ in expected.never:
        assert plain.shortest[shown] is None
        assert isinstance(found.answers[shown], Unreachable)
