"""Short walks that make every change of a graph: what a test of all transitions has to do."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Step: TypeAlias = tuple[str, str, int]
"""Source, target and the edge's key."""


def tour(graph: MultiDiGraph[str], start: str) -> list[list[Step]]:
    """Walks from `start` that together make every change that can be made from there.

    From where it is, a walk goes on to the nearest change that is missing; where there is none
    ahead, the next walk begins at `start`. Not always the shortest, but linear in the length of
    what it finds times the size of the graph. The same graph gives the same walks.
    """
    missing = set(graph.edges(keys=True))
    walks: list[list[Step]] = []
    while True:
        walk: list[Step] = []
        here = start
        while (way := _nearest(graph, here, missing)) is not None:
            walk += way
            missing.difference_update(way)
            here = way[-1][1]
        if not walk:
            return walks
        walks.append(walk)


def _nearest(graph: MultiDiGraph[str], here: str, missing: set[Step]) -> list[Step] | None:
    """The shortest way that ends with a missing change."""
    came: dict[str, list[Step]] = {here: []}
    waiting = deque([here])
    while waiting:
        state = waiting.popleft()
        for _, target, key in graph.out_edges(state, keys=True):
            step = (state, target, key)
            if step in missing:
                return [*came[state], step]
            if target not in came:
                came[target] = [*came[state], step]
                waiting.append(target)
    return None
