"""A small HTTP/1.1 server for loopback control interfaces: JSON in, JSON out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

MAX_HEAD = 16 * 1024
MAX_BODY = 1024 * 1024

Handler = Callable[[str, str, Any], Awaitable[tuple[int, Any]]]
"""Takes method, path (still percent-encoded) and JSON body (`None` if empty); gives status and JSON answer."""


class ProblemError(Exception):
    """A request that is answered with an error status and `{"error": text}`."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class HttpDoor:
    """An HTTP server on 127.0.0.1; `port` 0 lets the system choose."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self._handler = handler
        self._wanted = port
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """The base address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(
            self._visit, "127.0.0.1", self._wanted, limit=MAX_HEAD
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._visits):
            task.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visits.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            pass  # the door closes; the stream protocol would log the cancellation as an error
        finally:
            self._visits.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; whether the connection stays open for another."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        stays_open = headers.get("connection", "").lower() != "close"
        try:
            status, answer = await self._answer(head[0], headers, reader, writer)
        except ProblemError as problem:
            status, answer = problem.status, {"error": problem.text}
            # An unread body would be taken for the next request.
            stays_open = stays_open and problem.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        body = json.dumps(answer).encode()
        writer.write(
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Connection: {'keep-alive' if stays_open else 'close'}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        return stays_open

    async def _answer(
        self,
        request_line: str,
        headers: dict[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> tuple[int, Any]:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "bad or too large Content-Length"
            )
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        raw = await reader.readexactly(int(length))
        parts = request_line.split(" ")
        if len(parts) != 3:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "bad request line")
        try:
            body = json.loads(raw) if raw.strip() else None
        except ValueError as wrong:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from wrong
        return await self._handler(parts[0], urlsplit(parts[1]).path, body)
