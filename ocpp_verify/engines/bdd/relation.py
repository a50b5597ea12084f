"""Steps as operations on sets: each command in cases that write constants wherever that is cheap.

The image of a constant case is: conjoin the guard, forget the written bits, set them. Only cells
that get the value of another cell with many values have next-state bits and a relation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from ocpp_verify.engines.bdd.manager import Node
from ocpp_verify.engines.bdd.space import Space, after
from ocpp_verify.ir.system import Choice, Command, Copy, Index, State, System, Term

_COPIED = 3
"""Copies of at most that many different values become that many constant cases."""
_CASES = 12
"""At most that many cases per command; what is left is a relation."""


@dataclass(frozen=True, slots=True)
class Case:
    """Where `guard` holds, the cells of `written` get `values`, and as `relation` says.

    Attributes:
        commands: those that do this, ascending.
        written: the current bits of all cells written, as a positive cube.
        relation: over current bits and next bits of the cells it writes; true if there are none.
        renamed: from those next bits to the current ones.
    """

    commands: tuple[int, ...]
    guard: Node
    written: Node
    values: Node
    relation: Node
    renamed: dict[str, str]


class Relation:
    """All steps of a system over a space. `tick` is called for every command and may raise to stop."""

    def __init__(
        self, system: System, space: Space, tick: Callable[[], None] = lambda: None
    ) -> None:
        self.system = system
        self.space = space
        guards: list[Node] = []
        cases: list[Case] = []
        for at, command in enumerate(system.commands):
            tick()
            guards.append(space.node(command.guard))
            cases.extend(_cases(space, at, command, guards[at]))
        self.guards: tuple[Node, ...] = tuple(guards)
        self.cases: tuple[Case, ...] = _grouped(cases)

    def image(self, case: Case, enabled: Node) -> Node:
        """The states after the case from the states `enabled`, in all of which its guard holds."""
        manager = self.space.manager
        if case.relation == manager.true:
            return manager.exists(case.written, enabled) & case.values
        moved = manager.exists(case.written, enabled & case.relation)
        return manager.renamed(case.renamed, moved) & case.values

    def before(self, number: int, state: State, among: Node) -> Node:
        """The states of the set `among` that the command leads to `state`."""
        space, command = self.space, self.system.commands[number]
        if any(isinstance(t, Index) and t.value != state[cell] for cell, t in command.updates):
            return space.manager.false
        written = {cell for cell, _ in command.updates}
        kept = (cell for cell in range(len(space.sizes)) if cell not in written)
        found = among & space.manager.cube(space.literals(kept, state)) & self.guards[number]
        for cell, term in command.updates:
            if not isinstance(term, Index) and found != space.manager.false:
                found = found & outcomes(space, term).get(state[cell], space.manager.false)
        return found


def doubled_cells(system: System) -> frozenset[int]:
    """Cells for whose value after a step bits may be needed."""
    return frozenset(
        cell
        for command in system.commands
        for cell, term in command.updates
        if not isinstance(term, Index)
    )


def outcomes(space: Space, term: Term) -> dict[int, Node]:
    """Each value that the term can denote, with the states in which it does."""
    match term:
        case Index():
            return {term.value: space.manager.true}
        case Copy():
            sources: dict[int, list[int]] = {}
            for at, target in enumerate(term.table):
                sources.setdefault(target, []).append(at)
            return {target: space.among(term.cell, at) for target, at in sorted(sources.items())}
        case Choice():
            condition = space.node(term.condition)
            found = {v: n & condition for v, n in outcomes(space, term.yes).items()}
            for value, node in outcomes(space, term.no).items():
                found[value] = found.get(value, space.manager.false) | (node & ~condition)
            return found
        case _:
            assert_never(term)


_Leaf = int | Term | None
"""A constant, a term that needs the relation, or None: the cell keeps its value."""


def _leaves(space: Space, cell: int, term: Term, guard: Node) -> Iterator[tuple[Node, _Leaf]]:
    """What the term amounts to in the states of the guard, by disjoint parts of the guard."""
    match term:
        case Index():
            yield guard, term.value
        case Choice():
            condition = space.node(term.condition)
            for part, chosen in ((guard & condition, term.yes), (guard & ~condition, term.no)):
                if part != space.manager.false:
                    yield from _leaves(space, cell, chosen, part)
        case Copy():
            if term.cell == cell and all(at == target for at, target in enumerate(term.table)):
                yield guard, None
                return
            parts = [(guard & node, value) for value, node in outcomes(space, term).items()]
            possible = [part for part in parts if part[0] != space.manager.false]
            if len(possible) <= _COPIED:
                yield from possible
            else:
                yield guard, term
        case _:
            assert_never(term)


def _cases(space: Space, number: int, command: Command, guard: Node) -> Iterator[Case]:
    """The command as disjoint cases; none if its guard is never true."""
    manager = space.manager
    parts: list[tuple[Node, dict[int, _Leaf]]] = [(guard, {})] if guard != manager.false else []
    for cell, term in command.updates:
        split: list[tuple[Node, dict[int, _Leaf]]] = []
        for part, chosen in parts:
            merged: dict[_Leaf, Node] = {}
            for where, leaf in _leaves(space, cell, term, part):
                merged[leaf] = merged.get(leaf, manager.false) | where
            split.extend((where, {**chosen, cell: leaf}) for leaf, where in merged.items())
        if len(split) > _CASES:
            split = [(part, {**chosen, cell: term}) for part, chosen in parts]
        parts = split
    for where, chosen in parts:
        constants: dict[str, bool] = {}
        relation = manager.true
        renamed: dict[str, str] = {}
        written = []
        for cell, leaf in chosen.items():
            if leaf is None:
                continue
            written.append(cell)
            if isinstance(leaf, int):
                bits = space.bits[cell]
                constants.update(
                    (bit, bool(leaf >> (len(bits) - 1 - at) & 1)) for at, bit in enumerate(bits)
                )
                continue
            relation = relation & manager.disjunction(
                node & space.among(cell, (value,), primed=True)
                for value, node in outcomes(space, leaf).items()
            )
            renamed.update((after(bit), bit) for bit in space.bits[cell])
        yield Case(
            (number,), where, space.cube(written), manager.cube(constants), relation, renamed
        )


def _grouped(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Cases that do the same are one, enabled where any of them is."""
    groups: dict[tuple[int, int, int], Case] = {}
    for case in cases:
        key = (int(case.written), int(case.values), int(case.relation))
        same = groups.get(key)
        groups[key] = (
            case
            if same is None
            else Case(
                tuple(sorted({*same.commands, *case.commands})),
                same.guard | case.guard,
                case.written,
                case.values,
                case.relation,
                case.renamed,
            )
        )
    return tuple(groups.values())
