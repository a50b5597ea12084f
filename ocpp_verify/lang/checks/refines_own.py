"""OV306: a refinement that does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program, RefinesOwn

CODE, TITLE = "OV306", "a refinement that does not fit"


def check(program: Program) -> Iterator[Diagnostic]:
    """A profile refines its own declaration, or names other parameters than the base."""
    for fact in program.found(RefinesOwn):
        if fact.params is not None:
            params = ", ".join(fact.params)
            yield error(
                CODE,
                f"`{fact.name.text}` has other parameters in the base",
                fact.name.at,
                other=fact.declared,
                other_label="the base",
                help=f"write `{fact.name.text}({params})`",
            )
        else:
            yield error(
                CODE,
                f"`{fact.name.text}` is declared by this profile itself",
                fact.name.at,
                other=fact.declared,
                other_label="declared here",
                help="change the declaration; `refine` is for an extension",
            )
