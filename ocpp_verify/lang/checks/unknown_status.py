"""OV405: an outcome that the answer does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import CALL_ERROR, wire_outcomes

CODE, TITLE = "OV405", "an outcome that the answer does not have"


def check(program: Program) -> Iterator[Diagnostic]:
    """A reply names a status that the schema of the answer does not list."""
    if program.vocabulary is None:
        return
    for outcome, call, at in wire_outcomes(program):
        message = program.vocabulary.messages.get(call)
        if message is None or outcome in (CALL_ERROR, *message.outcomes):
            continue
        known = sorted(message.outcomes)
        listed = ", ".join(f"`{name}`" for name in known[:8])
        if outcome and known:
            text = f"{call} is never answered with `{outcome}`"
            help = did_you_mean(outcome, known) or f"its status is one of {listed}"
        elif outcome:
            text, help = f"the answer to {call} has no status", "write `reply` without a name"
        elif known:
            text, help = f"the answer to {call} has a status", f"name it: one of {listed}"
        else:
            continue
        yield error(CODE, text, at, help=help)
