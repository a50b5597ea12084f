"""Peers that break the protocol in every way: each test ends with a verdict and a trace on disk."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ocpp_verify.live.drivers.bench import NoBench
from ocpp_verify.runner.livetest import LiveTest, Options
from ocpp_verify.runner.project import open_project
from ocpp_verify.runner.verdicts import LiveFinished

pytestmark = [pytest.mark.loopback, pytest.mark.slow, pytest.mark.timeout(60)]

Behaviour = Callable[[ClientConnection], Awaitable[None]]
BOOT = '[2,"b1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
BUDGET = 3.0


def options(folder: Path, lab: str = "none") -> Options:
    return Options(lab, "CP1", seed=1, budget=BUDGET, timing="quick", trace_dir=folder)


async def tried(folder: Path, behave: Behaviour) -> LiveFinished:
    """The result of testing a charger that behaves like this on every connection."""
    test = LiveTest(open_project(), options(folder), listen=("127.0.0.1", 0), bench=NoBench())
    running = asyncio.create_task(test.run())

    async def peer() -> None:
        while True:
            await asyncio.sleep(0.05)
            # An aborted transport may raise AttributeError inside websockets.
            with contextlib.suppress(
                OSError, ConnectionClosed, InvalidHandshake, TimeoutError, AttributeError
            ):
                if test.stage.address.endswith(":0"):
                    continue
                async with connect(
                    f"{test.stage.address}/CP1", subprotocols=["ocpp1.6"], max_size=None
                ) as connection:
                    await behave(connection)

    hostile = asyncio.create_task(peer())
    try:
        return await running
    finally:
        hostile.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hostile


def judged(folder: Path, behave: Behaviour) -> LiveFinished:
    result = asyncio.run(tried(folder, behave))
    traces = list(folder.glob("*.trace.json"))
    assert traces, "no trace was written"
    for each in traces:
        assert json.loads(each.read_text(encoding="utf-8"))["entries"]
    return result


async def answer_all(connection: ClientConnection) -> None:
    """Answer every call with an empty object until the connection ends."""
    async for text in connection:
        frame = json.loads(text)
        if frame[0] == 2:
            await connection.send(json.dumps([3, frame[1], {}]))


def saying(*frames: str | bytes) -> Behaviour:
    async def behave(connection: ClientConnection) -> None:
        await connection.send(BOOT)
        await connection.recv()
        for frame in frames:
            await connection.send(frame)
        await answer_all(connection)

    return behave


BROKEN: dict[str, tuple[str | bytes, ...]] = {
    "no JSON": ("{", "nonsense", "[2,"),
    "wrong arrays": ("[]", "{}", "[2]", '[2,"x"]', '[2,7,"Heartbeat",{}]', "null", '[3,"q"]'),
    "deep nesting": ("[" * 5000,),
    "unknown action": ('[2,"u1","MakeCoffee",{"cups":2}]',),
    "binary frame": (b"\x00\x01\x02",),
    "wrong types": (
        '[2,"w1","StatusNotification",{"connectorId":"one","status":[],"errorCode":{}}]',
    ),
    "half a surrogate": ('[2,"\\ud800","Heartbeat",{"x":"\\udfff"}]',),
    "huge number": ('[2,"h1","MeterValues",{"connectorId":' + "9" * 5000 + "}]",),
    "above the soft limit": ('[2,"o1","DataTransfer",{"vendorId":"' + "x" * 1_200_000 + '"}]',),
    "answers to nothing": ('[3,"nobody",{}]', '[4,"nobody","GenericError","",{}]'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_frame_is_a_finding(name: str, tmp_path: Path) -> None:
    result = judged(tmp_path, saying(*BROKEN[name]))
    assert result.verdict == "fail"
    assert {each.finding.kind for each in result.failures} & {"protocol", "schema"}


def test_a_frame_above_the_hard_limit_is_a_finding(tmp_path: Path) -> None:
    result = judged(tmp_path, saying("x" * (17 * 1024 * 1024)))
    assert result.verdict == "fail"


def test_closing_in_mid_call_ends_with_a_verdict(tmp_path: Path) -> None:
    async def behave(connection: ClientConnection) -> None:
        await connection.send(BOOT)
        await connection.recv()
        await connection.recv()
        await connection.close(1011, "oops")

    assert judged(tmp_path, behave).verdict in ("fail", "inconclusive")


def test_never_answering_is_a_finding(tmp_path: Path) -> None:
    async def behave(connection: ClientConnection) -> None:
        await connection.send(BOOT)
        async for _ in connection:
            pass

    result = judged(tmp_path, behave)
    assert result.verdict == "fail"
    assert result.failures[0].finding.kind == "missing"


def test_answering_twice_is_a_finding(tmp_path: Path) -> None:
    async def behave(connection: ClientConnection) -> None:
        await connection.send(BOOT)
        await connection.recv()
        async for text in connection:
            frame = json.loads(text)
            if frame[0] == 2:
                await connection.send(json.dumps([3, frame[1], {}]))
                await connection.send(json.dumps([3, frame[1], {}]))

    assert judged(tmp_path, behave).verdict == "fail"


def test_a_flood_is_a_finding_and_ends_the_run(tmp_path: Path) -> None:
    async def behave(connection: ClientConnection) -> None:
        await connection.send(BOOT)
        await connection.recv()
        for number in range(100_000):
            await connection.send(f'[2,"f{number}","Heartbeat",{{}}]')

    result = judged(tmp_path, behave)
    assert "flood" in {each.finding.kind for each in result.failures}


def test_a_charger_that_goes_for_good_has_ended(tmp_path: Path) -> None:
    visits = []

    async def behave(connection: ClientConnection) -> None:
        if visits:
            await asyncio.sleep(60)
        visits.append(1)
        await connection.send(BOOT)
        await connection.recv()
        await connection.close()
        await asyncio.sleep(60)

    result = judged(tmp_path, behave)
    assert result.verdict in ("fail", "inconclusive")


async def tried_csms(
    folder: Path, reply: Callable[[ServerConnection, Any], Awaitable[None]]
) -> LiveFinished:
    async def behave(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in connection:
                await reply(connection, json.loads(text))

    async with serve(behave, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        test = LiveTest(open_project(), options(folder), url=f"ws://127.0.0.1:{port}")
        return await test.run()


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '[3,"%s"]', '[3,"%s",7]', '[4,"%s"]', '[9,"%s"]', '[3,"other",{}]', '[3,"%s",{}]'],
)
def test_a_csms_that_answers_nonsense_fails(text: str, tmp_path: Path) -> None:
    async def reply(connection: ServerConnection, frame: Any) -> None:
        await connection.send(text.replace("%s", str(frame[1])))

    result = asyncio.run(tried_csms(tmp_path, reply))
    assert result.verdict == "fail"
    assert list(tmp_path.glob("*.trace.json"))


def test_a_csms_that_closes_at_once_ends_with_a_verdict(tmp_path: Path) -> None:
    async def reply(connection: ServerConnection, frame: Any) -> None:
        del frame
        await connection.close(1008, "go away")

    assert asyncio.run(tried_csms(tmp_path, reply)).verdict in ("fail", "inconclusive")
