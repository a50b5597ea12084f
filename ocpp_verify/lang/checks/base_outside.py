"""OV307: `base` outside a refinement."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import BaseOutside, Program

CODE, TITLE = "OV307", "`base` outside a refinement"


def check(program: Program) -> Iterator[Diagnostic]:
    """`base` stands where there is no definition before."""
    for fact in program.found(BaseOutside):
        yield error(
            CODE,
            "`base` means nothing here",
            fact.at,
            help="it stands for the definition before, in `refine define` only",
        )
