"""Where the search for an answer begins: which cells a question is about, and what is on the way."""

from __future__ import annotations

from collections.abc import Sequence

from ocpp_verify.ir.formula import among, cells_of
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.properties import Monitor, Scenario, StepProperty, Transitions
from ocpp_verify.ir.system import Formula
from ocpp_verify.runner.instances import alternatives, instances
from ocpp_verify.runner.refinement import Goal
from ocpp_verify.semantics.questions import Asked
from ocpp_verify.semantics.result import Question


def goals(lowering: Lowering, asked: Asked) -> list[Goal]:
    """Beginnings with what the property watches, and not with all that it could read."""
    parts = tuple(here for _, here in asked.steps)
    each = asked.obligation.property
    match each:
        case Transitions():
            return instances(asked.question, parts, asked.watched)
        case Monitor():
            names = {ghost.name for ghost in each.ghosts}
            ghosts = frozenset(
                at for at, cell in enumerate(lowering.system.cells) if cell.variable in names
            )
            return instances(asked.question, parts, [cells_of(here) & ghosts for here in parts])
        case StepProperty():
            seed = cells_of(lowering.grounding.after({}).truth(each.expr, {}))
            return [Goal(asked.question, seed, parts)]
        case Scenario():
            return [Goal(asked.question, None, ())]
        case _:
            parts = tuple(alternatives(asked.question.goal))
            return instances(asked.question, parts, [cells_of(here) for here in parts])


def from_nothing(question: Question) -> list[Goal]:
    """For sanity questions: most guards contradict each other on a few cells."""
    return [Goal(question, frozenset(), tuple(alternatives(question.goal)))]


def milestones(lowering: Lowering, scenario: str) -> Sequence[Formula]:
    """For each item of a scenario the condition that it has happened."""
    cell = lowering.system.cell(f"progress of {scenario}")
    marks = lowering.system.cells[cell].domain
    done = [mark[1] for mark in marks if isinstance(mark, tuple)]
    return [
        among(cell, (at for at, count in enumerate(done) if count >= wanted), len(marks))
        for wanted in range(1, max(done) + 1)
    ]
