"""Which steps change a value: seen in every state of a system, or along random runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.engines.explicit import Search, edges
from ocpp_verify.engines.explicit.circuit import Block, evaluate
from ocpp_verify.engines.explicit.store import FIRST
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import Budget

Values: TypeAlias = Mapping[str, Formula]
"""The values of what is watched, each with its condition; the conditions exclude each other."""
Change: TypeAlias = tuple[str, str, int]
"""Value before, value after, and the command that makes the change."""

_WIDTH = 1 << 15
_RUN = 60
"""Steps of a run."""
_AFRESH = 0.1
"""Share of runs that begin in an initial state."""
_LEFT_OUT = (0.0, 0.3, 0.6)
"""Shares of actions that runs do without."""
_DRAWN = 8
_TRIES = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """Changes, each with a state before it, and the values of initial states."""

    changes: dict[Change, State]
    initial: frozenset[str]
    states: int


def everywhere(
    system: System, watched: Sequence[Values], states: int, expired: Callable[[], bool]
) -> Seen | None:
    """All changes of all reachable states; None if there are more than so many `states`."""
    search = Search(system, budget=Budget(states=states, expired=expired))
    if search.run() is not None:
        return None
    count = len(search.store)
    shown = [list(values) for values in watched]
    tables = [_table(search, values) for values in watched]
    begins = search.levels[1] - FIRST if len(search.levels) > 1 else count
    initial = frozenset(
        names[at]
        for names, table in zip(shown, tables, strict=True)
        for at in np.unique(table[:begins])
    )
    changes: dict[Change, State] = {}
    for command, sources, targets in edges(search):
        for names, table in zip(shown, tables, strict=True):
            before, after = table[sources], table[targets]
            where = np.flatnonzero(before != after)
            if not where.size:
                continue
            codes = before[where].astype(np.int64) * len(names) + after[where]
            for code, at in zip(*np.unique(codes, return_index=True), strict=True):
                change = (names[code // len(names)], names[code % len(names)], command)
                if change not in changes:
                    position = int(sources[where[at]]) + FIRST
                    changes[change] = search.layout.unpack(search.store.get(position))
    return Seen(changes, initial, count)


def _table(search: Search, values: Values) -> npt.NDArray[np.int16]:
    """The number of the value in each state, in order of discovery."""
    found = np.zeros(len(search.store), dtype=np.int16)
    for begin in range(FIRST, search.store.end, _WIDTH):
        end = min(begin + _WIDTH, search.store.end)
        block = Block(search.layout, search.store.block(begin, end))
        for number, formula in enumerate(values.values()):
            found[begin - FIRST : end - FIRST][evaluate(search.layout, formula, block)] = number
    return found


class Walker:
    """Random runs of a system. The same seed gives the same runs, however often it is asked.

    A run begins where an earlier one was: of all states that differ in `landmarks`, one is
    remembered, and those from which few runs began come first. So rare states are not left behind.
    Each run does without some actions, else those that undo everything come in between too soon
    (swarm testing: Groce and others 2012); the others are equally likely, however many commands
    they have.
    """

    def __init__(
        self, system: System, watched: Sequence[Values], landmarks: Sequence[int], seed: int
    ) -> None:
        self._system = system
        self._watched = tuple(tuple(values.items()) for values in watched)
        self._landmarks = tuple(landmarks)
        self._random = Random(seed)
        self._compiled = CompiledSystem(system)
        self._actions = [each.label.action for each in system.commands]
        self._names = list(dict.fromkeys(self._actions))
        self._off: set[str] = set()
        self._begun: dict[tuple[int, ...], int] = {}
        self._known: list[State] = []
        self.steps = 0

    def changes(self, limit: int, expired: Callable[[], bool]) -> Iterator[tuple[Change, State]]:
        """Changes with the state before, as they are met, until `limit` steps were taken."""
        while self.steps < limit and not expired():
            state = self._begin()
            if state is None:
                return
            values = self._values(state)
            share = self._random.choice(_LEFT_OUT)
            self._off = {each for each in self._names if self._random.random() < share}
            for _ in range(_RUN):
                self.steps += 1
                step = self._step(state)
                if step is None:
                    break
                command, after = step
                now = self._values(after)
                for old, new in zip(values, now, strict=True):
                    if old != new:
                        yield (old, new, command), state
                state, values = after, now
                self._remember(state)

    def known(self) -> tuple[State, ...]:
        """States that were met, one for each combination of landmarks."""
        return tuple(self._known)

    def _mark(self, state: State) -> tuple[int, ...]:
        return tuple(state[cell] for cell in self._landmarks)

    def _remember(self, state: State) -> None:
        mark = self._mark(state)
        if mark not in self._begun:
            self._begun[mark] = 0
            self._known.append(state)

    def _begin(self) -> State | None:
        """An initial state now and then, else one of those from which few runs began."""
        if not self._known or self._random.random() < _AFRESH:
            return self._initial()
        drawn = (self._random.choice(self._known) for _ in range(_DRAWN))
        state = min(drawn, key=lambda each: self._begun[self._mark(each)])
        self._begun[self._mark(state)] += 1
        return state

    def _initial(self) -> State | None:
        for _ in range(_TRIES):
            state = tuple(self._random.choice(cell.initial) for cell in self._system.cells)
            if holds(self._system.initial, state):
                return state
        return None

    def _step(self, state: State) -> tuple[int, State] | None:
        by_action: dict[str, list[tuple[int, State]]] = {}
        for command, after in self._compiled.successors(state):
            action = self._actions[command]
            if action not in self._off:
                by_action.setdefault(action, []).append((command, after))
        if not by_action:
            return None
        return self._random.choice(by_action[self._random.choice(list(by_action))])

    def _values(self, state: State) -> tuple[str, ...]:
        return tuple(
            next((name for name, formula in values if holds(formula, state)), "")
            for values in self._watched
        )
