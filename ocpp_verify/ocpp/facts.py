"""What a session notices: one frozen dataclass per fact.

`rules` are the catalogue ids of the OCPP-J rules that the frame breaks; empty where it breaks none.
A fact never judges: whether it fails a run, advises or only goes to the log is decided above.
Payloads are the decoded JSON, shared and not copied: read them, do not change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Payload: TypeAlias = dict[str, Any]
Rules: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A CALL that this side made; `sent` is when it entered the outbox, None before that.

    A CALL sent as raw text has whatever action and payload it was given, and a `sent` only if the
    time was told.
    """

    id: str
    action: Any
    payload: Any
    sent: float | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """The other side called; it waits for `answer` or `answer_error` with this id."""

    id: str
    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Answered:
    """A CALLRESULT for a call of ours; `waited` in seconds since the call was sent."""

    id: str
    action: Any
    request: Any
    payload: Payload
    waited: float


@dataclass(frozen=True, slots=True)
class AnsweredWithError:
    """A CALLERROR for a call of ours; a missing description or details are empty here."""

    id: str
    action: Any
    request: Any
    code: str
    description: str
    details: Payload
    waited: float


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text that is no message of OCPP-J; it has no effect but this fact.

    `id` is the message id where one can be read, so that a CALL can be refused. `ended` is the call
    of ours that this frame was meant to answer: it is no longer outstanding.
    """

    text: str
    why: str
    rules: Rules = ()
    id: str | None = None
    ended: Call | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A message that is understood although its form breaks a rule; the message is a fact of its own.

    It stands before the fact of the message.
    """

    text: str
    why: str
    rules: Rules = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A message type number other than 2, 3 and 4; the message is ignored (RPC-MSG-003)."""

    text: str
    message_type: int
    rules: Rules = ("RPC-MSG-002",)


@dataclass(frozen=True, slots=True)
class BinaryFrame:
    """A binary frame; its content is not interpreted."""

    data: bytes
    rules: Rules = ("RPC-MSG-001",)


@dataclass(frozen=True, slots=True)
class TooLong:
    """A frame above the session's limit, not decoded; `size` in characters, or bytes if binary."""

    size: int
    limit: int
    head: str
    rules: Rules = ()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An answer whose id is that of no call of ours."""

    id: str
    text: str
    rules: Rules = ("RPC-ID-005",)


@dataclass(frozen=True, slots=True)
class DuplicateAnswer:
    """One more answer to a call that was answered before."""

    id: str
    action: Any
    text: str
    rules: Rules = ("RPC-SYNC-006",)


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer to a call that had timed out, or that went with an earlier connection.

    It has no effect (RPC-SYNC-005); `waited` in seconds since the call was sent.
    """

    id: str
    action: Any
    text: str
    waited: float
    connection_lost: bool
    rules: Rules = ()


@dataclass(frozen=True, slots=True)
class DuplicateId:
    """A CALL under the id of an earlier CALL of this identity; it stands before its `Called`.

    `retransmission`: same action and payload, and the earlier one was not answered, which RPC-ID-004
    permits (`rules` is empty then). `in_progress`: the earlier one came on this connection and is not
    answered yet.
    """

    id: str
    action: str
    earlier_action: str
    same_connection: bool
    in_progress: bool
    retransmission: bool
    rules: Rules


@dataclass(frozen=True, slots=True)
class Overlapping:
    """A CALL while earlier CALLs of the other side wait for our answer; before its `Called`.

    The other side may regard those as timed out: `waited` is the age of the youngest, in seconds.
    """

    id: str
    action: str
    unanswered: tuple[str, ...]
    waited: float
    rules: Rules = ("RPC-SYNC-001",)


@dataclass(frozen=True, slots=True)
class TimedOut:
    """A call of ours was not answered in time (RPC-SYNC-004); the next one may go out."""

    id: str
    action: Any
    request: Any
    waited: float
    rules: Rules = ("RPC-SYNC-006",)


@dataclass(frozen=True, slots=True)
class Lost:
    """A call of ours went with the connection; `call.sent` is None if it never left the queue."""

    call: Call


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A frame that was still in the outbox when the connection went, and that was no CALL."""

    frame: str | bytes


@dataclass(frozen=True, slots=True)
class Flood:
    """More than `messages` frames within `seconds`; reported once per burst."""

    messages: int
    seconds: float
    since: float


Fact: TypeAlias = (
    Called
    | Answered
    | AnsweredWithError
    | Malformed
    | Deviation
    | UnknownType
    | BinaryFrame
    | TooLong
    | Unmatched
    | DuplicateAnswer
    | LateAnswer
    | DuplicateId
    | Overlapping
    | TimedOut
    | Lost
    | Undelivered
)
