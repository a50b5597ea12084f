"""What a command's updates do to packed states, and which states they can lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

import numpy as np
import numpy.typing as npt

from ocpp_verify.engines.explicit.packing import Codes, Field, Layout, Words
from ocpp_verify.ir.system import Choice, Command, Copy, Formula, Index, Term

Column: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Part at their place in the word."""

    bits: int


@dataclass(frozen=True, slots=True)
class Table:
    """`bits[code of cell]`, at their place in the word."""

    cell: int
    bits: Column


@dataclass(frozen=True, slots=True)
class Pick:
    """`yes` where the condition holds."""

    condition: Formula
    yes: Part
    no: Part


Part: TypeAlias = Fixed | Table | Pick


@dataclass(frozen=True, slots=True)
class WordEffect:
    """The change of one word: keep some bits, set some, or in the bits of the moving parts."""

    word: int
    keep: int
    bits: int
    moving: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A command's updates under a layout. Words that do not change have no entry."""

    words: tuple[WordEffect, ...]

    def apply(
        self,
        states: Words,
        column: Callable[[int], Codes],
        condition: Callable[[Formula], Mask],
    ) -> None:
        """Turn the states into their successors in place.

        `column` and `condition` tell the codes of a cell and the truth of a formula in the states
        as they were before.
        """
        for change in self.words:
            word = states[change.word]
            moved = [_moved(bits, column, condition) for bits in change.moving]
            word &= np.uint64(change.keep)
            if change.bits:
                word |= np.uint64(change.bits)
            for bits in moved:
                word |= bits

    def could_make(self, target: tuple[int, ...]) -> bool:
        """False if the constants that are assigned differ from the target's."""
        for change in self.words:
            settled = change.keep
            for bits in change.moving:
                settled |= _reach(bits)
            if (target[change.word] & ~settled) != change.bits:
                return False
        return True

    def keeps(self, words: int) -> tuple[int, ...]:
        """For each word the bits that stay as they are."""
        kept = [2**64 - 1] * words
        for change in self.words:
            kept[change.word] = change.keep
        return tuple(kept)


def compile_effect(layout: Layout, command: Command) -> Effect:
    """The effect of the command's updates."""
    keep: dict[int, int] = {}
    bits: dict[int, int] = {}
    moving: dict[int, list[Part]] = {}
    for cell, term in command.updates:
        field = layout.fields[cell]
        if not field.width or _is_same(cell, term, field):
            continue
        keep[field.word] = keep.get(field.word, 2**64 - 1) & ~field.mask
        made = _bits(layout, field, term)
        if isinstance(made, Fixed):
            bits[field.word] = bits.get(field.word, 0) | made.bits
        else:
            moving.setdefault(field.word, []).append(made)
    return Effect(
        tuple(
            WordEffect(word, keep[word], bits.get(word, 0), tuple(moving.get(word, ())))
            for word in sorted(keep)
        )
    )


def conditions(command: Command, layout: Layout) -> Iterator[Formula]:
    """The conditions that the effect will ask for, in the order of the updates."""
    for cell, term in command.updates:
        if layout.fields[cell].width:
            yield from _conditions(term)


def _conditions(term: Term) -> Iterator[Formula]:
    if isinstance(term, Choice):
        yield term.condition
        yield from _conditions(term.yes)
        yield from _conditions(term.no)


def _is_same(cell: int, term: Term, field: Field) -> bool:
    return (
        isinstance(term, Copy)
        and term.cell == cell
        and all(term.table[value] == value for value in field.values)
    )


def _bits(layout: Layout, field: Field, term: Term) -> Part:
    def placed(value: int) -> int:
        code = field.code(value)
        assert code is not None  # `possible_values` covers every term
        return code << field.shift

    match term:
        case Index():
            return Fixed(placed(term.value))
        case Copy():
            source = layout.fields[term.cell]
            table = [placed(term.table[value]) for value in source.values]
            if len(set(table)) == 1:
                return Fixed(table[0])
            return Table(term.cell, np.array(table, dtype=np.uint64))
        case Choice():
            yes = _bits(layout, field, term.yes)
            no = _bits(layout, field, term.no)
            if isinstance(yes, Fixed) and yes == no:
                return yes
            return Pick(term.condition, yes, no)
        case _:
            assert_never(term)


def _moved(
    bits: Part, column: Callable[[int], Codes], condition: Callable[[Formula], Mask]
) -> Column | np.uint64:
    match bits:
        case Fixed():
            return np.uint64(bits.bits)
        case Table():
            return bits.bits[column(bits.cell)]
        case Pick():
            yes = _moved(bits.yes, column, condition)
            no = _moved(bits.no, column, condition)
            return np.where(condition(bits.condition), yes, no)
        case _:
            assert_never(bits)


def _reach(bits: Part) -> int:
    """At least the bits that can be set."""
    match bits:
        case Fixed():
            return bits.bits
        case Table():
            return int(np.bitwise_or.reduce(bits.bits))
        case Pick():
            return _reach(bits.yes) | _reach(bits.no)
        case _:
            assert_never(bits)
