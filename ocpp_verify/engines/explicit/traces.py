"""Shortest traces without stored predecessors: one level is searched backwards per step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocpp_verify.engines.explicit.circuit import Block, evaluate
from ocpp_verify.engines.explicit.effects import Effect, Mask
from ocpp_verify.engines.explicit.packing import Layout
from ocpp_verify.engines.explicit.store import StateStore
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.result import Trace

_WIDTH = 1 << 16


class TraceFinder:
    """Finds traces to stored states. `levels[d]` is the position of the first state at distance d.

    A predecessor of t under a command agrees with t on all cells that the command leaves alone, so
    nearly all states drop out by one comparison per word, and most commands because they assign
    something else than t has. Steps that were found are remembered: traces share beginnings.
    """

    def __init__(
        self,
        system: System,
        layout: Layout,
        store: StateStore,
        levels: Sequence[int],
        effects: Sequence[Effect],
    ) -> None:
        self._system = system
        self._layout = layout
        self._store = store
        self._levels = levels
        self._effects = effects
        self._steps: dict[int, tuple[int, int]] = {}

    def trace(self, position: int) -> Trace:
        """A shortest run to the state at that position; always the same one."""
        level = max(at for at, begin in enumerate(self._levels) if begin <= position)
        positions = [position]
        commands: list[int] = []
        for at in range(level - 1, -1, -1):
            if positions[-1] not in self._steps:
                self._steps[positions[-1]] = self._step(at, self._store.get(positions[-1]))
            before, command = self._steps[positions[-1]]
            positions.append(before)
            commands.append(command)
        return Trace(
            tuple(self._layout.unpack(self._store.get(each)) for each in reversed(positions)),
            tuple(reversed(commands)),
        )

    def _step(self, level: int, target: tuple[int, ...]) -> tuple[int, int]:
        """The first state of the level, and its first command, that leads to the target."""
        able = [
            (number, effect.keeps(self._layout.words))
            for number, effect in enumerate(self._effects)
            if effect.could_make(target)
        ]
        end = self._levels[level + 1]
        for begin in range(self._levels[level], end, _WIDTH):
            words = self._store.block(begin, min(begin + _WIDTH, end))
            alike: dict[tuple[int, ...], list[int]] = {}
            for number, kept in able:
                alike.setdefault(kept, []).append(number)
            best: tuple[int, int] | None = None
            for kept, numbers in alike.items():
                same: Mask = np.ones(words.shape[1], dtype=np.bool_)
                for word, bits, wanted in zip(words, kept, target, strict=True):
                    if bits:
                        same &= (word & np.uint64(bits)) == np.uint64(wanted & bits)
                where = np.flatnonzero(same)
                if not where.size:
                    continue
                block = Block(self._layout, np.ascontiguousarray(words[:, where]))
                for number in numbers:
                    at = self._leads(block, number, target)
                    if at is not None:
                        found = (begin + int(where[at]), number)
                        best = found if best is None else min(best, found)
            if best is not None:
                return best
        raise AssertionError("a state of a later level has no predecessor")

    def _leads(self, block: Block, number: int, target: tuple[int, ...]) -> int | None:
        """The first state of the block that the command leads to the target."""
        enabled = evaluate(self._layout, self._system.commands[number].guard, block)
        if not enabled.any():
            return None
        after = block.words.copy()
        self._effects[number].apply(
            after, block.column, lambda formula: evaluate(self._layout, formula, block)
        )
        for word, wanted in zip(after, target, strict=True):
            enabled &= word == np.uint64(wanted)
        hits = np.flatnonzero(enabled)
        return int(hits[0]) if hits.size else None
