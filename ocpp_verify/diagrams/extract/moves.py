"""Which changes of a subject a model can make: those that a run showed, and those not excluded.

A small system is searched through, and the answer is exact. Of a large one, random runs show what is
possible, and decision diagrams of sound projections what is not. What neither decides is kept, and
said to be open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from ocpp_verify.diagrams.extract.observing import Change, Values, Walker, everywhere
from ocpp_verify.diagrams.extract.subject import Subject, cases
from ocpp_verify.engines.bdd import BddEngine, ReachableSet
from ocpp_verify.engines.bdd.ordering import connected_order
from ocpp_verify.engines.bdd.relation import Relation, doubled_cells
from ocpp_verify.engines.bdd.space import Space
from ocpp_verify.ir.abstraction import project, weaken
from ocpp_verify.ir.formula import NO, after, cells_of, cells_of_term, every, negation, some
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.system import Formula, State, System
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import Budget

_LANDMARKS = 12
"""Cells in which the states that a walk remembers differ."""
_WIDEST = 150_000
"""Nodes of a set of states that is too large to go on with."""
_LOOK = 50
_GLANCE = 2000
"""Images of sets of states that are tried before anything is walked."""
_SLOW = ("slot", "queue")
"""Kinds of cells whose many values make sets of states large."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a picture is worth. All but `expired` are counts: the picture is repeatable.

    Attributes:
        states: of a system that is searched through.
        steps: random steps; `stale` of them without anything new end the walk.
        images: of sets of states, for one projection.
        rounds: of walks, each with so many steps.
        expired: asked often; ends the work early.
    """

    states: int = 50_000
    steps: int = 40_000
    stale: int = 40_000
    images: int = 25_000
    rounds: int = 2
    seed: int = 1
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
    """The changes of a subject, by command.

    Attributes:
        initial: the values of initial states.
        exact: whether every change is known to be possible and none is missing.
        how: for the note under a picture, what was done; empty if `exact`.
    """

    values: tuple[str, ...]
    initial: tuple[str, ...]
    moves: tuple[Move, ...]
    exact: bool
    how: str = ""


_Kind: TypeAlias = tuple[str, str, str, str, str | None]
"""Source, target, action, phase and outcome: what one line of a picture says."""


def moves(lowering: Lowering, subject: Subject, effort: Effort | None = None) -> Moves:
    """All changes that the model can make of the subject, one per kind of step."""
    chosen = effort or Effort()
    system = lowering.system
    watched = [cases(lowering, each) for each in subject.instances]
    values = tuple(dict.fromkeys(name for each in watched for name in each))
    initial = _initial(system, watched, values)
    whole = everywhere(system, watched, chosen.states, chosen.expired)
    if whole is not None:
        found = _one_per_kind(system, whole.changes)
        return Moves(values, initial, _in_order(found.values()), exact=True)
    return _Bounds(system, watched, chosen).result(values, initial)


def _kind(system: System, change: Change) -> _Kind:
    source, target, number = change
    label = system.commands[number].label
    return source, target, label.action, label.phase, label.outcome


def _one_per_kind(system: System, changes: Mapping[Change, State]) -> dict[_Kind, Move]:
    found: dict[_Kind, Move] = {}
    for change in sorted(changes):
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
        possible: kinds that are not excluded, each with the condition and a command; None: not known.
        kept: cells of the largest projection that was used.
        relation: of the whole system, once it was needed.
    """

    system: System
    watched: Sequence[Values]
    effort: Effort
    shown: dict[_Kind, Move] = field(default_factory=dict)
    possible: dict[_Kind, tuple[Formula, int]] | None = None
    kept: frozenset[int] = frozenset()
    relation: Relation | None = None

    def result(self, values: tuple[str, ...], initial: tuple[str, ...]) -> Moves:
        """Everything that is shown or not excluded."""
        seed = frozenset[int]().union(
            *(cells_of(each) for values in self.watched for each in values.values())
        )
        conditions = _conditions(self.system, self.watched)
        near = self._near(seed)
        for kept in (seed, near):
            self._exclude(self.possible or conditions, kept, min(_GLANCE, self.effort.images))
        walker = Walker(self.system, self.watched, self._landmarks(seed), self.effort.seed)
        for at in range(self.effort.rounds):
            if self._is_done():
                break
            self._walk(walker)
            if not self._is_done():
                self._spread(walker.known())
            if not at and not self._is_done():
                self._exclude(self.possible or conditions, near, self.effort.images)
        open_ = self._open()
        found = [*self.shown.values(), *(Move(a, b, n, None) for (a, b, *_), n in open_)]
        exact = self.possible is not None and not open_
        return Moves(values, initial, _in_order(found), exact, self._how(walker, exact))

    def _how(self, walker: Walker, exact: bool) -> str:
        if exact:
            return ""
        walked = f"{walker.steps} random steps"
        if self.possible is None:
            return f"lower bound: what {walked} showed; there may be more"
        share = f"{len(self.kept)} of {len(self.system.cells)} cells"
        return f"upper bound: steps with ? were not met in {walked}, nor excluded on {share}"

    def _is_done(self) -> bool:
        """Whether nothing is left to find out, or no time."""
        return self.effort.expired() or (self.possible is not None and not self._open())

    def _near(self, seed: frozenset[int]) -> frozenset[int]:
        """Cells to keep: the subject's, and what the steps that change them read."""
        near = set(seed)
        for command in self.system.commands:
            terms = [term for cell, term in command.updates if cell in seed]
            if terms:
                near |= cells_of(command.guard).union(*map(cells_of_term, terms))
        return frozenset(near)

    def _exclude(
        self, conditions: Mapping[_Kind, tuple[Formula, int]], kept: frozenset[int], images: int
    ) -> None:
        """Take away what is impossible with these cells alone, if so many images tell."""
        if kept == self.kept:
            return
        reached = self._reachable(project(self.system, kept).system, images)
        if reached is None:
            return
        if len(kept) > len(self.kept):
            self.kept = kept
        self.possible = {
            kind: (condition, number)
            for kind, (condition, number) in conditions.items()
            if kind in self.shown or not reached.holds_everywhere(negation(weaken(condition, kept)))
        }

    def _reachable(self, system: System, images: int) -> ReachableSet | None:
        done = 0

        def expired() -> bool:
            nonlocal done
            done += 1
            return done > images or self.effort.expired()

        reached = BddEngine().reachable(system, Budget(expired=expired))
        return reached if reached.complete else None

    def _walk(self, walker: Walker) -> None:
        """Run at random until all that is possible was met, or nothing new is."""
        waiting = None if self.possible is None else set(self.possible)
        if waiting is not None:
            waiting -= self.shown.keys()
        last = walker.steps
        limit = walker.steps + self.effort.steps
        for change, before in walker.changes(limit, self.effort.expired):
            kind = _kind(self.system, change)
            if kind not in self.shown:
                self.shown[kind] = Move(*change, before)
                last = walker.steps
                if waiting is not None:
                    waiting.discard(kind)
                    if not waiting:
                        return
            if walker.steps - last > self.effort.stale:
                return

    def _spread(self, known: Sequence[State]) -> None:
        """Show what is possible a few steps from any of these states, which are reachable."""
        system = self.system
        if self.relation is None:
            space = Space(system, connected_order(system), doubled_cells(system))
            self.relation = Relation(system, space)
        relation, space = self.relation, self.relation.space
        manager = space.manager
        cells = range(len(system.cells))
        reached = manager.disjunction(manager.cube(space.literals(cells, each)) for each in known)
        for at, case in enumerate(relation.cases):
            enabled = reached & case.guard
            if enabled != manager.false:
                reached = reached | relation.image(case, enabled)
            if self.effort.expired() or (at % _LOOK == 0 and manager.size(reached) > _WIDEST):
                break
        for kind, number in self._open():
            condition = (self.possible or {})[kind][0]
            before = space.first(reached & space.node(condition))
            if before is not None:
                self.shown[kind] = Move(kind[0], kind[1], number, before)

    def _open(self) -> list[tuple[_Kind, int]]:
        """What is possible as far as is known, and was not met."""
        return [
            (kind, number)
            for kind, (_, number) in (self.possible or {}).items()
            if kind not in self.shown
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


def _conditions(system: System, watched: Sequence[Values]) -> dict[_Kind, tuple[Formula, int]]:
    """For each kind of change where a step makes it, as far as the commands tell, and one of them."""
    sizes = [len(cell.domain) for cell in system.cells]
    parts: dict[_Kind, list[Formula]] = {}
    commands: dict[_Kind, int] = {}
    for values in watched:
        reads = frozenset[int]().union(*(cells_of(each) for each in values.values()))
        for number, command in enumerate(system.commands):
            updates = dict(command.updates)
            if not reads & updates.keys():
                continue
            later = {name: after(each, updates, sizes) for name, each in values.items()}
            for (source, now), (target, then) in product(values.items(), later.items()):
                here = NO if source == target else every((command.guard, now, then))
                if here != NO:
                    kind = _kind(system, (source, target, number))
                    parts.setdefault(kind, []).append(here)
                    commands.setdefault(kind, number)
    return {kind: (some(each), commands[kind]) for kind, each in parts.items()}
