"""OV114: a type with no values or too many."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import BadSize, Program

CODE, TITLE = "OV114", "a type with no values or too many"


def check(program: Program) -> Iterator[Diagnostic]:
    """A range is empty, or a type has more values than an engine can enumerate."""
    for fact in program.found(BadSize):
        yield error(CODE, fact.message, fact.at, help=fact.help)
