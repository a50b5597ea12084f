"""`test charger` and `test csms` against the peers of this repository, on a clock that runs fast."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.model import Role
from ocpp_verify.live.builtin import Wanted
from ocpp_verify.live.drivers.quick_loop import LoopClock, QuickLoop
from ocpp_verify.runner.livetest import LiveTest, Options, model_files
from ocpp_verify.runner.project import Choices, Project, open_project
from ocpp_verify.runner.verdicts import LiveFinished
from ocpp_verify.runner.workshop import Workshop
from tests.peers import sut
from tests.peers.csms import CSMS, CSMSSettings, Tag
from tests.peers.csms.settings import TagStatus

KEYS: Mapping[str, str] = {
    "ConnectionTimeOut": "4",
    "MeterValueSampleInterval": "0",
    "ReserveConnectorZeroSupported": "true",
}
WITHOUT_STATUS = "T5"
UNKNOWN = "T6"
TAGS: Mapping[str, TagStatus] = {
    "T1": "Accepted",
    "T-2": "Accepted",
    "T3": "Blocked",
    "T4": "Expired",
    WITHOUT_STATUS: "Invalid",
    UNKNOWN: "Invalid",
}
"""What a CSMS says of each tag. One is on its record without a status, one is not on it at all."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: `budget` is in seconds of the fast clock, `keys` are the charger's from the start."""

    role: Role
    seed: int
    budget: float
    faults: tuple[str, ...] = ()
    connectors: int = 1
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    config: Mapping[str, str] = field(default_factory=dict)
    enough: int | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it, and the seconds of this machine that it took."""

    case: Case
    result: LiveFinished
    seconds: float


@cache
def _project(connectors: int) -> Project:
    return open_project(model_files("core,reservation"), Choices({"Connector": connectors}, {}))


@cache
def _workshop(connectors: int) -> Workshop:
    model = _project(connectors).model
    assert model is not None
    return Workshop(lower(model, on_the_wire=True))


def play(case: Case, tell: Callable[[str], None] = lambda text: None) -> Played:
    """Carry the test out."""
    began = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=QuickLoop) as runner,
    ):
        act = _of_charger if case.role == "charger" else _of_csms
        result = runner.run(act(case, Path(folder), tell))
    return Played(case, result, time.process_time() - began)


def _options(case: Case, folder: Path) -> Options:
    file = folder / "tags.yaml"
    file.write_text("".join(f"{tag}: {standing}\n" for tag, standing in TAGS.items()))
    return Options(
        "none",
        "CP1",
        file,
        case.seed,
        case.budget,
        config=case.config,
        timing="quick",
        enough=case.enough,
    )


async def _of_charger(case: Case, folder: Path, tell: Callable[[str], None]) -> LiveFinished:
    clock = LoopClock(asyncio.get_running_loop())
    port = _free_port()
    wanted = Wanted(
        clock,
        f"ws://127.0.0.1:{port}",
        connectors=case.connectors,
        keys=case.keys,
        faults=case.faults,
    )
    async with sut.charger(wanted) as bench:
        test = LiveTest(
            _project(case.connectors),
            _options(case, folder),
            listen=("127.0.0.1", port),
            bench=bench,
            clock=clock,
            tell=tell,
            workshop=_workshop(case.connectors),
        )
        return await test.run()


async def _of_csms(case: Case, folder: Path, tell: Callable[[str], None]) -> LiveFinished:
    clock = LoopClock(asyncio.get_running_loop())
    known = {tag: Tag(standing) for tag, standing in TAGS.items() if tag != UNKNOWN}
    known[WITHOUT_STATUS] = Tag(None)
    async with CSMS(CSMSSettings(tags=known, faults=case.faults)) as peer:
        test = LiveTest(
            _project(case.connectors),
            _options(case, folder),
            url=peer.url,
            operator=sut.PeerOperator(peer, "CP1"),
            clock=clock,
            tell=tell,
            workshop=_workshop(case.connectors),
        )
        return await test.run()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
