"""OV305: a refinement of an outcome that the base does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import OutcomeNotInBase, Program

CODE, TITLE = "OV305", "a refinement of an outcome that the base does not have"


def check(program: Program) -> Iterator[Diagnostic]:
    """`refine … reply X` where the base never answers `X`."""
    for fact in program.found(OutcomeNotInBase):
        name = fact.outcome.text if fact.outcome else ""
        message = (
            f"`{fact.action}` has no reply `{name}` to refine"
            if name
            else f"`{fact.action}` has no reply without a name"
        )
        known = ", ".join(f"`{each}`" for each in sorted(fact.known))
        yield error(
            CODE,
            message,
            fact.at,
            help=did_you_mean(name, fact.known) or (f"it has {known}" if known else ""),
        )
