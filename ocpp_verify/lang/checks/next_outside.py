"""OV501: `next` where there is no step."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import NextOutside, Program

CODE, TITLE = "OV501", "`next` where there is no step"


def check(program: Program) -> Iterator[Diagnostic]:
    """`next` stands outside a `step` property, or in another `next`."""
    for fact in program.found(NextOutside):
        yield error(
            CODE,
            "`next` in another `next`" if fact.nested else "`next` means nothing here",
            fact.at,
            help="a step has one state after it"
            if fact.nested
            else "it reads the state after a step, in a `step` property only",
        )
