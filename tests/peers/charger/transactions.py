"""Transactions, their meter values, and the persistent queue of their messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.peers.clock import monotonic, to_wire
from tests.peers.schema import Payload

NO_ID = -1
"""Stands for the id of a transaction whose StartTransaction was never answered."""

VOLTS = 230.0
UNITS = {
    "Energy.Active.Import.Register": "Wh",
    "Power.Active.Import": "W",
    "Current.Import": "A",
    "Voltage": "V",
}


class Meter:
    """The energy register of one connector, in Wh; it never goes back and survives everything."""

    def __init__(self, power: float, start: float) -> None:
        self._power = power
        self._energy = start
        self._since: float | None = None

    def flow(self, is_on: bool) -> None:
        """Open or close the energy path."""
        self._settle()
        self._since = monotonic() if is_on else None

    def energy(self) -> float:
        self._settle()
        return self._energy

    def measure(self, measurand: str) -> str:
        """The present value of `measurand` as text."""
        power = self._power if self._since is not None else 0.0
        match measurand:
            case "Power.Active.Import":
                return f"{power:.1f}"
            case "Current.Import":
                return f"{power / VOLTS:.1f}"
            case "Voltage":
                return f"{VOLTS:.1f}"
            case _:
                return str(int(self.energy()))

    def _settle(self) -> None:
        if self._since is not None:
            now = monotonic()
            self._energy += self._power * (now - self._since) / 3600
            self._since = now


@dataclass(slots=True, eq=False)
class Transaction:
    """One transaction. `transaction_id` is `None` until the central system has answered."""

    connector_id: int
    id_tag: str
    parent: str | None
    started: datetime
    meter_start: float
    reservation_id: int | None
    begun_offline: bool
    transaction_id: int | None = None
    was_refused: bool = False
    """Its identifier was refused and the energy path is closed, but it goes on."""
    values: list[Payload] = field(default_factory=list)
    """Meter values for transactionData of StopTransaction."""


def meter_value(
    meter: Meter, measurands: Iterable[str], context: str, moment: datetime
) -> Payload | None:
    """One element of `meterValue`, or `None` if there is nothing to measure."""
    sampled = [
        {
            "value": meter.measure(measurand),
            "context": context,
            "measurand": measurand,
            "unit": UNITS[measurand],
        }
        for measurand in measurands
    ]
    return {"timestamp": to_wire(moment), "sampledValue": sampled} if sampled else None


Kind = Literal["StartTransaction", "MeterValues", "StopTransaction"]


@dataclass(slots=True, eq=False)
class Entry:
    """One queued message. `payload` lacks the transaction id, which is filled in at sending."""

    kind: Kind
    transaction: Transaction
    payload: Payload
    number: int
    sent: int = 0
    failures: int = 0
    not_before: float = 0.0
    """Monotonic time of the next transmission."""

    def message(self) -> Payload:
        """The payload as it goes out now."""
        if self.kind == "StartTransaction":
            return self.payload
        known = self.transaction.transaction_id
        return {**self.payload, "transactionId": NO_ID if known is None else known}


class Outbox:
    """Transaction messages in the order of their events; survives restarts."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self.last_stop: Entry | None = None
        """The StopTransaction answered last."""
        self._number = 0

    def __len__(self) -> int:
        return len(self._entries)

    def next_number(self) -> int:
        """The place of a new event among all others of this charger."""
        self._number += 1
        return self._number

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def head(self) -> Entry | None:
        """The message that must go out before all others."""
        return self._entries[0] if self._entries else None

    def done(self, entry: Entry) -> None:
        """`entry` was answered or is given up."""
        if entry in self._entries:
            self._entries.remove(entry)

    def hurry(self) -> None:
        """Let the head go out at once, as after a reconnection."""
        if self._entries:
            self._entries[0].not_before = 0.0

    def drop(self, is_unwanted: Callable[[Entry], bool]) -> None:
        """Forget queued messages; only faults do that."""
        self._entries = deque(entry for entry in self._entries if not is_unwanted(entry))
