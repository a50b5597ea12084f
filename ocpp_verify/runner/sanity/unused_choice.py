"""Configuration keys and traits that make no difference."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.events import LintFound
from ocpp_verify.runner.sanity.reading import read_variables
from ocpp_verify.runner.sanity.subject import Answers, Subject
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV607", "configuration key or trait never used"


def questions(subject: Subject) -> Iterator[Question]:
    """None: the text tells."""
    yield from ()


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """Configuration keys and traits that nothing reads."""
    read = read_variables(subject.lowering.model, subject.properties)
    for each in subject.lowering.model.variables:
        if each.name not in read and (each.config or each.trait):
            kind = "trait" if each.trait else "configuration key"
            yield LintFound(
                CODE,
                TITLE,
                f"the {kind} `{each.name}` makes no difference: nothing reads it",
                each.at,
                "remove it, or let a guard or an update depend on it",
                each.rules,
            )
