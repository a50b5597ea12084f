"""OV211: a trait is assigned."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Write

CODE, TITLE = "OV211", "a trait is assigned"


def check(program: Program) -> Iterator[Diagnostic]:
    """A step changes what is fixed for a product."""
    for write in program.found(Write):
        if write.trait and write.step != "monitor":
            yield error(
                CODE,
                f"`{write.variable}` is a trait and never changes",
                write.at,
                other=write.declared,
                other_label="declared here",
                help="declare it as `persistent state` if it can change",
            )
