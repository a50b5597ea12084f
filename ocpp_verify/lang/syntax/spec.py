"""What a spec declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.lang.syntax.clauses import ParamSyntax, Then, When
from ocpp_verify.lang.syntax.model import Watched
from ocpp_verify.lang.syntax.terms import Expression, Name, Rules, TypeSyntax
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class SpecHeader:
    """`spec name of profile`; without `of` the profile has the name of the spec."""

    name: Name
    of: Name | None


@dataclass(frozen=True, slots=True)
class PropertyDecl:
    """`invariant`, `step` or `reach`."""

    kind: Literal["invariant", "step", "reach"]
    name: Name
    expr: Expression
    rules: Rules


@dataclass(frozen=True, slots=True)
class RowSyntax:
    """`code: source -> target with profile`."""

    code: Name
    source: Expression
    target: Expression
    profile: Name | None
    rules: Rules


@dataclass(frozen=True, slots=True)
class TransitionsDecl:
    """`transitions name of watched(params) except actions { rows }`."""

    name: Name
    watched: Watched
    excepted: tuple[Name, ...]
    rows: tuple[RowSyntax, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class ArgSyntax:
    """`name = expr`, or `name` alone."""

    name: Name
    expr: Expression | None


@dataclass(frozen=True, slots=True)
class PatternSyntax:
    """`action(args).outcome phase`."""

    action: Name
    args: tuple[ArgSyntax, ...]
    outcome: Name | None
    phase: Literal["sent", "received", "lost"] | None
    at: Place


@dataclass(frozen=True, slots=True)
class GhostDecl:
    """`ghost name[indices] : type = initial`."""

    name: Name
    indices: tuple[Name, ...]
    type: TypeSyntax
    initial: Expression | None


@dataclass(frozen=True, slots=True)
class WatchSyntax:
    """`on pattern assert … then …`."""

    pattern: PatternSyntax
    asserts: tuple[When, ...]
    thens: tuple[Then, ...]
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class MonitorDecl:
    """`monitor name` with its ghosts and watches."""

    name: Name
    ghosts: tuple[GhostDecl, ...]
    watches: tuple[WatchSyntax, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class ScenarioDecl:
    """`scenario name(params) { … }`; an expression stands for `state expr`."""

    name: Name
    params: tuple[ParamSyntax, ...]
    items: tuple[PatternSyntax | When, ...]
    rules: Rules


SpecItem: TypeAlias = PropertyDecl | TransitionsDecl | MonitorDecl | ScenarioDecl
