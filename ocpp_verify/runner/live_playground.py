"""Generated tests against a live system: one connection for the session, one system for all runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ocpp_verify.errors import PeerUnreachable
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Role
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.bench import parse_bench
from ocpp_verify.live.drivers.clock import RealClock
from ocpp_verify.live.drivers.operator import parse_operator
from ocpp_verify.live.runtime import Patience, Run
from ocpp_verify.live.tester import Tester
from ocpp_verify.runner.live import Setup
from ocpp_verify.runner.livetest import TimingName, known_values, pace_of, timing_of
from ocpp_verify.runner.playground import Ground, lowered
from ocpp_verify.runner.stage import ChargerStage, CsmsStage, Homecoming, Stage
from ocpp_verify.runner.tags import Tag, own_tags, read_tags, selections


@dataclass(frozen=True, slots=True)
class LiveSystem:
    """Where the system is, and who works at it.

    Attributes:
        address: HOST and PORT to listen on for a charger; the URL of a CSMS.
        lab: the bench of a charger or the operator of a CSMS, as its option is written.
        config: what is known of configuration keys, traits and durations.
    """

    role: Role
    address: tuple[str, int] | str
    lab: str = "none"
    station: str | None = None
    tags: Path | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    timing: TimingName = "normal"


class LivePlayground(Ground):
    """Between two runs the system is brought home: by its bench, by a reset, or by tidying up.

    The system of all models is one, so `rooms` has one stage per address; a run of one module ends
    before that of another begins.
    """

    def __init__(self, file: Path, system: LiveSystem, room: Room) -> None:
        lowering = lowered(file)
        super().__init__(lowering, system.role, _setup(lowering, system))
        self._room = room
        self._identifiers = {each.standing: each.id for each in reversed(_tags(system))}
        self._patience = Patience(
            settle=self.setup.pace.step,
            moment=0.05,
            step=self.setup.pace.step,
            wait=self.setup.ignore_limit,
            watch=self.setup.pace.watch,
            linger=self.setup.pace.watch,
        )

    def open(self, repeat: str) -> Run:
        """A run that begins with the system at home. Raises PeerUnreachable if it is lost."""
        return self._room.loop.run_until_complete(self._start(repeat))

    async def _start(self, repeat: str) -> Run:
        room = self._room
        came = await room.home()
        stage = room.stage
        conversation = self.conversation(room.clock, stage.states(self.lowering, self.setup, came))
        tester = Tester(conversation, None, [], room.clock, Random(0), self.setup.pace)
        tester.use(stage.lab)
        stage.relay.attach(tester, room.clock.now())
        await stage.go()
        room.last = conversation
        return Run(
            room.loop,
            tester,
            _nothing,
            title=f"SUT {self.role} at {stage.address}",
            repeat=repeat,
            plans=self.plans,
            patience=self._patience,
            identifiers=self._identifiers,
        )


async def _nothing() -> None:
    """The connection outlives the run."""


class Room:
    """The event loop and the stage of one live system. `close` ends both."""

    def __init__(self, system: LiveSystem, connectors: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = RealClock()
        self.last: Conversation | None = None
        self.stage: Stage = _stage(system, self.clock, connectors)
        self._is_open = False

    async def home(self) -> Homecoming | None:
        """Bring the system to where a run may begin; None the first time."""
        if not self._is_open:
            self._is_open = True
            await self.stage.open()
            return None
        came = await self.stage.home(self.last)
        if came == "lost":
            raise PeerUnreachable(
                f"the {self.stage.sut} at {self.stage.address} does not come back after a run",
                help="look at its log, and start it again",
            )
        return came

    def close(self) -> None:
        """Leave the system."""
        if self._is_open:
            self.loop.run_until_complete(self.stage.close())
        self.loop.close()


def _stage(system: LiveSystem, clock: RealClock, connectors: int) -> Stage:
    from ocpp_verify.ocpp.v16.schemas import Schemas

    gone = pace_of(system.timing).gone
    match system.address:
        case (host, port):
            numbers = tuple(range(1, connectors + 1))
            bench = parse_bench(system.lab)
            return ChargerStage(
                bench, clock, Schemas(), numbers, host, port, system.station, 0, gone
            )
        case str(url):
            station = system.station or "CP1"
            operator = parse_operator(system.lab, station)
            return CsmsStage(operator, clock, Schemas(), url, station, 0, min(10.0, gone))


def _tags(system: LiveSystem) -> tuple[Tag, ...]:
    """The identifiers that are known; those nobody has on record where no file names any."""
    if system.tags is not None:
        return read_tags(system.tags)
    return own_tags(2, "Accepted" if system.role == "charger" else "Invalid")


def _setup(lowering: Lowering, system: LiveSystem) -> Setup:
    fixed, seconds = known_values(lowering.model, system.config)
    tokens = next((each.values for each in lowering.model.types if each.name == "IdTag"), ())
    chosen = selections(_tags(system), len(tokens))[0]
    pairs = list(zip(map(str, tokens), chosen, strict=False))
    return Setup(
        {token: tag.id for token, tag in pairs},
        {token: tag.standing for token, tag in pairs},
        fixed,
        timing_of(system.timing, seconds),
        pace_of(system.timing),
        ignore_limit=5.0 if system.timing == "quick" else 30.0,
    )
