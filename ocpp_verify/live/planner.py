"""What to try next: purposes that the model suggests, and shortest ways to them.

Four kinds of purpose:

- *clause*: some step that a clause of the system under test stands for has been seen;
- *temptation*: a state in which all conjuncts of a guard hold but one, so that a system that forgot
  this conjunct would do what it must not; the run then waits and watches;
- *change*: a transition of a watched table, such as a connector's status;
- *moment*: a stimulus in a certain status (`live.moments`).

Plans assume that the system under test cooperates. Where it does otherwise, we plan again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.conditions import single_conditions
from ocpp_verify.ir.formula import NO, among, every, negation, some
from ocpp_verify.ir.lower import InFlight, Lowering, assignments
from ocpp_verify.ir.model import Call, Conjunct, Event, Hidden, Parameter, Role
from ocpp_verify.ir.system import Command, Formula, Label, State
from ocpp_verify.ir.types import Value
from ocpp_verify.live.search import Search, turns
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something worth showing. `commands`: any of them is to happen; else `goal` is to hold; else one
    of the commands of a moment is to happen where its condition holds.
    """

    name: str
    kind: Literal["clause", "temptation", "change", "moment"]
    at: Place
    rules: tuple[str, ...]
    commands: frozenset[int] = frozenset()
    goal: Formula | None = None
    moments: tuple[tuple[frozenset[int], Formula], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The purpose and the steps to it, as commands of the lowered system. The steps at the `hasty`
    positions are taken before things have taken their course.
    """

    purpose: Purpose
    commands: tuple[int, ...]
    hasty: frozenset[int] = frozenset()


def clause_purposes(lowering: Lowering, role: Role) -> list[Purpose]:
    """One purpose for each clause that gives the role something to do or to answer."""
    groups: dict[tuple[str, str, str | None, Place], list[int]] = {}
    for number, command in enumerate(lowering.system.commands):
        label = command.label
        if label.actor == role and label.phase != "received":
            groups.setdefault((label.action, label.phase, label.outcome, command.at), []).append(
                number
            )
    return [
        Purpose(
            action + (f".{outcome}" if outcome else "") + (" stored" if phase == "queued" else ""),
            "clause",
            at,
            lowering.system.commands[numbers[0]].rules,
            frozenset(numbers),
        )
        for (action, phase, outcome, at), numbers in groups.items()
    ]


def temptations(lowering: Lowering, role: Role) -> list[Purpose]:
    """States in which one conjunct alone forbids the role a step."""
    found = []
    for action in lowering.model.actions:
        owner = action.sender if isinstance(action, Call) else action.role
        if isinstance(action, Event):
            continue
        if owner == role:
            found += _tempted(lowering, action.name, action.guards, action.params, None)
        if isinstance(action, Call) and action.receiver == role:
            for reply in action.replies:
                if reply.guards:
                    found += _tempted(
                        lowering, f"{action.name}.{reply.name}", reply.guards, reply.params, action
                    )
    return found


def _tempted(
    lowering: Lowering,
    name: str,
    guards: Sequence[Conjunct],
    params: Sequence[Parameter],
    call: Call | None,
) -> list[Purpose]:
    parts = [(at, expr, each) for at, (expr, each) in enumerate(single_conditions(guards))]
    found = []
    full = [*(call.params if call else ()), *params]
    for number, _, conjunct in parts:
        goals = []
        for args in assignments(full):
            env = dict(args)
            formulas = [
                negation(lowering.formula(expr, env))
                if at == number
                else lowering.formula(expr, env)
                for at, expr, _ in parts
            ]
            if call is not None:
                formulas.append(waiting(lowering, call, env))
            goal = every(formulas)
            if goal != NO:
                goals.append(goal)
        if goals:
            found.append(
                Purpose(
                    f"{name} forbidden by condition {number + 1} alone",
                    "temptation",
                    conjunct.at,
                    conjunct.rules,
                    goal=some(goals),
                )
            )
    return found


def waiting(lowering: Lowering, call: Call, env: Mapping[str, Value]) -> Formula:
    """A call with these arguments waits for its answer."""
    cell = lowering.system.cell(f"{call.sender}'s call")
    values = lowering.system.cells[cell].domain
    return among(
        cell,
        (
            at
            for at, value in enumerate(values)
            if isinstance(value, InFlight)
            and value.call == call.name
            and all(env.get(name) == arg for name, arg in value.args)
        ),
        len(values),
    )


def spontaneous_steps(lowering: Lowering, role: Role) -> frozenset[int]:
    """Steps that the role may take but that nothing makes it take: no plan can count on them."""
    owed = {number for duty in lowering.system.duties for number in duty.discharged_by}
    found = set()
    for number, command in enumerate(lowering.system.commands):
        label = command.label
        if label.actor != role or label.phase in ("reply", "received") or number in owed:
            continue
        action = lowering.model.action(label.action)
        if not (isinstance(action, Hidden) and action.within is not None):
            found.add(number)
    return frozenset(found)


class Plans(Protocol):
    """Whatever finds ways to purposes."""

    def plan(self, start: State, purposes: Sequence[Purpose], *, expansions: int) -> Plan | None:
        """A plan to any of the purposes, looking at so many states at the most."""
        ...


class Planner:
    """Finds ways through a model whose system under test has the given role.

    `can` tells which events the lab can cause, `askable` which requests it can have sent, `bearable` which
    timers are worth waiting for.
    """

    def __init__(
        self,
        lowering: Lowering,
        role: Role,
        can: Callable[[str], bool],
        bearable: Callable[[Hidden], bool],
        purposes: Iterable[Purpose],
        ignore: Iterable[str] = (),
        askable: Callable[[str], bool] = lambda action: False,
    ) -> None:
        self._lowering = lowering
        self._role = role
        system = lowering.system
        dropped = {
            number for number, cell in enumerate(system.cells) if cell.variable in set(ignore)
        }
        kept = [number for number in range(len(system.cells)) if number not in dropped]
        self._projection = project(system, kept)
        self._dropped = dropped
        spontaneous = spontaneous_steps(lowering, role)
        chosen = []
        for number, command in enumerate(self._projection.system.commands):
            label = command.label
            action = lowering.model.action(label.action)
            if isinstance(action, Event) and action.role == role and not can(label.action):
                continue
            if isinstance(action, Hidden) and not bearable(action):
                continue
            if self._projection.origin[number] in spontaneous and not (
                label.phase == "sent" and askable(label.action)
            ):
                continue
            chosen.append(number)
        self._chosen = chosen
        self._compiled = CompiledSystem(self._projection.system, chosen)
        self._turns = turns(lowering)
        # Goals as commands without effect: all of them are looked up together.
        tempting = [each for each in purposes if each.goal is not None]
        self._goal_numbers = {each.name: number for number, each in enumerate(tempting)}
        label = Label("step", "goal", (), "environment", "charger", visible=False)
        watched = tuple(Command(label, each.goal, ()) for each in tempting if each.goal is not None)
        self._goals = CompiledSystem(replace(self._projection.system, commands=watched))

    def narrowed(self, keep: Callable[[str], bool]) -> Planner:
        """The same planner with only those actions that are to be kept; cheap to make."""
        made = copy(self)
        commands = self._projection.system.commands
        made._chosen = [each for each in self._chosen if keep(commands[each].label.action)]
        made._compiled = self._compiled.subset(made._chosen)
        made.__dict__.pop("_dependable", None)
        return made

    def reduced(self, start: State) -> State:
        """The state as far as plans take notice of it."""
        return tuple(0 if at in self._dropped else value for at, value in enumerate(start))

    def search(self, start: State) -> Search:
        """A search from this state, to be used with `way`."""
        return Search(
            self.reduced(start),
            self._dependable,
            self._projection.origin,
            self._goals,
            self._turns,
        )

    @cached_property
    def _dependable(self) -> CompiledSystem:
        """Without the answers that the system under test gives only if it likes to, and without the
        requests that change nothing but what plans do not follow: in every state some could be sent,
        and nobody waits for them.
        """
        commands = self._projection.system.commands
        whole = self._lowering.system
        reports = set()
        for command in whole.commands:
            changed = {cell for cell, _ in command.updates if whole.cells[cell].variable}
            if command.label.phase == "sent" and changed and changed <= self._dropped:
                reports.add(command.label.action)
        return self._compiled.subset(
            number
            for number in self._chosen
            if commands[number].label.action not in reports
            and not self._is_whim(commands[number].label)
        )

    def _is_whim(self, label: Label) -> bool:
        if label.phase != "reply" or label.actor != self._role:
            return False
        action = self._lowering.model.action(label.action)
        assert isinstance(action, Call)
        reply = next(each for each in action.replies if each.name == (label.outcome or ""))
        return not reply.guards and reply is not action.replies[0]

    def way(self, search: Search, purpose: Purpose, expansions: int) -> Plan | None:
        """A plan to the purpose that the search has met or meets within so many states."""
        if purpose.goal is not None:
            way = search.goal(self._goal_numbers[purpose.name], expansions)
        else:
            way = search.step(purpose.commands, expansions)
        return None if way is None else Plan(purpose, way.commands, way.hasty)

    def plan(self, start: State, purposes: Sequence[Purpose], *, expansions: int) -> Plan | None:
        """The shortest plan to any of the purposes, looking at so many states at the most."""
        origin = self._projection.origin
        wanted: dict[int, Purpose] = {}
        for purpose in purposes:
            for number in purpose.commands:
                wanted.setdefault(number, purpose)
        goals = {
            self._goal_numbers[purpose.name]: purpose
            for purpose in purposes
            if purpose.goal is not None
        }
        state = self.reduced(start)
        for number, _ in self._goals.successors(state):
            if number in goals:
                return Plan(goals[number], ())
        parents: dict[State, tuple[State, int] | None] = {state: None}
        work = deque([state])
        while work and expansions > 0:
            expansions -= 1
            state = work.popleft()
            for number, target in self._compiled.successors(state):
                found = wanted.get(origin[number])
                if found is not None:
                    return Plan(found, (*self._way(parents, state), origin[number]))
                if target in parents:
                    continue
                parents[target] = (state, origin[number])
                for reached, _ in self._goals.successors(target) if goals else ():
                    if reached in goals:
                        return Plan(goals[reached], self._way(parents, target))
                work.append(target)
        return None

    def reachable(
        self, start: State, purposes: Sequence[Purpose], *, expansions: int
    ) -> frozenset[str]:
        """Names of the purposes that come about in or after one of so many states from here."""
        goals = {self._goal_numbers[each.name]: each.name for each in purposes if each.goal}
        steps = {number: each.name for each in purposes for number in each.commands}
        found: set[str] = set()
        state = self.reduced(start)
        seen = {state}
        work = deque([state])
        while work and expansions > 0:
            expansions -= 1
            state = work.popleft()
            found |= {goals[each] for each, _ in self._goals.successors(state) if each in goals}
            for number, target in self._compiled.successors(state):
                origin = self._projection.origin[number]
                if origin in steps:
                    found.add(steps[origin])
                if target not in seen:
                    seen.add(target)
                    work.append(target)
        return frozenset(found)

    def _way(self, parents: dict[State, tuple[State, int] | None], state: State) -> tuple[int, ...]:
        steps: list[int] = []
        while (parent := parents[state]) is not None:
            state, number = parent
            steps.append(number)
        return tuple(reversed(steps))
