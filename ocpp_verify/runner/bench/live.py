"""What a step of a live test costs: our CSMS beside one that only echoes."""

from __future__ import annotations

import asyncio
import sys
from random import Random

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.live.drivers.bench import NoBench
from ocpp_verify.live.drivers.clock import RealClock
from ocpp_verify.live.labs import ChargerLab
from ocpp_verify.live.oracle import Timing
from ocpp_verify.live.shells.server import CsmsServer
from ocpp_verify.live.tester import Pace, Tester
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.bench.caller import STATION
from ocpp_verify.runner.bench.figures import Sample, Table, Tell, side_by_side
from ocpp_verify.runner.live import Setup, make_conversation
from ocpp_verify.runner.project import Choices, open_project

BARE, OURS = "websockets alone", "ocpp-verify"
ROUNDS = 3000
_LIMIT = 120.0
_ABOUT = (
    "A charger in a process of its own sends Heartbeat, StatusNotification and MeterValues in turn "
    "and waits for each answer, over loopback. `websockets alone` is a server on that library that "
    "sends an answer without looking at what it answers. Ours reads the JSON, validates it against "
    "the schema, follows all states that the composed Core and Reservation models allow when the "
    "configuration is known, composes the answer and logs both."
)


def measure(repeat: int, tell: Tell, rounds: int = ROUNDS) -> Table:
    """Round trips per second of both, each called `rounds` times in a run."""
    project = open_project((), Choices({"Connector": 1}))
    assert project.model is not None, "the shipped models have no errors"
    lowering = lower(project.model, on_the_wire=True)
    contenders = {
        BARE: lambda: _sample(asyncio.run(_bare(rounds)), rounds),
        OURS: lambda: _sample(asyncio.run(_ours(lowering, rounds)), rounds),
    }
    rows = side_by_side("round trips", contenders, repeat, tell)
    rates = {row.contender: row.figures["round_trips_per_second"] for row in rows}
    return Table(
        "live",
        "A step of a live test",
        _ABOUT,
        rows,
        {"live_vs_bare_websockets": rates[OURS] / rates[BARE]},
    )


def _sample(seconds: float, rounds: int) -> Sample:
    return {"round_trips_per_second": rounds / seconds, "milliseconds": 1000 * seconds / rounds}


async def _bare(rounds: int) -> float:
    async def answer(connection: ServerConnection) -> None:
        async for text in connection:
            name = str(text).split('"', 2)[1]
            await connection.send(f'[3,"{name}",{{}}]')

    async with serve(
        answer, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")], compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        return await _called(f"ws://127.0.0.1:{port}", rounds)


async def _ours(lowering: Lowering, rounds: int) -> float:
    clock = RealClock()
    keys = {each.name: True for each in lowering.model.variables if each.config}
    setup = Setup(tags={}, standing={}, fixed=keys, timing=Timing(settings={}), pace=Pace())
    conversation = make_conversation(lowering, "charger", setup, clock, Schemas())
    tester = Tester(conversation, None, [], clock, Random(0), setup.pace)
    server = CsmsServer(tester, clock, station=STATION)
    tester.use(ChargerLab(NoBench(), server))
    await server.start()
    caller = asyncio.create_task(_called(server.url, rounds))
    caller.add_done_callback(lambda _: tester.wake())
    try:
        await tester.until(caller.done, _LIMIT)
        if tester.is_over():
            caller.cancel()
            found = [each.message for each in conversation.findings] or [str(tester.inconclusive)]
            raise RuntimeError(f"the caller does not keep to the model: {found[0]}")
        return await caller
    finally:
        await server.stop()


async def _called(url: str, rounds: int) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ocpp_verify.runner.bench.caller",
        url,
        str(rounds),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the caller failed: {err.decode()[-500:]}")
    return float(out)
