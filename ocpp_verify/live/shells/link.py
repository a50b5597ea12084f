"""One open WebSocket connection: frames in, frames out, until it ends."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed

from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.shells.wire import BrokenFrame, NotSent, Wire

_BROKEN = {
    1002: ("a frame breaks the WebSocket protocol", ()),
    1007: ("a text frame is not UTF-8", ("RPC-MSG-001",)),
    1009: ("a frame is above the hard limit", ()),
}


class Link:
    """Moves frames between `connection` and `wire` while `run` runs."""

    def __init__(self, connection: Connection, wire: Wire, clock: Clock) -> None:
        self._connection = connection
        self._wire = wire
        self._clock = clock
        self._to_send: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._ended = asyncio.Event()
        self._why = ""

    async def run(self) -> None:
        """Report the connection, its frames and its end; returns at the end."""
        self._wire.on_connected(self._clock.now())
        writer = asyncio.create_task(self._write())
        why = "the tester failed"
        try:
            while True:
                data = await self._connection.recv()
                self._wire.on_frame(data, self._clock.now())
                await asyncio.sleep(0)  # frames that wait already must not keep others from acting
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
            self._to_send.put_nowait(data)

    async def flush(self) -> None:
        """Return when the socket has taken everything, or the connection has ended."""
        taken = asyncio.create_task(self._to_send.join())
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
            data = await self._to_send.get()
            try:
                if isinstance(data, str):
                    await self._connection.send(data.encode("utf-8", "surrogatepass"), text=True)
                else:
                    await self._connection.send(data)
            except ConnectionClosed:
                self._wire.on_noticed(NotSent(data), self._clock.now())
            finally:
                self._to_send.task_done()

    def _report_end(self, why: str) -> None:
        now = self._clock.now()
        while not self._to_send.empty():
            self._wire.on_noticed(NotSent(self._to_send.get_nowait()), now)
            self._to_send.task_done()
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
