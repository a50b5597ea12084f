"""State diagram -> GraphML, for programs that read graphs."""

from __future__ import annotations

from typing import Final

from ocpp_verify.diagrams.bundles import bundles
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import StateDiagram
from ocpp_verify.graph.build import graphml, state_graph


def draw(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    """Nodes have their ids and `initial`, edges the lines of the arrow as `name`."""
    changes = ((arrow.source, arrow.target, "\n".join(arrow.lines)) for arrow in bundles(diagram))
    nodes = (node.id for node in diagram.nodes)
    return graphml(state_graph(nodes, changes, diagram.entries()))


RENDERERS: Final = (Renderer("graphml", StateDiagram, draw),)
