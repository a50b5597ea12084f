"""What a system under test may do next, must do by when, and may have done unseen.

The structural half of the belief set: everything here depends on one state of the ground system
only, and is remembered per state. Time and observations are the belief's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Hidden, Role
from ocpp_verify.ir.system import Command, Formula, GroundDuty, State
from ocpp_verify.ir.types import Value
from ocpp_verify.semantics.ground import holds

Args = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Lengths of time, in seconds, that the judgement uses.

    Attributes:
        answer: a call is answered within this time.
        send: what is queued goes on the wire within this time once it may.
        latency: a frame that we sent has been handled after this time.
        notice: a physical event has been noticed this long after the driver said it was done.
        at_most: upper limit for every duty and delay whose length is written in the model, to keep
            quick systems from being waited for; None: as the model says.
        early: share by which a timer may fire early without being blamed.
        settings: values for the model's durations by name, such as those read from the SUT.
    """

    answer: float = 30.0
    send: float = 30.0
    latency: float = 5.0
    notice: float = 5.0
    at_most: float | None = None
    early: float = 0.1
    settings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """A hidden step of the system under test. `forced` seconds after it became possible it has
    happened; it does not happen before `ripe` seconds.
    """

    command: int
    target: State
    forced: float | None
    ripe: float


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty that is pending in a state, and the seconds it may take. Negative ids are answers to
    our frames: hidden steps that time forces.
    """

    duty: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a state holds in store for the system under test.

    Attributes:
        moves: hidden steps that the state permits and that change it.
        timers: hidden steps that wait for their time to come; they may change nothing as yet.
        owed: duties that are pending, and moves that time forces.
        ripens: whether a move waits for its time to come.
    """

    moves: tuple[Move, ...]
    timers: tuple[int, ...]
    owed: tuple[Owed, ...]
    ripens: bool


class Oracle:
    """One model, one system under test. All methods are pure; results are cached by state."""

    def __init__(self, lowering: Lowering, sut: Role, timing: Timing) -> None:
        self.lowering = lowering
        self.system = lowering.system
        self.sut = sut
        self.timing = timing
        self._hidden: dict[int, tuple[float | None, float]] = {}
        self._visible: dict[tuple[str, str, str | None], list[int]] = {}
        self.events: dict[tuple[str, Args], tuple[int, ...]] = {}
        self._own_answers: dict[str, list[int]] = {}
        self._own_hidden: list[int] = []
        self.own_commands: list[int] = []
        self._compiled = CompiledSystem(lowering.system, ())
        for number, command in enumerate(self.system.commands):
            label = command.label
            key = (label.phase, label.action, label.outcome)
            if label.actor == sut:
                if label.visible:
                    self._visible.setdefault(key, []).append(number)
                else:
                    self._hidden[number] = self._bounds(command)
            elif label.actor == "environment" and label.role == sut:
                event = (label.action, self.outer(label.action, label.args))
                self.events[event] = (*self.events.get(event, ()), number)
            elif label.phase == "received":
                self._own_hidden.append(number)
            else:
                self.own_commands.append(number)
                if label.phase == "reply":
                    self._own_answers.setdefault(label.action, []).append(number)
        self._hidden_steps = CompiledSystem(lowering.system, self._hidden)
        self._outlooks: dict[State, Outlook] = {}
        self._received: dict[State, State] = {}
        self._after: dict[tuple[tuple[int, ...], State], tuple[tuple[int, State], ...]] = {}
        self._possible_answers: dict[tuple[str, State], tuple[int, ...]] = {}
        self._excused: frozenset[str] = frozenset()
        self._pause = 0.0
        self._duties = self._timed_duties()

    def excuse(self, names: Iterable[str]) -> None:
        """Judge no duty of these names, as they are known to be left undone; all others again.
        For beliefs that begin afterwards.
        """
        if self._excused != frozenset(names):
            self._excused = frozenset(names)
            self._duties = self._timed_duties()
            self._outlooks.clear()

    @property
    def pause(self) -> float:
        """Seconds by which sending what is queued may be late."""
        return self._pause

    def hold(self, seconds: float) -> None:
        """What is queued may wait so much longer from now on, as it does after a transmission that
        was not answered. Rewrite the belief afterwards.
        """
        if self._pause != seconds:
            self._pause = seconds
            self._duties = self._timed_duties()
            self._outlooks.clear()

    def _timed_duties(self) -> list[tuple[int, GroundDuty, float]]:
        return [
            (number, duty, self._seconds(duty))
            for number, duty in enumerate(self.system.duties)
            if duty.owner == self.sut
            and not duty.advice
            and duty.name not in self._excused
            and self._seconds(duty) > 0
        ]

    def retime(self, timing: Timing) -> None:
        """Judge by other lengths of time from now on, as when they have been read from the system
        under test. Rewrite the belief afterwards: its clocks were set by the old ones.
        """
        self.timing = timing
        for number in self._hidden:
            self._hidden[number] = self._bounds(self.system.commands[number])
        self._duties = self._timed_duties()
        self._outlooks.clear()

    def outer(self, action: str, args: Args) -> Args:
        """The arguments that the environment decides: those that are not internal."""
        internal = {
            each.name for each in self.lowering.model.action(action).params if each.internal
        }
        return tuple((name, value) for name, value in args if name not in internal)

    def _length(self, seconds: float | None, name: str | None) -> float:
        if name is None:
            return seconds or 0.0
        known = {each.name: each.seconds for each in self.lowering.model.settings}
        return self.timing.settings.get(name, known[name])

    def bounds(self, number: int) -> tuple[float | None, float]:
        """When a hidden step of the system under test has happened at the latest after it became
        possible, if time forces it, and when it can happen at the earliest.
        """
        return self._hidden[number]

    def _bounds(self, command: Command) -> tuple[float | None, float]:
        label = command.label
        if label.phase == "received":
            return self.timing.latency, 0.0
        action = self.lowering.model.action(label.action)
        if not isinstance(action, Hidden) or action.after is None:
            return None, 0.0
        after = self._length(action.after.seconds, action.after.name)
        forced = None
        if action.within is not None:
            within = self._length(action.within.seconds, action.within.name)
            if self.timing.at_most is not None:
                within = min(within, self.timing.at_most)
            forced = after * (1 + self.timing.early) + within
        # A clock that counts whole seconds may be one early.
        return forced, max(min(after * (1 - self.timing.early), after - 1), after / 2)

    def _seconds(self, duty: GroundDuty) -> float:
        if duty.key is not None:
            # Named lengths are settings of the system under test; 0 switches the duty off.
            return self._length(duty.seconds, duty.key) * (1 + self.timing.early)
        if duty.seconds is None:
            seconds = self.timing.answer if duty.name.startswith("answer ") else self.timing.send
        else:
            seconds = duty.seconds
        if self.timing.at_most is not None:
            seconds = min(seconds, self.timing.at_most)
        return seconds + self._pause if duty.name.startswith("send what ") else seconds

    def is_reaction(self, owed: Owed) -> bool:
        """Whether it follows from something that happened. A duty whose length is a setting, such
        as the interval of meter values, comes again and again: nobody waits for the last time.
        """
        return owed.duty >= 0 and self.duty(owed.duty).key is None

    def duty(self, number: int) -> GroundDuty:
        """The duty of that number."""
        return self.system.duties[number]

    # per state --------------------------------------------------------------------------------

    def outlook(self, state: State) -> Outlook:
        """What may happen unseen in the state, and what has to happen."""
        known = self._outlooks.get(state)
        if known is None:
            known = self._outlooks[state] = self._look_out(state)
        return known

    def _look_out(self, state: State) -> Outlook:
        moves = []
        timers = []
        owed = [
            Owed(number, seconds)
            for number, duty, seconds in self._duties
            if holds(duty.pending, state)
        ]
        for number, target in self._hidden_steps.successors(state):
            forced, ripe = self._hidden[number]
            if target != state:
                moves.append(Move(number, target, forced, ripe))
                if forced is not None:
                    owed.append(Owed(-1 - number, forced))
            if ripe:
                timers.append(number)
        ripens = any(move.ripe > 0 for move in moves)
        return Outlook(tuple(moves), tuple(timers), tuple(owed), ripens)

    def shown(self, phase: str, action: str, outcome: str | None) -> list[int]:
        """Visible steps of the system under test with that name."""
        return self._visible.get((phase, action, outcome), [])

    def permitted(self, state: State) -> list[int]:
        """All visible steps of the system under test that the state permits."""
        return [
            number
            for numbers in self._visible.values()
            for number in numbers
            if self.enabled(number, state)
        ]

    def own_answers(self, action: str, state: State) -> tuple[int, ...]:
        """The tester's answers to a request of that name that the state permits."""
        known = self._possible_answers.get((action, state))
        if known is None:
            known = self._possible_answers[action, state] = tuple(
                number
                for number in self._own_answers.get(action, ())
                if self.enabled(number, state)
            )
        return known

    def event(self, state: State, action: str, args: Args) -> tuple[tuple[int, State], ...]:
        """What an event at the system under test leads to; nothing if the state forbids it."""
        return self.after(self.events.get((action, args), ()), state)

    def received(self, state: State) -> State:
        """The state after the tester's role has received what has arrived for it."""
        known = self._received.get(state)
        if known is None:
            known = state
            for number in self._own_hidden:
                if self.enabled(number, state):
                    known = self.received(self._compiled.apply(state, number))
                    break
            self._received[state] = known
        return known

    def apply(self, state: State, number: int) -> State:
        """The state after a command that the state permits."""
        return self._compiled.apply(state, number)

    def enabled(self, number: int, state: State) -> bool:
        """Whether the state permits the command."""
        return self._compiled.enabled(state, number)

    def after(self, numbers: tuple[int, ...], state: State) -> tuple[tuple[int, State], ...]:
        """Those of the steps that the state permits, with the state after each, in which the
        tester's role has received what has arrived for it.
        """
        known = self._after.get((numbers, state))
        if known is None:
            known = self._after[numbers, state] = tuple(
                (number, self.received(self.apply(state, number)))
                for number in numbers
                if self.enabled(number, state)
            )
        return known

    def holds(self, formula: Formula, state: State) -> bool:
        """Whether the formula is true in the state."""
        return holds(formula, state)
