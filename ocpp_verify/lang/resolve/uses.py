"""Uses of names: parameters, variables, values, readings and definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from ocpp_verify.ir.expr import Const, Expr, Param, VarRef
from ocpp_verify.ir.model import ONLINE, Parameter
from ocpp_verify.ir.types import BOOL, EnumType, Type
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.facts import (
    Ambiguous,
    BaseOutside,
    Cycle,
    Duplicate,
    GhostOutside,
    Misused,
    NamesSymmetric,
    NotConstant,
    ParamRead,
    Read,
    TooLarge,
    WrongCount,
)
from ocpp_verify.lang.resolve.build import is_reasonable, plain, substitute
from ocpp_verify.lang.resolve.context import ANYTHING, Context, Local, Typed, merged
from ocpp_verify.lang.resolve.names import (
    DefinitionSymbol,
    Expanded,
    Names,
    ReadingSymbol,
    SettingSymbol,
    VariableSymbol,
)
from ocpp_verify.source import NOWHERE, Place

if TYPE_CHECKING:
    from ocpp_verify.lang.resolve.expressions import Expressions


class Uses:
    """Resolves uses of names; `expressions` resolves what stands between their brackets."""

    def __init__(self, names: Names, expressions: Expressions) -> None:
        self.names = names
        self.facts = names.facts
        self.expressions = expressions
        self._expanding: list[str] = []

    def symmetric(self, value: str, of: EnumType, at: Place) -> None:
        """Notes that a value of a symmetric sort is singled out."""
        declared = self.names.types[of.name].at if of.name in self.names.types else NOWHERE
        self.facts.append(NamesSymmetric(value, of.name, at, declared))

    # names ------------------------------------------------------------------------------------

    def name(self, name: s.Name, context: Context, expected: Type | None) -> Typed | None:
        """A name alone."""
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
                return self.definition(name, symbol, (), context)
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
            self.symmetric(name.text, of, name.at)
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

    def qualified(self, expr: s.Qualified, context: Context) -> Typed | None:
        """`Type.Value`."""
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
            self.symmetric(expr.value.text, of, expr.at)
            return None
        return Const(expr.value.text, of), of

    def indexed(self, expr: s.Indexed, context: Context) -> Typed | None:
        """`name[…]`."""
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
            self.expressions.typed(each, context, ANYTHING)
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
                self.expressions.typed(each, context, ANYTHING)
            return None
        found = [
            self.expressions.value(
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

    def applied(self, expr: s.Applied, context: Context) -> Typed | None:
        """`name(…)`."""
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
            return self.definition(name, symbol, expr.args, context)
        else:
            help = (
                f"write `{name.text}[…]`"
                if isinstance(symbol, VariableSymbol) and symbol.indices
                else f"write `{name.text}` alone"
            )
            self.facts.append(Misused(name, _kind(symbol), help, symbol.at))
        for each in expr.args:
            self.expressions.typed(each, context, ANYTHING)
        return None

    def definition(
        self,
        name: s.Name,
        symbol: DefinitionSymbol,
        args: Sequence[s.Expression],
        context: Context,
    ) -> Typed | None:
        """A use of a definition, expanded."""
        if len(args) != len(symbol.decl.params):
            self.facts.append(
                WrongCount(name, "argument", len(symbol.decl.params), len(args), symbol.at)
            )
            for each in args:
                self.expressions.typed(each, context, ANYTHING)
            return None
        expanded = self.expand(symbol, len(symbol.versions) - 1, name)
        if expanded is None:
            for each in args:
                self.expressions.typed(each, context, ANYTHING)
            return None
        values: dict[str, Expr] = {}
        for arg, param in zip(args, expanded.params, strict=True):
            value = self.expressions.value(
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
        value = self.expressions.value(body, context, result, message, decl.name.at)
        if value is None or result is None or failed or len(params) != len(seen):
            return None
        if not is_reasonable(value):
            self.facts.append(TooLarge(decl.name))
            return None
        return Expanded(tuple(params), value, result, merged(context.reads))

    def base(self, expr: s.Base, context: Context) -> Typed | None:
        """`base`."""
        if context.base is None:
            if not context.in_refinement:
                self.facts.append(BaseOutside(expr.at))
            return None
        for read in context.base.reads:
            context.reads.append(
                Read(read.variable, read.owner, expr.at, "base", read.declared, read.config)
            )
        return context.base.body, context.base.type


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
