"""Payload validation and the error codes of OCPP-J 1.6, on the schemas of the `ocpp` package."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from ocpp.messages import MessageType, get_validator
from ocpp.v16.enums import Action

Payload = dict[str, Any]

ACTIONS = frozenset(action.value for action in Action)
"""Every action name of 1.6 including the security extension."""

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4

# The validator's keyword that failed -> error code, in the spelling of OCPP-J 1.6.
_CODES = {
    "type": "TypeConstraintViolation",
    "required": "OccurenceConstraintViolation",
    "additionalProperties": "FormationViolation",
    "minItems": "OccurenceConstraintViolation",
    "maxItems": "OccurenceConstraintViolation",
}

# Actions whose schema limits the number of decimals; a binary float cannot be judged by them.
_DECIMAL = {
    (MessageType.Call, "RemoteStartTransaction"),
    (MessageType.Call, "SetChargingProfile"),
    (MessageType.CallResult, "GetCompositeSchedule"),
}


class CallFaultError(Exception):
    """A CALL that is answered with CALLERROR: `code` is one of the ten names of 1.6."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


def check(message_type: int, action: str, payload: object) -> None:
    """Raise `CallFaultError` if `payload` breaks the schema of `action`.

    `message_type` is `CALL` or `CALL_RESULT`. Date-times are checked for their type only.
    """
    kind = MessageType.Call if message_type == CALL else MessageType.CallResult
    if (kind, action) in _DECIMAL:
        validator = get_validator(kind, action, "1.6", parse_float=Decimal)
        payload = json.loads(json.dumps(payload), parse_float=Decimal)
    else:
        validator = get_validator(kind, action, "1.6")
    error: ValidationError | None = best_match(validator.iter_errors(payload))
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path) or "payload"
        code = _CODES.get(str(error.validator), "PropertyConstraintViolation")
        raise CallFaultError(code, f"{where}: {error.message}"[:255])
