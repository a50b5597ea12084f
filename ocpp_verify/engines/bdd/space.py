"""States as bits: cells, sets of states as nodes, and what one can ask of such a set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocpp_verify.engines.bdd.manager import Manager, Node
from ocpp_verify.ir.formula import NO, YES, among, every, some
from ocpp_verify.ir.system import All, Any, Bool, Formula, Is, No, State, System


class Space:
    """The encoding of one system's states.

    A cell of n values has the bits of the index, the highest first; a cell of one value has none.
    The cells in `doubled` have a second set of bits, interleaved, for their value after a step.
    `order` is the order of the cells in the diagrams. Formulas become nodes once, by identity.

    Sets are nodes within `domain`: other bit patterns occur in no set that this class is handed.
    """

    def __init__(
        self,
        system: System,
        order: Sequence[int],
        doubled: Iterable[int] = (),
        package: str = "",
    ) -> None:
        self.sizes: tuple[int, ...] = tuple(len(cell.domain) for cell in system.cells)
        self.bits: tuple[tuple[str, ...], ...] = tuple(
            tuple(f"c{cell}.{bit}" for bit in reversed(range((size - 1).bit_length())))
            for cell, size in enumerate(self.sizes)
        )
        twice = frozenset(doubled)
        blocks = [
            [
                name
                for bit in self.bits[cell]
                for name in ((bit, after(bit)) if cell in twice else (bit,))
            ]
            for cell in order
        ]
        self.manager = Manager([block for block in blocks if block], package)
        self._among: dict[tuple[int, tuple[int, ...], bool], Node] = {}
        self._formulas: dict[int, tuple[Formula, Node]] = {}
        self._joined: dict[tuple[type, tuple[int, ...]], tuple[tuple[Node, ...], Node]] = {}
        self.domain: Node = self.manager.conjunction(
            self.among(cell, range(size))
            for cell, size in enumerate(self.sizes)
            if size & (size - 1)
        )

    def among(self, cell: int, values: Iterable[int], primed: bool = False) -> Node:
        """The cell has one of the values; after the step, if `primed`."""
        key = (cell, tuple(values), primed)
        found = self._among.get(key)
        if found is None:
            names = [after(bit) if primed else bit for bit in self.bits[cell]]
            found = self._among[key] = self._some(names, key[1])
        return found

    def _some(self, names: Sequence[str], values: tuple[int, ...]) -> Node:
        if not values:
            return self.manager.false
        if len(values) == 1 << len(names):
            return self.manager.true
        half = 1 << (len(names) - 1)
        low = self._some(names[1:], tuple(value for value in values if value < half))
        high = self._some(names[1:], tuple(value - half for value in values if value >= half))
        return self.manager.dd.ite(self.manager.var[names[0]], high, low)

    def node(self, formula: Formula) -> Node:
        """The states in which the formula holds, together with bit patterns out of `domain`."""
        known = self._formulas.get(id(formula))
        if known is not None:
            return known[1]
        match formula:
            case Bool():
                found = self.manager.true if formula.value else self.manager.false
            case Is():
                found = self.among(formula.cell, formula.values)
            case No():
                found = ~self.node(formula.body)
            case All() | Any():
                found = self._join(type(formula), tuple(self.node(each) for each in formula.args))
        self._formulas[id(formula)] = (formula, found)  # kept: no other formula gets its id
        return found

    def formula(self, states: Node) -> Formula:
        """The set as a formula; a part that several nodes share is one object."""
        known: dict[int, Formula] = {
            int(self.manager.false): NO,
            int(self.manager.true): YES,
        }

        def shown(node: Node) -> Formula:
            found = known.get(int(node))
            if found is None:
                cell = cell_of(node.var)
                size = self.sizes[cell]
                values: dict[int, tuple[Node, list[int]]] = {}
                for value in range(size):
                    bits = zip(self.bits[cell], _bits(value, len(self.bits[cell])), strict=True)
                    rest = self.manager.cofactor(dict(bits), node)
                    values.setdefault(int(rest), (rest, []))[1].append(value)
                found = known[int(node)] = some(
                    every((among(cell, chosen, size), shown(rest)))
                    for rest, chosen in values.values()
                )
            return found

        return shown(states)

    def _join(self, kind: type, nodes: tuple[Node, ...]) -> Node:
        key = (kind, tuple(int(each) for each in nodes))
        known = self._joined.get(key)
        if known is not None:
            return known[1]
        join = self.manager.conjunction if kind is All else self.manager.disjunction
        found = join(nodes)
        self._joined[key] = (nodes, found)  # kept: no other node gets the number of one of them
        return found

    def forget(self) -> None:
        """Drop the formulas seen so far, so that their nodes can be freed."""
        self._formulas.clear()
        self._joined.clear()

    def initial(self, system: System) -> Node:
        """The set of initial states."""
        starts = [
            self.among(index, sorted(set(cell.initial))) for index, cell in enumerate(system.cells)
        ]
        return self.manager.conjunction(starts) & self.node(system.initial) & self.domain

    def support(self, *nodes: Node) -> frozenset[int]:
        """The cells that the nodes depend on."""
        return frozenset(cell_of(name) for node in nodes for name in node.support)

    def cube(self, cells: Iterable[int]) -> Node:
        """All bits of the cells, to be quantified."""
        return self.manager.cube({bit: True for cell in cells for bit in self.bits[cell]})

    def literals(self, cells: Iterable[int], state: State) -> dict[str, bool]:
        """The bits of these cells in the state."""
        return {
            name: bit
            for cell in cells
            for name, bit in zip(
                self.bits[cell], _bits(state[cell], len(self.bits[cell])), strict=True
            )
        }

    def has(self, states: Node, state: State) -> bool:
        """Whether the state is in the set."""
        everything = self.literals(range(len(self.sizes)), state)
        return self.manager.cofactor(everything, states) == self.manager.true

    def count(self, states: Node) -> int:
        """The exact number of states in the set: one visit per node, no floating point."""
        levels = sorted(self.manager.dd.level_of_var(b) for bits in self.bits for b in bits)
        rank = {level: place for place, level in enumerate(levels)}
        counts = _Counts(len(levels), {int(self.manager.true): (len(levels), 1)})
        pending = [_plain(states)]
        while pending:
            node = pending[-1]
            if int(node) in counts.known:
                pending.pop()
                continue
            missing = [
                each for each in (node.low, node.high) if int(_plain(each)) not in counts.known
            ]
            if missing:
                pending.extend(map(_plain, missing))
                continue
            place = rank[node.level]
            models = counts.of(node.low, place + 1) + counts.of(node.high, place + 1)
            counts.known[int(node)] = (place, models)
        return counts.of(states, 0)

    def first(self, states: Node) -> State | None:
        """The least state of the set, cells compared in order of declaration; None if empty."""
        if states == self.manager.false:
            return None
        return next(self.tuples(states, range(len(self.sizes))))

    def tuples(self, states: Node, cells: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Each combination of values that the cells have in the set, in ascending order."""
        others = self.cube(sorted(set(range(len(self.sizes))) - set(cells)))
        names = [bit for cell in cells for bit in self.bits[cell]]
        widths = [len(self.bits[cell]) for cell in cells]
        false = self.manager.false
        pending: list[tuple[int, Node, int]] = [(0, self.manager.exists(others, states), 0)]
        while pending:
            place, node, code = pending.pop()
            if node == false:
                continue
            if place == len(names):
                yield _split(code, widths)
                continue
            var = self.manager.var[names[place]]
            pending.append((place + 1, node & var, code << 1 | 1))
            pending.append((place + 1, node & ~var, code << 1))


def _plain(edge: Node) -> Node:
    return ~edge if edge.negated else edge


@dataclass(frozen=True, slots=True)
class _Counts:
    """For nodes that are not negated: the place of their first bit, and their models from there."""

    width: int
    known: dict[int, tuple[int, int]]

    def of(self, edge: Node, place: int) -> int:
        """Models of the edge over the bits from `place` on."""
        first, models = self.known[int(_plain(edge))]
        if edge.negated:
            models = (1 << (self.width - first)) - models
        return models << (first - place)


def cell_of(bit: str) -> int:
    """The cell that has the bit of that name."""
    return int(bit[1:].partition(".")[0])


def _bits(value: int, width: int) -> list[bool]:
    """The highest first."""
    return [bool(value >> place & 1) for place in reversed(range(width))]


def after(bit: str) -> str:
    """The name of the bit's value after the step."""
    return f"{bit}'"


def _split(code: int, widths: Sequence[int]) -> tuple[int, ...]:
    values: list[int] = []
    for width in reversed(widths):
        values.append(code & ((1 << width) - 1))
        code >>= width
    return tuple(reversed(values))
