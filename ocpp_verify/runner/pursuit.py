"""Finding witnesses far away: from few initial states, and from milestone to milestone.

Breadth-first search from all initial states at once soon drowns in them. A trace from one of them is
as good a witness; that there is none from there says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from random import Random

from ocpp_verify.ir.system import Bool, Formula, State, System
from ocpp_verify.runner.engines import Engine
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import Budget, Question, Reached, Trace

_DRAWS = 200


def starts(system: System, count: int) -> list[State]:
    """So many different initial states: the first, the last, and some between; always the same."""
    return list(islice(_starts(system), count))


def _starts(system: System) -> Iterator[State]:
    random = Random(0)
    seen: set[State] = set()
    for draw in range(_DRAWS):
        if draw == 0:
            state = tuple(cell.initial[0] for cell in system.cells)
        elif draw == 1:
            state = tuple(cell.initial[-1] for cell in system.cells)
        else:
            state = tuple(random.choice(cell.initial) for cell in system.cells)
        if state not in seen and holds(system.initial, state):
            seen.add(state)
            yield state


def beginning_at(system: System, state: State) -> System:
    """The system with this one initial state."""
    cells = tuple(
        replace(cell, initial=(value,)) for cell, value in zip(system.cells, state, strict=True)
    )
    return replace(system, cells=cells, initial=Bool(True))


def plunge(
    system: System, way: Trace, questions: Sequence[Question], engine: Engine, budget: Budget
) -> dict[str, Trace]:
    """Traces that begin with `way`, for the questions that have one within the budget."""
    run = engine.explore(beginning_at(system, way.states[-1]), questions, budget)
    return {
        name: Trace(way.states[:-1] + answer.trace.states, way.commands + answer.trace.commands)
        for name, answer in run.answers.items()
        if isinstance(answer, Reached)
    }


def pursue(
    system: System,
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
        begun = system if here is None else beginning_at(system, here)
        answer = engine.explore(begun, (Question("next", milestone),), budget).answers["next"]
        if not isinstance(answer, Reached):
            return None
        states = states[:-1] + list(answer.trace.states)
        commands += answer.trace.commands
    return Trace(tuple(states), tuple(commands)) if states else None
