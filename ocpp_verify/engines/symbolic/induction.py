"""Questions about single steps, and certificates: lemmas that make a goal's absence inductive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from ocpp_verify.engines.symbolic.encoding import (
    Contradiction,
    Encoding,
    Reply,
    Undecided,
)
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.ir.formula import cells_of
from ocpp_verify.ir.system import Formula, System


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why a goal is unreachable: no initial state violates a lemma or is in the goal, and no step
    leads from a state that does neither to one that does.

    `check_certificate` decides that by itself.
    """

    lemmas: tuple[Lemma, ...]
    goal: Formula


class GaveUp(Exception):  # noqa: N818  (no error)
    """The solver could not decide, or the budget has ended."""


class Induction:
    """Queries about single steps of one system, each under a set of excluded states."""

    def __init__(self, encoding: Encoding, timeout: float, stopped: Callable[[], bool]) -> None:
        self.encoding = encoding
        self.system: System = encoding.system
        self._timeout = timeout
        self._stopped = stopped
        self._written = [frozenset(cell for cell, _ in c.updates) for c in self.system.commands]
        self._members: dict[tuple[int, tuple[int, ...], bool], Any] = {}
        self._lemmas: dict[tuple[Lemma, frozenset[int]], Any] = {}
        self._steps: dict[int, Any] = {}
        self._after: dict[tuple[int, frozenset[int]], tuple[Formula, Any]] = {}

    def solver(self, excluded: Iterable[Any] = ()) -> Any:
        """A solver that knows the domains and that the states before the step are not excluded."""
        made = self.encoding.solver(self._timeout)
        made.add(self.encoding.domains())
        for each in excluded:
            made.add(z3.Not(each))
        return made

    def lemma(self, lemma: Lemma, written: frozenset[int] = frozenset()) -> Any:
        """The states that the lemma excludes, after a step that writes these cells."""
        key = (lemma, written.intersection(lemma.cells))
        found = self._lemmas.get(key)
        if found is None:
            found = self._lemmas[key] = self.encoding.every(
                [
                    self._member(cell, values, cell in written)
                    for cell, values in zip(lemma.cells, lemma.values, strict=True)
                ]
            )
        return found

    def _member(self, cell: int, values: tuple[int, ...], primed: bool) -> Any:
        key = (cell, values, primed)
        found = self._members.get(key)
        if found is None:
            found = self._members[key] = self.encoding.among(cell, values, primed)
        return found

    def goal(self, goal: Formula, written: frozenset[int] = frozenset()) -> Any:
        """The goal after a step that writes these cells."""
        cells = written & cells_of(goal)
        key = (id(goal), cells)
        known = self._after.get(key)
        if known is None:
            pairs = [(self.encoding.now[cell], self.encoding.then[cell]) for cell in sorted(cells)]
            known = self._after[key] = (goal, z3.substitute(self.encoding.truth(goal), *pairs))
        return known[1]

    def touching(self, cells: Iterable[int]) -> list[int]:
        """The commands that write one of the cells."""
        wanted = frozenset(cells)
        return [number for number, written in enumerate(self._written) if written & wanted]

    def written(self, command: int) -> frozenset[int]:
        """The cells that the command writes."""
        return self._written[command]

    def step(self, command: int) -> Any:
        """The command is enabled, and what it writes is so after it."""
        found = self._steps.get(command)
        if found is None:
            made = self.system.commands[command]
            found = self._steps[command] = self.encoding.every(
                [self.encoding.truth(made.guard)]
                + [
                    self.encoding.then[cell] == self.encoding.value(cell, term)
                    for cell, term in made.updates
                ]
            )
        return found

    def ask(self, solver: Any, *assumptions: Any) -> Reply:
        """One check, unless it is time to stop."""
        if self._stopped():
            raise GaveUp("the time limit")
        reply = self.encoding.ask(solver, *assumptions)
        if isinstance(reply, Undecided):
            raise GaveUp(reply.reason)
        return reply


def check_certificate(
    system: System, lemmas: Sequence[Lemma], goal: Formula, timeout: float = 60.0
) -> bool:
    """Whether lemmas and the goal's negation hold initially and are kept by every step.

    Asks one solver from scratch, one question per command and one for the initial states; a
    question that is not decided within `timeout` seconds counts as no.
    """
    induction = Induction(Encoding(system), timeout, lambda: False)
    bad = [(None, frozenset(cells_of(goal))), *((each, frozenset(each.cells)) for each in lemmas)]

    def shown(lemma: Lemma | None, written: frozenset[int]) -> Any:
        return induction.goal(goal, written) if lemma is None else induction.lemma(lemma, written)

    everything = [shown(lemma, frozenset()) for lemma, _ in bad]
    try:
        start = induction.solver()
        start.add(induction.encoding.initial(), induction.encoding.some(everything))
        if not isinstance(induction.ask(start), Contradiction):
            return False
        solver = induction.solver(everything)
        for command in range(len(system.commands)):
            written = induction.written(command)
            after = [shown(lemma, written) for lemma, cells in bad if cells & written]
            if not after:
                continue
            solver.push()
            solver.add(induction.step(command), induction.encoding.some(after))
            reply = induction.ask(solver)
            solver.pop()
            if not isinstance(reply, Contradiction):
                return False
    except GaveUp:
        return False
    return True
