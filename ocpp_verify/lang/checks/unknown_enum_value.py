"""OV404: a value that the message does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.diagnostics import Diagnostic, did_you_mean, error
from ocpp_verify.lang.facts import Program
from ocpp_verify.lang.wire import wire_params

CODE, TITLE = "OV404", "a value that the message does not have"


def check(program: Program) -> Iterator[Diagnostic]:
    """An enum has values that the schema of the field does not list."""
    if program.vocabulary is None:
        return
    for each in wire_params(program):
        message = program.vocabulary.messages.get(each.message.text)
        if message is None:
            continue
        fields = message.response if each.answer else message.request
        values = fields.get(each.param.name.text)
        of = each.type(program)
        if values is None or of is None or of.is_sort:
            continue
        wrong = [str(value) for value in of.values if value not in values]
        if wrong:
            field = f"{message.name}.{each.param.name.text}"
            yield error(
                CODE,
                f"{field} cannot be {', '.join(f'`{value}`' for value in wrong)}",
                each.param.type.at,
                help=did_you_mean(wrong[0], values) or f"it is one of {_some(values)}",
            )


def _some(values: frozenset[str]) -> str:
    names = sorted(values)
    more = ", …" if len(names) > 8 else ""
    return ", ".join(f"`{name}`" for name in names[:8]) + more
