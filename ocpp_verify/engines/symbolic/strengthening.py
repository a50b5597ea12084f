"""Lemmas on demand: each counterexample to induction is excluded by a lemma that samples suggest.

A counterexample differs from every sample. The lemma fixes few cells in which it does, so it may be
false of states that were not sampled; then its own counterexamples lead back to samples, and it
falls. There is no guarantee of an end but the limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import z3

from ocpp_verify.engines.symbolic.encoding import Satisfied
from ocpp_verify.engines.symbolic.induction import Certificate, Induction
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.engines.symbolic.samples import Samples
from ocpp_verify.ir.formula import cells_of
from ocpp_verify.ir.system import Formula, State
from ocpp_verify.semantics.ground import take


@dataclass(frozen=True, slots=True)
class Failed:
    """No certificate was found. `reached` is set if the goal holds in a state known as reachable."""

    reason: str
    reached: bool = False


@dataclass(slots=True)
class Strengthening:
    """Proves goals unreachable from inductive lemmas, and finds more of them.

    `lemmas` must be inductive; it grows by those of each proof. `limit` is the number of lemmas
    tried for one goal.
    """

    induction: Induction
    samples: Samples
    lemmas: tuple[Lemma, ...]
    limit: int
    _tried: list[Lemma] = field(default_factory=list)

    def prove(self, goal: Formula) -> Certificate | Failed:
        """A certificate whose lemmas are all needed; `GaveUp` if the solver does."""
        self._tried = []
        met = self._initial(goal)
        if met is not None:
            return Failed("it holds in an initial state", reached=True)
        waiting: list[Lemma | None] = [None]
        solver = self._solver(goal)
        count = 0
        while waiting:
            clause = waiting.pop(0)
            for command in self._touching(clause, goal):
                while True:
                    before = self._counterexample(solver, clause, goal, command)
                    if before is None:
                        break
                    lemma = self.samples.excluding(before)
                    if lemma is None:
                        after = take(self.induction.system.commands[command], before)
                        assert after is not None
                        if clause is None:
                            return Failed("it holds after a step from a known state", reached=True)
                        self.samples.add([after])
                        self._tried.remove(clause)
                        solver = self._solver(goal)
                        waiting = [None, *self._tried]
                        break
                    initial = self._initial(lemma)
                    if initial is not None:
                        self.samples.add([initial])
                        continue
                    count += 1
                    if count > self.limit:
                        return Failed(f"{self.limit} lemmas were not enough")
                    self._tried.append(lemma)
                    waiting.append(lemma)
                    solver.add(z3.Not(self.induction.lemma(lemma)))
                else:
                    continue
                if clause is not None and clause not in self._tried:
                    break
        certificate = self._needed(goal)
        self.lemmas = tuple(dict.fromkeys((*self.lemmas, *certificate.lemmas)))
        return certificate

    def _touching(self, clause: Lemma | None, goal: Formula) -> list[int]:
        return self.induction.touching(cells_of(goal) if clause is None else clause.cells)

    def _excluded(
        self, clause: Lemma | None, goal: Formula, written: frozenset[int] = frozenset()
    ) -> Any:
        if clause is None:
            return self.induction.goal(goal, written)
        return self.induction.lemma(clause, written)

    def _solver(self, goal: Formula) -> Any:
        clauses: list[Lemma | None] = [None, *self.lemmas, *self._tried]
        return self.induction.solver(self._excluded(each, goal) for each in clauses)

    def _initial(self, what: Lemma | Formula) -> State | None:
        """An initial state in the goal, or that the lemma excludes."""
        solver = self.induction.solver()
        shown = self.induction.lemma(what) if isinstance(what, Lemma) else self.induction.goal(what)
        solver.add(self.induction.encoding.initial(), shown)
        reply = self.induction.ask(solver)
        return reply.state if isinstance(reply, Satisfied) else None

    def _counterexample(
        self, solver: Any, clause: Lemma | None, goal: Formula, command: int
    ) -> State | None:
        written = self.induction.written(command)
        solver.push()
        solver.add(self.induction.step(command), self._excluded(clause, goal, written))
        try:
            reply = self.induction.ask(solver)
        finally:
            solver.pop()
        return reply.state if isinstance(reply, Satisfied) else None

    def _needed(self, goal: Formula) -> Certificate:
        """The certificate without the lemmas that no unsatisfiable core asks for."""
        clauses: list[Lemma | None] = [None, *self.lemmas, *self._tried]
        solver = self.induction.solver()
        context = self.induction.encoding.context
        marks = [z3.Bool(f"lemma {at}", context) for at in range(len(clauses))]
        names = {str(mark): at for at, mark in enumerate(marks)}
        for mark, clause in zip(marks, clauses, strict=True):
            solver.add(z3.Implies(mark, z3.Not(self._excluded(clause, goal))))
        needed, waiting = {0}, [0]
        while waiting:
            clause = clauses[waiting.pop()]
            for command in self._touching(clause, goal):
                written = self.induction.written(command)
                solver.push()
                solver.add(self.induction.step(command), self._excluded(clause, goal, written))
                # Those that are needed anyway come first: cores tend to consist of them.
                assumed = [marks[at] for at in sorted(needed)]
                reply = self.induction.ask(solver, *assumed)
                if isinstance(reply, Satisfied):
                    reply = self.induction.ask(solver, *marks)
                    if isinstance(reply, Satisfied):
                        raise AssertionError("a proof does not hold when it is asked for again")
                    core = {names[str(each)] for each in solver.unsat_core()}
                    waiting.extend(sorted(core - needed))
                    needed |= core
                solver.pop()
        chosen = (clauses[at] for at in sorted(needed))
        return Certificate(tuple(sorted(each for each in chosen if each is not None)), goal)
