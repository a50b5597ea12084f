"""z3 agrees with the reference search wherever it decides, and its traces are runs."""

from __future__ import annotations

import pytest

from ocpp_verify.engines.symbolic import SymbolicEngine
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, replay
from ocpp_verify.semantics.result import Budget, Open, Reached, Unreachable
from tests.agreement.systems import ask, build

SEEDS = range(25)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_z3_decides_is_so(seed):
    system = build(seed)
    questions = ask(seed, system)
    found = explore(system, questions, 5000)
    answers = SymbolicEngine(timeout=5.0).explore(system, questions, Budget()).answers
    for each in questions:
        shortest = found.shortest[each.name]
        match answers[each.name]:
            case Unreachable():
                assert shortest is None, each
            case Reached(trace):
                assert replay(system, trace) is None
                assert holds(each.goal, trace.states[-1])
                assert len(trace) == shortest
            case Open(_, depth):
                assert shortest is None or depth is None or depth < shortest


def test_nearly_everything_small_is_decided():
    left = 0
    for seed in SEEDS:
        system = build(seed)
        questions = ask(seed, system)
        answers = SymbolicEngine(timeout=5.0).explore(system, questions, Budget()).answers
        left += sum(isinstance(each, Open) for each in answers.values())
    assert left <= 2


def test_a_bounded_search_says_how_far_it_came():
    system = build(3)
    questions = ask(3, system)
    found = explore(system, questions, 5000)
    far = [each for each in questions if (found.shortest[each.name] or 0) > 1]
    for each in far:
        answer = SymbolicEngine().explore(system, [each], Budget(depth=1)).answers[each.name]
        assert answer == Open("the limit of 1 steps", 1)


def test_a_budget_that_is_over_leaves_everything_open():
    system = build(0)
    questions = ask(0, system)
    answers = SymbolicEngine().explore(system, questions, Budget(expired=lambda: True)).answers
    assert set(answers.values()) == {Open("the time limit")}
