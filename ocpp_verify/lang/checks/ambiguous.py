"""OV112: a value of several enums."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Ambiguous, Program

CODE, TITLE = "OV112", "a value of several enums"


def check(program: Program) -> Iterator[Diagnostic]:
    """Nothing decides which enum a value belongs to."""
    for fact in program.found(Ambiguous):
        written = [f"`{each}.{fact.name.text}`" for each in fact.types]
        yield error(
            CODE,
            f"`{fact.name.text}` belongs to several enums: {', '.join(fact.types)}",
            fact.name.at,
            help=f"write {' or '.join(written)}",
        )
