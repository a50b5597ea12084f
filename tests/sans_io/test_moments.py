"""Every stimulus in every status is a purpose, and plans lead to it."""

from functools import cache

import pytest

from ocpp_verify.ir.properties import Transitions
from ocpp_verify.live.moments import moments
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Purpose
from ocpp_verify.runner.home import registered_states
from ocpp_verify.runner.live import IGNORED, make_pathfinder
from ocpp_verify.runner.project import open_project
from tests.sans_io.test_strange_conversations import a_setup, the_lowering


@cache
def the_purposes() -> dict[str, Purpose]:
    table = next(each for each in open_project().properties if isinstance(each, Transitions))
    return {each.name: each for each in moments(the_lowering(), "charger", table, IGNORED)}


@cache
def the_pathfinder() -> Pathfinder:
    lowering = the_lowering()
    purposes = list(the_purposes().values())
    return make_pathfinder(lowering, "charger", a_setup(lowering), lambda event: True, purposes)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("NetworkUp while Charging", "NetworkUp"),
        ("PowerOn while Charging", "PowerOn"),
        ("NetworkDown while Authorize waits", "NetworkDown"),
        ("PlugIn while Reserved", "PlugIn"),
        ("ReserveNow of a known ReservationId while Reserved", "ReserveNow"),
        ("PresentTag of a new IdTag that is not while Charging", "PresentTag"),
    ],
)
def test_a_way_is_found(name: str, last: str) -> None:
    lowering = the_lowering()
    start = registered_states(lowering, a_setup(lowering), online=True)[-1]
    plan = the_pathfinder().plan(start, [the_purposes()[name]], expansions=24_000)
    assert plan is not None
    assert lowering.system.commands[plan.commands[-1]].label.action == last


def test_impossible_moments_are_no_purposes() -> None:
    assert not [each for each in the_purposes() if "while StatusNotification" in each]


def test_a_way_back_to_a_state_has_no_detours() -> None:
    lowering = the_lowering()
    start = registered_states(lowering, a_setup(lowering), online=True)[-1]
    assert the_pathfinder().approach(start, start, expansions=10) == ()
    plan = the_pathfinder().plan(start, [the_purposes()["PlugIn while Reserved"]], expansions=5_000)
    assert plan is not None
