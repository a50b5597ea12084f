"""OV209: a queued call without a queue."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import NoQueue, Program

CODE, TITLE = "OV209", "a queued call without a queue"


def check(program: Program) -> Iterator[Diagnostic]:
    """A call is queued, or a queue forgotten, at a role that declares none."""
    for fact in program.found(NoQueue):
        yield error(
            CODE,
            f"the {fact.role} has no queue",
            fact.at,
            help=f"declare one, as in `queue {fact.role} size 2 when online`",
        )
