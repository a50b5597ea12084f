"""The tester's own role lives: its timers run out, and the link follows its model."""

from __future__ import annotations

from ocpp_verify.ir.model import Hidden
from ocpp_verify.live.menu import Choice
from ocpp_verify.live.tester import Tester

_MOST_TIMERS = 10
"""Steps at one time; a model that forces more goes in circles."""


class OwnRole:
    """Takes the steps of our role that its model forces, each when it is due.

    A timer is due `after` its time; after a restart that the model made, the link comes back.
    Decisions without a bound are never taken.
    """

    def __init__(self, tester: Tester) -> None:
        self._tester = tester
        self._since: dict[int, float] = {}
        self._is_restarting = False

    async def keep_up(self) -> None:
        """Take what is due now."""
        for _ in range(_MOST_TIMERS):
            await self._follow_the_model()
            choice = None if self._tester.is_over() else self._due()
            if choice is None:
                return
            if self._tester.conversation.is_link_event(choice.name, up=True):
                await self._tester.do(choice.commands[0])
                continue
            deeds = len(self._tester.script)
            self._tester.take(choice)
            del (
                self._tester.script[deeds:],
                self._tester.stood[deeds:],
            )  # what is forced is no choice
            self._since.pop(choice.commands[0], None)

    def next_due(self) -> float:
        """When a timer that runs is due at the earliest; infinite if none runs."""
        found = [since + self._after(number) for number, since in self._since.items()]
        return min(found, default=float("inf"))

    def _due(self) -> Choice | None:
        tester = self._tester
        now = tester.now()
        running: dict[int, float] = {}
        due: Choice | None = None
        for choice in tester.conversation.menu(now):
            if choice.kind != "own":
                continue
            if self._is_restarting and tester.conversation.is_link_event(choice.name, up=True):
                self._is_restarting = False
                return choice
            number = choice.commands[0]
            if not self._is_forced(number):
                continue
            running[number] = self._since.get(number, now)
            if due is None and now >= running[number] + self._after(number):
                due = choice
        self._since = running
        return due

    def _is_forced(self, number: int) -> bool:
        oracle = self._tester.conversation.oracle
        action = oracle.lowering.model.action(oracle.system.commands[number].label.action)
        return isinstance(action, Hidden) and action.within is not None

    def _after(self, number: int) -> float:
        oracle = self._tester.conversation.oracle
        action = oracle.lowering.model.action(oracle.system.commands[number].label.action)
        assert isinstance(action, Hidden)
        if action.after is None:
            return 0.0
        if action.after.name is None:
            return action.after.seconds or 0.0
        known = {each.name: each.seconds for each in oracle.lowering.model.settings}
        return oracle.timing.settings.get(action.after.name, known[action.after.name])

    async def _follow_the_model(self) -> None:
        """Cut the connection if a step of ours, such as a restart, has ended it in the model."""
        tester = self._tester
        online = tester.conversation.oracle.system.cell("online")
        if tester.is_connected and not any(
            each[online] for each in tester.conversation.belief.kernel
        ):
            self._is_restarting = True
            await tester.lab.link(up=False)
            await tester.until(lambda: not tester.is_connected, 5.0)
