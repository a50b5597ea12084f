"""OV207: an internal parameter of the other role."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Clause, Program

CODE, TITLE = "OV207", "an internal parameter of the other role"


def check(program: Program) -> Iterator[Diagnostic]:
    """A clause reads a parameter that is not on the wire and that its owner cannot know."""
    for clause in program.found(Clause):
        if clause.kind == "monitor":
            continue
        for param in clause.params:
            if param.internal is not None and param.internal != clause.reader:
                yield error(
                    CODE,
                    f"the {clause.reader} cannot read `{param.name}`, which is not on the wire",
                    param.at,
                    other=param.declared,
                    other_label=f"known to the {param.internal} only",
                    help="remove `internal`, or use what the message carries",
                )
