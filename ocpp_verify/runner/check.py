"""Decide every property of a project, and look for what its author hardly meant.

First everything is decided, then everything is decided again by others as far as the time reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import cast

from ocpp_verify.events import (
    CheckFinished,
    CheckStarted,
    EngineFault,
    Event,
    Evidence,
    LintFound,
    LintLeftOpen,
    PropertyConfirmed,
    PropertyDecided,
    Status,
)
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.system import System
from ocpp_verify.runner.confirmation import Confirmation, Confirmer
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import AUTO, EVERY, NAMES, Workshop, make_engine
from ocpp_verify.runner.ledger import Found
from ocpp_verify.runner.project import Project
from ocpp_verify.runner.tactics import Limits
from ocpp_verify.runner.tasks import Work, prepare, tasks
from ocpp_verify.runner.witness import complete, steps_of
from ocpp_verify.runner.workers import Job, run_jobs
from ocpp_verify.semantics.questions import Asked, Obligation, obligations
from ocpp_verify.semantics.result import Answer, Open, Question, Reached, Unreachable
from ocpp_verify.semantics.traces import shown_value

DECIDING = 0.8
"""Share of the time after which second opinions on what is decided are worth more than what is left."""
AHEAD = 3.0
"""So many times its share of the time one part of the work may take: most take next to none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to check.

    Attributes:
        engine: `auto`, `all`, `explicit`, `bdd` or `z3`.
        seconds: for the whole check; None means as long as it takes.
        workers: processes that work at a time; with one and no limit of time, everything is done in
            this one.
        only: names of the properties to decide; empty means all. A table's name stands for its
            transitions too. The sanity analyses need all properties and are left out otherwise.
        sanity: whether to run the sanity analyses.
        witnesses: whether a short trace is worth time for what is reached as expected.
        confirm: whether `auto` and `all` ask for a second opinion on what was decided.
    """

    engine: str = "auto"
    seconds: float | None = None
    limits: Limits = field(default_factory=Limits)
    workers: int = 1
    only: tuple[str, ...] = ()
    sanity: bool = True
    witnesses: bool = False
    confirm: bool = True


@dataclass(frozen=True, slots=True)
class _Share:
    """Questions of a task that are answered together, beside others. `weight`: their share of the time."""

    work: Work
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
    left_open: list[LintLeftOpen] = field(default_factory=list)
    _works: list[Work] = field(default_factory=list)
    interrupted: bool = False

    def all(self, wanted: Sequence[Obligation]) -> None:
        """Decide them, in several processes if there are several workers."""
        settings = self.settings
        confirm = settings.confirm and settings.engine in (AUTO, EVERY)
        end = Deadline.after(settings.seconds)
        deadline = end.share(DECIDING) if confirm else end
        for task in tasks(wanted, settings.sanity and not settings.only):
            self._works.append(
                prepare(
                    self.project,
                    task,
                    settings.limits,
                    deadline,
                    self._hear,
                    self.make,
                    settings.witnesses,
                )
            )
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
            run_jobs(jobs, width, deadline)
            if confirm and not end.expired():
                run_jobs(self._confirming(width, end), width, end)
        finally:
            for work in self._works:
                self._conclude(work, at_the_end=True)
                self._report(work)

    def _shares(self, work: Work) -> Iterator[_Share]:
        """The work in parts that can be done side by side: what must never be, one by one."""
        portfolio, task, ledger = work.portfolio, work.task, work.ledger
        if self.settings.engine == AUTO and not task.scenarios:
            portfolio.glance()
            self._conclude(work)
        rest = ledger.open()
        if self.settings.engine in (AUTO, EVERY):
            alone = {each.name for each in task.wanted if not each.good}
            for each in rest:
                if each.name in alone:
                    yield _Share(work, (each,), 1.0)
            rest = [each for each in rest if each.name not in alone]
        if rest:
            yield _Share(work, tuple(rest), task.weight)

    def _job(self, share: _Share, deadline: Deadline, part: float) -> Job:
        portfolio, ledger = share.work.portfolio, share.work.ledger

        def work(tell: Callable[[object], None]) -> None:
            own = portfolio.part(
                share.questions,
                deadline.share(part),
                tell,
                lambda name, found: tell((name, found)),
            )
            own.run(self.settings.engine)
            if own.tactics.interrupted:
                raise KeyboardInterrupt

        def heard(said: object) -> None:
            match said:
                case (str(name), Found() as found):
                    ledger.found[name] = found
                case _:
                    self._hear(cast(Event, said))

        def ended(died: int | None) -> None:
            if died is not None:
                told = f"the process that decided it ended with code {died}"
                for each in share.questions:
                    if ledger.is_open(each.name):
                        self._hear(EngineFault(each.name, told, "OV703"))
            self._conclude(share.work)

        return Job(work, heard, ended)

    def _confirming(self, width: int, deadline: Deadline) -> list[Job]:
        """Second opinions: for each lowered system as many jobs as can be done at a time."""
        jobs: list[Job] = []
        for work in self._works:
            self._conclude(work)
            decided = [each for each in work.asked if not work.ledger.is_open(each.question.name)]
            decided.sort(key=lambda each: each.obligation.good)  # proofs take longest
            parts = (decided[at::width] for at in range(width))
            jobs += [self._confirmation(work, part, deadline) for part in parts if part]
        return jobs

    def _confirmation(self, work: Work, decided: Sequence[Asked], deadline: Deadline) -> Job:
        goals, found = work.portfolio.tactics.hints.goals, work.ledger.found

        def ask_others(tell: Callable[[object], None]) -> None:
            confirmer = Confirmer(work.ledger.system, self.make, deadline)
            for at, each in enumerate(decided):
                if deadline.expired():
                    return
                name = each.question.name
                share = deadline.share(min(1.0, AHEAD / (len(decided) - at)))
                confirmed = confirmer.confirm(each.question, goals[name], found[name], share)
                tell((each.obligation.name, confirmed))

        def heard(said: object) -> None:
            match said:
                case (str(name), Confirmation() as confirmed):
                    self._confirm(name, confirmed)
                case _:
                    raise AssertionError("a confirmation tells nothing else")

        def ended(died: int | None) -> None:
            if died is not None:
                names = ", ".join(each.obligation.name for each in decided)
                told = f"the process that asked for a second opinion ended with code {died}"
                self._hear(EngineFault(names, told, "OV703"))

        return Job(ask_others, heard, ended)

    def _confirm(self, name: str, confirmed: Confirmation) -> None:
        known = self.decided[name]
        if confirmed.against:
            told = f"the engines disagree: {confirmed.against}"
            self._hear(EngineFault(name, told, "OV701"))
            known = replace(known, status="unknown", how=told, evidence=None, depth=None)
        else:
            by = dict.fromkeys((*known.confirmed_by, *confirmed.by))
            known = replace(known, confirmed_by=tuple(by))
            self.emit(PropertyConfirmed(name, known.confirmed_by))
        self.decided[name] = known

    def _hear(self, event: Event) -> None:
        if isinstance(event, EngineFault):
            self.faults.append(event)
        self.emit(event)

    def _conclude(self, work: Work, *, at_the_end: bool = False) -> None:
        """Tell what is decided, each once; at the end also how far the search came for the rest."""
        for each in work.asked:
            name = each.obligation.name
            found = work.ledger.found.get(each.question.name)
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

    def _report(self, work: Work) -> None:
        """What the sanity analyses make of the answers."""
        answers = {name: each.answer for name, each in work.ledger.found.items()}
        for analysis, asked in work.analyses:
            left = [name for name in asked if isinstance(answers.get(name, Open("")), Open)]
            if left:
                shown = tuple(name.removeprefix(f"{analysis.CODE} ") for name in left)
                self.left_open.append(
                    LintLeftOpen(analysis.CODE, analysis.TITLE, len(asked), shown)
                )
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
            confirmed_by=found.confirmed_by,
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
