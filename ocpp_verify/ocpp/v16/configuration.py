"""Values of configuration keys: on the wire all are text, here they have a type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

KeyType: TypeAlias = Literal["boolean", "integer", "CSL", "string"]
Value: TypeAlias = bool | int | str | tuple[str, ...]

MAX_KEY_LENGTH = 50
MAX_VALUE_LENGTH = 500

# Python reads 1_000 and digits of other scripts as integers too; OCPP does not.
_INTEGER = re.compile(r"[+-]?[0-9]{1,100}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no value of the type; `why` for a person."""

    text: str
    why: str


def read_value(key_type: KeyType, text: str) -> Value | Unreadable:
    """The value that `text` stands for.

    Booleans in any mix of letter case; spaces around values and around the items of a comma separated
    list do not count; the items keep their order and letter case.

    >>> read_value("boolean", "TRUE"), read_value("CSL", "SoC, Voltage")
    (True, ('SoC', 'Voltage'))
    >>> read_value("integer", "1.5").why
    '`1.5` is no integer'
    """
    bare = text.strip()
    match key_type:
        case "boolean":
            if bare.lower() in ("true", "false"):
                return bare.lower() == "true"
            return Unreadable(text, f"`{bare[:40]}` is neither true nor false")
        case "integer":
            if _INTEGER.fullmatch(bare):
                return int(bare)
            return Unreadable(text, f"`{bare[:40]}` is no integer")
        case "CSL":
            return tuple(item.strip() for item in bare.split(",")) if bare else ()
        case "string":
            return text


def write_value(value: Value) -> str:
    """The text that goes over the wire for `value`.

    >>> write_value(True), write_value(("SoC", "Voltage"))
    ('true', 'SoC,Voltage')
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return value
        case tuple():
            return ",".join(value)


def is_same_value(key_type: KeyType, one: str, other: str) -> bool:
    """Whether two texts stand for one value, however they are spelled.

    Texts are compared without regard to letter case, as values are case-insensitive by type.

    >>> is_same_value("integer", "060", "60"), is_same_value("boolean", "True", "true")
    (True, True)
    """
    first, second = read_value(key_type, one), read_value(key_type, other)
    if isinstance(first, Unreadable) or isinstance(second, Unreadable):
        return one.lower() == other.lower()
    return _folded(first) == _folded(second)


def is_same_key(one: str, other: str) -> bool:
    """Whether two names are one configuration key; letter case does not count."""
    return one.lower() == other.lower()


def _folded(value: Value) -> Value:
    match value:
        case str():
            return value.lower()
        case tuple():
            return tuple(item.lower() for item in value)
        case _:
            return value
