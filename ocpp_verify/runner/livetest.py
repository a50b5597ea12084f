"""A test of a live system from its options: the campaign, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Literal, TypeAlias

from ocpp_verify.diagnostics import did_you_mean
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Call, Event, Hidden, Model
from ocpp_verify.ir.types import Value, domain
from ocpp_verify.live.drivers.bench import Bench, parse_bench
from ocpp_verify.live.drivers.clock import Clock, RealClock
from ocpp_verify.live.drivers.operator import Operator, parse_operator
from ocpp_verify.live.labs import verb
from ocpp_verify.live.oracle import Timing
from ocpp_verify.live.planner import Purpose
from ocpp_verify.live.tester import Pace
from ocpp_verify.ocpp.v16.schemas import Schemas
from ocpp_verify.runner.campaign import Campaign, Wishes
from ocpp_verify.runner.live import Setup
from ocpp_verify.runner.project import MODEL, Project, shipped_models
from ocpp_verify.runner.stage import ChargerStage, CsmsStage, Stage
from ocpp_verify.runner.tags import STANDINGS, Tag, own_tags, read_tags, selections
from ocpp_verify.runner.verdicts import (
    LiveFinished,
    LiveStarted,
    Showing,
    TableCoverage,
)
from ocpp_verify.runner.workshop import Workshop

_TELL_OF_TAGS = ("Authorize", "StartTransaction")

TimingName: TypeAlias = Literal["quick", "normal"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about a live test.

    Attributes:
        lab: the bench of a charger, or the operator of a CSMS, as the option names it.
        config: what is known of configuration keys, traits and durations, as it is written.
        again: the command line without its seed.
        enough: findings after which the test ends.
    """

    lab: str
    station: str | None
    tags: Path | None = None
    seed: int | None = None
    budget: float = 120.0
    config: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    timing: TimingName = "normal"
    trace_dir: Path | None = None
    again: str = ""
    enough: int | None = None


def model_files(profiles: str) -> tuple[Path, ...]:
    """The shipped models of profiles such as `core,reservation`. Raises WrongInput."""
    folder = shipped_models()
    known = {each.stem: each for each in sorted(folder.glob(f"*{MODEL}"))}
    found = []
    for name in dict.fromkeys(each.strip().lower() for each in profiles.split(",")):
        if name not in known:
            raise WrongInput(
                f"there is no profile `{name}`",
                help=did_you_mean(name, known) or f"there are {', '.join(known)}",
            )
        found.append(known[name])
    return tuple(found)


def pace_of(name: TimingName) -> Pace:
    """How long the tester waits."""
    if name == "quick":
        return Pace(connect=30.0, watch=0.15, step=2.0, gone=10.0, patience=8.0)
    return Pace(connect=60.0, watch=2.0, step=8.0, gone=60.0)


def timing_of(name: TimingName, settings: Mapping[str, float]) -> Timing:
    """How long the system under test may take."""
    own = {"BootInterval": 1.0 if name == "quick" else 10.0, "ReservationLength": 3600.0}
    chosen = {**own, **settings}
    if name == "quick":
        return Timing(answer=5, send=5, latency=1, notice=2, at_most=5.0, settings=chosen)
    return Timing(settings=chosen)


def known_values(
    model: Model, config: Mapping[str, str]
) -> tuple[dict[str, Value], dict[str, float]]:
    """Values of configuration keys and traits, and seconds of durations. Raises WrongInput."""
    fixed: dict[str, Value] = {}
    seconds: dict[str, float] = {}
    variables = {each.name: each for each in model.variables if each.config or each.trait}
    durations = {each.name for each in model.settings}
    for name, written in config.items():
        if name in durations:
            try:
                seconds[name] = float(written)
            except ValueError:
                raise WrongInput(
                    f"`{written}` is no number of seconds for {name}", help="write a number"
                ) from None
        elif name in variables:
            values = {str(each).lower(): each for each in domain(variables[name].type)}
            if written == "any":
                continue
            if written.lower() not in values:
                raise WrongInput(
                    f"`{written}` is no value of `{name}`", help=f"it is one of {', '.join(values)}"
                )
            fixed[name] = values[written.lower()]
        else:
            known = [*variables, *durations]
            raise WrongInput(
                f"the model has no configuration key, trait or duration `{name}`",
                help=did_you_mean(name, known) or f"it has {', '.join(known)}",
            )
    return fixed, seconds


class LiveTest:
    """One test, ready to run. `campaign` tells how far it is."""

    def __init__(
        self,
        project: Project,
        options: Options,
        *,
        listen: tuple[str, int] | None = None,
        url: str | None = None,
        tell: Callable[[str], None] = lambda text: None,
        clock: Clock | None = None,
        bench: Bench | None = None,
        operator: Operator | None = None,
        workshop: Workshop | None = None,
    ) -> None:
        """`listen` for a charger under test, `url` for a CSMS. A `bench` or an `operator` that is
        given is used instead of the one that the options name. Tests of one project may share
        a `workshop`.
        """
        assert project.model is not None
        self.project = project
        self.options = options
        self.clock = clock or RealClock()
        self.seed = options.seed if options.seed is not None else SystemRandom().randrange(10**6)
        workshop = workshop or Workshop(lower(project.model, on_the_wire=True))
        self.lowering: Lowering = workshop.lowering
        fixed, seconds = known_values(project.model, options.config)
        pace = pace_of(options.timing)
        limit = 5.0 if options.timing == "quick" else 30.0
        setup = Setup(
            {}, {}, fixed, timing_of(options.timing, seconds), pace, self.seed, ignore_limit=limit
        )
        schemas = Schemas()
        self.tags = self._tags(is_charger=listen is not None)
        tokens = next((len(each.values) for each in project.model.types if each.name == "IdTag"), 2)
        self.stage: Stage
        if listen is not None:
            connectors = range(1, dict(self.lowering.system.sizes).get("Connector", 1) + 1)
            self.stage = ChargerStage(
                bench or parse_bench(options.lab),
                self.clock,
                schemas,
                tuple(connectors),
                listen[0],
                listen[1],
                options.station,
                self.seed,
                pace.gone,
            )
        else:
            assert url is not None
            assert options.station is not None
            self.stage = CsmsStage(
                operator or parse_operator(options.lab, options.station),
                self.clock,
                schemas,
                url,
                options.station,
                self.seed,
                min(10.0, pace.gone),
            )
        chosen = selections(self.tags, tokens)
        wishes = Wishes(
            options.budget,
            self.seed,
            setup,
            chosen,
            options.changes,
            options.trace_dir,
            enough=options.enough,
            asks_for_standings=listen is None and options.tags is None,
        )
        self.campaign = Campaign(
            workshop, project.properties, self.stage, wishes, self.clock, schemas, tell
        )

    def _tags(self, *, is_charger: bool) -> tuple[Tag, ...]:
        if self.options.tags is not None:
            return read_tags(self.options.tags)
        return own_tags(2, "Accepted" if is_charger else "Invalid")

    async def run(self) -> LiveFinished:
        """Run it. Raises PeerUnreachable if nobody is there."""
        await self.campaign.run()
        return self.result()

    def result(self) -> LiveFinished:
        """What it has come to so far."""
        campaign = self.campaign
        verdict, why = campaign.verdict
        return LiveFinished(
            started=self._started(),
            verdict=verdict,
            why=why,
            found=tuple(campaign.found),
            showings=tuple(self._showing(each) for each in campaign.purposes),
            tables=tuple(
                TableCoverage(
                    each.table.name,
                    tuple(
                        row.code
                        for row in each.table.table
                        if row.code in campaign.watch.seen[each.table.name]
                    ),
                    tuple(
                        row.code
                        for row in each.table.table
                        if row.code not in campaign.watch.seen[each.table.name]
                    ),
                )
                for each in campaign.watch.tables
            ),
            sent=campaign.messages.sent,
            received=campaign.messages.received,
            outcomes=campaign.messages.outcomes,
            observations=campaign.observations,
            config=tuple((name, str(value)) for name, value in campaign.setup.fixed.items()),
            durations=tuple(campaign.setup.timing.settings.items()),
            warnings=tuple(campaign.warnings),
            runs=campaign.runs,
            seconds=campaign.seconds(),
            interrupted=campaign.interrupted,
        )

    def _started(self) -> LiveStarted:
        model = self.lowering.model
        return LiveStarted(
            sut=self.stage.sut,
            address=self.stage.address,
            station=self.options.station or "",
            lab=self.options.lab,
            seed=self.seed,
            budget=self.options.budget,
            model=model.name,
            profiles=model.profiles,
            files=self.project.files,
            sizes=tuple(self.lowering.system.sizes),
            readings=tuple((each.name, each.chosen) for each in model.readings),
            tags=tuple((each.id, each.standing) for each in self.tags),
            again=f"{self.options.again} --seed {self.seed}",
        )

    def _showing(self, purpose: Purpose) -> Showing:
        is_shown = purpose.name in self.campaign.shown
        why = "" if is_shown else self._why_not(purpose)
        return Showing(purpose.name, purpose.kind, purpose.at, purpose.rules, is_shown, why)

    def _why_not(self, purpose: Purpose) -> str:
        """Why something is untestable here; empty where only time was short."""
        campaign = self.campaign
        words = purpose.name.removeprefix("after ").split(" ")[0].split(".")
        name, outcome = words[0], words[-1]
        if name in campaign.not_supported:
            return f"the {self.stage.sut} does not support {name}"
        action = next((each for each in self.lowering.model.actions if each.name == name), None)
        if isinstance(action, Hidden) and (why := self._too_long(action)):
            return why
        if self.stage.sut == "csms":
            if isinstance(action, Call) and action.sender == "csms" and not self._is_asked(name):
                return f"nobody asks the CSMS for {name}: `--operator` does"
            if purpose.kind == "clause" and self._lacks_a_tag(name, outcome):
                return f"no tag is known to be {outcome}: `--tags FILE` names one"
        if purpose.name not in campaign.given_up:
            return "every run ended at a finding that was known before" if campaign.is_stuck else ""
        missing = self._missing()
        if missing:
            cannot = f"; the lab cannot do {', '.join(missing)}"
            return f"no way was found, or the other side went another one{cannot}"
        return "no way was found, or the other side went another one"

    def _too_long(self, timer: Hidden) -> str:
        """Why a timer is not waited for; empty if it is."""
        if timer.after is None:
            return ""
        campaign = self.campaign
        lengths = {each.name: each.seconds for each in self.lowering.model.settings}
        lengths.update(campaign.setup.timing.settings)
        after = timer.after.seconds or lengths.get(timer.after.name or "", 0.0)
        if after <= campaign.setup.ignore_limit:
            return ""
        limit = f"{campaign.setup.ignore_limit:g} s is the limit"
        return f"{timer.name} takes {after:g} s, and {limit}{self._shortened(timer)}"

    def _is_asked(self, name: str) -> bool:
        """Whether the operator can be asked for it, or the CSMS does it by itself."""
        return self.stage.lab.can_ask(name) or name in self.campaign.messages.received

    def _lacks_a_tag(self, name: str, outcome: str) -> bool:
        """Whether the CSMS can say this of none of the identifiers."""
        if name not in _TELL_OF_TAGS or outcome not in STANDINGS:
            return False
        return all(each.standing != outcome for each in self.campaign.tags)

    def _shortened(self, timer: Hidden) -> str:
        """How the user makes the time of the timer shorter, if anything does."""
        name = timer.after.name if timer.after is not None else None
        setting = next((each for each in self.lowering.model.settings if each.name == name), None)
        if setting is None:
            return ""
        option = "--set" if setting.owner == self.stage.sut == "charger" else "--config"
        return f": `{option} {name}=SECONDS` makes it shorter"

    def _missing(self) -> list[str]:
        lab = self.stage.lab
        if self.stage.sut == "charger":
            return [
                verb(each.name)
                for each in self.lowering.model.actions
                if isinstance(each, Event) and each.role == "charger" and not lab.can(each.name)
            ]
        return [
            each.name
            for each in self.lowering.model.calls()
            if each.sender == "csms" and not lab.can_ask(each.name)
        ]
