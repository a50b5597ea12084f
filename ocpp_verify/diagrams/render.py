"""One door to every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocpp_verify.diagrams.contract import DrawingOptions
from ocpp_verify.diagrams.pictures import SequenceDiagram, StateDiagram, TransitionTable
from ocpp_verify.errors import WrongInput

if TYPE_CHECKING:
    from ocpp_verify.diagrams.pictures import Picture


def formats() -> tuple[str, ...]:
    """Every format, sorted."""
    from ocpp_verify.diagrams.renderers import ALL

    return tuple(sorted({renderer.format for renderer in ALL}))


def formats_for(kind: type[Picture]) -> tuple[str, ...]:
    """The formats that can show a kind of picture, sorted."""
    from ocpp_verify.diagrams.renderers import ALL

    return tuple(sorted({r.format for r in ALL if issubclass(kind, r.shows)}))


def render(picture: Picture, format: str, options: DrawingOptions | None = None) -> bytes:
    """`picture` in `format`; text formats are UTF-8. The same input gives the same bytes.

    >>> from ocpp_verify.diagrams.pictures import TransitionTable
    >>> table = TransitionTable("", ("from", "to"), (("Available", "Preparing"),))
    >>> print(render(table, "markdown").decode(), end="")
    | from      | to        |
    | --------- | --------- |
    | Available | Preparing |
    """
    from ocpp_verify.diagrams.renderers import ALL

    if format not in formats():
        known = ", ".join(formats())
        raise WrongInput(f"unknown picture format `{format}`", help=f"use one of {known}")
    for renderer in ALL:
        if renderer.format == format and isinstance(picture, renderer.shows):
            return renderer.draw(picture, options or DrawingOptions())
    possible = ", ".join(formats_for(type(picture)))
    raise WrongInput(f"{_name(picture)} cannot be shown as {format}", help=f"use one of {possible}")


def _name(picture: Picture) -> str:
    match picture:
        case StateDiagram():
            return "a state diagram"
        case SequenceDiagram():
            return "a sequence diagram"
        case TransitionTable():
            return "a transition table"
