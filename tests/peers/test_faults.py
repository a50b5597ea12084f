"""Every fault shows on the wire: the same scene played with and without it ends differently."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest

from tests.peers import faults
from tests.peers.faults import BY_ID, FAULTS, Faults, UnknownFaultError
from tests.peers.rig import ProblemError, RawStation, Rig
from tests.peers.rpc import LinkLostError, NoAnswerError, RefusedError
from tests.peers.schema import CallFaultError, Payload

pytestmark = pytest.mark.loopback

Scene: TypeAlias = Callable[[Rig], Awaitable[Any]]
BEAT = 1.35
"""Seconds after which something that happens once a second has happened."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scene and what a faithful and a faulty peer make of it."""

    fault: str
    scene: Scene
    faithful: Any
    faulty: Any
    options: dict[str, Any] = field(default_factory=dict)


async def outcome(answer: Awaitable[Payload]) -> Any:
    """The payload of an answer, or the name of what came instead."""
    try:
        return await answer
    except RefusedError as refusal:
        return refusal.code
    except ProblemError as problem:
        return problem.status
    except (NoAnswerError, LinkLostError) as problem:
        return type(problem).__name__


# Charger: boot, configuration, transport.


async def while_pending(rig: Rig) -> bool:
    await rig.record.until(lambda: bool(rig.record.answers("BootNotification", "csms")))
    await rig.record.quiet()
    return "StatusNotification" in rig.record.actions()


async def beats(rig: Rig) -> bool:
    await rig.booted()
    await asyncio.sleep(BEAT)
    return bool(rig.record.calls("Heartbeat"))


async def beats_after_reconnection(rig: Rig) -> bool:
    await rig.booted()
    await cut_and_restore(rig)
    await asyncio.sleep(BEAT)
    return bool(rig.record.calls("Heartbeat"))


async def beats_after_change(rig: Rig) -> bool:
    await rig.booted()
    await write(rig, "HeartbeatInterval", "1")
    await asyncio.sleep(BEAT)
    return bool(rig.record.calls("Heartbeat"))


async def cut_and_restore(rig: Rig) -> None:
    old = rig.csms._links["CP1"]
    await rig.bench("network_down")
    await rig.bench("network_up")
    async with asyncio.timeout(5):
        while rig.csms._links.get("CP1") in (None, old):  # noqa: ASYNC110 - no frame tells of it
            await asyncio.sleep(0.02)
    await rig.record.quiet()


async def write(rig: Rig, key: str, value: str) -> str:
    return await rig.answer_status("ChangeConfiguration", key=key, value=value)


def writes(key: str, value: str) -> Scene:
    async def scene(rig: Rig) -> str:
        await rig.booted()
        return await write(rig, key, value)

    return scene


def asks(action: str, **payload: Any) -> Scene:
    async def scene(rig: Rig) -> Any:
        await rig.booted()
        return await outcome(rig.csms._links["CP1"].call(action, payload, 0.4))

    return scene


async def statuses_while_unanswered(rig: Rig) -> int:
    rig.desk.lay_down("StatusNotification", None, None, None)
    await rig.record.until(lambda: bool(rig.record.calls("StatusNotification")))
    await rig.record.quiet()
    return len(rig.record.calls("StatusNotification"))


async def starts_while_unanswered(rig: Rig) -> bool:
    await rig.booted()
    rig.desk.lay_down("StartTransaction", None, None, None)
    await rig.bench("plug_in", connectorId=1)
    await rig.bench("present_tag", idTag="T1")
    await rig.record.until(lambda: bool(rig.record.calls("StartTransaction")))
    await asyncio.sleep(BEAT)
    return len(rig.record.calls("StartTransaction")) > 1


async def late_answer(rig: Rig) -> int:
    await rig.booted()
    rig.desk.lay_down("Authorize", None, None)
    await rig.bench("plug_in", connectorId=1)
    await rig.bench("present_tag", idTag="T3")
    await rig.record.until(lambda: bool(rig.record.calls("Authorize")))
    first = rig.record.frames[-1].content[1]
    await asyncio.sleep(1.1)
    await rig.bench("present_tag", idTag="BLOCKED")
    await rig.record.until(lambda: len(rig.record.calls("Authorize")) == 2)
    late = f'[3,"{first}",{{"idTagInfo":{{"status":"Accepted"}}}}]'
    await rig.csms._links["CP1"].socket.send(late)
    await rig.record.quiet()
    return len(rig.record.calls("StartTransaction"))


async def goes_on_after_call_error(rig: Rig) -> bool:
    await rig.booted()
    rig.desk.lay_down("StatusNotification", CallFaultError("InternalError"))
    await rig.bench("plug_in", connectorId=1)
    await rig.bench("present_tag", idTag="T1")
    await rig.record.quiet()
    return bool(rig.record.calls("Authorize"))


async def length_of_result(rig: Rig) -> int:
    await rig.booted()
    await outcome(rig.operator("ClearCache"))
    answer = next(f for f in reversed(rig.record.frames) if f.sender == "charger")
    return len(answer.content)


async def answers_to_one_call(rig: Rig) -> int:
    await rig.booted()
    await rig.operator("ChangeAvailability", connectorId=1, type="Operative")
    await rig.record.quiet()
    return len(rig.record.answers("ChangeAvailability"))


async def vocabulary_of_errors(rig: Rig) -> list[str]:
    await rig.booted()
    for text in ('[2,"a","Nonsense",{}]', '[2,"b","Reset",{}]', '[2,"c","ClearCache",{"x":1}]'):
        await rig.csms._links["CP1"].socket.send(text)
    await rig.record.quiet()
    return [frame.content[2] for frame in rig.record.frames[-3:]]


# Charger: statuses.


async def charge(rig: Rig, id_tag: str = "T1") -> None:
    """Begin a transaction, whatever is reported about it."""
    await rig.booted()
    await plug_and_present(rig, id_tag)
    await rig.record.until(lambda: bool(rig.record.answers("StartTransaction", "csms")))
    await rig.record.quiet()


async def plug_and_present(rig: Rig, id_tag: str) -> None:
    await rig.bench("plug_in", connectorId=1)
    await rig.record.quiet(0.03)
    await rig.bench("present_tag", idTag=id_tag)
    await rig.record.quiet()


async def shown_in_session(rig: Rig) -> list[str]:
    await charge(rig)
    return rig.record.statuses(1)


async def shown_after_stop(rig: Rig) -> str:
    await charge(rig)
    await rig.bench("present_tag", idTag="T1")
    await rig.stopped()
    await rig.record.quiet()
    return rig.record.statuses(1)[-1]


async def start_after_power_loss(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("power_off")
    await rig.bench("plug_out", connectorId=1)
    await rig.bench("power_on")
    await rig.booted(2)
    assert rig.record.statuses(1)[-1] == "Available"
    await plug_and_present(rig, "T1")
    return len(rig.record.calls("StartTransaction"))


async def reserved_then_inoperative(rig: Rig) -> list[str]:
    await rig.booted()
    await rig.reserve(1, "T3")
    await rig.operator("ChangeAvailability", connectorId=1, type="Inoperative")
    await rig.record.quiet()
    return rig.record.statuses(1)


async def shown_after_reconnection(rig: Rig) -> str:
    await charge(rig)
    await cut_and_restore(rig)
    return rig.record.statuses(1)[-1]


async def one_of_two_errors_clears(rig: Rig) -> str:
    await rig.booted()
    await rig.bench("fault", connectorId=1, errorCode="GroundFailure")
    await rig.bench("fault", connectorId=1, errorCode="HighTemperature")
    await rig.bench("clear_fault", connectorId=1, errorCode="HighTemperature")
    await rig.record.quiet()
    return rig.record.statuses(1)[-1]


async def shown_when_plugged(rig: Rig) -> str:
    await rig.booted()
    await rig.bench("plug_in", connectorId=1)
    await rig.record.quiet()
    return rig.record.statuses(1)[-1]


# Charger: identifiers and transactions.


def starts_with(id_tag: str) -> Scene:
    async def scene(rig: Rig) -> int:
        await rig.booted()
        await plug_and_present(rig, id_tag)
        return len(rig.record.calls("StartTransaction"))

    return scene


async def starts_in_next_session(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("present_tag", idTag="T1")
    await rig.stopped()
    await rig.bench("plug_out", connectorId=1)
    await rig.bench("plug_in", connectorId=1)
    await rig.record.quiet()
    return len(rig.record.calls("StartTransaction"))


def stops_with(id_tag: str, holder: str = "T1") -> Scene:
    async def scene(rig: Rig) -> int:
        await charge(rig, holder)
        await rig.bench("present_tag", idTag=id_tag)
        await rig.record.quiet()
        return len(rig.record.calls("StopTransaction"))

    return scene


async def stops_after_refusal(rig: Rig) -> int:
    await rig.booted()
    await rig.bench("plug_in", connectorId=1)
    await rig.operator("RemoteStartTransaction", idTag="BLOCKED", connectorId=1)
    await rig.record.quiet()
    return len(rig.record.calls("StopTransaction"))


async def remote_start_when_busy(rig: Rig) -> str:
    await charge(rig)
    return await rig.answer_status("RemoteStartTransaction", idTag="T3", connectorId=1)


async def remote_start_when_inoperative(rig: Rig) -> str:
    await rig.booted()
    await rig.operator("ChangeAvailability", connectorId=1, type="Inoperative")
    return await rig.answer_status("RemoteStartTransaction", idTag="T3")


async def remote_start_when_reserved(rig: Rig) -> str:
    await rig.booted()
    await rig.reserve(1, "T3")
    return await rig.answer_status("RemoteStartTransaction", idTag="T4")


async def asked_on_remote_start(rig: Rig) -> int:
    await rig.booted()
    await rig.operator("RemoteStartTransaction", idTag="T3")
    await rig.record.quiet()
    return len(rig.record.calls("Authorize"))


async def shown_after_connection_time_out(rig: Rig) -> str:
    await rig.booted()
    await rig.bench("present_tag", idTag="T3")
    await rig.record.quiet()
    await asyncio.sleep(1)
    return rig.record.statuses(1)[-1]


async def tag_in_stop_on_reset(rig: Rig) -> bool:
    await charge(rig)
    await rig.operator("Reset", type="Hard")
    return "idTag" in await rig.stopped()


async def reason_on_soft_reset(rig: Rig) -> str:
    await charge(rig)
    await rig.operator("Reset", type="Soft")
    return str((await rig.stopped())["reason"])


async def last_of_transaction(rig: Rig) -> str:
    await charge(rig)
    await rig.bench("present_tag", idTag="T1")
    await rig.stopped()
    await rig.record.quiet()
    said = [action for action in rig.record.actions() if action != "StatusNotification"]
    return said[-1]


async def type_of_meter_start(rig: Rig) -> str:
    await rig.booted()
    await plug_and_present(rig, "T1")
    return type(rig.record.calls("StartTransaction")[0]["meterStart"]).__name__


async def stops_when_unplugged(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("plug_out", connectorId=1)
    await rig.record.quiet()
    return len(rig.record.calls("StopTransaction"))


async def samples_after_change(rig: Rig) -> bool:
    await charge(rig)
    await write(rig, "MeterValueSampleInterval", "1")
    await asyncio.sleep(BEAT)
    return bool(rig.record.calls("MeterValues"))


# Charger: link and power.


async def offline_session(rig: Rig) -> None:
    """A transaction that begins and ends without a connection."""
    await rig.booted()
    await rig.bench("network_down")
    for verb in ("plug_in", "plug_out"):
        await rig.bench(verb, connectorId=1)
        await rig.bench("present_tag", idTag="T3")
    await rig.bench("plug_in", connectorId=1)
    await rig.bench("present_tag", idTag="T3")
    await rig.bench("plug_out", connectorId=1)


async def id_of_offline_transaction(rig: Rig) -> bool:
    await offline_session(rig)
    await rig.bench("network_up")
    stop = await rig.stopped()
    return bool(stop["transactionId"] > 0)


async def starts_of_offline_transaction(rig: Rig) -> bool:
    await offline_session(rig)
    await rig.bench("power_off")
    await rig.bench("network_up")
    await rig.bench("power_on")
    await rig.stopped()
    return bool(rig.record.calls("StartTransaction"))


async def stops_after_link_loss(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("network_down")
    await rig.bench("present_tag", idTag="T1")
    await rig.bench("network_up")
    await rig.shows(1, "Finishing")
    await rig.record.quiet()
    return len(rig.record.calls("StopTransaction"))


async def stops_after_power_loss(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("power_off")
    await rig.bench("power_on")
    await rig.booted(2)
    return len(rig.record.calls("StopTransaction"))


async def stops_after_reset(rig: Rig) -> int:
    await charge(rig)
    await rig.bench("present_tag", idTag="T1")
    await rig.stopped()
    await rig.operator("Reset", type="Soft")
    await rig.booted(2)
    return len(rig.record.calls("StopTransaction"))


async def comes_back_after_silent_ping(rig: Rig) -> bool:
    await rig.booted()
    deaf = rig.csms._links["CP1"]
    deaf.socket.transport.pause_reading()
    await asyncio.sleep(2.6)
    return rig.csms._links.get("CP1") is not deaf


async def samples_after_reconnection(rig: Rig) -> bool:
    await charge(rig)
    await cut_and_restore(rig)
    await asyncio.sleep(BEAT)
    return bool(rig.record.calls("MeterValues"))


# Charger: reservations.


async def stranger_at_reserved(rig: Rig) -> int:
    await rig.booted()
    await rig.reserve(1, "T3")
    await plug_and_present(rig, "T4")
    return len(rig.record.calls("StartTransaction"))


async def reservation_in_start(rig: Rig) -> bool:
    await rig.booted()
    await rig.reserve(1, "T3")
    await plug_and_present(rig, "T3")
    return "reservationId" in rig.record.calls("StartTransaction")[0]


async def shown_after_expiry(rig: Rig) -> str:
    await rig.booted()
    await rig.reserve(1, "T3", seconds=0.2)
    await rig.shows(1, "Reserved")
    await asyncio.sleep(0.3)
    return rig.record.statuses(1)[-1]


async def shown_when_reserved(rig: Rig) -> str:
    await rig.booted()
    await rig.reserve(1, "T3")
    await rig.record.quiet()
    return rig.record.statuses(1)[-1]


async def profiles(rig: Rig) -> tuple[str, Any]:
    await rig.booted()
    answer = await rig.operator("GetConfiguration", key=["SupportedFeatureProfiles"])
    return answer["configurationKey"][0]["value"], await rig.reserve(1, "T3")


async def cancel_after_stranger(rig: Rig) -> str:
    await rig.booted()
    await rig.reserve(1, "T3")
    await rig.bench("plug_in", connectorId=1)
    await rig.bench("plug_out", connectorId=1)
    return await rig.answer_status("CancelReservation", reservationId=7)


async def same_reservation_again(rig: Rig) -> str:
    await rig.booted()
    await rig.reserve(1, "T3")
    return await rig.reserve(1, "T4")


async def availability_after_reset(rig: Rig) -> str:
    await rig.booted()
    await rig.operator("ChangeAvailability", connectorId=1, type="Inoperative")
    await rig.operator("Reset", type="Soft")
    await rig.booted(2)
    return rig.record.statuses(1)[-1]


_NO_ASK = {"config": {"AuthorizeRemoteTxRequests": "false"}}
_OFFLINE = {"config": {"AllowOfflineTxForUnknownId": "true"}}
_IN_SESSION = ["Available", "Preparing", "Charging"]

CHARGER_CASES = [
    Case("CP-B1", while_pending, False, True, {"registrations": ("Pending", "Accepted")}),
    Case("CP-B6", beats, True, False, {"interval": 1}),
    Case("CP-B7", beats_after_reconnection, True, False, {"interval": 1}),
    Case("CP-B8", beats_after_change, True, False),
    Case("CP-B10", writes("WebSocketPingInterval", "-1"), "Rejected", "Accepted"),
    Case("CP-B11", writes("HeartbeatInterval", "3.7"), "Rejected", "Accepted"),
    Case("CP-B12", writes("LocalPreAuthorize", "TRUE"), "Accepted", "Rejected"),
    Case("CP-B13", writes("LocalPreAuthorize", "7"), "Rejected", "Accepted"),
    Case("CP-B14", writes("NumberOfConnectors", "5"), "Rejected", "Accepted"),
    Case("CP-R1", statuses_while_unanswered, 1, 2),
    Case("CP-R2", starts_while_unanswered, False, True),
    Case("CP-R5", late_answer, 0, 1, {"config": {"MessageTimeout": "1"}}),
    Case("CP-R6", goes_on_after_call_error, True, False),
    Case("CP-R8", length_of_result, 3, 4),
    Case(
        "CP-R10",
        asks("DataTransfer", vendorId="com.example"),
        {"status": "UnknownVendorId"},
        {"status": "Accepted"},
    ),
    Case("CP-E1", answers_to_one_call, 1, 2),
    Case("CP-E2", asks("UnlockConnector", connectorId=1), {"status": "Unlocked"}, "NoAnswerError"),
    Case(
        "CP-E3",
        vocabulary_of_errors,
        ["NotImplemented", "OccurenceConstraintViolation", "FormationViolation"],
        ["MessageTypeNotSupported", "OccurrenceConstraintViolation", "FormatViolation"],
    ),
    Case("CP-S1", shown_in_session, _IN_SESSION, ["Available", "Preparing"]),
    Case("CP-S2", shown_after_stop, "Finishing", "Available"),
    Case("CP-S4", start_after_power_loss, 2, 1),
    Case(
        "CP-S6",
        reserved_then_inoperative,
        ["Available", "Reserved", "Unavailable"],
        ["Available", "Reserved", "Available", "Unavailable"],
    ),
    Case("CP-S10", shown_in_session, _IN_SESSION, ["Available", "Charging"]),
    Case("CP-S13", shown_after_reconnection, "Charging", "Available"),
    Case("CP-S14", one_of_two_errors_clears, "Faulted", "Available"),
    Case("CP-S17", shown_when_plugged, "Preparing", "Charging"),
    Case("CP-T1", starts_with("BLOCKED"), 0, 1),
    Case("CP-T3", starts_in_next_session, 1, 2),
    Case("CP-T4", stops_with("T3"), 0, 1),
    Case("CP-T5", stops_with("t3", "T3"), 1, 0),
    Case("CP-T6", stops_after_refusal, 1, 0, _NO_ASK),
    Case("CP-T8", remote_start_when_busy, "Rejected", "Accepted"),
    Case("CP-T9", remote_start_when_inoperative, "Rejected", "Accepted"),
    Case("CP-T10", remote_start_when_reserved, "Rejected", "Accepted"),
    Case(
        "CP-T11",
        asks("RemoteStartTransaction", idTag="T1", connectorId=0),
        {"status": "Rejected"},
        {"status": "Accepted"},
    ),
    Case("CP-T12", asked_on_remote_start, 1, 0),
    Case(
        "CP-T14",
        shown_after_connection_time_out,
        "Available",
        "Preparing",
        {"config": {"ConnectionTimeOut": "1"}},
    ),
    Case("CP-T15", tag_in_stop_on_reset, False, True),
    Case("CP-T16", reason_on_soft_reset, "SoftReset", "PowerLoss"),
    Case("CP-T17", last_of_transaction, "StopTransaction", "MeterValues"),
    Case("CP-T19", type_of_meter_start, "int", "float"),
    Case(
        "CP-T20",
        stops_when_unplugged,
        0,
        1,
        {"config": {"StopTransactionOnEVSideDisconnect": "false"}},
    ),
    Case("CP-T22", samples_after_change, True, False),
    Case("CP-O1", id_of_offline_transaction, True, False, _OFFLINE),
    Case("CP-O2", starts_of_offline_transaction, True, False, _OFFLINE),
    Case("CP-O4", stops_after_link_loss, 1, 0),
    Case("CP-O7", stops_after_power_loss, 1, 0),
    Case("CP-O8", stops_after_reset, 1, 2),
    Case(
        "CP-O9",
        comes_back_after_silent_ping,
        True,
        False,
        {"config": {"WebSocketPingInterval": "1", "MessageTimeout": "1"}},
    ),
    Case(
        "CP-O13",
        samples_after_reconnection,
        True,
        False,
        {"config": {"MeterValueSampleInterval": "1"}},
    ),
    Case("CP-V1", stranger_at_reserved, 0, 1),
    Case("CP-V3", reservation_in_start, True, False),
    Case("CP-V6", shown_after_expiry, "Available", "Reserved"),
    Case("CP-V7", shown_when_reserved, "Reserved", "Available"),
    Case("CP-V10", profiles, ("Core,Reservation", "Accepted"), ("Core", "Accepted")),
    Case("CP-V14", cancel_after_stranger, "Accepted", "Rejected"),
    Case("CP-E4", same_reservation_again, "Accepted", "Occupied"),
    Case("CP-E5", availability_after_reset, "Unavailable", "Available"),
]


# CSMS.


START = {
    "connectorId": 1,
    "idTag": "T1",
    "meterStart": 5,
    "timestamp": "2024-01-01T00:00:00Z",
}
STOP = {"transactionId": 77, "meterStop": 6, "timestamp": "2024-01-01T00:01:00Z"}
VALUE = {"timestamp": "2024-01-01T00:00:02Z", "sampledValue": [{"value": "6.125"}]}
EARLIER = {"timestamp": "2024-01-01T00:00:01Z", "sampledValue": [{"value": "6"}]}


def says(action: str, **payload: Any) -> Scene:
    """A raw station boots and says one thing."""

    async def scene(rig: Rig) -> Any:
        async with RawStation(rig.csms.url) as station:
            await station.boot()
            return await outcome(station.link.call(action, payload, 0.4))

    return scene


async def two_starts(rig: Rig) -> bool:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        first = await station.link.call("StartTransaction", START, 1.0)
        second = await station.link.call("StartTransaction", {**START, "connectorId": 2}, 1.0)
        return bool(first["transactionId"] == second["transactionId"])


async def one_start_twice(rig: Rig) -> bool:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        answers = [await station.link.call("StartTransaction", START, 1.0) for _ in range(2)]
        return bool(answers[0] == answers[1])


async def call_while_called(rig: Rig) -> Any:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        station.answers["ChangeAvailability"] = None
        payload = {"connectorId": 1, "type": "Operative"}
        pending = asyncio.create_task(rig.csms.send("RAW", "ChangeAvailability", payload))
        await rig.record.until(lambda: bool(rig.record.calls("ChangeAvailability", "csms")))
        answer = await outcome(station.link.call("Authorize", {"idTag": "T3"}, 0.4))
        pending.cancel()
        return answer


async def two_statuses(rig: Rig) -> Any:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        await station.link.call("StatusNotification", status, 1.0)
        return await outcome(
            station.link.call("StatusNotification", {**status, "connectorId": 2}, 1.0)
        )


async def connects_twice(rig: Rig) -> bool:
    async with RawStation(rig.csms.url):
        try:
            async with RawStation(rig.csms.url):
                return True
        except Exception:  # noqa: BLE001 - however the handshake fails
            return False


async def before_boot(rig: Rig) -> Any:
    async with RawStation(rig.csms.url) as station:
        answer = await outcome(station.link.call("Heartbeat", {}, 1.0))
        return answer if isinstance(answer, str) else "served"


async def reserve_zero(rig: Rig) -> Any:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        station.answers["ReserveNow"] = {"status": "Accepted"}
        payload = {
            "connectorId": 0,
            "idTag": "T1",
            "reservationId": 1,
            "expiryDate": "2099-01-01T00:00:00Z",
        }
        return await outcome(rig.csms.send("RAW", "ReserveNow", payload))


async def heartbeat_answers(rig: Rig) -> int:
    async with RawStation(rig.csms.url) as station:
        await station.boot()
        await station.link.call("Heartbeat", {}, 1.0)
        await rig.record.quiet()
        return len(rig.record.answers("Heartbeat", "csms"))


def info(status: str, **more: Any) -> Payload:
    return {"idTagInfo": {"status": status, **more}}


CSMS_CASES = [
    Case("CS-7", two_starts, False, True),
    Case(
        "CS-9",
        says("StartTransaction", **START),
        {"transactionId": 1, **info("Accepted", parentIdTag="FAMILY")},
        "OccurenceConstraintViolation",
    ),
    Case("CS-10", says("Authorize", idTag="BLOCKED"), info("Blocked"), info("Invalid")),
    Case("CS-11", says("Authorize", idTag="UNSET"), info("Invalid"), info("Accepted")),
    Case(
        "CS-12",
        says("StopTransaction", **STOP, idTag="EXPIRED"),
        info("Expired"),
        info("Accepted"),
    ),
    Case("CS-14", says("Authorize", idTag="NOBODY"), info("Invalid"), info("Accepted")),
    Case("CS-15", call_while_called, info("Accepted"), "InternalError"),
    Case("CS-16", call_while_called, info("Accepted"), "NoAnswerError"),
    Case("CS-17", two_statuses, {}, "InternalError"),
    Case("CS-19", connects_twice, True, False),
    Case(
        "CS-25",
        says("MeterValues", connectorId=1, meterValue=[VALUE, EARLIER]),
        {},
        "PropertyConstraintViolation",
    ),
    Case("CS-27", before_boot, "SecurityError", "served"),
    Case("CS-31", reserve_zero, {"status": "Accepted"}, 400),
    Case(
        "CS-39",
        says("Authorize", idTag="WITH-HYPHEN"),
        info("Accepted"),
        "PropertyConstraintViolation",
    ),
    Case("CS-E1", says("Authorize", idTag="T3"), info("Accepted"), "NoAnswerError"),
    Case("CS-E2", heartbeat_answers, 1, 2),
    Case("CS-E3", one_start_twice, True, False),
    Case("CS-E4", says("StopTransaction", **STOP), {}, "NoAnswerError"),
]


@pytest.mark.parametrize("case", [*CHARGER_CASES, *CSMS_CASES], ids=lambda case: case.fault)
def test_fault_shows(case: Case) -> None:
    option = "charger_faults" if BY_ID[case.fault].role == "charger" else "csms_faults"

    async def play(ids: tuple[str, ...]) -> Any:
        options: dict[str, Any] = {**case.options, option: ids}
        async with Rig(**options) as rig:
            return await case.scene(rig)

    async def both() -> tuple[Any, Any]:
        async with asyncio.timeout(20):
            faithful, faulty = await asyncio.gather(play(()), play((case.fault,)))
            return faithful, faulty

    assert case.faithful != case.faulty
    assert asyncio.run(both()) == (case.faithful, case.faulty)


def test_every_fault_has_its_case() -> None:
    shown = [case.fault for case in (*CHARGER_CASES, *CSMS_CASES)]
    assert sorted(shown) == sorted(fault.id for fault in FAULTS)


def test_faults_belong_to_one_role() -> None:
    with pytest.raises(UnknownFaultError, match="CS-7"):
        Faults("charger", ["CS-7"])
    with pytest.raises(UnknownFaultError, match="CP-T99"):
        Faults("charger").has("CP-T99")
    assert "CP-T1 " in faults.listing("charger")
    assert "CP-T1 " not in faults.listing("csms")
