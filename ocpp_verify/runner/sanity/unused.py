"""State variables that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.events import LintFound
from ocpp_verify.runner.sanity.reading import read_variables
from ocpp_verify.runner.sanity.subject import Answers, Subject
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV605", "variable never read"


def questions(subject: Subject) -> Iterator[Question]:
    """None: the text tells."""
    yield from ()


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """Variables that no guard, value, duty, definition or property reads."""
    read = read_variables(subject.lowering.model, subject.properties)
    for each in subject.lowering.model.variables:
        if each.name not in read and not each.config and not each.trait and each.owner != "link":
            yield LintFound(
                CODE,
                TITLE,
                f"nothing reads `{each.name}`",
                each.at,
                "remove it, or use it in a guard or a property",
                each.rules,
            )
