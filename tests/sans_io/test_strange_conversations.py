"""What real systems do that a model of one connector and two tags does not say."""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

import pytest

from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Role
from ocpp_verify.live import tester as live
from ocpp_verify.live.conversation import Conversation, Finding
from ocpp_verify.live.drivers.clock import ManualClock, RealClock
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused
from ocpp_verify.live.oracle import Oracle, Timing
from ocpp_verify.live.polite import ChargerAnswers
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.campaign import key_of
from ocpp_verify.runner.home import registered_states, with_any_cables
from ocpp_verify.runner.live import Setup, make_conversation, start_states
from ocpp_verify.runner.project import open_project
from ocpp_verify.runner.stage import last_statuses

TAGS = {"A": "TAG-A", "B": "TAG-B"}
STANDING = {"A": "Accepted", "B": "Invalid"}


@cache
def the_lowering() -> Lowering:
    project = open_project()
    assert project.model is not None
    return lower(project.model, on_the_wire=True)


@cache
def the_oracle(sut: Role) -> Oracle:
    return Oracle(the_lowering(), sut, Timing())


@pytest.fixture
def lowering() -> Lowering:
    return the_lowering()


def a_setup(lowering: Lowering) -> Setup:
    traits = {"freeCharging": False, "reserves": True}
    known = {each.name for each in lowering.model.variables}
    fixed = {name: value for name, value in traits.items() if name in known}
    return Setup(TAGS, STANDING, fixed, Timing())


def a_conversation(lowering: Lowering, sut: Role) -> Conversation:
    """Both sides are connected, and the registration is accepted."""
    setup = a_setup(lowering)
    states = registered_states(lowering, setup, online=True)
    oracle = the_oracle(sut)
    made = make_conversation(lowering, sut, setup, ManualClock(), Schemas(), oracle, states)
    made.session.connection_made(0.0)
    if sut == "csms":
        made.polite = ChargerAnswers({})
    return made


def hear(conversation: Conversation, action: str, payload: Mapping[str, Any], id: str) -> list[Any]:
    """Let a call arrive; our frames after it."""
    conversation.receive(json.dumps([2, id, action, payload]), 1.0)
    return [json.loads(each) for each in conversation.take_outbox(1.0)]


def status(connector: int, text: str) -> dict[str, Any]:
    return {"connectorId": connector, "errorCode": "NoError", "status": text}


def test_a_connector_beyond_the_model_is_answered_and_not_judged(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    assert hear(charger, "StatusNotification", status(2, "Charging"), "a") == [[3, "a", {}]]
    assert charger.findings == []
    assert charger.outside == {2}


def test_with_more_connectors_nothing_is_asked_of_any_of_them(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")

    def starts() -> set[object]:
        return {
            dict(each.args)["connectorId"]
            for each in charger.menu(1.0)
            if each.name == "RemoteStartTransaction"
        }

    assert None in starts()
    hear(charger, "StatusNotification", status(2, "Available"), "a")
    assert starts() == {1}


def test_a_csms_may_name_somebody_whom_the_test_does_not_know(lowering: Lowering) -> None:
    csms = a_conversation(lowering, "csms")
    payload = {"connectorId": 1, "idTag": "SOMEBODY"}
    assert hear(csms, "RemoteStartTransaction", payload, "a") == [[3, "a", {"status": "Rejected"}]]
    assert csms.findings == []
    assert any("idTag SOMEBODY" in each for each in csms.observations)


def test_a_charger_that_makes_up_an_identifier_is_a_finding(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    hear(charger, "Authorize", {"idTag": "SOMEBODY"}, "a")
    assert [each.kind for each in charger.findings] == ["unexpected"]


def test_ids_used_twice_are_one_finding_whatever_the_ids(lowering: Lowering) -> None:
    keys = set()
    for name in ("1f", "b9"):
        charger = a_conversation(lowering, "charger")
        hear(charger, "DataTransfer", {"vendorId": "one"}, name)
        charger.session.connection_lost(1.0)
        charger.session.connection_made(1.0)
        hear(charger, "DataTransfer", {"vendorId": "two"}, name)
        keys |= {key_of(each) for each in charger.findings}
    assert [kind for kind, _, _ in keys] == ["protocol"]


def test_reports_of_different_statuses_are_different_findings() -> None:
    def of(shown: str, at: str) -> Finding:
        fields = f"connectorId=1, status={shown}, timestamp={at}"
        return Finding("unexpected", f"StatusNotification({fields}) is not allowed here", (), 0.0)

    assert key_of(of("Charging", "10:00")) == key_of(of("Charging", "11:30"))
    assert key_of(of("Charging", "10:00")) != key_of(of("Faulted", "10:00"))


def test_a_tolerated_finding_does_not_end_the_run(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    charger.tolerates = lambda finding: finding.kind == "schema"
    hear(charger, "Heartbeat", {"more": 1}, "a")
    assert [each.kind for each in charger.findings] == ["schema"]
    assert not charger.failed


def test_an_excused_duty_is_not_missed(lowering: Lowering) -> None:
    def silence(excused: tuple[str, ...]) -> list[str]:
        made = make_conversation(lowering, "charger", a_setup(lowering), ManualClock(), Schemas())
        made.oracle.excuse(excused)
        made.connected(0.0)
        made.tick(100.0)
        return [name for each in made.findings for name in each.expected]

    assert silence(()) == ["BootNotification()"]
    assert silence(("BootNotification()",)) == []


def test_nobody_waits_for_the_last_meter_value(lowering: Lowering) -> None:
    oracle = a_conversation(lowering, "charger").oracle
    state = start_states(lowering, a_setup(lowering))[0]
    by_name = {
        cell.name: at for at, cell in enumerate(lowering.system.cells)
    }  # fmt: skip
    changed = list(state)
    for name, value in {
        "registration": "Accepted", "use[1]": "Running", "known[1]": "X", "online": True,
    }.items():  # fmt: skip
        at = by_name[name]
        changed[at] = lowering.system.cells[at].domain.index(value)
    owed = {
        oracle.duty(each.duty).name: each for each in oracle.owed(tuple(changed)) if each.duty >= 0
    }
    assert not oracle.is_reaction(owed["MeterValues(connectorId=1)"])
    assert oracle.is_reaction(owed["StatusNotification(connectorId=1)"])


def test_without_hands_at_the_charger_a_cable_may_be_in(lowering: Lowering) -> None:
    states = registered_states(lowering, a_setup(lowering), online=True)
    at = next(n for n, each in enumerate(lowering.system.cells) if each.variable == "plugged")
    both = with_any_cables(lowering, states)
    assert {state[at] for state in both} == {0, 1}
    assert len(both) == 2 * len(states)


def test_the_last_status_of_each_connector_is_read_from_the_log(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    hear(charger, "StatusNotification", status(1, "Available"), "a")
    hear(charger, "StatusNotification", status(1, "Preparing"), "b")
    charger.receive('[2,"c","StatusNotification"', 1.0)
    assert last_statuses(charger.log) == {1: "Preparing"}


class HandsThatWait:
    """A bench that is done only when the charger has had its answer."""

    is_link_cut = False

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.tester: live.Tester | None = None

    def send(self, frame: str | bytes) -> bool:
        self.sent.append(json.loads(frame))
        return True

    def can(self, event: str) -> bool:
        return True

    def can_ask(self, action: str) -> bool:
        return False

    async def cause(self, event: str, arguments: Mapping[str, Any]) -> Outcome:
        assert self.tester is not None
        await asyncio.sleep(0)
        told = json.dumps([2, "a", "StatusNotification", status(1, "Preparing")])
        self.tester.on_frame(told, self.tester.now())
        await asyncio.sleep(0)
        return Done() if [3, "a", {}] in self.sent else Refused("nobody answered")

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Outcome:
        return Refused("nobody asks here")

    async def link(self, up: bool) -> None:
        """The network stays as it is."""


def cause(lowering: Lowering, events: list[str]) -> tuple[list[bool], live.Tester]:
    """Cause the events one after the other; which of them came about."""
    tester = live.Tester(
        a_conversation(lowering, "charger"), None, [], RealClock(),
        Random(1), live.Pace(),
    )  # fmt: skip
    hands = HandsThatWait()
    hands.tester = tester
    tester.use(hands)
    tester.is_connected = True
    numbers = [
        next(n for n, each in enumerate(lowering.system.commands) if each.label.action == event)
        for event in events
    ]

    async def play() -> list[bool]:
        return [await tester.do(number) for number in numbers]

    return asyncio.run(play()), tester


def test_the_wire_is_served_while_the_bench_is_at_work(lowering: Lowering) -> None:
    came, tester = cause(lowering, ["PlugIn"])
    assert came == [True]
    assert tester.conversation.findings == []


def test_an_event_that_no_state_permits_is_not_caused(lowering: Lowering) -> None:
    came, tester = cause(lowering, ["PowerOn"])
    assert came == [False]
    assert tester.script == []


@pytest.mark.parametrize(("written", "ripe"), [(1.0, 0.5), (4.0, 3.0), (30.0, 27.0)])
def test_a_timer_may_be_a_second_early(lowering: Lowering, written: float, ripe: float) -> None:
    timing = Timing(settings={"ConnectionTimeOut": written})
    oracle = Oracle(lowering, "charger", timing)
    at = {cell.name: number for number, cell in enumerate(lowering.system.cells)}
    state = list(registered_states(lowering, a_setup(lowering), online=True)[0])
    for name, value in {"use[1]": "Authorized", "user[1]": "A"}.items():
        state[at[name]] = lowering.system.cells[at[name]].domain.index(value)
    commands = lowering.system.commands
    found = [
        move.ripe
        for move in oracle.moves(tuple(state))
        if commands[move.command].label.action == "GiveUp"
    ]
    assert found == [pytest.approx(ripe)]
