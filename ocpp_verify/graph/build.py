"""Directed graphs of states and named changes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Change: TypeAlias = tuple[str, str, str]
"""From, to, and the names of what makes the change."""


def state_graph(
    states: Iterable[str], changes: Iterable[Change], initial: Iterable[str] = ()
) -> MultiDiGraph[str]:
    """The graph. Nodes have the attribute `initial`, edges `name`; edges are numbered in order.

    Raises ValueError for a change between states that are not named.
    """
    from networkx import MultiDiGraph

    graph: MultiDiGraph[str] = MultiDiGraph()
    starts = set(initial)
    for state in states:
        graph.add_node(state, initial=state in starts)
    for number, (source, target, name) in enumerate(changes):
        for end in (source, target):
            if end not in graph:
                raise ValueError(f"no state is called {end!r}")
        graph.add_edge(source, target, key=number, name=name)
    return graph


def graphml(graph: MultiDiGraph[str]) -> bytes:
    """GraphML, for yEd, Gephi, Cytoscape and whatever reads graphs."""
    from networkx import write_graphml_xml

    written = BytesIO()
    write_graphml_xml(graph, written, named_key_ids=True, prettyprint=True)
    return written.getvalue()
