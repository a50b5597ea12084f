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
_ENTRY: Final = "entry "  # the blank keeps it apart from the quoted ids of nodes (see `_node_id`)
_RECORD_SPECIAL: Final = re.compile(r"([\\{}|<> ])")


def draw(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    return dot_text(diagram, tooltips=True).encode()


def dot_text(diagram: StateDiagram, *, tooltips: bool = False) -> str:
    """The diagram for Graphviz, with ids by which `svg` finds its parts again.

    Box number i has the id `box<i>`, arrow number i of `bundles(diagram)` the id `arrow<i>`.
    Letters and digits only: Graphviz writes anything else as an entity.
    """
    arrows = bundles(diagram)
    colours = _colours_by_source(diagram, arrows)
    names = {node.id: _node_id(node.id) for node in diagram.nodes}
    lines = [
        "digraph picture {",  # without a name Graphviz writes no title to replace
        f"  graph [{_graph_attributes(diagram, arrows)}];",
        f"  node [{_attributes(_NODE_DEFAULTS)}];",
        f"  edge [{_attributes(_EDGE_DEFAULTS)}];",
    ]
    upright = _direction(diagram, arrows) == "TB"
    for index, node in enumerate(diagram.nodes):
        attributes = {"id": f"box{index}", **_node_attributes(node, colours.get(node.id), upright)}
        lines.append(f"  {names[node.id]} [{_attributes(attributes)}];")
    for index, id in enumerate(diagram.entries()):
        dot = f'"{_ENTRY}{index}"'
        shape = {"shape": "circle", "label": "", "width": "0.13", "style": "filled"}
        colour = {"color": palette.INK, "fillcolor": palette.INK, "fixedsize": "true"}
        lines.append(f"  {dot} [{_attributes({**shape, **colour})}];")
        lines.append(f"  {dot} -> {names[id]} [{_attributes({'color': palette.INK})}];")
    for index, arrow in enumerate(arrows):
        attributes = {"id": f"arrow{index}", **_edge_attributes(arrow, colours.get(arrow.source))}
        if tooltips:
            attributes["tooltip"] = escaped("\n".join(arrow.lines))
        ends = f"{names[arrow.source]} -> {names[arrow.target]}"
        lines.append(f"  {ends} [{_attributes(attributes)}];")
    return "\n".join([*lines, "}", ""])


def heading(diagram: StateDiagram) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of the title and those of the note, as drawn above the diagram."""
    title = wrap(diagram.title, TITLE_SIZE, TITLE_WIDTH, bold=True)
    return title, wrap(diagram.note, NOTE_SIZE, TITLE_WIDTH)


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


def _graph_attributes(diagram: StateDiagram, arrows: tuple[Bundle, ...]) -> str:
    title, note = heading(diagram)
    attributes = {
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
    return _attributes(attributes)


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


def _node_id(id: str) -> str:
    return f'"s:{escaped(id)}"'


def escaped(text: str) -> str:
    r"""`text` inside the quotes of a DOT label; Graphviz also reads `\N` and `&amp;` in there."""
    plain = printable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return quoted.replace("\n", "\\n")


def _record_text(text: str) -> str:
    """`text` in a record label, where braces, bars, angles and blanks have a meaning too."""
    one_line = " ".join(printable(text).split("\n")).replace("&", "&amp;")
    return _RECORD_SPECIAL.sub(r"\\\1", one_line).replace('"', '\\"')


def _attributes(attributes: dict[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in attributes.items())


RENDERERS: Final = (Renderer("dot", StateDiagram, draw),)
