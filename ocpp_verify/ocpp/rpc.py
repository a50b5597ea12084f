"""One end of an OCPP-J conversation with one charge point identity, without I/O and without a clock.

    session = Session()
    session.call("ReserveNow", payload, now=0.0)
    driver.send(session.take_outbox())
    session.receive(text, now=0.2)      # -> [Answered("m1", "ReserveNow", ...)] or what else it is
    session.tick(now=30.2)              # -> [TimedOut("m2", ...)]

`call` keeps the rule of one outstanding CALL per direction. `send_raw`, `answer` and `answer_error`
keep no rule at all: a tester must be able to misbehave.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, assert_never

from ocpp_verify.ocpp import framing
from ocpp_verify.ocpp.facts import (
    Answered,
    AnsweredWithError,
    BinaryFrame,
    Call,
    Called,
    DuplicateAnswer,
    DuplicateId,
    Fact,
    LateAnswer,
    Lost,
    Malformed,
    Overlapping,
    Payload,
    TimedOut,
    TooLong,
    Undelivered,
    UnknownType,
    Unmatched,
)

MAX_UNANSWERED = 256
"""How many unanswered CALLs of the other side are told apart; a peer may send without end."""

Fate: TypeAlias = Literal["answered", "timed out", "lost"]


@dataclass(frozen=True, slots=True)
class _Past:
    """What became of a call of ours."""

    call: Call
    fate: Fate


@dataclass(slots=True)
class _Heard:
    """A CALL of the other side; its payload is kept only until it is answered. Never handed out."""

    action: str
    payload: Payload | None
    at: float
    connection: int
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    """One entry of the outbox; `call_id` where the frame is a CALL that counts as outstanding."""

    content: str | bytes
    call_id: str | None = None


class Session:
    """Matches answers with calls, in both directions, over all connections of one identity.

    `timeout` in seconds after which a call of ours counts as unanswered; `prefix` begins our message
    ids (choose one per run, as ids stay unique for ever, RPC-ID-003); `max_size` in characters, above
    which a frame is not decoded; `remember` bounds how many past ids are kept per direction.

    A session begins connected. While the connection is lost, calls wait in the queue and everything
    else in the outbox.

    >>> session = Session()
    >>> session.call("Heartbeat", {}, now=0.0), session.call("ClearCache", {}, now=0.0)
    ('m1', 'm2')
    >>> session.take_outbox()
    ['[2,"m1","Heartbeat",{}]']
    >>> session.receive('[4,"m1","NotImplemented","",{}]', now=0.5)[0].code
    'NotImplemented'
    >>> session.take_outbox()
    ['[2,"m2","ClearCache",{}]']
    """

    def __init__(
        self,
        *,
        timeout: float = 30.0,
        prefix: str = "m",
        max_size: int = 1_000_000,
        max_depth: int = 64,
        remember: int = 100_000,
    ) -> None:
        self.timeout = timeout
        self.max_size = max_size
        self.max_depth = max_depth
        self._remember = remember
        self._ids: Iterator[str] = (f"{prefix}{number}" for number in itertools.count(1))
        self._connection = 1
        self._connected = True
        self._outbox: list[_Frame] = []
        self._queue: deque[tuple[Call, str]] = deque()
        self._current: Call | None = None
        # Raw text may reuse an id, and each use is owed an answer: hence a list.
        self._outstanding: list[Call] = []
        self._past: OrderedDict[str, _Past] = OrderedDict()
        self._heard: OrderedDict[str, _Heard] = OrderedDict()
        self._unanswered: OrderedDict[str, float] = OrderedDict()

    # -- what we do ------------------------------------------------------------------------------

    def call(self, action: Any, payload: Any, now: float, *, message_id: str | None = None) -> str:
        """Queue a CALL and return its message id; it goes out when no other one is outstanding."""
        chosen = next(self._ids) if message_id is None else message_id
        # Written now, so that what JSON cannot hold is refused here and not in some later `receive`.
        text = framing.call_text(chosen, action, payload)
        self._queue.append((Call(chosen, action, payload), text))
        self._send_next(now)
        return chosen

    def answer(self, message_id: str, payload: Any) -> None:
        """Send a CALLRESULT, whether or not a CALL has this id or was answered before."""
        self._outbox.append(_Frame(framing.result_text(message_id, payload)))
        self._note_our_answer(message_id)

    def answer_error(
        self, message_id: str, code: str, description: str = "", details: Any = None
    ) -> None:
        """Send a CALLERROR, whether or not a CALL has this id or was answered before."""
        given = {} if details is None else details
        self._outbox.append(_Frame(framing.error_text(message_id, code, description, given)))
        self._note_our_answer(message_id)

    def send_raw(self, data: str | bytes, now: float | None = None) -> None:
        """Send `data` as it is, at once; bytes make a binary frame.

        A text that a peer might take for a CALL is expected to be answered, and one that looks like
        an answer counts as one; neither holds up the calls in the queue. Without `now` such a CALL
        never times out.
        """
        made = framing.raw_call(data) if isinstance(data, str) else None
        if made is not None:
            message_id, action, payload = made
            self._outstanding.append(Call(message_id, action, payload, now))
            self._outbox.append(_Frame(data, message_id))
            return
        self._outbox.append(_Frame(data))
        if isinstance(data, str):
            content = framing.decode(data, max_depth=self.max_depth).content
            if isinstance(content, framing.ResultFrame | framing.ErrorFrame):
                self._note_our_answer(content.id)

    def take_outbox(self) -> list[str | bytes]:
        """The frames to send now, in order; they leave the session."""
        frames, self._outbox = self._outbox, []
        return [frame.content for frame in frames]

    # -- what happens ----------------------------------------------------------------------------

    def receive(self, data: str | bytes, now: float) -> list[Fact]:
        """What this frame means. Never raises, whatever the frame holds."""
        if len(data) > self.max_size:
            head = data[:200]
            shown = head if isinstance(head, str) else head.decode("utf-8", "replace")
            return [TooLong(len(data), self.max_size, shown)]
        if isinstance(data, bytes):
            return [BinaryFrame(data)]
        decoded = framing.decode(data, max_depth=self.max_depth)
        facts: list[Fact] = list(decoded.deviations)
        match decoded.content:
            case Malformed() as malformed:
                ended = self._end(decoded.answers_id, "answered", now)
                facts.append(replace(malformed, ended=ended))
            case UnknownType() as unknown:
                facts.append(unknown)
            case framing.CallFrame() as frame:
                self._on_call(frame, now, facts)
            case framing.ResultFrame(message_id, payload):
                call = self._end(message_id, "answered", now)
                if call is None:
                    facts.append(self._stray(message_id, data, now))
                else:
                    waited = _since(call, now)
                    facts.append(Answered(call.id, call.action, call.payload, payload, waited))
            case framing.ErrorFrame(message_id, code, description, details):
                call = self._end(message_id, "answered", now)
                if call is None:
                    facts.append(self._stray(message_id, data, now))
                else:
                    facts.append(
                        AnsweredWithError(
                            call.id,
                            call.action,
                            call.payload,
                            code,
                            description,
                            details,
                            _since(call, now),
                        )
                    )
            case other:
                assert_never(other)
        return facts

    def tick(self, now: float) -> list[Fact]:
        """The calls that have waited too long; the next one in the queue goes out."""
        facts: list[Fact] = []
        for call in [each for each in self._outstanding if _since(each, now) >= self.timeout]:
            self._finish(call, "timed out")
            facts.append(TimedOut(call.id, call.action, call.payload, _since(call, now)))
        self._send_next(now)
        return facts

    def next_deadline(self) -> float | None:
        """When `tick` is due next, or None while nothing can time out."""
        if not self._outstanding:
            return None
        sent = [call.sent for call in self._outstanding if call.sent is not None]
        return min(sent) + self.timeout if sent else None

    def connection_lost(self, now: float) -> list[Fact]:
        """Forget what was in flight or queued, and return it: repeating it is the caller's choice."""
        del now  # The same shape as the other reports; losses are not timed.
        self._connected = False
        facts: list[Fact] = []
        for call in list(self._outstanding):
            self._finish(call, "lost")
            facts.append(Lost(call))
        facts += [Lost(call) for call, _ in self._queue]
        facts += [Undelivered(frame.content) for frame in self._outbox if frame.call_id is None]
        self._queue.clear()
        self._outbox.clear()
        self._unanswered.clear()
        return facts

    def connection_made(self, now: float) -> None:
        """Go on over a new connection; ids of earlier ones stay known."""
        if not self._connected:
            self._connected = True
            self._connection += 1
        self._send_next(now)

    # -- what is going on ------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether the last report about the connection said so."""
        return self._connected

    @property
    def outstanding(self) -> tuple[Call, ...]:
        """Our calls that wait for an answer, oldest first; raw ones included."""
        return tuple(self._outstanding)

    @property
    def queued(self) -> tuple[Call, ...]:
        """Our calls that wait to be sent, next one first."""
        return tuple(call for call, _ in self._queue)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Ids of the CALLs of the other side on this connection that we have not answered."""
        return tuple(self._unanswered)

    # -- calls of ours ---------------------------------------------------------------------------

    def _send_next(self, now: float) -> None:
        if self._connected and self._current is None and self._queue:
            waiting, text = self._queue.popleft()
            call = replace(waiting, sent=now)
            self._current = call
            self._outstanding.append(call)
            self._outbox.append(_Frame(text, call.id))

    def _end(self, message_id: str | None, fate: Fate, now: float) -> Call | None:
        """The oldest outstanding call with this id, which is outstanding no longer."""
        for call in self._outstanding:
            if call.id == message_id:
                self._finish(call, fate)
                self._send_next(now)
                return call
        return None

    def _finish(self, call: Call, fate: Fate) -> None:
        # By identity: two raw calls may be equal.
        self._outstanding = [other for other in self._outstanding if other is not call]
        if call is self._current:
            self._current = None
        _keep(self._past, call.id, _Past(call, fate), self._remember)

    def _stray(self, message_id: str, text: str, now: float) -> Fact:
        """An answer for which no call is outstanding."""
        past = self._past.get(message_id)
        if past is None:
            return Unmatched(message_id, text)
        match past.fate:
            case "answered":
                return DuplicateAnswer(message_id, past.call.action, text)
            case "timed out" | "lost" as fate:
                waited = _since(past.call, now)
                # The call has its answer now; one more is a duplicate.
                self._past[message_id] = replace(past, fate="answered")
                action = past.call.action
                return LateAnswer(message_id, action, text, waited, fate == "lost")
            case other:
                assert_never(other)

    # -- calls of the other side -----------------------------------------------------------------

    def _on_call(self, frame: framing.CallFrame, now: float, facts: list[Fact]) -> None:
        earlier = self._heard.get(frame.id)
        if earlier is not None:
            facts.append(self._duplicate(frame, earlier))
        if self._unanswered:
            others = tuple(each for each in self._unanswered if each != frame.id)
            if others:
                waited = now - max(self._unanswered[each] for each in others)
                facts.append(Overlapping(frame.id, frame.action, others, waited))
        heard = _Heard(frame.action, frame.payload, now, self._connection)
        _keep(self._heard, frame.id, heard, self._remember)
        _keep(self._unanswered, frame.id, now, MAX_UNANSWERED)
        facts.append(Called(frame.id, frame.action, frame.payload))

    def _duplicate(self, frame: framing.CallFrame, earlier: _Heard) -> DuplicateId:
        same_connection = earlier.connection == self._connection
        again = (
            not earlier.is_answered
            and earlier.action == frame.action
            and earlier.payload == frame.payload
        )
        broken = "RPC-ID-002" if same_connection else "RPC-ID-003"
        return DuplicateId(
            frame.id,
            frame.action,
            earlier.action,
            same_connection,
            same_connection and not earlier.is_answered,
            again,
            () if again else (broken,),
        )

    def _note_our_answer(self, message_id: str) -> None:
        self._unanswered.pop(message_id, None)
        heard = self._heard.get(message_id)
        if heard is not None:
            heard.is_answered, heard.payload = True, None


def _since(call: Call, now: float) -> float:
    """Seconds since `call` was sent; 0 where that is not known."""
    return 0.0 if call.sent is None else max(0.0, now - call.sent)


def _keep(store: OrderedDict[str, Any], key: str, value: object, limit: int) -> None:
    """Set `key` as the newest entry and forget the oldest ones beyond `limit`."""
    store[key] = value
    store.move_to_end(key)
    while len(store) > limit:
        store.popitem(last=False)
