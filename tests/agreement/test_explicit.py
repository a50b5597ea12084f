"""The explicit engine gives the counts, verdicts and shortest traces of the plain search."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.engines.explicit import ExplicitEngine, Search, edges
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import holds, replay, steps
from ocpp_verify.semantics.result import Budget, Open, Question, Reached, Unreachable
from tests.agreement.systems import questions, systems

FEW_STATES = {"max_cells": 3, "max_size": 3, "max_commands": 5}


def agree(system: System, asked: list[Question]) -> None:
    expected = explore(system, asked)
    found = ExplicitEngine().explore(system, asked, Budget())
    assert found.complete
    assert found.states == len(expected.distance)
    assert found.depth == len(expected.levels)
    assert found.fired == expected.fired
    assert list(found.answers) == [question.name for question in asked]
    for question in asked:
        answer = found.answers[question.name]
        shortest = expected.shortest[question.name]
        if shortest is None:
            assert isinstance(answer, Unreachable)
        else:
            assert isinstance(answer, Reached)
            assert answer.shortest
            assert len(answer.trace) == shortest
            assert replay(system, answer.trace) is None
            assert holds(question.goal, answer.trace.states[-1])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_explicit_agrees_with_the_plain_search(data: st.DataObject) -> None:
    system = data.draw(systems())
    agree(system, data.draw(questions(system)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_explicit_agrees_when_states_take_several_words(data: st.DataObject) -> None:
    system = data.draw(systems(wide=70, **FEW_STATES))
    agree(system, data.draw(questions(system)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_bounded_search_is_right_as_far_as_it_goes(data: st.DataObject) -> None:
    system = data.draw(systems())
    asked = data.draw(questions(system))
    limit = data.draw(st.integers(0, 4))
    expected = explore(system, asked)
    found = ExplicitEngine().explore(system, asked, Budget(depth=limit))
    assert found.complete == (len(expected.levels) <= limit)
    assert found.states == sum(expected.levels[: limit + 1])
    for question in asked:
        answer = found.answers[question.name]
        shortest = expected.shortest[question.name]
        match answer:
            case Reached(trace, is_shortest):
                assert is_shortest
                assert len(trace) == shortest
            case Open(_, depth):
                assert depth == limit
                assert shortest is None or shortest > limit
            case Unreachable():
                assert shortest is None


@settings(max_examples=150, deadline=None)
@given(systems() | systems(wide=30, **FEW_STATES))
def test_edges_are_the_steps_between_the_stored_states(system: System) -> None:
    search = Search(system)
    search.run()
    states = [
        search.layout.unpack(search.store.get(at))
        for at in range(search.levels[0], search.store.end)
    ]
    found = {
        (states[source], command, states[target])
        for command, sources, targets in edges(search)
        for source, target in zip(sources.tolist(), targets.tolist(), strict=True)
    }
    expected = {
        (state, command, after) for state in states for command, after in steps(system, state)
    }
    assert found == expected
    assert search.transitions == len(expected)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_compiled_steps_are_the_steps_of_the_reference(data: st.DataObject) -> None:
    system = data.draw(systems(max_commands=12) | systems(wide=12, **FEW_STATES))
    chosen = data.draw(st.sets(st.sampled_from(range(len(system.commands)))) if system.commands
                       else st.just(set()))  # fmt: skip
    compiled = CompiledSystem(system)
    some = compiled.subset(chosen)
    for state in list(explore(system).distance)[:40]:
        expected = list(steps(system, state))
        assert compiled.successors(state) == expected
        assert some.successors(state) == [step for step in expected if step[0] in chosen]
        after = dict(expected)
        for command in range(len(system.commands)):
            assert compiled.enabled(state, command) == (command in after)
            if command in after:
                assert compiled.apply(state, command) == after[command]
