"""Who waits for what while the wire is served, and until when at the latest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who waits for a condition until `end`, and looks up at `due` at the latest."""

    condition: Callable[[], bool]
    end: float
    woken: asyncio.Future[None]
    due: float = field(init=False)
    timer: asyncio.TimerHandle = field(init=False)

    def set_timer(self, due: float, now: float) -> None:
        """Look up at that moment, seen from now."""
        self.due = due
        # A trifle later, so that what is due has come.
        delay = max(0.001, due - now + 0.001)
        self.timer = self.woken.get_loop().call_later(delay, self.wake)

    def wake(self) -> None:
        """Look now."""
        if not self.woken.done():
            self.woken.set_result(None)


class Waiting:
    """Those who wait. Times are seconds of the tester's clock."""

    def __init__(self) -> None:
        self.waiters: list[Waiter] = []

    async def wait(
        self, condition: Callable[[], bool], end: float, deadline: float, now: float
    ) -> None:
        """Return when something has changed, at the deadline or at the end."""
        waiter = Waiter(condition, end, asyncio.get_running_loop().create_future())
        waiter.set_timer(min(end, deadline), now)
        self.waiters.append(waiter)
        try:
            await waiter.woken
        finally:
            waiter.timer.cancel()
            self.waiters.remove(waiter)

    def wake(self) -> None:
        """Something has changed: everybody looks."""
        for each in self.waiters:
            each.wake()

    def let_sleep(self, deadline: float, now: float) -> bool:
        """Move the deadline of all and wake nobody, unless somebody has what he waits for."""
        for each in self.waiters:
            if each.condition():
                return False
        for each in self.waiters:
            due = min(each.end, deadline)
            if due != each.due:
                each.timer.cancel()
                each.set_timer(due, now)
        return True
