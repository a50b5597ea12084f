"""Traces for people: what changed in each step, who did it, by which clause."""

from __future__ import annotations

from dataclasses import dataclass

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.lower import Lowering, assignments
from ocpp_verify.ir.system import Label, State
from ocpp_verify.ir.types import BoolType, Value
from ocpp_verify.semantics.ground import holds
from ocpp_verify.semantics.result import Trace
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Change:
    """A variable or definition with its values before and after a step."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a trace. `changes` leaves out what did not change."""

    number: int
    label: Label
    changes: tuple[Change, ...]
    at: Place
    rules: tuple[str, ...]


def shown_value(value: object) -> str:
    """A value in the language's words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)


def initial_values(lowering: Lowering, state: State) -> dict[str, str]:
    """The initial state's variables, without ghosts of scenarios."""
    return {
        cell.name: shown_value(cell.domain[value])
        for cell, value in zip(lowering.system.cells, state, strict=True)
        if cell.kind in ("state", "config", "link")
    }


def lines(lowering: Lowering, trace: Trace) -> list[Line]:
    """The steps of a trace of the lowered system, with changed variables and definitions."""
    found = []
    for number, command_number in enumerate(trace.commands):
        command = lowering.system.commands[command_number]
        before, after = trace.states[number], trace.states[number + 1]
        changes = _definitions(lowering, before, after)
        for cell, old, new in zip(lowering.system.cells, before, after, strict=True):
            if old != new and not cell.name.startswith("progress of "):
                changes.append(
                    Change(cell.name, shown_value(cell.domain[old]), shown_value(cell.domain[new]))
                )
        found.append(Line(number + 1, command.label, tuple(changes), command.at, command.rules))
    return found


def _definitions(lowering: Lowering, before: State, after: State) -> list[Change]:
    """Changes of defined enumerations, such as a connector's status."""
    found = []
    for definition in lowering.model.definitions:
        if isinstance(definition.type, BoolType):
            continue
        for args in assignments(definition.params):
            old = _value(lowering, definition.body, dict(args), before)
            new = _value(lowering, definition.body, dict(args), after)
            if old != new:
                told = ", ".join(shown_value(value) for _, value in args)
                found.append(
                    Change(f"{definition.name}({told})", shown_value(old), shown_value(new))
                )
    return found


def _value(lowering: Lowering, body: Expr, env: dict[str, Value], state: State) -> object:
    for value, condition in lowering.grounding.cases(body, env).items():
        if holds(condition, state):
            return value
    return None
