"""OV402: a message of the other role."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import declared_calls

CODE, TITLE = "OV402", "a message of the other role"


def check(program: Program) -> Iterator[Diagnostic]:
    """A call is sent by a role that may not send it."""
    if program.vocabulary is None:
        return
    for call in declared_calls(program):
        message = program.vocabulary.messages.get(call.name.text)
        if message is not None and call.sender not in message.senders:
            yield error(
                CODE,
                f"the {call.sender} does not send `{call.name.text}`",
                call.name.at,
                help=f"write `from {' or '.join(sorted(message.senders))}`",
            )
