"""OV111: types do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Mismatch, Program

CODE, TITLE = "OV111", "types do not fit"


def check(program: Program) -> Iterator[Diagnostic]:
    """A value stands where another type is expected."""
    for fact in program.found(Mismatch):
        yield error(
            CODE,
            fact.message,
            fact.at,
            label=fact.label,
            other=fact.other,
            other_label=fact.other_label,
            help=fact.help,
        )
