"""Points in time that a run must not pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock that only moves forward; None means never."""

    at: float | None = None
    clock: Callable[[], float] = monotonic

    @classmethod
    def after(cls, seconds: float | None, clock: Callable[[], float] = monotonic) -> Deadline:
        """So many seconds from now."""
        return cls(None if seconds is None else clock() + seconds, clock)

    @property
    def left(self) -> float | None:
        """Seconds left, never below zero."""
        return None if self.at is None else max(0.0, self.at - self.clock())

    def expired(self) -> bool:
        """Whether the moment is over."""
        return self.at is not None and self.clock() >= self.at

    def share(self, part: float, at_most: float | None = None) -> Deadline:
        """The end of this part of the time that is left, and of at most so many seconds."""
        left = self.left
        seconds = None if left is None else left * part
        if at_most is not None:
            seconds = at_most if seconds is None else min(seconds, at_most)
        return Deadline.after(seconds, self.clock)
