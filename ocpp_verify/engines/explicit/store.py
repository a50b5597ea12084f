"""The visited states: append-only in order of discovery, each once, found by an index table.

The table holds 32-bit positions, not states, and is probed for whole arrays of states at a time.
All words are compared, so nothing rests on a hash value being unique.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.explicit.circuit import Positions
from ocpp_verify.engines.explicit.packing import Words

FIRST = 1
"""The position of the first state. Position 0 means "no state" in the table."""

MOST = 1_900_000_000
"""As many states as the table, below 2**32 slots, has room for."""

_FULL = 0.7  # load at which the table grows
_CRAMMED = 0.85  # load that it may have for a moment
_GROWTH = 1.4
_STRIDES = 32
_SPREAD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


class StateStore:
    """A set of states with positions `FIRST`, `FIRST` + 1, ... in the order of their addition.

    States that are added together may change places; the same additions give the same positions.
    """

    def __init__(self, words: int, room: int = 1024) -> None:
        self.words = words
        self.end = FIRST
        """One more than the last position."""
        self.scratch = 0
        """The most bytes that one `add` has needed besides, for hashes and positions."""
        self._columns = [np.zeros(room, dtype=np.uint64) for _ in range(words)]
        self._table: npt.NDArray[np.uint32] = np.zeros(2 * room, dtype=np.uint32)

    def __len__(self) -> int:
        return self.end - FIRST

    @property
    def nbytes(self) -> int:
        """What the states and the table occupy, room for further ones included."""
        return sum(each.nbytes for each in self._columns) + self._table.nbytes

    def block(self, begin: int, end: int) -> Words:
        """A copy of the states at these positions, one row per word.

        A copy, because the columns may move when the store grows.
        """
        return np.stack([column[begin:end] for column in self._columns])

    def get(self, position: int) -> tuple[int, ...]:
        """The words of one state."""
        return tuple(int(column[position]) for column in self._columns)

    def find(self, states: Words) -> npt.NDArray[np.uint32]:
        """The position of each state, 0 for those that are not in the store."""
        found = np.zeros(states.shape[1], dtype=np.uint32)
        pending = np.arange(states.shape[1])
        slots = self._slots(states)
        attempt = 0
        while pending.size:
            met = self._table.take(slots)
            same = self._equal(met, states, pending)
            found[pending[same]] = met[same]
            further = (~same & (met > 0)).nonzero()[0]
            attempt += 1
            pending = pending.take(further)
            slots = self._next(slots.take(further), attempt)
        return found

    def add(self, states: Words) -> None:
        """Append those states that are new, each once."""
        count = states.shape[1]
        if self.end + count > _CRAMMED * self._table.size:
            self._rebuild(int((self.end + count) * _GROWTH / _CRAMMED))
        slots = self._slots(states)
        pending: Positions | None = None  # None stands for all of them
        attempt = 0
        while pending is None or pending.size:
            met = self._table.take(slots)
            different = (~self._equal(met, states, pending)).nonzero()[0]
            if pending is None:
                self.scratch = max(self.scratch, 22 * count + 48 * different.size)
            pending = different if pending is None else pending.take(different)
            slots = slots.take(different)
            claimed = (met.take(different) == 0).nonzero()[0]
            if claimed.size:
                done = self._claim(states, pending.take(claimed), slots.take(claimed))
                stay = np.ones(pending.size, dtype=np.bool_)
                stay[claimed[done]] = False
                pending, slots = pending[stay], slots[stay]
            attempt += 1
            slots = self._next(slots, attempt)
        if self.end > _FULL * self._table.size:
            self._rebuild(int(self._table.size * _GROWTH))

    def _claim(self, states: Words, pending: Positions, slots: Positions) -> npt.NDArray[np.bool_]:
        """Put states into free slots; False for those that have to look further.

        Several may want one slot: the last to write has it. Those that equal the winner are done
        too, so all that remain are at the same attempt, as the order of probing requires.
        """
        names = np.arange(self.end, self.end + pending.size, dtype=np.uint32)
        self._table[slots] = names
        won: npt.NDArray[np.bool_] = self._table.take(slots) == names
        winners = pending[won]
        begin = self.end
        self._append(states, winners)
        self._table[slots[won]] = np.arange(begin, self.end, dtype=np.uint32)
        if winners.size < pending.size:
            lost = (~won).nonzero()[0]
            met = self._table.take(slots.take(lost))
            won[lost] = self._equal(met, states, pending.take(lost))
        return won

    def _append(self, states: Words, chosen: Positions) -> None:
        end = self.end + chosen.size
        room = self._columns[0].size
        if end > room:
            room = max(end, room + room // 16)
            for column in self._columns:
                column.resize(room, refcheck=False)  # in place where the system can
        for column, word in zip(self._columns, states, strict=True):
            column[self.end : end] = word.take(chosen)
        self.end = end

    def _slots(self, states: Words) -> Positions:
        """Where the search for each state begins."""
        mixed = states[0] * np.uint64(_SPREAD[0])
        for at in range(1, self.words):
            mixed ^= mixed >> np.uint64(32)
            mixed += states[at]
            mixed *= np.uint64(_SPREAD[at % len(_SPREAD)])
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(_SPREAD[-1])
        mixed >>= np.uint64(32)
        mixed *= np.uint64(self._table.size)
        mixed >>= np.uint64(32)
        slots: Positions = mixed.view(np.int64)
        return slots

    def _next(self, slots: Positions, attempt: int) -> Positions:
        """Where to look after so many attempts. Steps grow at first, which avoids crowds."""
        slots = slots + (attempt if attempt <= _STRIDES else 1)
        slots[slots >= self._table.size] -= self._table.size
        return slots

    def _equal(
        self, met: npt.NDArray[np.uint32], states: Words, pending: Positions | None
    ) -> npt.NDArray[np.bool_]:
        """Whether each pending state is the one that was met."""
        same = met > 0
        for column, word in zip(self._columns, states, strict=True):
            same &= column.take(met) == (word if pending is None else word.take(pending))
        return same

    def _rebuild(self, size: int) -> None:
        """Replace the table by one of that size; the old one is let go first."""
        self._table = np.zeros(0, dtype=np.uint32)
        self._table = np.zeros(size, dtype=np.uint32)
        step = max(1024, len(self) // 32)
        for begin in range(FIRST, self.end, step):
            end = min(begin + step, self.end)
            slots = self._slots(self.block(begin, end))
            names = np.arange(begin, end, dtype=np.uint32)
            attempt = 0
            while names.size:
                free = (self._table.take(slots) == 0).nonzero()[0]
                self._table[slots.take(free)] = names.take(free)
                left = (self._table.take(slots) != names).nonzero()[0]
                attempt += 1
                slots, names = self._next(slots.take(left), attempt), names.take(left)
