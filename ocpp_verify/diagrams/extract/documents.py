"""Traces in files: followed step by step in the model of today before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Label, State
from ocpp_verify.semantics.ground import holds, take
from ocpp_verify.semantics.result import Trace

_DRAWABLE_STARTS = 100_000


def follow(lowering: Lowering, document: Mapping[str, Any]) -> Trace:
    """The run that a trace document tells, in a system lowered as when it was found.

    Raises WrongInput where the model does not permit it: the model or the file has changed.
    """
    told = document["initial"]
    system = lowering.system
    known: list[list[int]] = []
    for cell in system.cells:
        indices = list(cell.initial)
        if cell.name in told:
            indices = [
                at
                for at in cell.initial
                if shown_value(cell.domain[at]) == told[cell.name]  # type: ignore[arg-type]
            ]
        if not indices:
            raise WrongInput(
                f"the trace begins with {cell.name} = {told[cell.name]}, the model does not",
                help="the model has changed since; run `ocpp-verify check --trace-dir` again",
            )
        known.append(indices)
    progress: WrongInput | None = None
    for count, start in enumerate(product(*known)):
        if count > _DRAWABLE_STARTS:
            break
        if holds(system.initial, start):
            try:
                return _run(lowering, start, document["steps"])
            except WrongInput as problem:
                progress = progress or problem
    raise progress or WrongInput(
        "the trace does not begin in an initial state of the model",
        help="the model has changed since; run `ocpp-verify check --trace-dir` again",
    )


def _run(lowering: Lowering, start: State, steps: list[Mapping[str, Any]]) -> Trace:
    states, commands = [start], []
    for at, step in enumerate(steps, start=1):
        for number, command in enumerate(lowering.system.commands):
            after = take(command, states[-1]) if _is(command.label, step) else None
            if after is not None:
                states.append(after)
                commands.append(number)
                break
        else:
            raise WrongInput(
                f"step {at}, {step.get('label', step['action'])}, is not possible in the model",
                help="the model has changed since; run `ocpp-verify check --trace-dir` again",
            )
    return Trace(tuple(states), tuple(commands))


def _is(label: Label, step: Mapping[str, Any]) -> bool:
    return (
        (label.phase, label.action, label.outcome)
        == (step["phase"], step["action"], step["outcome"])
        and dict(label.args) == step["args"]
        and dict(label.answer) == step["answer"]
    )
