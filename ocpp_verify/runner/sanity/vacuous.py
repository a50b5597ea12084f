"""A property that holds because what it speaks about never happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ocpp_verify.events import LintFound
from ocpp_verify.ir.expr import And, Expr, Not, Or, Quantified, conjunction
from ocpp_verify.ir.formula import every, some
from ocpp_verify.ir.properties import Invariant, Monitor, Pattern, StepProperty
from ocpp_verify.ir.system import Formula
from ocpp_verify.runner.sanity.subject import Answers, Subject, never
from ocpp_verify.semantics.result import Question

CODE, TITLE = "OV602", "vacuous property"


def questions(subject: Subject) -> Iterator[Question]:
    """Whether each premise can be true, and each watched step can happen."""
    for each in subject.properties:
        match each:
            case Invariant():
                for at, premise in enumerate(premises(each.expr)):
                    yield Question(_name(each.name, at), subject.lowering.formula(premise))
            case StepProperty():
                for at, premise in enumerate(premises(each.expr)):
                    yield Question(_name(each.name, at), _in_a_step(subject, premise))
            case Monitor():
                for at in range(len(each.watches)):
                    yield Question(_name(each.name, at), subject.lowering.seen[each.name, at])
            case _:
                pass


def findings(subject: Subject, answers: Answers) -> Iterator[LintFound]:
    """Premises that are never true, and watches that never see a step."""
    for each in subject.properties:
        match each:
            case Invariant() | StepProperty():
                count = sum(1 for _ in premises(each.expr))
                for at in range(count):
                    if never(answers, _name(each.name, at)):
                        message = f"`{each.name}` says nothing: what it supposes is never true"
                        if count > 1:
                            part = f"what its implication {at + 1} of {count} supposes"
                            message = f"`{each.name}` says less than it seems: {part} is never true"
                        yield LintFound(CODE, TITLE, message, each.at, _HELP, each.rules)
            case Monitor():
                for at, watch in enumerate(each.watches):
                    if never(answers, _name(each.name, at)):
                        seen = _shown(watch.pattern)
                        message = f"`{each.name}` watches for `{seen}`, which never happens"
                        yield LintFound(CODE, TITLE, message, watch.at, _HELP, each.rules)
            case _:
                pass


_HELP = "a larger `--size` may make it possible; else weaken what it supposes, or remove it"


def premises(expr: Expr) -> Iterator[Expr]:
    """The `A` of each `A implies B` in the expression, as a condition on some values.

    Conjuncts are looked at one by one; a `forall` around them becomes an `exists`.
    """
    match expr:
        case And():
            for each in expr.args:
                yield from premises(each)
        case Quantified(kind="forall"):
            for inner in premises(expr.body):
                yield replace(expr, kind="exists", body=inner)
        case Or():
            negated = tuple(each.body for each in expr.args if isinstance(each, Not))
            positive = [each for each in expr.args if not isinstance(each, Not)]
            if negated and positive:
                outer = conjunction(negated)
                yield outer
                for each in positive:
                    for inner in premises(each):
                        yield conjunction((outer, inner))
        case _:
            return


def _in_a_step(subject: Subject, premise: Expr) -> Formula:
    lowering = subject.lowering
    return some(
        every((command.guard, lowering.grounding.after(dict(command.updates)).truth(premise, {})))
        for command in lowering.system.commands
    )


def _shown(pattern: Pattern) -> str:
    outcome = f".{pattern.outcome}" if pattern.outcome else ""
    phase = f" {pattern.phase}" if pattern.phase in ("received", "lost") else ""
    return f"{pattern.action}{outcome}{phase}"


def _name(name: str, at: int) -> str:
    return f"{CODE} {name} {at}"
