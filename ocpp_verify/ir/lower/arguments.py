"""Values of parameters: all of them, some of them, shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeAlias

from ocpp_verify.ir.expr import Const, Expr, VarRef, walk
from ocpp_verify.ir.grounding import Env, Grounding
from ocpp_verify.ir.model import Parameter
from ocpp_verify.ir.types import Value, domain

Args: TypeAlias = tuple[tuple[str, Value], ...]
"""Values of parameters by name, in the order of declaration."""


def assignments(params: Sequence[Parameter]) -> Iterator[Args]:
    """All values of the parameters, in the order of their domains.

    >>> from ocpp_verify.ir.types import BOOL
    >>> list(assignments([Parameter("lit", BOOL)]))
    [(('lit', False),), (('lit', True),)]
    """
    for values in product(*(domain(each.type) for each in params)):
        yield tuple((each.name, value) for each, value in zip(params, values, strict=True))


def restrict(args: Args, params: Sequence[Parameter]) -> Args:
    """The values of these parameters only."""
    names = {each.name for each in params}
    return tuple((name, value) for name, value in args if name in names)


def shown_call(name: str, args: Args) -> str:
    """The action with its arguments, for displays."""
    return f"{name}({', '.join(f'{each}={value}' for each, value in args)})"


def constant(expr: Expr, env: Env) -> Value:
    """The value of an expression that reads no variable."""
    if isinstance(expr, Const):
        return expr.value
    assert not any(isinstance(node, VarRef) for node in walk(expr)), expr
    (value,) = Grounding(()).cases(expr, env)
    return value
