"""z3 as a judge accepts every right argument about a system, and no wrong one."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.engines.bdd import BddEngine
from ocpp_verify.engines.symbolic import Judge
from ocpp_verify.ir.formula import every, negation
from ocpp_verify.ir.system import Is, State, System
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, initial_states, steps
from ocpp_verify.semantics.result import Budget, Reached, Trace
from tests.agreement.systems import ask, systems

NEVER = 10.0


def judge(system: System) -> Judge:
    return Judge(system, NEVER, lambda: False)


def only(state: State):
    return every(Is(cell, (value,)) for cell, value in enumerate(state))


@settings(max_examples=100, deadline=None)
@given(systems(max_cells=4), st.integers(0, 2**32 - 1))
def test_a_reachable_set_encloses_just_what_is_unreachable(system: System, seed: int) -> None:
    (question,) = ask(seed, system, 1)
    reachable = BddEngine().reachable(system)
    states = reachable.formula()
    distance = explore(system).distance
    assert all(holds(states, state) for state in distance)
    expected = not any(holds(question.goal, state) for state in distance)
    assert judge(system).encloses(states, question.goal) is expected
    for missing in list(distance)[:3]:
        fewer = every((states, negation(only(missing))))
        assert judge(system).encloses(fewer, question.goal) is False


@settings(max_examples=100, deadline=None)
@given(systems(max_cells=4), st.integers(0, 2**32 - 1))
def test_a_trace_is_followed_and_a_changed_one_is_not(system: System, seed: int) -> None:
    (question,) = ask(seed, system, 1)
    answer = BddEngine().explore(system, [question], Budget()).answers[question.name]
    if not isinstance(answer, Reached):
        return
    z3, trace = judge(system), answer.trace
    assert z3.follows(trace, question.goal)
    assert not z3.follows(trace, negation(question.goal))
    for at, state in enumerate(trace.states):
        for cell, each in enumerate(system.cells):
            if len(each.domain) > 1:
                value = (state[cell] + 1) % len(each.domain)
                wrong = (*state[:cell], value, *state[cell + 1 :])
                states = (*trace.states[:at], wrong, *trace.states[at + 1 :])
                changed = replace(trace, states=states)
                assert z3.follows(changed, question.goal) is is_run(system, changed, question.goal)


def is_run(system: System, trace: Trace, goal) -> bool:
    if trace.states[0] not in set(initial_states(system)) or not holds(goal, trace.states[-1]):
        return False
    pairs = zip(trace.states, trace.commands, trace.states[1:], strict=False)
    return all((number, after) in set(steps(system, before)) for before, number, after in pairs)


def test_a_judge_that_has_to_stop_says_nothing() -> None:
    from tests.agreement.systems import build

    system = build(7)
    (question,) = ask(7, system, 1)
    states = BddEngine().reachable(system).formula()
    assert Judge(system, NEVER, lambda: True).encloses(states, question.goal) is None
