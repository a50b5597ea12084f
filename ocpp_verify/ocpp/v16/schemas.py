"""Validation of OCPP 1.6 payloads: fast where they are right, in plain words where they are not."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import jsonschema

from ocpp_verify.errors import WrongInput
from ocpp_verify.ocpp.v16.messages import MESSAGES, Direction
from ocpp_verify.ocpp.v16.shapes import (
    Field,
    Schema,
    draft_of,
    field_table,
    normalised,
    published_schema,
)

Constraint: TypeAlias = Literal[
    "required",
    "additionalProperties",
    "type",
    "enum",
    "maxLength",
    "format",
    "minItems",
    "multipleOf",
]
Path: TypeAlias = tuple[str | int, ...]

_DATE_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?"
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a payload; `path` leads to it from the root of the payload.

    `rules` are the OCPP-J rules that make the schema binding.
    """

    path: Path
    why: str
    constraint: Constraint
    rules: tuple[str, ...] = ("RPC-MSG-012",)

    @property
    def where(self) -> str:
        """The path as it is written: `meterValue[0].timestamp`; empty for the payload itself."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    def __str__(self) -> str:
        return f"{self.where}: {self.why}" if self.path else self.why


@dataclass(frozen=True, slots=True)
class OutcomeField:
    """Where a response says what came of the request, and what it may say."""

    path: tuple[str, ...]
    values: tuple[str, ...]
    is_required: bool


class Validator:
    """Judges the payloads of one message in one direction."""

    def __init__(self, action: str, direction: Direction, schema: Schema, draft: Literal[4, 6]):
        self.action = action
        self.direction = direction
        self._accepts = _fast_check(schema, draft)
        self._reference = _reference(schema, draft)

    def is_valid(self, payload: object) -> bool:
        """Whether the payload keeps its schema.

        The fast check is believed when it accepts; what it rejects, the reference check decides.
        """
        return self._accepts(payload) or not self.explain(payload)

    def explain(self, payload: object) -> tuple[Violation, ...]:
        """Everything that is wrong, in the order of the payload; empty if nothing is.

        A value of the wrong type is reported once, not for every demand that it misses too.
        """
        try:
            found = [
                each for error in self._reference.iter_errors(payload) for each in _told(error)
            ]
        except (RecursionError, ValueError):
            # Nesting or digits beyond what the interpreter writes; no frame of OCPP-J gets here.
            return (Violation((), "too deep or too long to be looked at", "type"),)
        mistyped = {each.path for each in found if each.constraint == "type"}
        told = [each for each in found if each.constraint == "type" or each.path not in mistyped]
        return tuple(sorted(told, key=lambda each: [str(step) for step in each.path]))


class Schemas:
    """The schemas of all messages, read and compiled when first asked for.

    >>> schemas = Schemas()
    >>> schemas.validator("Heartbeat", "request").is_valid({})
    True
    >>> print(*schemas.explain("Reset", "request", {"type": "Warm"}))
    type: "Warm" is none of Hard, Soft
    """

    def __init__(self) -> None:
        self._schemas: dict[tuple[str, Direction], tuple[Schema, Literal[4, 6]]] = {}
        self._validators: dict[tuple[str, Direction], Validator] = {}
        self._shapes: dict[tuple[str, Direction], Field] = {}

    def schema(self, action: str, direction: Direction) -> Schema:
        """The normalised schema; read it, do not change it."""
        return self._read(action, direction)[0]

    def validator(self, action: str, direction: Direction) -> Validator:
        """The validator of this message."""
        key = (action, direction)
        if key not in self._validators:
            self._validators[key] = Validator(action, direction, *self._read(action, direction))
        return self._validators[key]

    def explain(self, action: str, direction: Direction, payload: object) -> tuple[Violation, ...]:
        """What is wrong with the payload; empty if nothing is."""
        validator = self.validator(action, direction)
        return () if validator.is_valid(payload) else validator.explain(payload)

    def shape(self, action: str, direction: Direction) -> Field:
        """The message as one nameless object field."""
        key = (action, direction)
        if key not in self._shapes:
            self._shapes[key] = field_table(self.schema(action, direction))
        return self._shapes[key]

    def fields(self, action: str, direction: Direction) -> tuple[Field, ...]:
        """The field table of the message, in the order of its schema."""
        return self.shape(action, direction).fields

    def outcome_field(self, action: str) -> OutcomeField | None:
        """Where the response tells the outcome, or None where it tells none (Heartbeat).

        >>> Schemas().outcome_field("StartTransaction").path
        ('idTagInfo', 'status')
        """
        root = self.shape(action, "response")
        status = root.field("status")
        if status is not None:
            return OutcomeField(("status",), status.enum, status.is_required)
        info = root.field("idTagInfo")
        inner = info.field("status") if info is not None else None
        if info is None or inner is None:
            return None
        return OutcomeField(("idTagInfo", "status"), inner.enum, info.is_required)

    def _read(self, action: str, direction: Direction) -> tuple[Schema, Literal[4, 6]]:
        key = (action, direction)
        if key not in self._schemas:
            if action not in MESSAGES:
                raise WrongInput(
                    f"OCPP 1.6 has no message `{action}`",
                    help="action names are case-sensitive, as in BootNotification",
                )
            published = published_schema(action, direction)
            made = normalised(action, direction, published)
            self._schemas[key] = (made, draft_of(published))
        return self._schemas[key]


def is_date_time(text: object) -> bool:
    """Whether `text` is an ISO 8601 date with time; values that are no strings pass.

    >>> is_date_time("2026-02-28T12:00:00.000+01:00"), is_date_time("2026-02-30T12:00:00Z")
    (True, False)
    """
    if not isinstance(text, str):
        return True
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups("0"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return (
        1 <= month <= 12
        and 1 <= day <= days[month - 1]
        and (hour <= 23 or (hour, minute, second) == (24, 0, 0))
        and minute <= 59
        and second <= 60  # a leap second
    )


def is_uri(text: object) -> bool:
    """Whether `text` is a URI with a scheme; values that are no strings pass."""
    return not isinstance(text, str) or _URI.fullmatch(text) is not None


def _fast_check(schema: Schema, draft: Literal[4, 6]) -> Callable[[object], bool]:
    """Accepts only valid payloads; may reject valid ones. Rejects all without jsonschema-rs."""
    try:
        import jsonschema_rs
    except ImportError:
        return lambda payload: False
    kind = jsonschema_rs.Draft4Validator if draft == 4 else jsonschema_rs.Draft6Validator
    formats = {"date-time": is_date_time, "uri": is_uri}
    compiled = kind(schema, validate_formats=True, formats=formats)

    def accepts(payload: object) -> bool:
        try:
            return bool(compiled.is_valid(payload))
        except (ValueError, TypeError):
            # Not JSON, or a key with half a surrogate pair: the reference check decides.
            return False

    return accepts


def _reference(schema: Schema, draft: Literal[4, 6]) -> Any:
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("date-time")(is_date_time)
    checker.checks("uri")(is_uri)
    base = jsonschema.Draft4Validator if draft == 4 else jsonschema.Draft6Validator
    kind = jsonschema.validators.extend(base, {"multipleOf": _check_multiple})
    return kind(schema, format_checker=checker)


def _check_multiple(
    validator: Any, divisor: float, instance: object, schema: Schema
) -> Iterator[jsonschema.ValidationError]:
    """In decimal digits: 21.4 is a multiple of 0.1 although the binary quotient is no integer."""
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    if not math.isfinite(instance):
        yield jsonschema.ValidationError("no multiple")
        return
    written = instance if isinstance(instance, int) else Decimal(str(instance))
    if (Fraction(written) / Fraction(Decimal(str(divisor)))).denominator != 1:
        yield jsonschema.ValidationError("no multiple")


def _told(error: Any) -> Iterator[Violation]:
    """The violations in one error of jsonschema, which may name several fields."""
    path: Path = tuple(error.absolute_path)
    value, demand = error.instance, error.validator_value
    match error.validator:
        case "required":
            # jsonschema reports each missing field by itself, and names it in the message only.
            name = re.match(r"'(.*)' is a required property", error.message)
            assert name is not None, error.message
            yield Violation((*path, name[1]), "is missing", "required")
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in value:
                if key not in known:
                    yield Violation(
                        (*path, str(key)),
                        "the standard has no such field here",
                        "additionalProperties",
                        ("RPC-MSG-011", "RPC-MSG-012"),
                    )
        case "type":
            yield Violation(path, f"{_shown(value)} is no {demand}", "type")
        case "enum":
            yield Violation(path, f"{_shown(value)} is none of {_listed(demand, value)}", "enum")
        case "maxLength":
            why = f"has {len(value)} characters, {demand} are allowed"
            yield Violation(path, why, "maxLength")
        case "format":
            noun = "ISO 8601 date-time" if demand == "date-time" else "URI"
            yield Violation(path, f"{_shown(value)} is no {noun}", "format")
        case "minItems":
            why = f"has {len(value)} items, at least {demand} is needed"
            yield Violation(path, why, "minItems")
        case "multipleOf":
            yield Violation(path, f"{_shown(value)} is no multiple of {demand}", "multipleOf")
        case other:
            raise AssertionError(f"a schema uses the keyword {other}")


def _listed(words: list[str], instead_of: object) -> str:
    """All words if they are few, otherwise how many and the nearest one."""
    if len(words) <= 9:
        return ", ".join(words)
    near = difflib.get_close_matches(str(instead_of), words, n=1)
    return f"the {len(words)} allowed values" + (f"; {near[0]} is near" if near else "")


def _shown(value: object) -> str:
    """The value as JSON writes it, shortened; containers by their kind."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}..."'
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case _:
            return str(value)[:40]
