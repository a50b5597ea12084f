"""What generated tests call: one run against one system, step by step, without `await`.

A step that is not possible now is left out and counted. After a failure no step acts any more, and
`finish` raises: the number of choices that a test draws must not depend on when it failed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ocpp_verify.errors import PeerUnreachable
from ocpp_verify.ir.conditions import refusal_name
from ocpp_verify.ir.model import Call, Event
from ocpp_verify.ir.system import Command, State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.conversation import Conversation
from ocpp_verify.live.menu import Choice
from ocpp_verify.live.own_role import OwnRole
from ocpp_verify.live.planner import Plan, Planner, Purpose
from ocpp_verify.live.record import Entry, Finding
from ocpp_verify.live.search import Search
from ocpp_verify.live.tester import Tester

T = TypeVar("T")


class NonconformanceError(AssertionError):
    """The system under test did what its model forbids, or left undone what the model demands."""


class InconclusiveError(Exception):
    """The run went a permitted way on which the test cannot go on."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that one step of a test may take.

    Attributes:
        settle: for the system under test to do all that it owes.
        moment: between two steps that follow each other hastily.
        step: for one step that a scenario counts on.
        wait: to let timers run out.
        watch: to see whether the system gives way to a temptation.
        linger: at the end of a test that goes for one purpose, though nothing is owed.
        expansions: states that the planning of one scenario step may look at.
        detour: states that the planning of one temptation may look at.
    """

    settle: float = 5.0
    moment: float = 0.02
    step: float = 5.0
    wait: float = 5.0
    watch: float = 1.0
    linger: float = 1.0
    expansions: int = 20_000
    detour: int = 2500


@dataclass(slots=True)
class Tally:
    """How many steps of a run acted, and which could not, by name."""

    done: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


SEARCHES = 40
"""Searches that are kept, each with some thousand states."""


class Plans:
    """Ways to purposes. What was looked at for one purpose need not be for the next."""

    def __init__(self, planner: Planner, purposes: Iterable[Purpose]) -> None:
        self._planner = planner
        self._purposes = {each.name: each for each in purposes}
        self._searches: dict[State, Search] = {}

    def purpose(self, name: str) -> Purpose | None:
        """The purpose of that name; None where the model has no such thing."""
        return self._purposes.get(name)

    def find(self, start: State, purpose: Purpose, expansions: int) -> Plan | None:
        """A shortest way, looking at so many states at the most."""
        key = self._planner.reduced(start)
        search = self._searches.pop(key, None) or self._planner.search(start)
        self._searches[key] = search  # the last ones are the latest used
        if len(self._searches) > SEARCHES:
            del self._searches[next(iter(self._searches))]
        return self._planner.way(search, purpose, expansions)


class Run:
    """One conversation with one system under test.

    `tester` has its lab; `close` ends the conversation and what was started for it. `title` says
    what is tested where, `repeat` is the command that repeats the test. `identifiers` has an idTag
    for each thing that a CSMS says of one.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        tester: Tester,
        close: Callable[[], Awaitable[None]],
        *,
        title: str,
        repeat: str,
        plans: Plans,
        patience: Patience | None = None,
        identifiers: Mapping[str, str] | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.tester = tester
        self.tally = Tally()
        self._loop = loop
        self._close = close
        self._title = title
        self._repeat = repeat
        self._patience = patience or Patience()
        self._plans = plans
        self._identifiers = identifiers or {}
        self._unready: str | None = None
        self._is_holding = False
        self._own_role = OwnRole(tester)
        self._on_close = on_close
        self._has_begun = False
        self._counted: dict[int, int] = {}
        self._is_closed = False
        self._kept: Path | None = None

    @property
    def conversation(self) -> Conversation:
        """What was said, and what it means."""
        return self.tester.conversation

    @property
    def length(self) -> tuple[int, int]:
        """How many choices the tester made, and how many messages there were."""
        return len(self.tester.script), len(self.conversation.log)

    # what generated rules call ------------------------------------------------------------------

    def event(self, name: str, *, settle: bool = True, **args: Value) -> None:
        """Something happens outside the wire: at the system under test by the lab, else in our role."""
        self._act(self._event(name, args, settle), crosses=True)

    def call(
        self, name: str, *, settle: bool = True, answer: str | None = None, **args: Value
    ) -> None:
        """A request is sent: by us, or by the system under test if its operator can make it do so.

        If nothing is to settle, a request of the system under test is answered after the next step.
        `answer` is the outcome that we give to a request of the system under test, where the model
        permits it.
        """
        self._act(self._call(name, args, settle, answer), crosses=True)

    def step(self, name: str, *, settle: bool = True, **args: Value) -> None:
        """A step of our own role that nobody sees."""
        self._act(self._own(name, args, settle), crosses=True)

    def answer(self, name: str, outcome: str) -> None:
        """Give this outcome to the next request of that name, where the model permits it."""
        self.tester.answers.outcomes[name] = outcome

    def wait(self) -> None:
        """Look on for a while, and answer what comes: long timers run out."""
        self._act(self._look_on(self._patience.wait))

    def reach(self, name: str, **args: Value) -> None:
        """Go on by a shortest way until this step is taken, by whomever.

        `name` is that of an event, a hidden step or a request, `Request.Outcome` for an answer, or
        `Request queued` for one that is stored.
        Raises InconclusiveError where there is no way, or the system under test went another one.
        """
        self._act(self._reach(name, args))

    def head_for(self, clause: str) -> None:
        """Go by a shortest way to where this is sent, answered or done; a way that the system under
        test does not take is left.
        """
        self._act(self._head_for(clause))

    def tempt(self, step: str, condition: str) -> None:
        """Bring the system under test to where only this condition forbids its step, and look on
        whether it takes it.
        """
        self._act(self._tempt(step, condition))

    def show(self, clause: str) -> None:
        """The same as `head_for`, and look on until nothing is owed.

        Raises InconclusiveError where there is no way, or the system under test went another one.
        """
        self._act(self._insist(clause))

    def resist(self, step: str, condition: str) -> None:
        """The same as `tempt`, and look on until nothing is owed.

        Raises InconclusiveError where there is no way, or the system under test went another one.
        """
        self._act(self._insist(refusal_name(step, condition)))

    def standing(self, idTag: str, status: str) -> None:  # noqa: N803
        """Before the first step: let the identifier be one of which the CSMS says this.

        Where none is known, a rule goes on with another one, and `show` and `resist` raise
        InconclusiveError.
        """
        assert not self._has_begun, "identifiers are chosen before the first step"
        conversation = self.conversation
        system = conversation.oracle.system
        if status not in self._identifiers:
            self._unready = f"no idTag is known of which the CSMS says {status}"
            self._leave_out("standing")
            return
        [cell] = [
            at
            for at, each in enumerate(system.cells)
            if each.variable == "standing" and each.indices == (idTag,)
        ]
        value = system.cells[cell].domain.index(status)
        conversation.binding.tokens.fixed["IdTag"][idTag] = self._identifiers[status]
        conversation.belief.rewrite(
            lambda state: (*state[:cell], value, *state[cell + 1 :]), self.tester.now()
        )

    def finish(self) -> None:
        """End the run, and raise if it failed."""
        __tracebackhide__ = True
        self.close()
        if sys.exception() is None:
            self.verdict()

    def verdict(self) -> None:
        """Raise if the run failed."""
        __tracebackhide__ = True
        if not self.tester.was_connected and self._has_begun:
            raise PeerUnreachable(f"no connection: {self._title}", help="look at its log")
        failures = [each for each in self.conversation.findings if each.kind != "advice"]
        if failures:
            _fail(self.explain(failures[0]))

    def keep(self, file: Path) -> None:
        """Write what was said to this file if the run fails."""
        self._kept = file

    def close(self) -> None:
        """End the conversation; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._has_begun and not self.tester.is_over():
            self._await(self._settle())
        self._await(self._close())
        self._on_close()
        if self._kept is not None and self.conversation.failed:
            write_log(self._kept, self.conversation.log)

    # inside ---------------------------------------------------------------------------------------

    def _await(self, work: Awaitable[T]) -> T:
        async def wrapped() -> T:
            return await work

        return self._loop.run_until_complete(wrapped())

    def _act(self, work: Coroutine[Any, Any, None], *, crosses: bool = False) -> None:
        """Do it; if it may cross with a request that waits for our answer, answer that afterwards."""
        __tracebackhide__ = True
        if self._is_closed or self.tester.is_over():
            work.close()
            return
        if not self._has_begun:
            self._has_begun = True
            if not self._await(self._begin()):
                work.close()
                return
        waits = self._is_holding
        if waits and not crosses:
            self._answer_now()
        self._await(work)
        if waits and crosses:
            self._answer_now()
            self._await(self._look_on(self._patience.moment))

    def _answer_now(self) -> None:
        self._is_holding = False
        self.tester.withhold()

    async def _begin(self) -> bool:
        if not await self.tester.begin():
            self.tester.inconclusive = f"no connection: {self._title}"
            return False
        await self._settle()
        return not self.tester.is_over()

    async def _settle(self, limit: float | None = None) -> None:
        await self._keep_up()
        await self.tester.settle(self._patience.settle if limit is None else limit)
        await self._keep_up()

    async def _go_on(self, settle: bool) -> None:
        if settle:
            await self._settle()
        else:
            await self._look_on(self._patience.moment)

    async def _look_on(self, seconds: float) -> None:
        await self._keep_up()
        await self.tester.until(lambda: False, seconds)
        await self._keep_up()

    async def _take(self, name: str, numbers: tuple[int, ...], settle: bool) -> None:
        if numbers and await self.tester.do(numbers[0]):
            self.tally.done += 1
            await self._go_on(settle)
        else:
            self._leave_out(name)

    def _leave_out(self, name: str) -> None:
        self.tally.left_out[name] = self.tally.left_out.get(name, 0) + 1

    async def _event(self, name: str, args: Mapping[str, Value], settle: bool) -> None:
        action = self.conversation.oracle.lowering.model.action(name)
        assert isinstance(action, Event), f"{name} is no event"
        if action.role != self.conversation.sut:
            await self._own(name, args, settle)
            return
        options = self._possible_events() if self.tester.lab.can(name) else []
        await self._take(name, _commands(options, name, args), settle)

    def _possible_events(self) -> list[Choice]:
        """Events that are possible once all that was done has been noticed."""
        conversation = self.conversation
        state = conversation.belief.likely(self.tester.now())
        return [
            each
            for each in conversation.events(self.tester.now())
            if any(conversation.oracle.enabled(number, state) for number in each.commands)
        ]

    async def _own(self, name: str, args: Mapping[str, Value], settle: bool) -> None:
        options = [each for each in self.conversation.menu(self.tester.now()) if each.kind == "own"]
        await self._take(name, _commands(options, name, args), settle)

    async def _call(
        self, name: str, args: Mapping[str, Value], settle: bool, answer: str | None
    ) -> None:
        conversation = self.conversation
        if conversation.binding.call(name).sender == conversation.sut:
            if answer is not None:
                self.tester.answers.outcomes[name] = answer
            number = self._askable(name, args)
            if number is None or not await self.tester.ask(number):
                self._leave_out(name)
                return
            self.tally.done += 1
            if not settle:
                self._is_holding = True
                self.tester.withhold(name)
            await self._go_on(settle)
            return
        await self._wait_for_the_answer()
        options = [each for each in conversation.menu(self.tester.now()) if each.kind == "call"]
        await self._take(name, _commands(options, name, args), settle)

    async def _wait_for_the_answer(self) -> None:
        """One request at a time: the one that is out has to be answered first."""
        session = self.conversation.session
        await self.tester.until(
            lambda: not session.outstanding and not session.queued,
            self.conversation.oracle.timing.answer + 1.0,
        )

    def _askable(self, name: str, args: Mapping[str, Value]) -> int | None:
        """The request of the system under test, if it may send it now and can be made to."""
        oracle = self.conversation.oracle
        if not self.tester.lab.can_ask(name):
            return None
        for state in self.conversation.belief.states(self.tester.now()):
            for number in oracle.permitted(state):
                if _is(oracle.system.commands[number], "sent", name, None, args):
                    return number
        return None

    # our own part ---------------------------------------------------------------------------------

    async def _keep_up(self) -> None:
        """Let the timers of our own role run out; the tester does what it owes."""
        if self.conversation.role == "charger":
            await self._own_role.keep_up()

    # scenarios --------------------------------------------------------------------------------------

    async def _reach(self, name: str, args: Mapping[str, Value]) -> None:
        conversation = self.conversation
        wanted = self._steps(name, args)
        for _ in range(3):
            if self._has_come(wanted):
                return
            await self._settle()
            if self._has_come(wanted):
                return
            command = conversation.oracle.system.commands[min(wanted)]
            plan = self._plans.find(
                conversation.belief.likely(self.tester.now()),
                Purpose(name, "clause", command.at, command.rules, wanted),
                self._patience.expansions,
            )
            if plan is None:
                break
            self._counted = dict(conversation.taken)
            if await self.tester.walk(plan):
                await self._let_it_happen(wanted)
                self._has_come(wanted)
                return
            if self.tester.is_over():
                return
        await self._look_on(self._owed_time())
        if not self._has_come(wanted) and not self.tester.is_over():
            raise InconclusiveError(f"{name}: no way leads there, or another one was taken")

    async def _let_it_happen(self, wanted: frozenset[int]) -> None:
        """What cannot be seen has happened once time has forced it."""
        oracle = self.conversation.oracle
        state = self.conversation.belief.likely(self.tester.now())
        forced = [
            each.forced
            for each in oracle.outlook(state).moves
            if each.command in wanted and each.forced is not None
        ]
        if forced and min(forced) <= self._patience.wait:
            await self._look_on(min(forced))

    def _has_come(self, wanted: frozenset[int]) -> bool:
        """Whether one of the steps was taken and has not been counted for an earlier one."""
        taken = self.conversation.taken
        fresh = {each for each in wanted if taken.get(each, 0) > self._counted.get(each, 0)}
        self._counted.update((each, taken[each]) for each in fresh)
        return bool(fresh)

    def _steps(self, name: str, args: Mapping[str, Value]) -> frozenset[int]:
        """The commands that a step of a scenario stands for."""
        lowering = self.conversation.oracle.lowering
        told, _, when = name.partition(" ")
        action, _, outcome = told.partition(".")
        phase = "step"
        if isinstance(lowering.model.action(action), Call):
            phase = when or ("reply" if outcome else "sent")
        found = frozenset(
            number
            for number, command in enumerate(lowering.system.commands)
            if _is(command, phase, action, outcome or None, args)
        )
        assert found, f"the model has no step {name} with these arguments"
        return found

    async def _head_for(self, clause: str) -> None:
        if await self._go(clause, self._patience.detour):
            await self._settle()

    async def _tempt(self, step: str, condition: str) -> None:
        if await self._go(refusal_name(step, condition), self._patience.detour):
            await self._look_on(self._patience.watch)

    async def _insist(self, name: str) -> None:
        if self._unready is not None:
            raise InconclusiveError(self._unready)
        has_come = await self._go(name, self._patience.expansions)
        await self._settle()
        if not self.tester.is_over():
            await self._look_on(self._owed_time())
        if not has_come and not self.tester.is_over():
            raise InconclusiveError(f"{name}: no way leads there, or another one was taken")

    def _owed_time(self) -> float:
        """Seconds until all is overdue that is owed now, as far as we are ready to wait."""
        left = self.conversation.belief.next_deadline(self.tester.now()) - self.tester.now()
        return max(self._patience.linger, left + 0.1 if left < self._patience.wait else 0.0)

    async def _go(self, name: str, expansions: int) -> bool:
        """Follow a plan to the purpose, if there is a short one."""
        purpose = self._plans.purpose(name)
        assert purpose is not None, f"the model has no {name}: write the tests again"
        await self._settle()
        plan = None
        if not self.tester.is_over():
            state = self.conversation.belief.likely(self.tester.now())
            plan = self._plans.find(state, purpose, expansions)
        before = dict(self.conversation.taken)
        if plan is None or not (
            await self.tester.walk(plan) or await self._came_late(purpose, before)
        ):
            self._leave_out(purpose.name)
            return False
        self.tally.done += 1
        return True

    async def _came_late(self, purpose: Purpose, before: Mapping[int, int]) -> bool:
        """Whether a way that seemed to be lost still led to one of the purpose's steps."""
        if not purpose.commands or self.tester.is_over():
            return False
        await self._settle()
        taken = self.conversation.taken
        return any(taken.get(each, 0) > before.get(each, 0) for each in purpose.commands)

    # what is told -----------------------------------------------------------------------------------

    def explain(self, finding: Finding) -> str:
        """The finding as a text for people."""
        deeds = [str(each) for each in self.tester.script]
        return failure_text(finding, self.conversation.log, self._title, self._repeat, deeds)


class IdleRun:
    """Takes every step and does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **named: None


def write_log(file: Path, log: Iterable[Entry]) -> None:
    """One JSON object a line: seconds since the start, direction, text, and the model's step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(
            {"at": round(each.at, 3), "mark": each.mark, "text": each.text, "step": each.step}
        )
        for each in log
    ]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def failure_text(
    finding: Finding,
    log: list[Entry],
    title: str,
    repeat: str,
    deeds: Sequence[str] = (),
    *,
    messages: int = 8,
) -> str:
    """What was seen, what the model allows there, where that stands, and how to see it again.

    `deeds` is what the tester chose to do before.
    """
    lines = [f"{finding.kind}: {finding.message}", f"  {title}, {finding.at:.1f} s after the start"]
    if finding.rules:
        lines.append(f"  requirements: {', '.join(finding.rules)}")
    if finding.clauses:
        lines.append(f"  clauses: {', '.join(finding.clauses)}")
    if finding.observed:
        lines.append(f"  observed: {finding.observed}")
    if finding.expected:
        lines.append("  expected one of:")
        lines += [f"    {each}" for each in finding.expected[:12]]
        if len(finding.expected) > 12:
            lines.append(f"    and {len(finding.expected) - 12} more")
    lines.append(f"  {_counted(len(deeds), 'step')} of the tester: {'; '.join(deeds) or 'none'}")
    shown = [entry for entry in log if entry.at <= finding.at][-messages:]
    if shown:
        lines.append("  last messages:")
        lines += [f"    {each.at:8.3f} {each.mark} {each.text[:200]}" for each in shown]
    lines.append(f"  repeat: {repeat}")
    return "\n".join(lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _fail(text: str) -> NoReturn:
    __tracebackhide__ = True
    raise NonconformanceError(text)


def _commands(options: list[Choice], name: str, args: Mapping[str, Value]) -> tuple[int, ...]:
    for each in options:
        if each.name == name and all(args.get(key, value) == value for key, value in each.args):
            return each.commands
    return ()


def _is(
    command: Command, phase: str, action: str, outcome: str | None, args: Mapping[str, Value]
) -> bool:
    label = command.label
    if (label.phase, label.action, label.outcome) != (phase, action, outcome):
        return False
    told = dict((*label.args, *label.answer))
    return all(name not in told or told[name] == value for name, value in args.items())
