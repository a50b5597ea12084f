"""Decide every property of a project, and look for what its author hardly meant.

Properties of one kind share a lowered system: all but the scenarios with all monitors beside each
other, and each scenario in a system of its own, since its progress multiplies the states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import cast

from ocpp_verify.events import (
    CheckFinished,
    CheckStarted,
    EngineFault,
    Event,
    Evidence,
    LintFound,
    PropertyDecided,
    Status,
)
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Monitor, Pattern, Scenario
from ocpp_verify.ir.system import System
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import AUTO, EVERY, NAMES, Workshop, make_engine
from ocpp_verify.runner.goals import from_nothing, goals, milestones
from ocpp_verify.runner.portfolio import Found, Limits, Portfolio
from ocpp_verify.runner.project import Project
from ocpp_verify.runner.sanity import ALL, Subject
from ocpp_verify.runner.witness import complete, steps_of
from ocpp_verify.runner.workers import Job, run_jobs
from ocpp_verify.semantics.questions import Asked, Obligation, ask, obligations
from ocpp_verify.semantics.result import Answer, Open, Question, Reached, Unreachable
from ocpp_verify.semantics.traces import shown_value

SCENARIO_WEIGHT = 0.5
"""Share of time of a scenario, where all other properties together have 1 for each scenario."""


AHEAD = 3.0
"""So many times its share of the time one part of the work may take: most take next to none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to check.

    Attributes:
        engine: `auto`, `all`, `explicit`, `bdd` or `z3`.
        seconds: for the whole check; None means as long as it takes.
        workers: processes that work at a time; with one, everything is done in this one.
        only: names of the properties to decide; empty means all. A table's name stands for its
            transitions too. The sanity analyses need all properties and are left out otherwise.
        sanity: whether to run the sanity analyses.
        witnesses: whether a short trace is worth time for what is reached as expected.
    """

    engine: str = "auto"
    seconds: float | None = None
    limits: Limits = field(default_factory=Limits)
    workers: int = 1
    only: tuple[str, ...] = ()
    sanity: bool = True
    witnesses: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """Obligations that are decided in one lowered system. `weight`: its share of the time."""

    what: str
    wanted: tuple[Obligation, ...]
    monitors: tuple[Monitor, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    weight: float = 1.0
    sanity: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """A task with its lowered system and what is known of its questions."""

    task: _Task
    subject: Subject
    asked: Sequence[Asked]
    portfolio: Portfolio


@dataclass(frozen=True, slots=True)
class _Share:
    """Questions of a task that are answered together, beside others. `weight`: their share of the time."""

    work: _Work
    questions: tuple[Question, ...]
    weight: float


def check(
    project: Project,
    settings: Settings | None = None,
    emit: Callable[[Event], None] = lambda event: None,
    make: Workshop = make_engine,
) -> CheckFinished:
    """Decide what the project's specs ask. Its model must have been loaded without errors.

    Ctrl-C ends the check; what was decided until then is in the result. Raises WrongInput for an
    engine that is unknown or whose package is missing.
    """
    chosen = settings or Settings()
    assert project.model is not None, "the project has errors"
    if chosen.engine != AUTO:
        for name in NAMES if chosen.engine == EVERY else (chosen.engine,):
            make(name, False)  # what is missing is said at once, and not after hours
    began = monotonic()
    wanted = _chosen(project, chosen)
    started = _started(project, project.model, chosen, len(wanted))
    emit(started)
    run = _Run(project, project.model, chosen, emit, make)
    try:
        run.all(wanted)
    except KeyboardInterrupt:
        run.interrupted = True
    decided = run.in_order(wanted)
    finished = CheckFinished(
        started,
        decided,
        tuple(run.lint),
        tuple(run.faults),
        tuple(run.left_open),
        monotonic() - began,
        run.interrupted,
    )
    emit(finished)
    return finished


def exit_code(result: CheckFinished, strict: bool = False) -> int:
    """0 all as expected, 1 something is refuted (or, if `strict`, found), 3 something is open."""
    if result.interrupted:
        return 130
    unexpected = [each for each in result.decided if not each.is_as_expected]
    if result.faults or any(each.status in ("refuted", "proved") for each in unexpected):
        return 1
    if strict and result.lint:
        return 1
    return 3 if unexpected else 0


def _chosen(project: Project, settings: Settings) -> list[Obligation]:
    found = obligations(project.properties)
    if not settings.only:
        return found
    return [
        each for each in found if each.name in settings.only or each.property.name in settings.only
    ]


def _started(project: Project, model: Model, settings: Settings, count: int) -> CheckStarted:
    return CheckStarted(
        model.name,
        model.profiles,
        model.files,
        tuple(each.file for each in project.specs),
        model.sizes,
        tuple((each.name, each.chosen) for each in model.readings),
        tuple(project.choices.config.items()),
        settings.engine,
        count,
    )


@dataclass(slots=True)
class _Run:
    """The state of one check."""

    project: Project
    model: Model
    settings: Settings
    emit: Callable[[Event], None]
    make: Workshop
    decided: dict[str, PropertyDecided] = field(default_factory=dict)
    lint: list[LintFound] = field(default_factory=list)
    faults: list[EngineFault] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    _works: list[_Work] = field(default_factory=list)
    interrupted: bool = False

    def all(self, wanted: Sequence[Obligation]) -> None:
        """Decide them, in several processes if there are several workers."""
        deadline = Deadline.after(self.settings.seconds)
        for task in _tasks(wanted, self.settings.sanity and not self.settings.only):
            self._works.append(self._prepared(task, deadline))
        try:
            shares = [each for work in self._works for each in self._shares(work)]
            width = max(1, self.settings.workers)
            if self.settings.engine != AUTO:
                shares.sort(key=lambda each: (len(each.questions), -each.weight))
            elif width > 1:
                shares.sort(key=lambda each: -each.weight)
            weights = [each.weight for each in shares]
            jobs = []
            for at, share in enumerate(shares):
                part = min(1.0, AHEAD * width * weights[at] / sum(weights[at:]))
                jobs.append(self._job(share, deadline, part))
            run_jobs(jobs, width)
        finally:
            for work in self._works:
                self._conclude(work, at_the_end=True)
                self._report(work)

    def _prepared(self, task: _Task, deadline: Deadline) -> _Work:
        lowering = lower(self.model, task.monitors, task.scenarios)
        asked = ask(lowering, task.wanted)
        subject = Subject(lowering, self.project.properties)
        minor: list[Question] = []
        if task.sanity:
            minor = [each for analysis in ALL for each in analysis.questions(subject)]
        portfolio = Portfolio(
            what=task.what,
            system=lowering.system,
            questions=[*(each.question for each in asked), *minor],
            limits=self.settings.limits,
            deadline=deadline,
            emit=self._hear,
            urgent=frozenset(
                each.name for each in task.wanted if not each.good or self.settings.witnesses
            ),
            minor=frozenset(each.name for each in minor),
            goals={
                **{each.question.name: goals(lowering, each) for each in asked},
                **{each.name: from_nothing(each) for each in minor},
            },
            milestones={
                each.name: milestones(lowering, each.name)
                for each in task.wanted
                if isinstance(each.property, Scenario)
            },
            named={
                each.name: frozenset(
                    item.action for item in each.property.items if isinstance(item, Pattern)
                )
                for each in task.wanted
                if isinstance(each.property, Scenario)
            },
            make=self.make,
        )
        return _Work(task, subject, asked, portfolio)

    def _shares(self, work: _Work) -> Iterator[_Share]:
        """The work in parts that can be done side by side: what must never be, one by one."""
        portfolio, task = work.portfolio, work.task
        if self.settings.engine == AUTO and not task.scenarios:
            portfolio.glance()
            self._conclude(work)
        rest = [each for each in portfolio.questions if portfolio.is_open(each.name)]
        if self.settings.engine in (AUTO, EVERY):
            alone = {each.name for each in task.wanted if not each.good}
            for each in rest:
                if each.name in alone:
                    yield _Share(work, (each,), 1.0)
            rest = [each for each in rest if each.name not in alone]
        if rest:
            yield _Share(work, tuple(rest), task.weight)

    def _job(self, share: _Share, deadline: Deadline, part: float) -> Job:
        portfolio = share.work.portfolio

        def work(tell: Callable[[object], None]) -> None:
            own = portfolio.part(
                share.questions,
                deadline.share(part),
                tell,
                lambda name, found: tell((name, found)),
            )
            own.run(self.settings.engine)
            if own.interrupted:
                raise KeyboardInterrupt

        def heard(said: object) -> None:
            match said:
                case (str(name), Found() as found):
                    portfolio.found[name] = found
                case _:
                    self._hear(cast(Event, said))

        def ended(died: int | None) -> None:
            if died is not None:
                told = f"the process that decided it ended with code {died}"
                for each in share.questions:
                    if portfolio.is_open(each.name):
                        self._hear(EngineFault(each.name, told))
            self._conclude(share.work)

        return Job(work, heard, ended)

    def _hear(self, event: Event) -> None:
        if isinstance(event, EngineFault):
            self.faults.append(event)
        self.emit(event)

    def _conclude(self, work: _Work, *, at_the_end: bool = False) -> None:
        """Tell what is decided, each once; at the end also how far the search came for the rest."""
        for each in work.asked:
            name = each.obligation.name
            found = work.portfolio.found.get(each.question.name)
            if found is None or name in self.decided or (found.is_open and not at_the_end):
                continue
            verdict = self._verdict(each.obligation, found, each, work.subject.lowering)
            self.decided[name] = verdict
            self.emit(verdict)

    def in_order(self, wanted: Sequence[Obligation]) -> tuple[PropertyDecided, ...]:
        """What was decided in the order of the specs; what was not reached is unknown."""
        reason = "interrupted" if self.interrupted else "the time limit"
        nothing = Found(Open(reason), "", 0.0)
        return tuple(
            self.decided.get(each.name) or self._verdict(each, nothing, None, None)
            for each in wanted
        )

    def _report(self, work: _Work) -> None:
        """What the sanity analyses make of the answers."""
        if not work.task.sanity:
            return
        answers = {name: each.answer for name, each in work.portfolio.found.items()}
        for analysis in ALL:
            asked = [each.name for each in analysis.questions(work.subject)]
            if any(isinstance(answers.get(name, Open("")), Open) for name in asked):
                self.left_open.append(f"{analysis.CODE} {analysis.TITLE}")
            for each in analysis.findings(work.subject, answers):
                self.lint.append(each)
                self.emit(each)

    def _verdict(
        self,
        obligation: Obligation,
        found: Found,
        asked: Asked | None,
        lowering: Lowering | None,
    ) -> PropertyDecided:
        status, how, depth = _judged(obligation, found.answer)
        evidence = None
        if isinstance(found.answer, Reached) and asked is not None and lowering is not None:
            trace = complete(lowering.system, asked, found.answer.trace)
            evidence = Evidence(lowering, trace, found.answer.shortest)
            depth = steps_of(lowering.system, trace)
        return PropertyDecided(
            name=obligation.name,
            kind=obligation.kind,
            wants_reachable=obligation.good,
            status=status,
            engine=found.engine,
            how=how,
            seconds=found.seconds,
            depth=depth,
            states=found.states,
            evidence=evidence,
            at=obligation.at,
            rules=obligation.rules,
            rests_on=(*self._rests_on(lowering.system if lowering else None), *found.rests_on),
        )

    def _rests_on(self, system: System | None) -> tuple[str, ...]:
        bounds = system.rests_on if system is not None else ()
        readings = (f"reading {each.name} = {each.chosen}" for each in self.model.readings)
        chosen = (
            f"{each.name} = {shown_value(getattr(each.initial, 'value', each.initial))}"
            for each in self.model.variables
            if (each.config or each.trait) and each.initial is not None
        )
        return (*bounds, *readings, *chosen)


def _tasks(wanted: Sequence[Obligation], sanity: bool) -> Iterator[_Task]:
    """What to lower together: a scenario alone, everything else with all monitors.

    Scenarios come first: most take little of their time, and leave the rest of it to the others.
    """
    together = [each for each in wanted if not isinstance(each.property, Scenario)]
    alone = [each for each in wanted if isinstance(each.property, Scenario)]
    monitors = tuple(each.property for each in together if isinstance(each.property, Monitor))
    for each in alone:
        assert isinstance(each.property, Scenario)
        yield _Task(f"scenario {each.name}", (each,), (), (each.property,), SCENARIO_WEIGHT)
    if together or sanity:
        weight = max(1.0, len(alone))
        yield _Task("the model", tuple(together), monitors, (), weight, sanity)


def _judged(obligation: Obligation, answer: Answer) -> tuple[Status, str, int | None]:
    match answer:
        case Reached():
            return (
                ("proved", "a trace shows it", None) if obligation.good else ("refuted", "", None)
            )
        case Unreachable():
            return ("refuted" if obligation.good else "proved", answer.how, None)
        case Open():
            if answer.depth is not None and not obligation.good:
                return "holds_to_depth", answer.reason, answer.depth
            return "unknown", answer.reason, answer.depth
