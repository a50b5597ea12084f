"""What a test of a live system came to: everything that a reporter needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.ir.model import Role
from ocpp_verify.live.record import Entry, Finding
from ocpp_verify.live.script import Script
from ocpp_verify.source import Place

Verdict: TypeAlias = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, however often it was seen.

    Attributes:
        run: the number of the run that found it first, with `seed`.
        rate: how often the shortest script failed, of how many times; None if it was not repeated.
        script: the shortest script of tester choices that fails.
        choices: how many choices the run had that found it.
        last: the last frames of the shortest failing run.
        note: why it was not shrunk, or not to the end.
    """

    number: int
    finding: Finding
    run: int
    seed: int
    script: Script
    choices: int
    last: tuple[Entry, ...]
    rate: tuple[int, int] | None = None
    trace: str | None = None
    times: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """One purpose: whether it was shown, and if not, why not."""

    name: str
    kind: str
    at: Place
    rules: tuple[str, ...]
    is_shown: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """Which rows of a `transitions` property were seen on the wire."""

    name: str
    seen: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveStarted:
    """What is tested, and under which choices."""

    sut: Role
    address: str
    station: str
    lab: str
    seed: int
    budget: float
    model: str
    profiles: tuple[str, ...]
    files: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    readings: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    again: str
    """The command line that repeats the test."""


@dataclass(frozen=True, slots=True)
class LiveFinished:
    """Everything a reporter needs."""

    started: LiveStarted
    verdict: Verdict
    why: str
    found: tuple[Found, ...]
    showings: tuple[Showing, ...]
    tables: tuple[TableCoverage, ...]
    sent: Mapping[str, int]
    received: Mapping[str, int]
    outcomes: Mapping[str, Mapping[str, int]]
    observations: Mapping[str, int]
    config: tuple[tuple[str, str], ...]
    durations: tuple[tuple[str, float], ...]
    warnings: tuple[str, ...]
    runs: int
    seconds: float
    interrupted: bool

    @property
    def failures(self) -> tuple[Found, ...]:
        """The findings that fail the test."""
        return tuple(each for each in self.found if each.finding.kind != "advice")

    @property
    def untestable(self) -> tuple[Showing, ...]:
        """What was not shown and cannot be, with why."""
        return tuple(each for each in self.showings if not each.is_shown and each.why)


def exit_code(result: LiveFinished) -> int:
    """0 pass, 1 fail, 3 inconclusive, 130 interrupted."""
    if result.interrupted:
        return 130
    return {"pass": 0, "fail": 1, "inconclusive": 3}[result.verdict]
