"""Finding witnesses far away: in a small world, from few initial states, from milestone to milestone.

Breadth-first search from all initial states at once soon drowns in them, and in what the second
connector does meanwhile. A trace from one of them, in which the second connector does nothing, is as
good a witness; that there is none says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from ocpp_verify.ir.model import ONLINE
from ocpp_verify.ir.system import All, Bool, Command, Formula, Index, Is, State, System
from ocpp_verify.ir.types import Value
from ocpp_verify.runner.engines import Engine
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import Budget, Question, Reached, Trace

_DRAWS = 200


def starts(system: System, count: int) -> list[State]:
    """So many different initial states: the most permissive, the first, the last, and some between.

    They are always the same.
    """
    return list(islice(_starts(system), count))


def _starts(system: System) -> Iterator[State]:
    random = Random(0)
    seen: set[State] = set()
    for draw in range(_DRAWS):
        if draw == 0:
            state = _permissive(system)
        elif draw == 1:
            state = tuple(cell.initial[0] for cell in system.cells)
        elif draw == 2:
            state = tuple(cell.initial[-1] for cell in system.cells)
        else:
            state = tuple(random.choice(cell.initial) for cell in system.cells)
        if state not in seen and holds(system.initial, state):
            seen.add(state)
            yield state


def _permissive(system: System) -> State:
    """Of the values that a cell may begin with those that the conjuncts of most guards permit."""
    permitting: Counter[tuple[int, int]] = Counter()
    for command in system.commands:
        for each in command.guard.args if isinstance(command.guard, All) else (command.guard,):
            if isinstance(each, Is):
                permitting.update((each.cell, value) for value in each.values)
    best = (
        max((permitting[at, value], -value) for value in cell.initial)
        for at, cell in enumerate(system.cells)
    )
    return tuple(-value for _, value in best)


def beginning_at(system: System, state: State) -> System:
    """The system with this one initial state."""
    cells = tuple(
        replace(cell, initial=(value,)) for cell, value in zip(system.cells, state, strict=True)
    )
    return replace(system, cells=cells, initial=Bool(True))


@dataclass(frozen=True, slots=True)
class World:
    """A system with some of its commands. `origin`: for each of them its number in the whole."""

    system: System
    origin: tuple[int, ...]

    def whole(self, trace: Trace) -> Trace:
        """A trace of the world as one of the system that it is part of."""
        return Trace(trace.states, tuple(self.origin[number] for number in trace.commands))


def full_world(system: System) -> World:
    """All of it."""
    return World(system, tuple(range(len(system.commands))))


def small_world(system: System) -> World:
    """Without the commands that speak of a second connector, a second identifier and so on."""
    others = _others(system)
    origin = tuple(
        number
        for number, command in enumerate(system.commands)
        if not any(value in others for value in _spoken_of(command))
    )
    commands = tuple(system.commands[number] for number in origin)
    return World(replace(system, commands=commands, duties=()), origin)


def calm_world(world: World, named: frozenset[str]) -> World:
    """Without what others begin and nobody names: events, but for those that bring the link up, and
    requests of the central system.
    """
    online = {number for number, cell in enumerate(world.system.cells) if cell.variable == ONLINE}

    def is_kept(command: Command) -> bool:
        label = command.label
        if label.action in named:
            return True
        if label.actor == "environment":
            return any(cell in online and value == Index(1) for cell, value in command.updates)
        return label.phase != "sent" or label.actor != "csms"

    kept = [at for at, command in enumerate(world.system.commands) if is_kept(command)]
    commands = tuple(world.system.commands[at] for at in kept)
    origin = tuple(world.origin[at] for at in kept)
    return World(replace(world.system, commands=commands, duties=()), origin)


def _spoken_of(command: Command) -> Iterator[Value]:
    yield from (value for _, value in (*command.label.args, *command.label.answer))


def _others(system: System) -> set[Value]:
    """The values of indices but for the first of each sort. Indices with a common value share one."""
    places: dict[tuple[str, int], list[Value]] = {}
    for cell in system.cells:
        for at, value in enumerate(cell.indices):
            places.setdefault((cell.variable, at), []).append(value)
    sorts: list[list[Value]] = []
    for values in places.values():
        sort = next((each for each in sorts if not set(each).isdisjoint(values)), None)
        if sort is None:
            sorts.append(list(values))
        else:
            sort.extend(values)
    return {value for sort in sorts for value in sort if value != sort[0]}


def plunge(
    world: World, way: Trace, questions: Sequence[Question], engine: Engine, budget: Budget
) -> dict[str, Trace]:
    """Traces that begin with `way`, for the questions that have one within the budget."""
    run = engine.explore(beginning_at(world.system, way.states[-1]), questions, budget)
    found = {
        name: world.whole(answer.trace)
        for name, answer in run.answers.items()
        if isinstance(answer, Reached)
    }
    return {
        name: Trace(way.states[:-1] + trace.states, way.commands + trace.commands)
        for name, trace in found.items()
    }


def pursue(
    world: World,
    start: State | None,
    milestones: Sequence[Formula],
    engine: Engine,
    budget: Budget,
) -> Trace | None:
    """A trace through the milestones, each reached by the shortest way from where the last one was.

    None if a milestone is not found within the budget, which each of them has for itself: an early
    choice may have been a bad one. Begins at all initial states if `start` is None.
    """
    states: list[State] = []
    commands: list[int] = []
    for milestone in milestones:
        here = states[-1] if states else start
        if here is not None and holds(milestone, here):
            states = states or [here]
            continue
        begun = world.system if here is None else beginning_at(world.system, here)
        answer = engine.explore(begun, (Question("next", milestone),), budget).answers["next"]
        if not isinstance(answer, Reached):
            return None
        states = states[:-1] + list(answer.trace.states)
        commands += answer.trace.commands
    return world.whole(Trace(tuple(states), tuple(commands))) if states else None
