"""The two peers against each other: what a faithful charger and a faithful CSMS say."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.peers import clock
from tests.peers.charger import Charger, ChargerSettings
from tests.peers.rig import (
    ProblemError,
    RawStation,
    Rig,
    judge,
    peers,
    post,
)
from tests.peers.rpc import LinkLostError, NoAnswerError, RefusedError
from tests.peers.schema import CallFaultError

pytestmark = pytest.mark.loopback

ROOT = Path(__file__).resolve().parents[2]


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene; it may take ten seconds at most."""

    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scene

    asyncio.run(bounded())


# Boot.


def test_boot_reports_connector_zero_and_every_connector() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            assert rig.record.actions()[0] == "BootNotification"
            assert [rig.record.statuses(n) for n in (0, 1, 2)] == [["Available"]] * 3

    play(scene())


def test_pending_station_sends_nothing_but_boots_and_answers_requests() -> None:
    async def scene() -> None:
        async with Rig(registrations=("Pending", "Pending", "Accepted")) as rig:
            await rig.record.until(lambda: bool(rig.record.answers("BootNotification", "csms")))
            answer = await rig.operator("GetConfiguration", key=["NumberOfConnectors", "Nonsense"])
            assert answer["configurationKey"][0]["value"] == "1"
            assert answer["unknownKey"] == ["Nonsense"]
            with pytest.raises(ProblemError, match="Pending"):
                await rig.operator("RemoteStartTransaction", idTag="T1")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T1")
            await rig.booted(3)
            assert rig.record.actions()[:3] == ["BootNotification"] * 3
            assert rig.record.statuses(1) == ["Preparing"]
            assert "Authorize" not in rig.record.actions()

    play(scene())


def test_rejected_station_keeps_silent_until_the_interval_has_passed() -> None:
    async def scene() -> None:
        async with Rig(registrations=("Rejected", "Accepted")) as rig:
            await rig.record.until(lambda: bool(rig.record.answers("BootNotification", "csms")))
            link = rig.csms._links["CP1"]
            with pytest.raises(NoAnswerError):
                await link.call("GetConfiguration", {}, 0.3)
            assert rig.record.actions() == ["BootNotification"]
            await rig.booted(2)
            assert rig.record.statuses(0) == ["Available"]

    play(scene())


def test_heartbeats_follow_the_interval_of_the_boot_answer() -> None:
    async def scene() -> None:
        async with peers(interval=1) as rig:
            await rig.record.until(lambda: len(rig.record.calls("Heartbeat")) >= 2)

    play(scene())


def test_reconnection_is_not_a_boot() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("network_down")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("network_up")
            await rig.shows(1, "Preparing")
            assert len(rig.record.calls("BootNotification")) == 1
            assert rig.record.statuses(0) == ["Available"]

    play(scene())


# Local start and stop.


def test_cable_first_then_tag() -> None:
    async def scene() -> None:
        async with peers() as rig:
            number = await rig.charging()
            await rig.bench("present_tag", idTag="t1")
            stop = await rig.stopped()
            assert stop["transactionId"] == number
            assert (stop["reason"], stop["idTag"]) == ("Local", "t1")
            await rig.shows(1, "Finishing")
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Available")
            assert rig.record.statuses(1) == [
                "Available", "Preparing", "Charging", "Finishing", "Available",
            ]  # fmt: skip
            assert rig.record.actions().count("Authorize") == 1

    play(scene())


def test_tag_first_then_cable() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Preparing")
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Charging")
            assert rig.record.calls("StartTransaction")[0]["idTag"] == "T3"

    play(scene())


def test_second_presentation_gives_up_the_start() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Preparing")
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Available")
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Preparing")
            await rig.record.quiet()
            assert not rig.record.calls("StartTransaction")

    play(scene())


@pytest.mark.parametrize("tag", ["BLOCKED", "EXPIRED", "NOBODY"])
def test_refused_tag_starts_nothing(tag: str) -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag=tag)
            await rig.record.until(lambda: bool(rig.record.answers("Authorize", "csms")))
            await rig.record.quiet()
            assert not rig.record.calls("StartTransaction")
            assert rig.record.statuses(1)[-1] == "Preparing"

    play(scene())


def test_group_member_may_stop_and_a_stranger_may_not() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging("T1")
            await rig.bench("present_tag", idTag="T3")
            await rig.record.quiet()
            assert not rig.record.calls("StopTransaction")
            await rig.bench("present_tag", idTag="T2")
            assert (await rig.stopped())["idTag"] == "T2"

    play(scene())


def test_without_a_parent_nobody_else_is_even_asked_about() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging("T3")
            await rig.bench("present_tag", idTag="T1")
            await rig.record.quiet()
            assert rig.record.calls("Authorize") == [{"idTag": "T3"}]
            assert not rig.record.calls("StopTransaction")

    play(scene())


def test_vehicle_decides_between_charging_and_suspended() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging()
            await rig.bench("ev_not_ready", connectorId=1)
            await rig.shows(1, "SuspendedEV")
            await rig.bench("ev_ready", connectorId=1)
            await rig.shows(1, "Charging")

    play(scene())


def test_connection_time_out_without_a_cable_and_without_a_tag() -> None:
    async def scene() -> None:
        async with peers(config={"ConnectionTimeOut": "1"}) as rig:
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(1, "Preparing")
            await rig.shows(1, "Available")
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Finishing")
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Available")
            assert not rig.record.calls("StartTransaction")

    play(scene())


def test_unplugging_ends_the_transaction_unless_the_key_says_otherwise() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging()
            await rig.answer_status(
                "ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value="FALSE"
            )
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "SuspendedEV")
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Charging")
            assert not rig.record.calls("StopTransaction")
            await rig.answer_status(
                "ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value="true"
            )
            await rig.bench("plug_out", connectorId=1)
            stop = await rig.stopped()
            assert stop["reason"] == "EVDisconnected"
            assert "idTag" not in stop
            await rig.shows(1, "Available")
            assert rig.record.statuses(1)[-2:] == ["Finishing", "Available"]

    play(scene())


def test_plug_stays_locked_until_its_tag_comes() -> None:
    async def scene() -> None:
        async with peers(config={"UnlockConnectorOnEVSideDisconnect": "false"}) as rig:
            await rig.charging("T1")
            await rig.bench("plug_out", connectorId=1)
            await rig.stopped()
            await rig.shows(1, "Finishing")
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(1, "Available")
            assert len(rig.record.calls("StartTransaction")) == 1

    play(scene())


@pytest.mark.parametrize(("key", "last"), [("true", "Finishing"), ("false", "SuspendedEVSE")])
def test_refused_start_transaction(key: str, last: str) -> None:
    async def scene() -> None:
        config = {"AuthorizeRemoteTxRequests": "false", "StopTransactionOnInvalidId": key}
        async with peers(config=config) as rig:
            await rig.bench("plug_in", connectorId=1)
            assert await rig.answer_status("RemoteStartTransaction", idTag="BLOCKED") == "Accepted"
            await rig.shows(1, last)
            assert "Authorize" not in rig.record.actions()
            if key == "true":
                stop = await rig.stopped()
                assert stop["reason"] == "DeAuthorized"
            else:
                await rig.bench("present_tag", idTag="BLOCKED")
                assert (await rig.stopped())["reason"] == "Local"

    play(scene())


def test_meter_values_carry_the_transaction_and_never_decrease() -> None:
    async def scene() -> None:
        config = {
            "MeterValueSampleInterval": "1",
            "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import",
            "StopTxnSampledData": "Energy.Active.Import.Register",
        }
        async with peers(config=config) as rig:
            number = await rig.charging()
            await rig.record.until(lambda: len(rig.record.answers("MeterValues", "csms")) >= 2)
            await rig.bench("present_tag", idTag="T1")
            stop = await rig.stopped()
            values = rig.record.calls("MeterValues")
            assert {value["transactionId"] for value in values} == {number}
            sampled = [value["meterValue"][0]["sampledValue"] for value in values]
            assert {sample["measurand"] for sample in sampled[0]} == {
                "Energy.Active.Import.Register", "Power.Active.Import",
            }  # fmt: skip
            energy = [int(samples[0]["value"]) for samples in sampled]
            start = rig.record.calls("StartTransaction")[0]["meterStart"]
            assert [start, *energy, stop["meterStop"]] == sorted(
                [start, *energy, stop["meterStop"]]
            )
            contexts = [v["sampledValue"][0]["context"] for v in stop["transactionData"]]
            assert contexts == [
                "Transaction.Begin", *["Sample.Periodic"] * len(values), "Transaction.End",
            ]  # fmt: skip

    play(scene())


def test_clock_aligned_values_only_run_during_a_transaction() -> None:
    async def scene() -> None:
        async with peers(config={"ClockAlignedDataInterval": "1"}) as rig:
            await rig.charging()
            await rig.record.until(lambda: bool(rig.record.answers("MeterValues", "csms")))
            value = rig.record.calls("MeterValues")[0]["meterValue"][0]
            assert value["sampledValue"][0]["context"] == "Sample.Clock"
            assert value["timestamp"].endswith(".000Z")

    play(scene())


# Remote start and stop.


@pytest.mark.parametrize("asks", [True, False])
def test_remote_start_and_stop(asks: bool) -> None:
    async def scene() -> None:
        config = {"AuthorizeRemoteTxRequests": str(asks).lower()}
        async with peers(config=config) as rig:
            answer = await rig.answer_status("RemoteStartTransaction", idTag="T1", connectorId=1)
            assert answer == "Accepted"
            await rig.shows(1, "Preparing")
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Charging")
            assert bool(rig.record.calls("Authorize")) is asks
            number = rig.station.transactions[-1].transaction_id
            status = await rig.answer_status("RemoteStopTransaction", transactionId=number + 1)
            assert status == "Rejected"
            status = await rig.answer_status("RemoteStopTransaction", transactionId=number)
            assert status == "Accepted"
            stop = await rig.stopped()
            assert stop["reason"] == "Remote"
            assert "idTag" not in stop

    play(scene())


def test_remote_start_is_rejected_where_it_cannot_work() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            await rig.charging("T1", 1)
            for number in (1, 3):
                answer = await rig.answer_status(
                    "RemoteStartTransaction", idTag="T3", connectorId=number
                )
                assert answer == "Rejected"
            await rig.answer_status("ChangeAvailability", connectorId=2, type="Inoperative")
            assert await rig.answer_status("RemoteStartTransaction", idTag="T3") == "Rejected"
            with pytest.raises(ProblemError, match="connector 0"):
                await rig.operator("RemoteStartTransaction", idTag="T3", connectorId=0)
            link = rig.csms._links["CP1"]
            zero = {"idTag": "T3", "connectorId": 0}
            assert await link.call("RemoteStartTransaction", zero, 2.0) == {"status": "Rejected"}

    play(scene())


def test_refused_remote_start_leaves_the_connector_free() -> None:
    async def scene() -> None:
        async with peers() as rig:
            assert await rig.answer_status("RemoteStartTransaction", idTag="NOBODY") == "Accepted"
            await rig.shows(1, "Available")
            assert rig.record.statuses(1) == ["Available", "Preparing", "Available"]

    play(scene())


# Link and power.


def test_queue_survives_a_link_loss_in_order() -> None:
    async def scene() -> None:
        config = {"AllowOfflineTxForUnknownId": "true"}
        async with peers(config=config) as rig:
            await rig.charging("T1")
            await rig.bench("network_down")
            await rig.bench("present_tag", idTag="T1")
            await rig.bench("plug_out", connectorId=1)
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T3")
            await asyncio.sleep(0.05)
            await rig.bench("present_tag", idTag="T3")
            await asyncio.sleep(0.05)
            seen = len(rig.record.actions())
            await rig.bench("network_up")
            await rig.stopped(2)
            await rig.record.quiet()
            assert rig.record.actions()[seen:] == [
                "StopTransaction", "StartTransaction", "StopTransaction", "StatusNotification",
            ]  # fmt: skip
            assert rig.record.statuses(1)[-1] == "Finishing"
            ids = [stop["transactionId"] for stop in rig.record.calls("StopTransaction")]
            assert ids == [record.transaction_id for record in rig.station.transactions]

    play(scene())


def test_unknown_tag_starts_nothing_offline() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("network_down")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T1")
            await asyncio.sleep(0.05)
            await rig.bench("network_up")
            await rig.shows(1, "Preparing")
            assert not rig.record.calls("StartTransaction")

    play(scene())


def test_authorization_from_before_the_link_loss_is_good_offline() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(1, "Preparing")
            await rig.bench("network_down")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("network_up")
            await rig.shows(1, "Charging")
            assert len(rig.record.calls("StartTransaction")) == 1

    play(scene())


def test_failed_messages_are_repeated_then_given_up() -> None:
    async def scene() -> None:
        config = {"TransactionMessageAttempts": "2", "TransactionMessageRetryInterval": "1"}
        async with peers(config=config) as rig:
            busy = CallFaultError("InternalError", "try later")
            rig.desk.lay_down("StartTransaction", busy, busy)
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(1, "Charging")  # overtakes the message that waits
            await rig.record.until(lambda: len(rig.record.calls("StartTransaction")) == 2)
            await rig.bench("present_tag", idTag="T1")
            assert (await rig.stopped())["transactionId"] == -1

    play(scene())


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
def test_reset_stops_transactions_and_boots_again(kind: str, reason: str) -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging()
            assert await rig.answer_status("Reset", type=kind) == "Accepted"
            stop = await rig.stopped()
            assert stop["reason"] == reason
            assert "idTag" not in stop
            await rig.booted(2)
            actions = rig.record.actions()
            assert actions.index("StopTransaction") < len(actions) - 1 - actions[::-1].index(
                "BootNotification"
            )
            assert rig.record.statuses(1)[-1] == "Finishing"

    play(scene())


def test_power_loss_stops_the_transaction_after_the_boot() -> None:
    async def scene() -> None:
        async with peers() as rig:
            number = await rig.charging()
            await rig.answer_status("ChangeAvailability", connectorId=1, type="Inoperative")
            await rig.bench("power_off")
            await rig.bench("power_on")
            stop = await rig.stopped()
            assert (stop["reason"], stop["transactionId"]) == ("PowerLoss", number)
            await rig.booted(2)
            actions = rig.record.actions()
            assert actions.index("StopTransaction") > actions.index("BootNotification", 1)
            await rig.shows(1, "Finishing")
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Unavailable")

    play(scene())


# Availability, unlocking, faults.


def test_scheduled_change_waits_for_the_end_of_the_session() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.charging()
            answer = await rig.answer_status(
                "ChangeAvailability", connectorId=1, type="Inoperative"
            )
            assert answer == "Scheduled"
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(1, "Finishing")
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Unavailable")
            assert rig.record.statuses(1)[-2:] == ["Finishing", "Unavailable"]

    play(scene())


def test_scheduled_change_takes_effect_at_a_restart_if_nobody_is_there_any_more() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("plug_in", connectorId=1)
            await rig.shows(1, "Preparing")
            for connector in (1, 0):
                wanted = {"connectorId": connector, "type": "Inoperative"}
                assert await rig.answer_status("ChangeAvailability", **wanted) == "Scheduled"
            await rig.bench("power_off")
            await rig.bench("plug_out", connectorId=1)
            await rig.bench("power_on")
            await rig.booted(2)
            await rig.shows(1, "Unavailable")
            await rig.shows(0, "Unavailable")
            assert rig.record.statuses(1)[-2:] == ["Preparing", "Unavailable"]

    play(scene())


def test_status_that_changes_as_the_connection_returns_is_reported_once() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("network_down")
            await asyncio.sleep(0.05)
            await rig.bench("network_up")
            wanted = {"connectorId": 0, "type": "Inoperative"}
            for _ in range(10_000):
                with suppress(ProblemError):
                    assert await rig.answer_status("ChangeAvailability", **wanted) == "Accepted"
                    break
                await asyncio.sleep(0)
            await rig.shows(0, "Unavailable")
            await rig.shows(1, "Unavailable")
            await asyncio.sleep(0.1)
            for connector in (0, 1):
                assert rig.record.statuses(connector) == ["Available", "Unavailable"]

    play(scene())


def test_whole_station_becomes_inoperative_and_stays_so_over_a_restart() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            await rig.charging("T1", 1)
            answer = await rig.answer_status(
                "ChangeAvailability", connectorId=0, type="Inoperative"
            )
            assert answer == "Scheduled"
            await rig.shows(2, "Unavailable")
            assert rig.record.statuses(0) == ["Available"]
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Unavailable")
            await rig.shows(0, "Unavailable")
            await rig.answer_status("Reset", type="Hard")
            await rig.booted(2)
            await rig.shows(2, "Unavailable")
            assert [rig.record.statuses(n)[-1] for n in (0, 1)] == ["Unavailable"] * 2
            await rig.bench("plug_in", connectorId=2)
            await rig.answer_status("ChangeAvailability", connectorId=0, type="Operative")
            await rig.shows(2, "Preparing")
            await rig.shows(1, "Available")
            await rig.shows(0, "Available")

    play(scene())


def test_unlock_connector_ends_the_transaction() -> None:
    async def scene() -> None:
        async with peers() as rig:
            assert await rig.answer_status("UnlockConnector", connectorId=2) == "NotSupported"
            await rig.charging()
            assert await rig.answer_status("UnlockConnector", connectorId=1) == "Unlocked"
            stop = await rig.stopped()
            assert stop["reason"] == "UnlockCommand"
            assert "idTag" not in stop

    play(scene())


def test_fault_keeps_the_transaction_and_ends_a_reservation() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            await rig.charging("T1", 1)
            assert await rig.reserve(2, "T3") == "Accepted"
            await rig.shows(2, "Reserved")
            for number in (1, 2):
                await rig.bench("fault", connectorId=number)
                await rig.shows(number, "Faulted")
            assert await rig.reserve(2, "T3", number=8) == "Faulted"
            for number in (1, 2):
                await rig.bench("clear_fault", connectorId=number)
            await rig.shows(1, "Charging")
            await rig.shows(2, "Available")
            assert not rig.record.calls("StopTransaction")
            assert [record.state for record in rig.station.reservations] == ["dropped"]

    play(scene())


def test_fault_of_the_station_shows_everywhere_until_the_last_error_is_gone() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.bench("fault", connectorId=0, errorCode="GroundFailure")
            await rig.bench("fault", connectorId=1, errorCode="HighTemperature")
            await rig.shows(0, "Faulted")
            await rig.bench("clear_fault", connectorId=0)
            await rig.shows(0, "Available")
            assert rig.record.statuses(1)[-1] == "Faulted"
            await rig.bench("clear_fault", connectorId=1)
            await rig.shows(1, "Available")

    play(scene())


# Reservation.


def test_reservation_is_used_by_its_holder_and_gone_afterwards() -> None:
    async def scene() -> None:
        async with peers() as rig:
            assert await rig.reserve(1, "T3", number=41) == "Accepted"
            await rig.shows(1, "Reserved")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T4")
            await rig.record.quiet()
            assert rig.record.statuses(1)[-1] == "Reserved"
            assert not rig.record.calls("Authorize")
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Charging")
            assert rig.record.calls("StartTransaction")[0]["reservationId"] == 41
            await rig.bench("plug_out", connectorId=1)
            await rig.shows(1, "Available")
            assert rig.record.statuses(1)[1:4] == ["Reserved", "Preparing", "Charging"]
            assert [record.state for record in rig.station.reservations] == ["used"]
            assert await rig.answer_status("CancelReservation", reservationId=41) == "Rejected"

    play(scene())


def test_group_of_a_reservation_may_use_it() -> None:
    async def scene() -> None:
        async with peers() as rig:
            assert await rig.reserve(1, "T1", parentIdTag="FAMILY") == "Accepted"
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T3")
            await rig.record.until(lambda: bool(rig.record.answers("Authorize", "csms")))
            await rig.bench("present_tag", idTag="T2")
            await rig.shows(1, "Charging")
            start = rig.record.calls("StartTransaction")[0]
            assert (start["idTag"], start["reservationId"]) == ("T2", 7)

    play(scene())


def test_remote_start_on_a_reserved_connector_is_for_its_holder() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            await rig.reserve(2, "T3")
            answer = await rig.answer_status("RemoteStartTransaction", idTag="T4", connectorId=2)
            assert answer == "Rejected"
            assert await rig.answer_status("RemoteStartTransaction", idTag="t3") == "Accepted"
            await rig.shows(2, "Preparing")
            await rig.bench("plug_in", connectorId=2)
            await rig.shows(2, "Charging")
            assert rig.record.calls("StartTransaction")[0]["reservationId"] == 7

    play(scene())


def test_attempt_of_a_holder_that_lapses_leaves_the_reservation() -> None:
    async def scene() -> None:
        async with peers(config={"ConnectionTimeOut": "1"}) as rig:
            await rig.reserve(1, "T3")
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Preparing")
            await rig.shows(1, "Reserved")
            assert rig.record.statuses(1)[-3:] == ["Preparing", "Available", "Reserved"]

    play(scene())


def test_shared_reader_prefers_the_cable_that_waits() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            await rig.bench("plug_in", connectorId=2)
            await rig.bench("present_tag", idTag="T1")
            await rig.shows(2, "Charging")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T3")
            await rig.shows(1, "Charging")
            await rig.bench("present_tag", idTag="T1")
            await rig.stopped()
            await rig.shows(2, "Finishing")

    play(scene())


def test_reservation_expires() -> None:
    async def scene() -> None:
        async with peers() as rig:
            assert await rig.reserve(1, "T3", seconds=0.5) == "Accepted"
            await rig.shows(1, "Reserved")
            await rig.shows(1, "Available")
            assert await rig.reserve(1, "T4", number=8) == "Accepted"
            assert [record.state for record in rig.station.reservations] == ["expired", "held"]

    play(scene())


def test_reservation_answers() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            assert await rig.reserve(3, "T3") == "Rejected"
            assert await rig.reserve(1, "T3", number=1) == "Accepted"
            assert await rig.reserve(1, "T4", number=2) == "Occupied"
            assert await rig.reserve(2, "T3", number=1) == "Accepted"  # moved
            await rig.shows(1, "Available")
            await rig.shows(2, "Reserved")
            await rig.bench("plug_in", connectorId=1)
            assert await rig.reserve(1, "T4", number=2) == "Occupied"
            await rig.bench("plug_out", connectorId=1)
            await rig.answer_status("ChangeAvailability", connectorId=1, type="Inoperative")
            assert await rig.reserve(1, "T4", number=2) == "Unavailable"
            assert await rig.answer_status("CancelReservation", reservationId=2) == "Rejected"
            assert await rig.answer_status("CancelReservation", reservationId=1) == "Accepted"
            await rig.shows(2, "Available")

    play(scene())


def test_reservation_survives_a_stranger_and_a_restart() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.reserve(1, "T3")
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("plug_out", connectorId=1)
            await rig.answer_status("Reset", type="Soft")
            await rig.booted(2)
            await rig.shows(1, "Reserved")

    play(scene())


def test_fault_without_power_ends_a_reservation_too() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.reserve(1, "T3")
            await rig.bench("power_off")
            await rig.bench("fault", connectorId=1)
            await rig.bench("power_on")
            await rig.booted(2)
            await rig.bench("clear_fault", connectorId=1)
            await rig.shows(1, "Available")

    play(scene())


def test_inoperative_ends_a_reservation_at_once() -> None:
    async def scene() -> None:
        async with peers() as rig:
            await rig.reserve(1, "T3")
            await rig.answer_status("ChangeAvailability", connectorId=1, type="Inoperative")
            await rig.shows(1, "Unavailable")
            assert await rig.answer_status("CancelReservation", reservationId=7) == "Rejected"

    play(scene())


def test_reservation_of_connector_zero_keeps_one_connector_free() -> None:
    async def scene() -> None:
        async with peers(connectors=2) as rig:
            assert await rig.reserve(0, "T3") == "Accepted"
            await rig.charging("T1", 1)
            answer = await rig.answer_status("RemoteStartTransaction", idTag="T4", connectorId=2)
            assert answer == "Rejected"
            await rig.charging("T3", 2)
            assert rig.record.calls("StartTransaction")[1]["reservationId"] == 7
            assert rig.record.statuses(2) == ["Available", "Preparing", "Charging"]

    play(scene())


def test_connector_zero_is_rejected_where_it_is_not_supported() -> None:
    async def scene() -> None:
        async with peers(config={"ReserveConnectorZeroSupported": "false"}) as rig:
            assert await rig.reserve(0, "T3") == "Rejected"

    play(scene())


# Configuration and transport.


def test_configuration_is_typed() -> None:
    async def scene() -> None:
        async with peers() as rig:
            expected = {
                ("heartbeatinterval", "20"): "Accepted",
                ("HeartbeatInterval", "3.7"): "Rejected",
                ("WebSocketPingInterval", "-1"): "Rejected",
                ("LocalPreAuthorize", "TRUE"): "Accepted",
                ("LocalPreAuthorize", "1"): "Rejected",
                ("NumberOfConnectors", "2"): "Rejected",
                ("MeterValuesSampledData", "Voltage,Nonsense"): "Rejected",
                ("ConnectorPhaseRotation", "0.RST,1.RTS"): "Accepted",
                ("ConnectorPhaseRotation", "2.RST"): "Rejected",
                ("Nonsense", "1"): "NotSupported",
            }
            for (key, value), status in expected.items():
                answer = await rig.answer_status("ChangeConfiguration", key=key, value=value)
                assert (key, value, answer) == (key, value, status)
            everything = await rig.operator("GetConfiguration")
            values = {entry["key"]: entry["value"] for entry in everything["configurationKey"]}
            assert values["HeartbeatInterval"] == "20"
            assert values["LocalPreAuthorize"] == "true"
            assert values["SupportedFeatureProfiles"] == "Core,Reservation"
            assert await rig.answer_status("ClearCache") == "Rejected"
            assert await rig.answer_status("DataTransfer", vendorId="x") == "UnknownVendorId"

    play(scene())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[2,"m1","UpdateFirmware",{}]', "NotSupported"),
        ('[2,"m1","Nonsense",{}]', "NotImplemented"),
        ('[2,"m1","Reset"]', "FormationViolation"),
        ('[2,"m1","Reset",{}]', "OccurenceConstraintViolation"),
        ('[2,"m1","Reset",{"type":1}]', "TypeConstraintViolation"),
        ('[2,"m1","Reset",{"type":"Warm"}]', "PropertyConstraintViolation"),
        ('[2,"m1","ClearCache",{"x":1}]', "FormationViolation"),
    ],
)
def test_malformed_requests_are_answered_with_call_error(frame: str, code: str) -> None:
    async def scene() -> None:
        async with Rig() as rig:
            await rig.booted()
            socket = rig.csms._links["CP1"].socket
            for text in ("no json", "[]", '[9,"m1",{}]', '[3,"never asked",{}]', frame):
                await socket.send(text)
            await rig.record.until(lambda: rig.record.frames[-1].content[0] == 4)
            assert rig.record.frames[-1].content[1:3] == ["m1", code]
            assert await rig.answer_status("ClearCache") == "Rejected"

    play(scene())


def test_repeated_call_is_carried_out_once() -> None:
    async def scene() -> None:
        async with Rig() as rig:
            await rig.booted()
            link = rig.csms._links["CP1"]
            for _ in range(2):
                answer = await link.call("RemoteStartTransaction", {"idTag": "T1"}, 2.0, "same")
                assert answer == {"status": "Accepted"}
            await rig.shows(1, "Preparing")
            assert len(rig.record.calls("Authorize")) == 1

    play(scene())


def test_calls_that_cross_do_not_block_each_other() -> None:
    async def scene() -> None:
        async with Rig() as rig:
            await rig.booted()
            rig.desk.lay_down("Authorize", None)
            await rig.bench("plug_in", connectorId=1)
            await rig.bench("present_tag", idTag="T1")
            await rig.record.until(lambda: bool(rig.record.calls("Authorize")))
            assert await rig.answer_status("ClearCache") == "Rejected"

    play(scene())


# The control interfaces.


def test_bench_over_http() -> None:
    async def scene() -> None:
        async with peers() as rig:
            url = rig.charger.bench_url
            assert await post(f"{url}/health", method="GET") == (200, {"status": "up"})
            assert (await post(f"{url}/plug_in", {"connectorId": 1}))[0] == 200
            assert (await post(f"{url}/plug_in", {"connectorId": 1}))[0] == 409
            assert (await post(f"{url}/plug_in", {}))[0] == 400
            assert (await post(f"{url}/fly", {}))[0] == 404
            assert (await post(f"{url}/present_tag", {"idTag": "T1"}))[0] == 200
            await rig.shows(1, "Charging")
            for verb in ("network_down", "power_off"):
                assert (await post(f"{url}/{verb}"))[0] == 200
                assert (await post(f"{url}/{verb}"))[0] == 409

    play(scene())


def test_operator_over_http() -> None:
    async def scene() -> None:
        async with peers() as rig:
            url = f"{rig.csms.operator_url}/api/octt/1.6"
            assert await post(f"{url}/CP1/clear-cache", {}) == (200, {"status": "Rejected"})
            assert (await post(f"{url}/CP2/clear-cache", {}))[0] == 404
            assert (await post(f"{url}/CP1/fly", {}))[0] == 404
            assert (await post(f"{url}/CP1/reset", {"type": "Warm"}))[0] == 400
            both = await asyncio.gather(
                *(post(f"{url}/CP1/get-configuration", {"key": ["ResetRetries"]}) for _ in "ab")
            )
            assert [status for status, _ in both] == [200, 200]
            await rig.bench("power_off")
            await rig.record.quiet()
            assert (await post(f"{url}/CP1/clear-cache", {}))[0] == 503
            _, records = await post(f"{rig.csms.operator_url}/records/CP1", method="GET")
            assert records["statuses"] == {"0": "Available", "1": "Available"}

    play(scene())


def test_settings_are_checked() -> None:
    wrongs: list[dict[str, Any]] = [
        {"config": {"Nonsense": "1"}},
        {"config": {"HeartbeatInterval": "soon"}},
        {"faults": ["CS-7"]},
        {"connectors": 0},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"no |does not fit|has 1 to 16"):
            Charger(ChargerSettings("ws://127.0.0.1:9", **wrong))


# The CSMS on its own.


def test_csms_refuses_requests_of_a_station_that_has_not_booted() -> None:
    async def scene() -> None:
        async with Rig() as rig, RawStation(rig.csms.url) as station:
            with pytest.raises(RefusedError, match="SecurityError"):
                await station.call("Heartbeat")
            assert (await station.boot())["status"] == "Accepted"
            assert "currentTime" in await station.call("Heartbeat")

    play(scene())


def test_newest_connection_of_an_identity_wins() -> None:
    async def scene() -> None:
        async with Rig() as rig, RawStation(rig.csms.url) as older:
            await older.boot()
            async with RawStation(rig.csms.url) as newer:
                await older.ended()
                assert "currentTime" in await newer.call("Heartbeat")
                with pytest.raises(LinkLostError):
                    await older.call("Heartbeat")

    play(scene())


def test_retransmitted_start_keeps_its_transaction() -> None:
    async def scene() -> None:
        async with Rig() as rig, RawStation(rig.csms.url) as station:
            await station.boot()
            start: dict[str, Any] = {
                "connectorId": 1,
                "idTag": "T1",
                "meterStart": 5,
                "timestamp": "2024-01-01T00:00:00Z",
            }
            first = await station.call("StartTransaction", **start)
            assert await station.call("StartTransaction", **start) == first
            other = await station.call("StartTransaction", **{**start, "connectorId": 2})
            assert other["transactionId"] != first["transactionId"]
            stop: dict[str, Any] = {
                "transactionId": -1,
                "meterStop": 6,
                "timestamp": "2024-01-01T00:01:00Z",
            }
            assert await station.call("StopTransaction", **stop) == {}

    play(scene())


# Anything at all.


async def wander(rig: Rig, seed: int, steps: int) -> None:
    """Random physical and operator actions, sometimes with a pause, impossible ones included."""
    dice = random.Random(seed)
    tags = (*("T1", "T3") * 3, "T2", "T4", "t3", "BLOCKED", "NOBODY")
    bench = [
        *("plug_in", "present_tag") * 8,
        *("plug_out", "ev_ready", "ev_not_ready", "clear_fault", "network_up", "power_on") * 2,
        *("fault", "network_down", "power_off"),
    ]
    operator = [
        *("ReserveNow", "CancelReservation", "ChangeAvailability", "RemoteStartTransaction") * 2,
        *("RemoteStopTransaction", "UnlockConnector", "ChangeConfiguration", "Reset"),
    ]
    for _ in range(steps):
        connector = dice.choice((1, 2))
        if dice.random() < 0.6:
            verb = dice.choice(bench)
            number = dice.choice((0, connector)) if "fault" in verb else connector
            with suppress(ProblemError):
                await rig.bench(verb, connectorId=number, idTag=dice.choice(tags))
        else:
            action = dice.choice(operator)
            payloads: dict[str, dict[str, Any]] = {
                "ReserveNow": {
                    "connectorId": dice.choice((0, 1, 2)),
                    "idTag": dice.choice(tags),
                    "reservationId": dice.choice((1, 2)),
                    "expiryDate": clock.to_wire(
                        clock.now() + timedelta(seconds=dice.choice((0.1, 9)))
                    ),
                    **dice.choice(({}, {"parentIdTag": "FAMILY"})),
                },
                "CancelReservation": {"reservationId": dice.choice((1, 2))},
                "ChangeAvailability": {
                    "connectorId": dice.choice((0, 1, 2)),
                    "type": dice.choice((*("Operative",) * 3, "Inoperative")),
                },
                "RemoteStartTransaction": {
                    "idTag": dice.choice(tags),
                    **dice.choice(({}, {"connectorId": connector})),
                },
                "RemoteStopTransaction": {"transactionId": len(rig.station.transactions)},
                "UnlockConnector": {"connectorId": connector},
                "ChangeConfiguration": {
                    "key": dice.choice(
                        (
                            "AuthorizeRemoteTxRequests",
                            "StopTransactionOnEVSideDisconnect",
                            "StopTransactionOnInvalidId",
                            "UnlockConnectorOnEVSideDisconnect",
                            "AllowOfflineTxForUnknownId",
                        )
                    ),
                    "value": dice.choice(("true", "false")),
                },
                "Reset": {"type": dice.choice(("Soft", "Hard"))},
            }
            with suppress(ProblemError):
                await rig.operator(action, **payloads[action])
        if dice.random() < 0.5:
            await asyncio.sleep(dice.choice((0, 0.005, 0.03)))
    for verb in ("power_on", "network_up"):
        with suppress(ProblemError):
            await rig.bench(verb)


async def come_home(rig: Rig) -> None:
    """Take away cables, errors and reservations, and open every connector."""
    await rig.record.quiet(0.7)
    for number in (0, 1, 2):
        with suppress(ProblemError):
            await rig.bench("clear_fault", connectorId=number)
    await rig.operator("ChangeAvailability", connectorId=0, type="Operative")
    await rig.operator("ChangeConfiguration", key="StopTransactionOnEVSideDisconnect", value="true")
    for number in (1, 2):
        with suppress(ProblemError):
            await rig.bench("plug_in", connectorId=number)
        await rig.bench("plug_out", connectorId=number)
        await rig.operator("CancelReservation", reservationId=number)
        await rig.operator("UnlockConnector", connectorId=number)
    await rig.record.quiet(0.2)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_is_lawful_and_comes_to_an_end(seed: int) -> None:
    async def scene() -> None:
        async with Rig(connectors=2) as rig:
            await rig.booted()
            await wander(rig, seed, 60)
            await come_home(rig)
            assert [record for record in rig.station.transactions if record.is_open] == []
            assert [rig.record.statuses(number)[-1] for number in (0, 1, 2)] == ["Available"] * 3
        judge(rig.record)

    play(scene())


# As programs.


async def until_record(url: str, holds: Callable[[Any], bool]) -> None:
    """Ask for a station's record until something holds for it."""
    async with asyncio.timeout(8):
        while not holds((await post(url, method="GET"))[1]):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


def test_both_peers_run_as_programs(tmp_path: Path) -> None:
    tags = tmp_path / "tags.yaml"
    tags.write_text("T1: {status: Accepted, parentIdTag: P}\n", encoding="utf-8")

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def address(program: subprocess.Popen[str]) -> str:
        assert program.stdout is not None
        return program.stdout.readline().split()[1]

    async def scene(bench: str, operator: str) -> None:
        records = f"{operator}/records/CP%201"
        await until_record(records, lambda record: record.get("registration") == "Accepted")
        assert (await post(f"{bench}/plug_in", {"connectorId": 2}))[0] == 200
        assert (await post(f"{bench}/present_tag", {"idTag": "T1"}))[0] == 200
        await until_record(records, lambda record: bool(record["transactions"]))
        url = f"{operator}/api/octt/1.6/CP%201/remote-stop-transaction"
        assert (await post(url, {"transactionId": 1}))[1] == {"status": "Accepted"}

    programs = [start("tests.peers.csms", "--tags", str(tags))]
    try:
        csms, operator = address(programs[0]), address(programs[0])
        options = ["--csms", csms, "--station", "CP 1", "--connectors", "2"]
        options += ["--config", "MeterValueSampleInterval=0", "--fault", "CP-S1", "--speed"]
        programs.append(start("tests.peers.charger", *options))
        asyncio.run(scene(address(programs[1]), operator))
    finally:
        for program in programs:
            program.terminate()
            program.communicate(timeout=10)
    assert [program.returncode for program in programs] == [0, 0]


@pytest.mark.parametrize(("peer", "fault"), [("charger", "CP-T1"), ("csms", "CS-7")])
def test_faults_are_listed(peer: str, fault: str) -> None:
    command = [sys.executable, "-m", f"tests.peers.{peer}", "--list-faults"]
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert any(line.startswith(f"{fault} ") for line in listed.stdout.splitlines())


def test_wrong_options_are_misuse() -> None:
    command = [sys.executable, "-m", "tests.peers.charger", "--csms", "ws://127.0.0.1:9"]
    for wrong in (["--fault", "CS-7"], ["--config", "Nonsense=1"]):
        ended = subprocess.run([*command, *wrong], capture_output=True, text=True, cwd=ROOT)
        assert ended.returncode == 2
        assert "no " in ended.stderr
