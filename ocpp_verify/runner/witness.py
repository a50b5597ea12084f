"""Traces as evidence: with the step that the property is about, and without what nobody takes."""

from __future__ import annotations

from ocpp_verify.ir.system import System
from ocpp_verify.semantics.ground import take
from ocpp_verify.semantics.questions import Asked
from ocpp_verify.semantics.result import Trace


def complete(system: System, asked: Asked, trace: Trace) -> Trace:
    """The trace; for a property of steps, with the step that breaks or shows it at its end."""
    if not asked.is_about_steps:
        return trace
    number = asked.last_step(trace.states[-1])
    if number is None:
        return trace
    after = take(system.commands[number], trace.states[-1])
    if after is None:
        return trace
    return Trace((*trace.states, after), (*trace.commands, number))


def steps_of(system: System, trace: Trace) -> int:
    """Steps of the model in the trace: those that note a scenario's progress do not count."""
    return sum(
        not system.commands[number].label.action.startswith("mark ") for number in trace.commands
    )
