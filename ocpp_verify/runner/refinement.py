"""Lazy abstraction: prove on few cells, and add those that show why a trace is an artefact.

Sound for systems of any size: what is unreachable in a projection is unreachable. A trace is
reported only after it was followed in the full system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from ocpp_verify.ir.abstraction import Projection, Weakening, cone, project, variants, weaken
from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.runner.blame import excluding, forbidding
from ocpp_verify.runner.engines import Engine
from ocpp_verify.semantics.ground import holds, take
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)

_VARIANTS = 16
"""Into so many commands one may fall apart where its new values are guessed."""


@dataclass(frozen=True, slots=True)
class Refined:
    """An answer and the projection it was found in.

    `states` counts those of the last projection. `is_exact`: nothing was left out that matters.
    """

    answer: Answer
    kept: frozenset[int]
    rounds: int
    states: int | None
    depth: int | None
    is_exact: bool
    engine: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A question with where to begin.

    Attributes:
        seed: cells to keep at first; None for those of the goal.
        parts: for goals that are a disjunction over commands, its parts.
    """

    question: Question
    seed: frozenset[int] | None = None
    parts: tuple[Formula, ...] = ()


def refine(
    system: System, goal: Goal, engine: Engine, budget: Budget, told: Callable[[int, int], None]
) -> Refined:
    """Decide the question on ever larger projections; `told` hears (cells kept, round).

    Ends at the latest with the cone of influence, whose projection is exact.
    """
    everything = cone(system, goal.question.goal)
    kept = (cells_of(goal.question.goal) if goal.seed is None else goal.seed) & everything
    rounds = 0
    while True:
        rounds += 1
        kept = _untangled(system, kept, everything)
        told(len(kept), rounds)
        projection = project(system, kept)
        asked = Question(goal.question.name, weaken(goal.question.goal, kept))
        run = engine.explore(projection.system, (asked,), budget)
        answer = run.answers[asked.name]
        more: frozenset[int] = frozenset()
        if isinstance(answer, Reached):
            found = _follow(system, projection, answer.trace, goal)
            if isinstance(found, Trace):
                answer = Reached(found, shortest=answer.shortest and len(kept) == len(everything))
            else:
                more = (found & everything) - kept
                if not more and kept != everything:
                    more = everything - kept
                if not more:
                    answer = Open("the trace of a projection could not be followed")
        if not more:
            if isinstance(answer, Unreachable) and kept != frozenset(range(len(system.cells))):
                shown = f"on {len(kept)} of {len(system.cells)} cells"
                answer = Unreachable(f"{answer.how}, {shown}")
            exact = projection.is_exact and kept >= cells_of(goal.question.goal)
            return Refined(answer, kept, rounds, run.states, run.depth, exact, run.engine)
        if budget.expired():
            late = Open("the time limit")
            return Refined(late, kept, rounds, run.states, None, False, run.engine)
        kept |= more


def _untangled(system: System, kept: frozenset[int], everything: frozenset[int]) -> frozenset[int]:
    """With the cells without which one command would fall apart into too many."""
    reads: dict[Formula, frozenset[int]] = {}
    growing = True
    while growing:
        growing = False
        weakened = Weakening(kept)
        for command in system.commands:
            guessed = {
                cell: len(variants(term, weakened))
                for cell, term in command.updates
                if cell in kept and not cells_of_term(term, reads) <= kept
            }
            if prod(guessed.values()) > _VARIANTS:
                most = max(guessed, key=lambda cell: guessed[cell])
                kept |= cells_of_term(dict(command.updates)[most], reads) & everything
                weakened = Weakening(kept)
                growing = True
    return kept


def _follow(
    system: System, projection: Projection, trace: Trace, goal: Goal
) -> Trace | frozenset[int]:
    """The same steps in the full system, or the forgotten cells that forbid them."""
    kept = projection.kept
    state = tuple(
        value if cell in kept else system.cells[cell].initial[0]
        for cell, value in enumerate(trace.states[0])
    )
    if not holds(system.initial, state):
        return cells_of(system.initial) - kept
    states: list[State] = [state]
    commands: list[int] = []
    for at, number in enumerate(trace.commands):
        origin = projection.origin[number]
        command = system.commands[origin]
        after = take(command, state)
        if after is None:
            return forbidding(command.guard, state, kept, system.cells)
        expected = trace.states[at + 1]
        for cell, term in command.updates:
            if cell in kept and after[cell] != expected[cell]:
                return excluding(term, expected[cell], state, kept, system.cells)
        states.append(after)
        commands.append(origin)
        state = after
    if holds(goal.question.goal, state):
        return Trace(tuple(states), tuple(commands))
    for part in goal.parts:
        if holds(weaken(part, kept), state):
            return forbidding(part, state, kept, system.cells)
    return forbidding(goal.question.goal, state, kept, system.cells)
