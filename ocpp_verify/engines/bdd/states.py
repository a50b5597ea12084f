"""The reachable set as an object that others ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ocpp_verify.engines.bdd.manager import Node
from ocpp_verify.engines.bdd.space import Space
from ocpp_verify.ir.system import Formula, State


@dataclass(frozen=True, slots=True)
class ReachableSet:
    """All reachable states of a system; only some of them unless `complete`.

    Every answer is exact for the set and always the same, whatever the order of the variables.
    """

    space: Space
    node: Node
    complete: bool

    def contains(self, state: State) -> bool:
        """Whether the state is in the set."""
        return self.space.has(self.node, state)

    def satisfiable(self, formula: Formula) -> State | None:
        """The least state of the set in which the formula holds; None if there is none."""
        return self.space.first(self.node & self.space.node(formula))

    def holds_everywhere(self, formula: Formula) -> bool:
        """Whether the formula holds in every state of the set."""
        return self.node <= self.space.node(formula)

    def count(self, formula: Formula | None = None) -> int:
        """The exact number of states of the set, or of those in which the formula holds."""
        within = self.node if formula is None else self.node & self.space.node(formula)
        return self.space.count(within)

    def formula(self) -> Formula:
        """The set as a formula with at most one part for each node; parts are shared."""
        return self.space.formula(self.node)

    def project(self, cells: Sequence[int]) -> set[tuple[int, ...]]:
        """The combinations of values that these cells have in the set."""
        return set(self.space.tuples(self.node, cells))

    def pairs(
        self, cells: Iterable[int] | None = None
    ) -> Iterator[tuple[int, int, set[tuple[int, int]]]]:
        """For any two of the cells (default: all) the combinations of their values in the set."""
        chosen = range(len(self.space.sizes)) if cells is None else sorted(set(cells))
        for first, second in combinations(chosen, 2):
            found = self.space.tuples(self.node, (first, second))
            yield first, second, {(left, right) for left, right in found}

    def states(self) -> Iterator[State]:
        """Every state of the set, in ascending order."""
        return self.space.tuples(self.node, range(len(self.space.sizes)))
