"""What steps, places and sizes are called in pictures."""

from __future__ import annotations

from pathlib import PurePosixPath

from ocpp_verify.diagnostics import did_you_mean
from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.model import Call, Model
from ocpp_verify.ir.show import shown_value
from ocpp_verify.ir.system import Label
from ocpp_verify.ir.types import Value
from ocpp_verify.source import Place


def step_name(model: Model, label: Label) -> str:
    """The step as the language's patterns name it, without arguments.

    `X` is an event, a call being sent, or a queued call being stored, whose sending is `X sent`;
    `X.Accepted` an answer being sent, and `X.Accepted received` its arrival.
    """
    match label.phase:
        case "reply" | "received":
            answer = (
                f"{label.action}.{label.outcome}" if label.outcome else f"{label.action} answer"
            )
            return f"{answer} received" if label.phase == "received" else answer
        case "sent":
            return f"{label.action} sent" if _is_queued(model, label.action) else label.action
        case "queued" | "step":
            return label.action


def joined_names(model: Model, labels: list[Label]) -> list[str]:
    """The names of steps, with the outcomes of one call joined: `Authorize.Blocked|Expired`."""
    outcomes: dict[tuple[str, str], dict[str, None]] = {}
    order: dict[tuple[str, str], Label] = {}
    for label in labels:
        key = (label.action, label.phase)
        order.setdefault(key, label)
        outcomes.setdefault(key, {}).setdefault(label.outcome or "")
    found = []
    for kind, label in order.items():
        several = [each for each in outcomes[kind] if each]
        name = step_name(model, label)
        if len(several) > 1:
            name = name.replace(f".{label.outcome}", f".{'|'.join(several)}", 1)
        found.append(name)
    return found


def shown_args(args: tuple[tuple[str, Value], ...]) -> str:
    """`connectorId=1, idTag=A`."""
    return ", ".join(f"{name}={shown_value(value)}" for name, value in args)


def shown_place(at: Place) -> str:
    """`core.model:88`; empty for what no text declares."""
    return f"{PurePosixPath(at.file).name}:{at.line}" if at.file else ""


def shown_sizes(model: Model) -> str:
    """`Connector=1, IdTag=2`."""
    return ", ".join(f"{name}={size}" for name, size in model.sizes)


def check_actions(model: Model, wanted: tuple[str, ...]) -> None:
    """Raises WrongInput for a name that is no action."""
    known = [each.name for each in model.actions]
    for name in wanted:
        if name not in known:
            raise WrongInput(
                f"the model has no action `{name}`",
                help=did_you_mean(name, known) or f"it has {', '.join(known)}",
            )


def _is_queued(model: Model, name: str) -> bool:
    return any(
        isinstance(each, Call) and each.queued for each in model.actions if each.name == name
    )
