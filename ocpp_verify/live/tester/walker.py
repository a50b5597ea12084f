"""Following a plan, step by step."""

from __future__ import annotations

from ocpp_verify.live.planner import Plan
from ocpp_verify.live.tester.player import Player


class Walker:
    """Brings about the steps of plans, those of the system under test included."""

    def __init__(self, player: Player) -> None:
        self._player = player

    async def walk(self, plan: Plan) -> bool:
        """Bring about the steps of a plan; whether all of them came about."""
        for at in range(len(plan.commands)):
            if self._player.is_over() or not await self.go_on(plan, at):
                return False
        return True

    async def go_on(self, plan: Plan, at: int) -> bool:
        """Bring about one step of a plan, giving the answers that the rest of it counts on."""
        self._player.is_planning = True
        self._wish(plan.commands[at:])
        self._player.answers.withheld = self._to_withhold(plan, at)
        try:
            return await self.advance(plan.commands[at], is_hasty=at in plan.hasty)
        finally:
            self._player.is_planning = False
            self._player.answers.withheld = frozenset()
            self._player.answers.wishes.clear()

    def _to_withhold(self, plan: Plan, at: int) -> frozenset[str]:
        """Calls that we answer only after the next hasty step, as the plan has it."""
        hasty = min((each for each in plan.hasty if each >= at), default=None)
        if hasty is None:
            return frozenset()
        commands = self._player.conversation.oracle.system.commands
        labels = [commands[number].label for number in plan.commands]
        ours = {
            step: label.action
            for step, label in enumerate(labels)
            if step >= at
            and label.phase == "reply"
            and label.actor == self._player.conversation.role
        }
        early = {action for step, action in ours.items() if step < hasty}
        return frozenset(ours.values()) - early

    def _wish(self, commands: tuple[int, ...]) -> None:
        """Give the answers that the rest of the plan counts on."""
        labels = (
            self._player.conversation.oracle.system.commands[number].label for number in commands
        )
        self._player.answers.wishes = [
            (label.action, label.outcome, label.answer)
            for label in labels
            if label.phase == "reply" and label.actor == self._player.conversation.role
        ]

    async def advance(self, number: int, *, is_hasty: bool = False) -> bool:
        """Bring about one step of a plan; False if it does not come about."""
        conversation = self._player.conversation
        command = conversation.oracle.system.commands[number]
        label = command.label
        if label.actor == conversation.sut:
            if not label.visible:
                await self._let_run_out(number)
                return True
            asked = label.phase == "sent" and self._player.lab.can_ask(label.action)
            if asked and not await self._player.ask(number):
                return False
            await self._player.until(
                lambda: self._has_come(number) or self._came_otherwise(number),
                self._player.pace.step,
            )
            return self._has_come(number)
        if not is_hasty and self._player.random.random() >= self._player.pace.hasty:
            await self._player.settle(self._player.pace.step)
            await self._player.wait_for_what_is_owed()
        return await self._player.do(number)

    async def _let_run_out(self, number: int) -> None:
        """Wait until a step of the system under test that takes its time has happened."""
        oracle = self._player.conversation.oracle
        forced, ripe = oracle.bounds(number)
        if not ripe:
            return
        await self._player.settle(self._player.pace.step)
        await self._player.until(
            lambda: (
                not any(
                    oracle.enabled(number, each) for each in self._player.conversation.belief.kernel
                )
            ),
            ripe if forced is None else forced,
        )

    def _has_come(self, number: int) -> bool:
        """Whether the last frames include this step, or one that differs only in what is hidden."""
        wanted = self._player.conversation.oracle.system.commands[number].label
        commands = self._player.conversation.oracle.system.commands
        return any(
            commands[each].label.action == wanted.action
            and commands[each].label.phase == wanted.phase
            and commands[each].label.outcome == wanted.outcome
            for each in self._player.conversation.last_taken
        )

    def _came_otherwise(self, number: int) -> bool:
        """Whether the answer that a plan counts on was given, but another one."""
        commands = self._player.conversation.oracle.system.commands
        wanted = commands[number].label
        return wanted.phase == "reply" and any(
            commands[each].label.action == wanted.action and commands[each].label.phase == "reply"
            for each in self._player.conversation.last_taken
        )
