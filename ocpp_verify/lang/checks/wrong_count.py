"""OV103: wrong number of indices or arguments."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, WrongCount

CODE, TITLE = "OV103", "wrong number of indices or arguments"


def check(program: Program) -> Iterator[Diagnostic]:
    """A variable is indexed, or a definition applied, with too few or too many values."""
    words = {"index": "indices", "argument": "arguments", "parameter": "parameters"}
    for fact in program.found(WrongCount):
        many = words[fact.what] if fact.wanted != 1 else fact.what
        yield error(
            CODE,
            f"`{fact.name.text}` takes {fact.wanted or 'no'} {many}, not {fact.found}",
            fact.name.at,
            other=fact.declared,
            other_label="declared here",
            help="write one value for each that is declared",
        )
