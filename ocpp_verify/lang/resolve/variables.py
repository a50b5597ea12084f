"""Variables and the other parts of a model that no step changes the shape of."""

from __future__ import annotations

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import Definition, Reading, Variable
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.resolve.context import Context, owner_of
from ocpp_verify.lang.resolve.expressions import Expressions
from ocpp_verify.lang.resolve.names import DefinitionSymbol, ReadingSymbol, VariableSymbol
from ocpp_verify.lang.resolve.updates import rule_names


def initial_value(
    expressions: Expressions, symbol: VariableSymbol, visible: frozenset[str]
) -> Expr | None:
    """The constant a variable starts with; None if it may be anything."""
    decl = symbol.decl
    if decl.initial is None:
        return None
    context = Context(visible, constant=True)
    return expressions.value(
        decl.initial,
        context,
        symbol.type,
        f"`{decl.name.text}` cannot start with {{found}}",
        decl.type.at,
        f"`{decl.name.text}` is {symbol.type}",
    )


def variable(
    expressions: Expressions, symbol: VariableSymbol, visible: frozenset[str]
) -> Variable | None:
    """The state variable; None if its type did not resolve."""
    decl = symbol.decl
    assert isinstance(decl, s.StateDecl)
    initial = initial_value(expressions, symbol, visible)
    if symbol.type is None:
        return None
    return Variable(
        decl.name.text,
        decl.owner,
        symbol.indices,
        symbol.type,
        initial,
        decl.persistent,
        decl.config,
        decl.trait,
        decl.name.at,
        rule_names(decl.rules),
        decl.doc,
    )


def definition(expressions: Expressions, symbol: DefinitionSymbol) -> Definition | None:
    """The definition with its last refinement."""
    expanded = expressions.uses.expand(symbol, len(symbol.versions) - 1)
    if expanded is None:
        return None
    return Definition(
        symbol.decl.name.text,
        expanded.params,
        expanded.body,
        expanded.type,
        owner_of(expanded.reads),
        symbol.at,
    )


def reading(symbol: ReadingSymbol) -> Reading:
    """The reading and the alternative in force."""
    decl = symbol.decl
    return Reading(
        decl.name.text,
        tuple(str(value) for value in symbol.type.values),
        symbol.chosen,
        decl.default.text,
        decl.clause,
        decl.name.at,
    )
