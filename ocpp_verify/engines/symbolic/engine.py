"""Two arguments that hold at every depth: induction over one step, and property-directed reachability.

The engine proves and does not refute: for a state that can be reached it says that it is undecided, as
the explicit engine finds the shortest trace much sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import z3

from ocpp_verify.engines.symbolic.encoding import Encoding
from ocpp_verify.ir.abstraction import cone, project
from ocpp_verify.ir.formula import NO, after, cells_of, every, negation
from ocpp_verify.ir.system import Formula, System
from ocpp_verify.semantics.result import Answer, Budget, Exploration, Open, Question, Unreachable


class SymbolicEngine:
    """Proves questions unreachable. `timeout` is in seconds for each question and method."""

    name = "z3"

    def __init__(
        self, timeout: float = 20.0, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._timeout = timeout
        self._clock = clock

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """An answer to each question: `Unreachable`, or `Open` with the reason."""
        begun = self._clock()
        answers: dict[str, Answer] = {}
        for each in questions:
            if budget.expired():
                answers[each.name] = Open("the time limit")
            else:
                answers[each.name] = self._decide(system, each.goal)
        complete = all(isinstance(each, Unreachable) for each in answers.values())
        return Exploration(self.name, answers, None, complete, None, self._clock() - begun)

    def _decide(self, system: System, goal: Formula) -> Answer:
        if goal == NO:
            return Unreachable("z3: the goal contradicts itself")
        needed = cone(system, goal)
        smaller = project(system, needed).system
        encoding = Encoding(smaller)
        if self._is_inductive(encoding, goal):
            return Unreachable("z3: induction over one step")
        return self._spacer(encoding, goal)

    def _is_inductive(self, encoding: Encoding, goal: Formula) -> bool:
        """No initial state is in the goal, and no step leads into it from outside."""
        solver = z3.Solver(ctx=encoding.context)
        solver.set("timeout", int(self._timeout * 1000))
        solver.add(encoding.domains())
        if solver.check(encoding.initial(), encoding.truth(goal)) != z3.unsat:
            return False
        sizes = [len(cell.domain) for cell in encoding.system.cells]
        reads = cells_of(goal)
        outside = encoding.truth(negation(goal))
        for command in encoding.system.commands:
            updates = dict(command.updates)
            if not reads & updates.keys():
                continue
            into = every((command.guard, after(goal, updates, sizes)))
            if into != NO and solver.check(outside, encoding.truth(into)) != z3.unsat:
                return False
        return True

    def _spacer(self, encoding: Encoding, goal: Formula) -> Answer:
        fixedpoint = z3.Fixedpoint(ctx=encoding.context)
        fixedpoint.set(engine="spacer", timeout=int(self._timeout * 1000))
        boolean = z3.BoolSort(encoding.context)
        sorts = [variable.sort() for variable in encoding.now]
        reached: Any = z3.Function("reached", *sorts, boolean)
        bad: Any = z3.Function("bad", boolean)
        fixedpoint.register_relation(reached, bad)
        fixedpoint.declare_var(*encoding.now, *encoding.then)
        fixedpoint.rule(reached(*encoding.now), encoding.initial())
        steps = [
            z3.And(encoding.truth(command.guard), encoding.step(dict(command.updates)))
            for command in encoding.system.commands
        ]
        if steps:
            fixedpoint.rule(reached(*encoding.then), z3.And(reached(*encoding.now), z3.Or(*steps)))
        fixedpoint.rule(bad(), z3.And(reached(*encoding.now), encoding.truth(goal)))
        try:
            answer = fixedpoint.query(bad())
        except z3.Z3Exception as problem:
            return Open(f"z3: {problem}")
        if answer == z3.unsat:
            return Unreachable("z3: Spacer")
        if answer == z3.sat:
            return Open("z3 says that it can be reached; the explicit engine has the trace")
        return Open(f"z3: {fixedpoint.reason_unknown()}")
