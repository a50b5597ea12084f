"""From syntax to typed expressions. What the other side of a comparison expects decides names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ocpp_verify.ir.expr import AtMost, Const, Count, Expr, Minus, Next, Plus
from ocpp_verify.ir.model import ONLINE
from ocpp_verify.ir.types import BOOL, EnumType, OptionType, RangeType, Type, domain
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Duplicate,
    Mismatch,
    NextOutside,
)
from ocpp_verify.lang.resolve.build import (
    all_of,
    any_of,
    bounds,
    choice,
    comparable,
    equal,
    fits,
    is_number,
    joined,
    negation,
    plain,
    quantified,
)
from ocpp_verify.lang.resolve.context import ANYTHING, Context, Local, Typed
from ocpp_verify.lang.resolve.names import (
    Names,
)
from ocpp_verify.lang.resolve.uses import Uses
from ocpp_verify.source import Place


class Expressions:
    """Resolves expressions of one linked model."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.facts = names.facts
        self.uses = Uses(names, self)

    # entry points -----------------------------------------------------------------------------

    def truth(self, expr: s.Expression, context: Context) -> Expr | None:
        """A Boolean expression."""
        return self.value(expr, context, BOOL, "a condition is bool")

    def value(
        self,
        expr: s.Expression,
        context: Context,
        wanted: Type | None,
        why: str = "",
        declared: Place | None = None,
        label: str = "declared here",
    ) -> Expr | None:
        """An expression of type `wanted`; a fact if it has another. None wants anything.

        `why` is the message, in which `{found}` stands for the type that was found; `label`
        stands beside `declared`.
        """
        typed = self.typed(expr, context, wanted if wanted is not None else ANYTHING)
        if typed is None or wanted is None:
            return typed[0] if typed else None
        found, of = typed
        if fits(of, wanted):
            return found
        help = ""
        if isinstance(of, OptionType) and fits(of.of, wanted):
            help = f"it may be `none`: compare it with a value, as in `exists x: {of.of} . … == x`"
        self.facts.append(
            Mismatch(
                why.replace("{found}", str(of)) or f"{wanted} is expected here",
                expr.at,
                f"this is {of}",
                declared,
                label if declared else "",
                help,
            )
        )
        return None

    # expressions ------------------------------------------------------------------------------

    def typed(self, expr: s.Expression, context: Context, expected: Type | None) -> Typed | None:
        """The expression and its type; None after a fact. `expected` only helps to decide names."""
        match expr:
            case s.Truth():
                return Const(expr.value, BOOL), BOOL
            case s.Nothing():
                return self._none(expr, expected)
            case s.Number():
                return self._number(expr, expected)
            case s.NameUse():
                return self.uses.name(expr.name, context, expected)
            case s.Qualified():
                return self.uses.qualified(expr, context)
            case s.Indexed():
                return self.uses.indexed(expr, context)
            case s.Applied():
                return self.uses.applied(expr, context)
            case s.Compare():
                return self._compare(expr, context)
            case s.OneOf():
                return self._one_of(expr, context)
            case s.Arithmetic():
                return self._arithmetic(expr, context)
            case s.Negation():
                body = self.truth(expr.body, context)
                return (negation(body), BOOL) if body is not None else None
            case s.Junction():
                parts = [self.truth(each, context) for each in expr.args]
                known = [each for each in parts if each is not None]
                if len(known) < len(parts):
                    return None
                return (all_of(known) if expr.kind == "and" else any_of(known)), BOOL
            case s.Implication():
                left, right = self.truth(expr.left, context), self.truth(expr.right, context)
                if left is None or right is None:
                    return None
                return any_of((negation(left), right)), BOOL
            case s.Conditional():
                return self._conditional(expr, context, expected)
            case s.Quantifier():
                return self._quantifier(expr, context)
            case s.Counting():
                return self._counting(expr, context)
            case s.After():
                return self._after(expr, context, expected)
            case s.Base():
                return self.uses.base(expr, context)
            case _:
                assert_never(expr)

    def _none(self, expr: s.Nothing, expected: Type | None) -> Typed | None:
        if isinstance(expected, OptionType):
            return Const(None, expected), expected
        if expected is not ANYTHING:
            message = (
                "nothing here says what is `none`"
                if expected is None
                else f"a value of {expected} is never `none`"
            )
            self.facts.append(Mismatch(message, expr.at, help="only a type `T?` has `none`"))
        return None

    def _number(self, expr: s.Number, expected: Type | None) -> Typed | None:
        wanted = plain(expected) if expected is not None else None
        if isinstance(wanted, EnumType) and wanted is not ANYTHING:
            if wanted.values and isinstance(wanted.values[0], int):
                if wanted.symmetric:
                    self.uses.symmetric(str(expr.value), wanted, expr.at)
                    return None
                if expr.value in wanted.values:
                    return Const(expr.value, wanted), wanted
                values = f"{wanted.values[0]}..{wanted.values[-1]}"
                self.facts.append(
                    Mismatch(f"{wanted} has the values {values}, not {expr.value}", expr.at)
                )
                return None
        elif isinstance(wanted, RangeType) and wanted.low <= expr.value <= wanted.high:
            return Const(expr.value, wanted), wanted
        own = RangeType(expr.value, expr.value)
        return Const(expr.value, own), own

    # operators --------------------------------------------------------------------------------

    def _leans(self, expr: s.Expression, context: Context) -> bool:
        """Whether the expression needs the other side to know its type."""
        match expr:
            case s.Nothing() | s.Number():
                return True
            case s.NameUse():
                text = expr.name.text
                symbol = self.names.values.get(text)
                return (
                    text not in context.locals
                    and text not in context.ghosts
                    and (symbol is None or symbol.profile not in context.visible)
                    and text != ONLINE
                )
            case s.Conditional():
                return self._leans(expr.yes, context) and self._leans(expr.no, context)
            case _:
                return False

    def _pair(
        self, left: s.Expression, right: s.Expression, context: Context
    ) -> tuple[Typed | None, Typed | None]:
        """Both sides, the one that knows its type first."""
        if self._leans(left, context) and not self._leans(right, context):
            second = self.typed(right, context, None)
            return self.typed(left, context, second[1] if second else ANYTHING), second
        first = self.typed(left, context, None)
        return first, self.typed(right, context, first[1] if first else ANYTHING)

    def _declaration(self, expr: s.Expression, context: Context) -> Place | None:
        match expr:
            case s.NameUse() | s.Indexed() | s.Applied():
                local = context.locals.get(expr.name.text)
                if local is not None and isinstance(expr, s.NameUse):
                    return local.at
                symbol = context.ghosts.get(expr.name.text) or self.names.values.get(expr.name.text)
                return symbol.at if symbol else None
            case _:
                return None

    def _compare(self, expr: s.Compare, context: Context) -> Typed | None:
        left, right = self._pair(expr.left, expr.right, context)
        if left is None or right is None:
            return None
        if expr.op in ("==", "!="):
            return self._equality(expr, left, right, context)
        for side, typed in ((expr.left, left), (expr.right, right)):
            if not is_number(typed[1]):
                self.facts.append(
                    Mismatch(
                        f"`{expr.op}` compares whole numbers",
                        side.at,
                        f"this is {typed[1]}",
                    )
                )
                return None
        forward, backward = AtMost(left[0], right[0]), AtMost(right[0], left[0])
        if expr.op in ("<=", ">="):
            return (forward if expr.op == "<=" else backward), BOOL
        return negation(backward if expr.op == "<" else forward), BOOL

    def _equality(
        self, expr: s.Compare, left: Typed, right: Typed, context: Context
    ) -> Typed | None:
        if not comparable(left[1], right[1]):
            at, other = expr.right, expr.left
            these, those = left[1], right[1]
            declared = self._declaration(other, context)
            if declared is None:
                declared = self._declaration(at, context)
                if declared is not None:
                    at, other, these, those = other, at, those, these
            word = other.name.text if isinstance(other, s.NameUse | s.Indexed | s.Applied) else ""
            self.facts.append(
                Mismatch(
                    f"cannot compare {left[1]} with {right[1]}",
                    at.at,
                    f"this is {those}",
                    declared,
                    f"`{word}` is {these}" if declared else "",
                )
            )
            return None
        result = equal(left[0], right[0])
        return (negation(result) if expr.op == "!=" else result), BOOL

    def _one_of(self, expr: s.OneOf, context: Context) -> Typed | None:
        left = self.typed(expr.left, context, None)
        parts: list[Expr] = []
        failed = left is None
        for option in expr.options:
            right = self.typed(option, context, left[1] if left else ANYTHING)
            if left is None or right is None:
                failed = True
            elif not comparable(left[1], right[1]):
                failed = True
                declared = self._declaration(expr.left, context)
                self.facts.append(
                    Mismatch(
                        f"cannot compare {left[1]} with {right[1]}",
                        option.at,
                        f"this is {right[1]}",
                        declared,
                        f"this is {left[1]}" if declared else "",
                    )
                )
            else:
                parts.append(equal(left[0], right[0]))
        return None if failed else (any_of(parts), BOOL)

    def _arithmetic(self, expr: s.Arithmetic, context: Context) -> Typed | None:
        left, right = self.typed(expr.left, context, None), self.typed(expr.right, context, None)
        for side, typed in ((expr.left, left), (expr.right, right)):
            if typed is not None and not isinstance(typed[1], RangeType):
                self.facts.append(
                    Mismatch(
                        f"`{expr.op}` works on whole numbers of a range",
                        side.at,
                        f"this is {typed[1]}",
                    )
                )
                return None
        if left is None or right is None:
            return None
        one, two = bounds(left[1]), bounds(right[1])
        assert one is not None
        assert two is not None
        if expr.op == "+":
            of = RangeType(one[0] + two[0], one[1] + two[1])
            return Plus(left[0], right[0]), of
        return Minus(left[0], right[0]), RangeType(one[0] - two[1], one[1] - two[0])

    def _conditional(
        self, expr: s.Conditional, context: Context, expected: Type | None
    ) -> Typed | None:
        condition = self.truth(expr.condition, context)
        if expected is not None and expected is not ANYTHING:
            yes = self.typed(expr.yes, context, expected)
            no = self.typed(expr.no, context, expected)
        else:
            yes, no = self._branches(expr, context, expected)
        if condition is None or yes is None or no is None:
            return None
        of = joined(yes[1], no[1])
        if of is None:
            self.facts.append(
                Mismatch(
                    f"one branch is {yes[1]}, the other {no[1]}",
                    expr.no.at,
                    f"this is {no[1]}",
                    expr.yes.at,
                    f"this is {yes[1]}",
                )
            )
            return None
        return choice(condition, yes[0], no[0]), of

    def _branches(
        self, expr: s.Conditional, context: Context, expected: Type | None
    ) -> tuple[Typed | None, Typed | None]:
        if self._leans(expr.yes, context) and not self._leans(expr.no, context):
            no = self.typed(expr.no, context, expected)
            wanted = _optional(no[1]) if no and isinstance(expr.yes, s.Nothing) else None
            yes = self.typed(expr.yes, context, wanted or (no[1] if no else ANYTHING))
            return yes, no
        yes = self.typed(expr.yes, context, expected)
        wanted = _optional(yes[1]) if yes and isinstance(expr.no, s.Nothing) else None
        return yes, self.typed(expr.no, context, wanted or (yes[1] if yes else ANYTHING))

    # binders ----------------------------------------------------------------------------------

    def bind(self, names: Sequence[s.Name], over: s.TypeSyntax, context: Context) -> Context:
        """The context in which these names range over the type."""
        of = self.names.type(over, context.visible)
        new: dict[str, Local] = {}
        for name in names:
            first = context.locals.get(name.text) or new.get(name.text)
            if first is not None:
                self.facts.append(Duplicate("the name", name, first.at))
            new[name.text] = Local(of, name.at)
        return context.inner(new)

    def _quantifier(self, expr: s.Quantifier, context: Context) -> Typed | None:
        inner = self.bind(expr.names, expr.over, context)
        body = self.truth(expr.body, inner)
        of = inner.locals[expr.names[0].text].type
        if body is None or of is None:
            return None
        for name in reversed(expr.names):
            body = quantified(expr.kind, name.text, of, body)
        return body, BOOL

    def _counting(self, expr: s.Counting, context: Context) -> Typed | None:
        inner = self.bind((expr.name,), expr.over, context)
        body = self.truth(expr.body, inner)
        of = inner.locals[expr.name.text].type
        if body is None or of is None:
            return None
        return Count(expr.name.text, of, body), RangeType(0, len(domain(of)))

    def _after(self, expr: s.After, context: Context, expected: Type | None) -> Typed | None:
        if not context.may_next or context.in_next:
            self.facts.append(NextOutside(expr.at, context.in_next))
            return None
        inner = context.inner({})
        inner.in_next = True
        body = self.typed(expr.body, inner, expected)
        if body is None:
            return None
        return (body[0] if isinstance(body[0], Const) else Next(body[0])), body[1]


def _optional(of: Type) -> Type:
    return of if isinstance(of, OptionType) else OptionType(of)
