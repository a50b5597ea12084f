"""The expression that a transition table or a reaction watches."""

from __future__ import annotations

from dataclasses import dataclass

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.types import Type
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import Read
from ocpp_verify.lang.resolve.context import Context
from ocpp_verify.lang.resolve.expressions import Expressions


@dataclass(frozen=True, slots=True)
class WatchedBody:
    """A resolved watched expression."""

    body: Expr
    type: Type
    reads: tuple[Read, ...]


def watched_body(
    expressions: Expressions, watched: s.Watched, context: Context
) -> WatchedBody | None:
    """The definition or variable applied to the parameters, which `context` has bound."""
    args = tuple(s.NameUse(each.name) for each in watched.params)
    use: s.Expression
    match watched.form:
        case "plain":
            use = s.NameUse(watched.name)
        case "applied":
            use = s.Applied(watched.name, args, watched.name.at)
        case "indexed":
            use = s.Indexed(watched.name, args, watched.name.at)
    typed = expressions.typed(use, context, None)
    return WatchedBody(typed[0], typed[1], tuple(context.reads)) if typed else None
