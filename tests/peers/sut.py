"""The two peers as systems under test for `pytest generated_tests --ocpp-sut tests.peers.sut`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from ocpp_verify.live.builtin import CsmsEnds, Wanted
from ocpp_verify.live.drivers.bench import VERBS
from ocpp_verify.live.drivers.bench import Bench as BenchDriver
from ocpp_verify.live.drivers.outcome import Done, Outcome, Refused
from tests.peers.charger import Charger, ChargerSettings
from tests.peers.csms import CSMS, CSMSSettings
from tests.peers.csms.operator import ACTIONS
from tests.peers.csms.settings import Tag
from tests.peers.http_door import ProblemError


class _Bench:
    """The charger's bench without HTTP."""

    verbs = frozenset(VERBS)

    def __init__(self, charger: Charger) -> None:
        self._charger = charger

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        try:
            await self._charger.act(verb, dict(arguments))
        except ProblemError as problem:
            return Refused(str(problem))
        return Done()


class PeerOperator:
    """The CSMS's operator without HTTP."""

    actions = frozenset(ACTIONS)

    def __init__(self, csms: CSMS, station: str) -> None:
        self._csms = csms
        self._station = station

    async def do(self, action: str, payload: Mapping[str, object]) -> Outcome:
        try:
            await self._csms.send(self._station, action, dict(payload))
        except ProblemError as problem:
            return Refused(str(problem))
        return Done()


@asynccontextmanager
async def charger(wanted: Wanted) -> AsyncIterator[BenchDriver]:
    """A charger that connects to `wanted.url`."""
    settings = ChargerSettings(
        wanted.url,
        wanted.station,
        wanted.connectors,
        faults=wanted.faults,
        config=wanted.keys,
        reconnect_pause=(0.1, 5.0),
    )
    async with Charger(settings) as peer:
        yield _Bench(peer)


@asynccontextmanager
async def csms(wanted: Wanted) -> AsyncIterator[CsmsEnds]:
    """A CSMS that knows the tags."""
    tags = {
        tag: Tag(standing)  # type: ignore[arg-type]
        for tag, standing in wanted.tags.items()
    }
    async with CSMS(CSMSSettings(tags=tags, faults=wanted.faults)) as peer:
        yield CsmsEnds(peer.url, PeerOperator(peer, wanted.station))
