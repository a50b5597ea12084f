"""The charger's controller between two restarts: tags, sessions, statuses, timers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from tests.peers.charger.clockwork import Clock
from tests.peers.charger.configuration import MEASURANDS, Configuration
from tests.peers.charger.connector import Connector, Hardware, Memory
from tests.peers.charger.identification import Identification
from tests.peers.charger.line import Line
from tests.peers.charger.reservations import (
    Reservation,
    Reservations,
)
from tests.peers.charger.sampling import Sampling
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
from tests.peers.rpc import Link, LinkLostError, NoAnswerError, RefusedError
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
    is_operative: bool = True
    is_scheduled: bool = False
    """The whole station becomes inoperative as soon as its last connector is free."""
    was_ever_accepted: bool = False
    went_down: datetime | None = None


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
            storage.clock,
            network,
            self,
        )
        self.identification = Identification(self)
        self.sampling = Sampling(self.config, faults, self.line, self._queue)

    # Life.

    def start(self) -> None:
        """Power up: take over what was stored, then look for the central system."""
        if self.faults.has("CP-E5"):
            self.storage.is_operative = True
            for memory in self.storage.connectors.values():
                memory.operative = True
        self._close_interrupted()
        self._drop_for_faults()
        self._close_what_was_scheduled()
        for connector in self.connectors.values():
            connector.status = connector.derived()
            self._watch_preparing(connector)
        self._status = self._derived()
        for reservation in self.storage.reservations.all():
            self._watch_expiry(reservation)
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

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
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
            self.spawn(self._report_too_early(link))

    async def _report_too_early(self, link: Link) -> None:
        payloads = [self._notification(number, status) for number, status in self.statuses()]
        for payload in payloads:
            with suppress(LinkLostError, NoAnswerError, RefusedError):
                await link.call("StatusNotification", payload, 5.0)

    def reconnected(self) -> None:
        """Report what changed while there was no connection, and nothing else."""
        for number, status in self.statuses():
            if self.faults.has("CP-S13") and number and self.connectors[number].memory.transaction:
                self._report(number, "Available")
            elif self._reported.get(number) != status and not self.line.is_about_to_tell(
                number, status
            ):
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
        self._close_scheduled_station()
        if self._status != self._derived():
            self._status = self._derived()
            self._report(0, self._status)

    def _close_what_was_scheduled(self) -> None:
        """At power-up nobody may be left who kept a connector from closing."""
        for connector in self.connectors.values():
            if connector.memory.scheduled and connector.derived() in ("Available", "Reserved"):
                self.make_inoperative(connector)
        self._close_scheduled_station()

    def _close_scheduled_station(self) -> None:
        storage = self.storage
        if storage.is_scheduled and not any(c.memory.operative for c in self.connectors.values()):
            storage.is_scheduled = False
            self._close_station()

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
                        self.sampling.watch_samples(connector)
            case "clockaligneddatainterval":
                for connector in self.connectors.values():
                    self.sampling.watch_aligned(connector)
            case _:
                pass  # read afresh wherever it counts

    # Identifiers.

    def same(self, one: str, other: str) -> bool:
        """Whether two identifiers are the same; letter case does not count."""
        if self.faults.has("CP-T5"):
            return one == other
        return one.lower() == other.lower()

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
        self.sampling.begin(connector, transaction)

    def stop(self, connector: Connector, reason: Reason, id_tag: str | None = None) -> None:
        """End the transaction of a connector; the cable decides what comes after."""
        transaction = connector.memory.transaction
        if transaction is None:
            return
        moment = self.line.clock.now()
        self.sampling.keep(connector, transaction, "Transaction.End", moment)
        connector.memory.transaction = None
        self.sampling.end(connector)
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

    def _drop_for_faults(self) -> None:
        """A fault ends reservations and whatever was about to start."""
        if self.hardware[0].errors:
            for reservation in self.storage.reservations.anywhere():
                self.forget(reservation)
        for connector in self.connectors.values():
            if connector.is_faulted:
                self.withdraw(connector)
                held = self.storage.reservations.on(connector.number)
                if held is not None:
                    self.forget(held)

    def fault_changed(self, number: int) -> None:
        """An error came or went at a connector, or at the station for number 0."""
        self._drop_for_faults()
        for connector in self.connectors.values():
            if number in (0, connector.number):
                self.refresh(connector)
        self.refresh_station()
