"""OV403: a parameter that is no field."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import wire_params

CODE, TITLE = "OV403", "a parameter that is no field"


def check(program: Program) -> Iterator[Diagnostic]:
    """A parameter on the wire has no field of this name in the message."""
    if program.vocabulary is None:
        return
    for each in wire_params(program):
        message = program.vocabulary.messages.get(each.message.text)
        if message is None:
            continue
        fields = message.response if each.answer else message.request
        name = each.param.name
        if name.text not in fields:
            what = f"the answer to {message.name}" if each.answer else message.name
            yield error(
                CODE,
                f"{what} has no field `{name.text}`",
                name.at,
                help=did_you_mean(name.text, fields)
                or "write `internal` before it if it is not on the wire",
            )
