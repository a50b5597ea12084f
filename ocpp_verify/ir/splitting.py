"""A command as several, so that what a projection guesses of one condition it guesses once.

Two new values that depend on the same forgotten condition would be guessed apart: one as if it held,
the other as if it did not. Split by that condition, the command does both or neither. The parts
together do what the command does, no more and no less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from ocpp_verify.ir.formula import NO, cells_of, choice, every, negation
from ocpp_verify.ir.system import All, Any, Bool, Choice, Copy, Formula, Index, Is, No, Term

Updates: TypeAlias = tuple[tuple[int, Term], ...]

_SPLITS = 4
"""A command is split by so many conditions at most."""


def split(
    guard: Formula, updates: Updates, kept: frozenset[int], splits: int = _SPLITS
) -> Iterator[tuple[Formula, Updates]]:
    """Guards that exclude each other, with what is left of the updates under each of them."""
    facts = _Facts(guard)
    left = tuple((cell, facts.applied(term)) for cell, term in updates)
    shared = _shared(left, kept) if splits else None
    if shared is None:
        yield guard, left
        return
    for condition in (shared, negation(shared)):
        narrowed = every((guard, condition))
        if narrowed != NO:
            yield from split(narrowed, left, kept, splits - 1)


def _shared(updates: Updates, kept: frozenset[int]) -> Formula | None:
    """The first condition on forgotten cells that several updates depend on."""
    seen: set[Formula] = set()
    for _, term in updates:
        own = dict.fromkeys(_conditions(term))
        for each in own:
            if each in seen and not cells_of(each) <= kept:
                return each
        seen.update(own)
        seen.update(negation(each) for each in own)
    return None


def _conditions(term: Term) -> Iterator[Formula]:
    if isinstance(term, Choice):
        yield term.condition
        yield from _conditions(term.yes)
        yield from _conditions(term.no)


class _Facts:
    """What is known where a formula holds: its conjuncts."""

    def __init__(self, formula: Formula) -> None:
        self._true = frozenset(formula.args if isinstance(formula, All) else (formula,))
        self._values = {each.cell: each.values for each in self._true if isinstance(each, Is)}
        self._known: dict[Formula, bool | None] = {}
        self._settled: dict[Formula, bool | None] = {}

    def applied(self, term: Term) -> Term:
        """The term without choices that are settled."""
        match term:
            case Index() | Copy():
                return term
            case Choice():
                settled = self.settles(term.condition)
                if settled is not None:
                    return self.applied(term.yes if settled else term.no)
                return choice(term.condition, self.applied(term.yes), self.applied(term.no))
            case _:
                assert_never(term)

    def settles(self, formula: Formula) -> bool | None:
        """Whether the formula holds; None if that is not known."""
        if formula not in self._settled:
            self._settled[formula] = self._settle(formula)
        return self._settled[formula]

    def _settle(self, formula: Formula) -> bool | None:
        if formula in self._true:
            return True
        if negation(formula) in self._true:
            return False
        match formula:
            case Bool():
                return formula.value
            case Is():
                known = set(self._values.get(formula.cell, ()))
                if not known:
                    return None
                if known <= set(formula.values):
                    return True
                return False if known.isdisjoint(formula.values) else None
            case No():
                body = self.settles(formula.body)
                return None if body is None else not body
            case All() | Any():
                decisive = isinstance(formula, Any)
                found: bool | None = not decisive
                for each in formula.args:
                    part = self.settles(each)
                    if part is decisive:
                        return decisive
                    if part is None:
                        found = None
                return found
            case _:
                assert_never(formula)
