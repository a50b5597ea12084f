"""Lazy abstraction: prove on few cells, and add those that show why a trace is an artefact.

Each projection is condensed before an engine sees it, which changes no answer. Sound for systems of
any size: what is unreachable in a projection is unreachable. A trace is reported only after it was
followed in the full system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from ocpp_verify.ir.abstraction import Projection, Weakening, cone, project, variants, weaken
from ocpp_verify.ir.condensing import condense
from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.runner.blame import excluding, forbidding
from ocpp_verify.runner.engines import Engine
from ocpp_verify.semantics.ground import holds, value
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Open,
    Question,
    Reached,
    Trace,
    Unreachable,
)
from ocpp_verify.semantics.uncondensed import uncondensed

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
        kept = untangled(system, kept, everything)
        told(len(kept), rounds)
        projection = project(system, kept)
        condensed = condense(projection.system, weaken(goal.question.goal, kept))
        asked = Question(goal.question.name, condensed.goal)
        run = engine.explore(condensed.system, (asked,), budget)
        answer = run.answers[asked.name]
        more: frozenset[int] = frozenset()
        if isinstance(answer, Reached):
            trace = uncondensed(projection.system, condensed, answer.trace)
            if trace is None:
                wrong = Open(f"{run.engine} gave a trace that is none of the projection")
                return Refined(wrong, kept, rounds, run.states, run.depth, False, run.engine)
            found = follow(system, projection, trace, goal)
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


def untangled(system: System, kept: frozenset[int], everything: frozenset[int]) -> frozenset[int]:
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


def follow(
    system: System, projection: Projection, trace: Trace, goal: Goal
) -> Trace | frozenset[int]:
    """The same steps in the full system, or forgotten cells that forbid one of them.

    A step that is forbidden is taken all the same, to see what else is wrong: of all that is blamed,
    the cells with the fewest values are enough to make the next projection another one.
    """
    kept, cells = projection.kept, system.cells
    state = tuple(
        first if cell in kept else cells[cell].initial[0]
        for cell, first in enumerate(trace.states[0])
    )
    if not holds(system.initial, state):
        return cells_of(system.initial) - kept
    states: list[State] = [state]
    commands: list[int] = []
    blamed: list[frozenset[int]] = []
    for number, expected in zip(trace.commands, trace.states[1:], strict=True):
        origin = projection.origin[number]
        command = system.commands[origin]
        if not holds(command.guard, state):
            blamed.append(forbidding(command.guard, state, kept, cells))
        after = list(state)
        for cell, term in command.updates:
            after[cell] = value(term, state)
            if cell in kept and after[cell] != expected[cell]:
                blamed.append(excluding(term, expected[cell], state, kept, cells))
                after[cell] = expected[cell]
        state = tuple(after)
        states.append(state)
        commands.append(origin)
    if not holds(goal.question.goal, state):
        weak = (part for part in goal.parts if holds(weaken(part, kept), state))
        missed = next(weak, goal.question.goal)
        blamed.append(forbidding(missed, state, kept, cells))
    if not blamed:
        return Trace(tuple(states), tuple(commands))
    return min(filter(None, blamed), key=lambda found: _width(system, found), default=frozenset())


def _width(system: System, cells: frozenset[int]) -> int:
    """By how much a projection to these cells too has more states at most."""
    return prod(len(system.cells[cell].domain) for cell in cells)
