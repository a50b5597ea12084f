"""Verdicts, their traces and what they rest on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import pytest

from ocpp_verify.events import CheckFinished, EngineFault, PropertyDecided
from ocpp_verify.ir.system import System
from ocpp_verify.reporters.words import steps
from ocpp_verify.runner.check import Settings, check, exit_code
from ocpp_verify.runner.engines import make_engine
from ocpp_verify.runner.project import Choices
from ocpp_verify.runner.tactics import Limits
from ocpp_verify.semantics.result import Budget, Open, Question, Reached, Trace, Unreachable
from tests.runner.cases import PARKING, Interrupted, Says, parking, project_of


def by_name(result: CheckFinished) -> dict[str, PropertyDecided]:
    return {each.name: each for each in result.decided}


def statuses(result: CheckFinished) -> dict[str, str]:
    return {each.name: each.status for each in result.decided}


EXPECTED = {
    "Unplugged": "refuted",
    "CableFirst": "proved",
    "NoChange": "proved",
    "OnlyOnce": "refuted",
    "BothAuthorized": "proved",
    "Stranger": "refuted",
    "PlugThenAsk": "proved",
}


@pytest.mark.parametrize("engine", ["auto", "explicit", "bdd", "all"])
def test_every_engine_comes_to_the_same_verdicts(engine: str) -> None:
    result = check(parking(), Settings(engine=engine, seconds=60))
    assert not result.faults
    assert statuses(result) == EXPECTED
    assert exit_code(result) == 1


def test_z3_proves_and_leaves_the_traces_to_others() -> None:
    found = statuses(check(parking(), Settings(engine="z3", seconds=60)))
    assert all(status in (EXPECTED[name], "unknown") for name, status in found.items())
    assert {found[name] for name in ("CableFirst", "NoChange")} == {"proved"}


def test_a_refuted_invariant_has_its_shortest_trace() -> None:
    found = by_name(check(parking()))["Unplugged"]
    assert found.evidence is not None
    assert found.evidence.shortest
    assert found.depth == 5
    assert sorted(line.label.action for line in steps(found.evidence)) == [
        "Authorize",
        "Authorize",
        "Authorize",
        "Connect",
        "PlugIn",
    ]


def test_a_trace_of_a_step_property_ends_with_the_step_that_breaks_it() -> None:
    found = by_name(check(parking()))["OnlyOnce"]
    assert found.evidence is not None
    last = steps(found.evidence)[-1].label
    assert (last.action, last.phase) == ("Authorize", "sent")
    assert sum(each.label.phase == "sent" for each in steps(found.evidence)) == 2


def test_a_table_of_transitions_is_judged_in_both_directions() -> None:
    spec = """spec Parking
transitions Cable of plugged(c: Connector) {
  Out: true -> false
}
"""
    model = PARKING + "define cable(c: Connector) : bool = plugged[c]\n"
    spec = spec.replace("plugged(c", "cable(c")
    result = check(project_of({"parking.model": model, "parking.spec": spec}))
    found = by_name(result)
    assert statuses(result) == {"Cable": "refuted", "Cable.Out": "refuted"}
    assert found["Cable"].evidence is not None
    assert [str(line.label) for line in steps(found["Cable"].evidence)] == ["PlugIn(connectorId=1)"]
    assert found["Cable.Out"].evidence is None


def test_steps_that_note_a_scenario_are_not_shown() -> None:
    found = by_name(check(parking()))["PlugThenAsk"]
    assert found.evidence is not None
    assert found.depth == len(steps(found.evidence)) == 5


def test_a_verdict_names_what_it_rests_on() -> None:
    model = PARKING.replace("call Authorize", "queue charger size 1 when true\ncall Authorize")
    model = model.replace("from charger\n", "from charger queued\n")
    spec = "spec Parking\ninvariant CableFirst\n  authorized[1] != none implies plugged[1]\n"
    project = project_of(
        {"parking.model": model, "parking.spec": spec}, Choices(config={"valid": "true"})
    )
    found = by_name(check(project))["CableFirst"]
    assert found.rests_on == ("at most 1 queued calls at the charger", "valid = true")


def test_a_chosen_configuration_changes_the_verdict() -> None:
    chosen = Choices(config={"valid": "false"})
    assert statuses(check(parking(choices=chosen)))["BothAuthorized"] == "refuted"


def test_only_the_named_properties_are_decided() -> None:
    result = check(parking(), Settings(only=("CableFirst",)))
    assert statuses(result) == {"CableFirst": "proved"}
    assert exit_code(result) == 0


def test_a_depth_makes_a_bounded_verdict_that_says_so() -> None:
    result = check(
        parking(),
        Settings(engine="explicit", limits=Limits(depth=2), only=("CableFirst", "BothAuthorized")),
    )
    found = by_name(result)
    assert (found["CableFirst"].status, found["CableFirst"].depth) == ("holds_to_depth", 2)
    assert found["BothAuthorized"].status == "unknown"
    assert exit_code(result) == 3


def test_engines_that_disagree_are_an_internal_error() -> None:
    def make(name: str, stop: bool):
        return make_engine(name, stop) if name == "explicit" else Says(Unreachable("magic"), name)

    faults: list[EngineFault] = []
    result = check(
        parking(),
        Settings(engine="all", only=("Unplugged",)),
        lambda event: faults.append(event) if isinstance(event, EngineFault) else None,
        make,
    )
    assert result.faults == tuple(faults)
    assert "disagree" in faults[0].message
    assert "explicit reaches it in 5 steps, bdd says it is unreachable" in faults[0].message
    assert statuses(result) == {"Unplugged": "unknown"}
    assert exit_code(result) == 1


def test_a_trace_that_is_no_run_is_not_believed() -> None:
    states = tuple((0,) * 9 for _ in range(2))
    liar = Says(Reached(Trace(states, (0,)), shortest=True))
    result = check(
        parking(), Settings(engine="bdd", only=("CableFirst",)), make=lambda name, stop: liar
    )
    assert statuses(result) == {"CableFirst": "unknown"}
    assert len(result.faults) == 1
    assert exit_code(result) == 1


def test_an_interrupted_check_keeps_what_was_decided() -> None:
    def make(name: str, stop: bool):
        return make_engine(name, stop) if name == "explicit" else Interrupted()

    settings = Settings(limits=Limits(states=8), only=("Unplugged", "PlugThenAsk"))
    result = check(parking(), settings, make=make)
    assert result.interrupted
    assert statuses(result) == {"Unplugged": "holds_to_depth", "PlugThenAsk": "proved"}
    assert exit_code(result) == 130


def test_no_time_is_unknown_and_no_error() -> None:
    result = check(parking(), Settings(seconds=1e-9))
    assert set(statuses(result).values()) == {"unknown"}
    assert exit_code(result) == 3
    assert result.lint_left_open


def test_open_answers_keep_the_furthest_depth() -> None:
    engines = {"explicit": Says(Open("a", 3)), "bdd": Says(Open("b", 5)), "z3": Says(Open("c", 4))}
    result = check(
        parking(),
        Settings(engine="all", only=("CableFirst",)),
        make=lambda name, stop: engines[name],
    )
    found = by_name(result)["CableFirst"]
    assert (found.status, found.depth, found.how) == ("holds_to_depth", 5, "b")


def test_an_engine_that_does_not_look_at_the_clock_is_ended() -> None:
    @dataclass
    class Stubborn:
        name: str = "bdd"

        def explore(self, system: System, questions: Sequence[Question], budget: Budget):
            os.read(os.pipe()[0], 1)

    began = monotonic()
    result = check(
        parking(), Settings(engine="bdd", seconds=0.5), make=lambda name, stop: Stubborn()
    )
    assert monotonic() - began < 0.5 + 5
    assert set(statuses(result).values()) == {"unknown"}
    assert not result.faults
