"""One connector: its cable, its memory, what is going on at it, and the status that follows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from tests.peers.charger.reservations import Reservation, Reservations
from tests.peers.charger.transactions import Meter, Transaction
from tests.peers.charger.transitions import Status
from tests.peers.faults import Faults


@dataclass(slots=True)
class Hardware:
    """What is physically so, with or without power."""

    plugged: bool = False
    ev_ready: bool = False
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """What the charger remembers of a connector without power."""

    operative: bool = True
    scheduled: bool = False
    """It becomes inoperative as soon as it is free."""
    finishing: Literal["stopped", "timed out"] | None = None
    """A session ended, or none came about, and the user has not yet left."""
    held_for: str | None = None
    """The plug is locked in the socket, loose at the vehicle, until this identifier comes."""
    transaction: Transaction | None = None
    is_stale: bool = False
    """Only under CP-S4: a forgotten record refuses every start."""


@dataclass(slots=True, eq=False)
class Authorization:
    """An identifier that may start, and the reservation that gives it the right, if any."""

    id_tag: str
    parent: str | None
    reservation: Reservation | None = None


@dataclass(slots=True, eq=False)
class Attempt:
    """An identifier that is being authorized. A remote one shows as Preparing at once."""

    id_tag: str
    is_remote: bool
    overrides_reservation: bool = False
    """Only under CP-T10."""
    is_cancelled: bool = False


@dataclass(slots=True, eq=False)
class Connector:
    """A connector above 0 in the view of the controller; everything not passed in is volatile."""

    number: int
    hardware: Hardware
    memory: Memory
    meter: Meter
    reservations: Reservations
    station: Hardware
    faults: Faults
    authorization: Authorization | None = None
    attempt: Attempt | None = None
    kept: Authorization | None = None
    """Only under CP-T3: what the last session left behind."""
    status: Status = "Available"
    plugged_order: int = 0
    timer: asyncio.TimerHandle | None = None
    """Ends Preparing after ConnectionTimeOut."""
    preparing_since: float = 0.0
    """Loop time at which Preparing began."""
    sampling_since: float = 0.0
    """Loop time of the start of the transaction, the origin of the sampling grid."""
    sampler: asyncio.TimerHandle | None = None
    aligner: asyncio.TimerHandle | None = None

    @property
    def is_faulted(self) -> bool:
        """Whether an error of its own or of the station keeps it from delivering energy."""
        return bool(self.hardware.errors or self.station.errors)

    @property
    def is_in_use(self) -> bool:
        """Whether somebody uses it or has not yet left it."""
        return (
            self.hardware.plugged
            or self.memory.transaction is not None
            or self.memory.finishing is not None
            or self.authorization is not None
            or self.attempt is not None
        )

    @property
    def is_free(self) -> bool:
        """Whether a new user could take it, reservations for connector 0 aside."""
        return (
            self.memory.operative
            and not self.memory.scheduled
            and not self.is_faulted
            and not self.is_in_use
            and self.reservations.on(self.number) is None
        )

    def derived(self) -> Status:
        """The status that follows from everything else."""
        memory = self.memory
        if self.is_faulted:
            return "Faulted"
        if memory.transaction is not None:
            if memory.transaction.was_refused:
                return "SuspendedEVSE"
            if not (self.hardware.plugged and self.hardware.ev_ready):
                return "SuspendedEV"
            return "Charging"
        if not memory.operative:
            return "Unavailable"
        if memory.finishing is not None:
            if memory.finishing == "stopped" and self.faults.has("CP-S2"):
                return "Available"
            return "Finishing"
        if self.authorization is not None or (self.attempt is not None and self.attempt.is_remote):
            return "Preparing"
        if self.reservations.on(self.number) is not None:
            return "Reserved"
        if self.hardware.plugged:
            return "Charging" if self.faults.has("CP-S17") else "Preparing"
        return "Available"

    def cancel_attempt(self) -> None:
        """An answer that still comes for the present attempt has no effect."""
        if self.attempt is not None:
            self.attempt.is_cancelled = True
            self.attempt = None
