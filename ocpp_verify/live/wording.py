"""How the values of a model are written on the wire.

Names of enumerations and numbers of connectors are the same on both sides. The values of other sorts
are *tokens*: `A` stands for a real idTag, `X` for a transaction number. Tokens of identifiers are bound
for the whole run; tokens of numbers that the owner makes up are bound anew each time they are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpp_verify.ir.model import Parameter
from ocpp_verify.ir.types import EnumType, OptionType, RangeType, Type, Value, domain

ABSENT = object()
"""A field that is not in the payload."""


@dataclass(slots=True)
class Tokens:
    """Which wire value each token stands for now, by sort.

    `fixed` sorts are bound for the run and compared without regard to letter case, as identifiers
    are. The others are bound when their owner makes up a number.
    """

    fixed: dict[str, dict[str, str]]
    fresh: dict[str, dict[str, int]] = field(default_factory=dict)

    def wire(self, sort: str, token: str) -> Any:
        """The wire value, or None if the token is not bound."""
        if sort in self.fixed:
            return self.fixed[sort].get(token)
        return self.fresh.get(sort, {}).get(token)

    def token(self, sort: str, value: object) -> str | None:
        """The token that stands for the wire value, or None."""
        if sort in self.fixed:
            for token, text in self.fixed[sort].items():
                if isinstance(value, str) and text.lower() == value.lower():
                    return token
            return None
        for token, number in self.fresh.get(sort, {}).items():
            if number == value:
                return token
        return None

    def bind(self, sort: str, token: str, value: int) -> None:
        """From now on the token stands for this number."""
        self.fresh.setdefault(sort, {})[token] = value


class Wording:
    """One parameter as it is written: worked out once, as every frame asks for it.

    Attributes:
        sort: the named sort whose tokens the parameter carries; None if values travel as they are.
        is_fresh: whether its tokens stand for numbers that are bound anew.
        highest: the last of the numbers that it chooses from, such as those of the connectors.
    """

    def __init__(self, parameter: Parameter, tokens: Tokens) -> None:
        self.name = parameter.name
        self.is_internal = parameter.internal
        self.is_optional = isinstance(parameter.type, OptionType)
        of: Type = parameter.type.of if isinstance(parameter.type, OptionType) else parameter.type
        self.sort = of if isinstance(of, EnumType) and _has_tokens(of) else None
        self.is_fresh = self.sort is not None and self.sort.name not in tokens.fixed
        values = domain(of) if isinstance(of, EnumType | RangeType) else ()
        self.highest = max((each for each in values if isinstance(each, int)), default=None)
        self._tokens = tokens
        self._path = parameter.name.split(".")
        self._special = parameter.wire
        self._names: dict[object, tuple[Value, ...]] | None = (
            {each: (each,) for each in of.values} if isinstance(of, EnumType) else None
        )

    def field(self, payload: Mapping[str, Any]) -> Any:
        """The parameter's field of the payload, or ABSENT."""
        if len(self._path) == 1:
            return payload.get(self.name, ABSENT)
        return field_of(payload, self.name)

    def read(self, value: object) -> tuple[Value, ...]:
        """The model values that the wire value may stand for; none if the model has no such value."""
        for inside, outside in self._special:
            if value == outside and type(value) is type(outside):
                return (inside,)
        if value is ABSENT:
            return (None,) if self.is_optional else ()
        if self.sort is not None:
            token = self._tokens.token(self.sort.name, value)
            return () if token is None else (token,)
        if self._names is None:
            return (value,) if isinstance(value, bool | int | str) else ()
        is_name = isinstance(value, int | float | str) and not isinstance(value, bool)
        return self._names.get(value, ()) if is_name else ()

    def shown(self, value: Value) -> str:
        """The value as it is told to people: as on the wire, but a token by its name."""
        for inside, outside in self._special:
            if value == inside and type(value) is type(inside):
                return shown(outside)
        return shown(value)

    def write(self, value: Value) -> Any:
        """The wire value, or ABSENT. KeyError if its token is not bound yet."""
        for inside, outside in self._special:
            if value == inside and type(value) is type(inside):
                return outside
        if value is None:
            return ABSENT
        if self.sort is None:
            return value
        bound = self._tokens.wire(self.sort.name, str(value))
        if bound is None:
            raise KeyError(f"{self.name}={value} stands for nothing yet")
        return bound


def shown(value: Value) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)


def _has_tokens(sort: EnumType) -> bool:
    return sort.is_sort and bool(sort.values) and isinstance(sort.values[0], str)


def field_of(payload: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path, or ABSENT."""
    here: Any = payload
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return ABSENT
        here = here[part]
    return here
