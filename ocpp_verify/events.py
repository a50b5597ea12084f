"""What happens during a run, one frozen dataclass per fact. Runners emit them, reporters read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.semantics.result import Trace
from ocpp_verify.source import NOWHERE, Place

Status: TypeAlias = Literal["proved", "holds_to_depth", "refuted", "unknown"]
"""`proved`: at any depth, for the sizes given; for what has to be reachable, a trace shows it.
`holds_to_depth`: no counterexample within `depth` steps, which is no proof. `refuted`: a
counterexample, or, for what has to be reachable, that it is not at any depth."""


REPLAY = "replay"
"""What confirms every trace: the reference semantics."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A trace with the system it runs in. `shortest` says whether no shorter one exists."""

    lowering: Lowering
    trace: Trace
    shortest: bool


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """What is checked, and under which choices.

    Attributes:
        readings: each with its chosen alternative.
        config: configuration keys and traits as chosen on the command line.
        engine: as asked for: `auto`, `all` or the name of one.
    """

    model: str
    profiles: tuple[str, ...]
    files: tuple[str, ...]
    specs: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    readings: tuple[tuple[str, str], ...]
    config: tuple[tuple[str, str], ...]
    engine: str
    properties: int


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """An engine looks for answers to so many questions. `what` names the system it works on."""

    engine: str
    what: str
    questions: int


@dataclass(frozen=True, slots=True)
class Progress:
    """So many states and levels so far; about once per level."""

    engine: str
    what: str
    states: int
    depth: int


@dataclass(frozen=True, slots=True)
class EngineFinished:
    """An engine is done. `states` and `depth` are None where the engine knows none."""

    engine: str
    what: str
    answered: int
    questions: int
    states: int | None
    depth: int | None
    complete: bool
    seconds: float


FaultCode: TypeAlias = Literal["OV701", "OV702", "OV703"]
"""Engines disagree, a trace is no run of the model, a process of the check died."""


@dataclass(frozen=True, slots=True)
class EngineFault:
    """An engine is wrong: two of them disagree, or a trace is no run of the model.

    This is a mistake in ocpp-verify and none of the model.
    """

    name: str
    message: str
    code: FaultCode


@dataclass(frozen=True, slots=True)
class PropertyDecided:
    """What came out for one property.

    Attributes:
        kind: `invariant`, `step`, `monitor`, `transitions`, `transition`, `reach` or `scenario`.
        wants_reachable: whether it asks for something that must be possible.
        expected: the status that the spec expects.
        engine: the one whose answer this is; empty if none had one.
        how: the argument of a proof, or why there is none.
        depth: steps of the trace, or up to which nothing was found; None if neither is known.
        states: of the system in which it was decided, where they were counted.
        seconds: of the exploration that decided it, which may have decided others too.
        rests_on: bounds, projections, readings and configuration that the verdict depends on.
        confirmed_by: other engines that came to the same, and `REPLAY`.
    """

    name: str
    kind: str
    wants_reachable: bool
    status: Status
    engine: str
    how: str
    seconds: float
    depth: int | None = None
    states: int | None = None
    evidence: Evidence | None = None
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    confirmed_by: tuple[str, ...] = ()
    expected: Status = "proved"

    @property
    def is_as_expected(self) -> bool:
        """Whether the status is the one that the spec expects."""
        return self.status == self.expected


@dataclass(frozen=True, slots=True)
class PropertyConfirmed:
    """Others came to the same verdict as the engine that decided it."""

    name: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LintFound:
    """A model or spec does something that its author hardly meant. `evidence` shows where."""

    code: str
    title: str
    message: str
    at: Place = NOWHERE
    help: str = ""
    rules: tuple[str, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class LintLeftOpen:
    """An analysis that could not be finished: of so many questions these were left open."""

    code: str
    title: str
    questions: int
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """Everything a reporter needs. `lint_left_open` names analyses that could not be finished."""

    started: CheckStarted
    decided: tuple[PropertyDecided, ...]
    lint: tuple[LintFound, ...]
    faults: tuple[EngineFault, ...]
    lint_left_open: tuple[LintLeftOpen, ...]
    seconds: float
    interrupted: bool = False


Event: TypeAlias = (
    CheckStarted
    | EngineStarted
    | Progress
    | EngineFinished
    | EngineFault
    | PropertyDecided
    | PropertyConfirmed
    | LintFound
    | CheckFinished
)
