"""What of a check is lowered together, and the questions that come of it.

Properties of one kind share a lowered system: all but the scenarios with all monitors beside each
other, and each scenario in a system of its own, since its progress multiplies the states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ocpp_verify.events import Event
from ocpp_verify.ir.lower import lower
from ocpp_verify.ir.properties import Monitor, Pattern, Scenario
from ocpp_verify.runner.deadline import Deadline
from ocpp_verify.runner.engines import Workshop
from ocpp_verify.runner.goals import from_nothing, goals, milestones
from ocpp_verify.runner.ledger import Ledger
from ocpp_verify.runner.portfolio import Portfolio
from ocpp_verify.runner.project import Project
from ocpp_verify.runner.sanity import ALL, Analysis, Subject
from ocpp_verify.runner.tactics import Hints, Limits, Tactics
from ocpp_verify.semantics.questions import Asked, Obligation, ask
from ocpp_verify.semantics.result import Question

SCENARIO_WEIGHT = 0.5
"""Share of time of a scenario, where all other properties together have 1 for each scenario."""


@dataclass(frozen=True, slots=True)
class Task:
    """Obligations that are decided in one lowered system. `weight`: its share of the time."""

    what: str
    wanted: tuple[Obligation, ...]
    monitors: tuple[Monitor, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    weight: float = 1.0
    sanity: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A task with its lowered system and what is known of its questions.

    `analyses` are the sanity analyses, each with the names of its questions.
    """

    task: Task
    subject: Subject
    asked: Sequence[Asked]
    analyses: Sequence[tuple[Analysis, tuple[str, ...]]]
    portfolio: Portfolio

    @property
    def ledger(self) -> Ledger:
        """What is known."""
        return self.portfolio.tactics.ledger


def tasks(wanted: Sequence[Obligation], sanity: bool) -> Iterator[Task]:
    """What to lower together: a scenario alone, everything else with all monitors.

    Scenarios come first: most take little of their time, and leave the rest of it to the others.
    """
    together = [each for each in wanted if not isinstance(each.property, Scenario)]
    alone = [each for each in wanted if isinstance(each.property, Scenario)]
    monitors = tuple(each.property for each in together if isinstance(each.property, Monitor))
    for each in alone:
        assert isinstance(each.property, Scenario)
        yield Task(f"scenario {each.name}", (each,), (), (each.property,), SCENARIO_WEIGHT)
    if together or sanity:
        weight = max(1.0, len(alone))
        yield Task("the model", tuple(together), monitors, (), weight, sanity)


def prepare(
    project: Project,
    task: Task,
    limits: Limits,
    deadline: Deadline,
    emit: Callable[[Event], None],
    make: Workshop,
    witnesses: bool,
) -> Work:
    """The task lowered, with its questions and those of the sanity analyses; nothing is decided yet.

    With `witnesses` a short trace is worth time for what is reached as expected, too.
    """
    assert project.model is not None, "the project has errors"
    lowering = lower(project.model, task.monitors, task.scenarios)
    asked = ask(lowering, task.wanted)
    subject = Subject(lowering, project.properties)
    questions = [(each, list(each.questions(subject))) for each in ALL if task.sanity]
    minor: list[Question] = [each for _, own in questions for each in own]
    analyses = [(each, tuple(question.name for question in own)) for each, own in questions]
    ledger = Ledger(
        lowering.system,
        [*(each.question for each in asked), *minor],
        emit,
        urgent=frozenset(each.name for each in task.wanted if not each.good or witnesses),
        minor=frozenset(each.name for each in minor),
    )
    scenarios = [each for each in task.wanted if isinstance(each.property, Scenario)]
    hints = Hints(
        goals={
            **{each.question.name: goals(lowering, each) for each in asked},
            **{each.name: from_nothing(each) for each in minor},
        },
        milestones={each.name: milestones(lowering, each.name) for each in scenarios},
        named={each.name: _named(each.property) for each in scenarios},
    )
    tactics = Tactics(task.what, ledger, hints, limits, deadline, make)
    return Work(task, subject, asked, analyses, Portfolio(tactics))


def _named(scenario: object) -> frozenset[str]:
    assert isinstance(scenario, Scenario)
    return frozenset(each.action for each in scenario.items if isinstance(each, Pattern))
