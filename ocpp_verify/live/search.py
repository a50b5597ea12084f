"""One search from one state for many purposes.

A way costs what the tester has to do for it: what follows by itself costs nothing, and is let
happen, one thing after the other, before the next stimulus. Other orders cost more: they would hide
most of what lies a few stimuli ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Call, Hidden
from ocpp_verify.ir.system import Label, State

HASTE = 3
"""What it costs to do something while something else was to follow first."""

Turn: TypeAlias = tuple[int, str, str]
"""The phase, action and arguments of what follows by itself; what has the first turn goes first."""

_PHASES = ("received", "reply", "sent", "queued", "step")


def turns(lowering: Lowering) -> list[Turn | None]:
    """For each command when it comes if it follows by itself, None if somebody has to want it.

    Answers that differ in the numbers that are given have one turn each, the first goes first.
    Duties that recur make nobody wait.
    """
    owed = {
        number
        for duty in lowering.system.duties
        if duty.key is None and not duty.advice
        for number in duty.discharged_by
    }
    found: list[Turn | None] = []
    for number, command in enumerate(lowering.system.commands):
        label = command.label
        if number in owed or _follows(lowering, label):
            found.append((_PHASES.index(label.phase), label.action, str(label.answer)))
        else:
            found.append(None)
    return found


def _follows(lowering: Lowering, label: Label) -> bool:
    action = lowering.model.action(label.action)
    match label.phase:
        case "received" | "queued":
            return True
        case "sent":
            return isinstance(action, Call) and action.queued
        case "reply":
            assert isinstance(action, Call)
            reply = next(each for each in action.replies if each.name == (label.outcome or ""))
            return bool(reply.guards) or reply is action.replies[0]
        case "step":
            if not isinstance(action, Hidden) or action.within is None or action.after is None:
                return False
            return not action.after.name and not action.after.seconds


@dataclass(frozen=True, slots=True)
class Way:
    """Commands one after the other. Those at the `hasty` positions come while something else was to
    follow first.
    """

    commands: tuple[int, ...]
    hasty: frozenset[int]


class Search:
    """A search that goes on where it stopped, so that what was seen for one purpose is known for
    the next.

    `origin` maps the commands of `steps` to those of the whole system, which `turns` has; `goals` has
    a command without effect for each goal.
    """

    def __init__(
        self,
        start: State,
        steps: CompiledSystem,
        origin: Sequence[int],
        goals: CompiledSystem,
        turns: Sequence[Turn | None],
    ) -> None:
        self._start = start
        self._steps = steps
        self._origin = origin
        self._goals = goals
        self._turns = turns
        self._parents: dict[State, tuple[State, int, bool] | None] = {start: None}
        self._cost = {start: 0}
        self._work: list[tuple[int, int, State, bool]] = [(0, 0, start, False)]
        self._pushed = 0
        self._expanded = 0
        self._goal_at: dict[int, State] = {}
        self._quiet_goal_at: dict[int, State] = {}
        self._step_at: dict[int, tuple[int, State]] = {}

    def rest(self) -> State:
        """The state in which nothing follows any more, if the first of several choices is made."""
        state = self._start
        seen = set()
        while state not in seen:
            seen.add(state)
            following = [
                (turn, number, target)
                for number, target in self._steps.successors(state)
                if (turn := self._turns[self._origin[number]]) is not None and target != state
            ]
            if following:
                _, _, state = min(following)
        return state

    def goal(self, number: int, expansions: int) -> Way | None:
        """Way to where the goal holds, having looked at so many states at the most; if possible to
        where nothing follows by itself.
        """
        while number not in self._quiet_goal_at:
            if not self._go_on(expansions):
                break
        found = self._quiet_goal_at.get(number) or self._goal_at.get(number)
        return None if found is None else self._way(found)

    def step(self, numbers: frozenset[int], expansions: int) -> Way | None:
        """Way that ends with one of the commands."""
        while not (found := [each for each in numbers if each in self._step_at]):
            if not self._go_on(expansions):
                return None
        number = min(found, key=lambda each: (self._step_at[each][0], each))
        way = self._way(self._step_at[number][1])
        return Way((*way.commands, number), way.hasty)

    def _go_on(self, expansions: int) -> bool:
        """Look at the cheapest state, first in first out; False if there is none or no more may be."""
        if not self._work or self._expanded >= expansions:
            return False
        cost, _, state, in_haste = heappop(self._work)
        if cost > self._cost[state] + (HASTE if in_haste else 0):
            return True  # a cheaper way there was found meanwhile
        self._expanded += 1
        steps = [(self._origin[number], target) for number, target in self._steps.successors(state)]
        following = [
            turn
            for number, target in steps
            if (turn := self._turns[number]) is not None and target != state
        ]
        first = min(following, default=None)
        if not in_haste:
            self._look(state, is_quiet=first is None)
        for number, target in steps:
            turn = self._turns[number]
            if not in_haste:
                self._step_at.setdefault(number, (self._expanded, state))
            if (first is None or turn == first) != in_haste:
                self._reach(target, cost + (turn is None), (state, number, in_haste))
        if first is not None and not in_haste:
            self._push(cost + HASTE, state, in_haste=True)
        return True

    def _reach(self, target: State, cost: int, step: tuple[State, int, bool]) -> None:
        known = self._cost.get(target)
        if known is None or cost < known:
            self._cost[target] = cost
            self._parents[target] = step
            self._push(cost, target, in_haste=False)

    def _push(self, cost: int, state: State, *, in_haste: bool) -> None:
        self._pushed += 1
        heappush(self._work, (cost, self._pushed, state, in_haste))

    def _look(self, state: State, is_quiet: bool) -> None:
        for number, _ in self._goals.successors(state):
            self._goal_at.setdefault(number, state)
            if is_quiet:
                self._quiet_goal_at.setdefault(number, state)

    def _way(self, state: State) -> Way:
        steps: list[tuple[int, bool]] = []
        while (parent := self._parents[state]) is not None:
            state, number, in_haste = parent
            steps.append((number, in_haste))
        steps.reverse()
        hasty = frozenset(at for at, (_, in_haste) in enumerate(steps) if in_haste)
        return Way(tuple(number for number, _ in steps), hasty)
