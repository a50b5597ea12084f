"""OV505: an unknown parameter in a pattern."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, UnknownArgument

CODE, TITLE = "OV505", "an unknown parameter in a pattern"


def check(program: Program) -> Iterator[Diagnostic]:
    """A pattern names a parameter that the action or its answer does not have."""
    for fact in program.found(UnknownArgument):
        known = ", ".join(f"`{name}`" for name in fact.known)
        yield error(
            CODE,
            f"`{fact.action}` has no parameter `{fact.name.text}` here",
            fact.name.at,
            help=did_you_mean(fact.name.text, fact.known)
            or (f"it has {known}" if known else "it has none"),
        )
