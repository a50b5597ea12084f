"""The parts of the demonstration: the shipped models, and one of them made wrong on purpose.

All of it is chosen to be decided quickly at one connector; `check` without arguments decides the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ocpp_verify.diagrams.extract.moves import Effort, moves
from ocpp_verify.diagrams.extract.projection import diagram_of
from ocpp_verify.diagrams.extract.sequence import sequence_of_trace
from ocpp_verify.diagrams.extract.subject import parse_subject, with_table
from ocpp_verify.diagrams.pictures import NoteBlock, SequenceDiagram, StateDiagram
from ocpp_verify.errors import WrongInput
from ocpp_verify.events import CheckFinished, Event, PropertyDecided
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.properties import Scenario
from ocpp_verify.lang.load import load_text
from ocpp_verify.runner.catalogue import read_catalogue, words
from ocpp_verify.runner.check import Settings, check
from ocpp_verify.runner.overrides import override
from ocpp_verify.runner.project import Choices, Files, Project, find, open_project, shipped_models
from ocpp_verify.runner.settling import settle
from ocpp_verify.runner.tactics import Limits
from ocpp_verify.runner.undisturbed import find_run
from ocpp_verify.runner.workers import processors

Tell = Callable[[Event], None]

SIZES: Mapping[str, int] = {"Connector": 1}

DECIDED: tuple[str, ...] = (
    "OneTransactionPerConnector",
    "NoTransactionIsForgotten",
    "NoTransactionWhileInoperative",
    "OnlyBootNotificationBeforeAcceptance",
    "RunningHasAUser",
    "IdsAreNotShared",
    "EnergyStatesMeanATransaction",
    "OnlyTheHolderStarts",
    "AReservationIsUsedOnce",
    "AReservationHoldsOneConnector",
    "ReservedOnlyByReservation",
    "NoTransactionUnderAReservation",
)
"""Monitors and invariants that are proved in seconds, for every configuration."""

BROKEN = "OnlyTheHolderStarts"
SCENARIO = "ReservedThenUsed"
STATUS = "status(1)"

_ONE_CONFIGURATION: Mapping[str, str] = {
    "AuthorizeRemoteTxRequests": "false",
    "ReserveConnectorZeroSupported": "false",
    "StopTransactionOnInvalidId": "true",
    "freeCharging": "false",
    "reserves": "true",
}

_STATES = 150_000
"""Of one system or projection; beyond it decision diagrams take over."""


# the shipped models ---------------------------------------------------------------------------


def shipped() -> Project:
    """The shipped models with one connector and any configuration."""
    return open_project((), Choices(SIZES))


def check_shipped(project: Project, seconds: float, emit: Tell) -> CheckFinished:
    """Decide `DECIDED`, on all processors."""
    settings = Settings(
        seconds=seconds,
        limits=Limits(states=_STATES),
        workers=processors(),
        only=DECIDED,
        sanity=False,
        confirm=False,
    )
    return check(project, settings, emit)


def find_scenario(project: Project, seconds: float, emit: Tell) -> CheckFinished:
    """Find a run of `SCENARIO`."""
    wanted = next(each for each in project.properties if each.name == SCENARIO)
    assert isinstance(wanted, Scenario)
    return find_run(project, wanted, seconds, emit)


# a wrong design -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of a model that are left out, or replaced if there are `others`."""

    file: str
    line: int
    lines: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weakened:
    """A copy in memory of the shipped models that somebody might have designed.

    Attributes:
        dropped: what the design forgets.
        narrowed: what is fixed so that the search is short; it makes nothing possible.
    """

    project: Project
    dropped: tuple[Change, ...]
    narrowed: tuple[Change, ...]


def weaken() -> Weakened:
    """The shipped models without the conditions that keep other tags from a reserved connector."""
    files = find()
    texts = _texts(files)
    tag = _block(texts, "refine TakeTag", r".*")
    start = _block(texts, "refine StartTransaction", r"\s+when held\[connectorId\] == none or .*")
    standing = _block(texts, "csms state standing", r".*")
    fixed = replace(standing, others=(re.sub(r"= any\b", "= Accepted", standing.lines[0]),))
    for each in (tag, start, fixed):
        _apply(texts, each)
    project = _project(files, texts)
    return Weakened(project, (tag, start), (fixed,))


def refute(weakened: Weakened, seconds: float, emit: Tell) -> CheckFinished:
    """Ask `BROKEN` of it, breadth first, so that the trace is a shortest one."""
    settings = Settings("explicit", seconds, only=(BROKEN,), sanity=False, confirm=False)
    return check(weakened.project, settings, emit)


def _texts(files: Files) -> dict[str, str]:
    return {
        each.as_posix(): each.read_text(encoding="utf-8") for each in (*files.models, *files.specs)
    }


def _block(texts: Mapping[str, str], begins: str, wanted: str) -> Change:
    """The lines that match of the first clause that begins so."""
    for file, text in texts.items():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if not re.match(rf"{re.escape(begins)}\b", line):
                continue
            end = at + 1
            while end < len(lines) and lines[end].startswith(" "):
                end += 1
            found = [each for each in range(at, end) if re.fullmatch(wanted, lines[each])]
            if found:
                chosen = tuple(lines[each] for each in found)
                return Change(file, found[0] + 1, chosen)
    raise WrongInput(
        f"the shipped models have no `{begins}` of the expected form",
        help="install ocpp-verify again",
    )


def _apply(texts: dict[str, str], change: Change) -> None:
    """Put other lines in place; what is left out leaves empty lines, so that places stay right."""
    lines = texts[change.file].splitlines()
    others = [*change.others, *[""] * (len(change.lines) - len(change.others))]
    lines[change.line - 1 : change.line - 1 + len(change.lines)] = others
    texts[change.file] = "\n".join(lines) + "\n"


def _project(files: Files, texts: Mapping[str, str]) -> Project:
    choices = Choices(SIZES, {}, _ONE_CONFIGURATION)
    catalogue = read_catalogue(files.catalogue) if files.catalogue is not None else None
    loaded = load_text(texts, sizes=SIZES, vocabulary=words(catalogue))
    if loaded.model is None:
        wrong = next(each for each in loaded.diagnostics if each.severity == "error")
        raise WrongInput(f"the changed model has an error: {wrong.message} ({wrong.at})")
    model = override(loaded.model, _ONE_CONFIGURATION)
    return Project(
        model, loaded.specs, loaded.sources, loaded.diagnostics, catalogue, tuple(texts), choices
    )


# pictures -------------------------------------------------------------------------------------


def status_diagram(expired: Callable[[], bool] = lambda: False) -> StateDiagram:
    """The status of a connector in Core: what can follow what, and by which steps."""
    project = open_project((shipped_models() / "core.model",), Choices(SIZES))
    assert project.model is not None
    lowering = lower(project.model)
    subject = parse_subject(project.model, project.properties, STATUS)
    effort = Effort(states=1000, decide=settle, expired=expired)
    found = moves(lowering, subject, effort)
    return diagram_of(lowering, with_table(lowering, subject, project.properties), found)


def sequence(project: Project, decided: PropertyDecided) -> SequenceDiagram | None:
    """The sequence diagram of the trace; None if there is none."""
    if decided.evidence is None:
        return None
    found = next(each for each in project.properties if each.name == decided.name)
    conclusion = None
    if decided.status == "refuted":
        told = f"{decided.name}: this step breaks an assertion"
        conclusion = NoteBlock((), told, "bad", None, decided.rules)
    scenario = found if isinstance(found, Scenario) else None
    return sequence_of_trace(
        decided.evidence.lowering, decided.evidence.trace, decided.name, conclusion, None, scenario
    )
