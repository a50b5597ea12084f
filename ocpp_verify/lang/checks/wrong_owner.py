"""OV203: a step assigns the other role's variable."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, Write

CODE, TITLE = "OV203", "a step assigns the other role's variable"


def check(program: Program) -> Iterator[Diagnostic]:
    """A step changes a variable of a role that does not take part in it."""
    for write in program.found(Write):
        if write.owner in write.by or write.step == "monitor":
            continue
        help = "assign it in a `reply` of the call" if write.step == "call" else ""
        yield error(
            CODE,
            f"`{write.action}` cannot change `{write.variable}` of the {write.owner}",
            write.at,
            other=write.declared,
            other_label=f"owned by the {write.owner}",
            help=help or "only its owner changes a variable; a message has to tell it",
        )
