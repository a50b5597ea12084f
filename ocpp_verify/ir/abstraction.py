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
        guessed: the forgotten cells that some kept guard or value reads.
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
    return _relax(formula, kept, positive=True)


def _relax(formula: Formula, kept: frozenset[int], *, positive: bool) -> Formula:
    match formula:
        case Bool():
            return formula
        case Is():
            return formula if formula.cell in kept else Bool(positive)
        case No():
            return negation(_relax(formula.body, kept, positive=not positive))
        case All():
            return every(_relax(each, kept, positive=positive) for each in formula.args)
        case Any():
            return some(_relax(each, kept, positive=positive) for each in formula.args)
        case _:
            assert_never(formula)


def variants(term: Term, kept: frozenset[int]) -> list[tuple[Formula, Term]]:
    """Terms over kept cells that cover all values of the term, each with its condition."""
    match term:
        case Index():
            return [(YES, term)]
        case Copy():
            if term.cell in kept:
                return [(YES, term)]
            return [(YES, Index(value)) for value in sorted(set(term.table))]
        case Choice():
            yes, no = variants(term.yes, kept), variants(term.no, kept)
            if cells_of(term.condition) <= kept and len(yes) == 1 == len(no):
                return [(YES, Choice(term.condition, yes[0][1], no[0][1]))]
            holds = weaken(term.condition, kept)
            fails = weaken(negation(term.condition), kept)
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
    commands: dict[tuple[Formula, tuple[tuple[int, Term], ...]], tuple[int, Command]] = {}
    guessed: set[int] = set()
    for number, command in enumerate(system.commands):
        updates = [(cell, term) for cell, term in command.updates if cell in keep]
        if not updates:
            continue
        guessed |= cells_of(command.guard) - keep
        for _, term in updates:
            guessed |= cells_of_term(term) - keep
        guard = weaken(command.guard, keep)
        options = [
            [(cell, condition, term) for condition, term in variants(term, keep)]
            for cell, term in updates
        ]
        for chosen in product(*options):
            full = every((guard, *(condition for _, condition, _ in chosen)))
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
        initial=weaken(system.initial, keep),
        duties=(),
    )
    origin = tuple(number for number, _ in commands.values())
    return Projection(smaller, keep, origin, frozenset(guessed))


def _is_identity(cell: int, term: Term, system: System) -> bool:
    return term == Copy(cell, tuple(range(len(system.cells[cell].domain))))


def cone(system: System, goal: Formula) -> frozenset[int]:
    """The cells that can influence whether the goal is reached; the projection to them is exact."""
    needed = set(cells_of(goal)) | set(cells_of(system.initial))
    growing = True
    while growing:
        before = len(needed)
        for command in system.commands:
            updated = [term for cell, term in command.updates if cell in needed]
            if updated:
                needed |= cells_of(command.guard)
                for term in updated:
                    needed |= cells_of_term(term)
        growing = len(needed) > before
    return frozenset(needed)
