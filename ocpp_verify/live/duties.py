"""What the tester's own role owes. A tester that plays a role truthfully does what it owes."""

from __future__ import annotations

from dataclasses import replace

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.ir.model import Role
from ocpp_verify.ir.system import Command, GroundDuty, Label, State
from ocpp_verify.live.oracle import Oracle


class OwnDuties:
    """The duties of one role, without those to answer: answers are given at once anyway.

    Duties whose length is a setting recur, such as meter values: each is due again that many
    seconds after it was last done. A setting of 0 switches its duty off.
    """

    def __init__(self, oracle: Oracle, role: Role) -> None:
        self._oracle = oracle
        self._duties = [
            each
            for each in oracle.system.duties
            if each.owner == role and not each.advice and not each.name.startswith("answer ")
        ]
        self._done: dict[str, float] = {}
        label = Label("step", "duty", (), "environment", role, visible=False)
        watched = tuple(Command(label, each.pending, ()) for each in self._duties)
        self._compiled = CompiledSystem(replace(oracle.system, commands=watched))

    def due(self, state: State, now: float) -> list[GroundDuty]:
        """What is to be done now, in the order of the model."""
        found = []
        for number, _ in self._compiled.successors(state):
            duty = self._duties[number]
            if duty.key is not None:
                length = self._length(duty)
                last = self._done.setdefault(duty.name, now)
                if length <= 0 or now < last + length:
                    continue
            found.append(duty)
        return found

    def next_due(self, state: State, now: float) -> float | None:
        """When a recurring duty is due at the earliest; None if there is none."""
        times = [
            self._done.get(self._duties[number].name, now) + self._length(self._duties[number])
            for number, _ in self._compiled.successors(state)
            if self._duties[number].key is not None and self._length(self._duties[number]) > 0
        ]
        return min(times, default=None)

    def done(self, duty: GroundDuty, now: float) -> None:
        """The duty has been fulfilled."""
        self._done[duty.name] = now

    def _length(self, duty: GroundDuty) -> float:
        assert duty.key is not None
        known = {each.name: each.seconds for each in self._oracle.lowering.model.settings}
        return self._oracle.timing.settings.get(duty.key, known[duty.key])
