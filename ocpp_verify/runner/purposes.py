"""What generated tests bring a system to: purposes under names that people can read."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.ir.clauses import clause_name
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Call, Hidden, Model, Role
from ocpp_verify.ir.system import Label
from ocpp_verify.live.planner import Purpose


def clauses(lowering: Lowering, role: Role) -> list[Purpose]:
    """What the role or its peer can be brought to do, by the names of `clause_name`.

    Left out is what the role may do and need not, and what follows from another purpose.
    """
    found: dict[str, list[int]] = {}
    commands = lowering.system.commands
    for number, command in enumerate(commands):
        if _is_worth_showing(lowering.model, command.label, role):
            found.setdefault(clause_name(lowering.model, command.label), []).append(number)
    return [
        Purpose(name, "clause", commands[at[0]].at, commands[at[0]].rules, frozenset(at))
        for name, at in found.items()
    ]


def _is_worth_showing(model: Model, label: Label, role: Role) -> bool:
    action = model.action(label.action)
    match label.phase:
        case "sent" | "queued":
            assert isinstance(action, Call)
            return action.sender == role or not any(each.name for each in action.replies)
        case "reply":
            return label.outcome is not None and label.outcome in _outcomes(model, label, role)
        case "step":
            return isinstance(action, Hidden) and label.actor == role and action.within is not None
        case _:
            return False


def _outcomes(model: Model, label: Label, role: Role) -> Iterator[str]:
    """Outcomes that are ours to give, that the state decides, or that come first."""
    action = model.action(label.action)
    assert isinstance(action, Call)
    for reply in action.replies:
        if reply.name and (label.actor != role or reply.guards or reply is action.replies[0]):
            yield reply.name
