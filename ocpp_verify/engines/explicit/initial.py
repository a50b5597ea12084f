"""The initial states, block by block: cells are multiplied out and filtered as early as possible.

A formula that ties cells together is applied as soon as its cells are there, so that neither the
product of all cells nor all initial states at once need to fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ocpp_verify.engines.explicit.circuit import Block, evaluate
from ocpp_verify.engines.explicit.packing import Layout, Words
from ocpp_verify.ir.formula import cells_of
from ocpp_verify.ir.system import All, Formula, System


@dataclass(frozen=True, slots=True)
class _Round:
    """One cell's initial values at their place in the word, then what can be checked."""

    word: int
    bits: Words
    checks: tuple[Formula, ...]


def initial_blocks(system: System, layout: Layout, width: int) -> Iterator[Words]:
    """All initial states in blocks of at most `width`, each once, none of them empty."""
    if any(not cell.initial for cell in system.cells):
        return
    parts = system.initial.args if isinstance(system.initial, All) else (system.initial,)
    free = {at for at, cell in enumerate(system.cells) if len(set(cell.initial)) > 1}
    start = np.zeros((layout.words, 1), dtype=np.uint64)
    for at, cell in enumerate(system.cells):
        if at not in free:
            field = layout.fields[at]
            start[field.word] |= np.uint64(field.values.index(cell.initial[0]) << field.shift)
    rounds = list(_rounds(system, layout, parts, free))
    ready = tuple(part for part in parts if not cells_of(part) & free)
    yield from _multiply(layout, _filtered(layout, start, ready), rounds, width)


def _rounds(
    system: System, layout: Layout, parts: tuple[Formula, ...], free: set[int]
) -> Iterator[_Round]:
    """One round per free cell: first the cells of the tightest ties, the untied ones last."""
    waiting = [(cells_of(part) & free, part) for part in parts if cells_of(part) & free]
    missing = set(free)
    while missing:
        tied = min((cells for cells, _ in waiting), key=lambda c: (len(c), sorted(c)), default=None)
        cell = min(missing if tied is None else tied)
        missing.discard(cell)
        waiting = [(cells - {cell}, part) for cells, part in waiting]
        checks = tuple(part for cells, part in waiting if not cells)
        waiting = [(cells, part) for cells, part in waiting if cells]
        field = layout.fields[cell]
        codes = [field.values.index(value) for value in sorted(set(system.cells[cell].initial))]
        bits = np.array([code << field.shift for code in codes], dtype=np.uint64)
        yield _Round(field.word, bits, checks)


def _multiply(layout: Layout, states: Words, rounds: list[_Round], width: int) -> Iterator[Words]:
    if not states.shape[1]:
        return
    if not rounds:
        for begin in range(0, states.shape[1], width):
            yield states[:, begin : begin + width]
        return
    here, *later = rounds
    step = max(1, width // here.bits.size)
    for begin in range(0, states.shape[1], step):
        piece = np.repeat(states[:, begin : begin + step], here.bits.size, axis=1)
        piece[here.word] |= np.tile(here.bits, piece.shape[1] // here.bits.size)
        yield from _multiply(layout, _filtered(layout, piece, here.checks), later, width)


def _filtered(layout: Layout, states: Words, checks: tuple[Formula, ...]) -> Words:
    if not checks:
        return states
    block = Block(layout, states)
    kept = np.logical_and.reduce([evaluate(layout, each, block) for each in checks])
    return np.ascontiguousarray(states[:, kept])
