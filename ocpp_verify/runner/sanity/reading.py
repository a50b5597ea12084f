"""Which variables a model and its properties read. Definitions count where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from ocpp_verify.ir.expr import Expr, variables
from ocpp_verify.ir.model import (
    Assign,
    Call,
    ClearQueue,
    ForEach,
    Model,
    Parameter,
    Restart,
    SetLink,
    Step,
    Update,
)
from ocpp_verify.ir.properties import (
    Invariant,
    Monitor,
    Pattern,
    Property,
    Reach,
    Scenario,
    StepProperty,
    Transitions,
)


def read_variables(model: Model, properties: Sequence[Property]) -> frozenset[str]:
    """Names of the variables that some expression reads.

    An assignment of a variable from itself alone, as in `x := if c then 1 else x`, does not count
    as reading `x`.
    """
    return frozenset().union(
        *(variables(each) for each in _expressions(model)),
        *(variables(each) for each in _in_properties(properties)),
        *_sources(_updates(model)),
    )


def _steps(model: Model) -> Iterator[Step]:
    for action in model.actions:
        yield action
        if isinstance(action, Call):
            yield from action.replies


def _expressions(model: Model) -> Iterator[Expr]:
    for step in _steps(model):
        yield from (each.expr for each in step.guards)
        yield from _computed(step.params)
        if isinstance(step, Call):
            yield step.silent
    for duty in model.duties:
        yield from (each.expr for each in duty.condition)
    for queue in model.queues:
        yield from (each.expr for each in queue.guards)
    yield from (each.body for each in model.reactions)


def _computed(params: Iterable[Parameter]) -> Iterator[Expr]:
    yield from (each.computed for each in params if each.computed is not None)


def _updates(model: Model) -> Iterator[Update]:
    for step in _steps(model):
        yield from step.updates
        if isinstance(step, Call):
            yield from step.lost
    for reaction in model.reactions:
        yield from reaction.updates


def _sources(updates: Iterable[Update]) -> Iterator[frozenset[str]]:
    for update in updates:
        match update:
            case Assign():
                yield variables(update.value) - {update.variable}
                yield from (variables(each) for each in update.indices)
            case ForEach():
                yield variables(update.condition)
                yield from _sources(update.updates)
            case Restart() | SetLink() | ClearQueue():
                pass
            case _:
                assert_never(update)


def _in_properties(properties: Sequence[Property]) -> Iterator[Expr]:
    for each in properties:
        match each:
            case Invariant() | StepProperty() | Reach():
                yield each.expr
            case Transitions():
                yield each.body
            case Monitor():
                for watch in each.watches:
                    yield watch.asserted
                    yield from _arguments(watch.pattern)
                    yield from _values(watch.updates)
            case Scenario():
                for item in each.items:
                    if isinstance(item, Pattern):
                        yield from _arguments(item)
                    else:
                        yield item
            case _:
                assert_never(each)


def _arguments(pattern: Pattern) -> Iterator[Expr]:
    yield from (value for _, value in pattern.args if value is not None)


def _values(updates: Iterable[Update]) -> Iterator[Expr]:
    for update in updates:
        if isinstance(update, Assign):
            yield update.value
            yield from update.indices
        elif isinstance(update, ForEach):
            yield update.condition
            yield from _values(update.updates)
