"""OV401: a call that is no message."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import declared_calls

CODE, TITLE = "OV401", "a call that is no message"


def check(program: Program) -> Iterator[Diagnostic]:
    """A call is declared that the protocol does not have."""
    if program.vocabulary is None:
        return
    messages = program.vocabulary.messages
    for call in declared_calls(program):
        if call.name.text not in messages:
            yield error(
                CODE,
                f"there is no message `{call.name.text}`",
                call.name.at,
                help=did_you_mean(call.name.text, messages) or "check its spelling",
            )
