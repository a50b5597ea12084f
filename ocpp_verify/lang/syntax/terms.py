"""Names, types and expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the user's and where it stands."""

    text: str
    at: Place


Rules: TypeAlias = tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class BoolName:
    """`bool`."""

    at: Place


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name of a sort or enum."""

    name: Name

    @property
    def at(self) -> Place:
        """Where the name stands."""
        return self.name.at


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`."""

    low: int
    high: int
    at: Place


@dataclass(frozen=True, slots=True)
class Optional:
    """`of?`."""

    of: BoolName | TypeName | Range
    at: Place


TypeSyntax: TypeAlias = BoolName | TypeName | Range | Optional


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Nothing:
    """`none`."""

    at: Place


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    value: int
    at: Place


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name alone: parameter, variable, definition, reading or value of an enum."""

    name: Name

    @property
    def at(self) -> Place:
        """Where the name stands."""
        return self.name.at


@dataclass(frozen=True, slots=True)
class Qualified:
    """`Type.Value`."""

    of: Name
    value: Name
    at: Place


@dataclass(frozen=True, slots=True)
class Indexed:
    """`name[indices]`."""

    name: Name
    indices: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Applied:
    """`name(args)`."""

    name: Name
    args: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class OneOf:
    """`left in {options}`."""

    left: Expression
    options: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right` or `left - right`."""

    op: Literal["+", "-"]
    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Negation:
    """`not body`."""

    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Junction:
    """`a and b and …` or `a or b or …`, at least two."""

    kind: Literal["and", "or"]
    args: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Implication:
    """`left implies right`."""

    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if condition then yes else no`."""

    condition: Expression
    yes: Expression
    no: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`forall names: over . body` or `exists …`."""

    kind: Literal["forall", "exists"]
    names: tuple[Name, ...]
    over: TypeSyntax
    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Counting:
    """`count(name: over . body)`."""

    name: Name
    over: TypeSyntax
    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class After:
    """`next(body)`."""

    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Base:
    """`base`, the definition before its refinement."""

    at: Place


Expression: TypeAlias = (
    Truth
    | Nothing
    | Number
    | NameUse
    | Qualified
    | Indexed
    | Applied
    | Compare
    | OneOf
    | Arithmetic
    | Negation
    | Junction
    | Implication
    | Conditional
    | Quantifier
    | Counting
    | After
    | Base
)
