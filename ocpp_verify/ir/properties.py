"""Properties: what must be true of a model. They come from `.spec` files, resolved and typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.model import Parameter, Update, Variable
from ocpp_verify.ir.types import Type, Value
from ocpp_verify.source import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Invariant:
    """True in every reachable state."""

    name: str
    expr: Expr
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepProperty:
    """True of every step from a reachable state; `Next(e)` is the value of `e` after it."""

    name: str
    expr: Expr
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """A permitted change of a watched expression."""

    code: str
    source: Value
    target: Value
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transitions:
    """The expression changes only along the listed transitions, and each of them is reachable.

    `body` reads the parameters; a step that leaves the value unchanged is not a transition. Steps
    of actions in `except_actions` (a restart, say) are not judged.
    """

    name: str
    params: tuple[Parameter, ...]
    body: Expr
    type: Type
    table: tuple[Transition, ...]
    except_actions: tuple[str, ...] = ()
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of step. Arguments are expressions over bound names; None matches anything.

    phase `sent`: the call goes on the wire; `queued`: a queued call is stored; `reply`: an answer
    is sent; `received`: an answer arrives; `lost`: the answer will never come; `step`: events,
    hidden steps and timers. A pattern on a queued call written without a phase means `queued`,
    the moment that its timestamp names.
    """

    action: str
    phase: Literal["sent", "queued", "reply", "received", "lost", "step"]
    args: tuple[tuple[str, Expr | None], ...]
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """`on PATTERN assert … then …`. Names in `params` are bound by the step's arguments."""

    pattern: Pattern
    params: tuple[Parameter, ...]
    asserted: Expr
    updates: tuple[Update, ...]
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Monitor:
    """Watches steps and keeps ghosts; an assertion that fails refutes the property."""

    name: str
    ghosts: tuple[Variable, ...]
    watches: tuple[Watch, ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Some reachable state satisfies the expression."""

    name: str
    expr: Expr
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A path exists that contains the steps in this order, with any other steps between them.

    Names in `params` stand for one value each, the same in every step. `state` entries are
    conditions that must hold somewhere between the steps around them.
    """

    name: str
    params: tuple[Parameter, ...]
    items: tuple[Pattern | Expr, ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


Property: TypeAlias = Invariant | StepProperty | Transitions | Monitor | Reach | Scenario


@dataclass(frozen=True, slots=True)
class Spec:
    """The properties of one spec file."""

    name: str
    of: str
    properties: tuple[Property, ...]
    file: str = ""
