"""OV208: a computed parameter before it is computed."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Clause, Program

CODE, TITLE = "OV208", "a computed parameter before it is computed"


def check(program: Program) -> Iterator[Diagnostic]:
    """The storing of a queued call reads a parameter that is computed at its sending."""
    for clause in program.found(Clause):
        for param in clause.params:
            if clause.stores and param.computed:
                yield error(
                    CODE,
                    f"`{param.name}` is not computed yet when the call is stored",
                    param.at,
                    other=param.declared,
                    other_label="computed when it is sent",
                    help="write the expression itself here",
                )
