"""Exact reachability with decision diagrams: 10^12 states and more, if they have structure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from ocpp_verify.engines.bdd.manager import Node
from ocpp_verify.engines.bdd.ordering import connected_order
from ocpp_verify.engines.bdd.reach import Closure, layered
from ocpp_verify.engines.bdd.relation import Case, Relation, doubled_cells
from ocpp_verify.engines.bdd.space import Space
from ocpp_verify.engines.bdd.states import ReachableSet
from ocpp_verify.engines.bdd.traces import Rings, TooWide, any_trace
from ocpp_verify.ir.system import System
from ocpp_verify.semantics.result import (
    Answer,
    Budget,
    Exploration,
    Open,
    Question,
    Reached,
    Unreachable,
)

_REPORT_EVERY = 5_000
"""Images between two reports of progress, which count the states."""


@dataclass(frozen=True, slots=True)
class BddEngine:
    """All reachable states as one decision diagram; their number is exact.

    First the whole reachable set is computed, not level by level. Only for goals that meet it rings
    are grown breadth-first for shortest traces; where the budget ends before, or a ring takes more
    than `widest` nodes, some trace is given that need not be shortest. That trace repeats the
    search up to the goal, which can take as long as the search itself; where the budget ends before,
    the answer is open, though it is known that there is a trace.

    `Budget.depth` makes it a search level by level. `Budget.states` is no limit here: sets are
    stored, not states. `Budget.expired` is asked for every command and before every image
    and sifting; a single operation on large diagrams can take seconds. Without the wheel of `dd` the
    slower pure Python package is used, and the name of the engine in the `Exploration` says so.
    `package` is "cudd" or "autoref"; empty: what there is. `clock` gives seconds.
    """

    name: str = "bdd"
    package: str = ""
    widest: int | None = 100_000
    clock: Callable[[], float] = perf_counter

    def explore(self, system: System, questions: Sequence[Question], budget: Budget) -> Exploration:
        """Answer until all is known, the budget ends or Ctrl-C is pressed."""
        began = self.clock()
        search = _Search(system, budget, self.package, self.widest)
        reason = search.run()
        answers = search.answers(questions, reason)
        return Exploration(
            engine=self.name if search.package == "cudd" else f"{self.name} ({search.package})",
            answers=answers,
            states=search.count(),
            complete=reason is None,
            depth=search.depth,
            seconds=self.clock() - began,
            fired=search.fired(),
        )

    def reachable(self, system: System, budget: Budget | None = None) -> ReachableSet:
        """The reachable set itself; check `complete` if the budget has limits."""
        search = _Search(system, budget or Budget(), self.package, self.widest)
        reason = search.run()
        return ReachableSet(search.space, search.reached, reason is None)


class _Stopped(Exception):  # noqa: N818  (no error)
    """The budget has ended."""


class _Meter:
    """Watches the budget and reports progress. Knows no more than it must: see `_Search`."""

    def __init__(self, budget: Budget, space: Space) -> None:
        self._budget = budget
        self._space = space
        self._ticks = 0

    def tick(self, reached: Node) -> None:
        """Before an image."""
        if self._budget.expired():
            raise _Stopped
        self._ticks += 1
        if self._ticks % _REPORT_EVERY == 0 and self._budget.depth is None:
            self.report(reached, 0)

    def report(self, reached: Node, depth: int) -> None:
        """Tell how far the search is."""
        if self._budget.progress is not None:
            self._budget.progress(self._space.count(reached), depth)


class _Search:
    """One run.

    Nothing that holds nodes may be part of a reference cycle: the garbage collector would free the
    manager before the nodes.
    """

    def __init__(self, system: System, budget: Budget, package: str, widest: int | None) -> None:
        order = connected_order(system)
        self.space = Space(system, order, doubled_cells(system), package)
        self.package = self.space.manager.package
        self._system = system
        self._order = order
        self._steps: Relation | None = None
        self._layers: list[list[Case]] = []
        self._start = self.space.initial(system)
        self._budget = budget
        self._meter = _Meter(budget, self.space)
        self._widest = widest
        self._rings: Rings | None = None
        self._closure: Closure | None = None

    @property
    def reached(self) -> Node:
        """The states found so far."""
        if self._rings is not None and self._budget.depth is not None:
            return self._rings.reached
        return self._start if self._closure is None else self._closure.reached

    @property
    def depth(self) -> int | None:
        """The last level, of a search level by level."""
        if self._budget.depth is None or self._rings is None:
            return None
        return len(self._rings.rings) - 1

    def run(self) -> str | None:
        """Search. None if every reachable state was found, else why the search ended."""
        depth = self._budget.depth
        try:
            self._prepare()
            if depth is None:
                self._closure = Closure(self._relation, self._start, self._layers, self._meter.tick)
                self._closure.run()
                return None
            rings = self._rings = self._new_rings(None)
            while len(rings.rings) <= depth:
                if not rings.grow():
                    return None
                self._meter.report(rings.reached, len(rings.rings) - 1)
        except _Stopped:
            return "the time limit"
        except KeyboardInterrupt:
            return "interrupted"
        return f"the limit of {depth} steps"

    def _prepare(self) -> None:
        self._steps = Relation(self._system, self.space, lambda: self._meter.tick(self._start))
        self._layers = layered(self._steps, self._order)
        self.space.forget()

    @property
    def _relation(self) -> Relation:
        assert self._steps is not None, "the search was stopped before it began"
        return self._steps

    def count(self) -> int:
        """The number of states found so far."""
        return self.space.count(self.reached)

    def fired(self) -> tuple[bool, ...]:
        """For each command whether it is known to be enabled in one of these states."""
        if self._steps is None:
            return (False,) * len(self._system.commands)
        return tuple(self.space.manager.meets(self.reached, guard) for guard in self._steps.guards)

    def answers(self, questions: Sequence[Question], reason: str | None) -> dict[str, Answer]:
        """What is known after `run`, which gave that reason. Searches for the traces."""
        if self._steps is None:
            return {each.name: Open(reason or "", self.depth) for each in questions}
        manager, found = self.space.manager, dict[str, Answer]()
        hit: dict[str, Node] = {}
        for question in questions:
            goal = self.space.node(question.goal)
            if manager.meets(self.reached, goal):
                hit[question.name] = goal
            elif reason is None:
                found[question.name] = Unreachable(f"bdd: all {self.count()} states")
            else:
                found[question.name] = Open(reason, self.depth)
        found |= self._shortest(hit)
        for name, goal in hit.items():
            if name not in found:
                found[name] = self._some_trace(goal)
        return {question.name: found[question.name] for question in questions}

    def _shortest(self, goals: dict[str, Node]) -> dict[str, Reached]:
        """Shortest traces to the goals, as far as the budget reaches."""
        manager, found = self.space.manager, dict[str, Reached]()
        rings = self._rings or self._new_rings(self._widest)
        distance = 0
        try:
            while len(found) < len(goals):
                while distance >= len(rings.rings):
                    rings.grow()
                for name, goal in goals.items():
                    if name not in found and manager.meets(rings.rings[distance], goal):
                        found[name] = Reached(rings.trace(distance, goal), shortest=True)
                distance += 1
        except (_Stopped, TooWide, KeyboardInterrupt):
            pass
        return found

    def _some_trace(self, goal: Node) -> Answer:
        try:
            trace = any_trace(self._relation, self._start, self._layers, goal, self._meter.tick)
        except _Stopped:
            return Open("the time limit, while a trace to a reached state was sought")
        except KeyboardInterrupt:
            return Open("interrupted while a trace to a reached state was sought")
        return Reached(trace, shortest=False)

    def _new_rings(self, widest: int | None) -> Rings:
        return Rings(self._relation, self._meter.tick, widest, [self._start], self._start)
