"""OV503: a moment that the action does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, WrongPhase

CODE, TITLE = "OV503", "a moment that the action does not have"


def check(program: Program) -> Iterator[Diagnostic]:
    """A pattern asks for the answer to an event, or for an answer being sent twice."""
    for fact in program.found(WrongPhase):
        yield error(CODE, fact.message, fact.at, help=fact.help)
