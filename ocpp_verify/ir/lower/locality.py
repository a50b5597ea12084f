"""Updates run where the variable lives: which of them run where, and what they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ocpp_verify.ir.expr import free_params
from ocpp_verify.ir.model import (
    Assign,
    ClearQueue,
    ForEach,
    Model,
    Restart,
    Role,
    SetLink,
    Update,
)


def updates_at(model: Model, updates: Sequence[Update], role: Role) -> tuple[Update, ...]:
    """The updates that a reply makes at `role`; a reply has no effect on the link."""
    kept: list[Update] = []
    for update in updates:
        match update:
            case Assign():
                if model.variable(update.variable).owner == role:
                    kept.append(update)
            case ForEach():
                inner = updates_at(model, update.updates, role)
                if inner:
                    kept.append(ForEach(update.name, update.over, update.condition, inner))
            case Restart() | ClearQueue():
                if update.role == role:
                    kept.append(update)
            case SetLink():
                pass
            case _:
                assert_never(update)
    return tuple(kept)


def params_read(updates: Sequence[Update]) -> frozenset[str]:
    """The parameters that the updates read."""
    names: frozenset[str] = frozenset()
    for update in updates:
        match update:
            case Assign():
                names |= free_params(update.value).union(
                    *(free_params(each) for each in update.indices)
                )
            case ForEach():
                inner = free_params(update.condition) | params_read(update.updates)
                names |= inner - {update.name}
            case Restart() | SetLink() | ClearQueue():
                pass
            case _:
                assert_never(update)
    return names


def bare(updates: Sequence[Update]) -> tuple[object, ...]:
    """The updates without their places and rules, to compare what they do."""
    found: list[object] = []
    for update in updates:
        match update:
            case Assign():
                found.append((update.variable, update.indices, update.value))
            case ForEach():
                inner = bare(update.updates)
                found.append((update.name, update.over, update.condition, inner))
            case Restart() | SetLink() | ClearQueue():
                found.append(update)
            case _:
                assert_never(update)
    return tuple(found)
