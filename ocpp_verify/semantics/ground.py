"""The meaning of a ground system, one state at a time: the yardstick of every engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import assert_never

from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Choice,
    Command,
    Copy,
    Formula,
    Index,
    Is,
    No,
    State,
    System,
    Term,
)
from ocpp_verify.semantics.result import Trace


def holds(formula: Formula, state: State) -> bool:
    """Whether the formula is true in the state."""
    match formula:
        case Bool():
            return formula.value
        case Is():
            return state[formula.cell] in formula.values
        case No():
            return not holds(formula.body, state)
        case All():
            return all(holds(each, state) for each in formula.args)
        case Any():
            return any(holds(each, state) for each in formula.args)
        case _:
            assert_never(formula)


def value(term: Term, state: State) -> int:
    """The domain index that the term denotes in the state before the step."""
    match term:
        case Index():
            return term.value
        case Copy():
            return term.table[state[term.cell]]
        case Choice():
            return value(term.yes if holds(term.condition, state) else term.no, state)
        case _:
            assert_never(term)


def take(command: Command, state: State) -> State | None:
    """The state after the command, or None where its guard does not hold."""
    if not holds(command.guard, state):
        return None
    after = list(state)
    for cell, term in command.updates:
        after[cell] = value(term, state)
    return tuple(after)


def initial_states(system: System) -> Iterator[State]:
    """All initial states, in the order of the cells' domains."""
    for state in product(*(cell.initial for cell in system.cells)):
        if holds(system.initial, state):
            yield state


def steps(system: System, state: State) -> Iterator[tuple[int, State]]:
    """Enabled commands by index with the state after each, in order of declaration."""
    for index, command in enumerate(system.commands):
        after = take(command, state)
        if after is not None:
            yield index, after


def replay(system: System, trace: Trace) -> str | None:
    """None if the trace is a run of the system, else what is wrong with it."""
    if not trace.states:
        return "the trace is empty"
    first = trace.states[0]
    if not holds(system.initial, first) or any(
        index not in cell.initial for index, cell in zip(first, system.cells, strict=True)
    ):
        return "the trace does not begin in an initial state"
    for at, number in enumerate(trace.commands):
        after = take(system.commands[number], trace.states[at])
        if after is None:
            return f"step {at + 1} ({system.commands[number].label}) is not enabled"
        if after != trace.states[at + 1]:
            return f"step {at + 1} ({system.commands[number].label}) leads to another state"
    return None
