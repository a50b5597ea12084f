"""The largest inductive subset of candidate lemmas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from ocpp_verify.engines.compiled import CompiledSystem
from ocpp_verify.engines.symbolic.encoding import Satisfied
from ocpp_verify.engines.symbolic.induction import Induction
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.ir.system import State, System

_STRAY = 40
"""Steps taken at random from a counterexample to induction, to see more that it breaks."""


class Houdini:
    """The largest inductive subset of some candidate lemmas.

    Every counterexample is also run on from, at random: each state on the way that satisfies all
    lemmas that are left throws out those that its successors break, without asking the solver.
    """

    def __init__(self, induction: Induction, candidates: Iterable[Lemma], seed: int = 0) -> None:
        self._induction = induction
        self._lemmas = list(dict.fromkeys(candidates))
        self._left = (1 << len(self._lemmas)) - 1
        self._compiled = CompiledSystem(induction.system)
        self._random = Random(seed)
        self._breaks = _breaking(induction.system, self._lemmas)

    def run(self) -> tuple[Lemma, ...]:
        """The lemmas that are left; raises `GaveUp`."""
        self._start()
        while self._round():
            pass
        return tuple(self._chosen(self._left))

    def _chosen(self, numbers: int) -> list[Lemma]:
        return [each for at, each in enumerate(self._lemmas) if numbers >> at & 1]

    def _broken(self, state: State) -> int:
        found = self._left
        for cell, value in enumerate(state):
            found &= self._breaks[cell][value]
            if not found:
                break
        return found

    def _start(self) -> None:
        """Drop what some initial state breaks."""
        solver = self._induction.solver()
        solver.add(self._induction.encoding.initial())
        while self._left:
            excluded = [self._induction.lemma(each) for each in self._chosen(self._left)]
            solver.push()
            solver.add(self._induction.encoding.some(excluded))
            reply = self._induction.ask(solver)
            solver.pop()
            if not isinstance(reply, Satisfied):
                return
            self._left &= ~self._broken(reply.state)

    def _round(self) -> bool:
        """Check each command under the lemmas now left; whether any of them fell."""
        before = self._left
        induction = self._induction
        solver = induction.solver(induction.lemma(each) for each in self._chosen(before))
        for command in range(len(induction.system.commands)):
            written = induction.written(command)
            solver.push()
            solver.add(induction.step(command))
            while True:
                after = [
                    induction.lemma(each, written)
                    for each in self._chosen(self._left)
                    if not written.isdisjoint(each.cells)
                ]
                if not after:
                    break
                solver.push()
                solver.add(induction.encoding.some(after))
                reply = induction.ask(solver)
                solver.pop()
                if not isinstance(reply, Satisfied):
                    break
                self._stray(reply.state)
            solver.pop()
        return self._left != before

    def _stray(self, state: State) -> None:
        """Drop what the successors break, and those of a successor, and so on at random."""
        for _ in range(_STRAY):
            successors = self._compiled.successors(state)
            for _, after in successors:
                self._left &= ~self._broken(after)
            if not successors:
                return
            state = self._random.choice(successors)[1]


def _breaking(system: System, lemmas: Sequence[Lemma]) -> list[list[int]]:
    """For each cell and value the lemmas, as bits of a number, that do not rule out breaking."""
    everything = (1 << len(lemmas)) - 1
    found = [[everything] * len(cell.domain) for cell in system.cells]
    for at, lemma in enumerate(lemmas):
        for cell, values in zip(lemma.cells, lemma.values, strict=True):
            for value in set(range(len(system.cells[cell].domain))).difference(values):
                found[cell][value] &= ~(1 << at)
    return found
