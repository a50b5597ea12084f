"""Systems under test that live in this process, for trying out tests without any hardware.

A module of them has two functions, `charger` and `csms`, which take a `Wanted` and give an
asynchronous context: that of a charger yields its bench, that of a CSMS its `CsmsEnds`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from ocpp_verify.errors import WrongInput
from ocpp_verify.ir.model import Role
from ocpp_verify.live.drivers.bench import Bench
from ocpp_verify.live.drivers.clock import Clock
from ocpp_verify.live.drivers.operator import Operator


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the system has to be like.

    Attributes:
        url: where a charger connects, without its identity; empty for a CSMS.
        tags: what a CSMS says about each idTag.
        keys: the values of a charger's configuration keys, as they are on the wire.
        faults: deviations that the system is asked to have, in its own words.
    """

    clock: Clock
    url: str = ""
    station: str = "CP1"
    connectors: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CsmsEnds:
    """Where a CSMS listens, and who operates it."""

    url: str
    operator: Operator


def charger_of(module: str) -> Callable[[Wanted], AbstractAsyncContextManager[Bench]]:
    """The function that makes a charger."""
    made: Callable[[Wanted], AbstractAsyncContextManager[Bench]] = _function(module, "charger")
    return made


def csms_of(module: str) -> Callable[[Wanted], AbstractAsyncContextManager[CsmsEnds]]:
    """The function that makes a CSMS."""
    made: Callable[[Wanted], AbstractAsyncContextManager[CsmsEnds]] = _function(module, "csms")
    return made


def _function(module: str, role: Role) -> Any:
    try:
        found = getattr(importlib.import_module(module), role, None)
    except ImportError as reason:
        raise WrongInput(
            f"cannot import the built-in systems `{module}`: {reason}",
            help="run pytest from the root of the repository, or name a live system",
        ) from reason
    if not callable(found):
        raise WrongInput(
            f"`{module}` has no function `{role}`", help="it takes a Wanted and gives a context"
        )
    return found
