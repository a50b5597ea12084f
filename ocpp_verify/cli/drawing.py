"""What `draw` draws: names to pictures, with the engines' help where a run has to be found."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ocpp_verify.cli.progress import Ticker
from ocpp_verify.diagnostics import did_you_mean
from ocpp_verify.diagrams.extract.documents import follow
from ocpp_verify.diagrams.extract.moves import Effort, Moves, moves
from ocpp_verify.diagrams.extract.projection import Selection, diagram_of
from ocpp_verify.diagrams.extract.sequence import SequenceOptions, sequence_of_trace
from ocpp_verify.diagrams.extract.subject import Subject, names, parse_subject, with_table
from ocpp_verify.diagrams.extract.tables import operations_table, transitions_table
from ocpp_verify.diagrams.extract.walks import walks_table
from ocpp_verify.diagrams.extract.words import check_actions
from ocpp_verify.diagrams.pictures import NoteBlock
from ocpp_verify.errors import OcppVerifyError, WrongInput
from ocpp_verify.ir.lower import Lowering, lower
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Monitor, Property, Scenario, Transitions
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.settling import settle

if TYPE_CHECKING:
    from ocpp_verify.diagrams.pictures import Picture, SequenceDiagram
    from ocpp_verify.events import PropertyDecided
    from ocpp_verify.runner.project import Project

ACTIONS = "actions"
_USUAL = ("status", "registration", "held")
_IDENTIFIER = re.compile(r"\s*(\w+)")


class Undecided(OcppVerifyError):  # noqa: N818 - named for the situation
    """A run to draw was not found in the time given."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Style:
    """What pictures show, and the seconds that one of them may take."""

    only: tuple[str, ...] = ()
    show_unreached: bool = False
    hidden: bool = True
    changes: Literal["all", "definitions", "none"] = "all"
    budget: float | None = None

    @property
    def sequence(self) -> SequenceOptions:
        """The choices for sequence diagrams."""
        return SequenceOptions(self.hidden, self.changes)


@dataclass(slots=True)
class Studio:
    """Makes pictures of one project. What was found out for one is kept for the next."""

    project: Project
    style: Style
    _lowering: Lowering | None = None
    _moves: dict[str, Moves] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_actions(self.model, self.style.only)

    @property
    def model(self) -> Model:
        """The model, which has no errors."""
        assert self.project.model is not None
        return self.project.model

    @property
    def properties(self) -> tuple[Property, ...]:
        """The properties of all specs."""
        return self.project.properties

    def usual(self) -> list[str]:
        """What is drawn when nothing is asked for."""
        forms = names(self.model)
        chosen = [forms[each] for each in _USUAL if each in forms]
        if "status" not in forms:
            chosen += [each.name for each in self.properties if isinstance(each, Transitions)]
        chosen += [each.name for each in self.properties if isinstance(each, Scenario)]
        return [*chosen, ACTIONS]

    def listed(self) -> list[tuple[str, list[str]]]:
        """Everything that has a name."""
        others = [
            each.name for each in self.properties if not isinstance(each, Scenario | Transitions)
        ]
        return [
            ("expressions", list(names(self.model).values())),
            ("transitions", [p.name for p in self.properties if isinstance(p, Transitions)]),
            ("scenarios", [p.name for p in self.properties if isinstance(p, Scenario)]),
            ("other properties", others),
            ("actions", [*(each.name for each in self.model.actions), ACTIONS]),
        ]

    def picture(self, what: str, as_table: bool = False, walks: bool = False) -> Picture:
        """The picture of what has this name; with `walks` the table of walks through a subject.

        Raises WrongInput where nothing has this name.
        """
        property = next((each for each in self.properties if each.name == what), None)
        if property is not None and not isinstance(property, Transitions):
            return self._evidence(property)
        if what == ACTIONS:
            return operations_table(self.model)
        if any(each.name == what for each in self.model.actions):
            return operations_table(self.model, (what,))
        self._known(what)
        subject = parse_subject(self.model, self.properties, what)
        lowering = self._lowered()
        found = self._found(lowering, subject)
        if walks:
            return walks_table(lowering, with_table(lowering, subject, self.properties), found)
        if as_table and subject.table is not None:
            return transitions_table(lowering, subject.table, found)
        subject = with_table(lowering, subject, self.properties)
        return diagram_of(
            lowering, subject, found, Selection(self.style.only, self.style.show_unreached)
        )

    def trace_picture(self, document: dict[str, Any]) -> SequenceDiagram:
        """The sequence diagram of a trace file."""
        name = document["property"]
        property = next((each for each in self.properties if each.name == _owner(name)), None)
        scenario = property if isinstance(property, Scenario) else None
        monitors = tuple(each for each in self.properties if isinstance(each, Monitor))
        lowering = lower(self.model, () if scenario else monitors, (scenario,) if scenario else ())
        trace = follow(lowering, document["trace"])
        refuted = document["status"] == "refuted"
        conclusion = _conclusion(name, document["kind"], tuple(document["rules"]), refuted)
        return sequence_of_trace(lowering, trace, name, conclusion, self.style.sequence, scenario)

    def _lowered(self) -> Lowering:
        if self._lowering is None:
            self._lowering = lower(self.model)
        return self._lowering

    def _found(self, lowering: Lowering, subject: Subject) -> Moves:
        if subject.title not in self._moves:
            deadline = Deadline.after(self.style.budget)
            effort = Effort(decide=settle, expired=deadline.expired)
            self._moves[subject.title] = moves(lowering, subject, effort)
        return self._moves[subject.title]

    def _known(self, what: str) -> None:
        """Fail for a name that nothing has, with the nearest of all names."""
        match = _IDENTIFIER.match(what)
        forms = names(self.model)
        tables = {each.name for each in self.properties if isinstance(each, Transitions)}
        if match is None or match[1] in forms or what.strip() in tables:
            return
        known = {*forms, *tables, *(each.name for each in self.model.actions), ACTIONS}
        known |= {each.name for each in self.properties}
        near = did_you_mean(match[1], known)
        raise WrongInput(
            f"nothing that can be drawn is called `{match[1]}`",
            help=near or "`ocpp-verify draw --list` shows what can be drawn",
        )

    def _evidence(self, property: Property) -> SequenceDiagram:
        """The run that shows or refutes the property."""
        from ocpp_verify.runner.check import Settings, check
        from ocpp_verify.runner.undisturbed import find_run

        ticker = Ticker(sys.stderr)
        settings = Settings(
            seconds=self.style.budget,
            only=(property.name,),
            sanity=False,
            witnesses=True,
            confirm=False,
        )
        try:
            if isinstance(property, Scenario):
                result = find_run(self.project, property, self.style.budget, ticker)
            else:
                result = check(self.project, settings, ticker)
        finally:
            ticker.clear()
        decided = next(each for each in result.decided if each.name == property.name)
        if decided.evidence is None:
            raise self._nothing_to_draw(decided)
        scenario = property if isinstance(property, Scenario) else None
        refuted = decided.status == "refuted"
        return sequence_of_trace(
            decided.evidence.lowering,
            decided.evidence.trace,
            property.name,
            _conclusion(property.name, decided.kind, decided.rules, refuted),
            self.style.sequence,
            scenario,
        )

    def _nothing_to_draw(self, decided: PropertyDecided) -> OcppVerifyError:
        name = decided.name
        match decided.status:
            case "proved":
                return WrongInput(
                    f"`{name}` is proved: there is no trace against it to draw",
                    help="draw a scenario or `reach`, or the table of an action",
                )
            case "refuted":
                return WrongInput(
                    f"`{name}` is not possible: there is no run to draw",
                    help=f"`ocpp-verify check --property {name}` says more",
                )
            case _:
                return Undecided(
                    f"no run for `{name}` was found: {decided.how or 'the time limit'}",
                    help="give it more time with `--budget`",
                )


def read_trace(file: Path) -> dict[str, Any]:
    """A trace document. Raises WrongInput where the file is none."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        near = did_you_mean(file.name, _beside(file))
        raise WrongInput(
            f"{file} cannot be read: {(problem.strerror or str(problem)).lower()}",
            help=near or "`ocpp-verify check --trace-dir out` writes traces",
        ) from None
    except ValueError:
        document = None
    needed = {
        "property",
        "kind",
        "status",
        "rules",
        "trace",
        "model",
        "sizes",
        "readings",
        "config",
    }
    if not isinstance(document, dict) or needed - document.keys():
        raise WrongInput(
            f"{file} is no trace", help="`ocpp-verify check --trace-dir out` writes traces"
        )
    return document


def _beside(file: Path) -> list[str]:
    return [each.name for each in file.parent.glob("*.trace.json")] if file.parent.is_dir() else []


def _owner(name: str) -> str:
    """The property that a transition such as `ConnectorStatus.A2` belongs to."""
    return name.partition(".")[0]


def _conclusion(name: str, kind: str, rules: tuple[str, ...], refuted: bool) -> NoteBlock | None:
    """What the run means; nothing where it is what was asked for."""
    if not refuted:
        return NoteBlock((), f"{name}: possible", "good", None, rules) if kind == "reach" else None
    told = {
        "invariant": f"{name} is not true here",
        "step": f"{name} does not permit this step",
        "monitor": f"{name}: this step breaks an assertion",
        "transitions": f"{name} does not permit this change",
    }
    return NoteBlock((), told.get(kind, f"{name} is refuted"), "bad", None, rules)
