"""Message schemas as field tables: read from the installed `ocpp` package, known faults put right.

The files stay as they are published; what differs here is listed in `NORMALISATIONS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any, Literal, TypeAlias, get_args

from ocpp_verify.ocpp.v16.messages import Direction

Schema: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["object", "array", "string", "integer", "number", "boolean"]
Format: TypeAlias = Literal["date-time", "uri"]

NORMALISATIONS: tuple[tuple[str, str], ...] = (
    ("references", "a local $ref is resolved before the schema is used; the URN $id is dropped"),
    ("no-op keywords", "additionalProperties on values that are no objects is dropped, so are"
     " title, javaType and additionalItems"),
    ("stop reason", "StopTransaction.req needs no reason, whatever the edition (RPC-MSG-013)"),
    ("units", "Celsius, Celcius and Hertz are units wherever a unit of measure is"
     " (CORE-MET-028)"),
    ("tenths", "multipleOf counts in decimal digits, not in binary fractions"),
    ("date-time", "any ISO 8601 date with time is a date-time, with or without an offset"),
)  # fmt: skip
"""What is read differently from the published files, by name."""

_KEYWORDS = frozenset(
    (
        "type",
        "properties",
        "required",
        "additionalProperties",
        "enum",
        "maxLength",
        "format",
        "items",
        "minItems",
        "multipleOf",
    )
)
_UNITS = ("Celcius", "Celsius", "Hertz")


@dataclass(frozen=True, slots=True)
class Field:
    """One field and what its schema demands of it.

    An object has `fields`, an array `item`; `enum` is empty where every string is allowed. The root
    of a message is a nameless object. Every object is closed: other fields are not allowed.
    """

    name: str
    kind: Kind
    is_required: bool = True
    enum: tuple[str, ...] = ()
    max_length: int | None = None
    format: Format | None = None
    multiple_of: Decimal | None = None
    min_items: int = 0
    fields: tuple[Field, ...] = ()
    item: Field | None = None

    def field(self, name: str) -> Field | None:
        """The inner field of this name, of the object or of the objects in the array."""
        inner = self.item.fields if self.item is not None else self.fields
        return next((each for each in inner if each.name == name), None)


def published_schema(action: str, direction: Direction) -> Schema:
    """The schema as the `ocpp` package ships it."""
    name = action if direction == "request" else f"{action}Response"
    file = resources.files("ocpp.v16.schemas").joinpath(f"{name}.json")
    schema: Schema = json.loads(file.read_text(encoding="utf-8-sig"))
    return schema


def draft_of(schema: Schema) -> Literal[4, 6]:
    """The JSON schema draft; they differ here in one point, whether 1.0 is an integer."""
    return 6 if "draft-06" in schema.get("$schema", "") else 4


def normalised(action: str, direction: Direction, schema: Schema) -> Schema:
    """A copy with `NORMALISATIONS` applied: no references, only keywords that say something."""
    made = _cleaned(schema, schema.get("definitions", {}))
    if action == "StopTransaction" and direction == "request":
        made["required"] = [name for name in made.get("required", []) if name != "reason"]
    return made


def _cleaned(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        return _cleaned(definitions[name], definitions)
    made: Schema = {key: value for key, value in schema.items() if key in _KEYWORDS}
    if made.get("type") != "object":
        made.pop("additionalProperties", None)
    if "properties" in made:
        made["properties"] = {
            name: _cleaned(inner, definitions) for name, inner in made["properties"].items()
        }
    if "items" in made:
        made["items"] = _cleaned(made["items"], definitions)
    if "Celsius" in made.get("enum", ()) or "Celcius" in made.get("enum", ()):
        made["enum"] = [*made["enum"], *(unit for unit in _UNITS if unit not in made["enum"])]
    return made


def field_table(schema: Schema) -> Field:
    """The normalised schema as a field table."""
    return _field("", schema, is_required=True)


def _field(name: str, schema: Schema, *, is_required: bool) -> Field:
    kind: Kind = schema["type"]
    assert kind in get_args(Kind), f"no field has the type {kind}"
    required = schema.get("required", ())
    multiple = schema.get("multipleOf")
    return Field(
        name,
        kind,
        is_required,
        enum=tuple(schema.get("enum", ())),
        max_length=schema.get("maxLength"),
        format=schema.get("format"),
        multiple_of=None if multiple is None else Decimal(str(multiple)),
        min_items=schema.get("minItems", 0),
        fields=tuple(
            _field(each, inner, is_required=each in required)
            for each, inner in schema.get("properties", {}).items()
        ),
        item=_field("", schema["items"], is_required=True) if "items" in schema else None,
    )
