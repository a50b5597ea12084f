"""What was measured: rows of medians, ratios between contenders, and where they ran."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeAlias

Sample: TypeAlias = Mapping[str, float]
"""Figures of one run by name; times are in seconds, and those of one contender have equal names."""

Work: TypeAlias = Callable[[], Sample]
Tell: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of a contender's runs. `missing` says why there are none."""

    subject: str
    contender: str
    figures: Mapping[str, float] = field(default_factory=dict)
    runs: int = 0
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that were measured side by side.

    Attributes:
        about: what the rows are of and how they were measured, in whole sentences.
        wrong: where contenders disagree on what they must agree on.
    """

    name: str
    title: str
    about: str
    rows: Sequence[Row]
    ratios: Mapping[str, float] = field(default_factory=dict)
    wrong: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All tables of one run, in their order."""

    tables: Sequence[Table]
    machine: Mapping[str, str]
    repeat: int

    @property
    def ratios(self) -> dict[str, float]:
        """The ratios of all tables by name."""
        return {name: value for table in self.tables for name, value in table.ratios.items()}

    @property
    def wrong(self) -> list[str]:
        """The disagreements of all tables."""
        return [each for table in self.tables for each in table.wrong]


def side_by_side(
    subject: str, contenders: Mapping[str, Work], repeat: int, tell: Tell
) -> list[Row]:
    """Let the contenders run in turns, so that a busy moment of the machine meets all of them."""
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for turn in range(1, repeat + 1):
        for name, work in contenders.items():
            tell(f"{subject}: {name}, run {turn} of {repeat}")
            samples[name].append(work())
    return [Row(subject, name, medians(found), repeat) for name, found in samples.items()]


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    """The median of each figure."""
    return {name: median(each[name] for each in samples) for name in samples[0]}


def machine() -> dict[str, str]:
    """What a reader needs to place the figures; nothing that identifies the machine."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
    }
