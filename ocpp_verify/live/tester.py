"""Testing a live system: we play the other role, the lab plays the world around it.

The loop answers what the system under test asks, follows the plan to the next purpose, and watches.
Sometimes it waits until nothing is owed before it goes on, sometimes it does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from ocpp_verify.ir.model import Event
from ocpp_verify.live.belief import ExplodedError
from ocpp_verify.live.conversation import Choice, Conversation
from ocpp_verify.live.defaults16 import extra_fields
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.outcome import Done
from ocpp_verify.live.labs import Lab
from ocpp_verify.live.planner import Plan, Planner, Purpose


@dataclass(frozen=True, slots=True)
class Pace:
    """How the tester spends its time, in seconds.

    Attributes:
        connect: how long to wait for a connection.
        watch: how long to look on after a temptation.
        step: how long to wait for a step of the system under test that a plan counts on.
        expansions: states that one planning may look at.
        hasty: probability of going on although something is still owed.
    """

    connect: float = 60.0
    watch: float = 1.0
    step: float = 3.0
    expansions: int = 4000
    hasty: float = 0.2


@dataclass(slots=True)
class Progress:
    """What a run has shown so far, by name of the purpose. `given_up` were tried in vain."""

    shown: set[str] = field(default_factory=set)
    given_up: dict[str, int] = field(default_factory=dict)


class Tester:
    """One run. The methods `on_…` are called by the WebSocket shell."""

    def __init__(
        self,
        conversation: Conversation,
        planner: Planner | None,
        purposes: list[Purpose],
        clock: Clock,
        random: Random,
        pace: Pace,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.conversation = conversation
        self.purposes = purposes
        self.progress = Progress()
        self.is_connected = False
        self.was_connected = False
        self.inconclusive: str | None = None
        self._planner = planner
        self._clock = clock
        self._random = random
        self._pace = pace
        self._tell = tell
        self._lab: Lab | None = None
        self._changed = asyncio.Event()
        self._zero = clock.now()

    def use(self, lab: Lab) -> None:
        """The lab to work with; needed before `run`."""
        self._lab = lab

    def plan_with(self, planner: Planner) -> None:
        """The planner to use; needed before `run`."""
        self._planner = planner

    @property
    def lab(self) -> Lab:
        """The lab in use."""
        assert self._lab is not None, "use() comes first"
        return self._lab

    def now(self) -> float:
        """Seconds since the run began."""
        return self._clock.now() - self._zero

    # the wire ---------------------------------------------------------------------------------

    def on_connected(self, now: float) -> None:
        """The connection is there."""
        self.is_connected = self.was_connected = True
        self._guarded(lambda: self.conversation.connected(now - self._zero))

    def on_frame(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        self._guarded(lambda: self.conversation.receive(data, now - self._zero))
        self._flush()

    def on_disconnected(self, now: float, why: str) -> None:
        """The connection is gone."""
        self.is_connected = False
        self._guarded(lambda: self.conversation.disconnected(now - self._zero, why))

    def on_noticed(self, what: object, now: float) -> None:
        """Something about the link that is no frame."""
        del now
        self.conversation.observe(str(what))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except ExplodedError:
            self.inconclusive = "too many states explain what was seen"
        self._changed.set()

    def _flush(self) -> None:
        for frame in self.conversation.take_outbox(self.now()):
            self.lab.send(frame)

    # the run ----------------------------------------------------------------------------------

    async def run(self, budget: float) -> None:
        """Go from purpose to purpose until something fails, all are done, or time is up."""
        end = self.now() + budget
        if not await self.begin():
            return
        while self.now() < end and not self.is_over():
            await self.settle(self._pace.step)
            if self.is_over():
                break
            purposes = self.open_purposes()
            if not purposes:
                break
            await self._pursue(purposes, end)
        await self.settle(self._pace.watch)

    async def begin(self) -> bool:
        """Wait for the connection, or make it; False if it does not come."""
        if self.conversation.role == "charger":
            await self.lab.link(up=True)
        return await self.until(lambda: self.is_connected, self._pace.connect)

    def is_over(self) -> bool:
        """Whether nothing more can be learnt from this run."""
        return self.conversation.failed or self.inconclusive is not None

    def open_purposes(self) -> list[Purpose]:
        """Purposes neither shown nor given up."""
        found = []
        for each in self.purposes:
            if each.commands and any(number in self.conversation.taken for number in each.commands):
                self.progress.shown.add(each.name)
            if each.name not in self.progress.shown and self.progress.given_up.get(each.name, 0) < 2:
                found.append(each)
        return found

    async def _pursue(self, purposes: list[Purpose], end: float) -> None:
        assert self._planner is not None
        self._random.shuffle(purposes)
        chosen = purposes[: max(1, len(purposes) // 4)]
        start = self.conversation.belief.likely(self.now())
        plan = self._planner.plan(start, chosen, expansions=self._pace.expansions)
        if plan is None:
            for each in chosen:
                self._missed(each)
            return
        self._tell(f"towards {plan.purpose.name}: {len(plan.commands)} steps")
        await self._follow(plan, end)

    async def _follow(self, plan: Plan, end: float) -> None:
        for number in plan.commands:
            if self.is_over() or self.now() >= end:
                return
            if not await self._advance(number):
                self._missed(plan.purpose)
                return
        if plan.purpose.goal is not None:
            await self._watch()
            self.progress.shown.add(plan.purpose.name)
        elif not any(number in self.conversation.taken for number in plan.purpose.commands):
            # A step that nobody sees: give it the time it takes.
            await self.settle(self._pace.step)
            self.progress.shown.add(plan.purpose.name)

    async def _watch(self) -> None:
        """Look on for a while: whatever tempts the system under test now has been tried."""
        state = self.conversation.belief.likely(self.now())
        tempting = [
            each.name
            for each in self.open_purposes()
            if each.goal is not None and self.conversation.oracle.holds(each.goal, state)
        ]
        await self.until(lambda: False, self._pace.watch)
        self.progress.shown.update(tempting)

    def _missed(self, purpose: Purpose) -> None:
        self.progress.given_up[purpose.name] = self.progress.given_up.get(purpose.name, 0) + 1

    async def _advance(self, number: int) -> bool:
        """Bring about one step of a plan; False if it does not come about."""
        conversation = self.conversation
        command = conversation.oracle.system.commands[number]
        label = command.label
        if label.actor == conversation.sut:
            if not label.visible:
                return True
            if label.phase == "sent" and self.lab.can_ask(label.action):
                if not await self.ask(number):
                    return False
            await self.until(
                lambda: self._has_come(number) or self._came_otherwise(number), self._pace.step
            )
            return self._has_come(number)
        if self._random.random() > self._pace.hasty:
            await self.settle(self._pace.step)
        return await self.do(number)

    def _has_come(self, number: int) -> bool:
        """Whether the last frames include this step, or one that differs only in what is hidden."""
        wanted = self.conversation.oracle.system.commands[number].label
        commands = self.conversation.oracle.system.commands
        return any(
            commands[each].label.action == wanted.action
            and commands[each].label.phase == wanted.phase
            and commands[each].label.outcome == wanted.outcome
            for each in self.conversation.last_taken
        )

    def _came_otherwise(self, number: int) -> bool:
        """Whether the answer that a plan counts on was given, but another one."""
        commands = self.conversation.oracle.system.commands
        wanted = commands[number].label
        return wanted.phase == "reply" and any(
            commands[each].label.action == wanted.action and commands[each].label.phase == "reply"
            for each in self.conversation.last_taken
        )

    async def ask(self, number: int) -> bool:
        """Have the operator make the system under test send a request."""
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        call = conversation.binding.call(label.action)
        payload = conversation.request_for(call.name, dict(label.args), self.now())
        conversation.last_taken = set()
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
            await self.lab.link(up=False)
            return await self.until(lambda: not self.is_connected, self._pace.step)
        if conversation.is_link_event(label.action, up=True):
            await self.lab.link(up=True)
            return await self.until(lambda: self.is_connected, self._pace.connect)
        if label.actor == "environment" and label.role == conversation.sut:
            return await self._cause(number)
        if label.phase == "reply":
            return await self.until(lambda: label.action not in conversation.pending_calls(), 2.0)
        options = [each for each in conversation.menu(self.now()) if number in each.commands]
        if not options:
            return False
        self.take(options[0])
        return True

    def take(self, choice: Choice) -> None:
        """Do what the menu offers, at once."""
        conversation = self.conversation
        now = self.now()
        settings = conversation.oracle.timing.settings
        extra = extra_fields(choice.name, choice.outcome, settings, conversation.date(now))
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
        self._flush()

    async def _cause(self, number: int) -> bool:
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        action = conversation.oracle.lowering.model.action(label.action)
        assert isinstance(action, Event)
        outer = conversation.oracle.outer(action.name, label.args)
        conversation.last_taken = set()
        conversation.event(Choice("event", action.name, outer, (number,)), self.now())
        arguments = conversation.binding.fields(action.params, dict(label.args))
        outcome = await self.lab.cause(action.name, arguments)
        conversation.event_done(self.now(), happened=isinstance(outcome, Done))
        if not isinstance(outcome, Done):
            conversation.observe(f"the bench did not do {action.name}: {outcome.why}")
            return False
        return True

    # waiting ----------------------------------------------------------------------------------

    async def settle(self, limit: float) -> bool:
        """Wait until the system under test owes nothing, at most so long."""
        return await self.until(lambda: self._is_settled(), limit)

    def _is_settled(self) -> bool:
        return not self.conversation.session.outstanding and self.conversation.belief.is_quiet()

    async def until(self, condition: Callable[[], bool], limit: float) -> bool:
        """Serve the wire until the condition holds; False if it does not within `limit`."""
        end = self.now() + limit
        while True:
            self._serve()
            if condition():
                return True
            if self.is_over() or self.now() >= end:
                return False
            deadline = min(end, self.conversation.next_deadline(self.now()))
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.001, deadline - self.now() + 0.001)):
                    await self._changed.wait()

    def _serve(self) -> None:
        """Answer what the system under test asks, and judge silence."""
        for action in dict.fromkeys(self.conversation.pending_calls()):
            options = [
                each
                for each in self.conversation.menu(self.now())
                if each.kind == "answer" and each.name == action
            ]
            if options:
                self.take(self._preferred(options))
        self._guarded(lambda: self.conversation.tick(self.now()))
        self._flush()

    def _preferred(self, options: list[Choice]) -> Choice:
        for each in options:
            if each.outcome == "Accepted":
                return each
        return options[0]
