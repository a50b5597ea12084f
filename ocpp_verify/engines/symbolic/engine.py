"""Proofs at any depth by induction with mined lemmas or by Spacer, and bounded search for traces.

Every proof by lemmas is checked again by another solver from scratch, and so is Spacer's invariant
where it gives one. Every trace is run through the reference semantics before it is handed out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random

import z3

from ocpp_verify.engines.symbolic.bmc import BoundedSearch
from ocpp_verify.engines.symbolic.encoding import Encoding
from ocpp_verify.engines.symbolic.houdini import Houdini
from ocpp_verify.engines.symbolic.induction import (
    Certificate,
    GaveUp,
    Induction,
    check_certificate,
)
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.engines.symbolic.samples import Samples, wander
from ocpp_verify.engines.symbolic.spacer import Proved, spacer
from ocpp_verify.engines.symbolic.strengthening import Strengthening
from ocpp_verify.ir.abstraction import Projection, cone, project
from ocpp_verify.ir.formula import NO
from ocpp_verify.ir.system import Formula, System
from ocpp_verify.semantics.ground import holds, take
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

_EARLY = 4
"""Steps of the bounded search that comes before all proofs."""
_BRIEFLY = 0.25
"""Lemmas that do it do it soon; Spacer is given all the time of a method, and they this part."""
_MANY = 32
"""With more cells the pairs of values are too many to mine, and lemmas come on demand only."""


class SymbolicEngine:
    """Decides by solver calls, one question at a time on the cells that matter to it.

    `timeout` is in seconds for each question and method; `depth` where the bounded search ends that
    nothing could prove superfluous; `lemmas` how many are tried for one proof. A solver that gives up
    or fails leaves the question open.
    """

    name = "z3"

    def __init__(
        self,
        timeout: float = 20.0,
        depth: int = 20,
        lemmas: int = 300,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._timeout = timeout
        self._depth = depth
        self._lemmas = lemmas
        self._clock = clock

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """An answer to each question. `Budget.states` is no limit here: no state is stored."""
        begun = self._clock()
        answers: dict[str, Answer] = {}
        for each in questions:
            if budget.expired():
                answers[each.name] = Open("the time limit")
                continue
            try:
                answers[each.name] = self._decide(system, each.goal, budget)
            except z3.Z3Exception as problem:
                answers[each.name] = Open(f"z3: {problem}")
            except KeyboardInterrupt:
                answers[each.name] = Open("interrupted")
        complete = all(isinstance(each, Unreachable) for each in answers.values())
        return Exploration(self.name, answers, None, complete, None, self._clock() - begun)

    def _decide(self, system: System, goal: Formula, budget: Budget) -> Answer:
        if goal == NO:
            return Unreachable("z3: the goal contradicts itself")
        projection = project(system, cone(system, goal))
        depth = self._depth if budget.depth is None else min(self._depth, budget.depth)
        search = BoundedSearch(
            Encoding(projection.system), goal, self._timeout, self._stopping(budget)
        )
        trace = search.run(min(_EARLY, depth))
        if trace is None and not search.is_exhausted:
            proof = self._prove(projection.system, goal, budget)
            if proof is not None:
                return Unreachable(f"z3: {proof}")
            trace = search.run(depth)
        if search.is_exhausted:
            return Unreachable(f"z3: no run is longer than {search.depth} steps")
        if trace is None:
            return Open(search.reason, search.depth)
        whole = _replayed(system, projection, goal, trace)
        return Open("z3: the trace is no run of the model") if whole is None else whole

    def _stopping(self, budget: Budget, part: float = 1.0) -> Callable[[], bool]:
        until = self._clock() + self._timeout * part
        return lambda: self._clock() > until or budget.expired()

    def _prove(self, system: System, goal: Formula, budget: Budget) -> str | None:
        """The argument that the goal is unreachable; None if none was found."""
        stopped = self._stopping(budget, _BRIEFLY)
        induction = Induction(Encoding(system), self._timeout * _BRIEFLY, stopped)
        lemmas: tuple[Lemma, ...] = ()
        try:
            samples = Samples(system, range(len(system.cells)))
            samples.add(wander(system, Random(0), stopped))
            if len(system.cells) <= _MANY:
                lemmas = Houdini(induction, samples.pairs()).run()
            found = Strengthening(induction, samples, lemmas, self._lemmas).prove(goal)
            if isinstance(found, Certificate):
                if check_certificate(system, found.lemmas, goal, self._timeout):
                    return _told(len(found.lemmas))
            elif found.reached:
                return None
        except GaveUp:
            pass
        if budget.expired():
            return None
        second = spacer(
            Induction(Encoding(system), self._timeout, self._stopping(budget)),
            goal,
            lemmas,
            self._timeout,
        )
        if isinstance(second, Proved):
            return "Spacer, its invariant checked again" if second.rechecked else "Spacer"
        return None


def _told(lemmas: int) -> str:
    """How an induction is named."""
    match lemmas:
        case 0:
            return "induction over one step, checked again"
        case 1:
            return "induction with one lemma, checked again"
        case _:
            return f"induction with {lemmas} lemmas, checked again"


def _replayed(
    system: System, projection: Projection, goal: Formula, trace: Trace
) -> Reached | None:
    """The trace of an exact projection as one of the system, by the reference semantics."""
    state = tuple(
        value if cell in projection.kept else system.cells[cell].initial[0]
        for cell, value in enumerate(trace.states[0])
    )
    if not holds(system.initial, state):
        return None
    states = [state]
    commands = [projection.origin[number] for number in trace.commands]
    for number in commands:
        after = take(system.commands[number], states[-1])
        if after is None:
            return None
        states.append(after)
    if not holds(goal, states[-1]):
        return None
    return Reached(Trace(tuple(states), tuple(commands)), shortest=True)
