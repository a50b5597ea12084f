"""Which changes of a subject a model can make: those that a run showed, and those not excluded.

A small system is searched through, and the answer is exact. Of a large one, random runs show much of
what is possible, and decision diagrams of a projection exclude much of what is not. The rest is put
to whoever decides single questions; what stays open is kept, and said to be open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from ocpp_verify.diagrams.extract.alike import Alike
from ocpp_verify.diagrams.extract.observing import Change, Values, Walker, everywhere
from ocpp_verify.diagrams.extract.subject import Subject, alike, cases
from ocpp_verify.engines.bdd import BddEngine, ReachableSet
from ocpp_verify.engines.bdd.ordering import connected_order
from ocpp_verify.engines.bdd.relation import Relation, doubled_cells
from ocpp_verify.engines.bdd.space import Space
from ocpp_verify.ir.abstraction import Weakening, project
from ocpp_verify.ir.formula import NO, after, cells_of, every, negation, some
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.semantics.ground import holds, take
from ocpp_verify.semantics.result import Answer, Budget, Question, Reached, Unreachable

_LANDMARKS = 12
"""Cells in which the states that a walk remembers differ."""
_WIDEST = 150_000
"""Nodes of a set of states that is too large to go on with."""
_LOOK = 50
_GLANCE = 20_000
"""Images of sets of states that are tried before anything is walked."""
Decide: TypeAlias = Callable[
    [System, Sequence[Question], frozenset[int], Callable[[], bool]], Mapping[str, Answer]
]
"""Answers questions about a system by name, if it can. The cells are those to begin with; the last
argument says when the time is over.
"""
_SLOW = ("slot", "queue")
"""Kinds of cells whose many values make sets of states large."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a picture is worth. All but `expired` are counts: the picture is repeatable.

    Attributes:
        states: of a system that is searched through.
        steps: random steps.
        decide: is asked what they leave open.
        expired: asked often; ends the work early.
    """

    states: int = 50_000
    steps: int = 20_000
    seed: int = 1
    decide: Decide | None = None
    expired: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Move:
    """A change. `before` is a reachable state in which the command makes it; None: none is known."""

    source: str
    target: str
    command: int
    before: State | None


@dataclass(frozen=True, slots=True)
class Moves:
    """The changes of a subject, by command. Of those that are alike only one is there.

    Attributes:
        values: those that stand for themselves; changes may lead to others.
        initial: the values of initial states.
        exact: whether every change is known to be possible and none is missing.
        how: for the note under a picture, what was done; empty if `exact`.
    """

    values: tuple[str, ...]
    initial: tuple[str, ...]
    moves: tuple[Move, ...]
    alike: Alike
    exact: bool
    how: str = ""

    def ends(self, move: Move) -> tuple[str, str]:
        """The values, as they stand in the picture, between which the change leads."""
        return self.alike.stand_in(move.source), self.alike.stand_in(move.target)


_Kind: TypeAlias = tuple[str, str, str, str, str | None]
"""Source, target, action, phase and outcome: what one line of a picture says."""


def moves(lowering: Lowering, subject: Subject, effort: Effort | None = None) -> Moves:
    """All changes that the model can make of the subject, one per kind of step."""
    chosen = effort or Effort()
    system = lowering.system
    watched = [cases(lowering, each) for each in subject.instances]
    same = alike(lowering, subject)
    names = dict.fromkeys(name for each in watched for name in each)
    values = tuple(each for each in names if same.is_first(each))
    initial = _initial(system, watched, values)
    whole = everywhere(system, watched, chosen.states, chosen.expired)
    if whole is not None:
        found = _one_per_kind(system, whole.changes, same)
        return Moves(values, initial, _in_order(found.values()), same, exact=True)
    return _Bounds(system, watched, same, chosen).result(values, initial)


def _kind(system: System, change: Change) -> _Kind:
    source, target, number = change
    label = system.commands[number].label
    return source, target, label.action, label.phase, label.outcome


def _one_per_kind(
    system: System, changes: Mapping[Change, State], same: Alike
) -> dict[_Kind, Move]:
    found: dict[_Kind, Move] = {}
    for change in sorted(each for each in changes if same.is_first(*each[:2])):
        found.setdefault(_kind(system, change), Move(*change, changes[change]))
    return found


def _in_order(found: Iterable[Move]) -> tuple[Move, ...]:
    return tuple(sorted(found, key=lambda each: (each.source, each.target, each.command)))


def _initial(system: System, watched: Sequence[Values], values: Sequence[str]) -> tuple[str, ...]:
    """The values that initial states have."""
    found = {name for each in watched for name, formula in each.items() if _starts(system, formula)}
    return tuple(each for each in values if each in found)


def _starts(system: System, formula: Formula) -> bool:
    free = sorted(cells_of(formula) | cells_of(system.initial))
    state = [cell.initial[0] if cell.initial else 0 for cell in system.cells]
    for chosen in product(*(system.cells[cell].initial for cell in free)):
        for cell, value in zip(free, chosen, strict=True):
            state[cell] = value
        if holds(formula, tuple(state)) and holds(system.initial, tuple(state)):
            return True
    return False


@dataclass(slots=True)
class _Bounds:
    """Closes in on the changes of a large system from both sides.

    Attributes:
        shown: kinds of changes that a run showed.
        possible: kinds that are not excluded, each with the condition and a command.
        steps: random steps that were taken.
        excluding: cells that told what is excluded.
    """

    system: System
    watched: Sequence[Values]
    same: Alike
    effort: Effort
    shown: dict[_Kind, Move] = field(default_factory=dict)
    possible: dict[_Kind, tuple[Formula, int]] = field(default_factory=dict)
    steps: int = 0
    excluding: int = 0

    def result(self, values: tuple[str, ...], initial: tuple[str, ...]) -> Moves:
        """Everything that is shown or not excluded."""
        seed = frozenset[int]().union(
            *(cells_of(each) for values in self.watched for each in values.values())
        )
        self.possible = _conditions(self.system, self.watched, self.same)
        self._exclude(seed)
        walker = Walker(self.system, self.watched, self._landmarks(seed), self.effort.seed)
        self._walk(walker)
        if not self._is_done():
            self._spread(walker.known())
        if not self._is_done():
            self._decide(seed)
        open_ = self._open()
        found = [*self.shown.values(), *(Move(a, b, n, None) for (a, b, *_), n in open_)]
        how = self._how() if open_ else ""
        return Moves(values, initial, _in_order(found), self.same, not open_, how)

    def _how(self) -> str:
        excluded = f", nor excluded on {self.excluding} of {len(self.system.cells)} cells"
        return (
            f"upper bound: steps with ? were not met in {self.steps} random steps"
            f"{excluded if self.excluding else ''}"
        )

    def _is_done(self) -> bool:
        """Whether nothing is left to find out, or no time."""
        return self.effort.expired() or not self._open()

    def _exclude(self, kept: frozenset[int]) -> None:
        """Take away what is impossible with these cells alone, if a glance tells."""
        reached = self._reachable(project(self.system, kept).system)
        if reached is None:
            return
        self.excluding = len(kept)
        weakened = Weakening(kept)
        self.possible = {
            kind: (condition, number)
            for kind, (condition, number) in self.possible.items()
            if not reached.holds_everywhere(negation(weakened(condition)))
        }

    def _reachable(self, system: System) -> ReachableSet | None:
        done = 0

        def expired() -> bool:
            nonlocal done
            done += 1
            return done > _GLANCE or self.effort.expired()

        reached = BddEngine().reachable(system, Budget(expired=expired))
        return reached if reached.complete else None

    def _decide(self, seed: frozenset[int]) -> None:
        """Ask about each kind that is open."""
        if self.effort.decide is None:
            return
        asked = {f"{at}": (kind, number) for at, (kind, number) in enumerate(self._open())}
        questions = [Question(name, self.possible[kind][0]) for name, (kind, _) in asked.items()]
        answers = self.effort.decide(self.system, questions, seed, self.effort.expired)
        for name, (kind, _) in asked.items():
            match answers.get(name):
                case Unreachable():
                    del self.possible[kind]
                case Reached(trace):
                    self._show(kind, trace.states[-1])
                case _:
                    pass

    def _show(self, kind: _Kind, before: State) -> None:
        """Note the change with the command that makes it in this state."""
        for number, command in enumerate(self.system.commands):
            if _kind(self.system, (kind[0], kind[1], number)) != kind:
                continue
            later = take(command, before)
            if later is not None and any(
                holds(values.get(kind[0], NO), before) and holds(values.get(kind[1], NO), later)
                for values in self.watched
            ):
                self.shown[kind] = Move(kind[0], kind[1], number, before)
                return

    def _walk(self, walker: Walker) -> None:
        """Run at random until all that is possible was met."""
        waiting = set(self.possible)
        for change, before in walker.changes(self.effort.steps, self.effort.expired):
            kind = _kind(self.system, change)
            if kind in waiting and kind not in self.shown:
                self.shown[kind] = Move(*change, before)
                waiting.discard(kind)
                if not waiting:
                    break
        self.steps = walker.steps

    def _spread(self, known: Sequence[State]) -> None:
        """Show what is possible a few steps from any of these states, which are reachable."""
        system = self.system
        space = Space(system, connected_order(system), doubled_cells(system))
        relation = Relation(system, space)
        manager = space.manager
        cells = range(len(system.cells))
        reached = manager.disjunction(manager.cube(space.literals(cells, each)) for each in known)
        for at, case in enumerate(relation.cases):
            enabled = reached & case.guard
            if enabled != manager.false:
                reached = reached | relation.image(case, enabled)
            if self.effort.expired() or (at % _LOOK == 0 and manager.size(reached) > _WIDEST):
                break
        for kind, _ in self._open():
            before = space.first(reached & space.node(self.possible[kind][0]))
            if before is not None:
                self._show(kind, before)

    def _open(self) -> list[tuple[_Kind, int]]:
        """What is possible as far as is known, and was not met."""
        return [
            (kind, number) for kind, (_, number) in self.possible.items() if kind not in self.shown
        ]

    def _landmarks(self, seed: frozenset[int]) -> list[int]:
        """The subject's cells, and of those that the steps to be met read, the ones with few values."""
        reads: set[int] = set()
        for _, number in self._open():
            reads |= cells_of(self.system.commands[number].guard)
        cells = self.system.cells
        others = sorted(
            (at for at in reads - seed if cells[at].kind not in _SLOW),
            key=lambda at: (len(cells[at].domain), at),
        )
        return sorted(seed) + others[: max(0, _LANDMARKS - len(seed))]


def _conditions(
    system: System, watched: Sequence[Values], same: Alike
) -> dict[_Kind, tuple[Formula, int]]:
    """For each kind of change where a step makes it, as far as the commands tell, and one of them."""
    sizes = [len(cell.domain) for cell in system.cells]
    parts: dict[_Kind, list[Formula]] = {}
    commands: dict[_Kind, int] = {}
    for values in watched:
        reads = frozenset[int]().union(*(cells_of(each) for each in values.values()))
        pairs = [
            pair
            for pair in product(values, repeat=2)
            if pair[0] != pair[1] and same.is_first(*pair)
        ]
        for number, command in enumerate(system.commands):
            updates = dict(command.updates)
            if not reads & updates.keys():
                continue
            later = {name: after(each, updates, sizes) for name, each in values.items()}
            for source, target in pairs:
                here = every((command.guard, values[source], later[target]))
                if here != NO:
                    kind = _kind(system, (source, target, number))
                    parts.setdefault(kind, []).append(here)
                    commands.setdefault(kind, number)
    return {kind: (some(each), commands[kind]) for kind, each in parts.items()}
