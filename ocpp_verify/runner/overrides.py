"""Configuration keys and traits as the command line chooses them: a pass from model to model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ocpp_verify.diagnostics import did_you_mean
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.expr import Const
from ocpp_verify.ir.model import Model, Variable
from ocpp_verify.ir.types import Value, domain

ANY = "any"


def override(model: Model, chosen: Mapping[str, str]) -> Model:
    """The model with these initial values of configuration keys and traits; `any` means every one.

    An array gets the value at each of its indices. Raises WrongInput for a name or value that the
    model does not know.
    """
    known = {each.name: each for each in model.variables if each.config or each.trait}
    for name in chosen:
        if name not in known:
            raise WrongInput(
                f"the model has no configuration key or trait `{name}`",
                help=did_you_mean(name, known) or _listed(known),
            )
    if not chosen:
        return model
    return replace(
        model,
        variables=tuple(
            _started(each, chosen[each.name]) if each.name in chosen else each
            for each in model.variables
        ),
    )


def _started(variable: Variable, written: str) -> Variable:
    if written == ANY:
        return replace(variable, initial=None)
    values = {_shown(value): value for value in domain(variable.type)}
    if written not in values:
        raise WrongInput(
            f"`{written}` is no value of `{variable.name}`",
            help=f"it is one of {', '.join(values)}, or `any`",
        )
    return replace(variable, initial=Const(values[written], variable.type))


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)


def _listed(known: Mapping[str, Variable]) -> str:
    return f"it has {', '.join(known)}" if known else "it has none"
