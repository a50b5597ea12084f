"""Runs against live systems: from a loaded model to verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Hidden, Role
from ocpp_verify.ir.system import State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.belief import Belief
from ocpp_verify.live.binding import Binding
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.bench import Bench
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.operator import Operator
from ocpp_verify.live.labs import ChargerLab, CsmsLab
from ocpp_verify.live.oracle import Oracle, Timing
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import (
    Planner,
    Purpose,
    clause_purposes,
    spontaneous_steps,
    temptations,
)
from ocpp_verify.live.record import Entry, Finding
from ocpp_verify.live.shells.client import ChargerClient
from ocpp_verify.live.shells.server import CsmsServer
from ocpp_verify.live.tester import Pace, Tester
from ocpp_verify.live.wording import Tokens
from ocpp_verify.ocpp.rpc import Session
from ocpp_verify.ocpp.v16.fill import Filler
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.semantics.ground import initial_states

REPORTS = ("told", "pending", "toldStation")
"""Variables that only remember what was reported; plans need not follow them."""

IGNORED = ("StatusNotification", "Heartbeat")
"""Messages that plans do not follow."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a live run needs besides the model.

    Attributes:
        tags: the wire idTag of each token.
        standing: what the CSMS says about each token.
        fixed: values of configuration keys and traits that are known; others may be anything.
    """

    tags: Mapping[str, str]
    standing: Mapping[str, str]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    timing: Timing = field(default_factory=Timing)
    pace: Pace = field(default_factory=Pace)
    seed: int = 0
    ignore_limit: float = 5.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run found and showed."""

    findings: tuple[Finding, ...]
    log: tuple[Entry, ...]
    taken: Mapping[int, int]
    shown: frozenset[str]
    purposes: tuple[Purpose, ...]
    observations: Mapping[str, int]
    not_supported: frozenset[str]
    connected: bool
    inconclusive: str | None
    seconds: float
    steps: tuple[str, ...] = ()


def outcome_paths(schemas: Schemas) -> Callable[[str], str | None]:
    """Where the status of an answer stands, as a dotted path."""

    def path(action: str) -> str | None:
        found = schemas.outcome_field(action)
        return None if found is None else ".".join(found.path)

    return path


def start_states(lowering: Lowering, setup: Setup) -> list[State]:
    """Initial states that agree with what is known. Traits not given have their first value;
    configuration keys not given may have any.
    """
    cells = lowering.system.cells
    wanted: dict[int, int] = {}
    for number, cell in enumerate(cells):
        if not cell.variable:
            continue
        variable = next(
            (each for each in lowering.model.variables if each.name == cell.variable), None
        )
        if variable is None:
            continue
        if cell.variable in setup.fixed:
            wanted[number] = cell.domain.index(setup.fixed[cell.variable])
        elif variable.trait:
            wanted[number] = cell.initial[0]
        elif cell.variable == "standing":
            token = str(cell.indices[0])
            wanted[number] = cell.domain.index(setup.standing.get(token, "Invalid"))
    # What is known counts, also where the model begins with another value, as with a configuration key.
    states = (
        tuple(wanted.get(number, value) for number, value in enumerate(state))
        for state in initial_states(lowering.system)
    )
    return list(dict.fromkeys(states))


def make_conversation(
    lowering: Lowering,
    sut: Role,
    setup: Setup,
    clock: Clock,
    schemas: Schemas,
    oracle: Oracle | None = None,
    states: Sequence[State] | None = None,
    most: int = 20_000,
) -> Conversation:
    """A conversation in which nothing has happened yet, from the initial states unless others are
    given. It is given up where more than the `most` positions explain what was seen. An oracle of the same model, role and timing can be used again: it remembers what it has
    worked out.
    """
    tags = next((each for each in lowering.model.types if each.name == "IdTag"), None)
    fixed = {"IdTag": dict(setup.tags)} if tags is not None else {}
    oracle = oracle or Oracle(lowering, sut, setup.timing)
    start = start_states(lowering, setup) if states is None else states
    belief = Belief(oracle, start, 0.0, cap=most)
    random = Random(setup.seed)
    meter = _Meter(clock)
    return Conversation(
        oracle,
        Binding(lowering.model, Tokens(fixed), outcome_paths(schemas)),
        Session(timeout=max(setup.timing.answer, 1.0), prefix=f"ov{random.randrange(16**6):06x}-"),
        schemas,
        Filler(schemas, random, meter=meter),
        belief,
        clock.utc(),
        last_number=random.randrange(1, 1_000_000),
    )


class _Meter:
    """An energy register that never goes back: 1 Wh a second from 1000 Wh on, and 1 Wh a reading, so
    that no two transactions look like one that is told twice.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.now()
        self._readings = 0

    def __call__(self) -> int:
        self._readings += 1
        return 1000 + self._readings + int(self._clock.now() - self._start)


def make_planner(
    lowering: Lowering,
    sut: Role,
    setup: Setup,
    can: Callable[[str], bool],
    purposes: Sequence[Purpose],
    askable: Callable[[str], bool] = lambda action: False,
) -> Planner:
    """A planner that uses what the lab can do and timers that are worth waiting for."""
    return Planner(lowering, sut, can, _bearable(lowering, setup), purposes, REPORTS, askable)


def make_pathfinder(
    lowering: Lowering,
    sut: Role,
    setup: Setup,
    can: Callable[[str], bool],
    purposes: Sequence[Purpose],
    askable: Callable[[str], bool] = lambda action: False,
) -> Pathfinder:
    """The same for the tester, which looks for ways while the system under test waits."""
    return Pathfinder(
        lowering,
        sut,
        can,
        _bearable(lowering, setup),
        purposes,
        askable=askable,
        forgotten=REPORTS,
        ignored=IGNORED,
    )


def _bearable(lowering: Lowering, setup: Setup) -> Callable[[Hidden], bool]:
    settings = {each.name: each.seconds for each in lowering.model.settings}
    settings.update(setup.timing.settings)

    def bearable(action: Hidden) -> bool:
        if action.after is None:
            return True
        name = action.after.name
        after = settings[name] if name is not None else (action.after.seconds or 0.0)
        return after <= setup.ignore_limit

    return bearable


def purposes_for(
    lowering: Lowering, sut: Role, askable: Callable[[str], bool] = lambda action: False
) -> list[Purpose]:
    """What a run should show, in the order of the model."""
    commands = lowering.system.commands
    free = {
        number
        for number in spontaneous_steps(lowering, sut)
        if not (commands[number].label.phase == "sent" and askable(commands[number].label.action))
    }
    clauses = [each for each in clause_purposes(lowering, sut) if not each.commands <= free]
    return [
        each
        for each in (*clauses, *temptations(lowering, sut))
        if each.name.split(".")[0].split(" ")[0] != "StatusNotification"
    ]


async def run_charger(
    lowering: Lowering,
    setup: Setup,
    bench: Bench,
    clock: Clock,
    *,
    host: str,
    port: int,
    station: str | None,
    budget: float,
    purposes: Sequence[Purpose] | None = None,
    tell: Callable[[str], None] = lambda _: None,
    listening: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """One run against a charger that connects to us."""
    schemas = Schemas()
    conversation = make_conversation(lowering, "charger", setup, clock, schemas)
    tester: Tester | None = None

    class Relay:
        """The server needs its wire before the tester can know the server."""

        def on_connected(self, now: float) -> None:
            assert tester is not None
            tester.on_connected(now)

        def on_frame(self, data: str | bytes, now: float) -> None:
            assert tester is not None
            tester.on_frame(data, now)

        def on_disconnected(self, now: float, why: str) -> None:
            assert tester is not None
            tester.on_disconnected(now, why)

        def on_noticed(self, what: object, now: float) -> None:
            assert tester is not None
            tester.on_noticed(what, now)

    server = CsmsServer(Relay(), clock, station=station, host=host, port=port)
    lab = ChargerLab(bench, server)
    wanted = list(purposes if purposes is not None else purposes_for(lowering, "charger"))
    planner = make_pathfinder(lowering, "charger", setup, lab.can, wanted)
    tester = Tester(conversation, planner, wanted, clock, Random(setup.seed), setup.pace, tell)
    tester.use(lab)
    await server.start()
    listening(server.url)
    try:
        await tester.run(budget)
    finally:
        await server.stop()
    return _result(tester, wanted)


async def run_csms(
    lowering: Lowering,
    setup: Setup,
    operator: Operator,
    clock: Clock,
    *,
    url: str,
    station: str,
    budget: float,
    purposes: Sequence[Purpose] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """One run against a CSMS that we connect to."""
    schemas = Schemas()
    conversation = make_conversation(lowering, "csms", setup, clock, schemas)
    lab_refused: list[str] = []
    wanted = list(purposes if purposes is not None else purposes_for(lowering, "csms"))
    tester = Tester(conversation, None, wanted, clock, Random(setup.seed), setup.pace, tell)
    client = ChargerClient(tester, clock, url=url, station=station)
    lab = CsmsLab(operator, client, lab_refused.append)
    tester.use(lab)
    tester.plan_with(make_pathfinder(lowering, "csms", setup, lab.can, wanted, lab.can_ask))
    try:
        await tester.run(budget)
    finally:
        await client.stop()
    for why in lab_refused:
        conversation.observe(f"connection refused: {why}")
    return _result(tester, wanted)


def _result(tester: Tester, purposes: Iterable[Purpose]) -> RunResult:
    conversation = tester.conversation
    tester.open_purposes()
    return RunResult(
        tuple(conversation.findings),
        tuple(conversation.log),
        dict(conversation.taken),
        frozenset(tester.progress.shown),
        tuple(purposes),
        dict(conversation.observations),
        frozenset(conversation.not_supported),
        tester.was_connected,
        tester.inconclusive,
        tester.now(),
        tuple(entry.step for entry in conversation.log if entry.step),
    )
