"""Why a step of a projection is none of the system: few of the forgotten cells that show it.

What is evaluated here knows only some cells of a state, just as a projection that keeps these cells:
with a forgotten cell that is not blamed the step would still be forbidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Cell,
    Choice,
    Copy,
    Formula,
    Index,
    Is,
    No,
    State,
    Term,
)


def forbidding(
    formula: Formula, state: State, kept: frozenset[int], cells: Sequence[Cell]
) -> frozenset[int]:
    """Cells that, together with those kept, show that the formula does not hold in the state."""
    return _fewest(
        cells_of(formula) - kept, cells, lambda found: truth(formula, state, kept | found) is False
    )


def excluding(
    term: Term, value: int, state: State, kept: frozenset[int], cells: Sequence[Cell]
) -> frozenset[int]:
    """Cells that, together with those kept, show that the term has another value in the state."""
    return _fewest(
        cells_of_term(term) - kept,
        cells,
        lambda found: value not in possible(term, state, kept | found),
    )


def _fewest(
    candidates: frozenset[int], cells: Sequence[Cell], enough: Callable[[frozenset[int]], bool]
) -> frozenset[int]:
    """Those of the candidates that are enough, none of them superfluous; large cells go first."""
    found = candidates
    for each in sorted(candidates, key=lambda cell: (-len(cells[cell].domain), -cell)):
        if enough(found - {each}):
            found = found - {each}
    return found


def truth(formula: Formula, state: State, known: frozenset[int]) -> bool | None:
    """Whether the formula holds, as far as the known cells tell; None if they do not."""
    match formula:
        case Bool():
            return formula.value
        case Is():
            return state[formula.cell] in formula.values if formula.cell in known else None
        case No():
            body = truth(formula.body, state, known)
            return None if body is None else not body
        case All() | Any():
            decisive = isinstance(formula, Any)
            found: bool | None = not decisive
            for each in formula.args:
                part = truth(each, state, known)
                if part is decisive:
                    return decisive
                if part is None:
                    found = None
            return found
        case _:
            assert_never(formula)


def possible(term: Term, state: State, known: frozenset[int]) -> frozenset[int]:
    """The values that the term can have, as far as the known cells tell."""
    match term:
        case Index():
            return frozenset((term.value,))
        case Copy():
            if term.cell in known:
                return frozenset((term.table[state[term.cell]],))
            return frozenset(term.table)
        case Choice():
            condition = truth(term.condition, state, known)
            found: frozenset[int] = frozenset()
            if condition is not False:
                found |= possible(term.yes, state, known)
            if condition is not True:
                found |= possible(term.no, state, known)
            return found
        case _:
            assert_never(term)
