"""How the belief takes what the system under test has sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpp_verify.ir.lower import InFlight, Stored
from ocpp_verify.ir.model import peer
from ocpp_verify.ir.system import State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.belief import Belief
from ocpp_verify.live.binding import Binding, Expected
from ocpp_verify.live.matching import Matching
from ocpp_verify.live.numbers import Numbers
from ocpp_verify.live.oracle import Oracle
from ocpp_verify.live.record import Finding, Record


class Explanations:
    """Frames as steps of the model. A wrong value of an advisory parameter is advice only."""

    def __init__(
        self, oracle: Oracle, binding: Binding, belief: Belief, numbers: Numbers, record: Record
    ) -> None:
        self._oracle = oracle
        self._binding = binding
        self._belief = belief
        self._numbers = numbers
        self._record = record
        self._matching = Matching(oracle, binding)
        self.tried: tuple[int, ...] = ()
        """Steps that the last frame could have been in some state, whether or not one was possible."""

    def request(self, action: str, payload: Mapping[str, Any], now: float) -> set[int]:
        """The steps that a request is in some possible state; none, and the belief is as it was."""
        words = self._binding.asked(action)
        for expected in self._binding.meanings(words, payload, self._numbers.in_use):
            self.tried = self._matching.requests(action, expected)
            used = self._belief.step(self.tried, now)
            used = used or self._leniently(
                action, expected, self._matching.near_requests(action, expected), now
            )
            if used:
                return used
        return set()

    def answer(
        self,
        action: str,
        outcome: str,
        args: Mapping[str, Value],
        payload: Mapping[str, Any],
        now: float,
    ) -> set[int]:
        """The same of an answer to a request with these arguments."""
        words = self._binding.told(action, outcome)
        for expected in self._binding.meanings(words, payload, self._numbers.in_use):
            steps = self._matching.answers(action, outcome, expected, args)
            self.tried = steps
            used = self._belief.step(steps, now)
            used = used or self._leniently(
                action, expected, self._matching.near_answers(action, outcome, expected, args), now
            )
            if used:
                return used
        return set()

    def _leniently(
        self, action: str, expected: Expected, steps: tuple[int, ...], now: float
    ) -> set[int]:
        used = self._belief.step(steps, now) if steps else set()
        if used:
            call = self._binding.call(action)
            told = dict(expected.values)
            advisory = sorted(each.name for each in call.params if each.advice)
            shown = ", ".join(f"{name}={told.get(name)}" for name in advisory)
            message = f"{action} with another {shown} than the one described"
            self._record.add(Finding("advice", message, call.rules, now, shown))
        return used

    def force(self, action: str, payload: Mapping[str, Any], now: float) -> dict[str, Value] | None:
        """Let the call be in flight whatever its sender's state; its arguments, or None."""
        words = self._binding.asked(action)
        *_, expected = self._binding.meanings(words, payload, self._numbers.in_use)
        made: dict[int, int] = {}
        args: dict[str, Value] = {}
        sut = self._oracle.sut
        for number, cell in enumerate(self._oracle.system.cells):
            if cell.name not in (f"{sut}'s call", f"{sut}'s queue[0]"):
                continue
            for at, value in enumerate(cell.domain):
                if not isinstance(value, InFlight | Stored) or value.call != action:
                    continue
                if not getattr(value, "behind", False) and expected.fits(value.args):
                    made[number] = at
                    args.update(value.args)
                    break
        if not made:
            return None

        def forced(state: State) -> State:
            return tuple(made.get(number, each) for number, each in enumerate(state))

        self._belief.rewrite(forced, now)
        return args

    def give_up(self, now: float) -> None:
        """The call that we have out will not be answered as the model knows it: forget it, and do not
        send it again if it came from our queue (CORE-QUE-009).
        """
        role = peer(self._oracle.sut)
        system = self._oracle.system
        slot = system.cell(f"{role}'s call")
        queue = [
            at for at, cell in enumerate(system.cells) if cell.name.startswith(f"{role}'s queue[")
        ]

        def forget(state: State) -> State:
            out = system.cells[slot].domain[state[slot]]
            made = list(state)
            made[slot] = 0
            if isinstance(out, InFlight) and self._binding.call(out.call).queued:
                for at, behind in zip(queue, [*queue[1:], None], strict=True):
                    made[at] = 0 if behind is None else state[behind]
            return tuple(made)

        self._belief.rewrite(forget, now)
