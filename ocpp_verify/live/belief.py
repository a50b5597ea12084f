"""The belief set: all states that a system under test may be in, given what was observed and when.

Judging silence (after Tretmans' ioco, with a deadline per duty): a state survives as long as none of
its pending duties is overdue. A hidden step may have happened as late as its state could wait, so the
duties of a state are timed from the *latest* moment at which it can have been entered, and timers from
the *earliest*: both err on the side of the system under test. Silence is a finding only when no state
survives it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ocpp_verify.ir.system import Command, State
from ocpp_verify.live.oracle import Args, Oracle
from ocpp_verify.semantics.ground import take

UNNOTICED = -(10**9)
"""The `duty` of a physical event that has not been noticed."""

_ROUNDS = 8

Position: TypeAlias = tuple[State, int]
"""A state, and how many of the physical events done so far have been noticed in it."""


@dataclass(slots=True)
class Clocks:
    """Times of one position: when it was entered at the earliest and latest, since when each duty
    is pending at the latest, since when each timer runs at the earliest.
    """

    earliest: float
    latest: float
    duties: dict[int, float] = field(default_factory=dict)
    timers: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A duty that every surviving explanation of the run would have had to fulfil by now."""

    duty: int
    since: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Happening:
    """A physical event that a driver causes; `begun` when it set about it, `done` when it said so."""

    action: str
    args: Args
    begun: float
    done: float


class ExplodedError(Exception):
    """The belief has more positions than the cap allows; the run can only be inconclusive."""


class Belief:
    """Positions with their clocks. Mutable: observations and stimuli update it in place."""

    def __init__(
        self, oracle: Oracle, states: Iterable[State], now: float, *, cap: int = 20_000
    ) -> None:
        self.oracle = oracle
        self._cap = cap
        self._events: list[Happening] = []
        self._seen = 0
        self._kernel: dict[Position, Clocks] = {}
        for state in states:
            position = (oracle.received(state), 0)
            self._kernel[position] = self._enter(position, None, now, now)
        self._open: dict[Position, Clocks] | None = None
        self._open_at = -math.inf

    # what is believed -------------------------------------------------------------------------

    def states(self, now: float) -> list[State]:
        """All states that are possible at `now`, those reached unseen included."""
        return list(dict.fromkeys(state for state, _ in self._closure(now)))

    def likely(self, now: float) -> State:
        """One possible state to plan from: the one in which hidden steps that time forces, and
        events that were caused, have happened.
        """
        closure = self._closure(now)
        return min(
            closure,
            key=lambda position: (
                len(self._events) - position[1],
                sum(1 for owed in self.oracle.owed(position[0]) if owed.duty < 0),
                len(self.oracle.owed(position[0])),
                closure[position].earliest,
            ),
        )[0]

    @property
    def kernel(self) -> list[State]:
        """The states right after the last thing that was seen."""
        return list(dict.fromkeys(state for state, _ in self._kernel))

    # what happens -----------------------------------------------------------------------------

    def happen(self, action: str, args: Args, now: float) -> None:
        """A driver has caused a physical event; it may be noticed from now on.

        Call this before the driver acts: what the system under test says meanwhile may already be
        its effect.
        """
        self._events.append(Happening(action, args, now, now))
        self._open = None

    def done(self, now: float) -> None:
        """The driver says that the last event has been caused; noticing it may take from now on."""
        if self._events:
            self._events[-1] = replace(self._events[-1], done=now)
            self._open = None

    def cancel(self) -> None:
        """The driver says that the last event did not happen after all."""
        last = len(self._events) - 1
        if last >= 0 and all(noticed <= last for _, noticed in self._kernel):
            self._events.pop()
            self._open = None

    def send(
        self,
        phase: str,
        action: str,
        outcome: str | None,
        fits: Callable[[Command], bool],
        now: float,
    ) -> bool:
        """The tester's role has sent a frame. False, and no change, where the model forbids it in
        every position.
        """
        after: dict[Position, Clocks] = {}
        numbers = self.oracle.own(phase, action, outcome, fits)
        for (state, noticed), clocks in self._alive(now).items():
            for _, target in self.oracle.after(numbers, state):
                self._add(after, (self.oracle.received(target), noticed), clocks, now)
        if not after:
            return False
        self._become(after)
        return True

    def observe(
        self,
        phase: str,
        action: str,
        outcome: str | None,
        fits: Callable[[Command], bool],
        now: float,
    ) -> set[int]:
        """The system under test has sent a frame: the commands that explain it. An empty set, and
        no change of the belief, where nothing does.
        """
        after: dict[Position, Clocks] = {}
        used: set[int] = set()
        numbers = self.oracle.shown(phase, action, outcome, fits)
        for (state, noticed), clocks in self._alive(now).items():
            for number, target in self.oracle.after(numbers, state):
                used.add(number)
                self._add(after, (self.oracle.received(target), noticed), clocks, now)
        if after:
            self._become(after)
        return used

    def step(self, numbers: Iterable[int], now: float) -> bool:
        """Steps that are not on the wire and that the caller knows to have happened: those of the
        tester's own role, or a change of the link. Any of the commands; False where none is
        enabled in any position.
        """
        commands = [self.oracle.system.commands[number] for number in numbers]
        after: dict[Position, Clocks] = {}
        for (state, noticed), clocks in self._alive(now).items():
            for command in commands:
                target = take(command, state)
                if target is not None:
                    self._add(after, (self.oracle.received(target), noticed), clocks, now)
        if after:
            self._become(after)
        return bool(after)

    def unheard(self, now: float, frames: int = 2) -> None:
        """The connection is going: the system under test may have sent frames that never arrived,
        at most so many.
        """
        for _ in range(frames):
            after = self._closure(now)
            for (state, noticed), clocks in list(after.items()):
                for number in self.oracle.permitted(state):
                    target = self.oracle.apply(state, number)
                    self._add(after, (target, noticed), clocks, now)
            self._kernel = after
            self._open = None

    def rewrite(self, change: Callable[[State], State | None], now: float) -> bool:
        """Replace every possible state by what `change` makes of it, dropping those it refuses."""
        after: dict[Position, Clocks] = {}
        for (state, noticed), clocks in self._alive(now).items():
            target = change(state)
            if target is not None:
                self._add(after, (self.oracle.received(target), noticed), clocks, now)
        if after:
            self._become(after)
        return bool(after)

    def overdue(self, now: float) -> list[Overdue]:
        """Empty while some position survives the silence; else what each of them owed first."""
        closure = self._closure(now)
        worst: dict[int, Overdue] = {}
        for position, clocks in closure.items():
            first = self._first_deadline(position, clocks)
            if first is None or first.deadline > now:
                return []
            known = worst.get(first.duty)
            if known is None or known.deadline > first.deadline:
                worst[first.duty] = first
        return sorted(worst.values(), key=lambda each: each.deadline)

    def next_deadline(self, now: float) -> float:
        """The earliest moment at which `overdue` may answer differently; infinite if never."""
        latest = -math.inf
        for position, clocks in self._closure(now).items():
            first = self._first_deadline(position, clocks)
            if first is None:
                return math.inf
            latest = max(latest, first.deadline)
        return latest

    def forgive(self, now: float) -> None:
        """Start all clocks again, after an overdue duty has been reported."""
        for position, clocks in self._closure(now).items():
            clocks.duties = {owed.duty: now for owed in self.oracle.owed(position[0])}
            clocks.latest = now
        self._become(self._closure(now))

    def is_quiet(self, soon: float = 10.0) -> bool:
        """Nothing is owed any more, in any position, once the hidden steps that time forces within
        `soon` seconds have happened and all events have been noticed.
        """
        work = list(self._kernel)
        seen = set(work)
        while work:
            state, noticed = work.pop()
            after = [
                (self.oracle.received(move.target), noticed)
                for move in self.oracle.moves(state)
                if move.forced is not None and move.forced <= soon
            ]
            if noticed < len(self._events):
                event = self._events[noticed]
                targets = self.oracle.event(state, event.action, event.args)
                after += [(self.oracle.received(target), noticed + 1) for _, target in targets]
            if not after and any(self.oracle.is_reaction(each) for each in self.oracle.owed(state)):
                return False
            for position in after:
                if position not in seen:
                    seen.add(position)
                    work.append(position)
        return True

    # inside -----------------------------------------------------------------------------------

    def _become(self, after: dict[Position, Clocks]) -> None:
        """Take over the positions, forgetting events that all of them have noticed."""
        done = min(noticed for _, noticed in after)
        if done:
            self._events = self._events[done:]
            after = {(state, noticed - done): clocks for (state, noticed), clocks in after.items()}
        self._kernel = after
        self._open = None

    def _enter(
        self, position: Position, before: Clocks | None, earliest: float, latest: float
    ) -> Clocks:
        state, _ = position
        clocks = Clocks(earliest, latest)
        for owed in self.oracle.owed(state):
            kept = None if before is None else before.duties.get(owed.duty)
            clocks.duties[owed.duty] = latest if kept is None or latest == math.inf else kept
        for timer in self.oracle.timers(state):
            kept = None if before is None else before.timers.get(timer)
            clocks.timers[timer] = earliest if kept is None else kept
        return clocks

    def _add(
        self, into: dict[Position, Clocks], position: Position, before: Clocks, now: float
    ) -> None:
        capped = Clocks(
            now,
            now,
            {duty: min(since, now) for duty, since in before.duties.items()},
            before.timers,
        )
        self._merge(into, position, self._enter(position, capped, now, now))

    def _merge(self, into: dict[Position, Clocks], position: Position, clocks: Clocks) -> bool:
        """Add the position, or be as lenient as both ways to it; whether anything changed."""
        known = into.get(position)
        if known is None:
            into[position] = clocks
            if len(into) > self._cap:
                raise ExplodedError
            return True
        changed = False
        if clocks.earliest < known.earliest:
            known.earliest, changed = clocks.earliest, True
        if clocks.latest > known.latest:
            known.latest, changed = clocks.latest, True
        for duty, since in clocks.duties.items():
            if since > known.duties[duty]:
                known.duties[duty], changed = since, True
        for timer, since in clocks.timers.items():
            if since < known.timers[timer]:
                known.timers[timer], changed = since, True
        return changed

    def _alive(self, now: float) -> dict[Position, Clocks]:
        """The positions that can have waited until now; all, if none can."""
        closure = self._closure(now)
        alive = {}
        for position, clocks in closure.items():
            first = self._first_deadline(position, clocks)
            if first is None or first.deadline >= now:
                alive[position] = clocks
        return alive or closure

    def _first_deadline(self, position: Position, clocks: Clocks) -> Overdue | None:
        state, noticed = position
        first: Overdue | None = None
        for owed in self.oracle.owed(state):
            since = clocks.duties[owed.duty]
            deadline = since + owed.seconds
            if first is None or deadline < first.deadline:
                first = Overdue(owed.duty, since, deadline)
        if noticed < len(self._events):
            event = self._events[noticed]
            deadline = event.done + self.oracle.timing.notice
            if first is None or deadline < first.deadline:
                first = Overdue(UNNOTICED, event.done, deadline)
        return first

    def _closure(self, now: float) -> dict[Position, Clocks]:
        """All positions that hidden steps and unnoticed events can have led to by now."""
        if self._open is not None and self._open_at == now:
            return self._open
        if self._open is not None and not any(
            move.ripe for state, _ in self._open for move in self.oracle.moves(state)
        ):
            self._open_at = now
            return self._open
        found = {
            position: Clocks(
                clocks.earliest, clocks.latest, dict(clocks.duties), dict(clocks.timers)
            )
            for position, clocks in self._kernel.items()
        }
        work = list(found)
        rounds: dict[Position, int] = {}
        while work:
            position = work.pop()
            clocks = found[position]
            first = self._first_deadline(position, clocks)
            death = math.inf if first is None else first.deadline
            for target, earliest in self._unseen(position, clocks, now):
                times = rounds[target] = rounds.get(target, 0) + 1
                # A round trip of hidden steps can take for ever: after some rounds, say so.
                latest = math.inf if times > _ROUNDS else max(death, clocks.latest)
                if self._merge(found, target, self._enter(target, clocks, earliest, latest)):
                    work.append(target)
        self._open, self._open_at = found, now
        return found

    def _unseen(
        self, position: Position, clocks: Clocks, now: float
    ) -> Iterable[tuple[Position, float]]:
        state, noticed = position
        for move in self.oracle.moves(state):
            earliest = clocks.earliest
            if move.ripe:
                earliest = max(earliest, clocks.timers[move.command] + move.ripe)
                if earliest > now:
                    continue
            yield (self.oracle.received(move.target), noticed), earliest
        if noticed < len(self._events):
            event = self._events[noticed]
            earliest = max(clocks.earliest, event.begun)
            targets = self.oracle.event(state, event.action, event.args)
            for _, target in targets:
                yield (self.oracle.received(target), noticed + 1), earliest
