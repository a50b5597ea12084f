"""From typed expressions to ground formulas and terms, under given parameter values."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import product
from typing import TypeAlias, assert_never

from ocpp_verify.ir.expr import (
    And,
    AtMost,
    Const,
    Count,
    Eq,
    Expr,
    If,
    Minus,
    Next,
    Not,
    Or,
    Param,
    Plus,
    Quantified,
    VarRef,
    free_params,
    walk,
)
from ocpp_verify.ir.formula import NO, YES, after, among, choice, every, negation, some
from ocpp_verify.ir.system import Bool, Cell, Copy, Formula, Index, Term
from ocpp_verify.ir.types import Value, domain

Env: TypeAlias = Mapping[str, Value]
Cases: TypeAlias = dict[Value, Formula]
"""Possible values of an expression, each with the condition under which it is the value."""


class Grounding:
    """Translates expressions over the cells of one system.

    Translations are remembered by expression and by the values of its free parameters.
    """

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self._cells = cells
        self._where = {
            (cell.variable, cell.indices): number
            for number, cell in enumerate(cells)
            if cell.variable
        }
        self._updates: Mapping[int, Term] | None = None
        self.sizes = [len(cell.domain) for cell in cells]
        self._names: dict[int, tuple[Expr, tuple[str, ...], bool]] = {}
        self._truths: dict[tuple[object, ...], Formula] = {}
        self._cases: dict[tuple[object, ...], Cases] = {}
        self._values: list[Cases] = [
            {value: among(number, (at,), len(cell.domain)) for at, value in enumerate(cell.domain)}  # type: ignore[misc]
            for number, cell in enumerate(cells)
        ]

    def after(self, updates: Mapping[int, Term]) -> Grounding:
        """The same translation, with `Next` reading the state after these updates."""
        later = copy.copy(self)
        later._updates = updates
        return later

    def _key(self, expr: Expr, env: Env) -> tuple[object, ...] | None:
        """What the translation depends on; None if it must not be remembered."""
        known = self._names.get(id(expr))
        if known is None:
            timeless = not any(isinstance(node, Next) for node in walk(expr))
            # The expression is kept, so that its id stays its own.
            known = self._names[id(expr)] = (expr, tuple(sorted(free_params(expr))), timeless)
        if not known[2]:
            return None
        return (id(expr), *((type(env[name]), env[name]) for name in known[1]))

    def cell(self, variable: str, indices: tuple[Value, ...]) -> int:
        """The number of the cell; KeyError if there is none."""
        return self._where[variable, indices]

    def truth(self, expr: Expr, env: Env) -> Formula:
        """The Boolean expression as a formula."""
        key = self._key(expr, env)
        if key is None:
            return self._truth(expr, env)
        known = self._truths.get(key)
        if known is None:
            known = self._truths[key] = self._truth(expr, env)
        return known

    def _truth(self, expr: Expr, env: Env) -> Formula:
        match expr:
            case Const():
                return Bool(bool(expr.value))
            case Param():
                return Bool(bool(env[expr.name]))
            case VarRef() | If():
                return self.cases(expr, env).get(True, NO)
            case Next():
                assert self._updates is not None, "next() outside a step property"
                return after(self.truth(expr.body, env), self._updates, self.sizes)
            case Eq():
                return self._equal(expr.left, expr.right, env)
            case AtMost():
                left, right = self.cases(expr.left, env), self.cases(expr.right, env)
                return some(
                    every((left[low], right[high]))
                    for low, high in product(left, right)
                    if low <= high  # type: ignore[operator]
                )
            case Not():
                return negation(self.truth(expr.body, env))
            case And():
                return every(self.truth(each, env) for each in expr.args)
            case Or():
                return some(self.truth(each, env) for each in expr.args)
            case Quantified():
                parts = (
                    self.truth(expr.body, {**env, expr.name: value}) for value in domain(expr.over)
                )
                return every(parts) if expr.kind == "forall" else some(parts)
            case Count() | Plus() | Minus():
                raise TypeError(f"{type(expr).__name__} is a number, not a truth value")
            case _:
                assert_never(expr)

    def _equal(self, left: Expr, right: Expr, env: Env) -> Formula:
        these, those = self.cases(left, env), self.cases(right, env)
        return some(every((these[value], those[value])) for value in these if value in those)

    def cases(self, expr: Expr, env: Env) -> Cases:
        """The possible values of the expression, each with its condition.

        The conditions exclude each other and cover all states.
        """
        key = self._key(expr, env)
        if key is None:
            return self._split(expr, env)
        known = self._cases.get(key)
        if known is None:
            known = self._cases[key] = self._split(expr, env)
        return known

    def _split(self, expr: Expr, env: Env) -> Cases:
        match expr:
            case Const():
                return {expr.value: YES}
            case Param():
                return {env[expr.name]: YES}
            case VarRef():
                return self._read(expr, env)
            case If():
                condition = self.truth(expr.condition, env)
                if isinstance(condition, Bool):
                    return self.cases(expr.yes if condition.value else expr.no, env)
                return _merge(
                    (condition, self.cases(expr.yes, env)),
                    (negation(condition), self.cases(expr.no, env)),
                )
            case Next():
                assert self._updates is not None, "next() outside a step property"
                return _known(
                    {
                        value: after(condition, self._updates, self.sizes)
                        for value, condition in self.cases(expr.body, env).items()
                    }
                )
            case Count():
                counts: Cases = {0: YES}
                for value in domain(expr.over):
                    here = self.truth(expr.body, {**env, expr.name: value})
                    more: Cases = {number + 1: each for number, each in counts.items()}  # type: ignore[operator]
                    counts = _merge((here, more), (negation(here), counts))
                return counts
            case Plus() | Minus():
                sums: dict[Value, list[Formula]] = {}
                sign = 1 if isinstance(expr, Plus) else -1
                left, right = self.cases(expr.left, env), self.cases(expr.right, env)
                for one, other in product(left, right):
                    total = one + sign * other  # type: ignore[operator]
                    sums.setdefault(total, []).append(every((left[one], right[other])))
                return _known({value: some(parts) for value, parts in sums.items()})
            case Eq() | AtMost() | Not() | And() | Or() | Quantified():
                here = self.truth(expr, env)
                return _known({True: here, False: negation(here)})
            case _:
                assert_never(expr)

    def _read(self, expr: VarRef, env: Env) -> Cases:
        choices = [self.cases(index, env) for index in expr.indices]
        if all(len(each) == 1 for each in choices):
            number = self.cell(expr.name, tuple(next(iter(each)) for each in choices))
            return self._values[number]
        found: dict[Value, list[Formula]] = {}
        for indices in product(*choices):
            condition = every(each[at] for each, at in zip(choices, indices, strict=True))
            number = self.cell(expr.name, tuple(indices))
            cell = self._cells[number]
            for at, value in enumerate(cell.domain):
                here = every((condition, among(number, (at,), self.sizes[number])))
                found.setdefault(value, []).append(here)  # type: ignore[arg-type]
        return _known({value: some(parts) for value, parts in found.items()})

    def term(self, target: int, expr: Expr, env: Env) -> tuple[Term, Formula]:
        """The value for cell `target`, and the condition that it lies in the cell's domain."""
        where = {value: at for at, value in enumerate(self._cells[target].domain)}
        if isinstance(expr, VarRef) and all(
            isinstance(index, Const | Param) for index in expr.indices
        ):
            indices = tuple(
                index.value if isinstance(index, Const) else env[index.name]  # type: ignore[union-attr]
                for index in expr.indices
            )
            source = self.cell(expr.name, indices)
            values = self._cells[source].domain
            if all(value in where for value in values):
                return Copy(source, tuple(where[value] for value in values)), YES
        if isinstance(expr, If):
            condition = self.truth(expr.condition, env)
            if isinstance(condition, Bool):
                return self.term(target, expr.yes if condition.value else expr.no, env)
            yes, yes_fits = self.term(target, expr.yes, env)
            no, no_fits = self.term(target, expr.no, env)
            fits = every(
                (
                    some((negation(condition), yes_fits)),
                    some((condition, no_fits)),
                )
            )
            return choice(condition, yes, no), fits
        cases = self.cases(expr, env)
        inside = [(where[value], condition) for value, condition in cases.items() if value in where]
        if not inside:
            return Index(0), NO
        term: Term = Index(inside[-1][0])
        for at, condition in reversed(inside[:-1]):
            term = choice(condition, Index(at), term)
        return term, some(condition for _, condition in inside)


def _known(cases: Cases) -> Cases:
    return {value: condition for value, condition in cases.items() if condition != NO}


def _merge(*branches: tuple[Formula, Cases]) -> Cases:
    merged: dict[Value, list[Formula]] = {}
    for condition, cases in branches:
        for value, inner in cases.items():
            merged.setdefault(value, []).append(every((condition, inner)))
    return _known({value: some(parts) for value, parts in merged.items()})
