"""Runs of a condensed system as runs of the system that it came from."""

from __future__ import annotations

from ocpp_verify.ir.condensing import Condensed
from ocpp_verify.ir.system import State, System
from ocpp_verify.semantics.ground import take
from ocpp_verify.semantics.result import Trace


def uncondensed(system: System, condensed: Condensed, trace: Trace) -> Trace | None:
    """A run of the system that the trace of the condensed system stands for.

    None if there is none, which would be a mistake of the engine that gave the trace.
    """
    state = _beginning(system, condensed, trace.states[0])
    if state is None:
        return None
    states: list[State] = [state]
    commands: list[int] = []
    for number, wanted in zip(trace.commands, trace.states[1:], strict=True):
        for candidate in condensed.origin[number]:
            after = take(system.commands[candidate], states[-1])
            if after is not None and seen(condensed, after) == wanted:
                states.append(after)
                commands.append(candidate)
                break
        else:
            return None
    return Trace(tuple(states), tuple(commands))


def seen(condensed: Condensed, state: State) -> State:
    """The state of the system as one of the condensed system."""
    return tuple(like[value] for like, value in zip(condensed.classes, state, strict=True))


def _beginning(system: System, condensed: Condensed, wanted: State) -> State | None:
    values = []
    for cell, like, number in zip(system.cells, condensed.classes, wanted, strict=True):
        value = next((each for each in cell.initial if like[each] == number), None)
        if value is None:
            return None
        values.append(value)
    return tuple(values)
