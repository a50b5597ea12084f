"""OV115: a definition that grows too large."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, TooLarge

CODE, TITLE = "OV115", "a definition that grows too large"


def check(program: Program) -> Iterator[Diagnostic]:
    """A definition becomes too large or too deep when the definitions in it are expanded."""
    for fact in program.found(TooLarge):
        yield error(
            CODE,
            f"`{fact.name.text}` becomes too large when its definitions are expanded",
            fact.name.at,
            help="keep a part of it in a state variable",
        )
