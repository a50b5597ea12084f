"""OV113: an initial value that is not constant."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import NotConstant, Program

CODE, TITLE = "OV113", "an initial value that is not constant"


def check(program: Program) -> Iterator[Diagnostic]:
    """The value a variable starts with depends on another variable."""
    for fact in program.found(NotConstant):
        yield error(
            CODE,
            f"an initial value cannot read `{fact.variable}`",
            fact.at,
            help="write a constant, or `any` and an invariant",
        )
