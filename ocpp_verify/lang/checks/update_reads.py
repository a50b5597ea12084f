"""OV202: an update reads the other role."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Clause, Program

CODE, TITLE = "OV202", "an update reads the other role"


def check(program: Program) -> Iterator[Diagnostic]:
    """A value is computed from a variable that the owner of the assigned one cannot know."""
    for clause in program.found(Clause):
        if clause.kind not in ("update", "computed"):
            continue
        for read in clause.reads:
            if read.owner not in (clause.reader, "link"):
                yield error(
                    CODE,
                    f"this is computed by the {clause.reader}, which cannot read"
                    f" `{read.variable}` of the {read.owner}",
                    read.at,
                    label=f"through `{read.via}`" if read.via else "",
                    other=read.declared,
                    other_label=f"owned by the {read.owner}",
                    help="a message has to carry it, or the owner has to keep its own copy",
                )
