"""OV101: declared twice."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Duplicate, Program

CODE, TITLE = "OV101", "declared twice"


def check(program: Program) -> Iterator[Diagnostic]:
    """A name is declared where it already means something."""
    for fact in program.found(Duplicate):
        message = f"{fact.what} `{fact.name.text}` is declared twice"
        if not fact.name.text:
            message = "a call has one reply without a name"
        yield error(
            CODE,
            message,
            fact.name.at,
            other=fact.first,
            other_label="first declared here",
            help="choose another name, or remove one of them",
        )
