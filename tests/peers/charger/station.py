"""The charger's controller between two restarts: tags, sessions, statuses, timers."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from tests.peers.charger.clockwork import Clock
from tests.peers.charger.configuration import MEASURANDS, Configuration
from tests.peers.charger.connector import Attempt, Authorization, Connector, Hardware, Memory
from tests.peers.charger.line import Line
from tests.peers.charger.reservations import (
    UNKNOWN,
    Claim,
    Holder,
    Parent,
    Reservation,
    Reservations,
)
from tests.peers.charger.settings import ChargerSettings
from tests.peers.charger.transactions import (
    Entry,
    Kind,
    Meter,
    Outbox,
    Transaction,
    meter_value,
)
from tests.peers.charger.transitions import Status, path
from tests.peers.clock import to_wire
from tests.peers.faults import Faults
from tests.peers.rpc import AnswerMemory, Link, LinkLostError, NoAnswerError, RefusedError
from tests.peers.schema import Payload

LOGGER = logging.getLogger(__name__)

Reason = Literal[
    "DeAuthorized", "EVDisconnected", "HardReset", "Local", "PowerLoss", "Remote", "SoftReset",
    "UnlockCommand",
]  # fmt: skip
ResetType = Literal["Hard", "Soft"]

EV_DISCONNECTED = "EV side disconnected"


@dataclass(slots=True)
class Storage:
    """What the charger keeps without power."""

    config: Configuration
    connectors: dict[int, Memory]
    meters: dict[int, Meter]
    outbox: Outbox = field(default_factory=Outbox)
    reservations: Reservations = field(default_factory=Reservations)
    clock: Clock = field(default_factory=Clock)
    answers: AnswerMemory = field(default_factory=AnswerMemory)
    is_operative: bool = True
    is_scheduled: bool = False
    """The whole station becomes inoperative as soon as its last connector is free."""
    was_ever_accepted: bool = False
    went_down: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of an identifier after asking."""

    is_accepted: bool
    parent: str | None = None


class Station:
    """One life of the controller, from power-up to the next restart."""

    def __init__(
        self,
        settings: ChargerSettings,
        faults: Faults,
        storage: Storage,
        hardware: dict[int, Hardware],
        network: asyncio.Event,
        restart: Callable[[ResetType], None],
        serve: Callable[[Station, str, Payload], Payload | None],
    ) -> None:
        self.settings = settings
        self.faults = faults
        self.storage = storage
        self.config = storage.config
        self.hardware = hardware
        self.is_resetting = False
        self._restart = restart
        self._serve = serve
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tags: asyncio.Queue[tuple[str, int | None]] = asyncio.Queue()
        self._plugs = 0
        self._reported: dict[int, Status] = {}
        self._expiries: dict[int, asyncio.TimerHandle] = {}
        self._status: Status = "Available"
        self.connectors = {
            number: Connector(
                number,
                hardware[number],
                storage.connectors[number],
                storage.meters[number],
                storage.reservations,
                hardware[0],
                faults,
            )
            for number in storage.connectors
        }
        self.line = Line(
            settings,
            faults,
            self.config,
            storage.outbox,
            storage.answers,
            storage.clock,
            network,
            self,
        )

    # Life.

    def start(self) -> None:
        """Power up: take over what was stored, then look for the central system."""
        if self.faults.has("CP-E5"):
            self.storage.is_operative = True
            for memory in self.storage.connectors.values():
                memory.operative = True
        self._close_interrupted()
        for connector in self.connectors.values():
            connector.status = connector.derived()
            self._watch_preparing(connector)
        self._status = self._derived()
        for reservation in self.storage.reservations.all():
            self._watch_expiry(reservation)
        self._spawn(self._read_tags())
        self.line.start()

    async def shut(self, is_abrupt: bool) -> None:
        """The end of this life, by a restart or for want of power."""
        self.storage.went_down = self.line.clock.now()
        for connector in self.connectors.values():
            connector.meter.flow(False)
            for timer in (connector.timer, connector.sampler, connector.aligner):
                if timer is not None:
                    timer.cancel()
        for timer in self._expiries.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await self.line.stop(is_abrupt)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _close_interrupted(self) -> None:
        """Stop the transactions that the last life left open."""
        outbox = self.storage.outbox
        if self.faults.has("CP-O2"):
            outbox.drop(
                lambda entry: entry.kind == "StartTransaction" and entry.transaction.begun_offline
            )
        if self.faults.has("CP-O8") and outbox.last_stop is not None:
            outbox.add(replace(outbox.last_stop, number=outbox.next_number(), sent=0, failures=0))
        for connector in self.connectors.values():
            memory = connector.memory
            if memory.transaction is None:
                continue
            if not self.faults.has("CP-O7"):
                moment = self.storage.went_down or self.line.clock.now()
                self._queue_stop(connector, memory.transaction, "PowerLoss", None, moment)
            memory.transaction = None
            memory.finishing = "stopped" if connector.hardware.plugged else None
            if self.faults.has("CP-S4"):
                memory.finishing = None
                memory.is_stale = True

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            LOGGER.error("the charger's controller failed", exc_info=task.exception())

    # What the line reports.

    def serve(self, action: str, payload: Payload) -> Payload | None:
        return self._serve(self, action, payload)

    def accepted(self) -> None:
        self.storage.was_ever_accepted = True
        for number, status in self.statuses():
            self._report(number, status)

    def pending(self, link: Link) -> None:
        if self.faults.has("CP-B1"):
            self._spawn(self._report_too_early(link))

    async def _report_too_early(self, link: Link) -> None:
        for number, status in self.statuses():
            with suppress(LinkLostError, NoAnswerError, RefusedError):
                await link.call("StatusNotification", self._notification(number, status), 5.0)

    def reconnected(self) -> None:
        """Report what changed while there was no connection, and nothing else."""
        for number, status in self.statuses():
            if self.faults.has("CP-S13") and number and self.connectors[number].memory.transaction:
                self._report(number, "Available")
            elif self._reported.get(number) != status:
                self._report(number, status)

    def clock_was_set(self) -> None:
        for reservation in self.storage.reservations.all():
            self._watch_expiry(reservation)

    def answered(self, entry: Entry, answer: Payload) -> None:
        if entry.kind == "StartTransaction":
            self._start_was_answered(entry.transaction, answer)

    def _start_was_answered(self, transaction: Transaction, answer: Payload) -> None:
        info = answer["idTagInfo"]
        transaction.transaction_id = answer["transactionId"]
        transaction.parent = info.get("parentIdTag", transaction.parent)
        connector = self.connectors[transaction.connector_id]
        if info["status"] == "Accepted" or connector.memory.transaction is not transaction:
            return
        if self.faults.has("CP-T6"):
            return
        if self.config.flag("StopTransactionOnInvalidId"):
            self.stop(connector, "DeAuthorized")
        else:
            transaction.was_refused = True
            self.refresh(connector)

    # Statuses.

    def statuses(self) -> list[tuple[int, Status]]:
        """The present status of connector 0 and of each connector."""
        return [(0, self._status), *((c.number, c.status) for c in self.connectors.values())]

    def _derived(self) -> Status:
        if self.hardware[0].errors:
            return "Faulted"
        return "Available" if self.storage.is_operative else "Unavailable"

    def refresh_station(self) -> None:
        """Bring the status of connector 0 in line with the facts and report a change."""
        storage = self.storage
        if storage.is_scheduled and not any(c.memory.operative for c in self.connectors.values()):
            storage.is_scheduled = False
            self._close_station()
        if self._status != self._derived():
            self._status = self._derived()
            self._report(0, self._status)

    def _close_station(self) -> None:
        self.storage.is_operative = False
        for reservation in self.storage.reservations.anywhere():
            self.end_reservation(reservation)

    def refresh(self, connector: Connector, info: str | None = None) -> None:
        """Bring a connector's status in line with the facts and report every step of the change."""
        if connector.memory.scheduled and connector.derived() in ("Available", "Reserved"):
            self.make_inoperative(connector)
        target = connector.derived()
        if connector.status != target:
            for status in self._way(connector, target):
                connector.status = status
                self._report(connector.number, status, info if status == target else None)
            self._watch_preparing(connector)
        connector.meter.flow(target == "Charging")
        self.refresh_station()

    def _way(self, connector: Connector, target: Status) -> list[Status]:
        source = connector.status
        if source == "Reserved":
            # A reservation that ended leaves Available behind, even if a cable is in already.
            is_idle = connector.authorization is None and connector.attempt is None
            if target == "Preparing" and is_idle:
                return ["Available", target]
            if target == "Unavailable" and self.faults.has("CP-S6"):
                return ["Available", target]
        return path(source, target)

    def _report(self, number: int, status: Status, info: str | None = None) -> None:
        """Send a status while online; otherwise the next connection shows what is then true."""
        if self.faults.has("CP-S1") and status == "Charging":
            return
        if self.faults.has("CP-S10") and status == "Preparing":
            return

        def reported() -> None:
            self._reported[number] = status

        self.line.send("StatusNotification", self._notification(number, status, info), reported)

    def _notification(self, number: int, status: Status, info: str | None = None) -> Payload:
        error = "NoError"
        if status == "Faulted":
            error = (self.hardware[number].errors or self.hardware[0].errors)[-1]
        payload: Payload = {
            "connectorId": number,
            "errorCode": error,
            "status": status,
            "timestamp": self._wire_time(),
        }
        if info is not None:
            payload["info"] = info
        return payload

    def _wire_time(self) -> str:
        return to_wire(self.line.clock.now())

    # Preparing and its end.

    def _watch_preparing(self, connector: Connector) -> None:
        """Preparing begins or ends, or begins anew; its timer with it."""
        connector.preparing_since = self._loop.time()
        self._set_timer(connector)

    def _set_timer(self, connector: Connector) -> None:
        """Aim at the end of ConnectionTimeOut, counted from the beginning of Preparing."""
        if connector.timer is not None:
            connector.timer.cancel()
            connector.timer = None
        if connector.status == "Preparing":
            due = connector.preparing_since + self.config.number("ConnectionTimeOut")
            connector.timer = self._loop.call_at(due, self._lapse, connector)

    def _lapse(self, connector: Connector) -> None:
        """ConnectionTimeOut has passed in Preparing."""
        connector.timer = None
        if connector.hardware.plugged:
            if connector.attempt is not None:
                self._watch_preparing(connector)  # the answer about the identifier is under way
                return
            connector.memory.finishing = "timed out"
        elif self.faults.has("CP-T14"):
            return
        self.withdraw(connector)
        self.refresh(connector)

    def withdraw(self, connector: Connector) -> None:
        """Give up whatever was authorized, or is being authorized, on a connector."""
        connector.cancel_attempt()
        connector.authorization = None

    def config_changed(self, name: str) -> None:
        """Make a changed configuration key effective at once."""
        self.line.config_changed()
        match name.lower():
            case "connectiontimeout":
                for connector in self.connectors.values():
                    self._set_timer(connector)
            case "metervaluesampleinterval":
                if not self.faults.has("CP-T22"):
                    for connector in self.connectors.values():
                        self._watch_samples(connector)
            case "clockaligneddatainterval":
                for connector in self.connectors.values():
                    self._watch_aligned(connector)
            case _:
                pass  # read afresh wherever it counts

    # Identifiers.

    def same(self, one: str, other: str) -> bool:
        """Whether two identifiers are the same; letter case does not count."""
        if self.faults.has("CP-T5"):
            return one == other
        return one.lower() == other.lower()

    def claim(self, connector: Connector, id_tag: str, parent: Parent) -> Claim:
        """What the reservations say about `id_tag` on `connector`."""
        others = sum(c.is_free for c in self.connectors.values() if c is not connector)
        return self.storage.reservations.claim(connector.number, id_tag, parent, others, self.same)

    def present(self, id_tag: str, number: int | None) -> None:
        """Somebody holds a card to the reader; cards are dealt with one after the other."""
        self._tags.put_nowait((id_tag, number))

    async def _read_tags(self) -> None:
        while True:
            id_tag, number = await self._tags.get()
            await self._handle_tag(id_tag, number)

    async def _handle_tag(self, id_tag: str, number: int | None) -> None:
        if self.is_resetting or self.line.registration in ("Pending", "Rejected"):
            return
        if not self.storage.was_ever_accepted:
            return
        connector = self._pick(id_tag) if number is None else self.connectors[number]
        memory = connector.memory
        if memory.transaction is not None:
            await self._handle_tag_in_transaction(connector, memory.transaction, id_tag)
        elif memory.held_for is not None:
            if self.same(memory.held_for, id_tag):
                self.release(connector)
        elif (
            connector.is_faulted
            or not memory.operative
            or connector.attempt is not None
            or (memory.finishing is not None and memory.scheduled)
        ):
            return
        elif memory.finishing == "timed out" and number is None and len(self.connectors) > 1:
            return  # a card at a shared reader does not start on a cable somebody left behind
        elif connector.authorization and self.same(connector.authorization.id_tag, id_tag):
            self.withdraw(connector)
            self.refresh(connector)
        else:
            await self._handle_tag_to_start(connector, id_tag)

    async def _handle_tag_in_transaction(
        self, connector: Connector, transaction: Transaction, id_tag: str
    ) -> None:
        if self.same(transaction.id_tag, id_tag):
            self.stop(connector, "Local", id_tag)
            return
        takes_anyone = self.faults.has("CP-T4")
        if (transaction.parent is None and not takes_anyone) or not self.line.is_online:
            return
        verdict = await self._authorize(id_tag)
        if not verdict.is_accepted or connector.memory.transaction is not transaction:
            return
        is_group = (
            verdict.parent is not None
            and transaction.parent is not None
            and self.same(verdict.parent, transaction.parent)
        )
        if is_group or takes_anyone:
            self.stop(connector, "Local", id_tag)

    async def _handle_tag_to_start(self, connector: Connector, id_tag: str) -> None:
        claim = self.claim(connector, id_tag, UNKNOWN)
        if claim == "refused" and not self.faults.has("CP-V1"):
            return
        if connector.memory.is_stale:
            return
        attempt = Attempt(id_tag, is_remote=False)
        connector.attempt = attempt
        await self._settle(connector, attempt)

    def settle_later(self, connector: Connector, attempt: Attempt) -> None:
        """Ask about the identifier of a remote attempt without holding up the reader."""
        self._spawn(self._settle(connector, attempt))

    async def _settle(self, connector: Connector, attempt: Attempt) -> None:
        """Ask about the identifier of an attempt and act on the answer."""
        verdict = await self._authorize(attempt.id_tag)
        if attempt.is_cancelled:
            return
        if verdict.is_accepted or self.faults.has("CP-T1"):
            self.grant(connector, attempt, verdict.parent)
        else:
            connector.attempt = None
            self.refresh(connector)

    def grant(self, connector: Connector, attempt: Attempt, parent: Parent) -> None:
        """The identifier is good; start if the reservations and the cable allow it."""
        connector.attempt = None
        claim = self.claim(connector, attempt.id_tag, parent)
        overrides = attempt.overrides_reservation or self.faults.has("CP-V1")
        reservation = claim.reservation if isinstance(claim, Holder) else None
        if claim == "free" or reservation is not None or overrides:
            known = parent if isinstance(parent, str) else None
            connector.authorization = Authorization(attempt.id_tag, known, reservation)
            connector.memory.finishing = None
        self.refresh(connector)
        self.start_if_ready(connector)

    async def _authorize(self, id_tag: str) -> Verdict:
        """Ask the central system; without a connection only the offline rule decides."""
        if self.line.is_online:
            try:
                answer = await self.line.ask("Authorize", {"idTag": id_tag})
            except LinkLostError:
                pass
            except (NoAnswerError, RefusedError):
                return Verdict(False)
            else:
                info = answer["idTagInfo"]
                return Verdict(info["status"] == "Accepted", info.get("parentIdTag"))
        return Verdict(self.config.flag("AllowOfflineTxForUnknownId"))

    def _pick(self, id_tag: str) -> Connector:
        """The connector that a card at the shared reader is meant for."""

        def rank(connector: Connector) -> tuple[int, int]:
            memory = connector.memory
            held = self.storage.reservations.on(connector.number)
            if memory.transaction is not None:
                place = 0 if self.same(memory.transaction.id_tag, id_tag) else 8
            elif memory.held_for is not None and self.same(memory.held_for, id_tag):
                place = 0
            elif connector.is_faulted or not memory.operative:
                place = 9
            elif connector.authorization and self.same(connector.authorization.id_tag, id_tag):
                place = 1
            elif held is not None:
                place = 2 if self.same(held.id_tag, id_tag) else 6
            elif connector.authorization is not None:
                place = 7
            elif memory.finishing is not None:
                place = 5 if memory.finishing == "stopped" else 9
            elif connector.hardware.plugged:
                place = 3
            else:
                place = 4
            return place, connector.plugged_order

        return min(self.connectors.values(), key=rank)

    # Sessions.

    def start_if_ready(self, connector: Connector) -> None:
        """Begin a transaction once the cable is in and an identifier is authorized."""
        memory = connector.memory
        authorization = connector.authorization
        can_run = memory.operative or self.faults.has("CP-T9")
        if (
            authorization is None
            or not connector.hardware.plugged
            or memory.transaction is not None
            or connector.is_faulted
            or not can_run
            or self.is_resetting
        ):
            return
        reservations = self.storage.reservations
        reservation = authorization.reservation
        if reservation is not None and not reservations.holds(reservation):
            reservation = None
        transaction = Transaction(
            connector_id=connector.number,
            id_tag=authorization.id_tag,
            parent=authorization.parent,
            started=self.line.clock.now(),
            meter_start=connector.meter.energy(),
            reservation_id=reservation.reservation_id if reservation is not None else None,
            begun_offline=not self.line.is_online,
        )
        if reservation is not None:
            self.forget(reservation)
        memory.transaction = transaction
        memory.finishing = None
        connector.authorization = None
        if self.faults.has("CP-T3"):
            connector.kept = authorization
        payload: Payload = {
            "connectorId": connector.number,
            "idTag": transaction.id_tag,
            "meterStart": self._whole(transaction.meter_start),
            "timestamp": to_wire(transaction.started),
        }
        if transaction.reservation_id is not None and not self.faults.has("CP-V3"):
            payload["reservationId"] = transaction.reservation_id
        self._queue("StartTransaction", transaction, payload)
        self.refresh(connector)
        self._keep_value(connector, transaction, "Transaction.Begin", transaction.started)
        connector.sampling_since = self._loop.time()
        self._watch_samples(connector)
        self._watch_aligned(connector)

    def stop(self, connector: Connector, reason: Reason, id_tag: str | None = None) -> None:
        """End the transaction of a connector; the cable decides what comes after."""
        transaction = connector.memory.transaction
        if transaction is None:
            return
        moment = self.line.clock.now()
        self._keep_value(connector, transaction, "Transaction.End", moment)
        connector.memory.transaction = None
        self._watch_samples(connector)
        self._watch_aligned(connector)
        self._queue_stop(connector, transaction, reason, id_tag, moment)
        if self.faults.has("CP-T17"):
            value = meter_value(connector.meter, MEASURANDS[:1], "Sample.Periodic", moment)
            payload = {"connectorId": connector.number, "meterValue": [value]}
            self._queue("MeterValues", transaction, payload)
        if connector.hardware.plugged:
            connector.memory.finishing = "stopped"
        elif reason == "EVDisconnected":
            self._end_at_vehicle(connector, transaction)
            return
        self.refresh(connector)

    def _end_at_vehicle(self, connector: Connector, transaction: Transaction) -> None:
        """The vehicle end was pulled: Finishing, and the plug is released if the key says so."""
        connector.memory.finishing = "stopped"
        connector.memory.held_for = transaction.id_tag
        self.refresh(connector, EV_DISCONNECTED)
        if self.config.flag("UnlockConnectorOnEVSideDisconnect"):
            self.release(connector)

    def release(self, connector: Connector) -> None:
        """Open the lock of a plug that hangs loose at the vehicle; the user takes it away."""
        connector.memory.held_for = None
        if not connector.hardware.plugged:
            connector.memory.finishing = None
        self.refresh(connector)

    def _queue_stop(
        self,
        connector: Connector,
        transaction: Transaction,
        reason: Reason,
        id_tag: str | None,
        moment: datetime,
    ) -> None:
        payload: Payload = {
            "meterStop": self._whole(connector.meter.energy()),
            "timestamp": to_wire(max(moment, transaction.started)),
            "reason": reason,
        }
        if id_tag is not None:
            payload["idTag"] = id_tag
        elif self.faults.has("CP-T15") and reason in ("HardReset", "SoftReset"):
            payload["idTag"] = reason
        if transaction.values:
            payload["transactionData"] = transaction.values
        self._queue("StopTransaction", transaction, payload)

    def _queue(self, kind: Kind, transaction: Transaction, payload: Payload) -> None:
        outbox = self.storage.outbox
        outbox.add(Entry(kind, transaction, payload, outbox.next_number()))
        self.line.poke()

    def _whole(self, energy: float) -> int | float:
        return int(energy) + 0.37 if self.faults.has("CP-T19") else int(energy)

    # Meter values.

    def _keep_value(
        self, connector: Connector, transaction: Transaction, context: str, moment: datetime
    ) -> None:
        """Note a value for transactionData if StopTxnSampledData asks for any."""
        value = meter_value(
            connector.meter, self.config.items("StopTxnSampledData"), context, moment
        )
        if value is not None:
            transaction.values.append(value)

    def _watch_samples(self, connector: Connector) -> None:
        """Aim at the next point of the grid that starts with the transaction."""
        if connector.sampler is not None:
            connector.sampler.cancel()
            connector.sampler = None
        interval = self.config.number("MeterValueSampleInterval")
        if connector.memory.transaction is not None and interval > 0:
            passed = self._loop.time() - connector.sampling_since
            steps = math.floor(passed / interval + 1e-6) + 1
            connector.sampler = self._loop.call_at(
                connector.sampling_since + steps * interval, self._sample, connector
            )

    def _sample(self, connector: Connector) -> None:
        transaction = connector.memory.transaction
        if transaction is None:
            return
        moment = self.line.clock.now()
        measurands = self.config.items("MeterValuesSampledData") or list(MEASURANDS[:1])
        self._send_value(connector, transaction, measurands, "Sample.Periodic", moment)
        self._keep_value(connector, transaction, "Sample.Periodic", moment)
        self._watch_samples(connector)

    def _watch_aligned(self, connector: Connector) -> None:
        """Aim at the next point of the grid that starts at midnight."""
        if connector.aligner is not None:
            connector.aligner.cancel()
            connector.aligner = None
        interval = self.config.number("ClockAlignedDataInterval")
        if connector.memory.transaction is None or interval <= 0:
            return
        now = self.line.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        steps = math.floor((now - midnight).total_seconds() / interval + 1e-3) + 1
        due = min(midnight + timedelta(seconds=steps * interval), midnight + timedelta(days=1))
        connector.aligner = self._loop.call_later(
            (due - now).total_seconds(), self._align, connector, due
        )

    def _align(self, connector: Connector, moment: datetime) -> None:
        transaction = connector.memory.transaction
        if transaction is None:
            return
        measurands = self.config.items("MeterValuesAlignedData")
        self._send_value(connector, transaction, measurands, "Sample.Clock", moment)
        kept = self.config.items("StopTxnAlignedData")
        value = meter_value(connector.meter, kept, "Sample.Clock", moment)
        if value is not None:
            transaction.values.append(value)
        self._watch_aligned(connector)

    def _send_value(
        self,
        connector: Connector,
        transaction: Transaction,
        measurands: list[str],
        context: str,
        moment: datetime,
    ) -> None:
        if self.faults.has("CP-O13") and self.line.reconnections:
            return
        value = meter_value(connector.meter, measurands, context, moment)
        if value is not None:
            payload = {"connectorId": connector.number, "meterValue": [value]}
            self._queue("MeterValues", transaction, payload)

    # Availability and reservations.

    def make_inoperative(self, connector: Connector) -> None:
        """Close a connector now; its reservation and whatever was pending end."""
        connector.memory.operative = False
        connector.memory.scheduled = False
        connector.memory.finishing = None
        self.withdraw(connector)
        held = self.storage.reservations.on(connector.number)
        if held is not None:
            self.forget(held)

    def close_station(self) -> None:
        """Close the station as a whole; connectors are closed one by one."""
        self._close_station()
        self.refresh_station()

    def forget(self, reservation: Reservation) -> None:
        """A reservation is over; statuses are left to the caller."""
        self.storage.reservations.remove(reservation)
        timer = self._expiries.pop(reservation.reservation_id, None)
        if timer is not None:
            timer.cancel()

    def end_reservation(self, reservation: Reservation) -> None:
        """A reservation is over and its connector, if it has one, is free again."""
        self.forget(reservation)
        if reservation.connector_id:
            self.refresh(self.connectors[reservation.connector_id])

    def hold_reservation(self, reservation: Reservation) -> None:
        """Take a reservation in; statuses are left to the caller."""
        self.storage.reservations.add(reservation)
        self._watch_expiry(reservation)

    def _watch_expiry(self, reservation: Reservation) -> None:
        timer = self._expiries.pop(reservation.reservation_id, None)
        if timer is not None:
            timer.cancel()
        if self.faults.has("CP-V6"):
            return
        left = (reservation.expiry - self.line.clock.now()).total_seconds()
        # A timer further away than a day is set anew then.
        self._expiries[reservation.reservation_id] = self._loop.call_later(
            min(max(0.0, left), 86400.0), self._expire, reservation
        )

    def _expire(self, reservation: Reservation) -> None:
        if not self.storage.reservations.holds(reservation):
            return
        if reservation.expiry > self.line.clock.now():
            self._watch_expiry(reservation)
        else:
            self.end_reservation(reservation)

    def without_report(self, connector: Connector) -> None:
        """Let a connector take its status in silence; only CP-V7 does that."""
        connector.status = connector.derived()
        self._reported[connector.number] = connector.status

    # Reset.

    def begin_reset(self, kind: ResetType) -> None:
        """End transactions, then restart; the answer to the request has gone out by then."""
        self.is_resetting = True
        for connector in self.connectors.values():
            if not (kind == "Soft" and self.faults.has("CP-T16")):
                self.stop(connector, "SoftReset" if kind == "Soft" else "HardReset")
        self._restart(kind)

    # Physical events.

    def plugged_in(self, connector: Connector) -> None:
        self._plugs += 1
        connector.plugged_order = self._plugs
        connector.memory.finishing = None
        connector.memory.held_for = None
        if connector.kept is not None and connector.memory.transaction is None:  # CP-T3
            connector.authorization = connector.kept
        self.refresh(connector)
        self.start_if_ready(connector)

    def plugged_out(self, connector: Connector) -> None:
        memory = connector.memory
        if memory.transaction is not None:
            ends = self.config.flag("StopTransactionOnEVSideDisconnect")
            if ends or self.faults.has("CP-T20"):
                self.stop(connector, "EVDisconnected")
            else:
                self.refresh(connector, EV_DISCONNECTED)
            return
        if self.faults.has("CP-T3") and connector.authorization is not None:
            connector.kept = connector.authorization
        self.withdraw(connector)
        memory.finishing = None
        held = self.storage.reservations.on(connector.number)
        if held is not None and self.faults.has("CP-V14"):
            self.forget(held)
        self.refresh(connector)

    def vehicle_changed(self, connector: Connector) -> None:
        """The vehicle began or ceased to draw energy."""
        self.refresh(connector)

    def fault_changed(self, number: int) -> None:
        """An error came or went at a connector, or at the station for number 0."""
        affected = list(self.connectors.values()) if number == 0 else [self.connectors[number]]
        if number == 0 and self.hardware[0].errors:
            for reservation in self.storage.reservations.anywhere():
                self.forget(reservation)
        for connector in affected:
            if connector.is_faulted:
                self.withdraw(connector)
                held = self.storage.reservations.on(connector.number)
                if held is not None:
                    self.forget(held)
            self.refresh(connector)
        self.refresh_station()
