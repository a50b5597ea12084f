"""Between two runs: whoever is connected is answered, and brought back to where a run may begin."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ocpp_verify.ir.model import Role
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.polite import ChargerAnswers, csms_answer
from ocpp_verify.ocpp import facts as wire
from ocpp_verify.ocpp.rpc import Session
from ocpp_verify.ocpp.v16.fill import Filler
from ocpp_verify.ocpp.v16.messages import MESSAGES
from ocpp_verify.ocpp.v16.schemas import Schemas

_ANSWER = 3.0  # seconds for an answer while tidying up
_IN_USE = ("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing")


class Caretaker:
    """A wire that plays `role` without judging: it answers what comes and can make calls."""

    def __init__(
        self,
        role: Role,
        clock: Clock,
        schemas: Schemas,
        filler: Filler,
        send: Callable[[str | bytes], bool],
        prefix: str,
    ) -> None:
        self.is_connected = False
        self.transactions: set[int] = set()
        self.delivered = 0
        """Transaction messages that have arrived."""
        self.statuses: dict[object, object] = {}
        """What a charger reported last, by connector."""
        self._role = role
        self._clock = clock
        self._schemas = schemas
        self._filler = filler
        self._send = send
        self._session = Session(timeout=_ANSWER, prefix=prefix)
        self._answers: dict[str, Mapping[str, Any] | None] = {}
        self._changed = asyncio.Event()
        self._heard = clock.now()
        self._polite = csms_answer if role == "csms" else ChargerAnswers()
        self._session.connection_lost(clock.now())

    def on_connected(self, now: float) -> None:
        """The connection is there."""
        self.is_connected = True
        self._heard = now
        self._session.connection_made(now)
        self._changed.set()

    def on_disconnected(self, now: float, why: str) -> None:
        """The connection is gone."""
        self.is_connected = False
        for fact in self._session.connection_lost(now):
            if isinstance(fact, wire.Lost):
                self._answers[fact.call.id] = None
        self._changed.set()

    def on_noticed(self, fact: object, now: float) -> None:
        """Something about the link that is no frame."""

    def on_frame(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        self._heard = now
        for fact in self._session.receive(data, now):
            match fact:
                case wire.Called():
                    self._answer(fact)
                case wire.Answered():
                    self._answers[fact.id] = fact.payload
                case wire.AnsweredWithError():
                    self._answers[fact.id] = None
                case wire.Malformed() if fact.ended is not None:
                    self._answers[fact.ended.id] = None
        self._flush()
        self._changed.set()

    def _answer(self, fact: wire.Called) -> None:
        message = MESSAGES.get(fact.action)
        if message is None or message.is_sent_by(self._role):
            self._session.answer_error(fact.id, "NotImplemented", f"no action {fact.action}"[:200])
            return
        self.delivered += fact.action in ("StartTransaction", "StopTransaction")
        if fact.action == "StatusNotification":
            self.statuses[fact.payload.get("connectorId")] = fact.payload.get("status")
        given = self._polite(fact.action, fact.payload) or {}
        payload = self._filler.fill(fact.action, "response", given, now=self._clock.utc())
        number = payload.get("transactionId")
        if isinstance(number, int):
            self.transactions.add(number)
        self._session.answer(fact.id, payload)

    async def call(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Make a call; None where no proper answer came."""
        if not self.is_connected:
            return None
        filled = self._filler.fill(action, "request", payload, now=self._clock.utc())
        message_id = self._session.call(action, filled, self._clock.now())
        self._flush()
        await self.until(lambda: message_id in self._answers, _ANSWER)
        return self._answers.get(message_id)

    async def until(self, condition: Callable[[], bool], limit: float) -> bool:
        """Wait for the condition, at most so long."""
        end = self._clock.now() + limit
        while not condition():
            left = end - self._clock.now()
            if left <= 0:
                return False
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, 0.1)):
                    await self._changed.wait()
            self._session.tick(self._clock.now())
            self._flush()
        return True

    def is_idle(self) -> bool:
        """Whether no connector has reported last that it is in use."""
        return not any(status in _IN_USE for status in self.statuses.values())

    async def calm(self, silence: float, limit: float) -> None:
        """Wait until nothing has come for so long, at most `limit`."""
        await self.until(lambda: self._clock.now() - self._heard >= silence, limit)

    def _flush(self) -> None:
        for frame in self._session.take_outbox():
            self._send(frame)
