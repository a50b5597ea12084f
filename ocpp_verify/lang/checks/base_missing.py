"""OV301: the base of a profile is not found."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import BaseMissing, Program

CODE, TITLE = "OV301", "the base of a profile is not found"


def check(program: Program) -> Iterator[Diagnostic]:
    """`extends` names a profile whose file is not there, or declares another profile."""
    for fact in program.found(BaseMissing):
        if fact.found:
            yield error(
                CODE,
                f"`{fact.file}` declares {fact.found}, not {fact.name.text}",
                fact.name.at,
                help=f"write `extends {fact.found}`, or rename the profile",
            )
        else:
            yield error(
                CODE,
                f"the profile {fact.name.text} is not found",
                fact.name.at,
                label=f"no file `{fact.file}`",
                help=did_you_mean(fact.name.text, fact.known)
                or "its file is named after it and stands in the same folder",
            )
