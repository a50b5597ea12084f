"""Breadth-first search level by level over packed states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from ocpp_verify.engines.explicit.circuit import Bits, Block, Positions
from ocpp_verify.engines.explicit.expand import Expander
from ocpp_verify.engines.explicit.initial import initial_blocks
from ocpp_verify.engines.explicit.packing import Layout, Words
from ocpp_verify.engines.explicit.store import FIRST, MOST, StateStore
from ocpp_verify.engines.explicit.traces import TraceFinder
from ocpp_verify.engines.explicit.workbench import Compiled, Workbench, compile_system
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Exploration,
    Open,
    Question,
    Reached,
    Unreachable,
)

_NARROW, _WIDE = 1 << 12, 1 << 15


@dataclass(frozen=True, slots=True)
class ExplicitEngine:
    """Visits every reachable state once. Exact answers, shortest traces.

    `stop_when_answered` ends the search as soon as each question has a trace; otherwise the whole
    state space is counted. `clock` gives seconds. What was compiled stays on the `workbench` for the
    next system with the same commands.

    The states are kept once, in the order of discovery, so the levels of the search are ranges and
    no predecessor is stored. `bytes_per_state` counts the columns of states and the index table as
    allocated at the end, and the largest sum of the block, registers, columns, successors and
    probing arrays that was in use at one time; compiled guards and Python objects are left out.

    `fired` counts the states whose successors were computed: a True is always right, a False only
    if the exploration is complete. Between two questions to `Budget.expired` lie the successors of
    at most some ten thousand states. A state limit may be passed by the successors of one block.
    """

    stop_when_answered: bool = False
    clock: Callable[[], float] = perf_counter
    name: str = "explicit"
    workbench: Workbench = field(default_factory=Workbench, compare=False, repr=False)

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """Search until all is seen, all is answered, the budget ends or Ctrl-C is pressed."""
        began = self.clock()
        compiled = self.workbench.compiled(system)
        search = Search(system, questions, budget, self.stop_when_answered, compiled)
        try:
            reason = search.run()
        except KeyboardInterrupt:
            reason = "interrupted"
        answers = search.answers(reason)
        states = len(search.store)
        return Exploration(
            engine=self.name,
            answers=answers,
            states=states,
            complete=reason is None,
            depth=len(search.levels) - 1,
            seconds=self.clock() - began,
            fired=tuple(search.fired),
            bytes_per_state=max(search.peak, search.store.nbytes) / states if states else None,
        )


class Search:
    """One run. Afterwards the states are in `store`.

    Attributes:
        levels: position of the first state of each level, and at last the end.
        transitions: pairs of an expanded state and an enabled command.
        peak: bytes, as `ExplicitEngine` counts them.
    """

    def __init__(
        self,
        system: System,
        questions: Sequence[Question] = (),
        budget: Budget | None = None,
        stop_when_answered: bool = False,
        compiled: Compiled | None = None,
    ) -> None:
        self._compiled = compile_system(system) if compiled is None else compiled
        self.layout: Layout = self._compiled.layout
        self.expander: Expander = self._compiled.expander
        self.store = StateStore(self.layout.words)
        self.levels = [FIRST]
        self.fired = [False] * len(system.commands)
        self.transitions = 0
        self.peak = 0
        self._system = system
        self._questions = tuple(questions)
        self._budget = Budget() if budget is None else budget
        self._stop_when_answered = stop_when_answered
        self._hits: dict[str, int] = {}
        self._looked = 0
        self._limit = MOST if self._budget.states is None else min(MOST, self._budget.states)
        self._registers: Bits = self.expander.registers(0)
        self._room: Words = np.zeros((self.layout.words, 0), dtype=np.uint64)
        self._filled = 0
        self._wait()

    def run(self) -> str | None:
        """Search. None if every reachable state was seen, else why the search ended."""
        stopped = self._begin()
        while True:
            begin = self.levels[-1]
            if begin == self.store.end:
                return stopped
            self.levels.append(self.store.end)
            self._look(begin)
            if self._budget.progress is not None:
                self._budget.progress(len(self.store), len(self.levels) - 1)
            if stopped is not None:
                return stopped
            self._looked += 1
            if self._stop_when_answered and self._questions and not self._waiting:
                return "every question is answered"
            if self._budget.depth is not None and len(self.levels) - 2 >= self._budget.depth:
                return f"the limit of {self._budget.depth} steps"
            stopped = self._expand(begin, self.store.end)

    def answers(self, reason: str | None) -> dict[str, Answer]:
        """What `run`, which gave that reason, found out. Searches for the traces."""
        ends = self.levels
        if ends[-1] != self.store.end:  # interrupted within a level
            ends = [*ends, self.store.end]
        finder = TraceFinder(
            self._system, self.layout, self.store, ends[:-1] or ends, self.expander.effects
        )
        found: dict[str, Answer] = {}
        for question in self._questions:
            hit = self._hits.get(question.name)
            if hit is not None:
                found[question.name] = Reached(finder.trace(hit), shortest=True)
            elif reason is None:
                found[question.name] = Unreachable(f"explicit: all {len(self.store)} states")
            else:
                found[question.name] = Open(reason, self._looked - 1 if self._looked else None)
        return found

    def _begin(self) -> str | None:
        for block in initial_blocks(self._system, self.layout, _NARROW):
            self.store.add(block)
            stopped = self._over()
            if stopped is not None:
                return stopped
        return None

    def _over(self) -> str | None:
        if len(self.store) > self._limit:
            return f"the limit of {self._limit} states"
        return "the time limit" if self._budget.expired() else None

    def _look(self, begin: int) -> None:
        """Search the states from there on for the goals that are not yet reached."""
        width = self._width()
        while self._waiting and begin < self.store.end:
            end = min(begin + width, self.store.end)
            first = self._goals.first(Block(self.layout, self.store.block(begin, end)))
            hits = {
                question.name: begin + at
                for question, at in zip(self._waiting, first, strict=True)
                if at is not None
            }
            if hits:
                self._hits.update(hits)
                self._wait()
            begin = end

    def _wait(self) -> None:
        """Prepare for the goals that are not yet reached."""
        self._waiting = [each for each in self._questions if each.name not in self._hits]
        self._goals = self._compiled.prepare_goals([each.goal for each in self._waiting])

    def _expand(self, begin: int, end: int) -> str | None:
        """Add the successors of these states; why the search has to stop, if it has."""
        while begin < end:
            width = self._width()
            room = 2 * width
            if self._room.shape[1] < room:
                self._registers = self.expander.registers(width)
                self._room = np.zeros((self.layout.words, room), dtype=np.uint64)
            block = Block(self.layout, self.store.block(begin, min(begin + width, end)))
            self.expander.expand(block, self._registers, self._emit)
            self._flush()
            self._measure(block.count)
            begin += width
            stopped = self._over()
            if stopped is not None:
                return stopped
        return None

    def _emit(self, command: int, where: Positions) -> Words:
        """Room for so many successors; what was handed out before goes to the store if full."""
        count = where.size
        self.fired[command] = True
        self.transitions += count
        if self._filled + count > self._room.shape[1]:
            self._flush()
        self._filled += count
        return self._room[:, self._filled - count : self._filled]

    def _flush(self) -> None:
        if self._filled:
            self.store.add(self._room[:, : self._filled])
            self._filled = 0

    def _width(self) -> int:
        """States per block: the wider the faster, but no more memory than the store deserves."""
        wide = min(_WIDE, max(_NARROW, len(self.store) // 32))
        return min(wide, max(64, self._limit)) // 64 * 64

    def _measure(self, width: int) -> None:
        used = (
            self.store.nbytes
            + self.store.scratch
            + self._room.nbytes
            + width * 8 * self.layout.words
            + self.expander.scratch(width)
        )
        self.peak = max(self.peak, used)
