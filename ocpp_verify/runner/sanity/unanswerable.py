"""A call waits for its answer in a state that permits none, though the receiver is not silent."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.events import LintFound
from ocpp_verify.ir.formula import every, negation, some
from ocpp_verify.ir.system import GroundDuty
from ocpp_verify.runner.sanity.subject import Answers, Subject, shown
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV604", "call without an answer"


def _waiting(subject: Subject) -> Iterator[GroundDuty]:
    for duty in subject.lowering.system.duties:
        if duty.name.startswith("answer "):
            yield duty


def questions(subject: Subject) -> Iterator[Question]:
    """For each call, whether it can wait while no reply is enabled."""
    commands = subject.lowering.system.commands
    for duty in _waiting(subject):
        none = negation(some(commands[number].guard for number in duty.discharged_by))
        yield Question(f"{CODE} {duty.name}", every((duty.pending, none)))


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """The calls that can, each with a trace."""
    for duty in _waiting(subject):
        evidence = shown(subject, answers, f"{CODE} {duty.name}")
        if evidence is not None:
            call = duty.name.removeprefix("answer ")
            yield LintFound(
                CODE,
                TITLE,
                f"`{call}` waits for an answer in a state in which no `reply` is permitted",
                duty.at,
                "add a `reply` for this case, or `silent when` if the receiver may ignore it",
                duty.rules,
                evidence,
            )
