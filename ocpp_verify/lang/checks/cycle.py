"""OV104: definitions in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Cycle, Program

CODE, TITLE = "OV104", "definitions in a circle"


def check(program: Program) -> Iterator[Diagnostic]:
    """Definitions need each other."""
    for fact in program.found(Cycle):
        yield error(
            CODE,
            "definitions in a circle: " + " needs ".join(f"`{name}`" for name in fact.names),
            fact.at,
            help="in a refinement, `base` is the definition before",
        )
