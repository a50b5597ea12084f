"""What a renderer is, and the choices a reader has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class DrawingOptions:
    """Choices that change how a picture is drawn, never what it says.

    `system_dot` uses the `dot` program of this machine instead of the shipped one (its bytes differ
    from version to version). `time_limit` (seconds) bounds a large layout. `zoom` is pixels per SVG
    unit in a PNG; 4/3 is what a browser shows.
    """

    system_dot: bool = False
    time_limit: float = 60.0
    zoom: float = 4 / 3


@dataclass(frozen=True, slots=True)
class Renderer(Generic[P]):
    """Draws one kind of picture in one format."""

    format: str
    shows: type[P]
    draw: Callable[[P, DrawingOptions], bytes]
