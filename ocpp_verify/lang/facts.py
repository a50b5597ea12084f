"""What resolving a program found out, as data. The checks turn it into diagnostics.

A name that failed to resolve makes one fact; whatever depends on it makes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from ocpp_verify.ir.model import Model, Owner, Role
from ocpp_verify.ir.properties import Spec
from ocpp_verify.ir.types import EnumType
from ocpp_verify.lang import syntax as s
from ocpp_verify.lang.vocabulary import Vocabulary
from ocpp_verify.source import Place

# Names and types ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duplicate:
    """`name` is declared again; `what` is a phrase such as `the variable`."""

    what: str
    name: s.Name
    first: Place


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing visible has this name. `hint` is a better help than the nearest known name."""

    what: str
    name: s.Name
    known: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A use with too few or too many indices or arguments."""

    name: s.Name
    what: Literal["index", "argument", "parameter"]
    wanted: int
    found: int
    declared: Place


@dataclass(frozen=True, slots=True)
class Cycle:
    """Definitions that need each other."""

    names: tuple[str, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Misused:
    """A name of one kind written as another kind is."""

    name: s.Name
    kind: str
    help: str
    declared: Place


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two types do not fit."""

    message: str
    at: Place
    label: str = ""
    other: Place | None = None
    other_label: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The name belongs to several enums and nothing decides."""

    name: s.Name
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotConstant:
    """An initial value reads a variable."""

    at: Place
    variable: str


@dataclass(frozen=True, slots=True)
class BadSize:
    """A type with no values or with too many."""

    message: str
    at: Place
    help: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A definition that becomes too large or too deep when expanded."""

    name: s.Name


@dataclass(frozen=True, slots=True)
class NamesSymmetric:
    """A value of a symmetric sort used by name."""

    value: str
    sort: str
    at: Place
    declared: Place


@dataclass(frozen=True, slots=True)
class UnknownOption:
    """`--size` or `--reading` names something that the model does not have."""

    option: Literal["size", "reading"]
    message: str
    word: str
    known: tuple[str, ...]


# Ownership and locality --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """A variable read at `at`, through the definition `via` if that is not empty."""

    variable: str
    owner: Owner
    at: Place
    via: str
    declared: Place
    config: bool = False


@dataclass(frozen=True, slots=True)
class ParamRead:
    """A parameter read; `internal` is the only role that knows it."""

    name: str
    at: Place
    internal: Role | None
    computed: bool
    declared: Place


@dataclass(frozen=True, slots=True)
class Clause:
    """An expression that only `reader` evaluates."""

    kind: Literal["guard", "update", "duty", "queue", "computed", "monitor"]
    reader: Owner
    action: str
    reads: tuple[Read, ...]
    params: tuple[ParamRead, ...]
    stores: bool = False
    """Whether it is evaluated when a queued call is stored, before computed parameters exist."""


@dataclass(frozen=True, slots=True)
class Write:
    """An assignment; `step` is where it stands, `by` the roles whose variables it may assign."""

    variable: str
    owner: Owner
    at: Place
    step: Literal["event", "hidden step", "timer", "call", "lost", "reply", "reaction", "monitor"]
    action: str
    by: frozenset[Owner]
    profile: str
    declared_in: str
    declared: Place
    refines: bool
    trait: bool


@dataclass(frozen=True, slots=True)
class Disturbance:
    """`restart`, `connect`, `disconnect` or `forget queue` where it cannot be done."""

    words: str
    why: str
    at: Place


@dataclass(frozen=True, slots=True)
class GhostOutside:
    """A ghost used outside its monitor."""

    name: s.Name
    monitor: str


@dataclass(frozen=True, slots=True)
class NoQueue:
    """A queued call or `forget queue` of a role that declares no queue."""

    role: Role
    at: Place


@dataclass(frozen=True, slots=True)
class Restarts:
    """A step restarts its role."""

    role: Role
    at: Place


@dataclass(frozen=True, slots=True)
class OwesEvent:
    """A duty to do what only the environment does."""

    action: s.Name
    declared: Place


# Profiles ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BaseMissing:
    """`extends` names a profile whose file is not there or declares another profile."""

    name: s.Name
    file: str
    found: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtendsCycle:
    """Profiles that extend each other."""

    names: tuple[str, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Two profiles without a common base."""

    name: s.Name
    other: s.Name


@dataclass(frozen=True, slots=True)
class RefinesUnknown:
    """`refine` names something that no base declares."""

    what: str
    name: s.Name
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefinesOwn:
    """A profile refines what it declares itself, or (`params`) names other parameters."""

    name: s.Name
    declared: Place
    params: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OutcomeNotInBase:
    """`refine … reply X` where the base has no such reply."""

    outcome: s.Name | None
    at: Place
    action: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BaseOutside:
    """`base` outside a `refine define`."""

    at: Place


@dataclass(frozen=True, slots=True)
class Weakens:
    """A refinement that would permit more than the base."""

    at: Place


@dataclass(frozen=True, slots=True)
class SpecOfUnknown:
    """A spec of a profile that is not part of the model."""

    name: s.Name
    profiles: tuple[str, ...]


# Specs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NextOutside:
    """`next` where there is no step, or inside another `next`."""

    at: Place
    nested: bool


@dataclass(frozen=True, slots=True)
class UnknownAction:
    """A pattern or `except` names no action."""

    name: s.Name
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrongPhase:
    """A pattern asks for a moment that this kind of action does not have."""

    message: str
    at: Place
    help: str


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """A pattern names an outcome that no reply of the call has."""

    outcome: s.Name
    action: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownArgument:
    """A pattern names a parameter that the action does not have."""

    name: s.Name
    action: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatedRow:
    """Two rows of a transition table with the same values."""

    at: Place
    first: Place


Fact: TypeAlias = (
    Duplicate
    | Unknown
    | WrongCount
    | Cycle
    | Misused
    | Mismatch
    | Ambiguous
    | NotConstant
    | BadSize
    | TooLarge
    | NamesSymmetric
    | UnknownOption
    | Clause
    | Write
    | Disturbance
    | GhostOutside
    | NoQueue
    | Restarts
    | OwesEvent
    | BaseMissing
    | ExtendsCycle
    | Unrelated
    | RefinesUnknown
    | RefinesOwn
    | OutcomeNotInBase
    | BaseOutside
    | Weakens
    | SpecOfUnknown
    | NextOutside
    | UnknownAction
    | WrongPhase
    | UnknownOutcome
    | UnknownArgument
    | RepeatedRow
)

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that was read and found out. `model` is complete only if no fact is an error."""

    units: tuple[s.Unit, ...]
    facts: tuple[Fact, ...]
    types: Mapping[str, EnumType]
    model: Model | None
    specs: tuple[Spec, ...]
    vocabulary: Vocabulary | None

    def found(self, kind: type[F]) -> Iterator[F]:
        """The facts of one kind, in the order in which they were found."""
        for each in self.facts:
            if isinstance(each, kind):
                yield each
