"""A guard against peers that send without pause."""

from __future__ import annotations

from collections import deque

from ocpp_verify.ocpp.facts import Flood


class FloodLimit:
    """At most `messages` frames within any `seconds`; memory is bounded by `messages`.

    >>> limit = FloodLimit(messages=2, seconds=1.0)
    >>> [limit.count(now) for now in (0.0, 0.1)]
    [None, None]
    >>> limit.count(0.2)
    Flood(messages=2, seconds=1.0, since=0.0)
    """

    def __init__(self, messages: int, seconds: float) -> None:
        self.messages = messages
        self.seconds = seconds
        self._times: deque[float] = deque(maxlen=messages + 1)
        self._flooding = False

    @property
    def is_flooding(self) -> bool:
        """Whether the last counted frame was one too many."""
        return self._flooding

    def count(self, now: float) -> Flood | None:
        """Note one frame at `now`; the fact at the first frame of a burst that is one too many.

        The burst ends with a frame that is not: then the next one is reported again.
        """
        self._times.append(now)
        since = self._times[0]
        too_many = len(self._times) > self.messages and now - since <= self.seconds
        first, self._flooding = too_many and not self._flooding, too_many
        return Flood(self.messages, self.seconds, since) if first else None
