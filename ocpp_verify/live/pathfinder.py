"""Ways to purposes in which everything takes its course, and choices are few.

Between two choices of the tester a system answers, fulfils its duties and lets its short timers run
out. The order of those *natural* steps seldom matters, so the search takes them one after the other
in a fixed order, at no cost. A choice costs 1, an unlikely answer or a long timer 2, and a choice
before things have taken their course (a *hasty* one) or another order of natural steps 3: cheapest
ways come first, and everything that can be reached can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.lower import Answered, InFlight, Lowering, Stored
from ocpp_verify.ir.model import Event, Hidden, Role
from ocpp_verify.ir.system import Command, Formula, Label, State, System
from ocpp_verify.ir.types import EnumType
from ocpp_verify.live.planner import Plan, Purpose

_CHOICE, _WAIT, _UNLIKELY, _HASTY, _NEVER = 1, 2, 2, 3, 5
_SLICE = 50  # states between two looks at the wire
_STARTS = 6  # states whose plans are kept

Kind: TypeAlias = Literal["natural", "choice", "wait"]


@dataclass(frozen=True, slots=True)
class _Step:
    """What the search knows of one command. Natural steps of one `rank` are alternatives."""

    origin: int
    kind: Kind
    cost: int
    rank: tuple[int, str]
    tokens: tuple[tuple[str, str], ...]


class Pathfinder:
    """Ways through a model whose system under test has the given role.

    `can` tells which events the lab can cause, `askable` which requests it can have sent, `bearable`
    which timers are worth waiting for. Steps of `ignored` actions and the variables `forgotten` are
    left out.
    """

    def __init__(
        self,
        lowering: Lowering,
        role: Role,
        can: Callable[[str], bool],
        bearable: Callable[[Hidden], bool],
        purposes: Sequence[Purpose],
        *,
        askable: Callable[[str], bool],
        forgotten: Iterable[str],
        ignored: Iterable[str],
    ) -> None:
        system = lowering.system
        without = set(forgotten)
        self._dropped = {at for at, cell in enumerate(system.cells) if cell.variable in without}
        kept = [at for at in range(len(system.cells)) if at not in self._dropped]
        projection = project(system, kept)
        self._tokens = _interchangeable(lowering)
        sorter = _Sorter(lowering, role, can, bearable, askable, frozenset(ignored), self._tokens)
        self._steps: dict[int, _Step] = {}
        for number, command in enumerate(projection.system.commands):
            step = sorter.step(command, projection.origin[number])
            if step is not None:
                self._steps[number] = step
        self._compiled = CompiledSystem(projection.system, self._steps)
        self._places = _places(lowering, self._tokens)
        self._variables = [at for at, cell in enumerate(system.cells) if cell.variable]
        tempting = [each for each in purposes if each.goal is not None]
        self._goals = dict(enumerate(tempting))
        self._watch = _watching(projection.system, [each.goal for each in tempting if each.goal])
        conditions: dict[Formula, int] = {}
        self._moments: dict[int, list[tuple[Purpose, int]]] = {}
        for purpose in purposes:
            for numbers, condition in purpose.moments:
                at = conditions.setdefault(condition, len(conditions))
                for number in numbers:
                    self._moments.setdefault(number, []).append((purpose, at))
        self._conditions = _watching(projection.system, list(conditions))
        self._routes: dict[State, Mapping[str, Plan]] = {}

    def routes(self, start: State) -> Mapping[str, Plan] | None:
        """The plans from this state that were kept; none at all once there are those of many."""
        known = self._routes.get(self._reduced(start))
        return {} if known is None and len(self._routes) >= _STARTS else known

    def keep_routes(self, start: State, plans: Mapping[str, Plan]) -> None:
        """Remember plans from a state in which runs begin, by the name of the purpose."""
        self._routes[self._reduced(start)] = plans

    def choices(self, state: State) -> list[int]:
        """Commands that the tester, its operator or its bench may choose in the state."""
        return [
            self._steps[number].origin
            for number, _ in self._enabled(self._reduced(state))
            if self._steps[number].kind == "choice"
        ]

    def plan(self, start: State, purposes: Sequence[Purpose], *, expansions: int) -> Plan | None:
        """The cheapest plan to any of the purposes, looking at so many states at the most."""
        plans = (each for each in self.search(start, purposes, expansions=expansions) if each)
        return next(plans, None)

    def search(
        self, start: State, purposes: Sequence[Purpose], *, expansions: int
    ) -> Iterator[Plan | None]:
        """The cheapest plan to each purpose, cheap ones first; None after each slice of the work."""
        goals = {each.name for each in purposes if each.goal is not None}
        steps: dict[int, list[Purpose]] = {}
        for purpose in purposes:
            for number in purpose.commands:
                steps.setdefault(number, []).append(purpose)
        left = {each.name for each in purposes}
        state = self._reduced(start)
        parents: dict[State, tuple[State, int, bool] | None] = {state: None}
        costs = {state: 0}
        work: list[tuple[int, int, State, Plan | None]] = [(0, 0, state, None)]
        count = 0
        done: set[State] = set()
        while work and left and expansions > 0:
            cost, _, state, plan = heappop(work)
            if plan is not None:
                if plan.purpose.name in left:
                    left.remove(plan.purpose.name)
                    yield plan
                continue
            if state in done:
                continue
            done.add(state)
            expansions -= 1
            if expansions % _SLICE == 0:
                yield None
            for number, _ in self._watch.successors(state):
                if self._goals[number].name in goals & left:
                    left.remove(self._goals[number].name)
                    yield _plan(self._goals[number], parents, state)
            holding = {at for at, _ in self._conditions.successors(state)}
            for number, target, price, is_hasty in self._priced(state):
                origin = self._steps[number].origin
                now = [each for each, at in self._moments.get(origin, ()) if at in holding]
                for purpose in (*steps.get(origin, ()), *now):
                    if purpose.name in left:
                        plan = _plan(purpose, parents, state, (origin, is_hasty))
                        count += 1
                        heappush(work, (cost + price, count, target, plan))
                if costs.get(target, cost + price + 1) > cost + price:
                    costs[target] = cost + price
                    parents[target] = (state, origin, is_hasty)
                    count += 1
                    heappush(work, (cost + price, count, target, None))

    def approach(self, start: State, wanted: State, *, expansions: int) -> tuple[int, ...] | None:
        """Commands of the cheapest way to a state like the wanted one: what is on its way and what
        was reported may differ.
        """
        state, goal = self._reduced(start), self._core(self._reduced(wanted))
        parents: dict[State, tuple[State, int, bool] | None] = {state: None}
        costs = {state: 0}
        work = [(0, 0, state)]
        done: set[State] = set()
        while work and expansions > 0:
            cost, _, state = heappop(work)
            if state in done:
                continue
            done.add(state)
            expansions -= 1
            if self._core(state) == goal:
                return tuple(number for number, _ in _way(parents, state))
            for number, target, price, is_hasty in self._priced(state):
                if costs.get(target, cost + price + 1) > cost + price:
                    costs[target] = cost + price
                    parents[target] = (state, self._steps[number].origin, is_hasty)
                    heappush(work, (cost + price, len(parents), target))
        return None

    def _core(self, state: State) -> State:
        return tuple([state[at] for at in self._variables])

    def _priced(self, state: State) -> Iterator[tuple[int, State, int, bool]]:
        """Steps with their targets, what they cost here, and whether they are hasty."""
        found = self._enabled(state)
        ranks = [
            self._steps[number].rank for number, _ in found if self._steps[number].kind == "natural"
        ]
        first = min(ranks, default=None)
        for number, target in found:
            step = self._steps[number]
            if step.kind == "natural":
                yield number, target, step.cost + (0 if step.rank == first else _HASTY), False
            elif first is None:
                yield number, target, step.cost, False
            elif step.kind == "choice":
                yield number, target, step.cost + _HASTY, True

    def _enabled(self, state: State) -> list[tuple[int, State]]:
        """Steps that change something, without those that differ by the name of a token only."""
        found = []
        used: dict[str, set[str]] | None = None
        for number, target in self._compiled.successors(state):
            if target == state:
                continue
            step = self._steps[number]
            if step.tokens:
                if used is None:
                    used = self._used(state)
                if any(self._is_copy(each, token, used) for each, token in step.tokens):
                    continue
            found.append((number, target))
        return found

    def _is_copy(self, sort: str, token: str, used: Mapping[str, set[str]]) -> bool:
        """Whether an earlier token, unused as this one, would do as well."""
        if token in used[sort]:
            return False
        unused = (each for each in self._tokens[sort] if each not in used[sort])
        return next(unused) != token

    def _used(self, state: State) -> dict[str, set[str]]:
        used: dict[str, set[str]] = {sort: set() for sort in self._tokens}
        for cell, meanings in self._places:
            for sort, token in meanings.get(state[cell], ()):
                used[sort].add(token)
        return used

    def _reduced(self, state: State) -> State:
        return tuple(0 if at in self._dropped else value for at, value in enumerate(state))


def _watching(system: System, formulas: Sequence[Formula]) -> CompiledSystem:
    """Commands without effect that are enabled where the formulas hold: all are looked up together."""
    label = Label("step", "goal", (), "environment", "charger", visible=False)
    watched = tuple(Command(label, each, ()) for each in formulas)
    return CompiledSystem(replace(system, commands=watched))


class _Sorter:
    """Tells natural steps, choices and waits apart."""

    def __init__(
        self,
        lowering: Lowering,
        role: Role,
        can: Callable[[str], bool],
        bearable: Callable[[Hidden], bool],
        askable: Callable[[str], bool],
        ignored: frozenset[str],
        tokens: Mapping[str, Sequence[str]],
    ) -> None:
        self._lowering = lowering
        self._role = role
        self._can = can
        self._bearable = bearable
        self._askable = askable
        self._ignored = ignored
        self._tokens = tokens
        self._owed = {
            number
            for duty in lowering.system.duties
            if duty.key is None and not duty.advice
            for number in duty.discharged_by
        }
        self._recurring = {
            number
            for duty in lowering.system.duties
            if duty.key is not None
            for number in duty.discharged_by
        }

    def step(self, command: Command, origin: int) -> _Step | None:
        """What is known of the command; None if no plan can count on it."""
        label = command.label
        action = self._lowering.model.action(label.action)
        kind: Kind = "natural"
        cost = 0
        rank = 9
        match label.phase:
            case "received":
                rank = 0
            case "reply":
                rank = 1
                if label.outcome == "CallError":
                    cost = _NEVER
                elif label.outcome not in ("Accepted", "Unlocked", ""):
                    cost = _UNLIKELY if label.actor == self._role else _CHOICE
            case _ if label.action in self._ignored:
                return None
            case "sent" | "queued":
                rank = 2
                if label.actor == self._role and self._askable(label.action):
                    kind, cost = "choice", _CHOICE
                elif origin in self._recurring:
                    kind, cost = "wait", _WAIT
                elif origin in self._owed:
                    pass
                elif label.actor == self._role:
                    return None
                else:
                    kind, cost = "choice", _CHOICE
            case _ if isinstance(action, Event):
                if action.role == self._role and not self._can(label.action):
                    return None
                kind, cost = "choice", _CHOICE
            case _:
                assert isinstance(action, Hidden)
                if not self._bearable(action):
                    return None
                if action.within is None and label.actor == self._role:
                    return None
                if action.within is None:
                    kind, cost = "choice", _CHOICE
                elif action.after is not None and (action.after.name or action.after.seconds):
                    kind, cost = "wait", _WAIT
                else:
                    rank = 3
        return _Step(origin, kind, cost, (rank, label.action), self._named(label))

    def _named(self, label: Label) -> tuple[tuple[str, str], ...]:
        return tuple(
            (sort, str(value))
            for _, value in (*label.args, *label.answer)
            for sort, tokens in self._tokens.items()
            if value in tokens
        )


def _plan(
    purpose: Purpose,
    parents: Mapping[State, tuple[State, int, bool] | None],
    state: State,
    last: tuple[int, bool] | None = None,
) -> Plan:
    steps = [*_way(parents, state), *([last] if last is not None else [])]
    hasty = frozenset(at for at, (_, is_hasty) in enumerate(steps) if is_hasty)
    return Plan(purpose, tuple(number for number, _ in steps), hasty)


def _way(
    parents: Mapping[State, tuple[State, int, bool] | None], state: State
) -> list[tuple[int, bool]]:
    steps = []
    while (parent := parents[state]) is not None:
        state, number, is_hasty = parent
        steps.append((number, is_hasty))
    steps.reverse()
    return steps


def _interchangeable(lowering: Lowering) -> dict[str, tuple[str, ...]]:
    """Tokens of symmetric sorts that nothing tells apart at the start, as the standing does for
    identifiers.
    """
    told_apart = {
        index for cell in lowering.system.cells if len(cell.initial) > 1 for index in cell.indices
    }
    return {
        each.name: tuple(str(token) for token in each.values)
        for each in lowering.model.types
        if isinstance(each, EnumType)
        and each.is_sort
        and each.symmetric
        and each.values
        and isinstance(each.values[0], str)
        and told_apart.isdisjoint(each.values)
    }


def _places(
    lowering: Lowering, tokens: Mapping[str, Sequence[str]]
) -> list[tuple[int, dict[int, tuple[tuple[str, str], ...]]]]:
    """Cells whose value may name a token, and which value names which."""
    found = []
    for at, cell in enumerate(lowering.system.cells):
        meanings: dict[int, tuple[tuple[str, str], ...]] = {}
        for number, value in enumerate(cell.domain):
            held: list[object] = [value]
            if isinstance(value, InFlight | Stored):
                held = [each for _, each in value.args]
            elif isinstance(value, Answered):
                held = [each for _, each in (*value.args, *value.answer)]
            named = [(sort, str(each)) for each in held for sort in tokens if each in tokens[sort]]
            indices = [
                (sort, str(each))
                for each in cell.indices
                for sort in tokens
                if each in tokens[sort] and number != cell.initial[0]
            ]
            if named or indices:
                meanings[number] = (*named, *indices)
        if meanings:
            found.append((at, meanings))
    return found
