"""OV304: a refinement assigns a variable of the base."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Write

CODE, TITLE = "OV304", "a refinement assigns a variable of the base"


def check(program: Program) -> Iterator[Diagnostic]:
    """`refine` or `whenever` of an extension changes what the base declares."""
    for write in program.found(Write):
        if write.refines and write.step != "monitor" and write.profile != write.declared_in:
            yield error(
                CODE,
                f"{write.profile} cannot change `{write.variable}` of {write.declared_in} here",
                write.at,
                other=write.declared,
                other_label=f"declared by {write.declared_in}",
                help="a refinement assigns only variables of its own profile",
            )
