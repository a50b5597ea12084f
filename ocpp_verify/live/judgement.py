"""What is found where the model does not explain what the system under test did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocpp_verify.ir.system import State
from ocpp_verify.live.alarms import Alarms
from ocpp_verify.live.attribution import Reasons
from ocpp_verify.live.belief import Belief, Overdue
from ocpp_verify.live.binding import Binding
from ocpp_verify.live.explanations import Explanations
from ocpp_verify.live.numbers import Numbers
from ocpp_verify.live.oracle import Oracle
from ocpp_verify.live.record import Finding, Record
from ocpp_verify.ocpp import facts as wire
from ocpp_verify.ocpp.v16.messages import MESSAGES

NOT_SUPPORTED = ("NotImplemented", "NotSupported")
"""Error codes of a system that has no such function."""


class Judgement:
    """Puts findings on record. `is_crossing` tells that a call of the other side waited for our
    answer meanwhile.
    """

    def __init__(
        self,
        oracle: Oracle,
        binding: Binding,
        belief: Belief,
        explanations: Explanations,
        numbers: Numbers,
        record: Record,
    ) -> None:
        self._oracle = oracle
        self._binding = binding
        self._belief = belief
        self._explanations = explanations
        self._numbers = numbers
        self._record = record
        self._alarms = Alarms(oracle, binding)

    def request(self, fact: wire.Called, now: float, *, is_crossing: bool) -> None:
        """A request that no explanation allows; the attempt to explain it was the last."""
        found = self._alarms.unexpected(
            self._likely_first(now),
            fact.action,
            fact.payload,
            now,
            reasons=self._reasons(),
            tried=self._explanations.tried,
        )
        if is_crossing:
            found = replace(found, rules=("RPC-SYNC-001", *found.rules))
        self._add(found)

    def answer(self, fact: wire.Answered, outcome: str | None, now: float) -> None:
        """The same of an answer; `outcome` is None where the model has no such."""
        self._add(
            self._alarms.unexpected(
                self._likely_first(now),
                fact.action,
                fact.payload,
                now,
                outcome,
                reasons=self._reasons(),
                tried=self._explanations.tried if outcome is not None else (),
                is_answer=True,
            )
        )

    def numbers(self, fact: wire.Answered, outcome: str, now: float) -> None:
        """A number that an answer makes up has not been made up for another call."""
        action = fact.action
        words = self._binding.told(action, outcome)
        for name, number in self._numbers.given_twice(action, words, fact.payload, fact.id):
            replies = self._binding.call(action).replies
            reply = next(each for each in replies if each.name == outcome)
            message = f"{name} {number} was given to an earlier {action} already"
            seen = f"{action}.conf {name}={number}"
            self._record.add(
                Finding("unexpected", message, reply.rules, now, seen, clauses=(str(reply.at),))
            )

    def refusal(self, fact: wire.AnsweredWithError, now: float, *, is_crossing: bool) -> None:
        """A request of ours is answered with an error that the model does not have."""
        action = fact.action
        if fact.code not in NOT_SUPPORTED:
            message = f"{action} is answered with CALLERROR {fact.code} {fact.description}".strip()
            rules = ("RPC-ERR-011", *self._answer_rules(action, now, is_crossing))
            self._record.add(Finding("unexpected", message, rules, now, fact.code))
        elif MESSAGES[action].profile == "Core":
            message = f"{action} is not supported, although the Core profile has to be"
            self._record.add(Finding("protocol", message, ("CORE-GEN-001",), now, fact.code))

    def no_answer(self, fact: wire.TimedOut, now: float, *, is_crossing: bool) -> None:
        """A request of ours has waited in vain."""
        message = f"no answer to {fact.action} within {fact.waited:.0f} s"
        rules = ("RPC-SYNC-006", *self._answer_rules(fact.action, now, is_crossing))
        self._record.add(Finding("missing", message, rules, now, "silence"))

    def silence(self, overdue: Sequence[Overdue], now: float) -> None:
        """Every explanation owes something that is overdue."""
        states = self._likely_first(now)
        self._add(self._alarms.silence(states, overdue, now, self._reasons()))

    def _add(self, found: Finding) -> None:
        """What the belief says is no finding where some of its states are missing."""
        if not self._belief.has_overflown:
            self._record.add(found)

    def _answer_rules(self, action: str, now: float, is_crossing: bool) -> tuple[str, ...]:
        """The rules of the answers that would have been right, and those of calls that cross."""
        crossing = ("RPC-SYNC-002", "RPC-SYNC-008") if is_crossing else ()
        states = self._likely_first(now)
        return (*crossing, *self._alarms.right_answers(states, action, self._reasons()))

    def _reasons(self) -> Reasons:
        return Reasons(self._oracle, self._belief.turns)

    def _likely_first(self, now: float) -> list[State]:
        return [self._belief.likely(now), *self._belief.states(now)]
