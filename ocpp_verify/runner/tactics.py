"""The ways to look for answers: one engine on the whole system, on projections, and traces step by step.

Each takes the questions that it is to answer, and until when, and leaves what it found in the ledger.
Which of them comes when, and with how much of the time, is the portfolio's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product

from ocpp_verify.errors import WrongInput
from ocpp_verify.events import EngineFinished, EngineStarted, Progress
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import Engine, Relay, Workshop, make_engine
from ocpp_verify.runner.instances import Learned, decide
from ocpp_verify.runner.ledger import INTERRUPTED, Found, Ledger
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
from ocpp_verify.semantics.result import (
    Budget,
    Exploration,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)

SMALL = 50_000
"""States of a projection that the explicit engine tries before decision diagrams."""
_EXTREMES = 3
"""The first of the single initial states are the most permissive, the least and the greatest: they show
most."""
_LEAPS = (20_000, 100_000, 1_000_000)
"""States of a search from one step of a scenario to the next; many products cannot do what it is about,
and that shows soon."""
_AHEAD = 3.0
"""So many times its share of the time one question may take: most take next to none."""
_STARTS = 8
"""So many single initial states are tried."""
_PATIENCE = 6
"""After so many states in a row from which nothing new was found, it is enough."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of engines; None means none."""

    depth: int | None = None
    states: int | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beforehand of how to answer some questions, by their names.

    Attributes:
        goals: for questions that may be put to projections, where to begin.
        milestones: for questions about long traces, what they pass on the way.
        named: for the same, the actions that they are about.
    """

    goals: Mapping[str, Sequence[Goal]] = field(default_factory=dict)
    milestones: Mapping[str, Sequence[Formula]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Tactics:
    """Ways to answer the questions of a ledger. `what` names its system to the user."""

    what: str
    ledger: Ledger
    hints: Hints
    limits: Limits
    deadline: Deadline
    make: Workshop = make_engine
    interrupted: bool = False
    _learned: Learned = field(init=False, default_factory=dict)

    @property
    def system(self) -> System:
        """The system that the questions are about."""
        return self.ledger.system

    def is_over(self) -> bool:
        """Whether there is nothing more to do: the time is up, or Ctrl-C was pressed."""
        return self.interrupted or self.deadline.expired()

    # one engine on the whole system -----------------------------------------------------------

    def ask(
        self,
        engine: str,
        questions: Sequence[Question],
        deadline: Deadline,
        *,
        states: int | None = None,
        stop: bool = False,
    ) -> None:
        """Put the questions to an engine. With `stop` it ends as soon as all have a trace."""
        if self.is_over() or not questions:
            return
        emit = self.ledger.emit
        asked = self.make(engine, stop)
        emit(EngineStarted(engine, self.what, len(questions)))
        budget = Budget(
            self._least(states),
            self.limits.depth,
            deadline.expired,
            lambda count, depth: emit(Progress(engine, self.what, count, depth)),
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
            said = Found(run.answers[each.name], engine, run.seconds, run.states, run.depth)
            answer = self.ledger.hear(each, said)
            answered += not isinstance(answer, Open)
            if isinstance(answer, Open) and answer.reason == INTERRUPTED:
                self.interrupted = True
        self.ledger.emit(
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

    # projections ------------------------------------------------------------------------------

    def project(
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
                told, chosen = "bdd", Relay(chosen, self.make("bdd", True), SMALL)
        for at, each in enumerate(questions):
            if deadline.expired() or self.interrupted:
                return
            if self.hints.goals.get(each.name) and self.ledger.is_open(each.name):
                part = min(1.0, _AHEAD / (len(questions) - at))
                self._abstract(each, told, chosen, deadline.share(part), states)

    def _abstract(
        self, question: Question, told: str, engine: Engine, deadline: Deadline, states: int | None
    ) -> None:
        """Decide one question on projections, an instance at a time."""
        name, emit = question.name, self.ledger.emit
        what = f"projections for {name}"
        clock = deadline.clock
        began = clock()
        emit(EngineStarted(told, what, 1))
        budget = Budget(self._least(states), self.limits.depth, deadline.expired)
        try:
            made = decide(
                self.system,
                self.hints.goals[name],
                engine,
                budget,
                lambda kept, rounds: emit(Progress(told, what, kept, rounds)),
                self._learned,
            )
        except KeyboardInterrupt:
            self.interrupted = True
            return
        seconds = clock() - began
        if isinstance(engine, Relay) and made.engines == {"explicit"}:
            told = "explicit"
        said = Found(made.answer, told, seconds, made.states, made.depth)
        if isinstance(made.answer, Unreachable):
            shown = made.shown(len(self.system.cells))
            said = replace(said, rests_on=(shown,), kept=made.kept)
        answer = self.ledger.hear(question, said)
        decided = not isinstance(answer, Open)
        emit(EngineFinished(told, what, int(decided), 1, made.states, made.depth, decided, seconds))
        if isinstance(answer, Reached):
            self.ledger.also_shown(answer.trace, told, seconds)

    # traces -----------------------------------------------------------------------------------

    def pursue(self) -> None:
        """Follow milestones from some single initial states and from all, in a calm and small world first."""
        for each in self.ledger.open():
            if each.name not in self.hints.milestones:
                continue
            began = self.deadline.clock()
            what = f"milestones of {each.name}"
            self.ledger.emit(EngineStarted("explicit", what, 1))
            deadline = self.deadline.share(0.8)
            small = small_world(self.system)
            calm = calm_world(small, self.hints.named.get(each.name, frozenset()))
            worlds = (calm, small, full_world(self.system))
            trace = None
            engines = {id(world): self.make("explicit", True) for world in worlds}
            beginnings = (*starts(self.system, _STARTS), None)
            for states, world, start in product(_LEAPS, worlds, beginnings):
                if trace is not None or deadline.expired():
                    break
                budget = Budget(self._least(states), self.limits.depth, deadline.expired)
                engine = engines[id(world)]
                trace = pursue(world, start, self.hints.milestones[each.name], engine, budget)
            if trace is not None:
                self._add_witness(each.name, trace, began)
            self._searched(what, [each], began)

    def plunge(self, world: World, hops: Sequence[int], deadline: Deadline) -> None:
        """Look for witnesses from two initial states, from where known witnesses end, and from more."""
        before = self.ledger.open()
        if self.is_over() or not before:
            return
        began = self.deadline.clock()
        what = f"{self.what} from single states"
        self.ledger.emit(EngineStarted("explicit", what, len(before)))
        engine = self.make("explicit", True)
        for states in hops:
            budget = Budget(self._least(states), self.limits.depth, deadline.expired)
            points = [Trace((start,), ()) for start in starts(self.system, _STARTS)]
            tried: set[State] = set()
            barren = 0
            while points and barren < _PATIENCE and self.ledger.open() and not deadline.expired():
                point = points.pop(0)
                tried.add(point.states[-1])
                traces = plunge(world, point, self.ledger.open(), engine, budget)
                for name, trace in traces.items():
                    self._add_witness(name, trace, began)
                barren = 0 if traces else barren + 1
                if len(tried) >= _EXTREMES and (traces or not points):
                    known = [each for each in points if len(each) == 0]
                    points = [*self._outposts(tried), *known]
        self._searched(what, before, began)

    def _outposts(self, tried: set[State]) -> list[Trace]:
        """The longest known traces to states from which nothing was searched yet."""
        ends = {
            each.answer.trace.states[-1]: each.answer.trace
            for each in self.ledger.found.values()
            if isinstance(each.answer, Reached)
        }
        new = [trace for state, trace in ends.items() if state not in tried]
        return sorted(new, key=len, reverse=True)[:_STARTS]

    def _add_witness(self, name: str, trace: Trace, began: float) -> None:
        question = next(each for each in self.ledger.questions if each.name == name)
        seconds = self.deadline.clock() - began
        self.ledger.hear(question, Found(Reached(trace, shortest=False), "explicit", seconds))

    def _searched(self, what: str, asked: Sequence[Question], began: float) -> None:
        answered = sum(not self.ledger.is_open(each.name) for each in asked)
        seconds = self.deadline.clock() - began
        self.ledger.emit(
            EngineFinished("explicit", what, answered, len(asked), None, None, False, seconds)
        )

    def _least(self, states: int | None) -> int | None:
        known = [each for each in (states, self.limits.states) if each is not None]
        return min(known, default=None)
