"""Traces: shortest ones from breadth-first rings, any one from the log of a closure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ocpp_verify.engines.bdd.manager import Node
from ocpp_verify.engines.bdd.reach import Closure
from ocpp_verify.engines.bdd.relation import Case, Relation
from ocpp_verify.ir.system import State
from ocpp_verify.semantics.result import Trace


@dataclass(slots=True)
class Rings:
    """Breadth-first search: `rings[d]` is the set of states at distance d from the initial ones.

    `complete` once the last ring was empty. A ring of more than `widest` nodes raises `TooWide`.
    """

    relation: Relation
    tick: Callable[[Node], None]
    widest: int | None
    rings: list[Node]
    reached: Node
    complete: bool = False

    def grow(self) -> bool:
        """Add the next ring; False if there is none."""
        manager = self.relation.space.manager
        front = manager.simplified(self.rings[-1], ~(self.reached & ~self.rings[-1]))
        if self.widest is not None and manager.size(front) > self.widest:
            raise TooWide
        found = manager.false
        for case in self.relation.cases:
            self.tick(self.reached)
            enabled = front & case.guard
            if enabled != manager.false:
                found = found | self.relation.image(case, enabled)
        found = found & ~self.reached
        if found == manager.false:
            self.complete = True
            return False
        self.rings.append(found)
        self.reached = self.reached | found
        return True

    def trace(self, distance: int, goal: Node) -> Trace:
        """The first shortest trace to a state of the goal in the ring of that distance."""
        space = self.relation.space
        state = space.first(self.rings[distance] & goal)
        assert state is not None
        states, commands = [state], []
        for ring in reversed(self.rings[:distance]):
            number, state = _step(self.relation, range(len(self.relation.guards)), states[-1], ring)
            states.append(state)
            commands.append(number)
        return Trace(tuple(reversed(states)), tuple(reversed(commands)))


class TooWide(Exception):  # noqa: N818  (no error)
    """The levels of a breadth-first search became too large."""


class _Found(Exception):  # noqa: N818  (no error)
    """The goal was met."""


def _step(
    relation: Relation, commands: Sequence[int], target: State, among: Node
) -> tuple[int, State]:
    """The first of the commands that leads from the set to the target, and from where."""
    for number in commands:
        state = relation.space.first(relation.before(number, target, among))
        if state is not None:
            return number, state
    raise AssertionError("a reached state has no predecessor")


def any_trace(
    relation: Relation,
    start: Node,
    layers: Sequence[Sequence[Case]],
    goal: Node,
    tick: Callable[[Node], None],
) -> Trace:
    """Some trace to the goal, which is reachable: repeats the closure, with a log, up to the hit.

    Each step goes back to the earliest entry of the log that holds a predecessor. `tick` is called
    before every image and every step back; it raises to stop.
    """
    space, manager = relation.space, relation.space.manager
    log: list[tuple[Case, Node]] = []

    def look(reached: Node) -> None:
        tick(reached)
        if log and manager.meets(log[-1][1], goal):
            raise _Found

    met = space.first(start & goal)
    if met is not None:
        return Trace((met,), ())
    closure = Closure(relation, start, layers, look, log)
    with suppress(_Found):
        closure.run()
    at = next(place for place, (_, new) in enumerate(log) if manager.meets(new, goal))
    state = space.first(log[at][1] & goal)
    assert state is not None
    states, commands = [state], []
    while not space.has(start, states[-1]):
        tick(closure.reached)
        # Its predecessor was reached before: in the initial states or by an earlier entry.
        at = next(place for place in range(at + 1) if space.has(log[place][1], states[-1]))
        case = log[at][0]
        sources = manager.false
        for number in case.commands:
            sources = sources | relation.before(number, states[-1], manager.true)
        earlier = next(
            (new for new in (start, *(new for _, new in log[:at])) if manager.meets(new, sources)),
            None,
        )
        assert earlier is not None
        number, state = _step(relation, case.commands, states[-1], earlier)
        states.append(state)
        commands.append(number)
    return Trace(tuple(reversed(states)), tuple(reversed(commands)))
