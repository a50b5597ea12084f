"""Where a run begins: the states of a system under test that nobody uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.system import State
from ocpp_verify.runner.live import Setup, start_states

_REGISTERED: Mapping[str, object] = {
    "registration": "Accepted",
    "registered": "Accepted",
    "boot_due": False,
}
_TOLD = ("told", "toldStation")


def registered_states(lowering: Lowering, setup: Setup, *, online: bool) -> list[State]:
    """The initial states, but with a registration that the CSMS has accepted earlier.

    What was reported since then is unknown: nothing, or that everything is available.
    """
    cells = lowering.system.cells
    fixed: dict[int, int] = {}
    told: dict[int, int] = {}
    for number, cell in enumerate(cells):
        if cell.variable in _REGISTERED:
            fixed[number] = cell.domain.index(_REGISTERED[cell.variable])
        elif cell.variable in _TOLD and "Available" in cell.domain:
            told[number] = cell.domain.index("Available")
        elif cell.name == "online":
            fixed[number] = cell.domain.index(online)
    found = []
    for state in start_states(lowering, setup):
        for reported in (False, True):
            changes = {**fixed, **(told if reported else {})}
            found.append(tuple(changes.get(at, value) for at, value in enumerate(state)))
    return list(dict.fromkeys(found))


def with_any_cables(lowering: Lowering, states: Sequence[State]) -> list[State]:
    """The states with any cables in. Without hands at the charger nobody knows, and for chargers that
    cannot feel a cable it is as if one was in; so these come first.
    """
    cells = lowering.system.cells
    sockets = [at for at, cell in enumerate(cells) if cell.variable == "plugged"]
    found = []
    for values in product((True, False), repeat=len(sockets)):
        changes = {
            at: cells[at].domain.index(value) for at, value in zip(sockets, values, strict=True)
        }
        found += [
            tuple(changes.get(at, value) for at, value in enumerate(state)) for state in states
        ]
    return list(dict.fromkeys(found))


def registrations(lowering: Lowering, setup: Setup) -> list[State]:
    """For a CSMS that knew us before: the initial states with every registration on record."""
    cell = next(
        (at for at, each in enumerate(lowering.system.cells) if each.variable == "registered"), None
    )
    states = start_states(lowering, setup)
    if cell is None:
        return states
    count = len(lowering.system.cells[cell].domain)
    return [
        (*state[:cell], value, *state[cell + 1 :]) for state in states for value in range(count)
    ]
