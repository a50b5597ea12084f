"""State diagram -> SVG: Graphviz lays it out, this makes it self-contained."""

from __future__ import annotations

import re
from typing import Final

from ocpp_verify.diagrams import layout, palette
from ocpp_verify.diagrams.bundles import bundles
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import StateDiagram
from ocpp_verify.diagrams.renderers.dot import NOTE_SIZE, dot_text, heading
from ocpp_verify.diagrams.xml_text import attribute, content

FONTS: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
NODES_FOR_DOT: Final = 300  # above this, dot may run for minutes; sfdp does not
SIZE_IN_PROCESS: Final = 150  # boxes plus arrows; above this the layout runs in its own process

_PROLOGUE: Final = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_TITLED: Final = re.compile(r'<g id="([^"]*)" class="(\w+)"([^>]*)>\s*<title>[^<]*</title>\n?')
_ARROW: Final = re.compile(r'<g class="edge".*?</g>\n(?=<g class=|</g>)', re.DOTALL)
_FONT: Final = re.compile(r'font-family="[^"]*"')
_ROOT_TEXT: Final = re.compile(r"<text [^>]*>")


def draw(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    """Tooltips hold the full text of every arrow and box, also what the label had to leave out."""
    size = len(diagram.nodes) + len(bundles(diagram))
    engine: layout.Engine = "sfdp" if len(diagram.nodes) > NODES_FOR_DOT else "dot"
    raw = layout.render(
        dot_text(diagram),
        engine,
        system_dot=options.system_dot,
        time_limit=options.time_limit,
        killable=size > SIZE_IN_PROCESS,
    )
    return _finished(raw.decode(), diagram).encode()


def _finished(svg: str, diagram: StateDiagram) -> str:
    tooltips = _tooltips(diagram)

    def titled(match: re.Match[str]) -> str:
        id, kind, rest = match[1], match[2], match[3]
        text = diagram.title if kind == "graph" else tooltips.get(id, "")
        title = f"<title>{content(text)}</title>\n" if text else ""
        return f'<g class="{kind}"{rest}>\n{title}'

    body = _COMMENT.sub("", _PROLOGUE.sub("", svg, count=1))
    body = _TITLED.sub(titled, body)
    body = _FONT.sub(f'font-family="{FONTS}"', body)
    body = _haloed(body)
    label = f'<svg role="img" aria-label="{attribute(diagram.title)}"'
    return _with_heading(body.replace("<svg", label, 1), diagram)


def _haloed(svg: str) -> str:
    """Labels of arrows with paper around their letters, so that a line behind does not cross them."""
    halo = f'<text paint-order="stroke" stroke="{palette.PAPER}" stroke-width="3"'
    return _ARROW.sub(lambda arrow: arrow[0].replace("<text", halo), svg)


def _tooltips(diagram: StateDiagram) -> dict[str, str]:
    names = {node.id: node.label for node in diagram.nodes}
    boxes = {f"box{i}": "\n".join((n.label, *n.lines)) for i, n in enumerate(diagram.nodes)}
    arrows = {
        f"arrow{i}": "\n".join((f"{names[a.source]} → {names[a.target]}", *a.lines))
        for i, a in enumerate(bundles(diagram))
    }
    return boxes | arrows


def _with_heading(svg: str, diagram: StateDiagram) -> str:
    """The title bold, the note small: Graphviz knows one font for both."""
    title, note = heading(diagram)
    end = svg.find('<g class="', svg.find('<g class="graph"') + 1)
    head, rest = (svg, "") if end < 0 else (svg[:end], svg[end:])
    styles = iter(
        [' font-weight="bold"'] * len(title)
        + [f' font-size="{NOTE_SIZE}" fill="{palette.MUTED}"'] * len(note)
    )

    def styled(match: re.Match[str]) -> str:
        style = next(styles, "")
        tag = match[0]
        if "font-size" in style:
            tag = re.sub(r' (?:font-size|fill)="[^"]*"', "", tag)
        return f"{tag[:-1]}{style}>"

    return _ROOT_TEXT.sub(styled, head) + rest


RENDERERS: Final = (Renderer("svg", StateDiagram, draw),)
