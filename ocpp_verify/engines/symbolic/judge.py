"""A second opinion on what other engines found, by z3's own translation of the whole system.

To find an argument is hard, to check one is not: a trace is a run, or it is none; a set of states that
is said to hold all reachable ones is left by no step, or it is. The set may come from a projection.
What is checked here is that it is right for the whole system, so nothing rests on the projection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ocpp_verify.engines.symbolic.encoding import Contradiction, Encoding
from ocpp_verify.engines.symbolic.induction import GaveUp, Induction
from ocpp_verify.ir.formula import after, cells_of, negation
from ocpp_verify.ir.system import Formula, State, System, Term
from ocpp_verify.semantics.result import Trace


class Judge:
    """Checks arguments about one system; what was translated for one serves the next.

    `timeout` is in seconds for each question to the solver.
    """

    def __init__(self, system: System, timeout: float, stopped: Callable[[], bool]) -> None:
        self._system = system
        self._encoding = Encoding(system)
        self._induction = Induction(self._encoding, timeout, stopped)
        self._sizes = [len(cell.domain) for cell in system.cells]

    def encloses(self, states: Formula, goal: Formula) -> bool | None:
        """Whether the states hold the initial ones, are left by no step and are none of the goal.

        Then the goal is unreachable. None if the solver cannot tell or it is time to stop.
        """
        induction, inside = self._induction, self._encoding.truth(states)
        beginning = induction.solver()
        beginning.add(self._encoding.initial(), z3.Not(inside))
        within = induction.solver()
        within.add(inside)
        try:
            if not isinstance(induction.ask(beginning), Contradiction):
                return False
            if not isinstance(induction.ask(within, self._encoding.truth(goal)), Contradiction):
                return False
            return not any(self._is_left(within, states, *each) for each in self._moves(states))
        except GaveUp:
            return None

    def _moves(self, states: Formula) -> list[tuple[dict[int, Term], list[Formula]]]:
        """What commands do to the cells that the formula reads, with the guards of those that do it."""
        read = cells_of(states, {})
        moves: dict[tuple[tuple[int, Term], ...], list[Formula]] = {}
        for command in self._system.commands:
            updates = tuple((cell, term) for cell, term in command.updates if cell in read)
            if updates:
                moves.setdefault(updates, []).append(command.guard)
        return [(dict(updates), guards) for updates, guards in moves.items()]

    def _is_left(
        self, within: Any, states: Formula, updates: dict[int, Term], guards: list[Formula]
    ) -> bool:
        """Whether these updates lead out of the states, from one where one of the guards holds."""
        outside = negation(after(states, updates, self._sizes, {}))
        within.push()
        within.add(
            self._encoding.some([self._encoding.truth(each) for each in guards]),
            self._encoding.truth(outside),
        )
        try:
            return not isinstance(self._induction.ask(within), Contradiction)
        finally:
            within.pop()

    def follows(self, trace: Trace, goal: Formula) -> bool:
        """Whether the trace is a run of the system whose last state is one of the goal."""
        encoding = self._encoding
        if not self._is_true(encoding.initial(), trace.states[0]):
            return False
        for number, before, then in zip(
            trace.commands, trace.states, trace.states[1:], strict=False
        ):
            command = self._system.commands[number]
            if not self._is_true(encoding.truth(command.guard), before):
                return False
            expected = list(before)
            for cell, term in command.updates:
                shown = self._at(encoding.value(cell, term), before)
                if not z3.is_bv_value(shown):
                    return False
                expected[cell] = shown.as_long()
            if tuple(expected) != then:
                return False
        return self._is_true(encoding.truth(goal), trace.states[-1])

    def _is_true(self, term: Any, state: State) -> bool:
        return bool(z3.is_true(self._at(term, state)))

    def _at(self, term: Any, state: State) -> Any:
        pairs = [
            (cell, self._encoding.number(number, value))
            for number, (cell, value) in enumerate(zip(self._encoding.now, state, strict=True))
        ]
        return z3.simplify(z3.substitute(term, *pairs))
