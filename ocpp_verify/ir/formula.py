"""Smart constructors for ground formulas and terms: small, flat, with constants folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from ocpp_verify.ir.system import All, Any, Bool, Choice, Copy, Formula, Index, Is, No, Term

YES = Bool(True)
NO = Bool(False)


def among(cell: int, values: Iterable[int], size: int) -> Formula:
    """The cell, with `size` values in its domain, has one of these."""
    chosen = tuple(sorted(set(values)))
    if not chosen:
        return NO
    return YES if len(chosen) == size else Is(cell, chosen)


def negation(body: Formula) -> Formula:
    """The opposite; a double negation cancels."""
    match body:
        case Bool():
            return Bool(not body.value)
        case No():
            return body.body
        case _:
            return No(body)


def _flat(parts: Iterable[Formula], kind: type[All] | type[Any]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.args
        else:
            yield part


def every(parts: Iterable[Formula]) -> Formula:
    """Conjunction. Conditions on one cell are intersected, so contradictions vanish early."""
    cells: dict[int, tuple[int, ...]] = {}
    rest: dict[Formula, None] = {}
    for part in _flat(parts, All):
        match part:
            case Bool():
                if not part.value:
                    return NO
            case Is():
                known = cells.get(part.cell)
                values = (
                    part.values
                    if known is None
                    else tuple(each for each in known if each in part.values)
                )
                if not values:
                    return NO
                cells[part.cell] = values
            case No(Is() as body) if body.cell in cells:
                values = tuple(each for each in cells[body.cell] if each not in body.values)
                if not values:
                    return NO
                cells[body.cell] = values
            case _:
                rest.setdefault(part)
    flat: list[Formula] = [Is(cell, values) for cell, values in cells.items()]
    flat += rest
    if not flat:
        return YES
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def some(parts: Iterable[Formula]) -> Formula:
    """Disjunction. Conditions on one cell are united."""
    cells: dict[int, set[int]] = {}
    rest: dict[Formula, None] = {}
    for part in _flat(parts, Any):
        match part:
            case Bool():
                if part.value:
                    return YES
            case Is():
                cells.setdefault(part.cell, set()).update(part.values)
            case _:
                rest.setdefault(part)
    flat: list[Formula] = [Is(cell, tuple(sorted(values))) for cell, values in cells.items()]
    flat += rest
    if not flat:
        return NO
    return flat[0] if len(flat) == 1 else Any(tuple(flat))


def choice(condition: Formula, yes: Term, no: Term) -> Term:
    """`yes` if the condition holds, else `no`."""
    if isinstance(condition, Bool):
        return yes if condition.value else no
    return yes if yes == no else Choice(condition, yes, no)


def denotes(term: Term, values: frozenset[int], sizes: Mapping[int, int] | list[int]) -> Formula:
    """The term denotes one of the values; `sizes[c]` is the domain size of cell c."""
    match term:
        case Index():
            return Bool(term.value in values)
        case Copy():
            return among(
                term.cell,
                (at for at, target in enumerate(term.table) if target in values),
                sizes[term.cell],
            )
        case Choice():
            return some(
                (
                    every((term.condition, denotes(term.yes, values, sizes))),
                    every((negation(term.condition), denotes(term.no, values, sizes))),
                )
            )
        case _:
            assert_never(term)


def after(
    formula: Formula,
    updates: Mapping[int, Term],
    sizes: list[int],
    known: dict[Formula, Formula] | None = None,
) -> Formula:
    """What must hold before the updates so that `formula` holds after them.

    Formulas share parts: `known` remembers results for the same updates, from call to call.
    """
    found = {} if known is None else known
    match formula:
        case Bool():
            return formula
        case Is():
            if formula.cell not in updates:
                return formula
        case _:
            pass
    made = found.get(formula)
    if made is None:
        match formula:
            case Is():
                made = denotes(updates[formula.cell], frozenset(formula.values), sizes)
            case No():
                made = negation(after(formula.body, updates, sizes, found))
            case All():
                made = every(after(each, updates, sizes, found) for each in formula.args)
            case Any():
                made = some(after(each, updates, sizes, found) for each in formula.args)
            case _:
                assert_never(formula)
        found[formula] = made
    return made


def term_after(term: Term, updates: Mapping[int, Term], sizes: list[int]) -> Term:
    """The term whose value before the updates is the value of `term` after them."""
    match term:
        case Index():
            return term
        case Copy():
            inner = updates.get(term.cell)
            return term if inner is None else through(inner, term.table)
        case Choice():
            return choice(
                after(term.condition, updates, sizes),
                term_after(term.yes, updates, sizes),
                term_after(term.no, updates, sizes),
            )
        case _:
            assert_never(term)


def through(term: Term, table: tuple[int, ...]) -> Term:
    """The term with every value it denotes looked up in the table."""
    match term:
        case Index():
            return Index(table[term.value])
        case Copy():
            return Copy(term.cell, tuple(table[each] for each in term.table))
        case Choice():
            return choice(term.condition, through(term.yes, table), through(term.no, table))
        case _:
            assert_never(term)


def cells_of(
    formula: Formula, known: dict[Formula, frozenset[int]] | None = None
) -> frozenset[int]:
    """The cells that the formula reads; `known` remembers those of its parts, from call to call."""
    match formula:
        case Bool():
            return frozenset()
        case Is():
            return frozenset((formula.cell,))
        case _:
            pass
    found = {} if known is None else known
    cells = found.get(formula)
    if cells is None:
        match formula:
            case No():
                cells = cells_of(formula.body, found)
            case All() | Any():
                cells = frozenset().union(*(cells_of(each, found) for each in formula.args))
            case _:
                assert_never(formula)
        found[formula] = cells
    return cells


def cells_of_term(term: Term, known: dict[Formula, frozenset[int]] | None = None) -> frozenset[int]:
    """The cells that the term reads; `known` as for `cells_of`."""
    match term:
        case Index():
            return frozenset()
        case Copy():
            return frozenset((term.cell,))
        case Choice():
            return (
                cells_of(term.condition, known)
                | cells_of_term(term.yes, known)
                | cells_of_term(term.no, known)
            )
        case _:
            assert_never(term)
