"""Commands that do the same as one command.

In a projection many commands differ only in the value of one cell that their guards ask for, as for
calls whose arguments are forgotten. Joined, they are one command that asks for any of these values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ocpp_verify.ir.formula import NO, among, every
from ocpp_verify.ir.system import All, Copy, Formula, Index, Is, Term

Updates: TypeAlias = tuple[tuple[int, Term], ...]
Joined: TypeAlias = tuple[Formula, Updates, tuple[int, ...]]
"""A guard, updates, and the numbers of the commands that are joined in them."""


def join(commands: Sequence[tuple[Formula, Updates]], sizes: Sequence[int]) -> list[Joined]:
    """As few commands as are found that together do what these do; `sizes[c]` is that of cell c.

    Updates that change nothing where the guard holds are left out, and commands without any.
    """
    found: list[Joined] = []
    for number, (given, updates) in enumerate(commands):
        guard = every((given,))  # one condition for each cell
        left = _effective(guard, updates)
        if left and guard != NO:
            found.append((guard, left, (number,)))
    while True:
        before = len(found)
        for cell in _by_size(found, sizes):
            found = _joined_over(found, cell, sizes[cell])
        if len(found) == before:
            return found


def _effective(guard: Formula, updates: Updates) -> Updates:
    fixed = {
        each.cell: each.values[0]
        for each in _conjuncts(guard)
        if isinstance(each, Is) and len(each.values) == 1
    }
    return tuple(
        (cell, term)
        for cell, term in updates
        if not (isinstance(term, Index) and fixed.get(cell) == term.value)
        and not (
            isinstance(term, Copy)
            and term.cell == cell
            and all(at == target for at, target in enumerate(term.table))
        )
    )


def _by_size(commands: Sequence[Joined], sizes: Sequence[int]) -> list[int]:
    """The cells that guards fix to some values, those with many values first."""
    cells = {
        each.cell for guard, _, _ in commands for each in _conjuncts(guard) if isinstance(each, Is)
    }
    return sorted(cells, key=lambda cell: (-sizes[cell], cell))


def _joined_over(commands: Sequence[Joined], cell: int, size: int) -> list[Joined]:
    """Those that differ in nothing but the values that this cell must have are one."""
    groups: dict[tuple[frozenset[Formula], Updates], _Group] = {}
    for guard, updates, origin in commands:
        values: tuple[int, ...] = tuple(range(size))
        rest = []
        for each in _conjuncts(guard):
            if isinstance(each, Is) and each.cell == cell:
                values = each.values
            else:
                rest.append(each)
        group = groups.setdefault((frozenset(rest), updates), _Group(rest, updates))
        group.values.update(values)
        group.origin.extend(origin)
    if len(groups) == len(commands):
        return list(commands)
    return [
        (
            every((*each.rest, among(cell, each.values, size))),
            each.updates,
            tuple(sorted(each.origin)),
        )
        for each in groups.values()
    ]


@dataclass(slots=True)
class _Group:
    rest: list[Formula]
    updates: Updates
    values: set[int] = field(default_factory=set)
    origin: list[int] = field(default_factory=list)


def _conjuncts(guard: Formula) -> tuple[Formula, ...]:
    return guard.args if isinstance(guard, All) else (guard,)
