"""Carrying out the choices of an earlier run."""

from __future__ import annotations

from ocpp_verify.live.script import Deed, Script
from ocpp_verify.live.tester.player import Player


class Replay:
    """A script, done again as far as its choices are possible."""

    def __init__(self, player: Player) -> None:
        self._player = player

    async def run(self, script: Script, patience: float) -> None:
        """Carry out the choices of an earlier run as far as they are possible, and look on."""
        for at, deed in enumerate(script):
            if self._player.is_over():
                return
            if not deed.hasty:
                await self._player.calm_down()
            pause = min(deed.after, self._player.pace.longest) - self._player.idle_for()
            if deed.after > self._player.pace.step and pause > 0:
                await self._player.until(lambda: False, pause)  # a timer may have run out meanwhile
            if deed.held:
                await self._player.until(
                    lambda: self._player.waits_for_us(self._player.answers.withheld),
                    self._player.pace.step,
                )
            await self._redo(deed)
            if deed.held:
                await self._player.look_on()
            self._player.answers.withheld = (
                frozenset(script[at + 1].held) if at + 1 < len(script) else frozenset()
            )
        await self._player.calm_down()
        await self._player.until(lambda: False, self._player.pace.watch)
        await self._wait_for_deadlines(patience)

    async def _wait_for_deadlines(self, patience: float) -> None:
        """What is overdue after one deadline may be seen at the next only, as after a timer."""
        end = self._player.now() + 2 * patience
        while not self._player.is_over() and self._player.now() < end:
            now = self._player.now()
            left = max(0.0, self._player.conversation.belief.next_deadline(now) - now)
            if left >= patience:
                return
            await self._player.until(lambda: False, left + 0.1)

    async def _redo(self, deed: Deed) -> None:
        conversation = self._player.conversation
        match deed.kind:
            case "link":
                if deed.name == "NetworkUp":
                    await self._player.give_back_the_link()
                else:
                    await self._player.lab.link(up=False)
                wanted = deed.name == "NetworkUp"
                await self._player.until(
                    lambda: self._player.is_connected == wanted, self._player.pace.connect
                )
                self._player.record(deed)
            case "answer":
                self._player.answers.wishes.append((deed.name, deed.outcome, deed.answer))
            case "event" | "ask":
                for number, command in enumerate(conversation.oracle.system.commands):
                    label = command.label
                    if label.action != deed.name or label.phase not in ("step", "sent"):
                        continue
                    if deed.kind == "ask" and label.args == deed.args:
                        await self._player.ask(number)
                        return
                    outer = conversation.oracle.outer(label.action, label.args)
                    if deed.kind == "event" and outer == deed.args:
                        await self._player.cause(number)
                        return
            case "call" | "own":
                if deed.kind == "call":
                    await self._player.until(
                        lambda: not conversation.session.outstanding, self._player.pace.step
                    )
                for each in conversation.menu(self._player.now()):
                    if (each.kind, each.name, each.args) == (deed.kind, deed.name, deed.args):
                        self._player.take(each)
                        return
