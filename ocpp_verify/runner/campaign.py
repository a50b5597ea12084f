"""A test of one live system: runs until time is up, findings once each, every one made shorter.

A run ends with its first failing finding. The system under test is then brought home and the run is
repeated with fewer and fewer choices; after that testing goes on with what is not shown yet.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

from ocpp_verify import __version__
from ocpp_verify.errors import PeerUnreachable
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Role, peer
from ocpp_verify.ir.properties import Property
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.moments import moments
from ocpp_verify.live.own_role import OwnRole
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Purpose, clause_purposes
from ocpp_verify.live.polite import ChargerAnswers
from ocpp_verify.live.record import Finding
from ocpp_verify.live.script import Script, as_data
from ocpp_verify.live.tester import Progress, Tester
from ocpp_verify.ocpp.v16.configuration import read_value
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.configuration import (
    Told,
    agreed,
    read_and_set,
    repeat_warning,
    size_warning,
    take_over,
)
from ocpp_verify.runner.coverage import Messages, StatusWatch, status_watch
from ocpp_verify.runner.haste import haste_warning, slow_restart
from ocpp_verify.runner.live import IGNORED, Setup, make_conversation, purposes_for
from ocpp_verify.runner.recording import Journal, Recording
from ocpp_verify.runner.shortcut import shortcut
from ocpp_verify.runner.shrinking import shrink
from ocpp_verify.runner.stage import Homecoming, Stage
from ocpp_verify.runner.standings import (
    ask_standings,
    believe,
    what_it_means,
    with_standings,
)
from ocpp_verify.runner.tags import Tag
from ocpp_verify.runner.verdicts import Found, Verdict
from ocpp_verify.runner.workshop import Workshop

Key: TypeAlias = tuple[str, str]

_MADE_UP = ("idTag", "info", "vendorId", "vendorErrorCode")
_LAST = 6  # frames that a report shows
_SHORTEST_SLICE, _LONGEST_SLICE = 15.0, 30.0  # seconds of one run
_AFTER = "after "
_NO_TIME = "not repeated: no time was left"
_ROUNDS = 3  # of trying what was given up
_MOST_POSITIONS = 4_000  # of a belief; another run costs less than to go on with more
_SAME_AGAIN = 6  # runs in a row that find nothing but what is known


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a test is to be run.

    Attributes:
        selections: which tags stand for the model's tokens, run by run.
        changes: configuration keys to change before the test.
        shrink_share: the part of the remaining time that shortening one failing run may take.
        attempts: how often the shortest script is carried out to tell its rate.
        enough: failing findings after which the test ends; None: time alone ends it.
        asks_for_standings: nobody knows what the CSMS has on record, so it is asked.
    """

    budget: float
    seed: int
    setup: Setup
    selections: tuple[tuple[Tag, ...], ...]
    changes: Mapping[str, str] = field(default_factory=dict)
    trace_dir: Path | None = None
    shrink_share: float = 0.4
    attempts: int = 3
    enough: int | None = None
    asks_for_standings: bool = False


def key_of(finding: Finding) -> Key:
    """Findings with the same key are one finding: of the fields, only words such as a status count."""
    head = re.sub(r"\((.*?)\)", lambda found: _words_of(found[1]), finding.message)
    return finding.kind, re.sub(r"[\d.]+", "#", head)[:120]


def _words_of(fields: str) -> str:
    named = re.findall(r"(\w+)=([A-Za-z]+)(?=,|$)", fields)
    return "".join(f" {word}" for name, word in named if name not in _MADE_UP)


class Campaign:
    """All runs of one test. `run` may be cancelled: what was found until then stays."""

    def __init__(
        self,
        workshop: Workshop,
        properties: Sequence[Property],
        stage: Stage,
        wishes: Wishes,
        clock: Clock,
        schemas: Schemas,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        lowering = workshop.lowering
        self.stage = stage
        self.found: list[Found] = []
        self.messages = Messages()
        self.observations: dict[str, int] = {}
        self.not_supported: set[str] = set()
        self.warnings: list[str] = []
        self.told = Told()
        self.setup = wishes.setup
        self._progress: dict[int, Progress] = {}
        self.runs = 0
        self.rounds = 0
        self.registered = False
        self.inconclusive: str | None = None
        self.interrupted = False
        self.is_stuck = False
        """Whether the test ended because run after run found nothing but what was known."""
        self._selections = wishes.selections
        self._asks = wishes.asks_for_standings
        self._is_hasty = False
        self.purposes = [
            *purposes_for(lowering, stage.sut, stage.lab.can_ask),
            *_own_answers(lowering, stage.sut),
        ]
        self.watch: StatusWatch = status_watch(
            lowering, properties if stage.sut == "charger" else ()
        )
        for each in self.watch.tables[:1]:
            self.purposes += moments(lowering, stage.sut, each.table, IGNORED)
        self._workshop = workshop
        self._lowering = lowering
        self._wishes = wishes
        self._clock = clock
        self._schemas = schemas
        self._tell = tell
        self._zero = clock.now()
        self._tester: Tester | None = None
        self._recording: Recording | None = None
        self._told_in: int | None = None

    # the whole test -----------------------------------------------------------------------------

    def seconds(self) -> float:
        """Since the test began."""
        return self._clock.now() - self._zero

    @property
    def verdict(self) -> tuple[Verdict, str]:
        """The verdict, and why it is no pass."""
        failing = [each for each in self.found if each.finding.kind != "advice"]
        if failing:
            return "fail", f"{len(failing)} finding{'s' if len(failing) > 1 else ''}"
        if self.inconclusive is not None:
            return "inconclusive", self.inconclusive
        if not self.registered:
            return "inconclusive", f"the {self.stage.sut} was never registered: nothing was tested"
        if not self.shown:
            return "inconclusive", "nothing that the model asks for was shown"
        return "pass", ""

    async def run(self) -> None:
        """Test until the budget is used up. Raises PeerUnreachable if nobody is there."""
        await self.stage.open()
        try:
            await self._all_runs()
        except asyncio.CancelledError:
            self.interrupted = True
            if self._tester is not None:
                self._harvest(self._tester)
        finally:
            if self._recording is not None:
                self._recording.close()
            await self.stage.close()

    async def _all_runs(self) -> None:
        came = await self.stage.begin(self.setup.pace.connect)
        if came == "lost":
            self._unreachable()
            return
        again = 0
        while self._left() > 0 and again < _SAME_AGAIN and not self._has_enough():
            tester = await self._run_once(came, self._slice())
            if not tester.was_connected:
                self._unreachable()
                return
            new = self._first_new(tester)
            failing = tester.conversation.first_failing()
            script = tuple(tester.script)
            self._harvest(tester)
            if tester.inconclusive is not None:
                what = f"a run was given up: {tester.inconclusive}"
                self.observations[what] = self.observations.get(what, 0) + 1
            if failing is None and not self._open_purposes() and not self._another_round():
                return
            if self._left() <= 0 and new is None:
                return
            again = again + 1 if failing is not None and new is None else 0
            self.is_stuck = again >= _SAME_AGAIN
            came = await self.stage.home(tester.conversation)
            self._note_flood(tester)
            if came == "lost":
                self._not_there(tester)
                return
            if new is not None:
                came = await self._shorten(new, script, came, self._shortcut(tester))
                if came == "lost":
                    self._not_there(tester)
                    return

    def _has_enough(self) -> bool:
        failing = sum(each.finding.kind != "advice" for each in self.found)
        return self._wishes.enough is not None and failing >= self._wishes.enough

    def _slice(self) -> float:
        """Each selection of tags gets its share, as does what comes after a finding."""
        share = self._wishes.budget / max(1, len(self._selections))
        return min(self._left(), max(_SHORTEST_SLICE, min(_LONGEST_SLICE, share)))

    def _left(self) -> float:
        return self._wishes.budget - self.seconds()

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The identifiers of the test, with what is known of them by now."""
        return tuple({tag.id: tag for chosen in self._selections for tag in chosen}.values())

    @property
    def shown(self) -> frozenset[str]:
        """Names of the purposes that some run has shown."""
        return frozenset().union(*(each.shown for each in self._progress.values()))

    @property
    def given_up(self) -> frozenset[str]:
        """Names of the purposes that were tried in vain, whether or not shown otherwise."""
        return frozenset().union(*(each.given_up for each in self._progress.values()))

    def _progress_of(self, number: int) -> Progress:
        """What counts as shown for a run. A central system shows anew for each identifier how it
        treats it; to a charger we may say anything about one.
        """
        return self._progress.setdefault(number % self._kinds(), Progress())

    def _open_purposes(self) -> bool:
        return len(self._progress) < self._kinds() or any(
            name not in each.shown and each.given_up.get(name, 0) < 2
            for each in self._progress.values()
            for name in (purpose.name for purpose in self.purposes)
        )

    def _kinds(self) -> int:
        return len(self._selections) if self.stage.sut == "csms" else 1

    def _another_round(self) -> bool:
        """Try again what was given up: from home, and with other tags, it may be possible."""
        self.rounds += 1
        if self.rounds > max(_ROUNDS, len(self._selections)):
            return False
        for each in self._progress.values():
            each.given_up.clear()
        return self._open_purposes()

    def _unreachable(self) -> None:
        refused = [f"{why} ({times}x)" for why, times in self.stage.relay.refused.items()]
        tried = "; ".join(refused) or "nobody connected"
        if self.runs > 1:
            self.inconclusive = f"the {self.stage.sut} does not connect any more: {tried}"
            return
        if self.stage.sut == "charger":
            raise PeerUnreachable(
                f"no charger has connected to {self.stage.address} within "
                f"{self.setup.pace.connect:g} s: {tried}",
                help=f"let it connect to {self.stage.address}/IDENTITY with sub-protocol ocpp1.6",
            )
        raise PeerUnreachable(
            f"no connection with {self.stage.address}: {tried}",
            help="check the address, the station's identity, and that the CSMS knows it",
        )

    def _note_flood(self, tester: Tester) -> None:
        """A flood counts even where another finding had ended the run before."""
        flood, self.stage.relay.flood = self.stage.relay.flood, None
        if flood is not None and not any(each.finding.kind == "flood" for each in self.found):
            self._add(Finding("flood", flood[0], (), tester.now(), flood[1]), tester, ())

    def _not_there(self, tester: Tester) -> None:
        """Between two runs the system under test has gone."""
        frames = [each for each in tester.conversation.log if each.mark != "*"]
        last = f"; the last frame was {frames[-1].mark} {frames[-1].text[:200]}" if frames else ""
        message = f"the {self.stage.sut} does not come back after a run"
        waited = f"no connection within {self.setup.pace.gone:g} s"
        finding = Finding("ended", message, (), tester.now(), f"{waited}{last}")
        if not any(each.finding.kind == "ended" for each in self.found):
            self._add(finding, tester, ())

    # one run ------------------------------------------------------------------------------------

    async def _run_once(self, came: Homecoming | None, seconds: float) -> Tester:
        """A run that looks for something new."""
        self.runs += 1
        tester = self._make_tester(came, f"{self.runs}-run")
        await self._prepare(tester)
        if not tester.is_over() and tester.is_connected:
            tester.plan_with(self._pathfinder())
            await tester.explore(min(seconds, self._left()))
        return tester

    async def _repeat(self, script: Script, came: Homecoming, wanted: Finding) -> Tester:
        """A run that carries out a script to find the same again."""
        tester = self._make_tester(came, "repeated", wanted)
        await self._prepare(tester)
        if not tester.is_over():
            timing = self.setup.timing
            slowest = 1.5 * self.setup.ignore_limit + (
                timing.at_most or 0.0
            )  # of what is waited for
            patience = max(timing.answer, timing.send, slowest) + 1.0
            await tester.replay(script, min(patience, 60.0))
        return tester

    def _left_undone(self, wanted: Finding | None) -> frozenset[str]:
        """Duties that are known to be missing; waiting for them again would end every run."""
        return frozenset(
            each.finding.expected[0]
            for each in self.found
            if each.finding.kind == "missing"
            and len(each.finding.expected) == 1
            and (wanted is None or key_of(each.finding) != key_of(wanted))
        )

    def _make_tester(
        self, came: Homecoming | None, name: str, wanted: Finding | None = None
    ) -> Tester:
        """A tester for a run that looks for something new, or for one finding again."""
        number = self.runs - 1
        tags = self._selections[number % len(self._selections)]
        setup = self._setup_for(tags, number)
        self.setup = setup
        if self._recording is not None:
            self._recording.close()
        oracle = self._workshop.oracle(self.stage.sut, setup)
        oracle.excuse(self._left_undone(wanted))
        oracle.hold(math.inf if self.stage.has_backlog and self.runs > 1 else 0.0)
        conversation = make_conversation(
            self._lowering,
            self.stage.sut,
            setup,
            self._clock,
            self._schemas,
            oracle,
            self.stage.states(self._lowering, setup, came),
            _MOST_POSITIONS,
        )
        conversation.backlog = self.stage.has_backlog
        conversation.has_visitors = not self.stage.lab.can("PresentTag")
        conversation.repeat_after = self._repeat_after()
        if self.stage.sut == "csms":
            conversation.polite = ChargerAnswers(charger_keys(self._lowering, setup))
        if self._wishes.trace_dir is not None:
            head = self._head(setup, number + 1)
            self._recording = Recording(self._wishes.trace_dir / f"{name}.trace.json", head)
            conversation.record.log = Journal(self._recording)
        tester = Tester(
            conversation, None, self.purposes, self._clock, Random(setup.seed), setup.pace,
            self._tell,
        )  # fmt: skip
        tester.use(self.stage.lab)
        tester.progress = self._progress_of(number)
        if self.stage.sut == "csms":
            tester.between_plans = OwnRole(tester).keep_up
        conversation.tolerates = lambda finding: self._is_old_deviation(finding, wanted)
        self._tester = tester
        self.watch.forget()
        self.stage.relay.before = lambda data, now: self.watch.before(
            conversation, data, tester.now()
        )
        self.stage.relay.attach(tester, self._clock.now())
        return tester

    def _setup_for(self, tags: Sequence[Tag], number: int) -> Setup:
        tokens = next(each.values for each in self._lowering.model.types if each.name == "IdTag")
        pairs = list(zip((str(each) for each in tokens), tags, strict=False))
        return replace(
            self.setup,
            tags={token: tag.id for token, tag in pairs},
            standing={token: tag.standing for token, tag in pairs},
            seed=self._wishes.seed + number,
        )

    async def _prepare(self, tester: Tester) -> None:
        """Connection, registration and, once, the configuration."""
        await self.stage.go()
        if not tester.is_connected:
            await tester.begin()
        if not tester.was_connected:
            return
        pace = self.setup.pace
        await tester.until(lambda: self._is_registered(tester.conversation), pace.step * 3)
        self.registered = self.registered or self._is_registered(tester.conversation)
        await tester.settle(pace.step)
        if self.stage.sut == "charger" and self._told_in is None and not tester.is_over():
            self._told_in = self.runs
            self.told = await read_and_set(
                tester, self._wishes.changes, self.setup.timing.answer + 1.0
            )
            self.warnings += [each for each in self.told.warnings if each not in self.warnings]
            self.setup = agreed(self._lowering, self.setup, self.told)
            if warning := size_warning(self.told, dict(self._lowering.system.sizes)):
                self.warnings.append(warning)
            tester.conversation.repeat_after = self._repeat_after()
            if warning := repeat_warning(self.told, self.stage.lab.can):
                self.warnings.append(warning)
            known = take_over(tester.conversation, self._lowering, self.setup, tester.now())
            for name in known:
                self.warnings.append(f"what was seen contradicts {name} as the charger tells it")

        if self._asks and self.registered and not tester.is_over():
            self._asks = False
            await self._ask_standings(tester)

    async def _ask_standings(self, tester: Tester) -> None:
        ids = dict.fromkeys(tag.id for chosen in self._selections for tag in chosen)
        told = await ask_standings(tester, tuple(ids), self.setup.timing.answer + 1.0)
        self.warnings.append(what_it_means(told))
        self._selections = with_standings(self._selections, told)
        standing = {
            token: told.get(id, self.setup.standing[token]) for token, id in self.setup.tags.items()
        }
        self.setup = replace(self.setup, standing=standing)
        believe(tester.conversation, standing, tester.now())

    def _repeat_after(self) -> float:
        """Seconds between two transmissions of a transaction message; infinite if not told."""
        seconds = read_value("integer", self.told.value("TransactionMessageRetryInterval") or "")
        return float(seconds) if isinstance(seconds, int) and seconds >= 0 else math.inf

    def _is_registered(self, conversation: Conversation) -> bool:
        cells = conversation.oracle.system.cells
        kernel = conversation.belief.kernel
        for at, cell in enumerate(cells):
            if cell.variable == "registration":
                return all(cell.domain[state[at]] == "Accepted" for state in kernel)
        return True

    def _pathfinder(self) -> Pathfinder:
        lab = self.stage.lab
        return self._workshop.pathfinder(
            self.stage.sut, self.setup, lab.can, lab.can_ask, self.purposes
        )

    # findings -----------------------------------------------------------------------------------

    def _first_new(self, tester: Tester) -> Finding | None:
        """The failing finding that ended the run, if it is the first of its kind."""
        failing = tester.conversation.first_failing()
        return None if failing is None or self._known(failing) is not None else failing

    def _is_old_deviation(self, finding: Finding, wanted: Finding | None) -> bool:
        """Whether it is known and says nothing about states: it would hide everything behind it."""
        if wanted is not None and key_of(finding) == key_of(wanted):
            return False
        return finding.kind in ("protocol", "schema") and self._known(finding) is not None

    def _known(self, finding: Finding) -> int | None:
        keys = [key_of(each.finding) for each in self.found]
        return keys.index(key_of(finding)) if key_of(finding) in keys else None

    def _harvest(self, tester: Tester) -> None:
        """Keep what a run has shown and found."""
        conversation = tester.conversation
        self._tester = None
        tester.open_purposes()
        self._note_haste(conversation)
        self.messages.count(conversation.log, self._schemas)
        self.not_supported |= conversation.not_supported
        for what, times in conversation.observations.items():
            self.observations[what] = self.observations.get(what, 0) + times
        first = conversation.first_failing()
        for each in conversation.findings:
            if each.kind != "advice" and each is not first and not conversation.tolerates(each):
                continue  # what follows from the first
            at = self._known(each)
            if at is None:
                self._add(each, tester, tuple(tester.script))
            else:
                self.found[at] = replace(self.found[at], times=self.found[at].times + 1)
        failing = conversation.first_failing()
        if failing is not None and tester.pursued is not None:
            given_up = tester.progress.given_up
            given_up[tester.pursued.name] = given_up.get(tester.pursued.name, 0) + 1

    def _note_haste(self, conversation: Conversation) -> None:
        allowed = self.setup.timing.at_most
        if allowed is None or self.stage.sut != "charger" or self._is_hasty:
            return
        seconds = slow_restart(conversation.log, allowed)
        if seconds is not None:
            self._is_hasty = True
            self.warnings.append(haste_warning(seconds, allowed))

    def _add(self, finding: Finding, tester: Tester, script: Script) -> None:
        number = len(self.found) + 1
        frames = [each for each in tester.conversation.log if each.mark != "*"]
        found = Found(
            number,
            finding,
            self.runs,
            self._wishes.seed,
            script,
            len(script),
            tuple(frames[-_LAST:]),
        )
        if finding.kind != "advice":
            found = replace(found, trace=self._name_trace(found))
        self.found.append(found)

    def _name_trace(self, found: Found) -> str | None:
        """The trace of the run that has just ended gets the name of what it shows."""
        if self._recording is None or self._wishes.trace_dir is None:
            return None
        file = self._wishes.trace_dir / f"{found.number}-{found.finding.kind}.trace.json"
        first = file.with_name(f"{found.number}-{found.finding.kind}.first.trace.json")
        if found.trace is None:
            first.unlink(missing_ok=True)  # of an earlier test
        elif not first.exists():
            Path(found.trace).rename(first)
        more = {
            "finding": {
                "kind": found.finding.kind,
                "message": found.finding.message,
                "rules": list(found.finding.rules),
                "expected": list(found.finding.expected),
            },
            "script": [as_data(each) for each in found.script],
            "rate": list(found.rate) if found.rate is not None else None,
        }
        self._recording.become(file, more)
        self._recording = None
        return str(file)

    def _head(self, setup: Setup, number: int) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "tool": {"name": "ocpp-verify", "version": __version__},
            "sut": self.stage.sut,
            "address": self.stage.address,
            "seed": self._wishes.seed,
            "run": number,
            "began": self._clock.utc().isoformat(),
            "tags": dict(setup.tags),
            "standing": dict(setup.standing),
            "sizes": dict(self._lowering.system.sizes),
        }

    # shortening ---------------------------------------------------------------------------------

    def _shortcut(self, tester: Tester) -> Script | None:
        return shortcut(tester, self._pathfinder(), self.stage.lab.can_ask)

    async def _shorten(
        self, finding: Finding, script: Script, came: Homecoming, shorter: Script | None
    ) -> Homecoming:
        """Repeat the run with fewer choices; the last entry of `found` that matches is replaced."""
        at = self._known(finding)
        assert at is not None
        if finding.kind in ("flood", "ended"):
            self.found[at] = replace(self.found[at], note=f"not repeated, as it was {finding.kind}")
            return came
        share = 1.0 if self._has_enough() else self._wishes.shrink_share
        end = self.seconds() + self._left() * share
        place: list[Homecoming] = [came]

        async def fails(candidate: Script) -> bool:
            if place[0] == "lost":
                return False
            if self._told_in == self.runs:
                self._told_in = None  # asking for the configuration belongs to this run
            tester = await self._repeat(candidate, place[0], finding)
            failing = tester.conversation.first_failing()
            is_same = failing is not None and key_of(failing) == key_of(finding)
            if is_same and failing is not None:
                frames = [each for each in tester.conversation.log if each.mark != "*"]
                shortest = replace(
                    self.found[at], finding=failing, script=candidate, last=tuple(frames[-_LAST:])
                )
                self.found[at] = replace(shortest, trace=self._name_trace(shortest))
            elif failing is not None and self._known(failing) is None:
                self._add(failing, tester, tuple(tester.script))
            place[0] = await self.stage.home(tester.conversation)
            return is_same

        self._tell(f"making the run with {len(script)} choices shorter")
        if self.seconds() >= end:
            self.found[at] = replace(self.found[at], note=_NO_TIME)
            return came
        best = await shrink(
            script, fails, lambda: self.seconds() < end and place[0] != "lost", shorter
        )
        if best is None:
            note = _NO_TIME if self.seconds() >= end else _not_repeated(came)
            self.found[at] = replace(self.found[at], note=note)
            return place[0]
        failed, times = 0, 0
        while times < self._wishes.attempts and place[0] != "lost":
            times += 1
            failed += await fails(best)
            if self.seconds() >= end:
                break
        self.found[at] = replace(self.found[at], rate=(failed, times))
        return place[0]


def charger_keys(lowering: Lowering, setup: Setup) -> dict[str, str]:
    """The configuration keys of a charger that the model plays."""
    keys = {
        "HeartbeatInterval": "300",
        "NumberOfConnectors": str(dict(lowering.system.sizes).get("Connector", 1)),
        "SupportedFeatureProfiles": ",".join(lowering.model.profiles),
    }
    for variable in lowering.model.variables:
        if variable.config:
            value = setup.fixed.get(variable.name)
            keys[variable.name] = "true" if value else "false"
    for setting in lowering.model.settings:
        if setting.owner == "charger":
            seconds = setup.timing.settings.get(setting.name, setting.seconds)
            keys[setting.name] = str(round(seconds))
    return keys


def _own_answers(lowering: Lowering, sut: Role) -> list[Purpose]:
    """What the system under test does after each answer that we may give is worth seeing."""
    ours = peer(sut)
    return [
        replace(each, name=f"{_AFTER}{each.name}")
        for each in clause_purposes(lowering, ours)
        if all(
            lowering.system.commands[number].label.phase == "reply"
            and lowering.system.commands[number].label.outcome not in ("", "CallError")
            for number in each.commands
        )
    ]


def _not_repeated(came: Homecoming) -> str:
    """Why a finding has no shorter run."""
    if came == "restarted":
        return "it did not recur when the choices of the run were repeated"
    return "not shrunk: the system could not be restarted, and did not fail again"
