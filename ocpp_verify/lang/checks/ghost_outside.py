"""OV206: a ghost outside its monitor."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import GhostOutside, Program

CODE, TITLE = "OV206", "a ghost outside its monitor"


def check(program: Program) -> Iterator[Diagnostic]:
    """The model or another property uses a ghost."""
    for fact in program.found(GhostOutside):
        yield error(
            CODE,
            f"`{fact.name.text}` is a ghost of the monitor {fact.monitor}",
            fact.name.at,
            help="only its monitor sees a ghost: state this as an `assert` there",
        )
