"""We are the charger: a WebSocket client of one CSMS."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.shells.link import Link
from ocpp_verify.live.shells.shell import Shell
from ocpp_verify.live.shells.wire import HARD_LIMIT, NoSubprotocol, Wire


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection is open; `subprotocol` is None if the CSMS selected none."""

    subprotocol: str | None


@dataclass(frozen=True, slots=True)
class RefusedByPeer:
    """The CSMS refused the handshake; `status` is its HTTP status, None if there was none."""

    status: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No handshake came about: no address, no listener, or silence."""

    why: str


Attempt: TypeAlias = Connected | RefusedByPeer | Unreachable


class ChargerClient(Shell):
    """Connects to `url` plus the percent-encoded `station`, and hands the frames to `wire`.

    `key` is the password of HTTP Basic authentication; the station is the user. It never reconnects
    by itself: when a charger comes back is the tester's choice.
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        url: str,
        station: str,
        key: bytes | None = None,
        subprotocols: Sequence[str] = ("ocpp1.6",),
        open_timeout: float = 10.0,
        ping_interval: float | None = None,
        close_timeout: float = 5.0,
        hard_limit: int = HARD_LIMIT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__()
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise WrongInput(
                f"`{url}` is no WebSocket address",
                help="write ws://host:port/path, without the station's identity",
            )
        if parts.query or parts.fragment:
            raise WrongInput(
                f"`{url}` has a query or fragment",
                help="the station's identity is added to the path, so the path must come last",
            )
        self.address = f"{url.rstrip('/')}/{quote(station, safe='')}"
        self.station = station
        self.key = key
        self._wire = wire
        self._clock = clock
        self._subprotocols = [Subprotocol(each) for each in subprotocols]
        self._open_timeout = open_timeout
        self._ping_interval = ping_interval
        self._close_timeout = close_timeout
        self._hard_limit = hard_limit
        self._tls = tls
        self._running: asyncio.Task[None] | None = None

    async def connect(self) -> Attempt:
        """Try once; the wire learns of success only. A connection that is open is closed first."""
        await self.stop()
        try:
            connection = await connect(
                self.address,
                subprotocols=self._subprotocols,
                additional_headers=self._credentials(),
                compression=None,
                proxy=None,
                open_timeout=self._open_timeout,
                ping_interval=self._ping_interval,
                close_timeout=self._close_timeout,
                max_size=self._hard_limit,
                ssl=self._tls,
            )
        except InvalidStatus as refusal:
            response = refusal.response
            body = (response.body or b"").decode("utf-8", "replace").strip()[:200]
            said = " ".join(each for each in (response.reason_phrase, body) if each)
            return RefusedByPeer(response.status_code, said)
        except InvalidURI as reason:
            raise WrongInput(
                f"`{self.address}` is no WebSocket address", help="write ws://host:port/path"
            ) from reason
        except InvalidHandshake as reason:
            return RefusedByPeer(None, str(reason))
        except TimeoutError:
            return Unreachable(f"no handshake within {self._open_timeout:g} s")
        except (OSError, EOFError) as reason:
            return Unreachable(str(reason) or type(reason).__name__)
        self._begin(connection)
        return Connected(connection.subprotocol)

    def _begin(self, connection: ClientConnection) -> None:
        if connection.subprotocol is None:
            fact = NoSubprotocol(tuple(self._subprotocols), ("RPC-CONN-004",))
            self._wire.on_noticed(fact, self._clock.now())
        self._link = Link(connection, self._wire, self._clock)
        self._running = asyncio.create_task(self._run(self._link, connection))

    async def _run(self, link: Link, connection: ClientConnection) -> None:
        try:
            await link.run()
        finally:
            self._link = None
            # Nobody else ends the socket when the wire has failed.
            connection.transport.abort()

    def _credentials(self) -> dict[str, str]:
        if self.key is None:
            return {}
        pair = self.station.encode() + b":" + self.key
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}

    async def stop(self) -> None:
        """Close the connection; raises what the wire raised, if it did."""
        await self.close()
        running, self._running = self._running, None
        if running is not None:
            await running
