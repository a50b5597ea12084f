"""What a model declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocpp_verify.ir.model import Role
from ocpp_verify.lang.syntax.clauses import Body, Length, ParamSyntax, Then, When
from ocpp_verify.lang.syntax.terms import Expression, Name, Range, Rules, TypeSyntax
from ocpp_verify.source import Place


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
