"""z3 never proves unreachable what the reference search reaches."""

from __future__ import annotations

import pytest

from ocpp_verify.engines.symbolic import SymbolicEngine
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.result import Budget, Unreachable
from tests.agreement.systems import ask, build


@pytest.mark.parametrize("seed", range(25))
def test_what_is_reached_is_not_proved_unreachable(seed):
    system = build(seed)
    questions = ask(seed, system)
    found = explore(system, questions, 5000)
    proved = SymbolicEngine(timeout=1.0).explore(system, questions, Budget())
    for each in questions:
        claimed = isinstance(proved.answers[each.name], Unreachable)
        assert not (claimed and found.shortest[each.name] is not None), each


def test_some_unreachable_goals_are_proved():
    proved = 0
    for seed in range(25):
        system = build(seed)
        questions = ask(seed, system)
        answers = SymbolicEngine(timeout=1.0).explore(system, questions, Budget()).answers
        proved += sum(isinstance(each, Unreachable) for each in answers.values())
    assert proved > 0
