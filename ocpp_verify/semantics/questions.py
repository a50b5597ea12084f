"""Properties as questions about reachability.

An invariant, a step property and a monitor hold iff their question's goal is unreachable; a `reach`, a
transition of a table and a scenario hold iff it is reachable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from ocpp_verify.ir.formula import NO, after, cells_of, every, negation, some
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
from ocpp_verify.ir.system import Formula, State, Term
from ocpp_verify.ir.types import Value
from ocpp_verify.semantics.ground import holds
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


@dataclass(frozen=True, slots=True)
class Asked:
    """An obligation as a question about a lowered system.

    `steps`, for properties of steps, are the commands that count, each with the condition under
    which it does; the goal is that one of them is enabled and counts. `watched`, for transitions,
    are for each of them the cells of what it changes.
    """

    obligation: Obligation
    question: Question
    steps: tuple[tuple[int, Formula], ...] = ()
    watched: tuple[frozenset[int], ...] = ()

    @property
    def is_about_steps(self) -> bool:
        """Whether a trace to the goal wants one more step, the one that the property is about."""
        return self.obligation.kind in ("step", "monitor", "transitions", "transition")

    def last_step(self, state: State) -> int | None:
        """The command that counts in a state of the goal; None for properties of states."""
        return next((number for number, here in self.steps if holds(here, state)), None)


def question(lowering: Lowering, obligation: Obligation) -> Question:
    """The obligation as a question about the lowered system, which contains what it watches."""
    return ask(lowering, (obligation,))[0].question


def ask(lowering: Lowering, wanted: Sequence[Obligation]) -> list[Asked]:
    """The obligations as questions about the lowered system, which contains what they watch."""
    tables: dict[str, _Changes] = {}
    return [_asked(lowering, each, tables) for each in wanted]


def _asked(lowering: Lowering, obligation: Obligation, tables: dict[str, _Changes]) -> Asked:
    each = obligation.property
    match each:
        case Invariant():
            return _about_states(obligation, negation(lowering.formula(each.expr)))
        case Reach():
            return _about_states(obligation, lowering.formula(each.expr))
        case Scenario():
            return _about_states(obligation, lowering.goals[each.name])
        case Monitor():
            return _about_steps(obligation, lowering.bad_steps[each.name])
        case StepProperty():
            return _about_steps(
                obligation,
                (
                    (number, every((command.guard, negation(inner))))
                    for number, command in enumerate(lowering.system.commands)
                    for inner in [
                        lowering.grounding.after(dict(command.updates)).truth(each.expr, {})
                    ]
                ),
            )
        case Transitions():
            if each.name not in tables:
                tables[each.name] = _changes(lowering, each)
            chosen = list(_chosen(each, obligation.code, tables[each.name]))
            asked = _about_steps(obligation, ((number, here) for number, here, _ in chosen))
            return replace(asked, watched=tuple(watched for *_, watched in chosen))
        case _:
            assert_never(each)


def _about_states(obligation: Obligation, goal: Formula) -> Asked:
    return Asked(obligation, Question(obligation.name, goal))


def _about_steps(obligation: Obligation, steps: Iterable[tuple[int, Formula]]) -> Asked:
    kept = tuple((number, here) for number, here in steps if here != NO)
    return Asked(obligation, Question(obligation.name, some(here for _, here in kept)), kept)


_Change: TypeAlias = tuple[int, Formula, frozenset[int]]
_Changes: TypeAlias = dict[tuple[Value, Value], list[_Change]]
"""For a pair of values the commands that change the one to the other, each with the condition and
the cells that the value depends on."""


def _chosen(table: Transitions, code: str | None, changes: _Changes) -> Iterator[_Change]:
    """The steps that make the transition of this code, or, without one, a forbidden one."""
    listed = {(row.source, row.target) for row in table.table if code in (None, row.code)}
    for pair, found in changes.items():
        if (pair in listed) != (code is None):
            yield from found


def _changes(lowering: Lowering, table: Transitions) -> _Changes:
    found: _Changes = {}
    for args in assignments(table.params):
        env = dict(args)
        before = lowering.grounding.cases(table.body, env)
        reads = frozenset[int]().union(*(cells_of(each) for each in before.values()))
        for number, command in enumerate(lowering.system.commands):
            if command.label.action in table.except_actions:
                continue
            afterwards = _later(lowering, command.updates, before, reads)
            if afterwards is None:
                continue
            for source, now in before.items():
                for target, then in afterwards.items():
                    here = NO if source == target else every((command.guard, now, then))
                    if here != NO:
                        found.setdefault((source, target), []).append((number, here, reads))
    return found


def _later(
    lowering: Lowering, updates: Updates, before: Cases, reads: frozenset[int]
) -> Cases | None:
    """The watched expression, which reads these cells, after the updates; None if it stays."""
    changed = dict(updates)
    if not reads & changed.keys():
        return None
    sizes = lowering.grounding.sizes
    known: dict[Formula, Formula] = {}
    return {value: after(condition, changed, sizes, known) for value, condition in before.items()}
