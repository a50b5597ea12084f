"""The other end of the HTTP drivers: small servers that turn requests into calls of a handler."""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never
from urllib.parse import unquote, urlsplit

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.bench import VERBS
from ocpp_verify.live.drivers.operator import ACTIONS, API, kebab_case
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused, Unavailable

Handler: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Outcome]]
"""Called with the verb or action and its arguments."""

_LARGEST_BODY = 1_000_000  # bytes
_LARGEST_LINE = 16_384  # bytes; also bounds each header
_MOST_HEADERS = 100
_PATIENCE = 30.0  # seconds for a request to arrive


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    document: object


class _BadRequestError(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.response = _Response(status, {"error": why})


class Endpoint(ABC):
    """A server for one HTTP contract; port 0 picks a free port.

    Listens on the loopback address unless told otherwise: whoever reaches it may do what it offers.
    An exception of the handler closes that request's connection and is raised again by `stop`.
    """

    def __init__(self, handle: Handler, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handle = handle
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    async def start(self) -> None:
        """Begin to listen; `WrongInput` if the address cannot be had."""
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, limit=_LARGEST_LINE
            )
        except OSError as reason:
            raise WrongInput(
                f"cannot listen on {self._host}:{self._port}: {reason.strerror or reason}",
                help="choose another port, or stop the program that has it",
            ) from reason

    async def stop(self) -> None:
        """Stop listening and drop what is under way; raises what the handler raised."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    @property
    def url(self) -> str:
        """The base address for the driver."""
        assert self._server is not None, "not started"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = self._failure or failure

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            response = await self._respond(reader)
            if response is not None:
                writer.write(_written(response))
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _respond(self, reader: asyncio.StreamReader) -> _Response | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                request = await _read_request(reader)
        except _BadRequestError as reason:
            return reason.response
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return None
        try:
            return await self._route(request)
        except _BadRequestError as reason:
            return reason.response

    @abstractmethod
    async def _route(self, request: _Request) -> _Response:
        """The answer to a request. Raises _BadRequestError for one that has no other."""

    async def _done(self, name: str, request: _Request) -> _Response:
        outcome = await self._handle(name, _arguments(request.body))
        match outcome:
            case Done(said):
                return _Response(200, {"said": said})
            case Refused(why):
                return _Response(409, {"error": why})
            case Unavailable(why):
                return _Response(501, {"error": why})
            case _:
                assert_never(outcome)


class BenchEndpoint(Endpoint):
    """`POST /{verb}` with the arguments as JSON; `GET /verbs` lists what there is."""

    def __init__(
        self,
        handle: Handler,
        *,
        verbs: Collection[str] = VERBS,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(handle, host=host, port=port)
        self._verbs = tuple(verbs)

    async def _route(self, request: _Request) -> _Response:
        name = request.path.strip("/")
        if (request.method, name) == ("GET", "verbs"):
            return _Response(200, list(self._verbs))
        if name not in self._verbs:
            raise _BadRequestError(404, f"no verb {name}")
        _demand_post(request)
        return await self._done(name, request)


class OperatorEndpoint(Endpoint):
    """`POST /api/octt/1.6/{station}/{kebab-case-action}` with the payload as JSON."""

    def __init__(
        self,
        handle: Handler,
        *,
        station: str,
        actions: Collection[str] = ACTIONS,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(handle, host=host, port=port)
        self._station = station
        self._actions = {kebab_case(action): action for action in actions}

    async def _route(self, request: _Request) -> _Response:
        base, _, name = request.path.strip("/").rpartition("/")
        base, _, station = base.rpartition("/")
        if base != API or name not in self._actions:
            raise _BadRequestError(404, f"no such path; POST /{API}/STATION/ACTION")
        if unquote(station) != self._station:
            raise _BadRequestError(404, f"no station {unquote(station)}")
        _demand_post(request)
        return await self._done(self._actions[name], request)


def _demand_post(request: _Request) -> None:
    if request.method != "POST":
        raise _BadRequestError(405, "use POST")


def _arguments(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object."""
    try:
        document = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise _BadRequestError(400, "the body is no JSON") from None
    if not isinstance(document, dict):
        raise _BadRequestError(400, "the body is no JSON object")
    return document


async def _read_line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise _BadRequestError(431, "a header line is too long") from None
    return line.decode("latin-1").rstrip("\r\n")


async def _read_request(reader: asyncio.StreamReader) -> _Request:
    method, _, rest = (await _read_line(reader)).partition(" ")
    target, _, version = rest.rpartition(" ")
    if not target.startswith("/") or not version.startswith("HTTP/1."):
        raise _BadRequestError(400, "no HTTP request")
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = await _read_line(reader)
        if not line:
            break
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    else:
        raise _BadRequestError(431, "too many headers")
    if "transfer-encoding" in headers:
        raise _BadRequestError(411, "send a Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise _BadRequestError(400, "Content-Length is no number")
    if len(length) > 9 or int(length) > _LARGEST_BODY:
        raise _BadRequestError(413, "the body is too long")
    body = await reader.readexactly(int(length))
    return _Request(method, urlsplit(target).path, body)


def _written(response: _Response) -> bytes:
    body = json.dumps(response.document).encode()
    head = (
        f"HTTP/1.1 {response.status} {http.HTTPStatus(response.status).phrase}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
