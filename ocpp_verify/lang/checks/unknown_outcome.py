"""OV504: an unknown outcome in a pattern."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, UnknownOutcome

CODE, TITLE = "OV504", "an unknown outcome in a pattern"


def check(program: Program) -> Iterator[Diagnostic]:
    """A pattern names an outcome that no reply of the call has."""
    for fact in program.found(UnknownOutcome):
        known = ", ".join(f"`{name}`" for name in fact.known)
        yield error(
            CODE,
            f"`{fact.action}` is never answered with `{fact.outcome.text}`",
            fact.outcome.at,
            help=did_you_mean(fact.outcome.text, fact.known) or f"it is answered with {known}",
        )
