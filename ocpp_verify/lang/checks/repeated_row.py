"""OV506: a transition listed twice."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, RepeatedRow

CODE, TITLE = "OV506", "a transition listed twice"


def check(program: Program) -> Iterator[Diagnostic]:
    """Two rows of a transition table lead from and to the same values."""
    for fact in program.found(RepeatedRow):
        yield error(
            CODE,
            "this transition is listed already",
            fact.at,
            other=fact.first,
            other_label="first listed here",
            help="remove one of them",
        )
