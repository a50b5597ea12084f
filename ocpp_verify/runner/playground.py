"""What a module of generated tests is played on: one model, one role, and a system under test.

Opening a run is cheap: the model, its oracle and its planner are made once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from random import Random

from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Role
from ocpp_verify.ir.system import State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.builtin import Wanted, charger_of, csms_of
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.quick_loop import LoopClock, QuickLoop
from ocpp_verify.live.labs import ChargerLab, CsmsLab
from ocpp_verify.live.oracle import Oracle, Timing
from ocpp_verify.live.planner import Planner, Purpose
from ocpp_verify.live.polite import ChargerAnswers
from ocpp_verify.live.refusals import refusals
from ocpp_verify.live.runtime import Patience, Plans, Run
from ocpp_verify.live.shells.client import ChargerClient
from ocpp_verify.live.shells.server import CsmsServer
from ocpp_verify.live.tester import Pace, Tester
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.live import Setup, make_conversation, make_planner
from ocpp_verify.runner.project import open_project, shipped_models
from ocpp_verify.runner.purposes import clauses

TAGS: Mapping[Role, Mapping[str, tuple[str, str]]] = {
    "charger": {"A": ("TAG-A", "Accepted"), "B": ("TAG-B", "Accepted")},
    "csms": {"A": ("TAG-A", "Accepted"), "B": ("TAG-B", "Blocked")},
}
"""The idTag and the standing of each token, unless a test chooses others."""

IDENTIFIERS: Mapping[str, str] = {
    "Accepted": "TAG-C",
    "Blocked": "TAG-B",
    "Expired": "TAG-D",
    "Invalid": "TAG-UNKNOWN",
}
"""An idTag for each thing that a CSMS says of one; of the last it has no record."""

KEYS: Mapping[str, str] = {
    "AuthorizeRemoteTxRequests": "true",
    "ConnectionTimeOut": "20",
    "MeterValueSampleInterval": "10",
    "ReserveConnectorZeroSupported": "true",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
}
"""The configuration of a system that we start ourselves."""

TRAITS: Mapping[str, Value] = {"freeCharging": False, "reserves": True}

QUICK = Timing(answer=3.0, send=3.0, latency=1.0, notice=1.0, at_most=3.0)
"""For systems in this process, whose time is virtual."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What tests are told from outside about the system that they test.

    Attributes:
        module: where the systems are that are started for a test.
        keys: configuration keys as they are on the wire.
        faults: deviations that a built-in system is asked to have.
        wait: seconds in which the timers of the system run out.
    """

    module: str
    station: str = "CP1"
    keys: Mapping[str, str] = field(default_factory=lambda: dict(KEYS))
    traits: Mapping[str, Value] = field(default_factory=lambda: dict(TRAITS))
    faults: tuple[str, ...] = ()
    timing: Timing = QUICK
    connect: float = 30.0
    wait: float = 40.0


class Ground:
    """A model, the role that is tested, and what follows from them once for all runs."""

    def __init__(self, lowering: Lowering, role: Role, setup: Setup) -> None:
        self.lowering = lowering
        self.role = role
        self.setup = setup
        self._schemas = Schemas()
        self._oracle = Oracle(lowering, role, setup.timing)

    @cached_property
    def plans(self) -> Plans:
        """Ways that may use all that the lab's contract has."""
        purposes = [*clauses(self.lowering, self.role), *refusals(self.lowering, self.role)]
        return Plans(planner_for(self.lowering, self.role, self.setup, purposes), purposes)

    def conversation(self, clock: Clock, states: Sequence[State] | None = None) -> Conversation:
        """One in which nothing has happened yet."""
        made = make_conversation(
            self.lowering, self.role, self.setup, clock, self._schemas, self._oracle, states
        )
        if self.role == "csms":
            made.polite = ChargerAnswers()
        return made


class Playground(Ground):
    """A system of this process is started for each run, and its time runs fast."""

    def __init__(self, file: Path, role: Role, circumstances: Circumstances) -> None:
        lowering = lowered(file)
        super().__init__(lowering, role, setup_for(lowering, role, circumstances))
        self.circumstances = circumstances

    def open(self, repeat: str) -> Run:
        """A run against a fresh system of this process."""
        loop = QuickLoop()
        return loop.run_until_complete(self._start(loop, repeat))

    async def _start(self, loop: asyncio.AbstractEventLoop, repeat: str) -> Run:
        clock = LoopClock(loop)
        tester = Tester(self.conversation(clock), None, [], clock, Random(0), self.setup.pace)
        stack = AsyncExitStack()
        if self.role == "charger":
            await self._start_charger(stack, tester, clock)
        else:
            await self._start_csms(stack, tester, clock)
        return Run(
            loop,
            tester,
            stack.aclose,
            title=f"SUT {self.role} of {self.circumstances.module}",
            repeat=repeat,
            plans=self.plans,
            patience=Patience(wait=self.circumstances.wait, linger=self.circumstances.wait),
            identifiers=IDENTIFIERS,
            on_close=lambda: _end(loop),
        )

    async def _start_charger(self, stack: AsyncExitStack, tester: Tester, clock: Clock) -> None:
        server = CsmsServer(tester, clock, station=self.circumstances.station)
        await server.start()
        stack.push_async_callback(server.stop)
        wanted = replace(self._wanted(clock), url=server.url)
        make = charger_of(self.circumstances.module)
        bench = await stack.enter_async_context(make(wanted))
        tester.use(ChargerLab(bench, server))

    async def _start_csms(self, stack: AsyncExitStack, tester: Tester, clock: Clock) -> None:
        make = csms_of(self.circumstances.module)
        ends = await stack.enter_async_context(make(self._wanted(clock)))
        client = ChargerClient(tester, clock, url=ends.url, station=self.circumstances.station)
        stack.push_async_callback(client.stop)
        refused = tester.conversation.observe
        tester.use(
            CsmsLab(ends.operator, client, lambda why: refused(f"connection refused: {why}"))
        )

    def _wanted(self, clock: Clock) -> Wanted:
        sizes = dict(self.lowering.system.sizes)
        return Wanted(
            clock,
            station=self.circumstances.station,
            connectors=sizes.get("Connector", 1),
            tags=_on_record(self.role),
            keys=self.circumstances.keys,
            faults=self.circumstances.faults,
        )


def planner_for(
    lowering: Lowering, role: Role, setup: Setup, purposes: Sequence[Purpose]
) -> Planner:
    """A planner that counts on all that the lab's contract has."""
    return make_planner(
        lowering,
        role,
        setup,
        can=lambda event: role == "charger",
        purposes=purposes,
        askable=lambda action: role == "csms",
    )


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Close the loop, and end what a system left running on it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


def _on_record(role: Role) -> dict[str, str]:
    """What the CSMS knows about identifiers."""
    found = dict(TAGS[role].values())
    if role == "csms":
        found |= {tag: status for status, tag in IDENTIFIERS.items() if status != "Invalid"}
    return found


def lowered(file: Path) -> Lowering:
    """The ground system of a model file, from here or from the models that come along."""
    near = file if file.is_file() else shipped_models() / file.name
    project = open_project([near])
    if project.model is None or project.has_errors:
        raise WrongInput(f"{near} has errors", help=f"run ocpp-verify check {near}")
    return lower(project.model, on_the_wire=True)


def setup_for(lowering: Lowering, role: Role, lab: Circumstances) -> Setup:
    """What is known about the system, in the model's values."""
    words: dict[str, Value] = {"true": True, "false": False}
    model = lowering.model
    known = {each.name: each for each in model.variables}
    fixed = {
        name: words.get(value.lower(), value)
        for name, value in lab.keys.items()
        if name in known and known[name].config
    }
    fixed.update({name: value for name, value in lab.traits.items() if name in known})
    lengths = {each.name for each in model.settings}
    settings: dict[str, float] = {"BootInterval": 1.0, "ReservationLength": 30.0}
    settings |= {name: float(value) for name, value in lab.keys.items() if name in lengths}
    settings |= lab.timing.settings
    return Setup(
        tags={token: tag for token, (tag, _) in TAGS[role].items()},
        standing={token: standing for token, (_, standing) in TAGS[role].items()},
        fixed=fixed,
        timing=replace(lab.timing, settings=settings),
        pace=Pace(connect=lab.connect, step=5.0, hasty=0.0),
        ignore_limit=lab.wait,
    )
