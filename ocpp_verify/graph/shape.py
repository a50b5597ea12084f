"""What the shape of a state graph tells about a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from networkx import MultiDiGraph


@dataclass(frozen=True, slots=True)
class Shape:
    """Facts about a graph; states in the graph's order.

    Attributes:
        unreached: states that no walk from an initial state comes to.
        stuck: reached states without a change to another one.
        traps: sets of reached states that are left for others, but never come back to an initial
            state; each is a component of its own, without the stuck ones.
        gates: reached states through which every walk from the initial states to some other reached
            state leads; initial states are not named.
    """

    unreached: tuple[str, ...]
    stuck: tuple[str, ...]
    traps: tuple[tuple[str, ...], ...]
    gates: tuple[str, ...]

    @property
    def always_home(self) -> bool:
        """Whether an initial state can be reached from wherever one can get."""
        return not self.stuck and not self.traps


def shape(graph: MultiDiGraph[str]) -> Shape:
    """The facts; time linear in the size of the graph, but for the gates (nearly linear)."""
    import networkx as nx

    starts = [state for state, is_initial in graph.nodes(data="initial") if is_initial]
    order = {state: at for at, state in enumerate(graph)}
    reached = set(starts).union(*(nx.descendants(graph, start) for start in starts))
    homeward = set(starts).union(*(nx.ancestors(graph, start) for start in starts))
    lost = reached - homeward
    stuck = {state for state in lost if set(graph.successors(state)) <= {state}}
    components = nx.strongly_connected_components(graph.subgraph(lost - stuck))
    traps = [tuple(sorted(each, key=order.__getitem__)) for each in components]
    return Shape(
        tuple(state for state in graph if state not in reached),
        tuple(sorted(stuck, key=order.__getitem__)),
        tuple(sorted(traps, key=lambda each: order[each[0]])),
        tuple(sorted(_gates(graph, starts), key=order.__getitem__)),
    )


def _gates(graph: MultiDiGraph[str], starts: list[str]) -> set[str]:
    """The states that dominate another one, seen from a node before all initial states."""
    import networkx as nx

    plain: nx.DiGraph[object] = nx.DiGraph()
    plain.add_edges_from(graph.edges())
    root = object()
    plain.add_edges_from((root, start) for start in starts)
    if root not in plain:
        return set()
    above = nx.immediate_dominators(plain, root)
    gates = {
        dominator
        for state, dominator in above.items()
        if dominator is not None and state is not root and dominator not in (root, state)
    }
    return {state for state in gates if isinstance(state, str)} - set(starts)
