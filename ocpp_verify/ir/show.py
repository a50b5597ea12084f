"""Expressions and updates in the language's own words.

Definitions were expanded when the model was linked; `Shower` finds them again, so that a table says
`running(connectorId)` and not what that stands for. What it writes parses back to the same meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

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
    children,
    free_params,
    walk,
)
from ocpp_verify.ir.model import (
    Assign,
    ClearQueue,
    Definition,
    ForEach,
    Parameter,
    Restart,
    SetLink,
    Update,
)
from ocpp_verify.ir.types import Value

# How tightly an operator binds; an operand that binds less gets parentheses.
_OPEN, _IMPLIES, _OR, _AND, _NOT, _COMPARE, _SUM, _ATOM = range(8)


def shown_value(value: Value) -> str:
    """A value as it is written.

    >>> shown_value(None), shown_value(True), shown_value("Charging")
    ('none', 'true', 'Charging')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)


def shown_params(params: Sequence[Parameter]) -> str:
    """Parameters with their types, as a header declares them."""
    return ", ".join(
        f"{'internal ' if each.internal else ''}{each.name}: {each.type}" for each in params
    )


class Shower:
    """Writes expressions; `definitions` are the names that it may use."""

    def __init__(self, definitions: Sequence[Definition] = ()) -> None:
        useful = [each for each in definitions if not isinstance(each.body, Const | Param | VarRef)]
        self._definitions = sorted(useful, key=lambda each: -_size(each.body))

    def expr(self, expr: Expr) -> str:
        """The expression as text."""
        return self._at(expr, _OPEN)

    def update(self, update: Update) -> str:
        """The update as text, on one line."""
        match update:
            case Assign():
                where = ", ".join(self.expr(each) for each in update.indices)
                target = f"{update.variable}[{where}]" if where else update.variable
                return f"{target} := {self.expr(update.value)}"
            case ForEach():
                inner = ", ".join(self.update(each) for each in update.updates)
                only = self.expr(update.condition)
                condition = "" if only == "true" else f" if {only}"
                return f"for {update.name}: {update.over}{condition} {{ {inner} }}"
            case Restart():
                return f"restart {update.role}"
            case SetLink():
                return "connect" if update.up else "disconnect"
            case ClearQueue():
                return "forget queue"
            case _:
                assert_never(update)

    def _at(self, expr: Expr, least: int) -> str:
        text, binds = self._shown(expr)
        return f"({text})" if binds < least else text

    def _shown(self, expr: Expr) -> tuple[str, int]:
        """The text and how tightly its outermost operator binds."""
        named = self._named(expr)
        if named is not None:
            return named, _ATOM
        match expr:
            case Const():
                return shown_value(expr.value), _ATOM
            case Param():
                return expr.name, _ATOM
            case VarRef():
                where = ", ".join(self.expr(each) for each in expr.indices)
                return (f"{expr.name}[{where}]" if where else expr.name), _ATOM
            case Next():
                return f"next({self.expr(expr.body)})", _ATOM
            case Eq():
                return self._compared("==", expr.left, expr.right)
            case AtMost():
                return self._compared("<=", expr.left, expr.right)
            case Not(Eq() as body) if self._named(body) is None:
                return self._compared("!=", body.left, body.right)
            case Not(AtMost() as body) if self._named(body) is None:
                return self._compared("<", body.right, body.left)
            case Not():
                return f"not {self._at(expr.body, _NOT)}", _NOT
            case And():
                return self._joined(expr.args, "and", _AND, And)
            case Or(args=(Not() as first, second)) if self._reads_as_implication(first, second):
                premise = self._at(first.body, _OR)
                return f"{premise} implies {self._at(second, _IMPLIES)}", _IMPLIES
            case Or():
                return self._joined(expr.args, "or", _OR, Or)
            case If():
                parts = (self.expr(each) for each in (expr.condition, expr.yes, expr.no))
                return "if {} then {} else {}".format(*parts), _OPEN
            case Quantified():
                inner = self.expr(expr.body)
                return f"{expr.kind} {expr.name}: {expr.over} . {inner}", _OPEN
            case Count():
                return f"count({expr.name}: {expr.over} . {self.expr(expr.body)})", _ATOM
            case Plus():
                return f"{self._at(expr.left, _SUM)} + {self._at(expr.right, _ATOM)}", _SUM
            case Minus():
                return f"{self._at(expr.left, _SUM)} - {self._at(expr.right, _ATOM)}", _SUM
            case _:
                assert_never(expr)

    def _compared(self, operator: str, left: Expr, right: Expr) -> tuple[str, int]:
        return f"{self._at(left, _SUM)} {operator} {self._at(right, _SUM)}", _COMPARE

    def _reads_as_implication(self, first: Not, second: Expr) -> bool:
        """`a != 1 or b != 2` reads better as it is."""
        return not (
            isinstance(first.body, Eq | AtMost)
            and self._named(first.body) is None
            and isinstance(second, Not)
        )

    def _joined(
        self, args: Sequence[Expr], word: str, binds: int, kind: type[And | Or]
    ) -> tuple[str, int]:
        parts: list[str] = []
        outer = binds
        at = 0
        while at < len(args):
            found = self._run(args, at, kind)
            text, taken, tightness = found or (self._at(args[at], binds + 1), 1, binds)
            parts.append(text)
            at += taken
            if taken == len(args):
                outer = tightness
        return f" {word} ".join(parts), outer

    def _run(
        self, args: Sequence[Expr], at: int, kind: type[And | Or]
    ) -> tuple[str, int, int] | None:
        """Operands from `at` on that are one definition, or one `in {…}`; and how many they are."""
        for each in self._definitions:
            body = each.body
            if isinstance(body, kind) and at + len(body.args) <= len(args):
                name = self._use(each, kind(tuple(args[at : at + len(body.args)])))
                if name is not None:
                    return name, len(body.args), _ATOM
        if kind is Or:
            values = list(_options(args[at:]))
            if len(values) > 1:
                first = args[at]
                assert isinstance(first, Eq)
                shown = ", ".join(self.expr(each) for each in values)
                return f"{self._at(first.left, _SUM)} in {{{shown}}}", len(values), _COMPARE
        return None

    def _named(self, expr: Expr) -> str | None:
        """The use of a definition that the expression is, if it is one."""
        if isinstance(expr, Const | Param | VarRef):
            return None
        uses = (self._use(each, expr) for each in self._definitions)
        return next((each for each in uses if each is not None), None)

    def _use(self, definition: Definition, expr: Expr) -> str | None:
        found: dict[str, Expr] = {}
        names = {each.name for each in definition.params}
        if not _matches(definition.body, expr, names, {}, found) or names - found.keys():
            return None
        args = ", ".join(self.expr(found[each.name]) for each in definition.params)
        return f"{definition.name}({args})"


def _size(expr: Expr) -> int:
    return sum(1 for _ in walk(expr))


def _options(args: Sequence[Expr]) -> Iterator[Expr]:
    """The right sides of the leading equations that have the same left side and a value."""
    first = args[0]
    for each in args:
        if not isinstance(each, Eq) or not isinstance(first, Eq) or each.left != first.left:
            return
        if not isinstance(each.right, Const):
            return
        yield each.right


def _matches(
    pattern: Expr,
    expr: Expr,
    names: set[str],
    bound: Mapping[str, str],
    found: dict[str, Expr],
) -> bool:
    """Whether the expression is the pattern with expressions in place of `names`.

    `bound` maps the pattern's own quantified names to those of the expression.
    """
    if isinstance(pattern, Param):
        if pattern.name in bound:
            return isinstance(expr, Param) and expr.name == bound[pattern.name]
        if pattern.name in names:
            if free_params(expr) & set(bound.values()):
                return False
            return found.setdefault(pattern.name, expr) == expr
        return pattern == expr
    if type(pattern) is not type(expr):
        return False
    match pattern:
        case Const():
            return pattern == expr
        case VarRef():
            assert isinstance(expr, VarRef)
            if pattern.name != expr.name:
                return False
        case Quantified():
            assert isinstance(expr, Quantified)
            if (pattern.kind, pattern.over) != (expr.kind, expr.over):
                return False
            bound = {**bound, pattern.name: expr.name}
        case Count():
            assert isinstance(expr, Count)
            if pattern.over != expr.over:
                return False
            bound = {**bound, pattern.name: expr.name}
        case _:
            pass
    these, those = children(pattern), children(expr)
    return len(these) == len(those) and all(
        _matches(one, other, names, bound, found) for one, other in zip(these, those, strict=True)
    )
