"""OV302: profiles that extend each other."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import ExtendsCycle, Program

CODE, TITLE = "OV302", "profiles that extend each other"


def check(program: Program) -> Iterator[Diagnostic]:
    """A profile is its own base."""
    for fact in program.found(ExtendsCycle):
        yield error(
            CODE,
            "profiles extend each other: " + " extends ".join(fact.names),
            fact.at,
            help="one of them has to stand alone",
        )
