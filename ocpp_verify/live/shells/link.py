"""One open WebSocket connection: frames in, frames out, until it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed

from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.shells.wire import BrokenFrame, NotSent, Wire

_BROKEN = {
    1002: ("a frame breaks the WebSocket protocol", ()),
    1007: ("a text frame is not UTF-8", ("RPC-MSG-001",)),
    1009: ("a frame is above the hard limit", ()),
}


_SHORT = 8_000
"""Characters of a frame that an empty buffer takes in any case: websockets waits above 32 KiB."""


_IN_A_ROW = 16
"""Frames after which others may act: those that wait already would keep them from it."""


class Link:
    """Moves frames between `connection` and `wire` while `run` runs."""

    def __init__(self, connection: Connection, wire: Wire, clock: Clock) -> None:
        self._connection = connection
        self._wire = wire
        self._clock = clock
        self._to_send: deque[str | bytes] = deque()
        self._given = asyncio.Event()
        self._taken = asyncio.Event()
        self._is_sending = False
        self._is_handing_over = False
        self._ended = asyncio.Event()
        self._why = ""

    async def run(self) -> None:
        """Report the connection, its frames and its end; returns at the end."""
        self._wire.on_connected(self._clock.now())
        writer = asyncio.create_task(self._write())
        why = "the tester failed"
        frames = 0
        try:
            while True:
                data = await self._connection.recv()
                self._is_handing_over = True
                self._wire.on_frame(data, self._clock.now())
                self._is_handing_over = False
                if self._to_send:
                    await self._send_at_once()
                frames += 1
                if frames % _IN_A_ROW == 0:
                    await asyncio.sleep(0)
        except ConnectionClosed as closed:
            why = self._why or self._reason(closed)
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._ended.set()
            self._report_end(why)

    def send(self, data: str | bytes) -> None:
        """Send `data` after what was given before, as soon as the socket takes it.

        Text that has no UTF-8 (half a surrogate pair) becomes a text frame that is not UTF-8.
        """
        if self._ended.is_set():
            self._wire.on_noticed(NotSent(data), self._clock.now())
        else:
            self._to_send.append(data)
            if not self._is_handing_over:
                self._given.set()

    async def flush(self) -> None:
        """Return when the socket has taken everything, or the connection has ended."""
        if not self._to_send and not self._is_sending:
            return
        self._taken.clear()
        taken = asyncio.create_task(self._taken.wait())
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait((taken, ended), return_when=asyncio.FIRST_COMPLETED)
        taken.cancel()
        ended.cancel()

    async def close(self, code: int, reason: str, why: str) -> None:
        """Send what is waiting, then close with a handshake; `why` is what the wire is told."""
        await self.flush()
        self._why = self._why or why
        await self._connection.close(code, reason)
        await self._ended.wait()

    async def abort(self, why: str) -> None:
        """Cut the connection without a close frame, as a lost network does."""
        self._why = self._why or why
        self._connection.transport.abort()
        await self._ended.wait()

    async def _write(self) -> None:
        while True:
            await self._given.wait()
            self._given.clear()
            await self._send_all()

    async def _send_at_once(self) -> None:
        """Send what the socket takes without delay, as an answer mostly is, and leave the rest to the
        writer: reading must not wait for a peer that does not read.
        """
        transport = self._connection.transport
        while self._to_send and not self._is_sending:
            if transport.get_write_buffer_size() or len(self._to_send[0]) > _SHORT:
                self._given.set()
                return
            await self._send_next()

    async def _send_all(self) -> None:
        """Send what waits, unless somebody is at it already, who will."""
        while self._to_send and not self._is_sending:
            await self._send_next()

    async def _send_next(self) -> None:
        data = self._to_send.popleft()
        self._is_sending = True
        try:
            if isinstance(data, str):
                await self._connection.send(data.encode("utf-8", "surrogatepass"), text=True)
            else:
                await self._connection.send(data)
        except ConnectionClosed:
            self._wire.on_noticed(NotSent(data), self._clock.now())
        finally:
            self._is_sending = False
            if not self._to_send:
                self._taken.set()

    def _report_end(self, why: str) -> None:
        now = self._clock.now()
        while self._to_send:
            self._wire.on_noticed(NotSent(self._to_send.popleft()), now)
        self._wire.on_disconnected(now, why)

    def _reason(self, closed: ConnectionClosed) -> str:
        """Why the connection ended although we did not mean it to."""
        if closed.rcvd is not None and closed.rcvd_then_sent is not False:
            tail = f", {closed.rcvd.reason}" if closed.rcvd.reason else ""
            return f"the other side closed with code {closed.rcvd.code}{tail}"
        if closed.sent is not None and closed.sent.code in _BROKEN:
            why, rules = _BROKEN[closed.sent.code]
            self._wire.on_noticed(BrokenFrame(closed.sent.code, why, rules), self._clock.now())
            return why
        if closed.sent is not None:
            tail = f", {closed.sent.reason}" if closed.sent.reason else ""
            return f"we closed with code {closed.sent.code}{tail}"
        return "the connection broke without a close frame"
