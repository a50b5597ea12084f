"""What an alarm says: what was seen, what the model allows instead, and where that is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocpp_verify.ir.lower import Stored
from ocpp_verify.ir.model import Call, Reply
from ocpp_verify.ir.system import Command, State
from ocpp_verify.live.attribution import Reasons
from ocpp_verify.live.belief import UNNOTICED, Overdue
from ocpp_verify.live.binding import Binding
from ocpp_verify.live.oracle import Oracle
from ocpp_verify.live.record import Finding

_MOST = 200
"""States that are asked what they allow; a belief may have thousands."""


class Alarms:
    """Findings about frames that no state explains and about silence that none survives."""

    def __init__(self, oracle: Oracle, binding: Binding) -> None:
        self._oracle = oracle
        self._binding = binding

    def unexpected(
        self,
        states: Sequence[State],
        action: str,
        payload: Mapping[str, Any],
        now: float,
        outcome: str | None = None,
        *,
        reasons: Reasons,
        tried: Sequence[int],
        is_answer: bool = False,
    ) -> Finding:
        """A request, or an answer with that outcome, that none of the states allows; `tried` are the
        steps that it could have been in others.
        """
        what = f"{action}.conf {outcome or ''}".strip() if is_answer else action
        expected: dict[str, None] = {}
        clauses: dict[str, None] = {}
        rules = dict.fromkeys(reasons.forbidden(tried, states))
        if is_answer:
            rules |= dict.fromkeys(self.right_answers(states, action, reasons))
        for command in self._permitted(states[:_MOST]):
            expected.setdefault(self._on_the_wire(command))
            if command.label.action == action:
                clauses.setdefault(str(command.at))
                rules |= dict.fromkeys(command.rules)
        call = self._binding.call(action)
        steps: list[Call | Reply] = [call, *(each for each in call.replies if each.name == outcome)]
        for step in steps:
            if step is not call:
                clauses = {str(step.at): None} | clauses
            rules |= dict.fromkeys(step.rules)
        shown = ", ".join(f"{name}={value}" for name, value in payload.items())
        return Finding(
            "unexpected",
            f"{what}({shown}) is not allowed here",
            tuple(rules),
            now,
            f"{what}({shown})",
            tuple(expected),
            tuple(clauses) or (str(call.at),),
        )

    def right_answers(
        self, states: Sequence[State], action: str, reasons: Reasons
    ) -> tuple[str, ...]:
        """The rules of the answers that the states allow to a request."""
        commands = self._oracle.system.commands
        return reasons.expected(
            dict.fromkeys(
                number
                for state in states[:_MOST]
                for number in self._oracle.permitted(state)
                if commands[number].label.action == action
                and commands[number].label.phase == "reply"
                and commands[number].label.outcome != "CallError"
            )
        )

    def silence(
        self, states: Sequence[State], overdue: Sequence[Overdue], now: float, reasons: Reasons
    ) -> Finding:
        """Every explanation owes something that is overdue."""
        duties: dict[str, str] = {}
        rules: list[str] = []
        clauses: list[str] = []
        for each in [each for each in overdue if each.duty >= 0] or overdue:
            if each.duty == UNNOTICED:
                continue
            if each.duty >= 0:
                duty = self._oracle.duty(each.duty)
                duties[duty.name] = self._told(duty.name, states)
                owing = (each for each in states if self._oracle.holds(duty.pending, each))
                if (state := next(owing, None)) is not None:
                    rules += reasons.owed(duty.pending, state)
                rules += duty.rules
                clauses.append(str(duty.at))
            else:
                command = self._oracle.system.commands[-1 - each.duty]
                duties[str(command.label)] = str(command.label)
                rules += command.rules
                clauses.append(str(command.at))
        since = min(each.since for each in overdue)
        wanted = " or ".join(duties.values()) or "a reaction to what happened"
        return Finding(
            "missing",
            f"{wanted} is owed, but the {self._oracle.sut} is silent for {now - since:.1f} s",
            tuple(dict.fromkeys(rules)),
            now,
            "silence",
            tuple(duties),
            tuple(dict.fromkeys(clauses)),
        )

    def _told(self, duty: str, states: Iterable[State]) -> str:
        """The duty, and which message it is about where the states tell."""
        name = f"{self._oracle.sut}'s queue[0]"
        cells = self._oracle.system.cells
        if not duty.startswith("send what is queued"):
            return duty
        heads = [
            cell.domain[state[at]]
            for at, cell in enumerate(cells)
            if cell.name == name
            for state in states
        ]
        waiting = sorted({each.call for each in heads if isinstance(each, Stored)})
        return f"{duty} ({' or '.join(waiting)})" if waiting else duty

    def _permitted(self, states: Sequence[State]) -> Iterable[Command]:
        for state in states:
            for number in self._oracle.permitted(state):
                command = self._oracle.system.commands[number]
                if command.label.phase != "queued":
                    yield command

    def _on_the_wire(self, command: Command) -> str:
        """A step as it looks on the wire."""
        label = command.label
        if label.phase == "reply":
            told = self._binding.shown(label.action, label.args, label.outcome, label.answer)
            return f"{label.action}.conf {label.outcome}({told})".replace("()", "")
        return f"{label.action}({self._binding.shown(label.action, label.args)})"
