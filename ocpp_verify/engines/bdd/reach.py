"""The reachable set as a fixpoint.

Neither plain chaining nor breadth-first search gets far with models whose queues and calls in flight
remember values: sets in the middle of the search are a hundred times larger than the last one. What
does is closing the set under the commands that touch only the lowest variables, then under those
that reach one variable higher, and so on, each time with the lower ones closed again, and only for
the states that are new (a coarse form of saturation: Ciardo, Lüttgen, Siminiceanu 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ocpp_verify.engines.bdd.manager import Node
from ocpp_verify.engines.bdd.relation import Case, Relation

_SIFT_FROM = 2_000
"""Nodes of the reachable set from which on the variables are sifted."""
_SIFT_GROWTH = 2
"""Sift again when the set has grown by that factor."""


@dataclass(slots=True)
class Closure:
    """Grows `reached` to all reachable states. Whatever stops it, all states in it are reachable.

    Attributes:
        tick: called with `reached` before every image and sifting; raises to stop the search.
        layers: the cases in groups, those that touch only the lowest variables first.
        log: if not None, every image that found new states, as (case, the new states) in order.
        images: how many were computed.
    """

    relation: Relation
    start: Node
    layers: Sequence[Sequence[Case]]
    tick: Callable[[Node], None]
    log: list[tuple[Case, Node]] | None = None
    reached: Node = field(init=False)
    images: int = 0
    _sift_at: int = _SIFT_FROM

    def __post_init__(self) -> None:
        self.reached = self.start

    def run(self) -> None:
        """Close the set; returns when no command leads out of it."""
        self._close(self.start, len(self.layers) - 1)

    def _close(self, fresh: Node, height: int) -> None:
        """Close `reached`, which holds `fresh`, under the layers up to `height`.

        All of it but `fresh` is closed under them already.
        """
        if height < 0:
            return
        manager = self.relation.space.manager
        before = self.reached
        self._close(fresh, height - 1)
        front = fresh | (self.reached & ~before)
        while True:
            before = self.reached
            new = self._images(self.layers[height], front)
            if new == manager.false:
                return
            self._close(manager.simplified(new, ~before), height - 1)
            front = manager.simplified(self.reached & ~before, ~before)

    def _images(self, layer: Sequence[Case], front: Node) -> Node:
        """Add to `reached` what the cases lead to, each starting also from what those before found."""
        manager = self.relation.space.manager
        nothing = manager.false
        found = nothing
        for case in layer:
            self.tick(self.reached)
            enabled = front & case.guard
            if enabled == nothing:
                continue
            self.images += 1
            after = self.relation.image(case, enabled)
            if self.log is not None:
                after = after & ~self.reached
                if after == nothing:
                    continue
                self.log.append((case, after))
                self.reached = self.reached | after
            front = front | after
            found = found | after
        if self.log is None:
            found = found & ~self.reached
            self.reached = self.reached | found
            size = manager.size(self.reached)
            if size > self._sift_at:
                self.tick(self.reached)
                manager.settle()
                self._sift_at = max(_SIFT_FROM, _SIFT_GROWTH * manager.size(self.reached))
        return found


def layered(relation: Relation, order: Sequence[int]) -> list[list[Case]]:
    """The cases by their highest cell in the order, the lowest group first.

    Two neighbouring cells share a group. The order is the static one, whatever sifting makes of it.
    """
    rank = {cell: at for at, cell in enumerate(order)}
    support = [
        sorted(rank[cell] for cell in relation.space.support(case.guard, case.written))
        for case in relation.cases
    ]
    keys = [(-(at[0] // 2), -at[0], -at[-1]) if at else (0, 0, 0) for at in support]
    chosen = sorted(range(len(keys)), key=lambda number: (keys[number], number))
    return [
        [relation.cases[number] for number in group]
        for _, group in groupby(chosen, key=lambda number: keys[number][0])
    ]
