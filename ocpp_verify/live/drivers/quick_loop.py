"""An event loop whose time passes only while nobody has anything to do.

Tests of systems in this process wait for timers by the hundred. On this loop a wait of thirty seconds
takes a few milliseconds, and work takes no time at all, so that a busy machine never makes a peer look
slow. It must not be used where the other end of a socket, or a thread, lives by another clock.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from datetime import UTC, datetime, timedelta

GRACE = 0.001
"""Seconds of real time in which the sockets of this process must have delivered what was sent."""

SHORT, LONG = 0.25, 2.0
"""Seconds that the clock jumps at the most: first without any grace, then twice as far each time."""


class _HurriedSelector(selectors.DefaultSelector):
    """Looks whether a socket is ready; if none is, moves the clock instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = time.monotonic()
        self._stride = SHORT

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0 and self._stride > SHORT:
            ready = super().select(GRACE)
        if ready:
            self._stride = SHORT
        elif timeout is None:
            ready = super().select(None)
        elif timeout > 0:
            self.now += min(timeout, self._stride)
            self._stride = min(2 * self._stride, LONG)
        return ready


class QuickLoop(asyncio.SelectorEventLoop):
    """See the module. `time()` begins where the clock of this machine is."""

    def __init__(self) -> None:
        self._hurried = _HurriedSelector()
        super().__init__(self._hurried)

    def time(self) -> float:
        return self._hurried.now


class LoopClock:
    """The clock of an event loop; its dates begin now, and go with it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._zero = datetime.now(UTC) - timedelta(seconds=loop.time())

    def now(self) -> float:
        return self._loop.time()

    def utc(self) -> datetime:
        return self._zero + timedelta(seconds=self._loop.time())

    async def sleep_until(self, moment: float) -> None:
        while (left := moment - self.now()) > 0:  # noqa: ASYNC110 - time is no event
            await asyncio.sleep(left)
