"""From syntax to typed expressions. What the other side of a comparison expects decides names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from ocpp_verify.ir.expr import TRUE, AtMost, Const, Count, Expr, Minus, Next, Param, Plus, VarRef
from ocpp_verify.ir.model import ONLINE, Owner, Parameter, Role
from ocpp_verify.ir.types import BOOL, EnumType, OptionType, RangeType, Type, domain
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Ambiguous,
    BaseOutside,
    Cycle,
    Duplicate,
    GhostOutside,
    Mismatch,
    Misused,
    NamesSymmetric,
    NextOutside,
    NotConstant,
    ParamRead,
    Read,
    TooLarge,
    WrongCount,
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
    is_reasonable,
    joined,
    negation,
    plain,
    quantified,
    substitute,
)
from ocpp_verify.lang.resolve.names import (
    DefinitionSymbol,
    Expanded,
    Names,
    ReadingSymbol,
    SettingSymbol,
    VariableSymbol,
)
from ocpp_verify.source import NOWHERE, Place

Typed: TypeAlias = tuple[Expr, Type]

ANYTHING = EnumType("", ())
"""Expected where something else failed already: stay silent about what only echoes it."""


@dataclass(frozen=True, slots=True)
class Local:
    """A parameter or bound name. `internal` is the only role that knows it."""

    type: Type | None
    at: Place
    internal: Role | None = None
    computed: bool = False
    is_param: bool = False


@dataclass(slots=True)
class Context:
    """Where an expression stands: what it sees, and what it turned out to read."""

    visible: frozenset[str]
    locals: dict[str, Local] = field(default_factory=dict)
    ghosts: dict[str, VariableSymbol] = field(default_factory=dict)
    base: Expanded | None = None
    in_refinement: bool = False
    may_next: bool = False
    in_next: bool = False
    constant: bool = False
    reads: list[Read] = field(default_factory=list)
    params: list[ParamRead] = field(default_factory=list)

    def inner(self, names: dict[str, Local]) -> Context:
        """The same place with more names bound; reads are noted in both."""
        return Context(
            self.visible,
            {**self.locals, **names},
            self.ghosts,
            self.base,
            self.in_refinement,
            self.may_next,
            self.in_next,
            self.constant,
            self.reads,
            self.params,
        )

    def fresh(self) -> Context:
        """The same place with nothing read yet."""
        copy = self.inner({})
        copy.reads, copy.params = [], []
        return copy


def shown(value: object) -> str:
    """A value as it is written."""
    words = {None: "none", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


class Expressions:
    """Resolves expressions of one linked model."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.facts = names.facts
        self._expanding: list[str] = []

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
                return self._name(expr.name, context, expected)
            case s.Qualified():
                return self._qualified(expr, context)
            case s.Indexed():
                return self._indexed(expr, context)
            case s.Applied():
                return self._applied(expr, context)
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
                return self._base(expr, context)
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
                    self._symmetric(str(expr.value), wanted, expr.at)
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

    def _symmetric(self, value: str, of: EnumType, at: Place) -> None:
        declared = self.names.types[of.name].at if of.name in self.names.types else NOWHERE
        self.facts.append(NamesSymmetric(value, of.name, at, declared))

    # names ------------------------------------------------------------------------------------

    def _name(self, name: s.Name, context: Context, expected: Type | None) -> Typed | None:
        local = context.locals.get(name.text)
        if local is not None:
            context.params.append(
                ParamRead(name.text, name.at, local.internal, local.computed, local.at)
            )
            return (Param(name.text, local.type), local.type) if local.type is not None else None
        wanted = plain(expected) if expected is not None else None
        is_value = isinstance(wanted, EnumType) and name.text in wanted.values
        symbol = context.ghosts.get(name.text) or self.names.values.get(name.text)
        if (
            symbol is not None
            and symbol.profile in context.visible
            and not (is_value and isinstance(symbol, SettingSymbol))
        ):
            return self._symbol(name, symbol, context)
        if name.text == ONLINE:
            context.reads.append(Read(ONLINE, "link", name.at, "", NOWHERE))
            if context.constant:
                self.facts.append(NotConstant(name.at, ONLINE))
            return VarRef(ONLINE, (), BOOL), BOOL
        return self._enum_value(name, context, expected)

    def _symbol(
        self,
        name: s.Name,
        symbol: VariableSymbol | DefinitionSymbol | ReadingSymbol | SettingSymbol,
        context: Context,
    ) -> Typed | None:
        match symbol:
            case VariableSymbol():
                return self._variable(name, symbol, (), context)
            case DefinitionSymbol():
                return self._definition(name, symbol, (), context)
            case ReadingSymbol():
                return Const(symbol.chosen, symbol.type), symbol.type
            case SettingSymbol():
                self.facts.append(
                    Misused(
                        name,
                        "a length of time",
                        "it stands behind `within` and `after` only",
                        symbol.at,
                    )
                )
                return None
            case _:
                assert_never(symbol)

    def _enum_value(self, name: s.Name, context: Context, expected: Type | None) -> Typed | None:
        owners = [each.type for each in self.names.owners(name.text, context.visible)]
        wanted = plain(expected) if expected is not None else None
        if isinstance(wanted, EnumType) and wanted is not ANYTHING and wanted in owners:
            owners = [wanted]
        if not owners:
            self._unknown(name, context, wanted)
            return None
        if len(owners) > 1:
            if expected is not ANYTHING and name.text not in self.names.broken:
                names = tuple(each.name for each in owners)
                self.facts.append(Ambiguous(name, names))
            return None
        of = owners[0]
        if of.symmetric:
            self._symmetric(name.text, of, name.at)
            return None
        return Const(name.text, of), of

    def _unknown(self, name: s.Name, context: Context, wanted: Type | None) -> None:
        if name.text in self.names.ghosts:
            self.facts.append(GhostOutside(name, self.names.ghosts[name.text]))
            return
        known = [*context.locals, *context.ghosts]
        if isinstance(wanted, EnumType):
            known += [value for value in wanted.values if isinstance(value, str)]
        known += self.names.value_names(context.visible)
        symbol = self.names.values.get(name.text)
        self.names.unknown("name", name, known, symbol.profile if symbol else "")

    def _qualified(self, expr: s.Qualified, context: Context) -> Typed | None:
        reading = self.names.values.get(expr.of.text)
        if isinstance(reading, ReadingSymbol) and reading.profile in context.visible:
            of = reading.type
        else:
            symbol = self.names.type_symbol(expr.of, context.visible)
            if symbol is None:
                return None
            of = symbol.type
        if expr.value.text not in of.values:
            self.names.unknown(
                f"value of {of.name}", expr.value, [str(value) for value in of.values]
            )
            return None
        if of.symmetric:
            self._symmetric(expr.value.text, of, expr.at)
            return None
        return Const(expr.value.text, of), of

    def _indexed(self, expr: s.Indexed, context: Context) -> Typed | None:
        name = expr.name
        symbol = context.ghosts.get(name.text) or self.names.values.get(name.text)
        if name.text in context.locals and not isinstance(symbol, VariableSymbol):
            self.facts.append(
                Misused(
                    name,
                    "a parameter",
                    "it has no indices",
                    context.locals[name.text].at,
                )
            )
        elif symbol is None or symbol.profile not in context.visible:
            self._unknown(name, context, None)
        elif not isinstance(symbol, VariableSymbol):
            help = (
                f"write `{name.text}(…)`"
                if isinstance(symbol, DefinitionSymbol)
                else "it has no indices"
            )
            self.facts.append(Misused(name, _kind(symbol), help, symbol.at))
        else:
            return self._variable(name, symbol, expr.indices, context)
        for each in expr.indices:
            self.typed(each, context, ANYTHING)
        return None

    def _variable(
        self,
        name: s.Name,
        symbol: VariableSymbol,
        indices: Sequence[s.Expression],
        context: Context,
    ) -> Typed | None:
        resolved = self.indices(name, symbol, indices, context)
        context.reads.append(Read(name.text, symbol.owner, name.at, "", symbol.at, symbol.config))
        if context.constant:
            self.facts.append(NotConstant(name.at, name.text))
        if resolved is None or symbol.type is None:
            return None
        return VarRef(name.text, resolved, symbol.type), symbol.type

    def indices(
        self,
        name: s.Name,
        symbol: VariableSymbol,
        indices: Sequence[s.Expression],
        context: Context,
    ) -> tuple[Expr, ...] | None:
        """The index expressions, of the right number and types."""
        if len(indices) != len(symbol.indices):
            self.facts.append(
                WrongCount(name, "index", len(symbol.indices), len(indices), symbol.at)
            )
            for each in indices:
                self.typed(each, context, ANYTHING)
            return None
        found = [
            self.value(
                each,
                context,
                of if of.values else None,
                f"`{name.text}` is indexed by {of}",
                symbol.at,
            )
            for each, of in zip(indices, symbol.indices, strict=True)
        ]
        known = tuple(each for each in found if each is not None)
        return known if len(known) == len(found) else None

    # definitions ------------------------------------------------------------------------------

    def _applied(self, expr: s.Applied, context: Context) -> Typed | None:
        name = expr.name
        symbol = self.names.values.get(name.text)
        if symbol is None or symbol.profile not in context.visible:
            if name.text in context.ghosts:
                ghost = context.ghosts[name.text]
                self.facts.append(Misused(name, "a ghost", f"write `{name.text}[…]`", ghost.at))
            else:
                known = [
                    known
                    for known, each in self.names.values.items()
                    if isinstance(each, DefinitionSymbol) and each.profile in context.visible
                ]
                self.names.unknown("definition", name, known, symbol.profile if symbol else "")
        elif isinstance(symbol, DefinitionSymbol):
            return self._definition(name, symbol, expr.args, context)
        else:
            help = (
                f"write `{name.text}[…]`"
                if isinstance(symbol, VariableSymbol) and symbol.indices
                else f"write `{name.text}` alone"
            )
            self.facts.append(Misused(name, _kind(symbol), help, symbol.at))
        for each in expr.args:
            self.typed(each, context, ANYTHING)
        return None

    def _definition(
        self,
        name: s.Name,
        symbol: DefinitionSymbol,
        args: Sequence[s.Expression],
        context: Context,
    ) -> Typed | None:
        if len(args) != len(symbol.decl.params):
            self.facts.append(
                WrongCount(name, "argument", len(symbol.decl.params), len(args), symbol.at)
            )
            for each in args:
                self.typed(each, context, ANYTHING)
            return None
        expanded = self.expand(symbol, len(symbol.versions) - 1, name)
        if expanded is None:
            for each in args:
                self.typed(each, context, ANYTHING)
            return None
        values: dict[str, Expr] = {}
        for arg, param in zip(args, expanded.params, strict=True):
            value = self.value(
                arg, context, param.type, f"`{name.text}` takes {param.type} here", param.at
            )
            if value is not None:
                values[param.name] = value
        for read in expanded.reads:
            context.reads.append(
                Read(read.variable, read.owner, name.at, name.text, read.declared, read.config)
            )
            if context.constant:
                self.facts.append(NotConstant(name.at, read.variable))
        if len(values) < len(args):
            return None
        body = substitute(expanded.body, values)
        if not is_reasonable(body):
            self.facts.append(TooLarge(name))
            return None
        return body, expanded.type

    def expand(
        self, symbol: DefinitionSymbol, version: int, use: s.Name | None = None
    ) -> Expanded | None:
        """The definition after `version` refinements, with all definitions in it expanded."""
        if version in symbol.expanded:
            return symbol.expanded[version]
        name = symbol.decl.name
        if name.text in self._expanding and version == len(symbol.versions) - 1:
            cycle = (*self._expanding[self._expanding.index(name.text) :], name.text)
            self.facts.append(Cycle(cycle, (use or name).at))
            return None
        self._expanding.append(name.text)
        symbol.expanded[version] = self._expand(symbol, version)
        self._expanding.pop()
        return symbol.expanded[version]

    def _expand(self, symbol: DefinitionSymbol, version: int) -> Expanded | None:
        decl = symbol.decl
        base = self.expand(symbol, version - 1) if version else None
        if version and base is None:
            return None
        profile, body = symbol.versions[version]
        home = self.names.chains[symbol.profile]
        seen: dict[str, Local] = {}
        params: list[Parameter] = []
        failed = False
        for each in decl.params:
            of = self.names.type(each.type, home) if base is None else None
            if base is not None:
                of = next(known.type for known in base.params if known.name == each.name.text)
            elif each.name.text in seen:
                first = seen[each.name.text].at
                self.facts.append(Duplicate("the parameter", each.name, first))
            seen[each.name.text] = Local(of, each.name.at)
            failed = failed or of is None
            if of is not None:
                params.append(Parameter(each.name.text, of, at=each.name.at))
        result = base.type if base is not None else self.names.type(decl.type, home)
        context = Context(self.names.chains[profile], seen, base=base, in_refinement=version > 0)
        message = f"`{decl.name.text}` is {result}" if result else ""
        value = self.value(body, context, result, message, decl.name.at)
        if value is None or result is None or failed or len(params) != len(seen):
            return None
        if not is_reasonable(value):
            self.facts.append(TooLarge(decl.name))
            return None
        return Expanded(tuple(params), value, result, _merged(context.reads))

    def _base(self, expr: s.Base, context: Context) -> Typed | None:
        if context.base is None:
            if not context.in_refinement:
                self.facts.append(BaseOutside(expr.at))
            return None
        for read in context.base.reads:
            context.reads.append(
                Read(read.variable, read.owner, expr.at, "base", read.declared, read.config)
            )
        return context.base.body, context.base.type

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


def _kind(symbol: VariableSymbol | DefinitionSymbol | ReadingSymbol | SettingSymbol) -> str:
    match symbol:
        case VariableSymbol():
            return "a variable"
        case DefinitionSymbol():
            return "a definition"
        case ReadingSymbol():
            return "a reading"
        case SettingSymbol():
            return "a length of time"
        case _:
            assert_never(symbol)


def _merged(reads: Sequence[Read]) -> tuple[Read, ...]:
    """One read per variable."""
    return tuple({read.variable: read for read in reversed(reads)}.values())[::-1]


def owner_of(reads: Sequence[Read]) -> Owner:
    """Who can evaluate what reads these: a role, both (`link`), or only an onlooker (`monitor`)."""
    roles = {read.owner for read in reads} - {"link"}
    if not roles:
        return "link"
    return next(iter(roles)) if len(roles) == 1 else "monitor"


__all__ = ["ANYTHING", "TRUE", "Context", "Expressions", "Local", "owner_of", "shown"]
