"""What a charger is told when it is built, before any configuration key counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.peers.rpc import Trace


@dataclass(frozen=True, slots=True)
class ChargerSettings:
    """The device and its surroundings. Durations are in seconds.

    `config` sets configuration keys, read-only ones included, as the factory would. `reset_time`,
    `reconnect_pause` and `boot_retry` are built-in delays of the device; `speed` divides them and
    leaves every interval that comes from a configuration key or a message as it is.
    """

    csms: str
    station: str = "CP1"
    connectors: int = 1
    bench_port: int = 0
    faults: Sequence[str] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    vendor: str = "Loopback"
    model: str = "Peer-16"
    power: float = 7400.0
    """Watts drawn by a vehicle that charges."""
    reset_time: float = 0.3
    """From the end of the connection to the new boot."""
    reset_grace: float = 5.0
    """How long a soft reset waits for queued transaction messages to be delivered."""
    hard_reset_grace: float = 0.5
    """The same for a hard reset."""
    reconnect_pause: tuple[float, float] = (0.1, 0.5)
    """First and longest pause between attempts to connect."""
    refused_pause: float = 30.0
    """Longest pause after HTTP 404."""
    boot_retry: float = 5.0
    """Pause before another BootNotification where no answer says how long to wait."""
    speed: float = 1.0
    trace: Trace | None = None

    def delay(self, seconds: float) -> float:
        """A built-in delay at this device's speed."""
        return seconds / self.speed
