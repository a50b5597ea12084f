"""What a shell tells about its link, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

HARD_LIMIT = 16 * 1024 * 1024
"""Bytes above which a frame ends the connection; `Session.max_size` reports far smaller ones."""


@dataclass(frozen=True, slots=True)
class RefusedPeer:
    """We refused a connection; `status` is what HTTP answered, None if the socket was just cut."""

    station: str
    why: str
    status: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoSubprotocol:
    """The handshake ended without a sub-protocol; `offered` is what the client had named."""

    offered: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenFrame:
    """A frame that WebSocket itself forbids, or above the hard limit; it ended the connection."""

    code: int
    why: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotSent:
    """A frame that we were given to send and that the connection did not live to take."""

    frame: str | bytes


LinkFact: TypeAlias = RefusedPeer | NoSubprotocol | BrokenFrame | NotSent


class Wire(Protocol):
    """The receiver of everything that happens on a link.

    Called on the event loop, in order; must not block. Between `on_connected` and `on_disconnected`
    there is one connection, never two. An exception from here ends the connection and is raised
    again by the shell's `stop`.
    """

    def on_connected(self, now: float) -> None:
        """Frames can be sent from now on."""
        ...

    def on_frame(self, data: str | bytes, now: float) -> None:
        """A text frame as str, a binary frame as bytes."""
        ...

    def on_disconnected(self, now: float, why: str) -> None:
        """The connection is gone, by whomever."""
        ...

    def on_noticed(self, fact: LinkFact, now: float) -> None:
        """Something below the level of messages happened."""
        ...
