"""A duty is pending in a state that forbids to do it."""

from __future__ import annotations

from collections.abc import Iterator

from ocpp_verify.events import LintFound
from ocpp_verify.ir.formula import every, negation, some
from ocpp_verify.ir.system import GroundDuty
from ocpp_verify.runner.sanity.subject import Answers, Subject, shown
from ocpp_verify.semantics.result import Question
from ocpp_verify.source import Place

CODE, TITLE = "OV603", "duty that cannot be done"


def _duties(subject: Subject) -> dict[tuple[Place, str], list[GroundDuty]]:
    """Ground duties by the clause they come from; answers have an analysis of their own."""
    found: dict[tuple[Place, str], list[GroundDuty]] = {}
    for duty in subject.lowering.system.duties:
        if not duty.name.startswith("answer "):
            found.setdefault((duty.at, duty.name.partition("(")[0]), []).append(duty)
    return found


def questions(subject: Subject) -> Iterator[Question]:
    """For each duty, whether it can be pending while nothing that discharges it is enabled."""
    commands = subject.lowering.system.commands
    for (at, action), duties in _duties(subject).items():
        stuck = some(
            every(
                (
                    duty.pending,
                    negation(some(commands[number].guard for number in duty.discharged_by)),
                )
            )
            for duty in duties
        )
        yield Question(_name(at, action), stuck)


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """The duties for which it can, each with a trace."""
    for (at, action), duties in _duties(subject).items():
        evidence = shown(subject, answers, _name(at, action))
        if evidence is not None:
            if duties[0].name == action:
                message = f"the duty to {action} is pending in a state that does not permit it"
            else:
                message = f"`must {action}` is pending in a state whose guards do not permit it"
            yield LintFound(
                CODE,
                TITLE,
                message,
                at,
                "let the `while` of the duty imply the `when` of the action",
                duties[0].rules,
                evidence,
            )


def _name(at: Place, action: str) -> str:
    return f"{CODE} {action} {at}"
