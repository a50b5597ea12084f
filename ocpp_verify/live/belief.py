"""The belief set: all states that a system under test may be in, given what was observed and when.

Judging silence (after Tretmans' ioco, with a deadline per duty): a state survives as long as none of
its pending duties is overdue. A hidden step may have happened as late as its state could wait, so the
duties of a state are timed from the *latest* moment at which it can have been entered, and timers from
the *earliest*: both err on the side of the system under test. Silence is a finding only when no state
survives it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from ocpp_verify.ir.system import State
from ocpp_verify.live.accounts import Turn
from ocpp_verify.live.oracle import Args, Move, Oracle, Outlook

UNNOTICED = -(10**9)
"""The `duty` of a physical event that has not been noticed."""

_ROUNDS = 8
_TURNS = 200

Position: TypeAlias = tuple[State, int]
"""A state, and how many of the physical events done so far have been noticed in it."""


_Turn: TypeAlias = tuple[Collection[Position], tuple["Happening", ...], Collection[int] | None]
"""What a `Turn` is made of, as the belief has it."""


@dataclass(slots=True)
class Clocks:
    """Times of one position: when it was entered at the earliest and latest, since when each duty
    is pending at the latest, since when each timer runs at the earliest. Shared; never changed
    once made. `outlook` is that of the position's state, `deadline` that of its first duty.
    """

    outlook: Outlook
    earliest: float
    latest: float
    duties: dict[int, float]
    timers: dict[int, float]
    deadline: float


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


class Belief:
    """Positions with their clocks. Mutable: observations and stimuli update it in place.

    Attributes:
        has_overflown: there were more positions than the cap allows. Some are missing since, so
            that nothing can be judged any more.
    """

    def __init__(
        self, oracle: Oracle, states: Iterable[State], now: float, *, cap: int = 20_000
    ) -> None:
        self.oracle = oracle
        self._cap = cap
        self._events: list[Happening] = []
        self._turns: deque[_Turn] = deque(maxlen=_TURNS)
        self._kernel: dict[Position, Clocks] = {}
        for state in states:
            received = oracle.received(state)
            self._kernel[received, 0] = self._enter(received, None, now, now)
        self._open: dict[Position, Clocks] | None = None
        self._open_at = -math.inf
        self._may_grow = False
        self.has_overflown = False

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
                sum(1 for owed in closure[position].outlook.owed if owed.duty < 0),
                len(closure[position].outlook.owed),
                closure[position].earliest,
            ),
        )[0]

    @property
    def size(self) -> int:
        """How many explanations there are of what was seen last."""
        return len(self._kernel)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was believed before each of the last frames and changes of the link, and is now."""
        now = (self._kernel, tuple(self._events), None)
        return tuple(
            Turn(
                tuple(positions),
                tuple((each.action, each.args) for each in events),
                None if numbers is None else frozenset(numbers),
            )
            for positions, events, numbers in (*self._turns, now)
        )

    @property
    def kernel(self) -> list[State]:
        """The states right after the last thing that was seen."""
        if len(self._kernel) == 1:
            return [state for state, _ in self._kernel]
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

    def step(self, numbers: tuple[int, ...], now: float) -> set[int]:
        """One of these commands has happened: a frame was seen that each of them explains, we sent
        one, or somebody knows. Those that explain it; none, and no change of the belief, where none
        of them is enabled in any position.
        """
        after: dict[Position, Clocks] = {}
        used: set[int] = set()
        for (state, noticed), clocks in self._alive(now).items():
            for number, target in self.oracle.after(numbers, state):
                used.add(number)
                self._add(after, (target, noticed), clocks, now)
        if after:
            self._become(after, used)
        return used

    def unheard(self, now: float, frames: int = 2) -> None:
        """The connection is going: the system under test may have sent frames that never arrived,
        at most so many.
        """
        self._turns.append((self._kernel, tuple(self._events), None))
        for _ in range(frames):
            after = self._closure(now)
            for position in list(after):
                state, noticed = position
                for number in self.oracle.permitted(state):
                    target = self.oracle.apply(state, number)
                    self._add(after, (target, noticed), after[position], now)
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
        for position, clocks in closure.items():
            if self._death(position, clocks) > now:
                return []
        worst: dict[int, Overdue] = {}
        for position, clocks in closure.items():
            first = min(self._owing(position, clocks), key=_by_deadline)
            known = worst.get(first.duty)
            if known is None or known.deadline > first.deadline:
                worst[first.duty] = first
        return sorted(worst.values(), key=_by_deadline)

    def next_deadline(self, now: float) -> float:
        """The earliest moment at which `overdue` may answer differently; infinite if never."""
        latest = -math.inf
        for position, clocks in self._closure(now).items():
            death = self._death(position, clocks) if self._events else clocks.deadline
            if death > latest:
                latest = death
        return latest

    def forgive(self, now: float) -> None:
        """Start all clocks again, after an overdue duty has been reported."""
        self._become(
            {
                position: _clocks(
                    clocks.outlook,
                    clocks.earliest,
                    now,
                    dict.fromkeys(clocks.duties, now),
                    clocks.timers,
                )
                for position, clocks in self._closure(now).items()
            }
        )

    def is_quiet(self, soon: float = 10.0) -> bool:
        """Nothing is owed any more, in any position, once the hidden steps that time forces within
        `soon` seconds have happened and all events have been noticed.
        """
        return not any(self._still_owing(lambda move: _comes_within(move, soon)))

    def may_be_quiet(self, soon: float = 10.0) -> bool:
        """The same of some position: as far as anybody can tell, nothing need be owed."""
        return not all(self._still_owing(lambda move: _comes_within(move, soon)))

    def is_content(self, now: float) -> bool:
        """Some position that is possible now needs nothing more once it has noticed what happened:
        it may stay silent until a clock of its own runs out.
        """
        alive = self._alive(now)
        return not all(
            self._still_owing(lambda move: move.forced is not None and not move.ripe, alive)
        )

    def _still_owing(
        self, is_taken: Callable[[Move], bool], begun: Iterable[Position] | None = None
    ) -> Iterator[bool]:
        """Whether something is owed, for each position that what comes by itself ends in."""
        work = list(self._kernel if begun is None else begun)
        seen = set(work)
        while work:
            state, noticed = work.pop()
            outlook = self.oracle.outlook(state)
            after = [
                (self.oracle.received(move.target), noticed)
                for move in outlook.moves
                if is_taken(move)
            ]
            if noticed < len(self._events):
                event = self._events[noticed]
                targets = self.oracle.event(state, event.action, event.args)
                after += [(target, noticed + 1) for _, target in targets]
            if not after:
                yield any(self.oracle.is_reaction(each) for each in outlook.owed)
            for position in after:
                if position not in seen:
                    seen.add(position)
                    work.append(position)

    # inside -----------------------------------------------------------------------------------

    def _become(
        self, after: dict[Position, Clocks], numbers: Collection[int] | None = None
    ) -> None:
        """Take over the positions, forgetting events that all of them have noticed. `numbers` are the
        commands that led there, one in each position; None where something was lost.
        """
        # Accounts are made of these only when somebody asks.
        self._turns.append((self._kernel, tuple(self._events), numbers))
        done = min(noticed for _, noticed in after) if self._events else 0
        if done:
            self._events = self._events[done:]
            after = {(state, noticed - done): clocks for (state, noticed), clocks in after.items()}
        self._kernel = after
        self._open = None

    def _enter(self, state: State, before: Clocks | None, earliest: float, latest: float) -> Clocks:
        """Clocks of a state that is entered between two moments. Duties and timers that ran before
        go on; where the entry has no latest moment, no duty runs.
        """
        outlook = self.oracle.outlook(state)
        duties: dict[int, float] = {}
        timers: dict[int, float] = {}
        running = {} if before is None or latest == math.inf else before.duties
        first = math.inf
        for owed in outlook.owed:
            since = duties[owed.duty] = running.get(owed.duty, latest)
            if since + owed.seconds < first:
                first = since + owed.seconds
        for timer in outlook.timers:
            timers[timer] = earliest if before is None else before.timers.get(timer, earliest)
        return Clocks(outlook, earliest, latest, duties, timers, first)

    def _add(
        self, into: dict[Position, Clocks], position: Position, before: Clocks, now: float
    ) -> None:
        """The position is entered now. A duty that may have begun later than now began now."""
        clocks = self._enter(position[0], before, now, now)
        for since in clocks.duties.values():
            if since > now:
                capped = {duty: min(since, now) for duty, since in clocks.duties.items()}
                clocks = _clocks(clocks.outlook, now, now, capped, clocks.timers)
                break
        self._merge(into, position, clocks)

    def _merge(self, into: dict[Position, Clocks], position: Position, clocks: Clocks) -> bool:
        """Add the position, or be as lenient as both ways to it; whether anything changed."""
        known = into.get(position)
        if known is None:
            if len(into) >= self._cap:
                self.has_overflown = True
                return False
            into[position] = clocks
            return True
        if not _is_more_lenient(clocks, known):
            return False
        into[position] = _clocks(
            clocks.outlook,
            min(known.earliest, clocks.earliest),
            max(known.latest, clocks.latest),
            {duty: max(since, known.duties[duty]) for duty, since in clocks.duties.items()},
            {timer: min(since, known.timers[timer]) for timer, since in clocks.timers.items()},
        )
        return True

    def _alive(self, now: float) -> dict[Position, Clocks]:
        """The positions that can have waited until now; all, if none can."""
        closure = self._closure(now)
        if not self._events:
            for clocks in closure.values():
                if clocks.deadline < now:
                    break
            else:
                return closure
        alive = {
            position: clocks
            for position, clocks in closure.items()
            if self._death(position, clocks) >= now
        }
        return alive or closure

    def _owing(self, position: Position, clocks: Clocks) -> Iterator[Overdue]:
        """All that is owed in the position, each with its deadline."""
        for owed in clocks.outlook.owed:
            since = clocks.duties[owed.duty]
            yield Overdue(owed.duty, since, since + owed.seconds)
        noticed = position[1]
        if noticed < len(self._events):
            done = self._events[noticed].done
            yield Overdue(UNNOTICED, done, done + self.oracle.timing.notice)

    def _death(self, position: Position, clocks: Clocks) -> float:
        """The first deadline of a position: silence beyond it rules the position out."""
        if position[1] >= len(self._events):
            return clocks.deadline
        noticing = self._events[position[1]].done + self.oracle.timing.notice
        return min(clocks.deadline, noticing)

    def _closure(self, now: float) -> dict[Position, Clocks]:
        """All positions that hidden steps and unnoticed events can have led to by now."""
        if self._open is not None and (self._open_at == now or not self._may_grow):
            self._open_at = now
            return self._open
        found = dict(self._kernel)
        work = [
            position
            for position, clocks in found.items()
            if clocks.outlook.moves or position[1] < len(self._events)
        ]
        rounds: dict[Position, int] = {}
        while work:
            position = work.pop()
            clocks = found[position]
            death = self._death(position, clocks)
            for target, earliest in self._unseen(position, clocks, now):
                times = rounds[target] = rounds.get(target, 0) + 1
                # A round trip of hidden steps can take for ever: after some rounds, say so.
                latest = math.inf if times > _ROUNDS else max(death, clocks.latest)
                if self._merge(found, target, self._enter(target[0], clocks, earliest, latest)):
                    work.append(target)
        self._open, self._open_at = found, now
        self._may_grow = False
        for clocks in found.values():
            if clocks.outlook.ripens:
                self._may_grow = True
                break
        return found

    def _unseen(
        self, position: Position, clocks: Clocks, now: float
    ) -> Iterable[tuple[Position, float]]:
        state, noticed = position
        for move in clocks.outlook.moves:
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
                yield (target, noticed + 1), earliest


def _clocks(
    outlook: Outlook,
    earliest: float,
    latest: float,
    duties: dict[int, float],
    timers: dict[int, float],
) -> Clocks:
    first = math.inf
    for owed in outlook.owed:
        deadline = duties[owed.duty] + owed.seconds
        if deadline < first:
            first = deadline
    return Clocks(outlook, earliest, latest, duties, timers, first)


def _is_more_lenient(clocks: Clocks, known: Clocks) -> bool:
    """Whether some time of the clocks rules out less than the known one."""
    if clocks.earliest < known.earliest or clocks.latest > known.latest:
        return True
    for duty, since in clocks.duties.items():
        if since > known.duties[duty]:
            return True
    for timer, since in clocks.timers.items():  # noqa: SIM110 - the loop is called all the time
        if since < known.timers[timer]:
            return True
    return False


def _by_deadline(overdue: Overdue) -> float:
    return overdue.deadline


def _comes_within(move: Move, seconds: float) -> bool:
    return move.forced is not None and move.forced <= seconds
