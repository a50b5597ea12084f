"""One module per format; a new one adds its line to `ALL`."""

from __future__ import annotations

from typing import Any, Final

from ocpp_verify.diagrams.contract import Renderer
from ocpp_verify.diagrams.renderers import (
    dot,
    graphml,
    markdown,
    mermaid,
    png,
    sequence_svg,
    svg,
    text,
)

ALL: Final[tuple[Renderer[Any], ...]] = (
    *dot.RENDERERS,
    *graphml.RENDERERS,
    *svg.RENDERERS,
    *sequence_svg.RENDERERS,
    *png.RENDERERS,
    *mermaid.RENDERERS,
    *markdown.RENDERERS,
    *text.RENDERERS,
)
