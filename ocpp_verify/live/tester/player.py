"""Playing the other role live: what arrives is answered, what is chosen is done, and silence is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ocpp_verify.ir.model import Event
from ocpp_verify.ir.system import GroundDuty, State
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.defaults16 import extra_fields
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.outcome import Done
from ocpp_verify.live.duties import OwnDuties
from ocpp_verify.live.labs import Lab
from ocpp_verify.live.menu import Choice
from ocpp_verify.live.script import Deed
from ocpp_verify.live.shells.wire import BrokenFrame, NotSent, RefusedPeer
from ocpp_verify.live.tester.answers import Answers
from ocpp_verify.live.tester.pace import Pace
from ocpp_verify.live.tester.waiting import Waiting

REPORTS = ("StatusNotification", "BootNotification")
"""Duties that the tester's own role fulfils even while a plan is followed."""


async def _nothing() -> None:
    """What there is to do between two plans, for most."""


class Player:
    """Our role in one run. The methods `on_…` are called by the WebSocket shell.

    Attributes:
        script: what was chosen so far.
        stood: what was believed most before each choice.
        answers: which answers are given, and which are held back.
        is_planning: whether a plan is followed, which knows about most of what our role owes.
        between_plans: what else there is to do between two plans.
    """

    def __init__(
        self, conversation: Conversation, clock: Clock, random: Random, pace: Pace
    ) -> None:
        self.conversation = conversation
        self.pace = pace
        self.random = random
        self.is_connected = False
        self.was_connected = False
        self.inconclusive: str | None = None
        self.script: list[Deed] = []
        self.stood: list[State] = []
        self.answers = Answers()
        self.is_planning = False
        self.between_plans: Callable[[], Awaitable[None]] = _nothing
        self._clock = clock
        self._zero = clock.now()
        self._lab: Lab | None = None
        self._waiting = Waiting()
        self._chosen_at = 0.0
        self._duties = OwnDuties(conversation.oracle, conversation.role)
        self._down_since: float | None = None
        self._is_causing = False
        self._owes_answers_only = conversation.role == "csms"

    def use(self, lab: Lab) -> None:
        """The lab to work with; needed before anything is done."""
        self._lab = lab

    @property
    def lab(self) -> Lab:
        """The lab in use."""
        assert self._lab is not None, "use() comes first"
        return self._lab

    def now(self) -> float:
        """Seconds since the run began."""
        return self._clock.now() - self._zero

    async def begin(self) -> bool:
        """Wait for the connection, or make it; False if it does not come."""
        if self.conversation.role == "charger":
            await self.lab.link(up=True)  # returns when the attempt is over
            return await self.until(lambda: self.is_connected, 1.0)
        return await self.until(lambda: self.is_connected, self.pace.connect)

    def is_over(self) -> bool:
        """Whether nothing more can be learnt from this run."""
        if self.conversation.belief.has_overflown and self.inconclusive is None:
            self.inconclusive = "too many states explain what was seen"
        return self.conversation.failed or self.inconclusive is not None

    # the wire ---------------------------------------------------------------------------------

    def on_connected(self, now: float) -> None:
        """The connection is there."""
        self.is_connected = self.was_connected = True
        self._down_since = None
        self.conversation.connected(now - self._zero)
        self._waiting.wake()

    def on_frame(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        now -= self._zero
        self.conversation.receive(data, now)
        # Answered at once: nobody has to be woken up for it.
        is_idle = self._waiting.waiters or self._is_causing
        if not (is_idle and self._answer()):
            self._flush(now)
        if not self._may_sleep():
            self._waiting.wake()

    def on_disconnected(self, now: float, why: str) -> None:
        """The connection is gone."""
        self.is_connected = False
        self._down_since = now - self._zero
        self.conversation.disconnected(now - self._zero, why)
        self._waiting.wake()

    def on_noticed(self, what: object, now: float) -> None:
        """Something about the link that is no frame."""
        match what:
            case BrokenFrame():
                self.conversation.report(
                    "protocol", what.why, now - self._zero, f"code {what.code}", *what.rules
                )
                self._waiting.wake()
            case RefusedPeer():
                self.conversation.observe(f"we refused a connection of {what.station}: {what.why}")
            case NotSent():
                self.conversation.observe("a frame of ours was lost with the connection")
            case _:
                self.conversation.observe(str(what))

    def wake(self) -> None:
        """Something has changed outside the wire: look again."""
        self._waiting.wake()

    def _may_sleep(self) -> bool:
        """Whether those who wait may go on waiting after a frame: no condition of theirs holds, and
        our role owes nothing but answers. Their deadlines are moved.
        """
        if not self._owes_answers_only or self.is_over():
            return False
        now = self.now()
        deadline = self.conversation.next_deadline(now)
        return self._waiting.let_sleep(deadline, now)

    def _flush(self, now: float) -> None:
        for frame in self.conversation.take_outbox(now):
            self.lab.send(frame)

    # what is done -----------------------------------------------------------------------------

    def aside(self, action: str, payload: Mapping[str, Any]) -> str:
        """Send a request outside of the model; see `Conversation.aside`."""
        message_id = self.conversation.aside(action, payload, self.now())
        self._flush(self.now())
        return message_id

    def record(self, deed: Deed) -> None:
        """Something was chosen."""
        now = self.now()
        waiting = set(self.conversation.pending_calls())
        held = tuple(sorted(waiting & self.answers.withheld))
        self.stood.append(self.conversation.belief.likely(now))
        self.script.append(replace(deed, after=round(now - self._chosen_at, 2), held=held))
        self._chosen_at = now

    async def ask(self, number: int) -> bool:
        """Have the operator make the system under test send a request."""
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        call = conversation.binding.call(label.action)
        payload = conversation.request_for(call.name, dict(label.args), self.now())
        conversation.last_taken = set()
        self.record(Deed("ask", label.action, label.args, hasty=self._hasty()))
        outcome = await self.lab.ask(label.action, payload)
        if not isinstance(outcome, Done):
            conversation.observe(f"the operator did not send {label.action}: {outcome.why}")
            return False
        return True

    async def do(self, number: int) -> bool:
        """Take a step of ours or of the environment; False where it is not possible now."""
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        if label.phase == "received":
            return True
        if conversation.is_link_event(label.action, up=False):
            self.record(Deed("link", "NetworkDown"))
            await self.lab.link(up=False)
            return await self.until(lambda: not self.is_connected, self.pace.step)
        if conversation.is_link_event(label.action, up=True):
            self.record(Deed("link", "NetworkUp"))
            await self.give_back_the_link()
            return await self.until(lambda: self.is_connected, self.pace.connect)
        if label.actor == "environment" and label.role == conversation.sut:
            return await self.cause(number)
        if label.phase == "reply":
            return await self.until(lambda: label.action not in conversation.pending_calls(), 2.0)
        if label.phase == "sent":
            await self.until(lambda: not conversation.session.outstanding, self.pace.step)
        options = [each for each in conversation.menu(self.now()) if number in each.commands]
        if not options:
            return number in conversation.last_taken
        self.take(options[0])
        return True

    async def give_back_the_link(self) -> None:
        """The network is there again."""
        await self.lab.link(up=True)
        if self._down_since is not None:
            self._down_since = self.now()  # it could not come back earlier

    def take(self, choice: Choice) -> None:
        """Do what the menu offers, at once."""
        conversation = self.conversation
        now = self.now()
        if choice.kind in ("call", "own"):
            hasty = self._hasty()
            self.record(Deed(choice.kind, choice.name, choice.args, hasty=hasty))
        settings = conversation.oracle.timing.settings
        extra = extra_fields(choice.name, choice.outcome, settings, lambda: conversation.date(now))
        if choice.kind != "answer":
            conversation.last_taken = set()
        match choice.kind:
            case "call":
                conversation.call(choice, now, **extra)
            case "answer":
                conversation.answer(choice, now, **extra)
            case "own":
                conversation.own(choice, now)
            case "event":
                raise ValueError("an event at the system under test is the lab's affair")
        self._flush(now)

    async def cause(self, number: int) -> bool:
        """Have the bench cause a physical event; False where it is not possible now."""
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        action = conversation.oracle.lowering.model.action(label.action)
        assert isinstance(action, Event)
        outer = conversation.oracle.outer(action.name, label.args)
        if not conversation.is_possible(action.name, outer, self.now()):
            return False
        conversation.last_taken = set()
        self.record(Deed("event", action.name, outer, hasty=self._hasty()))
        conversation.event(conversation.physical(action.name, outer, (number,)), self.now())
        arguments = conversation.binding.event_fields(action, dict(label.args))
        self._is_causing = True  # the bench may wait for what takes our answers
        try:
            outcome = await self.lab.cause(action.name, arguments)
        finally:
            self._is_causing = False
        conversation.event_done(self.now(), happened=isinstance(outcome, Done))
        if not isinstance(outcome, Done):
            conversation.observe(f"the bench did not do {action.name}: {outcome.why}")
            return False
        return True

    # waiting ----------------------------------------------------------------------------------

    async def settle(self, limit: float) -> bool:
        """Wait until the system under test owes nothing, at most so long. Where nobody can tell
        whether it still does, it is given some silence, and not the whole time.
        """
        end = self.now() + limit
        while not self._is_settled():
            left = end - self.now()
            if left <= 0 or self.is_over():
                return False
            if not self._may_be_settled():
                await self.until(self._may_be_settled, left)
            elif await self._is_silent(min(left, self.pace.watch)):
                return True
        return True

    async def wait_for_what_is_owed(self) -> None:
        """Where every explanation owes something, it comes, or its silence is a finding."""
        end = self.now() + self.pace.patience
        while not self.is_over() and not self.answers.withheld and not self._is_content():
            deadline = max(self.conversation.next_deadline(self.now()), self.now()) + 0.1
            if deadline > end:
                return
            await self.until(self._is_content, deadline - self.now())

    def _is_content(self) -> bool:
        return (
            not self.conversation.session.outstanding
            and self.conversation.belief.is_content(self.now())
            and not self._owed_by_us()
        )

    async def _is_silent(self, seconds: float) -> bool:
        """Whether no frame goes either way for so long."""
        heard = len(self.conversation.log)
        return not await self.until(lambda: len(self.conversation.log) != heard, seconds)

    def _may_be_settled(self) -> bool:
        return (
            not self.conversation.session.outstanding
            and not self._owed_by_us()
            and self.conversation.belief.may_be_quiet()
        )

    def _is_settled(self) -> bool:
        return (
            not self.conversation.session.outstanding
            and self.conversation.belief.is_quiet()
            and not self._owed_by_us()
        )

    def _hasty(self) -> bool:
        return not self._is_content()

    async def until(self, condition: Callable[[], bool], limit: float) -> bool:
        """Serve the wire until the condition holds; False if it does not within `limit`."""
        end = self.now() + limit
        while True:
            self.serve()
            if condition():
                return True
            if self.is_over() or self.now() >= end:
                return False
            now = self.now()
            await self._waiting.wait(condition, end, self.conversation.next_deadline(now), now)

    def serve(self) -> None:
        """Answer what the system under test asks, do what we owe, and judge silence."""
        self._answer()
        self._fulfil()
        self.conversation.tick(self.now())
        self._note_end()
        self._flush(self.now())

    def _answer(self) -> bool:
        """Answer what the system under test asks; whether there was anything to answer."""
        has_answered = False
        for action in self.conversation.pending_calls():
            options = [] if action in self.answers.withheld else self.conversation.answers(action)
            if options:
                self.take(self._preferred(options))
                has_answered = True
        return has_answered

    def _fulfil(self) -> None:
        """Do what our own role owes. While a plan is followed, only reports: the plan knows about
        the rest.
        """
        session = self.conversation.session
        while self.is_connected and not (session.outstanding or session.queued):
            chosen = self._owed_by_us()
            if chosen is None:
                return
            duty, choice = chosen
            self._duties.done(duty, self.now())
            deeds = len(self.script)
            taken = self.conversation.last_taken
            self.take(choice)
            self.conversation.last_taken = taken
            del self.script[deeds:], self.stood[deeds:]  # what we owe is no choice

    def _owed_by_us(self) -> tuple[GroundDuty, Choice] | None:
        """A duty of ours and the choice on the menu that fulfils it."""
        conversation = self.conversation
        if conversation.role == "csms" or not self.is_connected:
            return None
        menu: list[Choice] | None = None
        for duty in self._duties.due(conversation.belief.likely(self.now()), self.now()):
            if self.is_planning and not duty.name.startswith(REPORTS):
                continue
            menu = conversation.menu(self.now()) if menu is None else menu
            for each in menu:
                if each.name in conversation.not_supported:
                    continue  # sent again and again, it would be a flood of ours
                if not set(each.commands).isdisjoint(duty.discharged_by):
                    return duty, each
        return None

    def _note_end(self) -> None:
        """A connection that the other side ended, and that does not come back, is a finding."""
        if self._down_since is None or self.lab.is_link_cut or not self._should_be_on():
            return
        if self.conversation.role == "csms" and self.now() - self._down_since > self.pace.gone:
            frames = [each for each in self.conversation.log if each.mark != "*"]
            last = (
                f"; the last frame was {frames[-1].mark} {frames[-1].text[:200]}" if frames else ""
            )
            message = f"the {self.conversation.sut} does not come back after the connection ended"
            self._down_since = None
            self.conversation.report("ended", message, self.now(), f"no connection{last}")

    def _should_be_on(self) -> bool:
        """Whether the system under test has power in every state that is possible."""
        system = self.conversation.oracle.system
        cells = [number for number, cell in enumerate(system.cells) if cell.variable == "power"]
        states = self.conversation.belief.states(self.now())
        return all(system.cells[at].domain[state[at]] == "On" for state in states for at in cells)

    async def calm_down(self) -> None:
        """Let everything take its course, on both sides."""
        await self.between_plans()
        await self.settle(self.pace.step)
        await self.wait_for_what_is_owed()
        await self.between_plans()

    async def look_on(self) -> None:
        """Let what can happen happen while an answer of ours is awaited."""
        session = self.conversation.session
        await self.between_plans()
        await self.settle(self.pace.watch)
        await self.until(
            lambda: not session.outstanding, self.conversation.oracle.timing.answer + 1.0
        )
        await self.between_plans()

    def waits_for_us(self, calls: frozenset[str]) -> bool:
        """Whether one of these requests waits for our answer."""
        return not calls.isdisjoint(self.conversation.pending_calls())

    async def breathe(self) -> None:
        """Let others act, and serve the wire."""
        await asyncio.sleep(0)
        self.serve()

    def withhold(self, *actions: str) -> None:
        """From now on, these requests and no others stay without an answer of ours."""
        self.answers.withheld = frozenset(actions)

    def idle_for(self) -> float:
        """Seconds since the last choice."""
        return self.now() - self._chosen_at

    def _preferred(self, options: list[Choice]) -> Choice:
        if len(options) == 1 and not self.answers.wishes and not self.answers.outcomes:
            return options[0]
        chosen, deed = self.answers.preferred(options, in_order=self.is_planning)
        if deed is not None:
            self.record(deed)
        return chosen
