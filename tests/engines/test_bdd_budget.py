"""Decision diagrams keep to their budget, also while they look for traces."""

from __future__ import annotations

from ocpp_verify.engines.bdd import BddEngine
from ocpp_verify.ir.system import All, Is
from ocpp_verify.semantics.ground import replay
from ocpp_verify.semantics.result import Budget, Open, Question, Reached
from tests.engines.stations import station

GOAL = "goal"


class Patience:
    """Expires once it was asked so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self) -> bool:
        self.times -= 1
        return self.times < 0


def farthest():
    """A system and a goal that takes several steps."""
    system = station(2)
    run = BddEngine().reachable(system)
    state = max(run.states(), key=sum)
    goal = All(tuple(Is(cell, (value,)) for cell, value in enumerate(state)))
    return system, Question(GOAL, goal)


def test_with_time_enough_there_is_a_trace() -> None:
    system, question = farthest()
    for widest in (None, 0):
        answer = BddEngine(widest=widest).explore(system, [question], Budget()).answers[GOAL]
        assert isinstance(answer, Reached)
        assert replay(system, answer.trace) is None


def test_a_budget_that_ends_before_a_trace_is_found_leaves_the_question_open() -> None:
    system, question = farthest()
    engine = BddEngine(widest=0)
    needed = Patience(1 << 60)
    engine.explore(system, [question], Budget(expired=needed))
    asked = (1 << 60) - needed.times
    found = [
        engine.explore(system, [question], Budget(expired=Patience(times))).answers[GOAL]
        for times in (asked // 2, asked - 2)
    ]
    assert all(isinstance(each, Open) for each in found)
    assert "while a trace" in found[1].reason


def test_a_budget_may_end_while_the_relation_is_built() -> None:
    system, question = farthest()
    assert len(system.commands) > 2
    patience = Patience(2)
    run = BddEngine().explore(system, [question], Budget(expired=patience))
    assert run.answers[GOAL] == Open("the time limit")
    assert not run.complete
    assert not any(run.fired)
    assert run.states == 1
    assert patience.times == -1
