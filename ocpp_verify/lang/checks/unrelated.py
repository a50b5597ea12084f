"""OV309: profiles without a common base."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Unrelated

CODE, TITLE = "OV309", "profiles without a common base"


def check(program: Program) -> Iterator[Diagnostic]:
    """Two profiles cannot be linked into one model."""
    for fact in program.found(Unrelated):
        yield error(
            CODE,
            f"{fact.name.text} and {fact.other.text} have no common base",
            fact.name.at,
            other=fact.other.at,
            other_label="linked with this",
            help="load them one at a time, or let one extend the other",
        )
