"""What is decided is decided again, by other engines and another translation of the model.

A trace is followed by z3, after the reference semantics has replayed it. For a proof on projections,
another engine searches the same projections; and the reachable set that decision diagrams make of one
is handed to z3, which checks that no step of the whole system leads out of it. So two searches and one
induction have to agree on a proof, the last of which knows nothing of projections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ocpp_verify.errors import WrongInput
from ocpp_verify.events import REPLAY
from ocpp_verify.ir.abstraction import project, weaken
from ocpp_verify.ir.condensing import Condensed, condense
from ocpp_verify.ir.system import System
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import Workshop
from ocpp_verify.runner.ledger import Found
from ocpp_verify.runner.refinement import Goal
from ocpp_verify.semantics.result import Budget, Open, Question, Reached, Unreachable

if TYPE_CHECKING:
    from ocpp_verify.engines.symbolic import Judge

_SEARCHES = ("explicit", "bdd")
_STATES = 2_000_000
"""States of a projection that the explicit engine searches once more."""
_PATIENCE = 10.0
"""Seconds for one question to z3."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who came to the same answer. `against` is set if somebody came to another one."""

    by: tuple[str, ...] = ()
    against: str = ""


@dataclass
class Confirmer:
    """Looks for second opinions on answers about one system."""

    system: System
    make: Workshop
    deadline: Deadline = field(default_factory=Deadline)

    def confirm(
        self, question: Question, goals: Sequence[Goal], found: Found, deadline: Deadline
    ) -> Confirmation:
        """Second opinions on one answer. `goals` are the instances that it was decided by."""
        match found.answer:
            case Reached():
                return self._confirm_trace(question, found)
            case Unreachable():
                return self._confirm_proof(question, goals, found, deadline)
            case Open():
                return Confirmation()

    def _confirm_trace(self, question: Question, found: Found) -> Confirmation:
        assert isinstance(found.answer, Reached)
        if self._judge is None or found.engine == "z3":
            return Confirmation((REPLAY,))
        if self._judge.follows(found.answer.trace, question.goal):
            return Confirmation((REPLAY, "z3"))
        return Confirmation((), f"{found.engine} reaches it, but z3 cannot follow the trace")

    def _confirm_proof(
        self, question: Question, goals: Sequence[Goal], found: Found, deadline: Deadline
    ) -> Confirmation:
        instances = list(zip(goals, found.kept, strict=False))
        if not found.kept:
            instances = [(Goal(question), frozenset(range(len(self.system.cells))))]
        agreeing: set[str] | None = None
        for goal, kept in instances:
            opinion = self._opinion(goal, kept, found.engine, deadline)
            if opinion.against:
                return opinion
            agreeing = set(opinion.by) if agreeing is None else agreeing & set(opinion.by)
        return Confirmation(tuple(sorted(agreeing or ())))

    def _opinion(
        self, goal: Goal, kept: frozenset[int], decider: str, deadline: Deadline
    ) -> Confirmation:
        """Who finds the goal unreachable in this projection, or in the whole system."""
        projection = project(self.system, kept)
        condensed = condense(projection.system, weaken(goal.question.goal, kept))
        agreeing = []
        for name in _SEARCHES:
            if name == decider or deadline.expired():
                continue
            try:
                engine = self.make(name, True)
            except WrongInput:  # its package is missing
                continue
            asked = Question(goal.question.name, condensed.goal)
            budget = Budget(states=_STATES, expired=deadline.expired)
            answer = engine.explore(condensed.system, (asked,), budget).answers[asked.name]
            if isinstance(answer, Reached):
                told = f"{decider} says it is unreachable, {name} reaches it in {len(answer.trace)} steps"
                return Confirmation((), f"{told} of the same projection to {len(kept)} cells")
            if isinstance(answer, Unreachable):
                agreeing.append(name)
        if decider != "z3" and not deadline.expired():
            enclosed = self._enclosed(goal, condensed, deadline)
            if enclosed is False:
                told = "z3 finds a step out of what bdd says is all that can be reached"
                return Confirmation((), f"{told}, on {len(kept)} cells")
            if enclosed:
                agreeing.append("z3")
        return Confirmation(tuple(agreeing))

    def _enclosed(self, goal: Goal, condensed: Condensed, deadline: Deadline) -> bool | None:
        """Whether z3 agrees that the reachable set of the projection holds all of the whole system."""
        if self._judge is None:
            return None
        try:
            from ocpp_verify.engines.bdd import BddEngine
        except ImportError:
            return None
        reachable = BddEngine().reachable(condensed.system, Budget(expired=deadline.expired))
        if not reachable.complete:
            return None
        return self._judge.encloses(condensed.spread(reachable.formula()), goal.question.goal)

    @cached_property
    def _judge(self) -> Judge | None:
        """z3, if it is there."""
        try:
            from ocpp_verify.engines.symbolic import Judge
        except ImportError:
            return None
        return Judge(self.system, _PATIENCE, self.deadline.expired)
