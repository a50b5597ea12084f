"""The single conditions of a step, and what would have to be otherwise for one to hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocpp_verify.ir.expr import FALSE, TRUE, And, Const, Eq, Expr, If, Not, Or, Quantified
from ocpp_verify.ir.model import Call, Conjunct, Model
from ocpp_verify.ir.show import Shower


def single_conditions(guards: Sequence[Conjunct]) -> list[tuple[Expr, Conjunct]]:
    """Each condition with the clause that it stands in."""
    return [
        (expr, conjunct)
        for conjunct in guards
        for expr in (conjunct.expr.args if isinstance(conjunct.expr, And) else (conjunct.expr,))
    ]


def reasons(condition: Expr) -> Iterator[tuple[Expr, Expr]]:
    """What the condition consists of, each with the condition as it is where that holds.

    Where the condition is false and the second of a pair is true, the first alone is the reason.
    """
    return _reasons(condition, is_wanted=True)


def _reasons(expr: Expr, *, is_wanted: bool) -> Iterator[tuple[Expr, Expr]]:
    match expr:
        case And() | Or() if not _is_choice(expr):
            for at, part in enumerate(expr.args):
                for reason, lifted in _reasons(part, is_wanted=is_wanted):
                    args = (*expr.args[:at], lifted, *expr.args[at + 1 :])
                    yield reason, replace(expr, args=args)
        case Not():
            for reason, lifted in _reasons(expr.body, is_wanted=not is_wanted):
                yield reason, Not(lifted)
        case If():
            for reason, lifted in _reasons(expr.yes, is_wanted=is_wanted):
                yield reason, replace(expr, yes=lifted)
            for reason, lifted in _reasons(expr.no, is_wanted=is_wanted):
                yield reason, replace(expr, no=lifted)
        case Quantified():
            for reason, lifted in _reasons(expr.body, is_wanted=is_wanted):
                yield reason, replace(expr, body=lifted)
        case _:
            yield (expr, TRUE) if is_wanted else (Not(expr), FALSE)


def _is_choice(expr: Expr) -> bool:
    """Whether it says that one thing has one of several values: `use[c] in {Idle, Engaged}`."""
    return isinstance(expr, Or) and all(
        isinstance(each, Eq)
        and isinstance(expr.args[0], Eq)
        and each.left == expr.args[0].left
        and isinstance(each.right, Const)
        for each in expr.args
    )


def shown_reasons(model: Model, step: str) -> frozenset[str]:
    """What `Action`, or the answer `Call.Outcome`, depends on, in the language's words."""
    shower = Shower(model.definitions)
    return frozenset(
        shower.expr(reason)
        for condition, _ in single_conditions(guards_of(model, step))
        for reason, _ in reasons(condition)
    )


def guards_of(model: Model, step: str) -> Sequence[Conjunct]:
    """The `when` clauses of `Action`, or of the answer `Call.Outcome` or `Call(…).Outcome`."""
    name, _, outcome = re.sub(r"\(.*\)", "", step).partition(".")
    action = model.action(name)
    if not outcome:
        return action.guards
    assert isinstance(action, Call), f"{name} is no call"
    return next(each.guards for each in action.replies if each.name == outcome)


def refusal_name(step: str, condition: str) -> str:
    """What it is called that this condition alone forbids the step."""
    return f"{step} without {condition}"
