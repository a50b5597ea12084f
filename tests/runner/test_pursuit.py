"""A small world is part of the whole one, and its traces are traces of the whole."""

from __future__ import annotations

from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.system import System
from ocpp_verify.runner.engines import make_engine
from ocpp_verify.runner.pursuit import calm_world, full_world, plunge, small_world, starts
from ocpp_verify.semantics.ground import replay
from ocpp_verify.semantics.questions import ask, obligations
from ocpp_verify.semantics.result import Budget, Question, Trace
from tests.runner.cases import parking


def parked() -> tuple[System, dict[str, Question]]:
    project = parking()
    assert project.model is not None
    lowering = lower(project.model)
    wanted = [
        each for each in obligations(project.properties) if each.kind in ("invariant", "reach")
    ]
    return lowering.system, {each.question.name: each.question for each in ask(lowering, wanted)}


def test_a_small_world_speaks_of_one_connector_and_one_identifier() -> None:
    system, _ = parked()
    world = small_world(system)
    said = {value for each in world.system.commands for _, value in each.label.args}
    assert said == {1, "A"}
    assert [system.commands[number] for number in world.origin] == list(world.system.commands)


def test_its_traces_are_runs_of_the_whole_system() -> None:
    system, questions = parked()
    start = Trace((starts(system, 1)[0],), ())
    engine = make_engine("explicit", True)
    found = plunge(small_world(system), start, [questions["Unplugged"]], engine, Budget())
    assert replay(system, found["Unplugged"]) is None


def test_what_takes_two_connectors_is_found_in_the_full_world_only() -> None:
    system, questions = parked()
    start = Trace((starts(system, 1)[0],), ())
    both = [questions["BothAuthorized"]]
    assert not plunge(small_world(system), start, both, make_engine("explicit", True), Budget())
    found = plunge(full_world(system), start, both, make_engine("explicit", True), Budget())
    assert replay(system, found["BothAuthorized"]) is None


def events(system: System) -> set[str]:
    return {each.label.action for each in system.commands if each.label.actor == "environment"}


def test_a_calm_world_has_no_events_but_the_named_ones_and_the_link() -> None:
    system, _ = parked()
    assert events(system) == {"Connect", "PlugIn"}
    assert events(calm_world(full_world(system), frozenset({"PlugIn"})).system) == events(system)
    world = calm_world(full_world(system), frozenset({"Authorize"}))
    assert events(world.system) == {"Connect"}
    assert [system.commands[number] for number in world.origin] == list(world.system.commands)
