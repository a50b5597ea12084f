"""Going from purpose to purpose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from ocpp_verify.ir.model import Call
from ocpp_verify.ir.system import Formula, State
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Plan, Purpose
from ocpp_verify.live.tester.player import Player
from ocpp_verify.live.tester.walker import Walker

_CROWD = 250
"""Explanations of what was seen, above which the next step would tell little: a run is over."""

_CLAUSES_FIRST = 0.5
_BARREN = 5
"""Rounds in a row without a way to anything new, after which a run is over."""


@dataclass(slots=True)
class Progress:
    """What runs have shown so far, by name of the purpose. `given_up` were tried in vain, so often.

    `chosen` counts the steps that were chosen at random.
    """

    shown: set[str] = field(default_factory=set)
    given_up: dict[str, int] = field(default_factory=dict)
    chosen: dict[int, int] = field(default_factory=dict)


class Exploration:
    """Plans to purposes that are open, and strolls.

    Attributes:
        progress: what has been shown; other runs may go on from there.
        pursued: the purpose of the last plan.
    """

    def __init__(
        self,
        player: Player,
        walker: Walker,
        purposes: Sequence[Purpose],
        tell: Callable[[str], None],
    ) -> None:
        self.progress = Progress()
        self.pursued: Purpose | None = None
        self._player = player
        self._walker = walker
        self._purposes = purposes
        self._tell = tell
        self._planner: Pathfinder | None = None
        self._missed_here: set[str] = set()
        self._has_begun = False
        self._moments: dict[int, list[tuple[str, Formula]]] = {}
        for each in purposes:
            for numbers, condition in each.moments:
                for number in numbers:
                    self._moments.setdefault(number, []).append((each.name, condition))

    @property
    def planner(self) -> Pathfinder:
        """The planner in use."""
        assert self._planner is not None, "plan_with() comes first"
        return self._planner

    def plan_with(self, planner: Pathfinder) -> None:
        """The planner to use; needed before `explore`."""
        self._planner = planner

    def moments(self, number: int) -> list[str]:
        """Purposes that a step shows if it is taken now."""
        wanted = self._moments.get(number, ())
        if not wanted:
            return []
        conversation = self._player.conversation
        state = conversation.belief.likely(self._player.now())
        return [name for name, condition in wanted if conversation.oracle.holds(condition, state)]

    async def explore(self, budget: float) -> None:
        """Go from purpose to purpose until something fails, all are done, or time is up."""
        end = self._player.now() + budget
        barren = 0
        while self._player.now() < end and not self._is_over() and barren < _BARREN:
            await self._player.calm_down()
            if self._is_over():
                break
            purposes = [each for each in self.open_purposes() if each.name not in self._missed_here]
            barren += 1
            if purposes and self._player.random.random() >= self._player.pace.stroll:
                plan = await self._plan(purposes)
                if plan is not None:
                    barren = 0
                    self.pursued = plan.purpose
                    self._tell(f"towards {plan.purpose.name}: {len(plan.commands)} steps")
                    await self._follow(plan, end)
                    continue
            await self._stroll(end)
        await self._player.settle(self._player.pace.watch)

    def _is_over(self) -> bool:
        return self._player.is_over() or self._player.conversation.belief.size > _CROWD

    def open_purposes(self) -> list[Purpose]:
        """Purposes neither shown nor given up."""
        found = []
        for each in self._purposes:
            if each.commands and any(
                number in self._player.conversation.taken for number in each.commands
            ):
                self.progress.shown.add(each.name)
            if (
                each.name not in self.progress.shown
                and self.progress.given_up.get(each.name, 0) < 2
            ):
                found.append(each)
        return found

    async def _plan(self, purposes: list[Purpose]) -> Plan | None:
        """Where a run begins, one of all plans there are; elsewhere one to a purpose nearby."""
        planner = self.planner
        start = self._player.conversation.belief.likely(self._player.now())
        is_first, self._has_begun = not self._has_begun, True
        if is_first:
            routes = planner.routes(start)
            if routes is None:
                routes = {}
                async for plan in self._plans(
                    start, list(self._purposes), self._player.pace.expansions
                ):
                    routes[plan.purpose.name] = plan
                planner.keep_routes(start, routes)
            known = [routes[each.name] for each in purposes if each.name in routes]
            return self._rather_long(known)
        self._player.random.shuffle(purposes)
        chosen = purposes[: max(1, len(purposes) // 2)]
        near = [plan async for plan in self._plans(start, chosen, self._player.pace.near)]
        return self._rather_long(near)

    def _rather_long(self, plans: list[Plan]) -> Plan | None:
        """One of the plans: the long ones need to be tried more often, and show more on their way.
        Clauses that were never seen get half of the choices: there are few of them, and much follows
        from some.
        """
        clauses = [each for each in plans if each.purpose.kind == "clause"]
        if clauses and self._player.random.random() < _CLAUSES_FIRST:
            plans = clauses
        weights = [1 + len(each.commands) for each in plans]
        return self._player.random.choices(plans, weights)[0] if plans else None

    async def _plans(
        self, start: State, purposes: list[Purpose], expansions: int
    ) -> AsyncIterator[Plan]:
        """What the search finds. Between its slices the wire is served."""
        for plan in self.planner.search(start, purposes, expansions=expansions):
            if plan is not None:
                yield plan
            else:
                await self._player.breathe()
                if self._player.is_over():
                    return

    async def _follow(self, plan: Plan, end: float) -> None:
        for at in range(len(plan.commands)):
            if self._is_over() or self._player.now() >= end:
                return
            if not await self._walker.go_on(plan, at):
                self._missed(plan.purpose)
                return
        if plan.purpose.goal is not None:
            await self._watch()
            self.progress.shown.add(plan.purpose.name)
        elif not any(number in self._player.conversation.taken for number in plan.purpose.commands):
            # A step that nobody sees: give it the time it takes.
            await self._player.settle(self._player.pace.step)
            self.progress.shown.add(plan.purpose.name)

    async def _stroll(self, end: float) -> None:
        """Choose a few steps at random, rather such as were seldom chosen."""
        for _ in range(self._player.random.randint(1, 3)):
            if self._is_over() or self._player.now() >= end:
                return
            await self._player.calm_down()
            if self._player.random.random() >= self._player.pace.hasty:
                await self._choose()
                continue
            # Let the other side wait for an answer until the next choice is made.
            self._player.answers.withheld = frozenset(each.name for each in self._calls_to_us())
            try:
                await self._choose()
                if await self._player.until(
                    lambda: self._player.waits_for_us(self._player.answers.withheld),
                    self._player.pace.watch,
                ):
                    await self._choose(is_hasty=True)
                    await self._player.look_on()
            finally:
                self._player.answers.withheld = frozenset()

    def _calls_to_us(self) -> list[Call]:
        model = self._player.conversation.oracle.lowering.model
        return [each for each in model.calls() if each.sender == self._player.conversation.sut]

    async def _choose(self, *, is_hasty: bool = False) -> None:
        chosen = self.progress.chosen
        choices = self.planner.choices(self._player.conversation.belief.likely(self._player.now()))
        if not choices or self._player.is_over():
            return
        weights = [1 / (1 + chosen.get(each, 0)) for each in choices]
        number = self._player.random.choices(choices, weights)[0]
        chosen[number] = chosen.get(number, 0) + 1
        await self._walker.advance(number, is_hasty=is_hasty)

    async def _watch(self) -> None:
        """Look on for a while: whatever tempts the system under test now has been tried."""
        state = self._player.conversation.belief.likely(self._player.now())
        tempting = [
            each.name
            for each in self.open_purposes()
            if each.goal is not None and self._player.conversation.oracle.holds(each.goal, state)
        ]
        await self._player.until(lambda: False, self._player.pace.watch)
        self.progress.shown.update(tempting)

    def _missed(self, purpose: Purpose) -> None:
        self._missed_here.add(purpose.name)
        self.progress.given_up[purpose.name] = self.progress.given_up.get(purpose.name, 0) + 1
