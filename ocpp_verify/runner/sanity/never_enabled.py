"""An action, an answer or its arrival that no reachable state permits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocpp_verify.events import LintFound
from ocpp_verify.ir.formula import some
from ocpp_verify.ir.model import Call, Step
from ocpp_verify.ir.system import Command
from ocpp_verify.runner.sanity.subject import Answers, Subject, never
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV601", "never enabled"


@dataclass(frozen=True, slots=True)
class _Clause:
    """A group of commands that one clause makes. `after` has to be possible for it to be."""

    name: str
    step: Step
    phase: str
    action: str
    outcome: str | None
    message: str
    after: str | None = None

    def has(self, command: Command) -> bool:
        label = command.label
        return (
            label.phase == self.phase
            and label.action == self.action
            and label.outcome == self.outcome
            and command.at == self.step.at
        )


def _clauses(subject: Subject) -> Iterator[_Clause]:
    for action in subject.lowering.model.actions:
        name = action.name
        first = f"{CODE} {name}"
        if not isinstance(action, Call):
            yield _Clause(first, action, "step", name, None, f"`{name}` can never happen")
            continue
        phase = "queued" if action.queued else "sent"
        yield _Clause(first, action, phase, name, None, f"`{name}` can never be {phase}")
        before = first
        if action.queued:
            before = f"{first} sent"
            told = f"`{name}` is queued but can never be sent"
            yield _Clause(before, action, "sent", name, None, told, first)
        for at, reply in enumerate(action.replies):
            outcome = reply.name
            own = f"{first}.{outcome} {at}"
            shown = f"{name}.{outcome}" if outcome else name
            told = f"the answer `{shown}` can never be given"
            yield _Clause(own, reply, "reply", name, outcome, told, before)


def questions(subject: Subject) -> Iterator[Question]:
    """For each clause, whether one of its commands is ever enabled."""
    commands = subject.lowering.system.commands
    by_action: dict[str, list[Command]] = {}
    for command in commands:
        by_action.setdefault(command.label.action, []).append(command)
    for clause in _clauses(subject):
        mine = (each for each in by_action.get(clause.action, ()) if clause.has(each))
        yield Question(clause.name, some(each.guard for each in mine))


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """The clauses that are dead, without those that only follow from another one."""
    for clause in _clauses(subject):
        if never(answers, clause.name) and not (clause.after and never(answers, clause.after)):
            yield LintFound(
                CODE,
                TITLE,
                clause.message,
                clause.step.at,
                "a guard contradicts what leads here; weaken it, or remove the clause",
                clause.step.rules,
            )
