"""What a sanity analysis looks at, and the shape of one.

An analysis is a module with a `CODE`, a `TITLE`, `questions(subject)`, which are put to the engines
together with the properties, and `findings(subject, answers)`, which reads the answers. A question
that is left open makes no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ocpp_verify.events import Evidence, LintFound
from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.properties import Property
from ocpp_verify.semantics.result import Answer, Question, Reached, Unreachable

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Subject:
    """A model with its properties, lowered together with all its monitors."""

    lowering: Lowering
    properties: tuple[Property, ...]


class Analysis(Protocol):
    """A module of this package."""

    @property
    def CODE(self) -> str: ...  # noqa: N802

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    def questions(self, subject: Subject) -> Iterator[Question]: ...

    def findings(self, subject: Subject, answers: Answers) -> Iterator[LintFound]: ...


def never(answers: Answers, name: str) -> bool:
    """Whether the question is answered, and the state does not exist."""
    return isinstance(answers.get(name), Unreachable)


def shown(subject: Subject, answers: Answers, name: str) -> Evidence | None:
    """The trace to the state, if it exists."""
    answer = answers.get(name)
    if isinstance(answer, Reached):
        return Evidence(subject.lowering, answer.trace, answer.shortest)
    return None
