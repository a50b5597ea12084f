"""Lazy abstraction proves on few cells and reports only traces of the full system."""

from __future__ import annotations

from ocpp_verify.ir.lower import lower
from ocpp_verify.runner.engines import make_engine
from ocpp_verify.runner.refinement import Goal, refine
from ocpp_verify.semantics.ground import holds, replay
from ocpp_verify.semantics.questions import ask, obligations
from ocpp_verify.semantics.result import Budget, Open, Reached, Unreachable
from tests.runner.cases import parking


def refined(name: str, budget: Budget | None = None):
    project = parking()
    assert project.model is not None
    lowering = lower(project.model)
    wanted = [each for each in obligations(project.properties) if each.name == name]
    asked = ask(lowering, wanted)[0]
    rounds: list[int] = []
    found = refine(
        lowering.system,
        Goal(asked.question),
        make_engine("explicit", True),
        budget or Budget(),
        lambda kept, number: rounds.append(kept),
    )
    return lowering.system, asked.question, found, rounds


def test_a_proof_keeps_only_what_it_needs() -> None:
    system, _, found, rounds = refined("CableFirst")
    assert isinstance(found.answer, Unreachable)
    assert len(found.kept) < len(system.cells)
    assert rounds == sorted(rounds)


def test_a_trace_is_one_of_the_full_system() -> None:
    system, question, found, _ = refined("Unplugged")
    assert isinstance(found.answer, Reached)
    assert replay(system, found.answer.trace) is None
    assert holds(question.goal, found.answer.trace.states[-1])


def test_what_depends_on_a_free_initial_value_is_found() -> None:
    _, _, found, _ = refined("Stranger")
    assert isinstance(found.answer, Unreachable)
    _, _, found, _ = refined("BothAuthorized")
    assert isinstance(found.answer, Reached)


def test_a_budget_ends_it() -> None:
    _, _, found, _ = refined("Unplugged", Budget(expired=lambda: True))
    assert isinstance(found.answer, Open)
