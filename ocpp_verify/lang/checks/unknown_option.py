"""OV117: an unknown size or reading."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, UnknownOption
from ocpp_verify.source import NOWHERE

CODE, TITLE = "OV117", "an unknown size or reading"


def check(program: Program) -> Iterator[Diagnostic]:
    """`--size` or `--reading` names what the model does not have."""
    for fact in program.found(UnknownOption):
        known = ", ".join(f"`{name}`" for name in fact.known)
        help = did_you_mean(fact.word, fact.known)
        yield error(CODE, fact.message, NOWHERE, help=help or (f"it has {known}" if known else ""))
