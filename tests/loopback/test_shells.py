"""The WebSocket shells against each other and against an independent peer, on 127.0.0.1."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from ocpp_verify.errors import WrongInput
from ocpp_verify.live.drivers.clock import ManualClock, RealClock
from ocpp_verify.live.shells.client import ChargerClient, Connected, RefusedByPeer, Unreachable
from ocpp_verify.live.shells.server import CsmsServer
from ocpp_verify.live.shells.wire import (
    BrokenFrame,
    LinkFact,
    NoSubprotocol,
    NotSent,
    RefusedPeer,
)
from ocpp_verify.ocpp.facts import Answered, Called
from ocpp_verify.ocpp.rpc import Session

pytestmark = pytest.mark.loopback

PATIENCE = 10.0


class Recorder:
    """A wire that keeps everything, and lets a test wait for what it needs."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Any]] = []
        self._news = asyncio.Event()

    def _note(self, what: str, detail: Any) -> None:
        self.log.append((what, detail))
        self._news.set()

    def on_connected(self, now: float) -> None:
        self._note("connected", None)

    def on_frame(self, data: str | bytes, now: float) -> None:
        self._note("frame", data)

    def on_disconnected(self, now: float, why: str) -> None:
        self._note("disconnected", why)

    def on_noticed(self, fact: LinkFact, now: float) -> None:
        self._note("noticed", fact)

    def all_of(self, what: str) -> list[Any]:
        return [detail for kind, detail in self.log if kind == what]

    async def wait(self, what: str, count: int = 1) -> Any:
        """The detail of the `count`-th entry of this kind."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.all_of(what)) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]


@asynccontextmanager
async def listening(**settings: Any) -> AsyncIterator[tuple[CsmsServer, Recorder]]:
    wire = Recorder()
    server = CsmsServer(wire, settings.pop("clock", RealClock()), **settings)
    await server.start()
    try:
        yield server, wire
    finally:
        await server.stop()


@asynccontextmanager
async def charger(
    server: CsmsServer, station: str = "CP 1/ä", **settings: Any
) -> AsyncIterator[tuple[ChargerClient, Recorder]]:
    wire = Recorder()
    client = ChargerClient(wire, RealClock(), url=server.url, station=station, **settings)
    try:
        yield client, wire
    finally:
        await client.stop()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(3 * PATIENCE):
            await scenario()

    asyncio.run(limited())


def test_frames_go_both_ways() -> None:
    async def scenario() -> None:
        async with (
            listening(station="CP 1/ä") as (server, csms),
            charger(server) as (client, mine),
        ):
            assert client.address.endswith("/CP%201%2F%C3%A4")
            assert await client.connect() == Connected("ocpp1.6")
            await csms.wait("connected")
            for number in range(20):
                assert client.send(f"up {number}")
                assert server.send(f"down {number}")
            assert client.send(b"\x00\xff")
            await csms.wait("frame", 21)
            await mine.wait("frame", 20)
            assert csms.all_of("frame") == [*(f"up {n}" for n in range(20)), b"\x00\xff"]
            assert mine.all_of("frame") == [f"down {n}" for n in range(20)]
            await client.close(1000)
            assert await csms.wait("disconnected") == "the other side closed with code 1000"
            assert mine.all_of("disconnected") == ["we closed with code 1000"]
            assert not client.is_connected
            assert not client.send("too late")
            assert not server.send("too late")

    run(scenario)


class Answering(Recorder):
    """Answers each frame while it is handed over."""

    def __init__(self, answer: Callable[[str], list[str]]) -> None:
        super().__init__()
        self.server: CsmsServer | None = None
        self._answer = answer

    def on_frame(self, data: str | bytes, now: float) -> None:
        super().on_frame(data, now)
        assert self.server is not None
        for each in self._answer(str(data)):
            self.server.send(each)


@asynccontextmanager
async def answering(
    answer: Callable[[str], list[str]],
) -> AsyncIterator[tuple[CsmsServer, Recorder]]:
    wire = Answering(answer)
    wire.server = server = CsmsServer(wire, RealClock())
    await server.start()
    try:
        yield server, wire
    finally:
        await server.stop()


def test_answers_keep_their_order_among_all_frames() -> None:
    def answer(text: str) -> list[str]:
        return [f"{text} a", "long" * 10_000, f"{text} b"]

    async def scenario() -> None:
        async with answering(answer) as (server, csms), charger(server) as (client, mine):
            await client.connect()
            await csms.wait("connected")
            server.send("first")
            for number in range(20):
                client.send(f"{number}")
            await mine.wait("frame", 61)
            told = [each for each in mine.all_of("frame") if not each.startswith("long")]
            assert told == ["first", *(f"{n} {part}" for n in range(20) for part in "ab")]
            async with asyncio.timeout(PATIENCE):
                await server.flush()

    run(scenario)


def test_a_peer_that_never_reads_is_heard_all_the_same() -> None:
    async def scenario() -> None:
        async with (
            answering(lambda text: ["x" * 500_000]) as (server, csms),
            connect(f"{server.url}/CP", subprotocols=[Subprotocol("ocpp1.6")], max_queue=1) as peer,
        ):
            for number in range(60):
                await peer.send(f"{number}")
            await csms.wait("frame", 60)
            peer.transport.abort()
            await csms.wait("disconnected")

    run(scenario)


def test_what_waits_is_sent_before_we_close() -> None:
    async def scenario() -> None:
        async with listening() as (server, csms), charger(server) as (client, _):
            await client.connect()
            for number in range(50):
                client.send(f"{number}")
            await client.close(1001, "reset")
            assert await csms.wait("disconnected") == "the other side closed with code 1001, reset"
            assert len(csms.all_of("frame")) == 50

    run(scenario)


def test_a_cut_connection_ends_without_a_close_frame_and_comes_back() -> None:
    async def scenario() -> None:
        async with listening() as (server, csms), charger(server) as (client, mine):
            await client.connect()
            await client.abort()
            assert mine.all_of("disconnected") == ["we cut the connection"]
            broken = "the connection broke without a close frame"
            assert await csms.wait("disconnected") == broken
            assert await client.connect() == Connected("ocpp1.6")
            await csms.wait("connected", 2)
            await server.abort()
            assert await mine.wait("disconnected", 2) == broken

    run(scenario)


def test_the_network_can_be_down_for_a_time() -> None:
    async def scenario() -> None:
        clock = ManualClock()
        async with listening(clock=clock) as (server, csms), charger(server) as (client, mine):
            await client.connect()
            await csms.wait("connected")
            await server.refuse_for(30.0)
            await mine.wait("disconnected")
            attempt = await client.connect()
            assert isinstance(attempt, RefusedByPeer | Unreachable)
            assert getattr(attempt, "status", None) is None
            refused = await csms.wait("noticed")
            assert isinstance(refused, RefusedPeer)
            assert refused.station == "CP 1/ä"
            clock.advance(30.0)
            assert await client.connect() == Connected("ocpp1.6")
            await csms.wait("connected", 2)

    run(scenario)


def test_another_station_is_refused_and_recorded() -> None:
    async def scenario() -> None:
        async with (
            listening(station="CP1") as (server, csms),
            charger(server, "CP2") as (client, mine),
        ):
            attempt = await client.connect()
            assert isinstance(attempt, RefusedByPeer)
            assert attempt.status == 404
            assert "unknown station" in attempt.why
            refused = await csms.wait("noticed")
            assert (refused.station, refused.status) == ("CP2", 404)
            assert mine.log == []

    run(scenario)


def test_the_first_station_is_the_one() -> None:
    async def scenario() -> None:
        async with (
            listening() as (server, csms),
            charger(server, "CP1") as (one, _),
            charger(server, "CP2") as (other, _),
        ):
            await one.connect()
            await csms.wait("connected")
            assert server.station == "CP1"
            attempt = await other.connect()
            assert isinstance(attempt, RefusedByPeer)

    run(scenario)


def test_credentials_are_checked() -> None:
    async def scenario() -> None:
        key = bytes(range(20))
        async with listening(station="CP1", keys=[b"old", key]) as (server, csms):
            for given, status in ((None, 401), (b"wrong", 401), (key, None)):
                async with charger(server, "CP1", key=given) as (client, _):
                    attempt = await client.connect()
                    assert getattr(attempt, "status", None) == status
                    assert isinstance(attempt, Connected) == (status is None)
            for header in ("Basic ???", "Bearer x", f"Basic {base64.b64encode(b'x').decode()}"):
                with pytest.raises(websockets.InvalidStatus):
                    await connect(
                        f"{server.url}/CP1",
                        subprotocols=[websockets.Subprotocol("ocpp1.6")],
                        additional_headers={"Authorization": header},
                        proxy=None,
                    )
            assert len(csms.all_of("connected")) == 1

    run(scenario)


def test_a_newer_connection_replaces_the_older_one() -> None:
    async def scenario() -> None:
        async with (
            listening() as (server, csms),
            charger(server) as (one, first),
            charger(server) as (two, _),
        ):
            await one.connect()
            await csms.wait("connected")
            await two.connect()
            await csms.wait("connected", 2)
            await first.wait("disconnected")
            assert [kind for kind, _ in csms.log] == ["connected", "disconnected", "connected"]
            assert csms.all_of("disconnected") == ["a newer connection replaced this one"]

    run(scenario)


def test_a_client_of_another_protocol_is_closed_at_once() -> None:
    async def scenario() -> None:
        async with (
            listening() as (server, csms),
            charger(server, subprotocols=["ocpp2.0.1"]) as (client, mine),
        ):
            assert await client.connect() == Connected(None)
            why = await mine.wait("disconnected")
            assert why.startswith("the other side closed with code 1002")
            assert mine.all_of("noticed") == [NoSubprotocol(("ocpp2.0.1",), ("RPC-CONN-004",))]
            assert csms.all_of("noticed") == [NoSubprotocol(("ocpp2.0.1",), ("RPC-CONN-003",))]
            assert csms.all_of("connected") == []

    run(scenario)


def test_text_that_is_not_utf_8_breaks_the_connection() -> None:
    async def scenario() -> None:
        async with listening() as (server, csms), charger(server) as (client, _):
            await client.connect()
            client.send('[2,"a","\ud800",{}]')
            assert await csms.wait("disconnected") == "a text frame is not UTF-8"
            (fact,) = csms.all_of("noticed")
            assert fact == BrokenFrame(1007, "a text frame is not UTF-8", ("RPC-MSG-001",))

    run(scenario)


def test_a_frame_above_the_hard_limit_breaks_the_connection() -> None:
    async def scenario() -> None:
        async with listening(hard_limit=1000) as (server, csms), charger(server) as (client, _):
            await client.connect()
            client.send("x" * 1000)
            client.send("x" * 1001)
            assert await csms.wait("disconnected") == "a frame is above the hard limit"
            assert len(csms.all_of("frame")) == 1
            assert isinstance(csms.all_of("noticed")[0], BrokenFrame)

    run(scenario)


def test_nobody_there_is_unreachable() -> None:
    async def scenario() -> None:
        async with listening() as (server, _), charger(server) as (client, _):
            await server.stop()
            assert isinstance(await client.connect(), Unreachable)

    run(scenario)


def test_a_silent_server_is_unreachable() -> None:
    async def scenario() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            gone.set()

        gone = asyncio.Event()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        client = ChargerClient(Recorder(), RealClock(), url=url, station="CP1", open_timeout=0.2)
        attempt = await client.connect()
        assert attempt == Unreachable("no handshake within 0.2 s")
        await gone.wait()
        server.close()

    run(scenario)


@pytest.mark.parametrize("url", ["http://x", "ws://", "ws://x/?a=1", "x"])
def test_an_address_that_is_none_is_wrong_input(url: str) -> None:
    async def scenario() -> None:
        with pytest.raises(WrongInput, match="`"):
            ChargerClient(Recorder(), RealClock(), url=url, station="CP1")

    run(scenario)


def test_a_port_that_is_taken_is_wrong_input() -> None:
    async def scenario() -> None:
        async with listening() as (server, _):
            with pytest.raises(WrongInput, match="cannot listen"):
                await CsmsServer(Recorder(), RealClock(), port=server.port).start()

    run(scenario)


class Failing(Recorder):
    def on_frame(self, data: str | bytes, now: float) -> None:
        raise ZeroDivisionError("a bug in the tester")


def test_a_wire_that_fails_is_not_silent() -> None:
    async def scenario() -> None:
        wire = Failing()
        server = CsmsServer(wire, RealClock())
        await server.start()
        async with charger(server) as (client, mine):
            await client.connect()
            client.send("x")
            await mine.wait("disconnected")
            assert wire.all_of("disconnected") == ["the tester failed"]
            with pytest.raises(ZeroDivisionError):
                await server.stop()

    run(scenario)


def test_frames_that_could_not_be_sent_are_told() -> None:
    async def scenario() -> None:
        async with listening() as (server, csms), charger(server) as (client, mine):
            await client.connect()
            await csms.wait("connected")
            client.send("a")
            await client.abort()  # before the writer had its turn
            assert mine.all_of("noticed") == [NotSent("a")]

    run(scenario)


class Talker:
    """The smallest tester: a session on a wire, which sends what the session wants sent."""

    def __init__(self) -> None:
        self.session = Session()
        self.facts: asyncio.Queue[Any] = asyncio.Queue()

    def on_connected(self, now: float) -> None:
        self.session.connection_made(now)
        self.facts.put_nowait("connected")

    def on_frame(self, data: str | bytes, now: float) -> None:
        for fact in self.session.receive(data, now):
            self.facts.put_nowait(fact)

    def on_disconnected(self, now: float, why: str) -> None:
        self.session.connection_lost(now)

    def on_noticed(self, fact: LinkFact, now: float) -> None:
        raise AssertionError(fact)


def send_all(talker: Talker, shell: CsmsServer | ChargerClient) -> None:
    for frame in talker.session.take_outbox():
        assert shell.send(frame)


class TheirPoint(ChargePoint):  # type: ignore[misc]
    """A peer from the `ocpp` package; it plays either side."""

    @on("Reset")  # type: ignore[untyped-decorator]
    def on_reset(self, type: str) -> Any:
        return call_result.Reset(status="Accepted")

    @on("Heartbeat")  # type: ignore[untyped-decorator]
    def on_heartbeat(self) -> Any:
        return call_result.Heartbeat(current_time="2026-01-01T00:00:00Z")


def test_an_independent_charger_talks_to_our_csms() -> None:
    async def scenario() -> None:
        talker = Talker()
        server = CsmsServer(talker, RealClock(), station="CP1")
        await server.start()
        async with connect(
            f"{server.url}/CP1", subprotocols=[websockets.Subprotocol("ocpp1.6")], proxy=None
        ) as socket:
            point = TheirPoint("CP1", socket)
            reading = asyncio.create_task(point.start())
            booting = asyncio.create_task(
                point.call(call.BootNotification(charge_point_vendor="v", charge_point_model="m"))
            )
            assert await talker.facts.get() == "connected"
            called = await talker.facts.get()
            assert isinstance(called, Called)
            assert called.action == "BootNotification"
            answer = {
                "status": "Accepted",
                "interval": 300,
                "currentTime": "2026-01-01T00:00:00Z",
            }
            talker.session.answer(called.id, answer)
            talker.session.call("Reset", {"type": "Soft"}, now=0.0)
            send_all(talker, server)
            assert (await booting).status == "Accepted"
            answered = await talker.facts.get()
            assert isinstance(answered, Answered)
            assert answered.payload == {"status": "Accepted"}
            reading.cancel()
        await server.stop()

    run(scenario)


def test_our_charger_talks_to_an_independent_csms() -> None:
    async def scenario() -> None:
        async def handler(socket: Any) -> None:
            await TheirPoint(socket.request.path.strip("/"), socket).start()

        def opened() -> AbstractAsyncContextManager[Any]:
            names = [websockets.Subprotocol("ocpp1.6")]
            return serve(handler, "127.0.0.1", 0, subprotocols=names)

        async with opened() as server:
            talker = Talker()
            url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            client = ChargerClient(talker, RealClock(), url=url, station="CP1")
            assert await client.connect() == Connected("ocpp1.6")
            assert await talker.facts.get() == "connected"
            talker.session.call("Heartbeat", {}, now=0.0)
            send_all(talker, client)
            answered = await talker.facts.get()
            assert isinstance(answered, Answered)
            assert answered.payload == {"currentTime": "2026-01-01T00:00:00Z"}
            await client.stop()

    run(scenario)
