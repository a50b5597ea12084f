"""Bounded search: one number per step selects its command, if-then-else says what becomes of a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from ocpp_verify.engines.symbolic.encoding import Contradiction, Encoding, Satisfied, Undecided
from ocpp_verify.ir.system import Formula
from ocpp_verify.semantics.result import Trace


class Unrolling:
    """The runs of a system up to some length, one frame of variables per state."""

    def __init__(self, encoding: Encoding, timeout: float) -> None:
        self._encoding = encoding
        self._solver = encoding.solver(timeout)
        self._frames: list[list[Any]] = [encoding.variables("0:")]
        self._selectors: list[Any] = []
        self._width = max(1, (len(encoding.system.commands) - 1).bit_length())
        self._writers: list[list[tuple[int, Any]]] = [[] for _ in encoding.now]
        for number, command in enumerate(encoding.system.commands):
            for cell, term in command.updates:
                self._writers[cell].append((number, encoding.value(cell, term)))
        self._solver.add(self._at(encoding.initial(), 0))

    @property
    def depth(self) -> int:
        """The number of steps."""
        return len(self._selectors)

    def goal(self, goal: Formula) -> Trace | Contradiction | Undecided:
        """A run whose last state satisfies the goal."""
        reply = self._encoding.ask(
            self._solver, self._at(self._encoding.truth(goal), self.depth), cells=self._frames[0]
        )
        if not isinstance(reply, Satisfied):
            return reply
        states = [self._encoding.state(reply.model, frame) for frame in self._frames]
        chosen = self._encoding.state(reply.model, self._selectors)
        return Trace(tuple(states), chosen)

    def lengthen(self) -> bool:
        """One more step; False if the system has no commands."""
        encoding, at = self._encoding, self.depth
        if not encoding.system.commands:
            return False
        before, after = self._frames[-1], encoding.variables(f"{at + 1}:")
        selector = z3.BitVec(f"step {at}", self._width, encoding.context)
        numbers = [self._number(each) for each in range(len(encoding.system.commands))]
        parts = [
            z3.Implies(selector == number, encoding.truth(command.guard))
            for number, command in zip(numbers, encoding.system.commands, strict=True)
        ]
        if len(numbers) < 1 << self._width:
            parts.append(z3.ULT(selector, self._number(len(numbers))))
        for cell, writers in enumerate(self._writers):
            shown = encoding.now[cell]
            for number, value in writers:
                shown = z3.If(selector == numbers[number], value, shown)
            parts.append(after[cell] == shown)
        pairs = list(zip(encoding.now, before, strict=True))
        self._solver.add(*(z3.substitute(part, *pairs) for part in parts))
        self._frames.append(after)
        self._selectors.append(selector)
        return True

    def is_possible(self) -> bool:
        """Whether there may be a run of this length."""
        return not isinstance(self._encoding.ask(self._solver), Contradiction)

    def _number(self, command: int) -> Any:
        return z3.BitVecVal(command, self._width, self._encoding.context)

    def _at(self, term: Any, frame: int) -> Any:
        return z3.substitute(term, *zip(self._encoding.now, self._frames[frame], strict=True))


class BoundedSearch:
    """A search for a shortest run to one goal that can be stopped and taken up again.

    Attributes:
        depth: the goal holds in no state within that many steps; None if not even initially.
        is_exhausted: there is no longer run, so that the goal is unreachable.
        reason: why the search ended.
    """

    def __init__(
        self, encoding: Encoding, goal: Formula, timeout: float, stopped: Callable[[], bool]
    ) -> None:
        self.depth: int | None = None
        self.is_exhausted = False
        self.reason = ""
        self._unrolling = Unrolling(encoding, timeout)
        self._goal = goal
        self._stopped = stopped

    def run(self, depth: int) -> Trace | None:
        """Go on up to that many steps."""
        while not self.is_exhausted:
            here = self._unrolling.depth
            if self.depth == here:
                if here >= depth:
                    self.reason = f"the limit of {depth} steps"
                    return None
                if not self._unrolling.lengthen() or not self._unrolling.is_possible():
                    self.is_exhausted = True
                continue
            if self._stopped():
                self.reason = "the time limit"
                return None
            found = self._unrolling.goal(self._goal)
            if isinstance(found, Trace):
                return found
            if isinstance(found, Undecided):
                self.reason = f"z3: {found.reason}"
                return None
            self.depth = here
        return None
