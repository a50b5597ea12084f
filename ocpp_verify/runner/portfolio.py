"""Which engine answers what: the strategy behind `--engine`.

`auto` begins with a short explicit search, which decides small models with shortest traces. What must
never be is then tried on projections, one instance at a time, explicitly and with decision diagrams;
what must be possible from single initial states in a small world; and what is left with z3 and on the
whole system. A scenario is first followed from step to step. `all` asks every engine by itself and
compares; which cells one of them needed tells the next where to begin, and no more. No trace is
believed before it was replayed.
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
from ocpp_verify.runner.instances import Learned, decide
from ocpp_verify.runner.pursuit import (
    World,
    calm_world,
    full_world,
    plunge,
    pursue,
    small_world,
    starts,
)
from ocpp_verify.runner.refinement import Goal
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
_GLANCE = 30_000
"""States of the short explicit search that `auto` begins with."""
_SMALL = 50_000
"""States of a projection that `auto` tries before decision diagrams."""
_HOP = (100_000,)
_HOPS = (30_000, 300_000)
"""States of a search from one state; the small number is tried everywhere before the large one."""
_EXTREMES = 2
"""The first of the single initial states are the least and the greatest: they show most."""
_LEAPS = (100_000, 1_000_000)
"""States of a search from one step of a scenario to the next."""
_AHEAD = 3.0
"""So many times its share of the time one question may take: most take next to none."""
_STARTS = 8
"""So many single initial states are tried."""
_PATIENCE = 6
"""After so many states in a row from which nothing new was found, it is enough."""
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
        named: for the same, the actions that they are about.
        told: hears of every answer as soon as it is known.
    """

    what: str
    system: System
    questions: Sequence[Question]
    limits: Limits
    deadline: Deadline
    emit: Callable[[Event], None]
    urgent: frozenset[str] = frozenset()
    minor: frozenset[str] = frozenset()
    goals: Mapping[str, Sequence[Goal]] = field(default_factory=dict)
    milestones: Mapping[str, Sequence[Formula]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    make: Workshop = make_engine
    told: Callable[[str, Found], None] = lambda name, found: None
    found: dict[str, Found] = field(default_factory=dict)
    interrupted: bool = False
    _learned: Learned = field(init=False, default_factory=dict)

    def run(self, engine: str) -> None:
        """Answer with `auto`, `all` or the engine of that name."""
        match engine:
            case "auto":
                self._auto()
            case "all":
                self._every()
            case "explicit":
                self._explicit()
            case "bdd":
                self._bdd()
            case _:
                self._project(self._open(major=True), self.deadline.share(0.8), engine=engine)
                self._project(self._open(), self.deadline, engine=engine)

    def part(
        self,
        questions: Sequence[Question],
        deadline: Deadline,
        emit: Callable[[Event], None],
        told: Callable[[str, Found], None],
    ) -> Portfolio:
        """Another portfolio for some of the questions, which knows what this one knows of them."""
        names = {each.name for each in questions}
        known = {name: each for name, each in self.found.items() if name in names}
        return replace(
            self, questions=questions, deadline=deadline, emit=emit, told=told, found=known
        )

    def is_open(self, name: str) -> bool:
        """Whether the question is undecided."""
        return name not in self.found or self.found[name].is_open

    def _open(self, *, major: bool = False, urgent: bool = False) -> list[Question]:
        return [
            each
            for each in self.questions
            if self.is_open(each.name)
            and not (major and each.name in self.minor)
            and not (urgent and each.name not in self.urgent)
        ]

    # strategies -------------------------------------------------------------------------------

    def glance(self) -> None:
        """A short search from all initial states: decides small models, with shortest traces."""
        self._ask("explicit", self._open(), self.deadline.share(0.2), states=_GLANCE)

    def _auto(self) -> None:
        """An engine whose package is missing is left out."""
        self._pursue()
        self._project(self._open(urgent=True), self.deadline.share(0.6), relay=True)
        self._plunge(small_world(self.system), _HOP, self.deadline.share(0.4))
        self._project(self._open(), self.deadline.share(0.6), relay=True)
        self._shorten()
        self._plunge(full_world(self.system), _HOPS, self.deadline.share(0.3))
        with suppress(WrongInput):
            self._project(self._open(major=True), self.deadline.share(0.5), engine="z3")
            self._ask("bdd", self._open(major=True), self.deadline)

    def _explicit(self) -> None:
        self._pursue()
        self._ask("explicit", self._open(), self.deadline.share(0.3), states=_DIRECT)
        self._project(self._open(urgent=True), self.deadline.share(0.3), states=_SMALL)
        self._plunge(small_world(self.system), _HOPS, self.deadline.share(0.3))
        self._project(self._open(), self.deadline.share(0.4), states=_SMALL)
        self._shorten()
        self._project(self._open(major=True), self.deadline)

    def _bdd(self) -> None:
        self._ask("bdd", self.questions, self.deadline.share(0.4))
        self._project(self._open(), self.deadline, engine="bdd")

    def _every(self) -> None:
        """Each engine by itself, on projections of its own."""
        answers: dict[str, list[Found]] = {each.name: [] for each in self.questions}
        for at, engine in enumerate(NAMES):
            if self._over():
                break
            self.found = {}
            share = self.deadline.share(1 / (len(NAMES) - at))
            self._alone(engine, share)
            for name, found in self.found.items():
                answers[name].append(found)
        for name, several in answers.items():
            if several:
                self._record(name, self._agreed(name, several))

    def _alone(self, engine: str, deadline: Deadline) -> None:
        match engine:
            case "explicit":
                self._pursue()
                self._ask(engine, self._open(), deadline.share(0.2), states=_GLANCE)
                self._plunge(small_world(self.system), _HOP, deadline.share(0.3))
                self._project(self._open(), deadline, engine=engine)
            case _:
                self._project(self._open(major=True), deadline, engine=engine)

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
        """Follow milestones from some single initial states and from all, in a calm and small world first."""
        for each in self._open():
            if each.name not in self.milestones:
                continue
            began = self.deadline.clock()
            what = f"milestones of {each.name}"
            self.emit(EngineStarted("explicit", what, 1))
            deadline = self.deadline.share(0.8)
            small = small_world(self.system)
            calm = calm_world(small, self.named.get(each.name, frozenset()))
            worlds = (calm, small, full_world(self.system))
            beginnings = (*starts(self.system, _STARTS), None)
            trace = None
            engines = {id(world): self.make("explicit", True) for world in worlds}
            for states, world, start in product(_LEAPS, worlds, beginnings):
                if trace is not None or deadline.expired():
                    break
                budget = Budget(self._least(states), self.limits.depth, deadline.expired)
                engine = engines[id(world)]
                trace = pursue(world, start, self.milestones[each.name], engine, budget)
            self._witness(what, {} if trace is None else {each.name: trace}, [each], began)

    def _plunge(self, world: World, hops: Sequence[int], deadline: Deadline) -> None:
        """Look for witnesses from two initial states, from where known witnesses end, and from more."""
        before = self._open()
        if self._over() or not before:
            return
        began = self.deadline.clock()
        what = f"{self.what} from single states"
        self.emit(EngineStarted("explicit", what, len(before)))
        engine = self.make("explicit", True)
        for states in hops:
            budget = Budget(self._least(states), self.limits.depth, deadline.expired)
            points = [Trace((start,), ()) for start in starts(self.system, _STARTS)]
            tried: set[State] = set()
            barren = 0
            while points and barren < _PATIENCE and self._open() and not deadline.expired():
                point = points.pop(0)
                tried.add(point.states[-1])
                traces = plunge(world, point, self._open(), engine, budget)
                for name, trace in traces.items():
                    self._add_witness(name, trace, began)
                barren = 0 if traces else barren + 1
                if len(tried) >= _EXTREMES and (traces or not points):
                    known = [each for each in points if len(each) == 0]
                    points = [*self._outposts(tried), *known]
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
            self._record(name, Found(answer, "explicit", seconds))

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
        engine: str = "explicit",
        states: int | None = None,
        relay: bool = False,
    ) -> None:
        """Lazy abstraction with so many states for each projection; the time is shared fairly.

        With `relay`, decision diagrams take over the projections that have more.
        """
        told, chosen = engine, self.make(engine, True)
        if relay:
            with suppress(WrongInput):
                told, chosen = "bdd", Relay(chosen, self.make("bdd", True), _SMALL)
        for at, each in enumerate(questions):
            if deadline.expired() or self.interrupted:
                return
            if self.goals.get(each.name):
                part = min(1.0, _AHEAD / (len(questions) - at))
                self._abstract(each, told, chosen, deadline.share(part), states)

    def _abstract(
        self, question: Question, told: str, engine: Engine, deadline: Deadline, states: int | None
    ) -> None:
        """Decide one question on projections, an instance at a time."""
        name = question.name
        what = f"projections for {name}"
        clock = deadline.clock
        began = clock()
        self.emit(EngineStarted(told, what, 1))
        budget = Budget(self._least(states), self.limits.depth, deadline.expired)
        try:
            made = decide(
                self.system,
                self.goals[name],
                engine,
                budget,
                lambda kept, rounds: self.emit(Progress(told, what, kept, rounds)),
                self._learned,
            )
        except KeyboardInterrupt:
            self.interrupted = True
            return
        seconds = clock() - began
        if isinstance(engine, Relay) and made.engines == {"explicit"}:
            told = "explicit"
        answer = self._believed(told, question, made.answer)
        decided = not isinstance(answer, Open)
        self.emit(
            EngineFinished(told, what, int(decided), 1, made.states, made.depth, decided, seconds)
        )
        rests: tuple[str, ...] = ()
        if isinstance(answer, Unreachable):
            rests = (made.shown(len(self.system.cells)),)
        if self._is_news(name, answer):
            self._record(name, Found(answer, told, seconds, made.states, made.depth, rests))

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
                news = Found(answer, engine, run.seconds, run.states, run.depth)
                self._record(each.name, news)
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

    def _record(self, name: str, found: Found) -> None:
        self.found[name] = found
        self.told(name, found)

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
        self.emit(EngineFault(name, message))

    def _over(self) -> bool:
        return self.interrupted or self.deadline.expired()


def _steps(answer: Answer) -> int:
    assert isinstance(answer, Reached)
    return len(answer.trace)


def _depth_of(answer: Answer) -> int:
    if isinstance(answer, Open):
        return -1 if answer.depth is None else answer.depth
    return 1 << 30
