"""Parts of the shipped Core model that every engine can enumerate: sound projections to some cells."""

from __future__ import annotations

from collections.abc import Mapping

from ocpp_verify.ir.abstraction import project
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.system import System
from ocpp_verify.runner.project import Choices, open_project, shipped_models

_CONNECTOR = (
    "plugged use user service fault ending drawing paused claimed reader power resetting "
    "freeCharging StopTransactionOnInvalidId known closing"
)
_STATION = f"{_CONNECTOR} online registration stationInoperative"

SLICES: Mapping[str, str] = {
    "connector": _CONNECTOR,
    "connector and station": _STATION,
}
LARGE: Mapping[str, str] = {"connector, station and boot": f"{_STATION} registered boot_due"}
"""Variables that are kept, by the name of the slice; at one connector."""


def core(connectors: int = 1) -> System:
    """The whole Core model."""
    return model_system("core.model", connectors)


def model_system(name: str, connectors: int) -> System:
    """The ground system of a shipped model with what it extends."""
    project_ = open_project([shipped_models() / name], Choices({"Connector": connectors}))
    assert project_.model is not None, "the shipped models have no errors"
    return lower(project_.model).system


def slice_of(system: System, variables: str) -> System:
    """The projection to the cells of these variables.

    Raises ValueError for a variable that the system does not have.
    """
    wanted = set(variables.split())
    if unknown := wanted - {cell.variable for cell in system.cells}:
        raise ValueError(f"no such variables: {', '.join(sorted(unknown))}")
    kept = {number for number, cell in enumerate(system.cells) if cell.variable in wanted}
    return project(system, kept).system
