"""What is wrong with a frame whatever the model says: its form, its schema, its place among others."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.live.record import Finding, FindingKind
from ocpp_verify.ocpp import facts as wire
from ocpp_verify.ocpp.v16.messages import Direction
from ocpp_verify.ocpp.v16.schemas import Schemas


def deviation(fact: wire.Fact, text: str, now: float) -> Finding | None:
    """What a fact about a frame breaks; None if nothing."""
    kind: FindingKind = "protocol"
    match fact:
        case wire.Malformed() | wire.Deviation():
            message = fact.why
        case wire.BinaryFrame():
            message = "a binary frame"
        case wire.TooLong():
            message = f"a frame of {fact.size} characters, above the limit of {fact.limit}"
            text = fact.head
        case wire.DuplicateAnswer():
            message = f"a second answer to {fact.action}"
        case wire.Unmatched():
            message = "an answer that fits no call"
        case wire.DuplicateId() if fact.rules:
            where = "" if fact.same_connection else ", on two connections"
            message = f"one message id is used for two different calls{where}"
        case wire.Overlapping():
            kind = "advice"
            message = f"{fact.action} is sent while another call waits for its answer"
        case _:
            return None
    return Finding(kind, message, fact.rules, now, text)


def violations(
    schemas: Schemas, action: str, direction: Direction, payload: object, now: float
) -> Iterator[Finding]:
    """What a payload breaks of its schema."""
    name = f"{action}.{'req' if direction == 'request' else 'conf'}"
    for each in schemas.validator(action, direction).explain(payload):
        yield Finding("schema", f"{name}: {each}", ("RPC-MSG-012",), now, str(each))
