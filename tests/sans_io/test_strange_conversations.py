"""What real systems do that a model of one connector and two tags does not say."""

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import pytest

from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Role
from ocpp_verify.ir.system import State
from ocpp_verify.live import tester as live
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.clock import ManualClock, RealClock
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused
from ocpp_verify.live.numbers import Numbers
from ocpp_verify.live.oracle import Oracle, Timing
from ocpp_verify.live.polite import ChargerAnswers
from ocpp_verify.live.record import Finding
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


def a_conversation(
    lowering: Lowering, sut: Role, states: Sequence[State] | None = None
) -> Conversation:
    """Both sides are connected, and the registration is accepted unless the states say otherwise."""
    setup = a_setup(lowering)
    states = states or registered_states(lowering, setup, online=True)
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


def test_where_nobody_shows_cards_for_the_test_a_visitor_may(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    charger.has_visitors = True
    answers = hear(charger, "Authorize", {"idTag": "SOMEBODY"}, "a")
    assert answers == [[3, "a", {"idTagInfo": {"status": "Invalid"}}]]
    assert charger.findings == []
    start = {**A_START, "idTag": "SOMEBODY"}
    hear(charger, "StartTransaction", start, "b")
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
    assert [kind for kind, *_ in keys] == ["protocol"]


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
        oracle.duty(each.duty).name: each
        for each in oracle.outlook(tuple(changed)).owed
        if each.duty >= 0
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


A_START = {"connectorId": 1, "idTag": "TAG-A", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}


def a_lost_start(lowering: Lowering, repeat_after: float) -> Conversation:
    """StartTransaction arrives, and the connection breaks before its sender can have the answer."""
    charger = a_conversation(lowering, "charger")
    charger.oracle.hold(0.0)
    charger.repeat_after = repeat_after
    at = {each.name: number for number, each in enumerate(lowering.system.cells)}
    cells = lowering.system.cells

    def with_a_user(state: State) -> State:
        made = list(state)
        known = {"plugged[1]": True, "use[1]": "Authorized", "user[1]": "A", "told[1]": "Preparing"}
        known["toldStation"] = "Available"
        for name, value in known.items():
            made[at[name]] = cells[at[name]].domain.index(value)
        return tuple(made)

    charger.belief.rewrite(with_a_user, 1.0)
    hear(charger, "StartTransaction", A_START, "c")
    assert charger.findings == []
    charger.disconnected(1.5)
    charger.connected(2.0)
    charger.receive(json.dumps([2, "s", "StatusNotification", status(1, "Charging")]), 2.5)
    charger.answer(charger.answers("StatusNotification")[0], 2.5)
    return charger


def test_what_is_owed_of_a_queue_is_named(lowering: Lowering) -> None:
    charger = a_lost_start(lowering, 60.0)
    (text,) = missing(charger, 100.0)
    assert "send what is queued at the charger (StartTransaction) is owed" in text


def test_expected_frames_are_told_as_they_are_on_the_wire(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    hear(charger, "StatusNotification", status(1, "Finishing"), "a")
    (alarm,) = charger.findings
    assert any("connectorId=0" in each for each in alarm.expected)
    assert not any("connectorId=none" in each for each in alarm.expected)


def test_a_made_up_number_that_is_none_is_a_finding_and_no_crash(lowering: Lowering) -> None:
    csms = a_conversation(lowering, "csms")
    words = csms.binding.told("StartTransaction", "Accepted")
    numbers = Numbers(csms.oracle, csms.binding, csms.belief, 1)
    assert list(numbers.given_twice("StartTransaction", words, {"transactionId": []}, "a")) == []
    assert list(numbers.given_twice("StartTransaction", words, {"transactionId": 7}, "a")) == []
    assert list(numbers.given_twice("StartTransaction", words, {"transactionId": 7}, "b")) == [
        ("transactionId", 7)
    ]


def missing(charger: Conversation, now: float) -> list[str]:
    charger.tick(now)
    return [each.message for each in charger.findings if "queued" in each.message]


def test_a_lost_transaction_message_is_repeated_after_the_interval_only(
    lowering: Lowering,
) -> None:
    charger = a_lost_start(lowering, 60.0)
    assert missing(charger, 80.0) == []
    assert missing(charger, 100.0) != []


def test_nobody_knows_when_it_is_repeated_if_the_interval_is_not_told(lowering: Lowering) -> None:
    assert missing(a_lost_start(lowering, math.inf), 1000.0) == []


def test_each_loss_makes_the_pause_longer_until_the_message_is_another(lowering: Lowering) -> None:
    charger = a_lost_start(lowering, 60.0)
    assert charger.oracle.pause == 60.0
    hear(charger, "StartTransaction", A_START, "d")
    assert charger.oracle.pause == 0.0
    charger.disconnected(3.0)
    assert charger.oracle.pause == 120.0


def test_what_a_charger_had_kept_from_before_is_not_judged(lowering: Lowering) -> None:
    charger = a_conversation(lowering, "charger")
    stop = {"transactionId": 7, "meterStop": 3, "timestamp": "2020-01-01T00:00:00Z"}
    charger.backlog = True
    assert hear(charger, "StopTransaction", stop, "a") == [[3, "a", {}]]
    assert charger.findings == []
    hear(charger, "StopTransaction", {**stop, "timestamp": "2999-01-01T00:00:00Z"}, "b")
    assert [each.kind for each in charger.findings] == ["unexpected"]


def test_a_refused_transaction_message_is_not_sent_again(lowering: Lowering) -> None:
    csms = a_conversation(lowering, "csms")
    at = {each.name: number for number, each in enumerate(lowering.system.cells)}
    cells = lowering.system.cells
    stored = next(
        index
        for index, value in enumerate(cells[at["charger's queue[0]"]].domain)
        if getattr(value, "call", "") == "StartTransaction"
    )
    queue = (at["charger's queue[0]"], at["charger's queue[1]"])

    def with_a_start(state: State) -> State:
        made = list(state)
        made[queue[0]] = stored
        return tuple(made)

    csms.belief.rewrite(with_a_start, 1.0)
    send = next(each for each in csms.menu(1.0) if each.name == "StartTransaction")
    csms.call(send, 1.0)
    message_id = json.loads(csms.take_outbox(1.0)[0])[1]
    csms.receive(json.dumps([4, message_id, "NotImplemented", "", {}]), 1.1)
    assert {state[cell] for state in csms.belief.kernel for cell in queue} == {0}
    assert [(each.kind, each.rules) for each in csms.findings] == [("protocol", ("CORE-GEN-001",))]


def test_what_crosses_our_leaving_is_not_judged(lowering: Lowering) -> None:
    csms = a_conversation(lowering, "csms")
    beat = next(each for each in csms.menu(1.0) if each.name == "Heartbeat")
    csms.call(beat, 1.0)
    message_id = json.loads(csms.take_outbox(1.0)[0])[1]
    online = lowering.system.cell("online")
    csms.belief.rewrite(lambda state: (*state[:online], 0, *state[online + 1 :]), 1.1)
    now = "2026-01-01T00:00:00Z"
    csms.receive(json.dumps([3, message_id, {"currentTime": now}]), 1.2)
    hear(csms, "CancelReservation", {"reservationId": 42}, "a")
    assert csms.findings == []
    assert [each for each in csms.observations if "crossed" in each] == [
        "Heartbeat.conf that crossed the end of the connection",
        "CancelReservation that crossed the end of the connection",
    ]


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
        for move in oracle.outlook(tuple(state)).moves
        if commands[move.command].label.action == "GiveUp"
    ]
    assert found == [pytest.approx(ripe)]


class Nobody(HandsThatWait):
    """A lab without hands."""

    def can(self, event: str) -> bool:
        return False


def settling(lowering: Lowering, *reports: tuple[int, str]) -> tuple[bool, float]:
    """What waiting for a charger whose cable may be in comes to after its reports; how long it took."""
    cells = lowering.system.cells
    told = next(at for at, each in enumerate(cells) if each.name == "toldStation")
    states = registered_states(lowering, a_setup(lowering), online=True)
    untold = [each for each in states if cells[told].domain[each[told]] is None]
    conversation = a_conversation(lowering, "charger", with_any_cables(lowering, untold))
    clock = RealClock()
    tester = live.Tester(conversation, None, [], clock, Random(1), live.Pace(watch=0.05))
    tester.use(Nobody())
    tester.is_connected = True

    async def play() -> tuple[bool, float]:
        for number, (connector, text) in enumerate(reports):
            told = [2, str(number), "StatusNotification", status(connector, text)]
            tester.on_frame(json.dumps(told), clock.now())
            assert await tester.until(lambda: not conversation.pending_calls(), 2.0)
        assert [each.message for each in conversation.findings] == []
        began = tester.now()
        return await tester.settle(0.5), tester.now() - began

    return asyncio.run(play())


def test_a_report_that_must_come_is_waited_for(lowering: Lowering) -> None:
    assert settling(lowering, (1, "Available")) == (False, pytest.approx(0.5, abs=0.2))


def test_a_report_that_may_never_come_gets_some_silence_only(lowering: Lowering) -> None:
    settled, took = settling(lowering, (0, "Available"), (1, "Available"))
    assert settled
    assert took < 0.4


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_csms_does_not_support_is_not_owed_to_it(lowering: Lowering, refused: bool) -> None:
    tester = live.Tester(
        a_conversation(lowering, "csms"), None, [], RealClock(),
        Random(1), live.Pace(),
    )  # fmt: skip
    lab = Nobody()
    tester.use(lab)
    tester.is_connected = True
    if refused:
        tester.conversation.not_supported.add("StatusNotification")
    asyncio.run(tester.until(lambda: False, 0.1))
    assert ("StatusNotification" in [each[2] for each in lab.sent]) != refused


def test_with_too_many_explanations_nothing_is_judged(
    lowering: Lowering, monkeypatch: pytest.MonkeyPatch
) -> None:
    charger = a_conversation(lowering, "charger")
    monkeypatch.setattr(charger.belief, "_cap", charger.belief.size)
    charger.belief.happen("PlugIn", (("connectorId", 1),), 1.0)
    charger.belief.done(1.0)
    assert len(charger.belief.states(2.0)) == charger.belief.size
    assert charger.belief.has_overflown
    hear(charger, "StatusNotification", status(1, "Preparing"), "a")
    charger.tick(1000.0)
    assert charger.findings == []
