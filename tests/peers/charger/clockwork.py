"""The charger's own clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from tests.peers import clock

TOLERANCE = timedelta(seconds=1)
"""Central systems that leave fractions out would otherwise pull the clock back at each answer."""


class Clock:
    """A clock that the central system sets and that runs on without power."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        return clock.now() + self._offset

    def set(self, text: str) -> None:
        """Take over the time of an answer if it differs noticeably; ignore what is unreadable."""
        with suppress(ValueError):
            told = clock.from_wire(text)
            if abs(told - self.now()) > TOLERANCE:
                self._offset = told - clock.now()
