"""OV310: a spec of a profile that is not loaded."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, SpecOfUnknown

CODE, TITLE = "OV310", "a spec of a profile that is not loaded"


def check(program: Program) -> Iterator[Diagnostic]:
    """A spec is about a profile that the model does not contain."""
    for fact in program.found(SpecOfUnknown):
        loaded = ", ".join(fact.profiles)
        help = did_you_mean(fact.name.text, fact.profiles)
        if not help and loaded:
            help = f"it has {loaded}; write `spec NAME of PROFILE` if the names differ"
        yield error(
            CODE,
            f"the model has no profile {fact.name.text}"
            if loaded
            else f"there is no model of {fact.name.text}",
            fact.name.at,
            help=help or "load its model file too",
        )
