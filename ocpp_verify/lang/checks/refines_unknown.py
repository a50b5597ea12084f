"""OV303: a refinement of nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, RefinesUnknown

CODE, TITLE = "OV303", "a refinement of nothing"


def check(program: Program) -> Iterator[Diagnostic]:
    """`refine` names what no base declares."""
    for fact in program.found(RefinesUnknown):
        help = did_you_mean(fact.name.text, fact.known)
        if not help and 0 < len(fact.known) <= 8:
            help = f"the base has {', '.join(f'`{name}`' for name in sorted(fact.known))}"
        yield error(
            CODE,
            f"no base declares the {fact.what} `{fact.name.text}`"
            if not fact.what.startswith("`")
            else f"no base declares such a {fact.what} of `{fact.name.text}`",
            fact.name.at,
            help=help or "declare it instead of refining it",
        )
