"""What both ends of a WebSocket have in common: the one connection that is open now, or none."""

from __future__ import annotations

from ocpp_verify.live.shells.link import Link


class Shell:
    """Gives frames to the open connection and ends it. A subclass opens it and sets `_link`."""

    def __init__(self) -> None:
        self._link: Link | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the connection is open now."""
        return self._link is not None

    def send(self, data: str | bytes) -> bool:
        """Send a frame; False, and nothing sent, while there is no connection."""
        if self._link is None:
            return False
        self._link.send(data)
        return True

    async def flush(self) -> None:
        """Return when the socket has taken everything that was given."""
        if self._link is not None:
            await self._link.flush()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection with a handshake; the peer may come back at once."""
        if self._link is not None:
            await self._link.close(code, reason, f"we closed with code {code}")

    async def abort(self) -> None:
        """Cut the connection without a close frame, as a lost network does."""
        if self._link is not None:
            await self._link.abort("we cut the connection")
