"""Many questions about one system, answered together on projections."""

from __future__ import annotations

import pytest

from ocpp_verify.ir.formula import among, cells_of, every
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.system import System
from ocpp_verify.lang.load import load_text
from ocpp_verify.runner.settling import settle
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, replay
from ocpp_verify.semantics.result import Open, Question, Reached, Unreachable

RELAY = """
profile Relay
sort Stage = 1..5
charger state lit[Stage] : bool = false
charger state level : 0..3 = 0
charger state armed : bool = false
event Arm() at charger when level == 3 then armed := true
event Up() at charger when level < 3 and not armed then level := level + 1
event Down() at charger when level > 0 then level := level - 1
event First() at charger when armed then lit[1] := true
event Pass(stage: Stage, further: Stage) at charger
  when lit[stage] and not lit[further] and level == 0 and not (lit[4] and further == 5)
  then lit[further] := true, lit[stage] := false
"""


@pytest.fixture(scope="module")
def system() -> System:
    loaded = load_text({"relay.model": RELAY})
    assert loaded.model is not None, loaded.diagnostics
    return lower(loaded.model).system


def questions(system: System) -> list[Question]:
    """All pairs of values of any two cells."""
    found = []
    for left, one in enumerate(system.cells):
        for right, other in enumerate(system.cells[:left]):
            for value in range(len(one.domain)):
                for second in range(len(other.domain)):
                    goal = every(
                        (
                            among(left, [value], len(one.domain)),
                            among(right, [second], len(other.domain)),
                        )
                    )
                    name = f"{one.name}={value}, {other.name}={second}"
                    found.append(Question(name, goal))
    return found


def test_every_answer_is_that_of_the_whole_system(system: System) -> None:
    asked = questions(system)
    reachable = explore(system).distance
    seed = cells_of(asked[0].goal)
    answers = settle(system, asked, seed, lambda: False)
    assert answers.keys() == {each.name for each in asked}
    for each in asked:
        answer = answers[each.name]
        if any(holds(each.goal, state) for state in reachable):
            assert isinstance(answer, Reached), each.name
            assert replay(system, answer.trace) is None
            assert holds(each.goal, answer.trace.states[-1])
        else:
            assert isinstance(answer, Unreachable), each.name


def test_what_there_is_no_time_for_stays_open(system: System) -> None:
    asked = questions(system)
    answers = settle(system, asked, frozenset(), lambda: True)
    assert answers.keys() == {each.name for each in asked}
    assert any(isinstance(each, Open) for each in answers.values())
