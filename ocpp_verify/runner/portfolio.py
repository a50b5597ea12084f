"""Which engine answers what: the strategy behind `--engine`.

`auto` begins with a short explicit search, which finds the shortest traces. What that leaves open is
tried on small projections, which prove most invariants in no time, from single initial states, which
find most witnesses, with decision diagrams on larger projections and at last on the whole system, and
with z3. A scenario is first followed from step to step. `all` asks every engine and compares. No
trace is believed before it was replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product

from ocpp_verify.errors import WrongInput
from ocpp_verify.events import EngineFault, EngineFinished, EngineStarted, Event, Progress
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import NAMES, Engine, Relay, Workshop, make_engine
from ocpp_verify.runner.pursuit import plunge, pursue, starts
from ocpp_verify.runner.refinement import Goal, refine
from ocpp_verify.semantics.ground import holds, replay
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Exploration,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)

INTERRUPTED = "interrupted"
_GLANCE = 300_000
"""States of the short explicit search that `auto` begins with."""
_GLANCE_SECONDS = 20.0
_SMALL = 100_000
"""States of a projection that `auto` tries before decision diagrams."""
_HOPS = (30_000, 300_000)
"""States of a search from one state; the small number is tried everywhere before the large one."""
_LEAPS = (300_000, 1_000_000)
"""States of a search from one step of a scenario to the next."""
_AHEAD = 3.0
"""So many times its share of the time one question may take: most take next to none."""
_STARTS = 8
"""So many single initial states are tried."""
_LONGER = 4_000_000
_LONGER_SECONDS = 30.0
"""Where the search for a shorter trace gives up."""
_DIRECT = 5_000_000
"""States after which the explicit engine turns to projections."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of engines; None means none."""

    depth: int | None = None
    states: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An answer with where it came from. `rests_on` adds to what the system rests on."""

    answer: Answer
    engine: str
    seconds: float
    states: int | None = None
    depth: int | None = None
    rests_on: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the question is undecided."""
        return isinstance(self.answer, Open)


@dataclass(slots=True)
class Portfolio:
    """Answers the questions about one system. `found` grows while it works.

    Attributes:
        urgent: questions of which a shortest trace is worth some time, if there is a trace.
        minor: questions that only the engines which answer all at once are asked.
        goals: for questions that may be put to projections, where to begin.
        milestones: for questions about long traces, what they pass on the way.
    """

    what: str
    system: System
    questions: Sequence[Question]
    limits: Limits
    deadline: Deadline
    emit: Callable[[Event], None]
    urgent: frozenset[str] = frozenset()
    minor: frozenset[str] = frozenset()
    goals: Mapping[str, Goal] = field(default_factory=dict)
    milestones: Mapping[str, Sequence[Formula]] = field(default_factory=dict)
    make: Workshop = make_engine
    found: dict[str, Found] = field(default_factory=dict)
    faults: list[EngineFault] = field(default_factory=list)
    interrupted: bool = False
    _learned: dict[str, frozenset[int]] = field(default_factory=dict)

    def run(self, engine: str) -> None:
        """Answer with `auto`, `all` or the engine of that name."""
        match engine:
            case "auto":
                self._auto()
            case "all":
                self._every()
            case "explicit":
                self._explicit()
            case _:
                self._ask(engine, self.questions, self.deadline)

    def _open(self, *, major: bool = False, urgent: bool = False) -> list[Question]:
        return [
            each
            for each in self.questions
            if (each.name not in self.found or self.found[each.name].is_open)
            and not (major and each.name in self.minor)
            and not (urgent and each.name not in self.urgent)
        ]

    # strategies -------------------------------------------------------------------------------

    def _auto(self) -> None:
        """An engine whose package is missing is left out."""
        self._pursue()
        glance = self.deadline.share(0.2, _GLANCE_SECONDS)
        self._ask("explicit", self._open(), glance, states=_GLANCE)
        self._project(self._open(urgent=True), self.deadline.share(0.2), states=_SMALL)
        self._plunge(self.deadline.share(0.2, _GLANCE_SECONDS))
        self._project(self._open(urgent=True), self.deadline.share(0.5), relay=True)
        self._project(self._open(major=True), self.deadline.share(0.4), relay=True)
        self._shorten()
        self._try("bdd", self._open(major=True), self.deadline.share(0.5))
        self._project(self._open(), self.deadline.share(0.7), relay=True)
        self._try("z3", self._open(major=True), self.deadline)

    def _explicit(self) -> None:
        self._pursue()
        self._ask("explicit", self._open(), self.deadline.share(0.3), states=_DIRECT)
        self._project(self._open(urgent=True), self.deadline.share(0.3), states=_SMALL)
        self._plunge(self.deadline.share(0.3))
        self._project(self._open(), self.deadline.share(0.4), states=_SMALL)
        self._shorten()
        self._project(self._open(major=True), self.deadline)

    def _try(self, engine: str, questions: Sequence[Question], deadline: Deadline) -> None:
        with suppress(WrongInput):
            self._ask(engine, questions, deadline)

    def _every(self) -> None:
        answers: dict[str, list[Found]] = {each.name: [] for each in self.questions}
        for at, engine in enumerate(NAMES):
            if self._over():
                break
            self.found = {}
            share = self.deadline.share(1 / (len(NAMES) - at))
            questions = self.questions
            if engine == "z3":
                questions = [each for each in questions if each.name not in self.minor]
            self._ask(engine, questions, share, states=_DIRECT if engine == "explicit" else None)
            if engine == "explicit":
                self._pursue()
                self._project(self._open(), share)
            for name, each in self.found.items():
                answers[name].append(each)
        self.found = {name: self._agreed(name, each) for name, each in answers.items() if each}

    def _agreed(self, name: str, found: Sequence[Found]) -> Found:
        """What the engines say together: the shortest trace, else a proof, else the furthest."""
        reached = [each for each in found if isinstance(each.answer, Reached)]
        refuted = [each for each in found if isinstance(each.answer, Unreachable)]
        if reached and refuted:
            told = (
                f"{reached[0].engine} reaches it in {_steps(reached[0].answer)} steps, "
                f"{refuted[0].engine} says it is unreachable"
            )
            self._fault(name, f"the engines disagree: {told}")
            return Found(Open(f"the engines disagree: {told}"), "", reached[0].seconds)
        if reached:
            best = min(reached, key=lambda each: _steps(each.answer))
            agreeing = reached
        elif refuted:
            best, agreeing = refuted[0], refuted
        else:
            return max(found, key=lambda each: _depth_of(each.answer))
        return replace(best, engine=", ".join(each.engine for each in agreeing))

    def _pursue(self) -> None:
        """Follow milestones, from all initial states and then from some single ones."""
        for each in self._open():
            if each.name not in self.milestones:
                continue
            began = self.deadline.clock()
            what = f"milestones of {each.name}"
            self.emit(EngineStarted("explicit", what, 1))
            deadline = self.deadline.share(0.8)
            trace = None
            for states, start in product(_LEAPS, (None, *starts(self.system, _STARTS))):
                if trace is not None or deadline.expired():
                    break
                budget = Budget(self._least(states), self.limits.depth, deadline.expired)
                engine = self.make("explicit", True)
                trace = pursue(self.system, start, self.milestones[each.name], engine, budget)
            self._witness(what, {} if trace is None else {each.name: trace}, [each], began)

    def _plunge(self, deadline: Deadline) -> None:
        """Look for witnesses from single initial states, then from where known witnesses end."""
        before = self._open()
        if self._over() or not before:
            return
        began = self.deadline.clock()
        what = f"{self.what} from single states"
        self.emit(EngineStarted("explicit", what, len(before)))
        for states in _HOPS:
            budget = Budget(self._least(states), self.limits.depth, deadline.expired)
            points = [Trace((start,), ()) for start in starts(self.system, _STARTS)]
            tried: set[State] = set()
            while points and self._open() and not deadline.expired():
                point = points.pop(0)
                tried.add(point.states[-1])
                engine = self.make("explicit", True)
                traces = plunge(self.system, point, self._open(), engine, budget)
                for name, trace in traces.items():
                    self._add_witness(name, trace, began)
                if traces or not points:
                    points = self._outposts(tried)
        self._witness(what, {}, before, began)

    def _outposts(self, tried: set[State]) -> list[Trace]:
        """The longest known traces to states from which nothing was searched yet."""
        ends = {
            each.answer.trace.states[-1]: each.answer.trace
            for each in self.found.values()
            if isinstance(each.answer, Reached)
        }
        new = [trace for state, trace in ends.items() if state not in tried]
        return sorted(new, key=len, reverse=True)[:_STARTS]

    def _add_witness(self, name: str, trace: Trace, began: float) -> None:
        question = next(each for each in self.questions if each.name == name)
        answer = self._believed("explicit", question, Reached(trace, shortest=False))
        seconds = self.deadline.clock() - began
        if isinstance(answer, Reached):
            self.found[name] = Found(answer, "explicit", seconds)

    def _witness(
        self, what: str, traces: Mapping[str, Trace], asked: Sequence[Question], began: float
    ) -> None:
        for name, trace in traces.items():
            self._add_witness(name, trace, began)
        answered = sum(
            each.name in self.found and not self.found[each.name].is_open for each in asked
        )
        seconds = self.deadline.clock() - began
        self.emit(
            EngineFinished("explicit", what, answered, len(asked), None, None, False, seconds)
        )

    def _shorten(self) -> None:
        """Look for shortest traces of the urgent questions that have longer ones."""
        wanted = [
            each
            for each in self.questions
            if each.name in self.urgent
            and (known := self.found.get(each.name)) is not None
            and isinstance(known.answer, Reached)
            and not known.answer.shortest
        ]
        if wanted and not self._over():
            share = self.deadline.share(0.3, _LONGER_SECONDS)
            self._ask("explicit", wanted, share, states=_LONGER, stop=True)

    def _project(
        self,
        questions: Sequence[Question],
        deadline: Deadline,
        *,
        states: int | None = None,
        relay: bool = False,
    ) -> None:
        """Lazy abstraction with so many states for each projection; the time is shared fairly.

        With `relay`, decision diagrams take over the projections that have more.
        """
        engine: Engine = self.make("explicit", True)
        if relay:
            with suppress(WrongInput):
                engine = Relay(engine, self.make("bdd", True), _SMALL)
        for at, each in enumerate(questions):
            if deadline.expired() or self.interrupted:
                return
            goal = self.goals.get(each.name)
            if goal is not None:
                part = min(1.0, _AHEAD / (len(questions) - at))
                known = replace(goal, seed=self._learned.get(each.name, goal.seed))
                self._refine(known, engine, deadline.share(part), states)

    def _refine(self, goal: Goal, engine: Engine, deadline: Deadline, states: int | None) -> None:
        name = goal.question.name
        told = "bdd" if isinstance(engine, Relay) else "explicit"
        what = f"projections for {name}"
        clock = deadline.clock
        began = clock()
        self.emit(EngineStarted(told, what, 1))
        budget = Budget(self._least(states), self.limits.depth, deadline.expired)
        try:
            made = refine(
                self.system,
                goal,
                engine,
                budget,
                lambda kept, rounds: self.emit(Progress(told, what, kept, rounds)),
            )
        except KeyboardInterrupt:
            self.interrupted = True
            return
        self._learned[name] = made.kept
        seconds = clock() - began
        answer = self._believed(told, goal.question, made.answer)
        self.emit(
            EngineFinished(
                told,
                what,
                int(not isinstance(answer, Open)),
                1,
                made.states,
                made.depth,
                not isinstance(answer, Open),
                seconds,
            )
        )
        rests: tuple[str, ...] = ()
        if isinstance(answer, Unreachable):
            kind = "an exact" if made.is_exact else "a sound"
            rests = (f"{kind} projection to {len(made.kept)} of {len(self.system.cells)} cells",)
        if self._is_news(name, answer):
            self.found[name] = Found(answer, told, seconds, made.states, made.depth, rests)

    # one engine -------------------------------------------------------------------------------

    def _ask(
        self,
        engine: str,
        questions: Sequence[Question],
        deadline: Deadline,
        *,
        states: int | None = None,
        stop: bool = False,
    ) -> None:
        """Put the questions to an engine and keep what is better than what is known."""
        if self._over() or not questions:
            return
        asked = self.make(engine, stop)
        self.emit(EngineStarted(engine, self.what, len(questions)))
        budget = Budget(
            self._least(states),
            self.limits.depth,
            deadline.expired,
            lambda count, depth: self.emit(Progress(engine, self.what, count, depth)),
        )
        try:
            run = asked.explore(self.system, questions, budget)
        except KeyboardInterrupt:
            self.interrupted = True
            return
        self._keep(engine, questions, run)

    def _keep(self, engine: str, questions: Sequence[Question], run: Exploration) -> None:
        answered = 0
        for each in questions:
            answer = self._believed(engine, each, run.answers[each.name])
            answered += not isinstance(answer, Open)
            if isinstance(answer, Open) and answer.reason == INTERRUPTED:
                self.interrupted = True
            if self._is_news(each.name, answer):
                self.found[each.name] = Found(answer, engine, run.seconds, run.states, run.depth)
        self.emit(
            EngineFinished(
                engine,
                self.what,
                answered,
                len(questions),
                run.states,
                run.depth,
                run.complete,
                run.seconds,
            )
        )

    def _is_news(self, name: str, answer: Answer) -> bool:
        """Whether the answer says more than is known: a decision, or a greater depth."""
        known = self.found.get(name)
        if known is None:
            return True
        if isinstance(answer, Open):
            return known.is_open and _depth_of(answer) >= _depth_of(known.answer)
        return known.is_open or isinstance(answer, Reached)

    def _believed(self, engine: str, question: Question, answer: Answer) -> Answer:
        """The answer; an open one in place of a trace that is no run to the goal."""
        if not isinstance(answer, Reached):
            return answer
        wrong = replay(self.system, answer.trace)
        if wrong is None and not holds(question.goal, answer.trace.states[-1]):
            wrong = "the trace does not end in the goal"
        if wrong is None:
            return answer
        self._fault(question.name, f"{engine}: {wrong}")
        return Open(f"{engine} gave a trace that is none: {wrong}")

    def _least(self, states: int | None) -> int | None:
        known = [each for each in (states, self.limits.states) if each is not None]
        return min(known, default=None)

    def _fault(self, name: str, message: str) -> None:
        fault = EngineFault(name, message)
        self.faults.append(fault)
        self.emit(fault)

    def _over(self) -> bool:
        return self.interrupted or self.deadline.expired()


def _steps(answer: Answer) -> int:
    assert isinstance(answer, Reached)
    return len(answer.trace)


def _depth_of(answer: Answer) -> int:
    if isinstance(answer, Open):
        return -1 if answer.depth is None else answer.depth
    return 1 << 30
