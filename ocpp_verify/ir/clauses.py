"""Names for what a model's clauses let happen, coarser than its ground steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocpp_verify.ir.model import Action, Call, Model, Parameter
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Label
from ocpp_verify.ir.types import EnumType, OptionType, Value


def clause_name(model: Model, label: Label) -> str:
    """The step without what any other value would do as well: identifiers and hidden choices.

    `StopTransaction(reason=Local)`, `ChangeAvailability(connectorId=none, type=Operative).Accepted`,
    `StartTransaction queued`, `GiveUp`.
    """
    action = model.action(label.action)
    name = told(action, label.args)
    if label.outcome is not None and isinstance(action, Call):
        name += f".{label.outcome}" if label.outcome else " answered"
    return f"{name} queued" if label.phase == "queued" else name


def told(action: Action, args: Sequence[tuple[str, Value]]) -> str:
    """The action with those arguments for which others would not do as well."""
    shown = ", ".join(_telling(action.params, args))
    return f"{action.name}({shown})" if shown else action.name


def _telling(params: Sequence[Parameter], args: Sequence[tuple[str, Value]]) -> Iterator[str]:
    known = {each.name: each for each in params}
    for name, value in ((name, value) for name, value in args if name in known):
        parameter = known[name]
        inner = parameter.type.of if isinstance(parameter.type, OptionType) else parameter.type
        is_sort = isinstance(inner, EnumType) and (inner.is_sort or inner.symmetric)
        if not parameter.internal and (value is None or not is_sort):
            yield f"{name}={shown_value(value)}"
