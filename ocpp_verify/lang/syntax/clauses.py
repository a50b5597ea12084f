"""Updates, and the clauses of an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ocpp_verify.ir.model import Role
from ocpp_verify.lang.syntax.terms import Expression, Name, Rules, TypeSyntax
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name[indices] := value`; `at` is the target."""

    name: Name
    indices: tuple[Expression, ...]
    value: Expression
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class Loop:
    """`for name: over if condition { updates }`; `rules` are those of all its updates."""

    name: Name
    over: TypeSyntax
    condition: Expression | None
    updates: tuple[UpdateSyntax, ...]
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class Restarting:
    """`restart role`."""

    role: Role
    at: Place


@dataclass(frozen=True, slots=True)
class Linking:
    """`connect` or `disconnect`."""

    up: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Forgetting:
    """`forget queue`."""

    at: Place


UpdateSyntax: TypeAlias = Assignment | Loop | Restarting | Linking | Forgetting


@dataclass(frozen=True, slots=True)
class When:
    """`when expr`, `while expr`, `assert expr` or `silent when expr`; `at` is the expression."""

    expr: Expression
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class Then:
    """`then updates`; `rules` are those of all updates."""

    updates: tuple[UpdateSyntax, ...]
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class ParamSyntax:
    """A parameter; `wire` is how `none` is written on the wire."""

    name: Name
    type: TypeSyntax
    internal: bool
    advice: bool
    wire: int | str | None
    computed: Expression | None
    at: Place


@dataclass(frozen=True, slots=True)
class ReplySyntax:
    """`reply A, B (params) when … then …`; no outcome for an answer without a status.

    `words` are the parameters of the base that a refinement names.
    """

    outcomes: tuple[Name, ...]
    params: tuple[ParamSyntax, ...]
    words: tuple[Name, ...]
    whens: tuple[When, ...]
    thens: tuple[Then, ...]
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class Body:
    """The clauses of an action."""

    whens: tuple[When, ...] = ()
    thens: tuple[Then, ...] = ()
    replies: tuple[ReplySyntax, ...] = ()
    losts: tuple[Then, ...] = ()
    silents: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class Length:
    """Seconds or the name of a `duration`."""

    seconds: float | None
    name: Name | None
