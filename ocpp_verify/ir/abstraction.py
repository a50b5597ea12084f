"""Sound abstractions of a ground system: fewer cells, at least as many runs.

`project` forgets cells. Where a guard reads a forgotten cell it is taken to hold; where a new value
depends on one, every possible value may come about. So whatever is unreachable in the projection is
unreachable in the system; what is reachable may be an artefact. If nothing had to be guessed
(`is_exact`), the projection reaches exactly the projections of the reachable states.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import assert_never

from ocpp_verify.ir.formula import NO, YES, cells_of, cells_of_term, every, negation, some
from ocpp_verify.ir.splitting import split
from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Cell,
    Choice,
    Command,
    Copy,
    Formula,
    Index,
    Is,
    No,
    System,
    Term,
)


@dataclass(frozen=True, slots=True)
class Projection:
    """A system that keeps some cells. Cell numbers stay; forgotten cells have one value.

    Attributes:
        origin: for each command of the projection, the command it comes from.
        guessed: the forgotten cells that some kept guard or value, or `initial`, reads.
    """

    system: System
    kept: frozenset[int]
    origin: tuple[int, ...]
    guessed: frozenset[int]

    @property
    def is_exact(self) -> bool:
        """Whether nothing had to be guessed."""
        return not self.guessed


def weaken(formula: Formula, kept: frozenset[int]) -> Formula:
    """The weakest formula over kept cells that the formula implies, as far as syntax tells."""
    return Weakening(kept)(formula)


class Weakening:
    """`weaken` for many formulas that share parts: each part is done once."""

    def __init__(self, kept: frozenset[int]) -> None:
        self.kept = kept
        self._known: dict[tuple[Formula, bool], Formula] = {}

    def __call__(self, formula: Formula, *, positive: bool = True) -> Formula:
        """The formula weakened; strengthened unless `positive`."""
        match formula:
            case Bool():
                return formula
            case Is():
                return formula if formula.cell in self.kept else Bool(positive)
            case _:
                pass
        key = (formula, positive)
        found = self._known.get(key)
        if found is None:
            match formula:
                case No():
                    found = negation(self(formula.body, positive=not positive))
                case All():
                    found = every(self(each, positive=positive) for each in formula.args)
                case Any():
                    found = some(self(each, positive=positive) for each in formula.args)
                case _:
                    assert_never(formula)
            self._known[key] = found
        return found


def variants(term: Term, weakened: Weakening) -> list[tuple[Formula, Term]]:
    """Terms over kept cells that cover all values of the term, each with its condition."""
    kept = weakened.kept
    match term:
        case Index():
            return [(YES, term)]
        case Copy():
            if term.cell in kept:
                return [(YES, term)]
            return [(YES, Index(value)) for value in sorted(set(term.table))]
        case Choice():
            yes, no = variants(term.yes, weakened), variants(term.no, weakened)
            if cells_of(term.condition) <= kept and len(yes) == 1 == len(no):
                return [(YES, Choice(term.condition, yes[0][1], no[0][1]))]
            holds = weakened(term.condition)
            fails = weakened(negation(term.condition))
            found: dict[Term, list[Formula]] = {}
            for condition, options in ((holds, yes), (fails, no)):
                for inner, value in options:
                    found.setdefault(value, []).append(every((condition, inner)))
            return [
                (some(conditions), value)
                for value, conditions in found.items()
                if some(conditions) != NO
            ]
        case _:
            assert_never(term)


def project(system: System, kept: Iterable[int]) -> Projection:
    """The system with all other cells forgotten."""
    keep = frozenset(kept)
    weakened = Weakening(keep)
    reads: dict[Formula, frozenset[int]] = {}
    commands: dict[tuple[Formula, tuple[tuple[int, Term], ...]], tuple[int, Command]] = {}
    guessed = set(cells_of(system.initial) - keep)
    for number, command in enumerate(system.commands):
        updates = tuple((cell, term) for cell, term in command.updates if cell in keep)
        if not updates:
            continue
        guessed |= cells_of(command.guard, reads) - keep
        for _, term in updates:
            guessed |= cells_of_term(term, reads) - keep
        for guard, left in split(command.guard, updates, keep):
            weak = weakened(guard)
            options = [
                [(cell, condition, term) for condition, term in variants(term, weakened)]
                for cell, term in left
            ]
            for chosen in product(*options):
                full = every((weak, *(condition for _, condition, _ in chosen)))
                made = tuple(
                    (cell, term) for cell, _, term in chosen if not _is_identity(cell, term, system)
                )
                if full != NO and made:
                    commands.setdefault(
                        (full, made), (number, replace(command, guard=full, updates=made))
                    )
    cells = tuple(
        cell
        if number in keep
        else Cell(cell.name, ("any",), (0,), cell.kind, cell.owner, cell.variable, cell.indices)
        for number, cell in enumerate(system.cells)
    )
    smaller = replace(
        system,
        cells=cells,
        commands=tuple(command for _, command in commands.values()),
        initial=weakened(system.initial),
        duties=(),
    )
    origin = tuple(number for number, _ in commands.values())
    return Projection(smaller, keep, origin, frozenset(guessed))


def _is_identity(cell: int, term: Term, system: System) -> bool:
    return term == Copy(cell, tuple(range(len(system.cells[cell].domain))))


def cone(system: System, goal: Formula) -> frozenset[int]:
    """The cells that can influence whether the goal is reached; the projection to them is exact."""
    known: dict[Formula, frozenset[int]] = {}
    influences = [
        (
            frozenset(cell for cell, _ in command.updates),
            cells_of(command.guard, known),
            [(cell, cells_of_term(term, known)) for cell, term in command.updates],
        )
        for command in system.commands
    ]
    needed = set(cells_of(goal, known)) | set(cells_of(system.initial, known))
    growing = True
    while growing:
        before = len(needed)
        for written, guard, terms in influences:
            if written & needed:
                needed |= guard
                for cell, reads in terms:
                    if cell in needed:
                        needed |= reads
        growing = len(needed) > before
    return frozenset(needed)
