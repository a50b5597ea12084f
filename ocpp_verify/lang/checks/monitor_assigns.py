"""OV212: a monitor changes the model."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Write

CODE, TITLE = "OV212", "a monitor changes the model"


def check(program: Program) -> Iterator[Diagnostic]:
    """A monitor assigns something that is not its ghost."""
    for write in program.found(Write):
        if write.step == "monitor" and write.owner != "monitor":
            yield error(
                CODE,
                f"a monitor cannot change `{write.variable}` of the model",
                write.at,
                other=write.declared,
                other_label=f"owned by the {write.owner}",
                help="declare a `ghost` and assign that",
            )
