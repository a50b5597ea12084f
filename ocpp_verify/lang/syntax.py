"""What a text says, before names are looked up: one dataclass per construct, each with its place.

Parts that keep the order of the text are tuples. `rules` are the catalogue ids behind a clause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocpp_verify.ir.model import Role
from ocpp_verify.source import Place


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the user's and where it stands."""

    text: str
    at: Place


Rules: TypeAlias = tuple[Name, ...]


# Types -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoolName:
    """`bool`."""

    at: Place


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name of a sort or enum."""

    name: Name

    @property
    def at(self) -> Place:
        """Where the name stands."""
        return self.name.at


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`."""

    low: int
    high: int
    at: Place


@dataclass(frozen=True, slots=True)
class Optional:
    """`of?`."""

    of: BoolName | TypeName | Range
    at: Place


TypeSyntax: TypeAlias = BoolName | TypeName | Range | Optional


# Expressions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Nothing:
    """`none`."""

    at: Place


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    value: int
    at: Place


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name alone: parameter, variable, definition, reading or value of an enum."""

    name: Name

    @property
    def at(self) -> Place:
        """Where the name stands."""
        return self.name.at


@dataclass(frozen=True, slots=True)
class Qualified:
    """`Type.Value`."""

    of: Name
    value: Name
    at: Place


@dataclass(frozen=True, slots=True)
class Indexed:
    """`name[indices]`."""

    name: Name
    indices: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Applied:
    """`name(args)`."""

    name: Name
    args: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class OneOf:
    """`left in {options}`."""

    left: Expression
    options: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right` or `left - right`."""

    op: Literal["+", "-"]
    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Negation:
    """`not body`."""

    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Junction:
    """`a and b and …` or `a or b or …`, at least two."""

    kind: Literal["and", "or"]
    args: tuple[Expression, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Implication:
    """`left implies right`."""

    left: Expression
    right: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if condition then yes else no`."""

    condition: Expression
    yes: Expression
    no: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`forall names: over . body` or `exists …`."""

    kind: Literal["forall", "exists"]
    names: tuple[Name, ...]
    over: TypeSyntax
    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Counting:
    """`count(name: over . body)`."""

    name: Name
    over: TypeSyntax
    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class After:
    """`next(body)`."""

    body: Expression
    at: Place


@dataclass(frozen=True, slots=True)
class Base:
    """`base`, the definition before its refinement."""

    at: Place


Expression: TypeAlias = (
    Truth
    | Nothing
    | Number
    | NameUse
    | Qualified
    | Indexed
    | Applied
    | Compare
    | OneOf
    | Arithmetic
    | Negation
    | Junction
    | Implication
    | Conditional
    | Quantifier
    | Counting
    | After
    | Base
)


# Updates and clauses -----------------------------------------------------------------------------


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


# Declarations of a model -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProfileHeader:
    """`profile name extends base`."""

    name: Name
    extends: Name | None
    rules: Rules


@dataclass(frozen=True, slots=True)
class LinkDecl:
    """`link charger, csms fifo`."""

    ends: tuple[Role, Role]
    at: Place


@dataclass(frozen=True, slots=True)
class SortDecl:
    """`sort name = low..high` or `sort name = {values} symmetric`."""

    name: Name
    values: tuple[Name, ...]
    range: Range | None
    symmetric: bool


@dataclass(frozen=True, slots=True)
class EnumDecl:
    """`enum name = {values}`."""

    name: Name
    values: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ReadingDecl:
    """`reading name : {alternatives} = default "clause"`."""

    name: Name
    alternatives: tuple[Name, ...]
    default: Name
    clause: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class StateDecl:
    """A state variable, configuration key or trait; `initial` None means any value."""

    owner: Role
    name: Name
    indices: tuple[Name, ...]
    type: TypeSyntax
    initial: Expression | None
    persistent: bool
    config: bool
    trait: bool
    rules: Rules
    doc: str = ""


@dataclass(frozen=True, slots=True)
class DurationDecl:
    """`role duration name = seconds s`."""

    owner: Role
    name: Name
    seconds: float
    rules: Rules


@dataclass(frozen=True, slots=True)
class DefineDecl:
    """`define name(params) : type = body`."""

    name: Name
    params: tuple[ParamSyntax, ...]
    type: TypeSyntax
    body: Expression
    rules: Rules


@dataclass(frozen=True, slots=True)
class QueueDecl:
    """`queue role size n when …`."""

    role: Role
    capacity: int
    whens: tuple[When, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Watched:
    """`name`, `name(params)` or `name[params]`: a definition or variable for all its arguments."""

    name: Name
    form: Literal["plain", "applied", "indexed"]
    params: tuple[ParamSyntax, ...]


@dataclass(frozen=True, slots=True)
class ReactionDecl:
    """`whenever watched changes then …`."""

    watched: Watched
    thens: tuple[Then, ...]
    rules: Rules
    at: Place


@dataclass(frozen=True, slots=True)
class EventDecl:
    """`event name(params) at role`."""

    name: Name
    params: tuple[ParamSyntax, ...]
    role: Role
    body: Body
    rules: Rules


@dataclass(frozen=True, slots=True)
class HiddenDecl:
    """`hidden name(params) of role`, or `timer …` with `after`."""

    name: Name
    params: tuple[ParamSyntax, ...]
    role: Role
    after: Length | None
    within: Length | None
    body: Body
    rules: Rules


@dataclass(frozen=True, slots=True)
class CallDecl:
    """`call name(params) from role queued`."""

    name: Name
    params: tuple[ParamSyntax, ...]
    sender: Role
    queued: bool
    body: Body
    rules: Rules


@dataclass(frozen=True, slots=True)
class DutyDecl:
    """`must action(words) within length while …`, or `should …`."""

    action: Name
    words: tuple[Name, ...]
    within: Length
    whiles: tuple[When, ...]
    advice: bool
    rules: Rules


@dataclass(frozen=True, slots=True)
class RefineAction:
    """`refine action(words) with (params) clauses`."""

    action: Name
    words: tuple[Name, ...]
    params: tuple[ParamSyntax, ...]
    body: Body
    rules: Rules


@dataclass(frozen=True, slots=True)
class RefineDuty:
    """`refine must action(words) while …`."""

    action: Name
    words: tuple[Name, ...]
    whiles: tuple[When, ...]
    advice: bool
    rules: Rules


@dataclass(frozen=True, slots=True)
class RefineDefine:
    """`refine define name(words) = body`."""

    name: Name
    words: tuple[Name, ...]
    body: Expression
    rules: Rules


ActionDecl: TypeAlias = EventDecl | HiddenDecl | CallDecl

ModelItem: TypeAlias = (
    LinkDecl
    | SortDecl
    | EnumDecl
    | ReadingDecl
    | StateDecl
    | DurationDecl
    | DefineDecl
    | QueueDecl
    | ReactionDecl
    | EventDecl
    | HiddenDecl
    | CallDecl
    | DutyDecl
    | RefineAction
    | RefineDuty
    | RefineDefine
)


# Declarations of a spec --------------------------------------------------------------------------


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

Item: TypeAlias = ProfileHeader | SpecHeader | ModelItem | SpecItem


@dataclass(frozen=True, slots=True)
class Unit:
    """One file. `broken` are the words of items that did not parse: nothing is said about them."""

    file: str
    profile: ProfileHeader | None
    spec: SpecHeader | None
    items: tuple[ModelItem, ...]
    properties: tuple[SpecItem, ...]
    broken: frozenset[str] = field(default=frozenset())
