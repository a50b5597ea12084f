"""Properties as questions about reachability.

An invariant, a step property and a monitor hold iff their question's goal is unreachable; a `reach`, a
transition of a table and a scenario hold iff it is reachable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from ocpp_verify.ir.expr import Next
from ocpp_verify.ir.formula import NO, cells_of, every, negation, some
from ocpp_verify.ir.grounding import Cases
from ocpp_verify.ir.lower import Lowering, assignments
from ocpp_verify.ir.properties import (
    Invariant,
    Monitor,
    Property,
    Reach,
    Scenario,
    StepProperty,
    Transitions,
)
from ocpp_verify.ir.system import Formula, Term
from ocpp_verify.ir.types import Value
from ocpp_verify.semantics.result import Question
from ocpp_verify.source import Place


Updates: TypeAlias = tuple[tuple[int, Term], ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """One question that a property asks.

    Attributes:
        good: whether the property wants the goal reachable (True) or unreachable (False).
        code: the transition of a table that has to be reachable.
    """

    name: str
    kind: str
    good: bool
    at: Place
    rules: tuple[str, ...]
    property: Property
    code: str | None = None


def obligations(properties: Sequence[Property]) -> list[Obligation]:
    """What has to be decided, in the order of the specs."""
    found: list[Obligation] = []
    for each in properties:
        match each:
            case Invariant():
                found.append(Obligation(each.name, "invariant", False, each.at, each.rules, each))
            case StepProperty():
                found.append(Obligation(each.name, "step", False, each.at, each.rules, each))
            case Monitor():
                found.append(Obligation(each.name, "monitor", False, each.at, each.rules, each))
            case Reach():
                found.append(Obligation(each.name, "reach", True, each.at, each.rules, each))
            case Scenario():
                found.append(Obligation(each.name, "scenario", True, each.at, each.rules, each))
            case Transitions():
                found.append(Obligation(each.name, "transitions", False, each.at, each.rules, each))
                found += [
                    Obligation(
                        f"{each.name}.{row.code}",
                        "transition",
                        True,
                        row.at,
                        row.rules,
                        each,
                        row.code,
                    )
                    for row in each.table
                ]
            case _:
                assert_never(each)
    return found


def question(lowering: Lowering, obligation: Obligation) -> Question:
    """The obligation as a question about the lowered system, which contains what it watches."""
    return Question(obligation.name, _goal(lowering, obligation))


def _goal(lowering: Lowering, obligation: Obligation) -> Formula:
    each = obligation.property
    match each:
        case Invariant():
            return negation(lowering.formula(each.expr))
        case Reach():
            return lowering.formula(each.expr)
        case Monitor():
            return lowering.bad[each.name]
        case Scenario():
            return lowering.goals[each.name]
        case StepProperty():
            return some(
                every((command.guard, negation(inner)))
                for command in lowering.system.commands
                for inner in [
                    lowering.grounding.after(dict(command.updates)).truth(each.expr, {})
                ]
            )
        case Transitions():
            return _changes(lowering, each, obligation.code)
        case _:
            assert_never(each)


def _changes(lowering: Lowering, table: Transitions, code: str | None) -> Formula:
    """A step is enabled that makes the transition of this code, or, without one, a forbidden one."""
    permitted = {(row.source, row.target) for row in table.table}
    wanted = {(row.source, row.target) for row in table.table if row.code == code}
    parts: list[Formula] = []
    for args in assignments(table.params):
        env = dict(args)
        before = lowering.grounding.cases(table.body, env)
        for command in lowering.system.commands:
            if command.label.action in table.except_actions:
                continue
            afterwards = _later(lowering, table, command.updates, env, before)
            if afterwards is None:
                continue
            for source, now in before.items():
                for target, then in afterwards.items():
                    pair = (source, target)
                    if source == target or (pair in permitted if code is None else pair not in wanted):
                        continue
                    here = every((now, then))
                    if here != NO:
                        parts.append(every((command.guard, here)))
    return some(parts)


def _later(
    lowering: Lowering, table: Transitions, updates: Updates, env: dict[str, Value], before: Cases
) -> Cases | None:
    """The watched expression after the updates; None if they do not touch it."""
    reads = frozenset[int]().union(*(cells_of(each) for each in before.values()))
    changed = dict(updates)
    if not reads & changed.keys():
        return None
    return lowering.grounding.after(changed).cases(Next(table.body), env)
