"""The parts of the demonstration: shipped models, one of them made wrong on purpose, two peers.

All of it is chosen to be decided quickly at one connector; `check` without arguments decides the rest.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocpp_verify.diagrams.extract.moves import Effort, moves
from ocpp_verify.diagrams.extract.projection import diagram_of
from ocpp_verify.diagrams.extract.sequence import sequence_of_trace
from ocpp_verify.diagrams.extract.subject import parse_subject, with_table
from ocpp_verify.diagrams.pictures import NoteBlock, SequenceDiagram, StateDiagram
from ocpp_verify.errors import WrongInput
from ocpp_verify.events import CheckFinished, Event, PropertyDecided
from ocpp_verify.ir.formula import among, every
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.properties import Scenario
from ocpp_verify.ir.system import Formula
from ocpp_verify.ir.types import Value
from ocpp_verify.lang.load import load_text
from ocpp_verify.live.builtin import Wanted, charger_of
from ocpp_verify.live.drivers.bench import VERBS, Bench
from ocpp_verify.live.drivers.outcome import Outcome
from ocpp_verify.live.drivers.quick_loop import LoopClock, QuickLoop
from ocpp_verify.live.oracle import Timing
from ocpp_verify.live.planner import Purpose
from ocpp_verify.live.tester import Pace
from ocpp_verify.runner.catalogue import read_catalogue, words
from ocpp_verify.runner.check import Settings, check
from ocpp_verify.runner.live import RunResult, Setup, run_charger
from ocpp_verify.runner.overrides import override
from ocpp_verify.runner.portfolio import Limits
from ocpp_verify.runner.project import Choices, Files, Project, find, open_project, shipped_models
from ocpp_verify.source import NOWHERE

Tell = Callable[[Event], None]

SIZES: Mapping[str, int] = {"Connector": 1}

DECIDED: tuple[str, ...] = (
    "OneTransactionPerConnector",
    "NoTransactionIsForgotten",
    "NoTransactionWhileInoperative",
    "OnlyBootNotificationBeforeAcceptance",
    "RunningHasAUser",
    "IdsAreNotShared",
    "EnergyStatesMeanATransaction",
    "OnlyTheHolderStarts",
    "AReservationIsUsedOnce",
    "AReservationHoldsOneConnector",
    "ReservedOnlyByReservation",
    "NoTransactionUnderAReservation",
)
"""Monitors and invariants that are proved in seconds, for every configuration."""

BROKEN = "OnlyTheHolderStarts"
SCENARIO = "ReservedThenUsed"
STATUS = "status(1)"

_ONE_CONFIGURATION: Mapping[str, str] = {
    "AuthorizeRemoteTxRequests": "false",
    "ReserveConnectorZeroSupported": "false",
    "StopTransactionOnInvalidId": "true",
    "freeCharging": "false",
    "reserves": "true",
}

PEERS = "tests.peers.sut"
FAULT = "CP-V1"
FAULT_DOES = "lets another tag start on a reserved connector"
SEEDS = (0, 16, 17)
"""Of the tester; the next one is tried where a run does not get to all of its purposes."""
_VIRTUAL_SECONDS = 120.0
_STATES = 150_000
"""Of one system or projection; beyond it decision diagrams take over."""


# the shipped models ---------------------------------------------------------------------------


def check_shipped(seconds: float, emit: Tell) -> CheckFinished:
    """Decide `DECIDED` on the shipped models, with one connector and any configuration."""
    project = open_project((), Choices(SIZES))
    settings = Settings(seconds=seconds, limits=Limits(states=_STATES), only=DECIDED, sanity=False)
    return check(project, settings, emit)


def scenario_project() -> Project:
    """The shipped models in one configuration, in which a run is found sooner."""
    return open_project((), Choices(SIZES, {}, _ONE_CONFIGURATION))


def find_scenario(project: Project, seconds: float, emit: Tell) -> CheckFinished:
    """Find a run of `SCENARIO`."""
    return check(project, Settings(seconds=seconds, only=(SCENARIO,), sanity=False), emit)


# a wrong design -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of a model that are left out, or replaced if there are `others`."""

    file: str
    line: int
    lines: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weakened:
    """A copy in memory of the shipped models that somebody might have designed.

    Attributes:
        dropped: what the design forgets.
        narrowed: what is fixed so that the search is short; it makes nothing possible.
    """

    project: Project
    dropped: tuple[Change, ...]
    narrowed: tuple[Change, ...]


def weaken() -> Weakened:
    """The shipped models without the conditions that keep other tags from a reserved connector."""
    files = find()
    texts = _texts(files)
    tag = _block(texts, "refine TakeTag", r".*")
    start = _block(texts, "refine StartTransaction", r"\s+when held\[connectorId\] == none or .*")
    standing = _block(texts, "csms state standing", r".*")
    fixed = replace(standing, others=(re.sub(r"= any\b", "= Accepted", standing.lines[0]),))
    for each in (tag, start, fixed):
        _apply(texts, each)
    project = _project(files, texts)
    return Weakened(project, (tag, start), (fixed,))


def refute(weakened: Weakened, seconds: float, emit: Tell) -> CheckFinished:
    """Ask `BROKEN` of it, breadth first, so that the trace is a shortest one."""
    settings = Settings("explicit", seconds, only=(BROKEN,), sanity=False)
    return check(weakened.project, settings, emit)


def _texts(files: Files) -> dict[str, str]:
    return {
        each.as_posix(): each.read_text(encoding="utf-8") for each in (*files.models, *files.specs)
    }


def _block(texts: Mapping[str, str], begins: str, wanted: str) -> Change:
    """The lines that match of the first clause that begins so."""
    for file, text in texts.items():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if not re.match(rf"{re.escape(begins)}\b", line):
                continue
            end = at + 1
            while end < len(lines) and lines[end].startswith(" "):
                end += 1
            found = [each for each in range(at, end) if re.fullmatch(wanted, lines[each])]
            if found:
                chosen = tuple(lines[each] for each in found)
                return Change(file, found[0] + 1, chosen)
    raise WrongInput(
        f"the shipped models have no `{begins}` of the expected form",
        help="install ocpp-verify again",
    )


def _apply(texts: dict[str, str], change: Change) -> None:
    """Put other lines in place; what is left out leaves empty lines, so that places stay right."""
    lines = texts[change.file].splitlines()
    others = [*change.others, *[""] * (len(change.lines) - len(change.others))]
    lines[change.line - 1 : change.line - 1 + len(change.lines)] = others
    texts[change.file] = "\n".join(lines) + "\n"


def _project(files: Files, texts: Mapping[str, str]) -> Project:
    choices = Choices(SIZES, {}, _ONE_CONFIGURATION)
    catalogue = read_catalogue(files.catalogue) if files.catalogue is not None else None
    loaded = load_text(texts, sizes=SIZES, vocabulary=words(catalogue))
    if loaded.model is None:
        wrong = next(each for each in loaded.diagnostics if each.severity == "error")
        raise WrongInput(f"the changed model has an error: {wrong.message} ({wrong.at})")
    model = override(loaded.model, _ONE_CONFIGURATION)
    return Project(
        model, loaded.specs, loaded.sources, loaded.diagnostics, catalogue, tuple(texts), choices
    )


# pictures -------------------------------------------------------------------------------------


def status_diagram(expired: Callable[[], bool] = lambda: False) -> StateDiagram:
    """The status of a connector in Core: what can follow what, and by which steps."""
    choices = Choices(SIZES, {}, _core_only(_ONE_CONFIGURATION))
    project = open_project((shipped_models() / "core.model",), choices)
    assert project.model is not None
    lowering = lower(project.model)
    subject = parse_subject(project.model, project.properties, STATUS)
    effort = Effort(states=1000, steps=60_000, stale=20_000, images=3000, expired=expired)
    found = moves(lowering, subject, effort)
    return diagram_of(lowering, with_table(lowering, subject, project.properties), found)


def _core_only(config: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in config.items() if "eserve" not in key}


def sequence(project: Project, decided: PropertyDecided) -> SequenceDiagram | None:
    """The sequence diagram of the trace; None if there is none."""
    if decided.evidence is None:
        return None
    found = next(each for each in project.properties if each.name == decided.name)
    conclusion = None
    if decided.status == "refuted":
        told = f"{decided.name}: this step breaks an assertion"
        conclusion = NoteBlock((), told, "bad", None, decided.rules)
    scenario = found if isinstance(found, Scenario) else None
    return sequence_of_trace(
        decided.evidence.lowering, decided.evidence.trace, decided.name, conclusion, None, scenario
    )


# peers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Played:
    """A test of one peer. `does` says what is wrong with it; empty for the good one."""

    peer: str
    does: str
    seed: int
    result: RunResult

    @property
    def is_pass(self) -> bool:
        """Whether nothing was found and everything was shown."""
        names = {each.name for each in self.result.purposes}
        return (
            not self.has_failed and self.result.inconclusive is None and self.result.shown >= names
        )

    @property
    def has_failed(self) -> bool:
        """Whether something was found that is more than advice."""
        return any(each.kind != "advice" for each in self.result.findings)


def lower_shipped() -> Lowering:
    """The ground system that tests of live systems follow."""
    project = open_project((), Choices(SIZES))
    assert project.model is not None
    return lower(project.model, on_the_wire=True)


def play(lowering: Lowering, fault: str = "") -> Played:
    """Test a charger of this process, on a clock that passes only while nobody has work to do.

    Raises WrongInput where the peers are not there: they belong to the repository, not the package.
    """
    charger_of(PEERS)
    for seed in SEEDS:
        with asyncio.Runner(loop_factory=QuickLoop) as runner:
            result = runner.run(_play(lowering, fault, seed))
        name = f"charger with {fault}" if fault else "charger"
        played = Played(name, FAULT_DOES if fault else "", seed, result)
        if played.is_pass or played.has_failed:
            break
    return played


@dataclass(slots=True)
class _LateBench:
    """The bench of a charger that is there only once it knows where to connect."""

    bench: Bench | None = None
    verbs: frozenset[str] = frozenset(VERBS)

    async def do(self, verb: str, arguments: Mapping[str, object]) -> Outcome:
        assert self.bench is not None
        return await self.bench.do(verb, arguments)


async def _play(lowering: Lowering, fault: str, seed: int) -> RunResult:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)
    ready: asyncio.Future[str] = loop.create_future()
    bench = _LateBench()
    run = asyncio.create_task(
        run_charger(
            lowering,
            _setup(seed),
            bench,
            clock,
            host="127.0.0.1",
            port=0,
            station="CP1",
            budget=_VIRTUAL_SECONDS,
            purposes=reservation_purposes(lowering),
            listening=ready.set_result,
        )
    )
    wanted = Wanted(
        clock,
        url=await ready,
        tags={"TAG-A": "Accepted", "TAG-B": "Accepted"},
        keys={
            "AuthorizeRemoteTxRequests": "true",
            "ConnectionTimeOut": "20",
            "MeterValueSampleInterval": "0",
        },
        faults=(fault,) if fault else (),
    )
    async with charger_of(PEERS)(wanted) as bench.bench:
        return await run


def _setup(seed: int) -> Setup:
    settings = {
        "BootInterval": 1.0,
        "ConnectionTimeOut": 20.0,
        "MeterValueSampleInterval": 0.0,
        "ReservationLength": 3600.0,
    }
    return Setup(
        tags={"A": "TAG-A", "B": "TAG-B"},
        standing={"A": "Accepted", "B": "Accepted"},
        fixed={
            "AuthorizeRemoteTxRequests": True,
            "ReserveConnectorZeroSupported": True,
            "StopTransactionOnEVSideDisconnect": True,
            "StopTransactionOnInvalidId": True,
            "freeCharging": False,
            "reserves": True,
        },
        timing=Timing(
            answer=3.0, send=3.0, latency=1.0, notice=1.0, at_most=3.0, settings=settings
        ),
        pace=Pace(watch=3.0, step=5.0, expansions=20_000, hasty=0.0),
        seed=seed,
    )


def reservation_purposes(lowering: Lowering) -> tuple[Purpose, ...]:
    """A connector reserved for one tag: with a cable in it, visited by another tag, set free."""
    reserved: dict[str, Sequence[Value]] = {
        "held[1]": ("R", "S"),
        "holder[1]": ("A",),
        "plugged[1]": (True,),
        "use[1]": ("Idle",),
    }
    cancels = frozenset(
        number
        for number, command in enumerate(lowering.system.commands)
        if (command.label.action, command.label.phase) == ("CancelReservation", "reply")
        and command.label.outcome == "Accepted"
    )
    return (
        Purpose(
            "a reserved connector with a cable in it",
            "change",
            NOWHERE,
            ("RES-END-009",),
            goal=_when(lowering, {**reserved, "reader": (None,)}),
        ),
        Purpose(
            "another tag at a reserved connector",
            "temptation",
            NOWHERE,
            ("RES-USE-001",),
            goal=_when(lowering, {**reserved, "reader": ("B",)}),
        ),
        Purpose(
            "a reservation that is cancelled",
            "clause",
            NOWHERE,
            ("RES-END-004",),
            commands=cancels,
        ),
    )


def _when(lowering: Lowering, wanted: Mapping[str, Sequence[Value]]) -> Formula:
    """The states in which cells have one of the values wanted."""
    system = lowering.system
    parts = []
    for name, values in wanted.items():
        cell = system.cell(name)
        domain = system.cells[cell].domain
        here = [at for at, value in enumerate(domain) if value in values]
        parts.append(among(cell, here, len(domain)))
    return every(parts)
