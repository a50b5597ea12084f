"""State diagram -> DOT text. Plain and record labels only: HTML-like ones vanish in WebAssembly."""

from __future__ import annotations

import re
from typing import Final

from ocpp_verify.diagrams import palette
from ocpp_verify.diagrams.bundles import Bundle, bundles, shortened
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.metrics import wrap
from ocpp_verify.diagrams.pictures import StateDiagram, StateNode
from ocpp_verify.diagrams.xml_text import printable

DENSE: Final = 12  # more arrows than this are coloured by their source
TITLE_WIDTH: Final = 620
TITLE_SIZE: Final = 14
NOTE_SIZE: Final = 11
LEGEND: Final = "an arrow has the colour of the box that it leaves"
_RECORD_SPECIAL: Final = re.compile(r"([\\{}|<> ])")


def draw(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    return dot_text(diagram, tooltips=True).encode()


def dot_text(diagram: StateDiagram, *, tooltips: bool = False) -> str:
    """The diagram for Graphviz, with ids by which `svg` finds its parts again.

    Box number i has the id `box<i>`, arrow number i of `bundles(diagram)` the id `arrow<i>`.
    Letters and digits only: Graphviz writes anything else as an entity.
    """
    from graphviz import Digraph

    arrows = bundles(diagram)
    colours = _colours_by_source(diagram, arrows)
    names = {node.id: f"box{index}" for index, node in enumerate(diagram.nodes)}
    graph = Digraph(
        "picture",  # without a name Graphviz writes no title to replace
        graph_attr=_attributes(_graph_attributes(diagram, arrows)),
        node_attr=_attributes(_NODE_DEFAULTS),
        edge_attr=_attributes(_EDGE_DEFAULTS),
    )
    upright = _direction(diagram, arrows) == "TB"
    for node in diagram.nodes:
        name = names[node.id]
        attributes = {"id": name, **_node_attributes(node, colours.get(node.id), upright)}
        graph.node(name, **_attributes(attributes))
    for index, id in enumerate(diagram.entries()):
        shape = {"shape": "circle", "label": "", "width": "0.13", "style": "filled"}
        colour = {"color": palette.INK, "fillcolor": palette.INK, "fixedsize": "true"}
        graph.node(f"entry{index}", **_attributes({**shape, **colour}))
        graph.edge(f"entry{index}", names[id], color=palette.INK)
    for index, arrow in enumerate(arrows):
        attributes = {"id": f"arrow{index}", **_edge_attributes(arrow, colours.get(arrow.source))}
        if tooltips:
            attributes["tooltip"] = escaped("\n".join(arrow.lines))
        graph.edge(names[arrow.source], names[arrow.target], **_attributes(attributes))
    source: str = graph.source
    return source


def heading(diagram: StateDiagram) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of the title and those of the note, as drawn above the diagram."""
    title = wrap(diagram.title, TITLE_SIZE, TITLE_WIDTH, bold=True)
    coloured = _colours_by_source(diagram, bundles(diagram))
    legend = LEGEND if coloured else ""
    note = "; ".join(each for each in (diagram.note, legend) if each)
    return title, wrap(note, NOTE_SIZE, TITLE_WIDTH)


_NODE_DEFAULTS: Final = {
    "shape": "box",
    "style": "rounded,filled",
    "fontname": "Helvetica",
    "fontsize": "12",
    "penwidth": "1.4",
    "margin": "0.16,0.09",
    "fontcolor": palette.INK,
}
_EDGE_DEFAULTS: Final = {
    "fontname": "Helvetica",
    "fontsize": "10",
    "arrowsize": "0.65",
    "penwidth": "1.1",
}


def _graph_attributes(diagram: StateDiagram, arrows: tuple[Bundle, ...]) -> dict[str, str]:
    title, note = heading(diagram)
    return {
        "rankdir": _direction(diagram, arrows),
        # newrank spreads the boxes of a dense diagram over the page instead of stacking detours.
        "newrank": "true",
        "nodesep": "0.15" if len(arrows) > DENSE else "0.35",
        "ranksep": "0.45",
        "start": "1",
        "overlap": "prism",
        "fontname": "Helvetica",
        "fontsize": str(TITLE_SIZE),
        "fontcolor": palette.INK,
        "bgcolor": palette.PAPER,
        "pad": "0.15",
        "labelloc": "t",
        "labeljust": "l",
        "label": "".join(f"{escaped(line)}\\l" for line in (*title, *note)),
    }


def _direction(diagram: StateDiagram, arrows: tuple[Bundle, ...]) -> str:
    """Left to right for a few boxes with short labels, else top to bottom (narrower)."""
    widest = max((len(line) for arrow in arrows for line in arrow.label()), default=0)
    few = len(diagram.nodes) <= 5 and len(arrows) <= DENSE
    return "LR" if few and widest <= 24 else "TB"


def _colours_by_source(diagram: StateDiagram, arrows: tuple[Bundle, ...]) -> dict[str, str]:
    """A colour per source where that helps; none where a highlight must stand out."""
    if len(arrows) <= DENSE or any(arrow.emphasis == "highlighted" for arrow in arrows):
        return {}
    sources = {arrow.source for arrow in arrows}
    groups = palette.GROUPS
    in_order = [node.id for node in diagram.nodes if node.id in sources]
    return {id: groups[index % len(groups)] for index, id in enumerate(in_order)}


def _node_attributes(node: StateNode, colour: str | None, upright: bool) -> dict[str, str]:
    attributes = _node_style(node, colour)
    if not node.lines:
        return {"label": escaped(node.label), **attributes}
    body = "".join(f"{_record_text(shortened(line))}\\l" for line in node.lines)
    fields = f"{_record_text(node.label)}|{body}"
    # The fields of a record follow the direction of the layout; braces turn them.
    return {"shape": "Mrecord", "label": f"{{{fields}}}" if upright else fields, **attributes}


def _node_style(node: StateNode, colour: str | None) -> dict[str, str]:
    match node.kind:
        case "initial":
            line = colour or palette.INITIAL_LINE
            return {"color": line, "fillcolor": palette.NODE_FILL, "penwidth": "2"}
        case "normal":
            return {"color": colour or palette.NODE_LINE, "fillcolor": palette.NODE_FILL}
        case "highlighted":
            line = palette.HIGHLIGHT
            return {"color": line, "fillcolor": palette.HIGHLIGHT_FILL, "penwidth": "2.2"}
        case "unreached":
            return {
                "color": palette.UNREACHED_LINE,
                "fillcolor": palette.UNREACHED_FILL,
                "fontcolor": palette.UNREACHED,
                "style": "rounded,filled,dashed",
            }


def _edge_attributes(arrow: Bundle, colour: str | None) -> dict[str, str]:
    # The blanks keep the label off its own line and off its neighbours.
    label = "\n".join(f"  {line}  " for line in arrow.label())
    text = {"label": escaped(label)} if label else {}
    match arrow.emphasis:
        case "normal":
            line = colour or palette.EDGE
            return {**text, "color": line, "fontcolor": colour or palette.INK}
        case "highlighted":
            line = palette.HIGHLIGHT
            return {**text, "color": line, "fontcolor": line, "penwidth": "2.4"}
        case "unreached":
            line = palette.UNREACHED_LINE
            return {**text, "color": line, "fontcolor": palette.UNREACHED, "style": "dashed"}


def escaped(text: str) -> str:
    r"""`text` inside the quotes of a DOT label; Graphviz also reads `\N` and `&amp;` in there."""
    plain = printable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return quoted.replace("\n", "\\n")


def _record_text(text: str) -> str:
    """`text` in a record label, where braces, bars, angles and blanks have a meaning too."""
    one_line = " ".join(printable(text).split("\n")).replace("&", "&amp;")
    return _RECORD_SPECIAL.sub(r"\\\1", one_line).replace('"', '\\"')


def _attributes(attributes: dict[str, str]) -> dict[str, str]:
    """The same, none of it taken for HTML."""
    from graphviz import nohtml

    return {name: nohtml(value) for name, value in attributes.items()}


RENDERERS: Final = (Renderer("dot", StateDiagram, draw),)
