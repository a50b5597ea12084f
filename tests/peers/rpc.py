"""One OCPP-J 1.6 connection seen from either side: frames in, frames out, one CALL at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed

from tests.peers.clock import monotonic
from tests.peers.schema import (
    ACTIONS,
    CALL,
    CALL_ERROR,
    CALL_RESULT,
    CallFaultError,
    Payload,
    check,
)

LOGGER = logging.getLogger(__name__)

Serve = Callable[[str, Payload], Payload | None]
"""Carries out one incoming CALL and gives its answer; `None` means to stay silent.

It must not wait for anything, so that an answer never depends on this side's own CALLs.
"""

Trace = Callable[[str, str], None]
"""Told of every frame: the direction (`<-` received, `->` sent) and its text."""

MAX_ID_LENGTH = 36


class LinkLostError(Exception):
    """The connection ended before the answer came."""


class NoAnswerError(Exception):
    """The time allowed for the answer ran out."""


class RefusedError(Exception):
    """The CALL was answered with CALLERROR, or with a payload that breaks the schema."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Quirks:
    """Faults at the level of frames; all off in a faithful peer."""

    action_in_results: bool = False
    """CALLRESULT has the action name as fourth element."""
    answers_twice: frozenset[str] = frozenset()
    """Actions whose CALLs are answered twice."""
    refuses_crossing: bool = False
    """A CALL that arrives while an own CALL is pending is answered with CALLERROR."""
    one_lock: bool = False
    """Incoming CALLs wait until no own CALL is pending."""
    drops_call_errors: bool = False
    """A CALLERROR is ignored and the CALL it answers waits for ever."""
    any_answer_fits: bool = False
    """An answer with a foreign id is taken for the pending CALL."""
    pipelines: bool = False
    """A second CALL may be sent before the first is answered."""
    later_error_codes: bool = False
    """Error codes are spelled as in later OCPP versions."""


class AnswerMemory:
    """The answers given on one connection, so that a repeated CALL is not carried out twice.

    Only the same id with the same content counts as a repetition: a peer that uses an id for
    something else breaks a rule of its own, and its CALL is carried out.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._answers: OrderedDict[tuple[str, str], str | None] = OrderedDict()

    def knows(self, message_id: str, call: str) -> bool:
        return (message_id, call) in self._answers

    def answer(self, message_id: str, call: str) -> str | None:
        """The frame that answered a known CALL; `None` if it was met with silence."""
        return self._answers[message_id, call]

    def keep(self, message_id: str, call: str, answer: str | None) -> None:
        self._answers[message_id, call] = answer
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)


class Link:
    """One WebSocket connection that carries OCPP-J.

    `run` reads until the connection ends; `call` sends one request and waits for its answer.
    Requests are sent one at a time in the order of the calls of `call`.
    """

    def __init__(
        self,
        socket: Connection,
        serve: Serve,
        supported: frozenset[str],
        quirks: Quirks | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.socket = socket
        self._serve = serve
        self._supported = supported
        self._answers = AnswerMemory()
        self._quirks = quirks or Quirks()
        self._trace = trace
        self._turn = asyncio.Semaphore(2 if self._quirks.pipelines else 1)
        self._pending: dict[str, asyncio.Future[list[Any]]] = {}
        self._deferred: set[asyncio.Task[None]] = set()
        self.is_open = True
        self.is_silent = False  # while set, no incoming CALL is carried out or answered
        self.last_sent = monotonic()

    # Reading.

    async def run(self) -> None:
        """Serve the connection until it ends; never raises because of what the peer sends."""
        try:
            async for text in self.socket:
                await self._receive(text)
        except ConnectionClosed:
            pass
        finally:
            self.is_open = False
            for task in self._deferred:
                task.cancel()
            for future in self._pending.values():
                if not future.done():
                    future.set_exception(LinkLostError())

    async def _receive(self, text: str | bytes) -> None:
        shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
        if self._trace:
            self._trace("<-", shown)
        try:
            frame = json.loads(shown)
        except ValueError:
            return  # nothing in it could be answered
        match frame:
            case [kind, *_] if type(kind) is int and kind == CALL:
                await self._receive_call(frame)
            case [kind, str(message_id), *rest] if kind in (CALL_RESULT, CALL_ERROR):
                self._receive_answer(int(kind), message_id, rest)
                # Whoever waits for this answer acts on it before the next frame is read.
                for _ in range(4):
                    await asyncio.sleep(0)
            case _:
                return  # other message types are ignored

    def _receive_answer(self, kind: int, message_id: str, rest: list[Any]) -> None:
        if kind == CALL_ERROR and self._quirks.drops_call_errors:  # CP-R6
            return
        if message_id not in self._pending and self._quirks.any_answer_fits:  # CP-R5
            message_id = next(iter(self._pending), message_id)
        future = self._pending.get(message_id)
        if future is not None and not future.done():
            future.set_result([kind, *rest])

    async def _receive_call(self, frame: list[Any]) -> None:
        if self.is_silent:
            return
        match frame:
            case [_, str(message_id), str(action), payload]:
                pass
            case [_, str(message_id), *_]:
                await self._send_error(
                    message_id, CallFaultError("FormationViolation", "a CALL has four elements")
                )
                return
            case _:
                return  # without an id there is nothing to answer to
        if self._quirks.one_lock and self._pending:  # CS-16
            task = asyncio.create_task(self._answer_when_free(message_id, action, payload))
            self._deferred.add(task)
            task.add_done_callback(self._deferred.discard)
            return
        await self._answer(message_id, action, payload)

    async def _answer_when_free(self, message_id: str, action: str, payload: object) -> None:
        async with self._turn:
            await self._answer(message_id, action, payload)

    async def _answer(self, message_id: str, action: str, payload: object) -> None:
        call = json.dumps([action, payload], sort_keys=True)
        if self._answers.knows(message_id, call):
            answer = self._answers.answer(message_id, call)
        else:
            answer = self._first_answer(message_id, action, payload)
            self._answers.keep(message_id, call, answer)
        if answer is None:
            return
        await self._send(answer)
        if action in self._quirks.answers_twice:  # CP-E1, CS-E2
            await self._send(answer)

    def _first_answer(self, message_id: str, action: str, payload: object) -> str | None:
        try:
            return self._carry_out(message_id, action, payload)
        except CallFaultError as fault:
            return self._error_frame(message_id, fault)
        except Exception as defect:
            LOGGER.exception("%s failed", action)
            return self._error_frame(message_id, CallFaultError("InternalError", repr(defect)))

    def _carry_out(self, message_id: str, action: str, payload: object) -> str | None:
        if len(message_id) > MAX_ID_LENGTH:
            raise CallFaultError("FormationViolation", "a message id has 36 characters at most")
        if action not in ACTIONS:
            raise CallFaultError("NotImplemented", f"unknown action {action}")
        if action not in self._supported:
            raise CallFaultError("NotSupported", f"{action} is not supported here")
        if payload is None:
            payload = {}
        if not isinstance(payload, dict):
            raise CallFaultError("FormationViolation", "a payload is an object")
        check(CALL, action, payload)
        if self._quirks.refuses_crossing and self._pending:  # CS-15
            raise CallFaultError("InternalError", "another call is in progress")
        result = self._serve(action, payload)
        if result is None:
            return None
        frame: list[Any] = [CALL_RESULT, message_id, result]
        if self._quirks.action_in_results:  # CP-R8
            frame.insert(2, action)
        return _text(frame)

    def _error_frame(self, message_id: str, fault: CallFaultError) -> str:
        code = fault.code
        if self._quirks.later_error_codes:  # CP-E3
            code = {
                "FormationViolation": "FormatViolation",
                "OccurenceConstraintViolation": "OccurrenceConstraintViolation",
                "NotImplemented": "MessageTypeNotSupported",
            }.get(code, code)
        return _text([CALL_ERROR, message_id[:MAX_ID_LENGTH], code, fault.description, {}])

    # Sending.

    async def call(
        self,
        action: str,
        payload: Payload,
        patience: float,
        message_id: str | None = None,
    ) -> Payload:
        """Send a request and give the payload of its CALLRESULT.

        `patience` counts in seconds from the sending, not from the queueing. Raises `LinkLostError`,
        `NoAnswerError` or `RefusedError`.
        """
        async with self._turn:
            if not self.is_open:
                raise LinkLostError
            message_id = message_id or str(uuid.uuid4())
            future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
            self._pending[message_id] = future
            try:
                await self._send(_text([CALL, message_id, action, payload]))
                answer = await self._answer_to(future, patience)
            finally:
                del self._pending[message_id]
                if future.done() and not future.cancelled():
                    future.exception()
        match answer:
            case [kind, dict(result)] if kind == CALL_RESULT:
                try:
                    check(CALL_RESULT, action, result)
                except CallFaultError as fault:
                    raise RefusedError(fault.code, f"bad answer: {fault.description}") from fault
                return result
            case [kind, str(code), *details] if kind == CALL_ERROR:
                raise RefusedError(code, str(details[0]) if details else "")
            case _:
                raise RefusedError("FormationViolation", "malformed answer")

    async def _answer_to(self, future: asyncio.Future[list[Any]], patience: float) -> list[Any]:
        if self._quirks.drops_call_errors:  # CP-R6: nothing but a CALLRESULT ends the wait
            return await future
        try:
            async with asyncio.timeout(patience):
                return await future
        except TimeoutError as late:
            raise NoAnswerError from late

    async def _send_error(self, message_id: str, fault: CallFaultError) -> None:
        await self._send(self._error_frame(message_id, fault))

    async def _send(self, text: str) -> None:
        self.last_sent = monotonic()
        if self._trace:
            self._trace("->", text)
        with suppress(ConnectionClosed):  # the reading side notices and fails what is pending
            await self.socket.send(text)

    # Ending.

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection with the closing handshake."""
        self.is_open = False
        await self.socket.close(code, reason)

    def cut(self) -> None:
        """End the connection as a pulled cable would: no closing handshake."""
        self.is_open = False
        self.socket.transport.abort()


def _text(frame: list[Any]) -> str:
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=True)
