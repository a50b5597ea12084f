"""What the CSMS remembers of its stations: transactions, reservations, statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.peers import clock
from tests.peers.csms.settings import Registration
from tests.peers.schema import Payload


@dataclass(slots=True, eq=False)
class TransactionRecord:
    """One transaction of one station; `stop` is the StopTransaction.req that ended it."""

    transaction_id: int
    start: Payload
    status: str
    stop: Payload | None = None
    meter_values: list[Payload] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.stop is None


ReservationState = Literal["held", "used", "expired", "cancelled", "replaced", "dropped"]


@dataclass(slots=True, eq=False)
class ReservationRecord:
    """One accepted reservation; `dropped` means that its connector or station failed or closed."""

    request: Payload
    expiry: datetime
    state: ReservationState = "held"

    @property
    def reservation_id(self) -> int:
        return int(self.request["reservationId"])


@dataclass(slots=True, eq=False)
class StationRecord:
    """One station; the record outlives its connections."""

    identity: str
    registration: Registration | None = None
    boots: list[Payload] = field(default_factory=list)
    transactions: list[TransactionRecord] = field(default_factory=list)
    reservations: list[ReservationRecord] = field(default_factory=list)
    statuses: dict[int, Payload] = field(default_factory=dict)
    """The last StatusNotification.req of each connector; connector 0 is kept apart."""
    max_keys: int | None = None
    """GetConfigurationMaxKeys, once it has been read."""
    last_status: tuple[float, int] = (0.0, -1)
    """When, on the monotonic clock, and for which connector a status came last."""

    def transaction(self, transaction_id: int) -> TransactionRecord | None:
        """The latest transaction of this station under an id."""
        for record in reversed(self.transactions):
            if record.transaction_id == transaction_id:
                return record
        return None

    def same_start(self, start: Payload) -> TransactionRecord | None:
        """The transaction that an earlier transmission of this StartTransaction began."""
        for record in self.transactions:
            if record.start == start:
                return record
        return None

    def held(self) -> list[ReservationRecord]:
        """The reservations in force; those that have run out are closed first."""
        for record in self.reservations:
            if record.state == "held" and record.expiry <= clock.now():
                record.state = "expired"
        return [record for record in self.reservations if record.state == "held"]

    def close_reservation(self, reservation_id: int, state: ReservationState) -> None:
        for record in self.held():
            if record.reservation_id == reservation_id:
                record.state = state

    def add_reservation(self, request: Payload) -> None:
        self.close_reservation(request["reservationId"], "replaced")
        self.reservations.append(ReservationRecord(request, clock.from_wire(request["expiryDate"])))

    def drop_reservations(self, connector: int) -> None:
        """A connector, or for 0 the whole station, is Faulted or Unavailable."""
        for record in self.held():
            if connector in (0, record.request["connectorId"]):
                record.state = "dropped"

    def summary(self) -> Payload:
        """The record as JSON for a look from outside."""
        self.held()
        return {
            "station": self.identity,
            "registration": self.registration,
            "boots": len(self.boots),
            "statuses": {str(n): status["status"] for n, status in self.statuses.items()},
            "transactions": [
                {
                    "transactionId": record.transaction_id,
                    "start": record.start,
                    "status": record.status,
                    "stop": record.stop,
                    "meterValues": len(record.meter_values),
                }
                for record in self.transactions
            ],
            "reservations": [
                {**record.request, "state": record.state} for record in self.reservations
            ],
        }
