"""The reference semantics and a lowered system behind one face, to compare what they do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.system import Label
from ocpp_verify.semantics.ground import holds, initial_states, steps
from ocpp_verify.semantics.step import Interpreter

Valuation = tuple[tuple[str, object], ...]
"""The values of the model's variables; what is in flight or stored is left out."""


class TooManyStatesError(Exception):
    """More reachable states than a comparison is ready to wait for."""


class Machine(Protocol):
    """Something that takes labelled steps."""

    def initial(self) -> Iterator[Any]: ...
    def steps(self, state: Any) -> list[tuple[Label, Any]]: ...
    def valuation(self, state: Any) -> Valuation: ...
    def holds(self, expr: Expr, state: Any) -> bool: ...


class Reference:
    """The model as `semantics.step` runs it."""

    def __init__(self, model: Model) -> None:
        self._run = Interpreter(model)
        self.initial = self._run.initial
        self._known: dict[Any, list[tuple[Label, Any]]] = {}

    def steps(self, state: Any) -> list[tuple[Label, Any]]:
        if state not in self._known:
            self._known[state] = list(self._run.steps(state))
        return self._known[state]

    def valuation(self, state: Any) -> Valuation:
        return tuple(
            sorted(
                (f"{name}{list(at)}" if at else name, value) for (name, at), value in state.values
            )
        )

    def holds(self, expr: Expr, state: Any) -> bool:
        return self._run.holds(expr, state)


class Lowered:
    """The model as a ground system."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._system = lowering.system
        self._known: dict[Any, list[tuple[Label, Any]]] = {}

    def initial(self) -> Iterator[Any]:
        return initial_states(self._system)

    def steps(self, state: Any) -> list[tuple[Label, Any]]:
        if state not in self._known:
            self._known[state] = [
                (self._system.commands[number].label, after)
                for number, after in steps(self._system, state)
            ]
        return self._known[state]

    def valuation(self, state: Any) -> Valuation:
        return tuple(
            sorted(
                (f"{cell.variable}{list(cell.indices)}" if cell.indices else cell.variable,
                 cell.domain[value])
                for cell, value in zip(self._system.cells, state, strict=True)
                if cell.variable
            )
        )  # fmt: skip

    def holds(self, expr: Expr, state: Any) -> bool:
        return holds(self._lowering.formula(expr), state)


def reachable(machine: Machine, limit: int = 100_000) -> set[Hashable]:
    """All reachable states."""
    found: set[Hashable] = set(machine.initial())
    todo = list(found)
    while todo:
        for _, after in machine.steps(todo.pop()):
            if after not in found:
                found.add(after)
                todo.append(after)
        if len(found) > limit:
            raise TooManyStatesError
    return found


def quietly(machine: Machine, states: Iterable[Hashable]) -> frozenset[Hashable]:
    """The states that hidden steps lead to, the given ones included."""
    found = set(states)
    todo = list(found)
    while todo:
        for label, after in machine.steps(todo.pop()):
            if not label.visible and after not in found:
                found.add(after)
                todo.append(after)
    return frozenset(found)


def observe(
    machine: Machine, states: Iterable[Hashable], fits: Callable[[Label], bool]
) -> frozenset[Hashable]:
    """The states after a visible step that fits, with the hidden ones behind it."""
    return quietly(
        machine,
        {
            after
            for state in states
            for label, after in machine.steps(state)
            if label.visible and fits(label)
        },
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What an observer sees of a step, as far as the label still tells the arguments."""

    action: str
    outcome: str | None
    args: frozenset[tuple[str, object]]
    answer: tuple[tuple[str, object], ...]

    @staticmethod
    def of(label: Label) -> Seen:
        return Seen(label.action, label.outcome, frozenset(label.args), label.answer)

    def fits(self, label: Label) -> bool:
        """Whether the label may be the same step; arguments that either has dropped may be any."""
        known = dict(label.args)
        return (self.action, self.outcome, self.answer) == (
            label.action,
            label.outcome,
            label.answer,
        ) and all(known.get(name, value) == value for name, value in self.args)
