"""The frames of OCPP-J: JSON arrays to messages and back, for any text a peer may send."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from ocpp_verify.ocpp.facts import Deviation, Malformed, Payload, Rules, UnknownType

CALL, CALLRESULT, CALLERROR = 2, 3, 4

MAX_ID_LENGTH = 36

ERROR_CODES: tuple[str, ...] = (
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
)
"""The error codes of OCPP-J 1.6, in its spelling (RPC-ERR-014)."""

LATER_SPELLINGS: tuple[tuple[str, str], ...] = (
    ("FormatViolation", "FormationViolation"),
    ("OccurrenceConstraintViolation", "OccurenceConstraintViolation"),
)
"""Codes as later OCPP versions spell them, with the 1.6 spelling."""

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SUFFIXES = (".req", ".conf", "Request", "Response")


@dataclass(frozen=True, slots=True)
class CallFrame:
    """[2, id, action, payload]."""

    id: str
    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class ResultFrame:
    """[3, id, payload]."""

    id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class ErrorFrame:
    """[4, id, code, description, details]."""

    id: str
    code: str
    description: str
    details: Payload


Frame: TypeAlias = CallFrame | ResultFrame | ErrorFrame


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, understood or not, and what is wrong with its form although it is understood.

    `answers_id`: the id that a malformed answer carries.
    """

    content: Frame | Malformed | UnknownType
    deviations: tuple[Deviation, ...] = ()
    answers_id: str | None = None


def call_text(message_id: object, action: object, payload: object) -> str:
    """A CALL as text, in US-ASCII; nothing is checked."""
    return _text([CALL, message_id, action, payload])


def result_text(message_id: object, payload: object) -> str:
    """A CALLRESULT as text, in US-ASCII; nothing is checked."""
    return _text([CALLRESULT, message_id, payload])


def error_text(message_id: object, code: object, description: object, details: object) -> str:
    """A CALLERROR as text, in US-ASCII; nothing is checked."""
    return _text([CALLERROR, message_id, code, description, details])


def _text(elements: list[object]) -> str:
    return _ENCODER.encode(elements)


def raw_call(text: str) -> tuple[str, Any, Any] | None:
    """Id, action and payload of a text that a peer might take for a CALL, else None."""
    try:
        elements = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(elements, list) or len(elements) < 2 or elements[0] != CALL:
        return None
    if not isinstance(elements[1], str):
        return None
    action, payload, *_ = [*elements[2:], None, None]
    return elements[1], action, payload


def decode(text: str, *, max_depth: int = 64) -> Decoded:
    """The message in `text`. Never raises, whatever the text.

    Arrays and objects nested deeper than `max_depth` are refused: no OCPP message comes near.

    >>> decode('[2,"7","Heartbeat",{}]').content
    CallFrame(id='7', action='Heartbeat', payload={})
    >>> decode('[2,"7"]').content.why
    'a CALL has 4 elements, this one has 2'
    """
    try:
        value, duplicates = _parse(text, max_depth)
    except _NotUnderstoodError as reason:
        return Decoded(Malformed(text, reason.why, reason.rules))
    decoded = _message(text, value)
    if isinstance(decoded.content, Malformed) or not (duplicates or "\\" in text):
        return decoded
    message_id = _id_of(value)
    # The text itself is one valid JSON text in both cases, so no rule is named.
    remarks = [f"the key `{key}` occurs twice in one object" for key in duplicates]
    if _ESCAPED_SURROGATE.search(text) and not _is_unicode(value):
        remarks.append("a string holds half of a surrogate pair, which is no character")
    noticed = tuple(Deviation(text, why, (), message_id) for why in remarks)
    return Decoded(decoded.content, noticed + decoded.deviations)


class _NotUnderstoodError(Exception):
    def __init__(self, why: str, rules: Rules = ()) -> None:
        super().__init__(why)
        self.why = why
        self.rules = rules


def _parse(text: str, max_depth: int) -> tuple[Any, list[str]]:
    """The JSON value and the keys that occur twice in one object."""
    if not (text.isascii() or _is_unicode(text)):
        raise _NotUnderstoodError("the text cannot be encoded in UTF-8", ("RPC-MSG-001",))
    duplicates: list[str] = []
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        end = -1
    if end != len(text):
        value = _parse_again(text, max_depth, duplicates)
    if text.count("[") + text.count("{") > max_depth and _is_deeper(value, max_depth):
        raise _NotUnderstoodError(f"nested deeper than {max_depth} levels")
    return value, duplicates


def _parse_again(text: str, max_depth: int, duplicates: list[str]) -> Any:
    """The value of a text with something odd in it: what is odd is noted or told."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen and key not in duplicates:
                    duplicates.append(key)
                seen.add(key)
        return made

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_constant=_constant, parse_float=_finite
        )
    except json.JSONDecodeError as reason:
        why = f"not JSON: {reason.msg[:1].lower()}{reason.msg[1:]} at character {reason.pos + 1}"
        raise _NotUnderstoodError(why, ("RPC-MSG-001",)) from None
    except RecursionError:
        raise _NotUnderstoodError(f"nested deeper than {max_depth} levels") from None
    except ValueError:
        # The interpreter refuses to convert integers of thousands of digits.
        raise _NotUnderstoodError("a number has too many digits") from None


def _once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(items)
    if len(made) < len(items):
        raise ValueError("a key occurs twice")
    return made


def _constant(name: str) -> NoReturn:
    raise _NotUnderstoodError(f"{name} is no JSON value", ("RPC-MSG-001",))


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _NotUnderstoodError(f"the number {digits[:20]} is out of range")
    return number


# Neither keeps anything between two texts; making them takes longer than using them.
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_constant, parse_float=_finite)


def _is_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels + 1):
        layer = [inner for outer in layer for inner in _children(outer)]
        if not layer:
            return False
    return True


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _is_unicode(value: Any) -> bool:
    """Whether a text, or every string in a decoded value, can be written in UTF-8."""
    try:
        (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _id_of(value: Any) -> str | None:
    if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
        return value[1]
    return None


def _message(text: str, value: Any) -> Decoded:
    if not isinstance(value, list):
        return Decoded(Malformed(text, "a message is a JSON array", ("RPC-MSG-002",)))
    # `type` and not `isinstance`: true and 2.0 equal the numbers in Python only.
    if not value or type(value[0]) is not int:
        why = "a message begins with its message type number"
        return Decoded(Malformed(text, why, ("RPC-MSG-002",), _id_of(value)))
    match value[0]:
        case 2:
            return _call(text, value)
        case 3:
            return _result(text, value)
        case 4:
            return _error(text, value)
        case other:
            return Decoded(UnknownType(text, other))


def _call(text: str, value: list[Any]) -> Decoded:
    def malformed(why: str, *rules: str) -> Decoded:
        return Decoded(Malformed(text, why, rules, _id_of(value)))

    if len(value) != 4:
        return malformed(f"a CALL has 4 elements, this one has {len(value)}", "RPC-MSG-004")
    _, message_id, action, payload = value
    if not isinstance(message_id, str):
        return malformed("the message id is no string", "RPC-ID-001", "RPC-MSG-004")
    if not isinstance(action, str):
        return malformed("the action is no string", "RPC-MSG-004")
    if payload is not None and not isinstance(payload, dict):
        return malformed("the payload is no object", "RPC-MSG-004")
    remarks: list[tuple[str, str]] = []
    if len(message_id) > MAX_ID_LENGTH:
        why = f"the message id has {len(message_id)} characters, {MAX_ID_LENGTH} are allowed"
        remarks.append((why, "RPC-ID-001"))
    if action.endswith(_SUFFIXES):
        remarks.append((f"the action `{action[:60]}` has a suffix", "RPC-MSG-009"))
    if payload is None:
        remarks.append(("an empty payload is sent as null, not as an empty object", "RPC-MSG-008"))
    frame = CallFrame(message_id, action, payload or {})
    if not remarks:
        return Decoded(frame)
    noticed = tuple(Deviation(text, why, (rule,), message_id) for why, rule in remarks)
    return Decoded(frame, noticed)


def _result(text: str, value: list[Any]) -> Decoded:
    message_id = _id_of(value)

    def malformed(why: str, *rules: str) -> Decoded:
        return Decoded(Malformed(text, why, rules, message_id), answers_id=message_id)

    if len(value) != 3:
        return malformed(f"a CALLRESULT has 3 elements, this one has {len(value)}", "RPC-MSG-005")
    if message_id is None:
        return malformed("the message id is no string", "RPC-ID-001", "RPC-MSG-005")
    payload = value[2]
    if payload is not None and not isinstance(payload, dict):
        return malformed("the payload is no object", "RPC-MSG-005")
    remarks: tuple[Deviation, ...] = ()
    if payload is None:
        why = "an empty payload is sent as null, not as an empty object"
        remarks = (Deviation(text, why, ("RPC-MSG-008",), message_id),)
    return Decoded(ResultFrame(message_id, payload or {}), remarks)


def _error(text: str, value: list[Any]) -> Decoded:
    """Id and code are enough: a CALLERROR that is wrong otherwise still ends its call."""
    message_id = _id_of(value)

    def malformed(why: str, *rules: str) -> Decoded:
        return Decoded(Malformed(text, why, rules, message_id), answers_id=message_id)

    if len(value) < 3:
        return malformed(f"a CALLERROR has 5 elements, this one has {len(value)}", "RPC-MSG-006")
    if message_id is None:
        return malformed("the message id is no string", "RPC-ID-001", "RPC-MSG-006")
    code, description, details, *_ = [*value[2:], "", {}]
    if not isinstance(code, str):
        return malformed("the error code is no string", "RPC-MSG-006")
    remarks: list[tuple[str, str]] = []
    if len(value) != 5:
        why = f"a CALLERROR has 5 elements, this one has {len(value)}"
        remarks.append((why, "RPC-MSG-006"))
        details = value[4] if len(value) > 4 else {}
    if code not in ERROR_CODES:
        meant = dict(LATER_SPELLINGS).get(code)
        tail = f"; 1.6 spells it {meant}" if meant else ""
        remarks.append((f"`{code[:60]}` is no error code of OCPP-J 1.6{tail}", "RPC-ERR-014"))
    if not isinstance(description, str):
        remarks.append(("the error description is no string", "RPC-MSG-007"))
    if not isinstance(details, dict):
        remarks.append(("the error details are no object", "RPC-MSG-007"))
    return Decoded(
        ErrorFrame(
            message_id,
            code,
            description if isinstance(description, str) else "",
            details if isinstance(details, dict) else {},
        ),
        tuple(Deviation(text, why, (rule,), message_id) for why, rule in remarks),
    )
