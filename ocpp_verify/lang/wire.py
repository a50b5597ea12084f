"""What a program says about messages: calls, parameters on the wire, outcomes, rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from ocpp_verify.ir.types import EnumType
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import Program
from ocpp_verify.source import Place

CALL_ERROR = "CallError"
"""The outcome that stands for a CALLERROR."""


@dataclass(frozen=True, slots=True)
class WireParam:
    """A parameter that travels: of the request, or of the answer."""

    message: s.Name
    param: s.ParamSyntax
    answer: bool

    def type(self, program: Program) -> EnumType | None:
        """Its sort or enum, if it has one; `?` aside."""
        of = self.param.type
        if isinstance(of, s.Optional):
            of = of.of
        return program.types.get(of.name.text) if isinstance(of, s.TypeName) else None


def declared_calls(program: Program) -> Iterator[s.CallDecl]:
    """All calls, in the order of the texts."""
    for unit in program.units:
        for item in unit.items:
            if isinstance(item, s.CallDecl):
                yield item


def _bodies(program: Program) -> Iterator[tuple[s.Name, tuple[s.ParamSyntax, ...], s.Body]]:
    for unit in program.units:
        for item in unit.items:
            if isinstance(item, s.CallDecl):
                yield item.name, item.params, item.body
            elif isinstance(item, s.RefineAction):
                yield item.action, item.params, item.body


def wire_params(program: Program) -> Iterator[WireParam]:
    """All parameters of calls and replies that are not `internal`, with those of refinements."""
    for name, params, body in _bodies(program):
        for param in params:
            if not param.internal:
                yield WireParam(name, param, answer=False)
        for reply in body.replies:
            for param in reply.params:
                if not param.internal:
                    yield WireParam(name, param, answer=True)


def wire_outcomes(program: Program) -> Iterator[tuple[str, str, Place]]:
    """All outcomes of replies, with their call; an empty name for an answer without a status."""
    for name, _, body in _bodies(program):
        for reply in body.replies:
            for outcome in reply.outcomes:
                yield outcome.text, name.text, outcome.at
            if not reply.outcomes:
                yield "", name.text, reply.at


def rule_uses(program: Program) -> Iterator[s.Name]:
    """Every rule that a header or clause names."""
    for unit in program.units:
        for part in (unit.profile, *unit.items, *unit.properties):
            yield from _rules(part)


def _rules(part: object) -> Iterator[s.Name]:
    if isinstance(part, tuple):
        for each in part:
            yield from _rules(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name == "rules":
                yield from value
            else:
                yield from _rules(value)
