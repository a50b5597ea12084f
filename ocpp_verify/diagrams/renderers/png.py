"""SVG -> PNG with the fonts shipped beside this package, so that a bare machine draws text too."""

from __future__ import annotations

import importlib
import re
from contextlib import ExitStack
from importlib.resources import as_file, files
from typing import Final

from ocpp_verify.diagrams import palette
from ocpp_verify.diagrams.contract import DrawingOptions, Renderer
from ocpp_verify.diagrams.pictures import SequenceDiagram, StateDiagram
from ocpp_verify.diagrams.renderers import sequence_svg, svg
from ocpp_verify.errors import WrongInput

FAMILY: Final = "Liberation Sans"
FILES: Final = ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf")
LARGEST: Final = 12_000  # pixels along one side; a larger picture is drawn at a smaller zoom

_SIZE: Final = re.compile(r'\b(width|height)="([\d.]+)(?:pt|px)?"')
_FONT: Final = re.compile(r'font-family="[^"]*"')


def draw_state(diagram: StateDiagram, options: DrawingOptions) -> bytes:
    return from_svg(svg.draw(diagram, options), options.zoom)


def draw_sequence(diagram: SequenceDiagram, options: DrawingOptions) -> bytes:
    # Its units are pixels already, Graphviz's are points.
    return from_svg(sequence_svg.draw(diagram, options), options.zoom * 3 / 4)


def from_svg(image: bytes, zoom: float) -> bytes:
    """The image on white, `zoom` pixels per unit.

    resvg refuses sizes in points, and draws no text at all, without an error, when it does not find
    the named font: hence the two rewrites.
    """
    try:
        resvg_py = importlib.import_module("resvg_py")
    except ImportError as missing:
        raise WrongInput(
            "no tool to make a PNG is installed",
            help="install `ocpp-verify[render]` (resvg-py), or ask for svg",
        ) from missing
    text = _FONT.sub(f'font-family="{FAMILY}"', image.decode())
    start, end = text.index("<svg"), text.index(">", text.index("<svg"))
    root = _SIZE.sub(r'\1="\2"', text[start:end])
    longest = max((float(side) for _, side in _SIZE.findall(root)), default=1.0)
    with ExitStack() as stack:
        folder = files("ocpp_verify.diagrams") / "fonts"
        fonts = [str(stack.enter_context(as_file(folder / name))) for name in FILES]
        drawn: bytes = resvg_py.svg_to_bytes(
            svg_string=text[:start] + root + text[end:],
            background=palette.PAPER,
            skip_system_fonts=True,
            font_files=fonts,
            zoom=min(zoom, LARGEST / longest),
        )
    return drawn


RENDERERS: Final = (
    Renderer("png", StateDiagram, draw_state),
    Renderer("png", SequenceDiagram, draw_sequence),
)
