"""Spacer, z3's property-directed reachability, under lemmas that are known to be inductive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import z3

from ocpp_verify.engines.symbolic.encoding import Contradiction, Encoding
from ocpp_verify.engines.symbolic.induction import GaveUp, Induction
from ocpp_verify.engines.symbolic.lemmas import Lemma
from ocpp_verify.ir.system import Formula


@dataclass(frozen=True, slots=True)
class Proved:
    """The goal is unreachable. `rechecked`: other solver calls confirmed Spacer's invariant."""

    rechecked: bool


@dataclass(frozen=True, slots=True)
class Reachable:
    """Spacer found a run; it does not say which."""


@dataclass(frozen=True, slots=True)
class Unsolved:
    """Spacer gave up, in its own words."""

    reason: str


Outcome: TypeAlias = Proved | Reachable | Unsolved


def spacer(induction: Induction, goal: Formula, lemmas: Sequence[Lemma], timeout: float) -> Outcome:
    """One query: one rule with a disjunction over all commands, which is what Spacer likes best."""
    encoding = induction.encoding
    fixedpoint = z3.Fixedpoint(ctx=encoding.context)
    fixedpoint.set(engine="spacer", timeout=max(1, int(timeout * 1000)))
    # The relation has to come back with all its arguments, for the invariant.
    fixedpoint.set("xform.slice", False)
    fixedpoint.set("xform.inline_linear", False)
    fixedpoint.set("xform.inline_eager", False)
    boolean = z3.BoolSort(encoding.context)
    reached: Any = z3.Function("reached", *(each.sort() for each in encoding.now), boolean)
    bad: Any = z3.Function("bad", boolean)
    fixedpoint.register_relation(reached, bad)
    fixedpoint.declare_var(*encoding.now, *encoding.then)
    known = encoding.every([z3.Not(induction.lemma(each)) for each in lemmas])
    fixedpoint.rule(reached(*encoding.now), encoding.initial())
    steps = [
        z3.And(encoding.truth(command.guard), encoding.step(dict(command.updates)))
        for command in encoding.system.commands
    ]
    if steps:
        fixedpoint.rule(
            reached(*encoding.then), z3.And(reached(*encoding.now), known, encoding.some(steps))
        )
    fixedpoint.rule(bad(), z3.And(reached(*encoding.now), known, encoding.truth(goal)))
    try:
        answer = fixedpoint.query(bad())
    except z3.Z3Exception as problem:
        return Unsolved(str(problem))
    if answer == z3.unsat:
        try:
            return Proved(_recheck(induction, goal, lemmas, fixedpoint.get_answer(), reached))
        except GaveUp:
            return Proved(rechecked=False)
    if answer == z3.sat:
        return Reachable()
    return Unsolved(str(fixedpoint.reason_unknown()))


def _recheck(
    induction: Induction, goal: Formula, lemmas: Sequence[Lemma], answer: Any, reached: Any
) -> bool:
    """Whether the answer holds an invariant that, with the lemmas, is inductive and excludes the goal."""
    encoding = induction.encoding
    invariant = _invariant(encoding, answer, reached)
    if invariant is None:
        return False
    start = induction.solver()
    start.add(encoding.initial(), z3.Not(invariant))
    solver = induction.solver(induction.lemma(each) for each in lemmas)
    solver.add(invariant)
    if not isinstance(induction.ask(start), Contradiction):
        return False
    if not isinstance(induction.ask(solver, encoding.truth(goal)), Contradiction):
        return False
    for command in range(len(encoding.system.commands)):
        written = induction.written(command)
        pairs = [(encoding.now[cell], encoding.then[cell]) for cell in sorted(written)]
        solver.push()
        solver.add(induction.step(command), z3.Not(z3.substitute(invariant, *pairs)))
        reply = induction.ask(solver)
        solver.pop()
        if not isinstance(reply, Contradiction):
            return False
    return True


def _invariant(encoding: Encoding, answer: Any, reached: Any) -> Any | None:
    """The body of `forall cells: reached(cells) == body` in the answer, over `now`."""
    pending = [answer]
    while pending:
        term = pending.pop()
        if z3.is_quantifier(term):
            body = term.body()
            if z3.is_eq(body) and body.arg(0).decl().name() == reached.name():
                head = body.arg(0)
                places = [z3.get_var_index(head.arg(at)) for at in range(head.num_args())]
                terms = [encoding.now[0]] * term.num_vars()
                for cell, place in enumerate(places):
                    terms[place] = encoding.now[cell]
                return z3.substitute_vars(body.arg(1), *terms)
        elif z3.is_and(term):
            pending += term.children()
    return None
