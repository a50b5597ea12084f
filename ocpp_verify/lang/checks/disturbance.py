"""OV205: a clause where it cannot stand."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Disturbance, Program

CODE, TITLE = "OV205", "a clause where it cannot stand"


def check(program: Program) -> Iterator[Diagnostic]:
    """A step restarts a role, changes the link or answers, and is not of the kind that can."""
    for fact in program.found(Disturbance):
        message = f"`{fact.words}` cannot stand here" if fact.words else "this cannot stand here"
        yield error(CODE, message, fact.at, help=fact.why)
