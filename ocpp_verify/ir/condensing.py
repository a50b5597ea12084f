"""An equivalent system that is smaller: without values and commands that nothing tells apart.

A projection forgets cells, and with them most of what made the values of the others different: the
calls in flight that are left differ in what they still do. Two values of a cell are alike if no
condition, and no copy to another cell, tells them apart; then they are one value. Nothing is guessed:
every run of the system is one of the condensed system, and every run of that stands for some of the
system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from ocpp_verify.ir.formula import among, choice, every, negation, some
from ocpp_verify.ir.joining import Updates, join
from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Choice,
    Copy,
    Formula,
    Index,
    Is,
    No,
    System,
    Term,
)

Classes: TypeAlias = tuple[int, ...]
"""For each value of a cell the number of those that are like it."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """A condensed system, with a goal in its terms.

    Attributes:
        classes: for each cell, what became of its values.
        origin: for each command the commands that are joined in it.
    """

    system: System
    goal: Formula
    classes: tuple[Classes, ...]
    origin: tuple[tuple[int, ...], ...]

    def spread(self, formula: Formula) -> Formula:
        """A formula about the condensed system as one about the system that it came from."""
        return _Spread(self.classes)(formula)


def condense(system: System, goal: Formula) -> Condensed:
    """The condensed system in which the goal is reachable just where it is in the system."""
    sizes = [len(cell.domain) for cell in system.cells]
    classes: list[Classes] = [tuple(range(size)) for size in sizes]
    commands = [(each.guard, each.updates) for each in system.commands]
    origin: list[tuple[int, ...]] = [(number,) for number in range(len(commands))]
    initial = system.initial
    while True:
        joined = join(commands, sizes)
        commands = [(guard, updates) for guard, updates, _ in joined]
        origin = [
            tuple(sorted(number for at in parts for number in origin[at])) for *_, parts in joined
        ]
        alike = _coarsest(commands, (initial, goal), sizes)
        smaller = [max(each) + 1 for each in alike]
        if smaller == sizes:
            break
        merged = _Merging(alike, smaller)
        commands = [(merged(guard), merged.updates(updates)) for guard, updates in commands]
        initial, goal = merged(initial), merged(goal)
        classes = [
            tuple(then[value] for value in before)
            for before, then in zip(classes, alike, strict=True)
        ]
        sizes = smaller
    cells = tuple(
        replace(
            cell,
            domain=tuple(cell.domain[like.index(number)] for number in range(size)),
            initial=tuple(sorted({like[value] for value in cell.initial})),
        )
        for cell, like, size in zip(system.cells, classes, sizes, strict=True)
    )
    made = tuple(
        replace(system.commands[parts[0]], guard=guard, updates=updates)
        for (guard, updates), parts in zip(commands, origin, strict=True)
    )
    smaller_system = replace(system, cells=cells, commands=made, initial=initial, duties=())
    return Condensed(smaller_system, goal, tuple(classes), tuple(origin))


def _coarsest(
    commands: Sequence[tuple[Formula, Updates]], others: Sequence[Formula], sizes: Sequence[int]
) -> list[Classes]:
    """The coarsest classes of values that no condition and no copy tells apart."""
    parting = _Parting(sizes)
    copies: dict[tuple[int, int, tuple[int, ...]], None] = {}
    for formula in others:
        parting.by_formula(formula)
    for guard, updates in commands:
        parting.by_formula(guard)
        for cell, term in updates:
            for copy in parting.by_term(term):
                copies.setdefault((copy.cell, cell, copy.table))
    while any(parting.by_copy(*each) for each in copies):
        pass
    return [tuple(each) for each in parting.classes]


class _Parting:
    """Classes of the values of each cell, which become finer."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.classes: list[Sequence[int]] = [(0,) * size for size in sizes]
        self._seen: set[Formula] = set()

    def _part(self, cell: int, marks: Sequence[object]) -> bool:
        """Values with different marks are not alike; whether that is news."""
        numbers: dict[object, int] = {}
        before = self.classes[cell]
        self.classes[cell] = [
            numbers.setdefault(key, len(numbers)) for key in zip(before, marks, strict=True)
        ]
        return len(numbers) > max(before) + 1

    def by_formula(self, formula: Formula) -> None:
        """What the formula tells apart."""
        if formula in self._seen:
            return
        self._seen.add(formula)
        match formula:
            case Bool():
                pass
            case Is():
                values = frozenset(formula.values)
                size = len(self.classes[formula.cell])
                self._part(formula.cell, [value in values for value in range(size)])
            case No():
                self.by_formula(formula.body)
            case All() | Any():
                for each in formula.args:
                    self.by_formula(each)
            case _:
                assert_never(formula)

    def by_term(self, term: Term) -> list[Copy]:
        """What the conditions in the term tell apart; the copies in it."""
        match term:
            case Index():
                return []
            case Copy():
                return [term]
            case Choice():
                self.by_formula(term.condition)
                return [*self.by_term(term.yes), *self.by_term(term.no)]
            case _:
                assert_never(term)

    def by_copy(self, source: int, target: int, table: tuple[int, ...]) -> bool:
        """What one can tell apart by a copy, as far as the classes of its target go so far."""
        return self._part(source, [self.classes[target][value] for value in table])


class _Merging:
    """Formulas and terms after values became one. `sizes` are those of the cells afterwards."""

    def __init__(self, classes: Sequence[Classes], sizes: Sequence[int]) -> None:
        self._classes = classes
        self._sizes = sizes
        self._known: dict[Formula, Formula] = {}

    def __call__(self, formula: Formula) -> Formula:
        found = self._known.get(formula)
        if found is None:
            match formula:
                case Bool():
                    found = formula
                case Is():
                    like = self._classes[formula.cell]
                    chosen = (like[value] for value in formula.values)
                    found = among(formula.cell, chosen, self._sizes[formula.cell])
                case No():
                    found = negation(self(formula.body))
                case All():
                    found = every(self(each) for each in formula.args)
                case Any():
                    found = some(self(each) for each in formula.args)
                case _:
                    assert_never(formula)
            self._known[formula] = found
        return found

    def updates(self, updates: Updates) -> Updates:
        return tuple((cell, self._term(cell, term)) for cell, term in updates)

    def _term(self, cell: int, term: Term) -> Term:
        like = self._classes[cell]
        match term:
            case Index():
                return Index(like[term.value])
            case Copy():
                source = self._classes[term.cell]
                table = (source.index(number) for number in range(self._sizes[term.cell]))
                return Copy(term.cell, tuple(like[term.table[value]] for value in table))
            case Choice():
                yes, no = self._term(cell, term.yes), self._term(cell, term.no)
                return choice(self(term.condition), yes, no)
            case _:
                assert_never(term)


class _Spread:
    """The way back: formulas about classes as formulas about values. Shared parts stay shared."""

    def __init__(self, classes: Sequence[Classes]) -> None:
        self._classes = classes
        self._known: dict[Formula, Formula] = {}

    def __call__(self, formula: Formula) -> Formula:
        found = self._known.get(formula)
        if found is None:
            match formula:
                case Bool():
                    found = formula
                case Is():
                    like = self._classes[formula.cell]
                    chosen = (
                        value for value, number in enumerate(like) if number in formula.values
                    )
                    found = among(formula.cell, chosen, len(like))
                case No():
                    found = negation(self(formula.body))
                case All():
                    found = every(self(each) for each in formula.args)
                case Any():
                    found = some(self(each) for each in formula.args)
                case _:
                    assert_never(formula)
            self._known[formula] = found
        return found
