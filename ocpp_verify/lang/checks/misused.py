"""OV105: a name used as what it is not."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Misused, Program

CODE, TITLE = "OV105", "a name used as what it is not"


def check(program: Program) -> Iterator[Diagnostic]:
    """A variable is applied, a definition indexed, or a length of time compared."""
    for fact in program.found(Misused):
        yield error(
            CODE,
            f"`{fact.name.text}` is {fact.kind}",
            fact.name.at,
            other=fact.declared,
            other_label="declared here",
            help=fact.help,
        )
