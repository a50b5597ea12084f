"""Expressions: typed, resolved, without names that still have to be looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from ocpp_verify.ir.types import BOOL, Type, Value


@dataclass(frozen=True, slots=True)
class Const:
    """A literal value."""

    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the action, or a variable bound by a quantifier."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class VarRef:
    """A state variable or ghost, one index expression per declared index."""

    name: str
    indices: tuple[Expr, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Next:
    """The value of a Boolean or other expression after the step; only in step properties."""

    body: Expr


@dataclass(frozen=True, slots=True)
class Eq:
    """Equality. Operands may be `T` and `T?`: a plain value equals the same value of the option."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class AtMost:
    """`left <= right` on whole numbers."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    body: Expr


@dataclass(frozen=True, slots=True)
class And:
    """Conjunction; true when empty."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Disjunction; false when empty."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if condition then yes else no`."""

    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Quantified:
    """`forall name: over . body` or `exists …`."""

    kind: Literal["forall", "exists"]
    name: str
    over: Type
    body: Expr


@dataclass(frozen=True, slots=True)
class Count:
    """How many values of `over` satisfy the body."""

    name: str
    over: Type
    body: Expr


@dataclass(frozen=True, slots=True)
class Plus:
    """Sum of two whole numbers; an update that would leave the variable's range is not enabled."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Minus:
    """Difference of two whole numbers."""

    left: Expr
    right: Expr


Expr: TypeAlias = (
    Const
    | Param
    | VarRef
    | Next
    | Eq
    | AtMost
    | Not
    | And
    | Or
    | If
    | Quantified
    | Count
    | Plus
    | Minus
)

TRUE = Const(True, BOOL)
FALSE = Const(False, BOOL)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions, left to right."""
    match expr:
        case Const() | Param():
            return ()
        case VarRef():
            return expr.indices
        case Next() | Not() | Quantified() | Count():
            return (expr.body,)
        case Eq() | AtMost() | Plus() | Minus():
            return (expr.left, expr.right)
        case And() | Or():
            return expr.args
        case If():
            return (expr.condition, expr.yes, expr.no)
        case _:
            assert_never(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything below it, parents first."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def variables(expr: Expr) -> frozenset[str]:
    """Names of the state variables that the expression reads."""
    return frozenset(node.name for node in walk(expr) if isinstance(node, VarRef))


def free_params(expr: Expr) -> frozenset[str]:
    """Names of parameters that no quantifier inside the expression binds."""
    match expr:
        case Param():
            return frozenset((expr.name,))
        case Quantified() | Count():
            return free_params(expr.body) - {expr.name}
        case _:
            return frozenset().union(*(free_params(child) for child in children(expr)))


def conjunction(parts: tuple[Expr, ...]) -> Expr:
    """The parts joined by `and`, flattened; TRUE when there are none."""
    flat: list[Expr] = []
    for part in parts:
        if isinstance(part, And):
            flat += part.args
        elif part != TRUE:
            flat.append(part)
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else And(tuple(flat))
