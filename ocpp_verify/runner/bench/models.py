"""How large the shipped models are, and how far each engine gets on the whole of them."""

from __future__ import annotations

from time import monotonic

from ocpp_verify.engines.bdd import BddEngine
from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.ir.system import System
from ocpp_verify.runner.bench.figures import Row, Table, Tell
from ocpp_verify.runner.bench.slices import model_system
from ocpp_verify.semantics.result import Budget, Exploration

MODELS = {"Core": "core.model", "Core and Reservation": "reservation.model"}
STATES, SECONDS = 5_000_000, 180.0
_ABOUT = (
    "The whole models at one connector, with the full link, one run each. The BDD engine counts "
    f"every reachable state if {SECONDS:g} s are enough; the explicit engine stops at "
    f"{STATES / 1e6:g} million states. `check` does not need the whole: it decides each property on "
    "a projection that is sound for it."
)


def measure(tell: Tell) -> Table:
    """One run of each engine on each model."""
    rows: list[Row] = []
    for name, file in MODELS.items():
        system = model_system(file, 1)
        tell(f"{name}: BDD")
        end = monotonic() + SECONDS
        budget = Budget(expired=lambda end=end: monotonic() > end)  # type: ignore[misc]
        rows.append(_row(name, "BDD (CUDD)", system, BddEngine().explore(system, [], budget)))
        tell(f"{name}: explicit")
        found = ExplicitEngine().explore(system, [], Budget(states=STATES))
        rows.append(_row(name, "explicit (numpy)", system, found))
    return Table("models", "The whole models", _ABOUT, rows)


def _row(name: str, contender: str, system: System, found: Exploration) -> Row:
    figures = {
        "cells": float(len(system.cells)),
        "commands": float(len(system.commands)),
        "seconds": found.seconds,
        "complete": float(found.complete),
    }
    if found.states is not None:
        figures["states"] = float(found.states)
    if found.bytes_per_state is not None:
        figures["bytes_per_state"] = found.bytes_per_state
    return Row(name, contender, figures, 1)
