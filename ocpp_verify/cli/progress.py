"""One line on a terminal that says what is going on; silent anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TextIO

from ocpp_verify.events import CheckStarted, EngineStarted, Event, Progress, PropertyDecided

_EVERY = 0.1
_WIDTH = 79


@dataclass(slots=True)
class Ticker:
    """Shows events as they come, on `stream` if it is a terminal."""

    stream: TextIO
    _decided: int = 0
    _wanted: int = 0
    _last: float = 0.0
    _is_shown: bool = False
    _on: bool = field(init=False)

    def __post_init__(self) -> None:
        self._on = self.stream.isatty()

    def __call__(self, event: Event) -> None:
        """Show the event if it is time to."""
        match event:
            case CheckStarted():
                self._wanted = event.properties
            case PropertyDecided():
                self._decided += 1
            case EngineStarted():
                self._show(f"{event.engine}: {event.what}", now=True)
            case Progress():
                self._show(
                    f"{event.engine}: {event.what}, {event.states:,} states, depth {event.depth}"
                )
            case _:
                pass

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._is_shown = False

    def _show(self, text: str, *, now: bool = False) -> None:
        moment = monotonic()
        if not self._on or (not now and moment - self._last < _EVERY):
            return
        self._last = moment
        line = f"[{self._decided}/{self._wanted}] {text}"
        self.stream.write(f"\r\x1b[K{line[:_WIDTH]}")
        self.stream.flush()
        self._is_shown = True
