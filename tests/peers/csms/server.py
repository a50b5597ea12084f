"""The CSMS: a WebSocket server for stations and a door for the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Self
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.peers.csms.operator import Operator
from tests.peers.csms.records import StationRecord
from tests.peers.csms.requests import SUPPORTED, Desk
from tests.peers.csms.settings import CSMSSettings
from tests.peers.faults import Faults
from tests.peers.rpc import Link, Quirks, Trace
from tests.peers.schema import Payload

SUBPROTOCOL = Subprotocol("ocpp1.6")


class CSMS:
    """A central system; an asynchronous context that listens on 127.0.0.1.

    ```python
    async with CSMS(CSMSSettings(tags=tags_from({"T1": {"status": "Accepted"}}))) as csms:
        await csms.send("CP1", "Reset", {"type": "Soft"})
    ```
    """

    def __init__(self, settings: CSMSSettings) -> None:
        self.settings = settings
        self.faults = Faults("csms", settings.faults)
        self.stations: dict[str, StationRecord] = {}
        self.port = 0
        self.desk = Desk(settings, self.faults)
        self._links: dict[str, Link] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._operator = Operator(
            self._find, self.faults, settings.answer_timeout, settings.operator_port
        )

    @property
    def url(self) -> str:
        """Where stations connect, without their identity."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def operator_url(self) -> str:
        return self._operator.url

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._visit,
            "127.0.0.1",
            self.settings.port,
            subprotocols=[SUBPROTOCOL],
            select_subprotocol=_select,
            process_request=self._admit,
            compression=None,
            close_timeout=1,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        await self._operator.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._operator.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def send(self, station: str, action: str, payload: Payload | None = None) -> Payload:
        """What the operator's interface does, without HTTP; raises `ProblemError`."""
        return await self._operator.send(station, action, payload)

    def is_connected(self, station: str) -> bool:
        return station in self._links

    def _find(self, identity: str) -> tuple[StationRecord, Link | None] | None:
        record = self.stations.get(identity)
        return None if record is None else (record, self._links.get(identity))

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse the handshake of a station that may not connect."""
        identity = _identity(request.path)
        known = self.settings.stations
        if not identity or (known is not None and identity not in known):
            return connection.respond(HTTPStatus.NOT_FOUND, "unknown charge point\n")
        if self.faults.has("CS-19") and identity in self._links:
            return connection.respond(HTTPStatus.CONFLICT, "already connected\n")
        return None

    async def _visit(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        identity = _identity(socket.request.path)
        record = self.stations.setdefault(identity, StationRecord(identity))

        def answer(action: str, payload: Payload) -> Payload | None:
            return self.desk.serve(record, action, payload)

        link = Link(socket, answer, SUPPORTED, self._quirks(), self._tracer(identity))
        if self.settings.trace is not None:
            self.settings.trace(identity, "--", "")
        older = self._links.get(identity)
        self._links[identity] = link
        if older is not None:
            self._close_later(older)
        try:
            await link.run()
        finally:
            if self._links.get(identity) is link:
                del self._links[identity]

    def _close_later(self, link: Link) -> None:
        task = asyncio.create_task(link.close(1000, "a newer connection took over"))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _quirks(self) -> Quirks:
        has = self.faults.has
        return Quirks(
            answers_twice=frozenset({"Heartbeat", "StatusNotification"} if has("CS-E2") else ()),
            refuses_crossing=has("CS-15"),
            one_lock=has("CS-16"),
        )

    def _tracer(self, identity: str) -> Trace | None:
        trace = self.settings.trace
        if trace is None:
            return None
        return lambda direction, text: trace(identity, direction, text)


def _identity(path: str) -> str:
    """The identity is the last segment of the path, percent-decoded."""
    return unquote(urlsplit(path).path.rsplit("/", 1)[-1])


def _select(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    if SUBPROTOCOL not in offered:
        raise NegotiationError("only ocpp1.6 is spoken here")
    return SUBPROTOCOL
