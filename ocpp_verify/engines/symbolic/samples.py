"""States known to be reachable, as a table: what a lemma must not exclude."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from random import Random
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.engines.walk import walk
from ocpp_verify.ir.system import State, System

_Table: TypeAlias = npt.NDArray[np.uint16]
_Mask: TypeAlias = npt.NDArray[np.bool_]
_WALKS, _STEPS = 40, 60


class Samples:
    """A set of reachable states, as far as some cells go.

    Lemmas that come from it are true of all its states; of others they are guesses.
    """

    def __init__(self, system: System, cells: Iterable[int]) -> None:
        self._system = system
        self.cells: tuple[int, ...] = tuple(sorted(set(cells)))
        self._table: _Table = np.zeros((0, len(self.cells)), dtype=np.uint16)

    def __len__(self) -> int:
        return len(self._table)

    def add(self, states: Iterable[State]) -> None:
        """Put these states in."""
        rows = [[state[cell] for cell in self.cells] for state in states]
        if rows:
            more = np.array(rows, dtype=np.uint16)
            self._table = np.unique(np.concatenate([self._table, more]), axis=0)

    def pairs(self) -> list[Lemma]:
        """Every exclusion of one or two cells that all the states respect, values taken together."""
        found: list[Lemma] = []
        used = [sorted(set(column.tolist())) for column in self._table.T]
        for cell, values in zip(self.cells, used, strict=True):
            size = len(self._system.cells[cell].domain)
            never = tuple(value for value in range(size) if value not in set(values))
            if never:
                found.append(Lemma((cell,), (never,)))
        for left, right in combinations(range(len(self.cells)), 2):
            width = len(self._system.cells[self.cells[right]].domain)
            codes = np.unique(self._table[:, left].astype(np.int64) * width + self._table[:, right])
            together: dict[int, set[int]] = {}
            for code in codes.tolist():
                together.setdefault(code // width, set()).add(code % width)
            groups: dict[tuple[int, ...], list[int]] = {}
            for value, others in together.items():
                absent = tuple(other for other in used[right] if other not in others)
                if absent:
                    groups.setdefault(absent, []).append(value)
            cells = (self.cells[left], self.cells[right])
            found.extend(Lemma(cells, (tuple(v), absent)) for absent, v in groups.items())
        return found

    def excluding(self, state: State) -> Lemma | None:
        """A lemma of few cells that excludes the state but none of the samples; None if it is one.

        The cells are chosen greedily; then as many values are taken in as the samples permit.
        """
        wanted = np.array([state[cell] for cell in self.cells], dtype=np.uint16)
        differs: _Mask = self._table != wanted
        chosen = self._cover(differs)
        if chosen is None:
            return None
        values: list[tuple[int, ...]] = [(int(wanted[place]),) for place in chosen]
        for at, place in enumerate(chosen):
            alike: _Mask = np.ones(len(self._table), dtype=np.bool_)
            for other, allowed in zip(chosen, values, strict=True):
                if other != place:
                    alike &= np.isin(self._table[:, other], allowed)
            seen = set(self._table[alike, place].tolist())
            size = len(self._system.cells[self.cells[place]].domain)
            values[at] = tuple(value for value in range(size) if value not in seen)
        return Lemma(tuple(self.cells[place] for place in chosen), tuple(values))

    def _cover(self, differs: _Mask) -> tuple[int, ...] | None:
        """Few columns such that every row differs in one of them; None if some row differs nowhere."""
        whole = [place for place, column in enumerate(differs.T) if bool(column.all())]
        if whole:
            return (whole[0],)
        chosen: list[int] = []
        left = np.arange(len(differs))
        while left.size:
            counts = differs[left].sum(axis=0)
            best = int(counts.argmax())
            if not counts[best]:
                return None
            chosen.append(best)
            left = left[~differs[left, best]]
        return self._fewest(differs, sorted(chosen))

    def _fewest(self, differs: _Mask, chosen: Sequence[int]) -> tuple[int, ...]:
        """The same, with two columns if two are enough, and none too many."""
        if len(chosen) > 2:
            packed = np.packbits(differs, axis=0)
            full = np.packbits(np.ones(len(differs), dtype=np.bool_))
            for left, right in combinations(range(differs.shape[1]), 2):
                if bool(((packed[:, left] | packed[:, right]) == full).all()):
                    return (left, right)
        kept = list(chosen)
        for place in chosen:
            rest = [each for each in kept if each != place]
            if rest and bool(differs[:, rest].any(axis=1).all()):
                kept = rest
        return tuple(kept)


def wander(system: System, random: Random, stopped: Callable[[], bool]) -> Iterator[State]:
    """States on some random runs, each with all its successors."""
    compiled = CompiledSystem(system)
    for _ in range(_WALKS):
        begun = walk(system, random, 0)
        if begun is None:
            return
        state = begun.states[0]
        yield state
        for _ in range(_STEPS):
            if stopped():
                return
            successors = compiled.successors(state)
            if not successors:
                break
            yield from (after for _, after in successors)
            state = random.choice(successors)[1]
