"""Testing a live system: we play the other role, the lab plays the world around it.

The loop answers what the system under test asks, follows the plan to the next purpose, and watches.
Sometimes it waits until nothing is owed before it goes on, sometimes it does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from ocpp_verify.ir.model import Call, Event
from ocpp_verify.ir.system import GroundDuty, State
from ocpp_verify.live.belief import ExplodedError
from ocpp_verify.live.conversation import Choice, Conversation
from ocpp_verify.live.defaults16 import extra_fields
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.outcome import Done
from ocpp_verify.live.duties import OwnDuties
from ocpp_verify.live.labs import Lab
from ocpp_verify.live.oracle import Args
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Plan, Purpose
from ocpp_verify.live.script import Deed, Script
from ocpp_verify.live.shells.wire import BrokenFrame, NotSent, RefusedPeer

REPORTS = ("StatusNotification", "BootNotification")
"""Duties that the tester's own role fulfils even while a plan is followed."""

_BARREN = 5
"""Rounds in a row without a way to anything new, after which a run is over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the tester spends its time, in seconds.

    Attributes:
        connect: how long to wait for a connection.
        watch: how long to look on after a temptation.
        step: how long to wait for a step of the system under test that a plan counts on.
        gone: how long to wait for a connection that the other side has ended.
        longest: pause between two choices that is repeated when a run is.
        expansions: states that planning looks at where a run begins, for all purposes at once.
        near: states that planning looks at elsewhere.
        hasty: probability of going on although something is still owed.
        stroll: probability of choosing at random instead of planning.
    """

    connect: float = 60.0
    watch: float = 1.0
    step: float = 3.0
    gone: float = 60.0
    longest: float = 10.0
    expansions: int = 24_000
    near: int = 1_000
    hasty: float = 0.2
    stroll: float = 0.25


async def _nothing() -> None:
    """What there is to do between two plans, for most."""


@dataclass(slots=True)
class Progress:
    """What runs have shown so far, by name of the purpose. `given_up` were tried in vain, so often.

    `chosen` counts the steps that were chosen at random.
    """

    shown: set[str] = field(default_factory=set)
    given_up: dict[str, int] = field(default_factory=dict)
    chosen: dict[int, int] = field(default_factory=dict)


class Tester:
    """One run. The methods `on_…` are called by the WebSocket shell."""

    def __init__(
        self,
        conversation: Conversation,
        planner: Pathfinder | None,
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
        self.script: list[Deed] = []
        self._chosen_at = 0.0
        self.pursued: Purpose | None = None
        self.between_plans: Callable[[], Awaitable[None]] = _nothing
        self._wishes: list[tuple[str, str | None, Args]] = []
        self.outcomes: dict[str, str] = {}
        """Outcomes to give to the next request of a name, where the model permits them."""
        self._duties = OwnDuties(conversation.oracle, conversation.role)
        self._planning = False
        self._withheld: frozenset[str] = frozenset()
        self._missed_here: set[str] = set()
        self._has_begun = False
        self._down_since: float | None = None
        self._is_idle = False

    def use(self, lab: Lab) -> None:
        """The lab to work with; needed before `run`."""
        self._lab = lab

    def plan_with(self, planner: Pathfinder) -> None:
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
        self._down_since = None
        self._guarded(lambda: self.conversation.connected(now - self._zero))

    def on_frame(self, data: str | bytes, now: float) -> None:
        """A frame has arrived."""
        self._guarded(lambda: self.conversation.receive(data, now - self._zero))
        if self._is_idle:
            self._answer()  # at once: nobody has to be woken up for it
        self._flush()

    def on_disconnected(self, now: float, why: str) -> None:
        """The connection is gone."""
        self.is_connected = False
        self._down_since = now - self._zero
        self._guarded(lambda: self.conversation.disconnected(now - self._zero, why))

    def on_noticed(self, what: object, now: float) -> None:
        """Something about the link that is no frame."""
        match what:
            case BrokenFrame():
                self.conversation.report(
                    "protocol", what.why, now - self._zero, f"code {what.code}", *what.rules
                )
                self._changed.set()
            case RefusedPeer():
                self.conversation.observe(f"we refused a connection of {what.station}: {what.why}")
            case NotSent():
                self.conversation.observe("a frame of ours was lost with the connection")
            case _:
                self.conversation.observe(str(what))

    def wake(self) -> None:
        """Something has changed outside the wire: look again."""
        self._changed.set()

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
        if await self.begin():
            await self.explore(budget)

    async def explore(self, budget: float) -> None:
        """The same once the connection is there."""
        end = self.now() + budget
        barren = 0
        while self.now() < end and not self.is_over() and barren < _BARREN:
            await self._calm_down()
            if self.is_over():
                break
            purposes = [each for each in self.open_purposes() if each.name not in self._missed_here]
            barren += 1
            if purposes and self._random.random() >= self._pace.stroll:
                plan = await self._plan(purposes)
                if plan is not None:
                    barren = 0
                    self.pursued = plan.purpose
                    self._tell(f"towards {plan.purpose.name}: {len(plan.commands)} steps")
                    await self._follow(plan, end)
                    continue
            await self._stroll(end)
        await self.settle(self._pace.watch)

    async def begin(self) -> bool:
        """Wait for the connection, or make it; False if it does not come."""
        if self.conversation.role == "charger":
            await self.lab.link(up=True)  # returns when the attempt is over
            return await self.until(lambda: self.is_connected, 1.0)
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
            if (
                each.name not in self.progress.shown
                and self.progress.given_up.get(each.name, 0) < 2
            ):
                found.append(each)
        return found

    async def _plan(self, purposes: list[Purpose]) -> Plan | None:
        """Where a run begins, one of all plans there are; elsewhere one to a purpose nearby."""
        planner = self._planner
        assert planner is not None
        start = self.conversation.belief.likely(self.now())
        is_first, self._has_begun = not self._has_begun, True
        if is_first:
            routes = planner.routes(start)
            if routes is None:
                routes = {}
                async for plan in self._plans(start, self.purposes, self._pace.expansions):
                    routes[plan.purpose.name] = plan
                planner.keep_routes(start, routes)
            known = [routes[each.name] for each in purposes if each.name in routes]
            return self._rather_long(known)
        self._random.shuffle(purposes)
        chosen = purposes[: max(1, len(purposes) // 2)]
        near = [plan async for plan in self._plans(start, chosen, self._pace.near)]
        return self._rather_long(near)

    def _rather_long(self, plans: list[Plan]) -> Plan | None:
        """One of the plans: the long ones need to be tried more often, and show more on their way."""
        weights = [1 + len(each.commands) for each in plans]
        return self._random.choices(plans, weights)[0] if plans else None

    async def _plans(
        self, start: State, purposes: list[Purpose], expansions: int
    ) -> AsyncIterator[Plan]:
        """What the search finds. Between its slices the wire is served."""
        assert self._planner is not None
        for plan in self._planner.search(start, purposes, expansions=expansions):
            if plan is not None:
                yield plan
            else:
                await asyncio.sleep(0)
                self._serve()
                if self.is_over():
                    return

    async def _follow(self, plan: Plan, end: float) -> None:
        for at in range(len(plan.commands)):
            if self.is_over() or self.now() >= end:
                return
            if not await self._go_on(plan, at):
                self._missed(plan.purpose)
                return
        if plan.purpose.goal is not None:
            await self._watch()
            self.progress.shown.add(plan.purpose.name)
        elif not any(number in self.conversation.taken for number in plan.purpose.commands):
            # A step that nobody sees: give it the time it takes.
            await self.settle(self._pace.step)
            self.progress.shown.add(plan.purpose.name)

    async def _go_on(self, plan: Plan, at: int) -> bool:
        """Bring about one step of a plan, giving the answers that the rest of it counts on."""
        self._planning = True
        self._wish(plan.commands[at:])
        self._withheld = self._to_withhold(plan, at)
        try:
            return await self._advance(plan.commands[at], is_hasty=at in plan.hasty)
        finally:
            self._planning = False
            self._withheld = frozenset()
            self._wishes.clear()

    def _to_withhold(self, plan: Plan, at: int) -> frozenset[str]:
        """Calls that we answer only after the next hasty step, as the plan has it."""
        hasty = min((each for each in plan.hasty if each >= at), default=None)
        if hasty is None:
            return frozenset()
        commands = self.conversation.oracle.system.commands
        labels = [commands[number].label for number in plan.commands]
        ours = {
            step: label.action
            for step, label in enumerate(labels)
            if step >= at and label.phase == "reply" and label.actor == self.conversation.role
        }
        early = {action for step, action in ours.items() if step < hasty}
        return frozenset(ours.values()) - early

    async def _stroll(self, end: float) -> None:
        """Choose a few steps at random, rather such as were seldom chosen."""
        assert self._planner is not None
        for _ in range(self._random.randint(1, 3)):
            if self.is_over() or self.now() >= end:
                return
            await self._calm_down()
            if self._random.random() >= self._pace.hasty:
                await self._choose()
                continue
            # Let the other side wait for an answer until the next choice is made.
            self._withheld = frozenset(each.name for each in self._calls_to_us())
            try:
                await self._choose()
                if await self.until(lambda: self._waits_for_us(self._withheld), self._pace.watch):
                    await self._choose(is_hasty=True)
                    await self._look_on()
            finally:
                self._withheld = frozenset()

    def _calls_to_us(self) -> list[Call]:
        model = self.conversation.oracle.lowering.model
        return [each for each in model.calls() if each.sender == self.conversation.sut]

    async def _choose(self, *, is_hasty: bool = False) -> None:
        assert self._planner is not None
        chosen = self.progress.chosen
        choices = self._planner.choices(self.conversation.belief.likely(self.now()))
        if not choices or self.is_over():
            return
        weights = [1 / (1 + chosen.get(each, 0)) for each in choices]
        number = self._random.choices(choices, weights)[0]
        chosen[number] = chosen.get(number, 0) + 1
        await self._advance(number, is_hasty=is_hasty)

    async def walk(self, plan: Plan) -> bool:
        """Bring about the steps of a plan; whether all of them came about."""
        for at in range(len(plan.commands)):
            if self.is_over() or not await self._go_on(plan, at):
                return False
        return True

    def withhold(self, *actions: str) -> None:
        """From now on, these requests and no others stay without an answer of ours."""
        self._withheld = frozenset(actions)

    def _wish(self, commands: tuple[int, ...]) -> None:
        """Give the answers that the rest of the plan counts on."""
        labels = (self.conversation.oracle.system.commands[number].label for number in commands)
        self._wishes = [
            (label.action, label.outcome, label.answer)
            for label in labels
            if label.phase == "reply" and label.actor == self.conversation.role
        ]

    async def replay(self, script: Script, patience: float) -> None:
        """Carry out the choices of an earlier run as far as they are possible, and look on."""
        for at, deed in enumerate(script):
            if self.is_over():
                return
            if not deed.hasty:
                await self._calm_down()
            pause = min(deed.after, self._pace.longest) - (self.now() - self._chosen_at)
            if deed.after > self._pace.step and pause > 0:
                await self.until(lambda: False, pause)  # a timer may have run out meanwhile
            if deed.held:
                await self.until(lambda: self._waits_for_us(self._withheld), self._pace.step)
            await self._redo(deed)
            if deed.held:
                await self._look_on()
            self._withheld = frozenset(script[at + 1].held) if at + 1 < len(script) else frozenset()
        await self._calm_down()
        await self.until(lambda: False, self._pace.watch)
        left = self.conversation.belief.next_deadline(self.now()) - self.now()
        if not self.is_over() and left < patience:
            await self.until(lambda: False, left + 0.1)

    async def _calm_down(self) -> None:
        """Let everything take its course, on both sides."""
        await self.between_plans()
        await self.settle(self._pace.step)
        await self.between_plans()

    async def _look_on(self) -> None:
        """Let what can happen happen while an answer of ours is awaited."""
        session = self.conversation.session
        await self.between_plans()
        await self.settle(self._pace.watch)
        await self.until(
            lambda: not session.outstanding, self.conversation.oracle.timing.answer + 1.0
        )
        await self.between_plans()

    def _waits_for_us(self, calls: frozenset[str]) -> bool:
        return not calls.isdisjoint(self.conversation.pending_calls())

    async def _redo(self, deed: Deed) -> None:
        conversation = self.conversation
        match deed.kind:
            case "link":
                if deed.name == "NetworkUp":
                    await self._give_back_the_link()
                else:
                    await self.lab.link(up=False)
                wanted = deed.name == "NetworkUp"
                await self.until(lambda: self.is_connected == wanted, self._pace.connect)
                self._record(deed)
            case "answer":
                self._wishes.append((deed.name, deed.outcome, deed.answer))
            case "event" | "ask":
                for number, command in enumerate(conversation.oracle.system.commands):
                    label = command.label
                    if label.action != deed.name or label.phase not in ("step", "sent"):
                        continue
                    if deed.kind == "ask" and label.args == deed.args:
                        await self.ask(number)
                        return
                    outer = conversation.oracle.outer(label.action, label.args)
                    if deed.kind == "event" and outer == deed.args:
                        await self._cause(number)
                        return
            case "call" | "own":
                if deed.kind == "call":
                    await self.until(lambda: not conversation.session.outstanding, self._pace.step)
                for each in conversation.menu(self.now()):
                    if (each.kind, each.name, each.args) == (deed.kind, deed.name, deed.args):
                        self.take(each)
                        return

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
        self._missed_here.add(purpose.name)
        self.progress.given_up[purpose.name] = self.progress.given_up.get(purpose.name, 0) + 1

    async def _advance(self, number: int, *, is_hasty: bool = False) -> bool:
        """Bring about one step of a plan; False if it does not come about."""
        conversation = self.conversation
        command = conversation.oracle.system.commands[number]
        label = command.label
        if label.actor == conversation.sut:
            if not label.visible:
                return True
            asked = label.phase == "sent" and self.lab.can_ask(label.action)
            if asked and not await self.ask(number):
                return False
            await self.until(
                lambda: self._has_come(number) or self._came_otherwise(number), self._pace.step
            )
            return self._has_come(number)
        if not is_hasty and self._random.random() >= self._pace.hasty:
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

    def aside(self, action: str, payload: Mapping[str, Any]) -> str:
        """Send a request outside of the model; see `Conversation.aside`."""
        message_id = self.conversation.aside(action, payload, self.now())
        self._flush()
        return message_id

    def _record(self, deed: Deed) -> None:
        now = self.now()
        waiting = set(self.conversation.pending_calls())
        held = tuple(sorted(waiting & self._withheld))
        self.script.append(replace(deed, after=round(now - self._chosen_at, 2), held=held))
        self._chosen_at = now

    async def ask(self, number: int) -> bool:
        """Have the operator make the system under test send a request."""
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        call = conversation.binding.call(label.action)
        payload = conversation.request_for(call.name, dict(label.args), self.now())
        conversation.last_taken = set()
        self._record(Deed("ask", label.action, label.args, hasty=self._hasty()))
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
            self._record(Deed("link", "NetworkDown"))
            await self.lab.link(up=False)
            return await self.until(lambda: not self.is_connected, self._pace.step)
        if conversation.is_link_event(label.action, up=True):
            self._record(Deed("link", "NetworkUp"))
            await self._give_back_the_link()
            return await self.until(lambda: self.is_connected, self._pace.connect)
        if label.actor == "environment" and label.role == conversation.sut:
            return await self._cause(number)
        if label.phase == "reply":
            return await self.until(lambda: label.action not in conversation.pending_calls(), 2.0)
        if label.phase == "sent":
            await self.until(lambda: not conversation.session.outstanding, self._pace.step)
        options = [each for each in conversation.menu(self.now()) if number in each.commands]
        if not options:
            return number in conversation.last_taken
        self.take(options[0])
        return True

    async def _give_back_the_link(self) -> None:
        await self.lab.link(up=True)
        if self._down_since is not None:
            self._down_since = self.now()  # it could not come back earlier

    def take(self, choice: Choice) -> None:
        """Do what the menu offers, at once."""
        conversation = self.conversation
        now = self.now()
        if choice.kind in ("call", "own"):
            hasty = self._hasty()
            self._record(Deed(choice.kind, choice.name, choice.args, hasty=hasty))
        settings = conversation.oracle.timing.settings
        extra = extra_fields(choice.name, choice.outcome, settings, conversation.date(now))
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
        self._flush()

    async def _cause(self, number: int) -> bool:
        conversation = self.conversation
        label = conversation.oracle.system.commands[number].label
        action = conversation.oracle.lowering.model.action(label.action)
        assert isinstance(action, Event)
        outer = conversation.oracle.outer(action.name, label.args)
        if not conversation.is_possible(action.name, outer, self.now()):
            return False
        conversation.last_taken = set()
        self._record(Deed("event", action.name, outer, hasty=self._hasty()))
        conversation.event(Choice("event", action.name, outer, (number,)), self.now())
        arguments = conversation.binding.fields(action.params, dict(label.args))
        self._is_idle = True  # the bench may wait for what takes our answers
        try:
            outcome = await self.lab.cause(action.name, arguments)
        finally:
            self._is_idle = False
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
        return (
            not self.conversation.session.outstanding
            and self.conversation.belief.is_quiet()
            and not self._owed_by_us()
        )

    def _hasty(self) -> bool:
        return not self._is_settled()

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
            self._is_idle = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.001, deadline - self.now() + 0.001)):
                    await self._changed.wait()
            self._is_idle = False

    def _serve(self) -> None:
        """Answer what the system under test asks, do what we owe, and judge silence."""
        self._answer()
        self._fulfil()
        self._guarded(lambda: self.conversation.tick(self.now()))
        self._note_end()
        self._flush()

    def _answer(self) -> None:
        """Answer what the system under test asks."""
        for action in dict.fromkeys(self.conversation.pending_calls()):
            if action in self._withheld:
                continue
            options = self.conversation.answers(action)
            if options:
                self.take(self._preferred(options))

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
            del self.script[deeds:]  # what we owe is no choice

    def _owed_by_us(self) -> tuple[GroundDuty, Choice] | None:
        """A duty of ours and the choice on the menu that fulfils it."""
        conversation = self.conversation
        if conversation.role == "csms" or not self.is_connected:
            return None
        menu: list[Choice] | None = None
        for duty in self._duties.due(conversation.belief.likely(self.now()), self.now()):
            if self._planning and not duty.name.startswith(REPORTS):
                continue
            menu = conversation.menu(self.now()) if menu is None else menu
            for each in menu:
                if not set(each.commands).isdisjoint(duty.discharged_by):
                    return duty, each
        return None

    def _note_end(self) -> None:
        """A connection that the other side ended, and that does not come back, is a finding."""
        if self._down_since is None or self.lab.is_link_cut or not self._should_be_on():
            return
        if self.conversation.role == "csms" and self.now() - self._down_since > self._pace.gone:
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

    def _preferred(self, options: list[Choice]) -> Choice:
        wanted = self.outcomes.pop(options[0].name, None)
        for each in options:
            if wanted is not None and each.outcome == wanted:
                return each
        for at, (action, outcome, answer) in enumerate(self._wishes):
            if action == options[0].name:
                for each in options:
                    if each.outcome == outcome and each.answer == answer:
                        if at and self._planning:
                            break
                        if outcome not in ("Accepted", ""):
                            deed = Deed("answer", action, (), outcome, answer)
                            self._record(deed)
                        del self._wishes[at]
                        return each
                break
        for each in options:
            if each.outcome == "Accepted":
                return each
        return options[0]
