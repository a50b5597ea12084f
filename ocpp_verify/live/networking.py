"""What the coming and going of a connection means for what is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpp_verify.ir.model import Event, SetLink
from ocpp_verify.ir.system import State
from ocpp_verify.live.belief import Belief
from ocpp_verify.live.oracle import Oracle


class Networking:
    """The model's link events, taken as the real connection comes and goes."""

    def __init__(self, oracle: Oracle, belief: Belief) -> None:
        self._oracle = oracle
        self._belief = belief
        cells = oracle.system.cells
        queue = f"{oracle.sut}'s queue[0]"
        self._queue = next((at for at, cell in enumerate(cells) if cell.name == queue), None)
        self._last: Mapping[str, Any] | None = None
        self._losses = 0

    def is_event(self, name: str, *, up: bool) -> bool:
        """Whether the event is nothing but the link coming up or going down."""
        commands = self._oracle.system.commands
        return any(commands[number].label.action == name for number in self._events(up=up))

    @property
    def has_backlog(self) -> bool:
        """Whether transaction messages may be waiting at the system under test."""
        at = self._queue
        return at is not None and any(state[at] != 0 for state in self._belief.kernel)

    def came(self, now: float) -> bool:
        """The connection is there; False where that is too early by the model."""
        if self._belief.step(self._events(up=True), now):
            return True
        online = self._oracle.system.cell("online")
        return all(state[online] for state in self._belief.states(now))

    @property
    def is_cut(self) -> bool:
        """Whether we have left already, in every possible state: what still comes has crossed that."""
        online = self._oracle.system.cell("online")
        return not any(state[online] for state in self._belief.kernel)

    def went(self, now: float, repeat_after: float) -> None:
        """The connection is gone, and frames that were on their way with it. A transaction message
        among them is repeated after a pause only, in seconds, longer with each time it was lost.
        """
        online = self._oracle.system.cell("online")
        events = self._events(up=False)

        def drop(state: State) -> State | None:
            if not state[online]:
                return state
            return next((target for _, target in self._oracle.after(events, state)), None)

        self._belief.unheard(now)
        self._belief.rewrite(drop, now)
        if self.has_backlog:
            self._losses += 1
            self._oracle.hold(repeat_after * self._losses)
            self._belief.rewrite(lambda state: state, now)

    def delivered(self, payload: Mapping[str, Any]) -> None:
        """A transaction message has arrived: what was held back before it is on its way again."""
        if payload != self._last:
            self._last, self._losses = payload, 0
        self._oracle.hold(0.0)

    def _events(self, *, up: bool) -> tuple[int, ...]:
        names = {
            action.name
            for action in self._oracle.lowering.model.actions
            if isinstance(action, Event)
            and not action.params
            and any(isinstance(each, SetLink) and each.up == up for each in action.updates)
            and len(action.updates) == 1
        }
        return tuple(
            number
            for number, command in enumerate(self._oracle.system.commands)
            if command.label.action in names
        )
