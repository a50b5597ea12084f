"""The statuses of a connector and which may follow which (OCPP 1.6 §4.9)."""

from __future__ import annotations

from typing import Literal

Status = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]

PERMITTED: dict[Status, tuple[Status, ...]] = {
    "Available": (
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Reserved",
        "Unavailable",
        "Faulted",
    ),
    "Preparing": (
        "Available",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Faulted",
    ),
    "Charging": (
        "Available",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Unavailable",
        "Faulted",
    ),
    "SuspendedEV": (
        "Available",
        "Charging",
        "SuspendedEVSE",
        "Finishing",
        "Unavailable",
        "Faulted",
    ),
    "SuspendedEVSE": (
        "Available",
        "Charging",
        "SuspendedEV",
        "Finishing",
        "Unavailable",
        "Faulted",
    ),
    "Finishing": ("Available", "Preparing", "Unavailable", "Faulted"),
    "Reserved": ("Available", "Preparing", "Unavailable", "Faulted"),
    "Unavailable": (
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Faulted",
    ),
    "Faulted": (
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Reserved",
        "Unavailable",
    ),
}


def path(source: Status, target: Status) -> list[Status]:
    """The shortest permitted way from `source` to `target`, without `source` itself."""
    ways: list[list[Status]] = [[source]]
    seen = {source}
    for way in ways:
        if way[-1] == target:
            return way[1:]
        for status in PERMITTED[way[-1]]:
            if status not in seen and (status == target or status != "Faulted"):
                seen.add(status)
                ways.append([*way, status])
    raise AssertionError(f"no way from {source} to {target}")
