"""OV308: a refinement that weakens."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Weakens

CODE, TITLE = "OV308", "a refinement that weakens"


def check(program: Program) -> Iterator[Diagnostic]:
    """A refinement excuses the receiver from answering."""
    for fact in program.found(Weakens):
        yield error(
            CODE,
            "a refinement cannot excuse from answering",
            fact.at,
            help="it only adds conditions and effects; put `silent` into the base",
        )
