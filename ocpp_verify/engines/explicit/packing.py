"""States as few 64-bit words: a cell takes the bits that its possible values need, in one word.

`possible_values` finds, without exploring, a superset of the values that each cell can take. Cells
that turn out constant take no bits at all, and the others are stored as a *code*, the position of
the value among the possible ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from ocpp_verify.ir.system import Choice, Copy, Index, State, System, Term

Words: TypeAlias = npt.NDArray[np.uint64]
Codes: TypeAlias = npt.NDArray[np.unsignedinteger]
"""One column: the code of one cell in each of many states."""

_LOW_BYTE = 0 if np.little_endian else 7


@dataclass(frozen=True, slots=True)
class Field:
    """Where a cell is stored. `values[code]` is the domain index; `width` 0 means constant."""

    values: tuple[int, ...]
    word: int
    shift: int
    width: int

    @property
    def mask(self) -> int:
        """The bits of the cell at its place in its word."""
        return ((1 << self.width) - 1) << self.shift

    def code(self, value: int) -> int | None:
        """The code of a domain index, None if the cell never has that value."""
        code = bisect_left(self.values, value)
        return code if code < len(self.values) and self.values[code] == value else None


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of all cells and the number of words (at least one)."""

    fields: tuple[Field, ...]
    words: int

    def pack(self, state: State) -> tuple[int, ...] | None:
        """The words of a state, None if a cell has a value that it never takes."""
        packed = [0] * self.words
        for value, field in zip(state, self.fields, strict=True):
            code = field.code(value)
            if code is None:
                return None
            if field.width:
                packed[field.word] |= code << field.shift
        return tuple(packed)

    def unpack(self, words: tuple[int, ...]) -> State:
        """The state of such words."""
        return tuple(
            each.values[(words[each.word] & each.mask) >> each.shift if each.width else 0]
            for each in self.fields
        )

    def column(self, cell: int, words: Words) -> Codes:
        """The codes of a cell that is not constant; `words` has one row per word."""
        field = self.fields[cell]
        moved = words[field.word] >> np.uint64(field.shift)
        if field.width <= 8:
            low = moved.view(np.uint8)[_LOW_BYTE::8]
            narrow: Codes = np.bitwise_and(low, np.uint8((1 << field.width) - 1))
            return narrow
        wide: Words = moved & np.uint64((1 << field.width) - 1)
        return wide.astype(np.uint16 if field.width <= 16 else np.uint32)


def lay_out(system: System) -> Layout:
    """The layout of the system: widest cells first, each in the first word that has room.

    Raises `ValueError` for a domain of more than 2**32 values.
    """
    values = possible_values(system)
    widths = [(len(each) - 1).bit_length() for each in values]
    if max(widths, default=0) > 32:
        raise ValueError("a cell has more than 2**32 possible values")
    used: list[int] = []
    fields: dict[int, Field] = {}
    for cell in sorted(range(len(values)), key=lambda cell: (-widths[cell], cell)):
        width = widths[cell]
        if width == 0:
            fields[cell] = Field(values[cell], 0, 0, 0)
            continue
        word = next((at for at, bits in enumerate(used) if bits + width <= 64), len(used))
        if word == len(used):
            used.append(0)
        fields[cell] = Field(values[cell], word, used[word], width)
        used[word] += width
    return Layout(tuple(fields[cell] for cell in range(len(values))), max(1, len(used)))


def possible_values(system: System) -> list[tuple[int, ...]]:
    """For each cell a superset of its reachable domain indices, in ascending order.

    Guards and conditions are ignored, so a cell keeps its initial values plus whatever some command
    can assign to it. A cell without initial values counts as having value 0: then there is no
    initial state and nothing else matters.
    """
    found = [set(cell.initial) or {0} for cell in system.cells]
    flows: list[dict[tuple[int, tuple[int, ...]], None]] = [{} for _ in system.cells]
    for command in system.commands:
        for cell, term in command.updates:
            for leaf in _leaves(term):
                if isinstance(leaf, Index):
                    found[cell].add(leaf.value)
                else:
                    flows[leaf.cell][cell, leaf.table] = None
    fresh = [(cell, value) for cell, values in enumerate(found) for value in values]
    while fresh:
        source, value = fresh.pop()
        for cell, table in flows[source]:
            if table[value] not in found[cell]:
                found[cell].add(table[value])
                fresh.append((cell, table[value]))
    return [tuple(sorted(each)) for each in found]


def _leaves(term: Term) -> Iterator[Index | Copy]:
    match term:
        case Index() | Copy():
            yield term
        case Choice():
            yield from _leaves(term.yes)
            yield from _leaves(term.no)
        case _:
            assert_never(term)
