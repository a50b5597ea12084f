"""Time as a driver: the only modules that read a clock get it from here."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time for the shells and the tester."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes backwards."""
        ...

    def utc(self) -> datetime:
        """The date and time to write into messages, with its offset."""
        ...

    async def sleep_until(self, moment: float) -> None:
        """Return when `now()` has reached `moment`; at once if it has already."""
        ...


class RealClock:
    """The clock of this machine."""

    def now(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, moment: float) -> None:
        # The timer of the event loop may fire a trifle early.
        while (left := moment - self.now()) > 0:  # noqa: ASYNC110 - time is no event
            await asyncio.sleep(left)


class ManualClock:
    """A clock that moves when it is told to; for tests and for replaying logs."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._now = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return self._now

    def utc(self) -> datetime:
        return self._start + timedelta(seconds=self._now)

    async def sleep_until(self, moment: float) -> None:
        while self._now < moment:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake who waited for it."""
        self._now += seconds
        self._moved.set()
        self._moved = asyncio.Event()
