"""A question about many connectors as questions about one each.

Most properties say the same of every connector, identifier or reservation. Taken one at a time they
need a fraction of the cells, and what one needed tells where to begin with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ocpp_verify.ir.formula import negation, some
from ocpp_verify.ir.system import All, Any, Cell, Formula, No, System
from ocpp_verify.ir.types import Value
from ocpp_verify.runner.engines import Engine
from ocpp_verify.runner.refinement import Goal, refine
from ocpp_verify.semantics.result import Answer, Budget, Open, Question, Reached, Unreachable

Learned: TypeAlias = dict[tuple[str, int], frozenset[int]]
"""By question and number of the instance the cells that were needed, or are known to be too few."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer and what it rests on. `states` and `depth` are those of the largest projection.

    Attributes:
        kept: for each instance the cells of the last projection.
        is_exact: whether in none of them anything was left out that matters.
        engines: those that had the last word on an instance.
    """

    answer: Answer
    states: int | None
    depth: int | None
    kept: tuple[frozenset[int], ...]
    is_exact: bool
    engines: frozenset[str]

    def shown(self, cells: int) -> str:
        """The projections of a proof, in words; the system has so many cells."""
        kind = "exact" if self.is_exact else "sound"
        if len(self.kept) == 1:
            return f"{'an' if self.is_exact else 'a'} {kind} projection to {len(self.kept[0])} of {cells} cells"
        return f"{len(self.kept)} {kind} projections to at most {max(map(len, self.kept))} of {cells} cells"


def decide(
    system: System,
    goals: Sequence[Goal],
    engine: Engine,
    budget: Budget,
    told: Callable[[int, int], None],
    learned: Learned,
) -> Decided:
    """Decide a question by its instances, which `goals` are. `learned` is read and written.

    Ends with the first instance that is reached, and with the first that is not decided.
    """
    states: list[int] = []
    depths: list[int] = []
    kept: list[frozenset[int]] = []
    exact = True
    engines: set[str] = set()
    answer: Answer = Open("there is nothing to decide")
    for at, goal in enumerate(goals):
        name = goal.question.name
        seed = learned.get((name, at), goal.seed)
        pattern = next((i for i in range(at) if goals[i].seed is not None), None)
        if seed is not None and seed == goal.seed and pattern is not None:
            like = goals[pattern].seed
            assert like is not None
            seed = likened(system, learned[name, pattern], like, seed)
        made = refine(system, replace(goal, seed=seed), engine, budget, told)
        learned[name, at] = made.kept
        answer = made.answer
        states += [] if made.states is None else [made.states]
        depths += [] if made.depth is None else [made.depth]
        kept.append(made.kept)
        exact = exact and made.is_exact
        engines.add(made.engine)
        if not isinstance(answer, Unreachable):
            break
    if isinstance(answer, Reached) and len(goals) > 1:
        answer = replace(answer, shortest=False)
    return Decided(
        answer,
        max(states, default=None),
        max(depths, default=None),
        tuple(kept),
        exact,
        frozenset(engines),
    )


def alternatives(goal: Formula) -> Iterator[Formula]:
    """Formulas of which one holds just where the goal does."""
    match goal:
        case Any():
            for each in goal.args:
                yield from alternatives(each)
        case No(body=All(args=args)):
            for each in args:
                yield from alternatives(negation(each))
        case _:
            yield goal


def instances(
    question: Question, parts: Sequence[Formula], watched: Sequence[frozenset[int]]
) -> list[Goal]:
    """One goal for each set of cells that is watched, with those parts that watch it.

    The question is answered yes if one of them is, and no if all of them are.
    """
    together: dict[frozenset[int], list[Formula]] = {}
    for part, cells in zip(parts, watched, strict=True):
        together.setdefault(cells, []).append(part)
    if not together:
        return [Goal(question, frozenset(), ())]
    return [
        Goal(replace(question, goal=some(chosen)), cells, tuple(chosen))
        for cells, chosen in together.items()
    ]


def likened(
    system: System, kept: frozenset[int], like: frozenset[int], seed: frozenset[int]
) -> frozenset[int]:
    """Cells to begin with at `seed`, if `kept` were needed where the seed was `like`.

    Those that `kept` becomes when indices are exchanged so that `like` becomes `seed`; `seed` itself
    where no exchange does that. It is a guess, and no harm is done if it is wrong.
    """
    if len(like) != len(seed):
        return seed
    exchange: dict[Value, Value] = {}
    for old, new in zip(_ordered(system, like), _ordered(system, seed), strict=True):
        if old.variable != new.variable:
            return seed
        for left, right in zip(old.indices, new.indices, strict=True):
            if exchange.setdefault(left, right) != right:
                return seed
            if exchange.setdefault(right, left) != left:
                return seed
    places = {_name(cell): at for at, cell in enumerate(system.cells)}
    found = set(seed)
    for at in kept:
        variable, indices = _name(system.cells[at])
        moved = places.get((variable, tuple(exchange.get(each, each) for each in indices)))
        if moved is not None:
            found.add(moved)
    return frozenset(found)


def _ordered(system: System, cells: frozenset[int]) -> list[Cell]:
    return sorted((system.cells[at] for at in cells), key=lambda each: (each.variable, each.name))


def _name(cell: Cell) -> tuple[str, tuple[Value, ...]]:
    return (cell.variable or cell.name, cell.indices)
