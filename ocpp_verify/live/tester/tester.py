"""One run: our role, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Plan, Purpose
from ocpp_verify.live.script import Script
from ocpp_verify.live.tester.exploration import Exploration, Progress
from ocpp_verify.live.tester.pace import Pace
from ocpp_verify.live.tester.player import Player
from ocpp_verify.live.tester.replay import Replay
from ocpp_verify.live.tester.walker import Walker


class Tester(Player):
    """A player that explores, follows a plan, or repeats what was done before."""

    def __init__(
        self,
        conversation: Conversation,
        planner: Pathfinder | None,
        purposes: Sequence[Purpose],
        clock: Clock,
        random: Random,
        pace: Pace,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(conversation, clock, random, pace)
        self._walker = Walker(self)
        self._exploration = Exploration(self, self._walker, purposes, tell)
        if planner is not None:
            self.plan_with(planner)

    def plan_with(self, planner: Pathfinder) -> None:
        """The planner to use; needed before `run` and `explore`."""
        self._exploration.plan_with(planner)

    @property
    def progress(self) -> Progress:
        """What runs have shown so far."""
        return self._exploration.progress

    @progress.setter
    def progress(self, progress: Progress) -> None:
        self._exploration.progress = progress

    @property
    def pursued(self) -> Purpose | None:
        """The purpose of the last plan."""
        return self._exploration.pursued

    def open_purposes(self) -> list[Purpose]:
        """Purposes neither shown nor given up."""
        return self._exploration.open_purposes()

    async def do(self, number: int) -> bool:
        """Take a step of ours or of the environment; False where it is not possible now. What it
        shows at this moment is shown.
        """
        shown = self._exploration.moments(number)
        is_done = await super().do(number)
        if is_done:
            self.progress.shown.update(shown)
        return is_done

    async def run(self, budget: float) -> None:
        """Wait for the connection, and go from purpose to purpose."""
        if await self.begin():
            await self.explore(budget)

    async def explore(self, budget: float) -> None:
        """The same once the connection is there."""
        await self._exploration.explore(budget)

    async def walk(self, plan: Plan) -> bool:
        """Bring about the steps of a plan; whether all of them came about."""
        return await self._walker.walk(plan)

    async def replay(self, script: Script, patience: float) -> None:
        """Carry out the choices of an earlier run as far as they are possible, and look on."""
        await Replay(self).run(script, patience)
