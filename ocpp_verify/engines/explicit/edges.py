"""The transitions between stored states, for questions about the whole graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.explicit.circuit import Block
from ocpp_verify.engines.explicit.engine import Search
from ocpp_verify.engines.explicit.packing import Words
from ocpp_verify.engines.explicit.store import FIRST

Numbers: TypeAlias = npt.NDArray[np.uint32]

_WIDTH = 1 << 13


def edges(search: Search) -> Iterator[tuple[int, Numbers, Numbers]]:
    """(command, sources, targets), block by block; states count from 0 in order of discovery.

    For a search that is complete; of any other, transitions to states that were not stored are left
    out. Takes about as long as the search; nothing is kept.
    """
    end = search.store.end
    registers = search.expander.registers(_WIDTH)
    for begin in range(FIRST, end, _WIDTH):
        block = Block(search.layout, search.store.block(begin, min(begin + _WIDTH, end)))
        made: list[tuple[int, Numbers, Words]] = []

        def emit(
            command: int,
            where: npt.NDArray[np.intp],
            base: int = begin,
            made: list[tuple[int, Numbers, Words]] = made,
        ) -> Words:
            after = np.empty((search.layout.words, where.size), dtype=np.uint64)
            made.append((command, (where + (base - FIRST)).astype(np.uint32), after))
            return after

        search.expander.expand(block, registers, emit)
        for command, sources, after in made:
            found = search.store.find(after)
            known = found >= FIRST
            yield command, sources[known], found[known] - np.uint32(FIRST)
