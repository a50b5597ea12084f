"""A simulated charger and a simulated CSMS hold a whole session with each other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ocpp_verify.live.drivers.bench import HttpBench
from ocpp_verify.live.drivers.clock import RealClock
from ocpp_verify.live.drivers.operator import HttpOperator
from ocpp_verify.live.drivers.outcome import Done, Refused
from ocpp_verify.live.oracle import Timing
from ocpp_verify.runner.live import Setup
from ocpp_verify.runner.project import open_project
from ocpp_verify.runner.simulate import Played, Player

pytestmark = [pytest.mark.loopback, pytest.mark.slow]

TAGS = {"A": "TAG-A", "B": "TAG-B"}
STANDING = {"A": "Accepted", "B": "Blocked"}
KEYS = {"AuthorizeRemoteTxRequests": True, "reserves": True, "StopTransactionOnInvalidId": True}


@asynccontextmanager
async def playing(player: Player) -> AsyncIterator[None]:
    """The player at work."""
    running = asyncio.create_task(player.run())
    ready = asyncio.create_task(player.ready.wait())
    await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED, timeout=10)
    ready.cancel()
    if running.done():
        running.result()
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest.mark.timeout(60)
def test_a_session_runs_from_the_plug_to_the_last_status() -> None:
    told: list[str] = []

    async def session() -> tuple[set[str], list[object]]:
        project = open_project()
        assert project.model is not None
        setup = Setup(TAGS, STANDING, KEYS, Timing(settings={"MeterValueSampleInterval": 0.0}))
        clock = RealClock()
        central = Player(Played(project.model, "csms", setup, "CP1"), clock, told.append)
        async with playing(central):
            played = Played(project.model, "charger", setup, "CP1", url=central.address)
            charger = Player(played, clock, told.append)
            async with playing(charger):
                bench = HttpBench(charger.control)
                operator = HttpOperator(central.control, "CP1")
                assert await bench.discover()
                outcomes: list[object] = []
                await asyncio.sleep(0.5)
                outcomes.append(await bench.do("plug_in", {"connectorId": 1}))
                outcomes.append(await bench.do("plug_in", {"connectorId": 1}))
                for _ in range(2):
                    outcomes.append(await bench.do("present_tag", {"idTag": "TAG-A"}))
                    await asyncio.sleep(1.0)
                outcomes.append(await bench.do("plug_out", {"connectorId": 1}))
                await asyncio.sleep(0.5)
                reservation = {"connectorId": 1, "idTag": "TAG-B", "reservationId": 7}
                outcomes.append(await operator.do("ReserveNow", reservation))
                outcomes.append(await operator.do("CancelReservation", {"reservationId": 7}))
                outcomes.append(await operator.do("UnlockConnector", {"connectorId": 1}))
                steps = {
                    str(charger.conversation.oracle.system.commands[number].label).split("(")[0]
                    for number in charger.conversation.taken
                }
                return steps, outcomes

    steps, outcomes = asyncio.run(session())
    assert {"BootNotification", "Authorize", "StartTransaction", "StopTransaction"} <= steps
    assert "StatusNotification" in steps
    assert [type(each) for each in outcomes] == [Done, Refused, *[Done] * 6]
    assert "Accepted" in str(outcomes[5])
    assert "Accepted" in str(outcomes[6])
    assert told == []
