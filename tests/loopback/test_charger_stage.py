"""How a charger is brought to a start, and how it is left."""

import asyncio
from collections.abc import Mapping

import pytest
from websockets.asyncio.client import ClientConnection, connect

from ocpp_verify.live.drivers.bench import HttpBench, NoBench
from ocpp_verify.live.drivers.clock import RealClock
from ocpp_verify.live.drivers.outcome import Done, Outcome
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.livetest import LiveTest, Options
from ocpp_verify.runner.project import open_project
from ocpp_verify.runner.stage import ChargerStage, Homecoming

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(60)]


class Switch:
    """A bench that can take the power, and with it the connection."""

    verbs = frozenset({"power_off", "power_on"})

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.connection: ClientConnection | None = None

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        self.asked.append(verb)
        if verb == "power_off" and self.connection is not None:
            await self.connection.close()
        return Done()


def stage_of(bench: Switch | HttpBench) -> ChargerStage:
    return ChargerStage(bench, RealClock(), Schemas(), (1,), "127.0.0.1", 0, None, 1, 1.0)


async def started(bench: Switch) -> Homecoming | None:
    stage = stage_of(bench)
    await stage.open()
    try:
        async with connect(f"{stage.address}/CP1", subprotocols=["ocpp1.6"]) as connection:
            bench.connection = connection
            return await stage.begin(2.0)
    finally:
        await stage.close()


def test_a_charger_with_a_switch_begins_without_power_and_is_left_with_it() -> None:
    bench = Switch()
    assert asyncio.run(started(bench)) == "restarted"
    assert bench.asked == ["power_off", "power_on"]


def test_a_charger_that_does_not_come_is_lost() -> None:
    async def play() -> Homecoming | None:
        stage = stage_of(Switch())
        await stage.open()
        try:
            return await stage.begin(0.2)
        finally:
            await stage.close()

    assert asyncio.run(play()) == "lost"


def test_a_bench_that_comes_later_is_asked_again() -> None:
    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'["plug_in"]'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async def play() -> frozenset[str]:
        probe = await asyncio.start_server(door, "127.0.0.1", 0)
        port = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        bench = HttpBench(f"http://127.0.0.1:{port}")
        stage = stage_of(bench)
        await stage.open()
        server = await asyncio.start_server(door, "127.0.0.1", port)
        try:
            await stage.begin(0.2)
        finally:
            await stage.close()
            server.close()
        return bench.verbs

    assert asyncio.run(play()) == {"plug_in"}


def test_what_takes_too_long_is_listed_with_its_cure() -> None:
    options = Options("none", "CP1", seed=1, timing="quick")
    test = LiveTest(open_project(), options, listen=("127.0.0.1", 0), bench=NoBench())
    reasons = {each.name: each.why for each in test.result().showings}
    assert "`--config ReservationLength=SECONDS` makes it shorter" in reasons["Expire"]
    assert "`--set ConnectionTimeOut=SECONDS` makes it shorter" in reasons["GiveUp"]
