"""Hypothesis strategies for payloads: valid ones, and ones with exactly one violation.

Compiled from the field tables; hypothesis is imported when a strategy is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocpp_verify.ocpp.v16.messages import Direction
from ocpp_verify.ocpp.v16.schemas import Constraint, Path, Schemas
from ocpp_verify.ocpp.v16.shapes import Field

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

INTEGERS = (-(2**31), 2**31 - 1)
"""The integers drawn: what 32 bits hold; the schemas have no limits."""

_FREE_TEXT = 64  # characters, where the schema has no limit
_MANY = 3  # items of an array


@dataclass(frozen=True, slots=True)
class Invalid:
    """A payload with one violation at `path`.

    `codes` are the error codes that fit it, best first (RPC-ERR-004 to 009); they are advice, as
    OCPP-J describes and does not demand them. Empty for responses, which nobody may refuse.
    """

    payload: dict[str, Any]
    constraint: Constraint
    path: Path
    codes: tuple[str, ...]


def fitting_codes(constraint: Constraint) -> tuple[str, ...]:
    """The error codes that fit a request with this violation, best first.

    >>> fitting_codes("required")[0]
    'ProtocolError'
    """
    match constraint:
        case "required":
            return ("ProtocolError", "OccurenceConstraintViolation", "FormationViolation")
        case "additionalProperties":
            return ("FormationViolation", "OccurenceConstraintViolation")
        case "type":
            return ("TypeConstraintViolation", "FormationViolation")
        case "enum" | "format":
            return ("PropertyConstraintViolation", "TypeConstraintViolation", "FormationViolation")
        case "maxLength":
            return ("PropertyConstraintViolation", "TypeConstraintViolation")
        case "minItems":
            return ("OccurenceConstraintViolation", "PropertyConstraintViolation")
        case "multipleOf":
            return ("PropertyConstraintViolation", "TypeConstraintViolation")


def payloads(schemas: Schemas, action: str, direction: Direction) -> SearchStrategy[dict[str, Any]]:
    """Valid payloads of the message, optional fields present or absent."""
    return _valid(schemas.shape(action, direction), ())


def invalid_payloads(
    schemas: Schemas, action: str, direction: Direction
) -> SearchStrategy[Invalid]:
    """Payloads with exactly one violation, of any field and any constraint of the message."""
    from hypothesis import strategies as st

    root = schemas.shape(action, direction)
    options = [
        _broken(root, flaw, direction) for flaw in sorted(_flaws(root), key=lambda each: each.path)
    ]
    return st.one_of(options)


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Where to break what; `path` has index 0 for arrays, `field` is None for an unknown field."""

    path: tuple[str, ...]  # "[]" is the first item of an array
    constraint: Constraint
    field: Field | None


def _flaws(root: Field) -> Iterator[_Flaw]:
    yield from _object_flaws(root, ())


def _object_flaws(field: Field, path: tuple[str, ...]) -> Iterator[_Flaw]:
    yield _Flaw((*path, "unknownField"), "additionalProperties", None)
    for inner in field.fields:
        if inner.is_required:
            yield _Flaw((*path, inner.name), "required", inner)
        yield from _value_flaws(inner, (*path, inner.name))


def _value_flaws(field: Field, path: tuple[str, ...]) -> Iterator[_Flaw]:
    yield _Flaw(path, "type", field)
    if field.enum:
        yield _Flaw(path, "enum", field)
    if field.max_length is not None:
        yield _Flaw(path, "maxLength", field)
    if field.format is not None:
        yield _Flaw(path, "format", field)
    if field.multiple_of is not None:
        yield _Flaw(path, "multipleOf", field)
    if field.min_items:
        yield _Flaw(path, "minItems", field)
    if field.kind == "object":
        yield from _object_flaws(field, path)
    if field.item is not None:
        yield from _value_flaws(field.item, (*path, "[]"))


def _valid(field: Field, forced: tuple[str, ...]) -> SearchStrategy[Any]:
    """Valid values in which the path `forced` exists."""
    from hypothesis import strategies as st

    head, rest = (forced[0], forced[1:]) if forced else ("", ())
    match field.kind:
        case "object":
            needed = {each.name for each in field.fields if each.is_required} | {head}
            made = {
                each.name: _valid(each, rest if each.name == head else ()) for each in field.fields
            }
            return st.fixed_dictionaries(
                {name: each for name, each in made.items() if name in needed},
                optional={name: each for name, each in made.items() if name not in needed},
            )
        case "array":
            assert field.item is not None
            least = max(field.min_items, 1 if head == "[]" else 0)
            return st.lists(_valid(field.item, rest), min_size=least, max_size=_MANY)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(*INTEGERS)
        case "number":
            # Tenths, the only numbers of OCPP 1.6; dividing rounds to the nearest decimal notation.
            return st.integers(-100_000, 1_000_000).map(lambda tenths: tenths / 10)
        case "string":
            return _text(field)


def _text(field: Field) -> SearchStrategy[str]:
    from hypothesis import strategies as st

    if field.enum:
        return st.sampled_from(field.enum)
    if field.format == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")
    if field.format == "uri":
        host = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
        return host.map(lambda name: f"ftp://{name}.example/file")
    limit = _FREE_TEXT if field.max_length is None else field.max_length
    # Without surrogates: halves of a pair have no UTF-8.
    return st.text(st.characters(codec="utf-8"), max_size=min(limit, 10_000))


def _broken(root: Field, flaw: _Flaw, direction: Direction) -> SearchStrategy[Invalid]:
    from hypothesis import strategies as st

    *way, last = flaw.path
    forced = tuple(way) if flaw.constraint == "additionalProperties" else flaw.path
    codes = fitting_codes(flaw.constraint) if direction == "request" else ()
    path: Path = tuple(0 if step == "[]" else step for step in flaw.path)

    def with_value(payload: dict[str, Any], change: Callable[[Any], None]) -> Invalid:
        holder: Any = payload
        for step in way:
            holder = holder[0 if step == "[]" else step]
        change(holder)
        return Invalid(payload, flaw.constraint, path, codes)

    def removed(payload: dict[str, Any]) -> Invalid:
        return with_value(payload, lambda holder: holder.pop(last))

    def replaced(drawn: tuple[dict[str, Any], Any]) -> Invalid:
        payload, value = drawn
        key = 0 if last == "[]" else last
        return with_value(payload, lambda holder: holder.__setitem__(key, value))

    valid = _valid(root, forced)
    if flaw.constraint == "required":
        return valid.map(removed)
    return st.tuples(valid, _wrong(flaw)).map(replaced)


def _wrong(flaw: _Flaw) -> SearchStrategy[Any]:
    """Values that break this constraint of the field and no other one."""
    from hypothesis import strategies as st

    field = flaw.field
    if field is None:
        return st.sampled_from(("", 0, None))
    match flaw.constraint:
        case "type":
            others: dict[str, Any] = {
                "string": "12",
                "integer": 7,
                "boolean": True,
                "object": {},
                "array": [],
            }
            same = {"number": "integer"}.get(field.kind, field.kind)
            wrong = [value for kind, value in others.items() if kind != same]
            return st.sampled_from([*wrong, None])
        case "enum":
            near = [each.swapcase() for each in field.enum] + ["", "ocpp-verify"]
            return st.sampled_from([each for each in near if each not in field.enum])
        case "maxLength":
            assert field.max_length is not None
            return st.sampled_from((1, 2, 100)).map(
                lambda more: "x" * ((field.max_length or 0) + more)
            )
        case "format":
            return st.sampled_from(("", "yesterday", "12:00", "2026-02-30T00:00:00Z"))
        case "multipleOf":
            return st.integers(-1000, 1000).map(lambda whole: whole + 0.25)
        case "minItems":
            return st.just([])
        case "required" | "additionalProperties" as constraint:
            raise AssertionError(f"no value breaks {constraint}")
