"""Which changes of a subject a model can make: those that a run showed, and those not excluded.

A small system is searched through, and the answer is exact. Of a large one, random runs show what is
possible, and sound projections what is not. What neither decides is kept, and said to be open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import log2
from typing import TypeAlias

from ocpp_verify.diagrams.extract.observing import Change, Values, Walker, everywhere
from ocpp_verify.diagrams.extract.subject import Subject, cases
from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.formula import cells_of, cells_of_term
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.system import Formula, State, System, Term
from ocpp_verify.semantics.ground import holds

_MORE = 2
"""Cells that a round adds to a projection."""
_BLAME = 0.25
"""Weight of a command's new value against that of an open command's guard."""
_LANDMARKS = 8
"""Further cells in which remembered states differ."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a picture is worth. All but `expired` are counts: the picture is repeatable.

    Attributes:
        states: of a system that is searched through.
        steps: random steps; `stale` of them without anything new end the walk.
        projected: states of a projection.
        rounds: how often a projection may grow.
        expired: asked often; ends the work early.
    """

    states: int = 200_000
    steps: int = 300_000
    stale: int = 100_000
    projected: int = 400_000
    rounds: int = 8
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
_Effect: TypeAlias = tuple[Formula, tuple[tuple[int, Term], ...]]


def moves(lowering: Lowering, subject: Subject, effort: Effort | None = None) -> Moves:
    """All changes that the model can make of the subject."""
    chosen = effort or Effort()
    watched = [cases(lowering, each) for each in subject.instances]
    values = tuple(dict.fromkeys(name for each in watched for name in each))
    initial = _initial(lowering.system, watched, values)
    whole = everywhere(lowering.system, watched, chosen.states, chosen.expired)
    if whole is not None:
        found = tuple(Move(*change, before) for change, before in sorted(whole.changes.items()))
        return Moves(values, initial, found, exact=True)
    return _Bounds(lowering.system, watched, chosen).result(values, initial)


def _initial(
    system: System, watched: Sequence[Values], values: Sequence[str]
) -> tuple[str, ...]:
    """The values that initial states have."""
    found = {
        name
        for each in watched
        for name, formula in each.items()
        if _starts(system, formula)
    }
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
    """Closes in on the changes of a large system from both sides."""

    system: System
    watched: Sequence[Values]
    effort: Effort
    shown: dict[Change, State] = field(default_factory=dict)
    possible: dict[Change, None] | None = None
    kept: frozenset[int] = frozenset()
    costly: frozenset[int] = frozenset()

    def result(self, values: tuple[str, ...], initial: tuple[str, ...]) -> Moves:
        self.kept = frozenset[int]().union(
            *(cells_of(each) for values in self.watched for each in values.values())
        )
        self._project(self.kept)
        landmarks = sorted(self.kept | self._voted(_LANDMARKS))
        walker = Walker(self.system, self.watched, landmarks, self.effort.seed)
        self._walk(walker)
        for _ in range(self.effort.rounds):
            more = self._voted()
            if not more or self.effort.expired():
                break
            if self._project(self.kept | more):
                self.kept |= more
            else:
                self.costly |= more
        open_ = self._open()
        found = [Move(*change, before) for change, before in self.shown.items()]
        found += [Move(*change, None) for change in open_]
        found.sort(key=lambda each: (each.source, each.target, each.command))
        exact = self.possible is not None and not open_
        return Moves(values, initial, tuple(found), exact, self._how(walker, exact, len(open_)))

    def _how(self, walker: Walker, exact: bool, open_: int) -> str:
        if exact:
            return ""
        walked = f"{walker.steps} random steps"
        if self.possible is None:
            return f"lower bound: what {walked} showed; there may be more"
        share = f"{len(self.kept)} of {len(self.system.cells)} cells"
        return f"upper bound: steps with ? were not met in {walked}, nor excluded on {share}"

    # the two sides ----------------------------------------------------------------------------

    def _project(self, kept: frozenset[int]) -> bool:
        """Take away what is impossible with these cells alone; whether that could be found out."""
        smaller = project(self.system, kept).system
        seen = everywhere(smaller, self.watched, self.effort.projected, self.effort.expired)
        if seen is None:
            return False
        origins = self._origins(kept)
        found = {
            (source, target, origin): None
            for source, target, number in seen.changes
            for origin in origins[smaller.commands[number].guard, smaller.commands[number].updates]
        }
        known = self.possible
        self.possible = {
            change: None for change in sorted(found) if known is None or change in known
        }
        return True

    def _origins(self, kept: frozenset[int]) -> Mapping[_Effect, list[int]]:
        """For what a projected command does, all commands that do it: a projection names one."""
        found: dict[_Effect, list[int]] = {}
        for number, command in enumerate(self.system.commands):
            alone = replace(self.system, commands=(command,))
            for each in project(alone, kept).system.commands:
                found.setdefault((each.guard, each.updates), []).append(number)
        return found

    def _walk(self, walker: Walker) -> None:
        """Run at random until all that is possible was met, or nothing new is."""
        waiting = None if self.possible is None else set(map(self._kind, self.possible))
        last = 0
        for change, before in walker.changes(self.effort.steps, self.effort.expired):
            kind = self._kind(change)
            if change not in self.shown:
                self.shown[change] = before
                if waiting is None or kind in waiting:
                    last = walker.steps
            if waiting is not None:
                waiting.discard(kind)
                if not waiting:
                    return
            if walker.steps - last > self.effort.stale:
                return

    def _kind(self, change: Change) -> _Kind:
        source, target, number = change
        label = self.system.commands[number].label
        return source, target, label.action, label.phase, label.outcome

    def _open(self) -> list[Change]:
        """What is possible as far as is known, and of which no step of its kind was met."""
        met = set(map(self._kind, self.shown))
        return [each for each in self.possible or () if self._kind(each) not in met]

    def _voted(self, at_most: int = _MORE) -> frozenset[int]:
        """The forgotten cells that could best exclude what is open."""
        suspects = {number for _, _, number in self._open()}
        if not suspects:
            return frozenset()
        votes: dict[int, float] = {}
        for number, command in enumerate(self.system.commands):
            values = [term for cell, term in command.updates if cell in self.kept]
            # Values that depend on a forgotten cell come about in combinations that cannot be.
            ballots = [(cells_of_term(term), _BLAME) for term in values]
            if number in suspects:
                ballots.append((cells_of(command.guard), 1.0))
            for reads, weight in ballots:
                for cell in reads - self.kept - self.costly:
                    size = len(self.system.cells[cell].domain)
                    votes[cell] = votes.get(cell, 0.0) + weight / log2(size + 1)
        best = sorted(votes, key=lambda cell: (-votes[cell], cell))
        return frozenset(best[:at_most])
