"""State variables that keep their initial value in every run."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.events import LintFound
from ocpp_verify.ir.formula import among, negation, some
from ocpp_verify.ir.model import Variable
from ocpp_verify.runner.sanity.subject import Answers, Subject, never
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV606", "variable never changes"


def _watched(subject: Subject) -> Iterator[Variable]:
    for each in subject.lowering.model.variables:
        if each.owner != "link" and not each.config and not each.trait:
            yield each


def _is_assigned(subject: Subject, variable: Variable) -> bool:
    cells = subject.lowering.system.cells
    return any(
        cells[cell].variable == variable.name
        for command in subject.lowering.system.commands
        for cell, _ in command.updates
    )


def questions(subject: Subject) -> Iterator[Question]:
    """For each variable with one initial value, whether it can have another one."""
    cells = subject.lowering.system.cells
    for variable in _watched(subject):
        if variable.initial is not None:
            other = some(
                negation(among(number, cell.initial, len(cell.domain)))
                for number, cell in enumerate(cells)
                if cell.variable == variable.name
            )
            yield Question(f"{CODE} {variable.name}", other)


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """The variables that cannot."""
    for variable in _watched(subject):
        if variable.initial is None:
            constant = not _is_assigned(subject, variable)
            help = "declare it as a `trait`, which is fixed for a product"
        else:
            constant = never(answers, f"{CODE} {variable.name}")
            help = "let a reachable action assign it, or write its value instead of it"
        if constant:
            message = f"`{variable.name}` keeps its initial value in every run"
            yield LintFound(CODE, TITLE, message, variable.at, help, variable.rules)
