"""Where an expression stands: what it sees, and a note of what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import Owner, Role
from ocpp_verify.ir.types import EnumType, Type
from ocpp_verify.lang.facts import ParamRead, Read
from ocpp_verify.lang.resolve.names import Expanded, VariableSymbol
from ocpp_verify.source import Place

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


def merged(reads: Sequence[Read]) -> tuple[Read, ...]:
    """One read per variable."""
    return tuple({read.variable: read for read in reversed(reads)}.values())[::-1]


def owner_of(reads: Sequence[Read]) -> Owner:
    """Who can evaluate what reads these: a role, both (`link`), or only an onlooker (`monitor`)."""
    roles = {read.owner for read in reads} - {"link"}
    if not roles:
        return "link"
    return next(iter(roles)) if len(roles) == 1 else "monitor"
