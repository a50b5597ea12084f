"""Building expressions: constants are folded, parameters replaced without capture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from ocpp_verify.ir.expr import (
    FALSE,
    TRUE,
    And,
    AtMost,
    Const,
    Count,
    Eq,
    Expr,
    If,
    Minus,
    Next,
    Not,
    Or,
    Param,
    Plus,
    Quantified,
    VarRef,
    children,
    free_params,
)
from ocpp_verify.ir.types import EnumType, OptionType, RangeType, Type

WIDEST, DEEPEST = 20_000, 150
"""Bounds on the nodes and the depth of one expanded expression."""


def negation(body: Expr) -> Expr:
    """`not body`."""
    if isinstance(body, Const):
        return FALSE if body.value else TRUE
    return body.body if isinstance(body, Not) else Not(body)


def all_of(parts: Iterable[Expr]) -> Expr:
    """Conjunction, flattened; false as soon as one part is."""
    flat: list[Expr] = []
    for part in parts:
        if part == FALSE:
            return FALSE
        if isinstance(part, And):
            flat += part.args
        elif part != TRUE:
            flat.append(part)
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Expr]) -> Expr:
    """Disjunction, flattened; true as soon as one part is."""
    flat: list[Expr] = []
    for part in parts:
        if part == TRUE:
            return TRUE
        if isinstance(part, Or):
            flat += part.args
        elif part != FALSE:
            flat.append(part)
    if not flat:
        return FALSE
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def equal(left: Expr, right: Expr) -> Expr:
    """`left == right`."""
    if isinstance(left, Const) and isinstance(right, Const):
        return TRUE if left.value == right.value else FALSE
    return Eq(left, right)


def choice(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """`if condition then yes else no`."""
    if isinstance(condition, Const):
        return yes if condition.value else no
    return If(condition, yes, no)


def quantified(kind: str, name: str, over: Type, body: Expr) -> Expr:
    """`forall name: over . body` or `exists …`; types are never empty."""
    if isinstance(body, Const):
        return body
    return Quantified("forall" if kind == "forall" else "exists", name, over, body)


def plain(of: Type) -> Type:
    """The type without `?`."""
    return of.of if isinstance(of, OptionType) else of


def is_number(of: Type) -> bool:
    """Whether values of the type are whole numbers that can be compared by size."""
    return isinstance(of, RangeType) or (
        isinstance(of, EnumType)
        and not of.symmetric
        and bool(of.values)
        and isinstance(of.values[0], int)
    )


def bounds(of: Type) -> tuple[int, int] | None:
    """Smallest and largest value of a type of whole numbers."""
    match of:
        case RangeType():
            return of.low, of.high
        case EnumType() if is_number(of):
            return int(of.values[0]), int(of.values[-1])
        case _:
            return None


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of type `found` may stand where `wanted` is asked for."""
    if isinstance(wanted, OptionType):
        return fits(plain(found), wanted.of)
    if isinstance(found, RangeType) and isinstance(wanted, RangeType):
        return found.low <= wanted.high and wanted.low <= found.high
    return found == wanted


def comparable(left: Type, right: Type) -> bool:
    """Whether two values of these types can be equal."""
    return fits(plain(left), plain(right))


def joined(left: Type, right: Type) -> Type | None:
    """The type of a value that is one or the other; None if there is none."""
    base: Type | None
    one, two = plain(left), plain(right)
    if isinstance(one, RangeType) and isinstance(two, RangeType):
        base = RangeType(min(one.low, two.low), max(one.high, two.high))
    else:
        base = one if one == two else None
    if base is None or not (isinstance(left, OptionType) or isinstance(right, OptionType)):
        return base
    assert not isinstance(base, OptionType)
    return OptionType(base)


def is_reasonable(expr: Expr) -> bool:
    """Whether the expression stays within `WIDEST` nodes and `DEEPEST` levels."""
    seen = 0
    stack = [(expr, 0)]
    while stack:
        node, depth = stack.pop()
        seen += 1
        if seen > WIDEST or depth > DEEPEST:
            return False
        stack += [(child, depth + 1) for child in children(node)]
    return True


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with parameters replaced; bound names step aside, so nothing is captured."""
    if not values:
        return expr

    def down(each: Expr) -> Expr:
        return substitute(each, values)

    match expr:
        case Const():
            return expr
        case Param():
            return values.get(expr.name, expr)
        case VarRef():
            return VarRef(expr.name, tuple(map(down, expr.indices)), expr.type)
        case Next():
            return Next(down(expr.body))
        case Eq():
            return equal(down(expr.left), down(expr.right))
        case AtMost():
            return AtMost(down(expr.left), down(expr.right))
        case Not():
            return negation(down(expr.body))
        case And():
            return all_of(map(down, expr.args))
        case Or():
            return any_of(map(down, expr.args))
        case If():
            return choice(down(expr.condition), down(expr.yes), down(expr.no))
        case Plus():
            return Plus(down(expr.left), down(expr.right))
        case Minus():
            return Minus(down(expr.left), down(expr.right))
        case Quantified():
            name, body = _under(expr.name, expr.over, expr.body, values)
            return quantified(expr.kind, name, expr.over, body)
        case Count():
            name, body = _under(expr.name, expr.over, expr.body, values)
            return Count(name, expr.over, body)
        case _:
            assert_never(expr)


def _under(name: str, over: Type, body: Expr, values: Mapping[str, Expr]) -> tuple[str, Expr]:
    inner = {key: value for key, value in values.items() if key != name}
    used = free_params(body)
    inner = {key: value for key, value in inner.items() if key in used}
    coming = frozenset[str]().union(*(free_params(value) for value in inner.values()))
    fresh = name
    number = 1
    while fresh in coming or (fresh != name and fresh in used):
        number += 1
        fresh = f"{name}{number}"
    if fresh != name:
        inner[name] = Param(fresh, over)
    return fresh, substitute(body, inner)
