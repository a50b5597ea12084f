"""OV502: an unknown action in a pattern."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, UnknownAction

CODE, TITLE = "OV502", "an unknown action in a pattern"


def check(program: Program) -> Iterator[Diagnostic]:
    """A pattern or `except` names an action that the model does not have."""
    for fact in program.found(UnknownAction):
        yield error(
            CODE,
            f"the model has no action `{fact.name.text}`",
            fact.name.at,
            help=did_you_mean(fact.name.text, fact.known)
            or "it may be in a profile that is not loaded",
        )
