"""We are the CSMS: a WebSocket server for one charger."""

from __future__ import annotations

import base64
import binascii
import hmac
import http
import logging
import ssl
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.shells.link import Link
from ocpp_verify.live.shells.shell import Shell
from ocpp_verify.live.shells.wire import HARD_LIMIT, NoSubprotocol, RefusedPeer, Wire


class CsmsServer(Shell):
    """Listens for the charger `station` and hands its frames to `wire`.

    Port 0 picks a free port. Without `station` the first charger that comes is the one. Other
    stations get 404, a wrong or missing password 401 when `keys` is not empty: several keys may be
    valid at once, as a key of hexadecimal digits is read as digits or as the bytes they encode.
    A newer connection of the station replaces the older one (RPC-CONN-015).
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        station: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Sequence[bytes] = (),
        subprotocol: str = "ocpp1.6",
        ping_interval: float | None = None,
        close_timeout: float = 5.0,
        hard_limit: int = HARD_LIMIT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__()
        self.station = station
        self.keys: tuple[bytes, ...] = tuple(keys)
        self._wire = wire
        self._clock = clock
        self._host = host
        self._port = port
        self._subprotocol = Subprotocol(subprotocol)
        self._ping_interval = ping_interval
        self._close_timeout = close_timeout
        self._hard_limit = hard_limit
        self._tls = tls
        self._server: Server | None = None
        self._refuses_until = float("-inf")
        self._failure: BaseException | None = None

    async def start(self) -> None:
        """Begin to listen; `WrongInput` if the address cannot be had."""
        try:
            self._server = await serve(
                self._serve,
                self._host,
                self._port,
                process_request=self._on_request,
                select_subprotocol=self._select,
                compression=None,
                ping_interval=self._ping_interval,
                close_timeout=self._close_timeout,
                max_size=self._hard_limit,
                ssl=self._tls,
                logger=_quiet_logger(),
            )
        except OSError as reason:
            raise WrongInput(
                f"cannot listen on {self._host}:{self._port}: {reason.strerror or reason}",
                help="choose another port, or stop the program that has it",
            ) from reason

    async def stop(self) -> None:
        """Close everything; raises what the wire raised, if it did."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None, "not started"
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The endpoint URL for the charger, to which it adds its identity."""
        scheme = "ws" if self._tls is None else "wss"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self.port}"

    async def refuse_for(self, seconds: float) -> None:
        """Cut the connection and every new one for `seconds`, as a lost network does."""
        self._refuses_until = self._clock.now() + seconds
        await self.abort()

    def accept_again(self) -> None:
        """End `refuse_for` now."""
        self._refuses_until = float("-inf")

    # -- the handshake ---------------------------------------------------------------------------

    async def _on_request(self, connection: ServerConnection, request: Request) -> Response | None:
        station = unquote(urlsplit(request.path).path.rpartition("/")[2])
        if self._clock.now() < self._refuses_until:
            self._refuse(station, "the network is down by our will")
            connection.transport.abort()
            # Goes nowhere; it only ends the handshake.
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "")
        if not station or (self.station is not None and station != self.station):
            why = f"it is not {self.station}" if station else "no identity in the path"
            self._refuse(station, why, 404)
            return connection.respond(http.HTTPStatus.NOT_FOUND, "unknown station\n")
        if self.keys and not self._is_authorized(station, request):
            self._refuse(station, "wrong or missing credentials", 401)
            response = connection.respond(http.HTTPStatus.UNAUTHORIZED, "credentials needed\n")
            response.headers["WWW-Authenticate"] = 'Basic realm="ocpp"'
            return response
        return None

    def _refuse(self, station: str, why: str, status: int | None = None) -> None:
        self._wire.on_noticed(RefusedPeer(station, why, status), self._clock.now())

    def _is_authorized(self, station: str, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            return False
        expected = [station.encode() + b":" + key for key in self.keys]
        matches = [hmac.compare_digest(given, each) for each in expected]
        return scheme.lower() == "basic" and any(matches)

    def _select(
        self, connection: ServerConnection, offered: Sequence[Subprotocol]
    ) -> Subprotocol | None:
        if self._subprotocol in offered:
            return self._subprotocol
        rules = ("RPC-CONN-003",)
        self._wire.on_noticed(NoSubprotocol(tuple(offered), rules), self._clock.now())
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        if connection.subprotocol is None:
            # As the standard asks: the handshake completes without it, then we close (RPC-CONN-005).
            await connection.close(1002, "no common sub-protocol")
            return
        try:
            while self._link is not None:
                await self._link.abort("a newer connection replaced this one")
            assert connection.request is not None
            if self.station is None:
                self.station = unquote(urlsplit(connection.request.path).path.rpartition("/")[2])
            self._link = link = Link(connection, self._wire, self._clock)
            try:
                await link.run()
            finally:
                self._link = None
        except BaseException as failure:
            self._failure = self._failure or failure
            raise


def _quiet_logger() -> logging.Logger:
    """What the peer does wrong is told as facts; the log is for those who ask for it."""
    logger = logging.getLogger("ocpp_verify.live.shells")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
