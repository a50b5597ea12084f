"""OV102: unknown name."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program, Unknown

CODE, TITLE = "OV102", "unknown name"


def check(program: Program) -> Iterator[Diagnostic]:
    """A name is used that nothing declares."""
    for fact in program.found(Unknown):
        yield error(
            CODE,
            f"unknown {fact.what} `{fact.name.text}`",
            fact.name.at,
            help=fact.hint or did_you_mean(fact.name.text, fact.known) or _listed(fact.known),
        )


def _listed(known: tuple[str, ...]) -> str:
    names = sorted(dict.fromkeys(known))
    if not names or len(names) > 8:
        return "declare it, or check its spelling"
    return f"known here: {', '.join(f'`{name}`' for name in names)}"
