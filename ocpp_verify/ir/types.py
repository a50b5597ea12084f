"""Types of the language: finite, every one with an ordered domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = bool | int | str | None
"""A value of any type: booleans, numbers of a range or numbered sort, names, and `none`."""


@dataclass(frozen=True, slots=True)
class BoolType:
    """`bool`."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class EnumType:
    """A named finite type.

    A `sort` has a size that the user may change; `symmetric` ones have interchangeable values;
    numbered sorts have the values 1..n.
    """

    name: str
    values: tuple[str | int, ...]
    is_sort: bool = False
    symmetric: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RangeType:
    """The whole numbers `low`..`high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@dataclass(frozen=True, slots=True)
class OptionType:
    """`T?`: a value of `of`, or `none`, which comes first in the domain."""

    of: BoolType | EnumType | RangeType

    def __str__(self) -> str:
        return f"{self.of}?"


Type: TypeAlias = BoolType | EnumType | RangeType | OptionType

BOOL = BoolType()


def domain(of: Type) -> tuple[Value, ...]:
    """All values of a type, in the order that fixes encodings and displays."""
    match of:
        case BoolType():
            return (False, True)
        case EnumType():
            return of.values
        case RangeType():
            return tuple(range(of.low, of.high + 1))
        case OptionType():
            return (None, *domain(of.of))
