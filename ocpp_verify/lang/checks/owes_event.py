"""OV210: a duty to do what the environment does."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import OwesEvent, Program

CODE, TITLE = "OV210", "a duty to do what the environment does"


def check(program: Program) -> Iterator[Diagnostic]:
    """A duty names an event, which nobody owes."""
    for fact in program.found(OwesEvent):
        yield error(
            CODE,
            f"nobody owes `{fact.action.text}`: the environment decides when it happens",
            fact.action.at,
            other=fact.declared,
            other_label="an event",
            help="a duty names a call, a timer or a hidden step",
        )
