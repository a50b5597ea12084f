"""The model: a two-role interface transition system with duties, resolved and typed.

Nothing here knows OCPP. A profile that extends another has been merged into it: the conjuncts of a
guard and the updates of an action keep the place and the rules of the clause that added them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocpp_verify.ir.expr import FALSE, Expr, conjunction
from ocpp_verify.ir.types import EnumType, Type, Value
from ocpp_verify.source import NOWHERE, Place

Role: TypeAlias = Literal["charger", "csms"]
Owner: TypeAlias = Literal["charger", "csms", "link", "monitor"]

ROLES: tuple[Role, Role] = ("charger", "csms")
ONLINE = "online"
"""The Boolean variable of the link, which both roles may read."""


def peer(role: Role) -> Role:
    """The other end of the link."""
    return "csms" if role == "charger" else "charger"


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable, an array if it has indices.

    `initial` may use the index names as parameters `index0`, `index1`; None means any value.
    A `config` variable is a configuration key of its owner, known to the tester by its name. A
    `trait` is fixed for a product and never assigned.
    """

    name: str
    owner: Owner
    indices: tuple[EnumType, ...]
    type: Type
    initial: Expr | None
    persistent: bool = False
    config: bool = False
    trait: bool = False
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One `when` clause: it holds, or the action is not permitted."""

    expr: Expr
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Assign:
    """`variable[indices] := value`."""

    variable: str
    indices: tuple[Expr, ...]
    value: Expr
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class ForEach:
    """The updates for every value of a type that satisfies the condition."""

    name: str
    over: Type
    condition: Expr
    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class Restart:
    """The role loses what is not persistent: those variables take their initial values again."""

    role: Role
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SetLink:
    """The link comes up or breaks. A break loses what is in flight in both directions."""

    up: bool
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ClearQueue:
    """The role forgets its queued messages."""

    role: Role
    at: Place = NOWHERE


Update: TypeAlias = Assign | ForEach | Restart | SetLink | ClearQueue


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action or reply.

    Attributes:
        internal: not on the wire; the owner's own correlation.
        wire: how the values that differ on the wire are written, as (model value, wire value).
        advice: a value other than the model's is worth advice and no failure.
        computed: for parameters of queued calls whose value is determined when the message is sent
            and not when it is queued; reads the sender's variables and the other parameters.
    """

    name: str
    type: Type
    internal: bool = False
    advice: bool = False
    wire: tuple[tuple[Value, Value], ...] = ()
    computed: Expr | None = None
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds, or the name of a setting that holds seconds."""

    seconds: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A length of time known by name, such as a configuration key in seconds; not part of a state."""

    name: str
    owner: Role
    seconds: float
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What all kinds of actions share: parameters, permission, effect."""

    name: str
    params: tuple[Parameter, ...]
    guards: tuple[Conjunct, ...]
    updates: tuple[Update, ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    profile: str = ""

    @property
    def guard(self) -> Expr:
        """All conjuncts joined."""
        return conjunction(tuple(each.expr for each in self.guards))


@dataclass(frozen=True, slots=True)
class Event(Step):
    """Something outside the wire that happens at a role: the environment decides when."""

    role: Role = "charger"


@dataclass(frozen=True, slots=True)
class Hidden(Step):
    """A step of its owner that nobody sees: a decision, or a timer if it has bounds.

    A timer fires no earlier than `after` since its guard became true and no later than `within`
    after that.
    """

    role: Role = "charger"
    after: Duration | None = None
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Reply(Step):
    """One outcome of a call. `name` is the outcome; `params` are those of the answer.

    Updates of the answerer's variables happen when the answer is sent, those of the caller's when
    it is received. `guards` are the answerer's.
    """


@dataclass(frozen=True, slots=True)
class Call(Step):
    """A request. `guards` and `updates` are the sender's, at sending (at queueing if `queued`).

    Attributes:
        lost: updates of the sender when the answer will never come.
        silent: while true, the receiver does not answer and owes no answer.
    """

    sender: Role = "charger"
    queued: bool = False
    replies: tuple[Reply, ...] = ()
    lost: tuple[Update, ...] = ()
    silent: Expr = FALSE

    @property
    def receiver(self) -> Role:
        """The role that answers."""
        return peer(self.sender)


Action: TypeAlias = Event | Hidden | Call


@dataclass(frozen=True, slots=True)
class Duty:
    """`must A(params) within T while P`, and its parameters range over their whole types."""

    action: str
    params: tuple[Parameter, ...]
    within: Duration
    condition: tuple[Conjunct, ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    advice: bool = False
    profile: str = ""

    @property
    def while_(self) -> Expr:
        """All conditions joined."""
        return conjunction(tuple(each.expr for each in self.condition))


@dataclass(frozen=True, slots=True)
class Queue:
    """A role's bounded first-in first-out store of queued calls; `guards` permit sending."""

    role: Role
    capacity: int
    guards: tuple[Conjunct, ...]
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Reaction:
    """`whenever body changes then updates`: a second phase of every step.

    The updates see the state after the step's own updates; reactions are simultaneous and do not
    set off each other.
    """

    params: tuple[Parameter, ...]
    body: Expr
    updates: tuple[Update, ...]
    at: Place = NOWHERE
    rules: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A named expression; already expanded wherever it is used, kept for displays."""

    name: str
    params: tuple[Parameter, ...]
    body: Expr
    type: Type
    owner: Owner = "charger"
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause that can be read in several ways, and the one chosen."""

    name: str
    alternatives: tuple[str, ...]
    chosen: str
    default: str
    clause: str
    at: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Model:
    """A linked model of one or several profiles at given sizes and readings."""

    name: str
    profiles: tuple[str, ...]
    types: tuple[EnumType, ...]
    variables: tuple[Variable, ...]
    actions: tuple[Action, ...]
    duties: tuple[Duty, ...]
    queues: tuple[Queue, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    definitions: tuple[Definition, ...] = ()
    readings: tuple[Reading, ...] = ()
    settings: tuple[Setting, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    files: tuple[str, ...] = field(default=())

    def variable(self, name: str) -> Variable:
        """The variable of that name; KeyError if there is none."""
        for each in self.variables:
            if each.name == name:
                return each
        raise KeyError(name)

    def action(self, name: str) -> Action:
        """The action of that name; KeyError if there is none."""
        for each in self.actions:
            if each.name == name:
                return each
        raise KeyError(name)

    def calls(self) -> tuple[Call, ...]:
        """All calls, in order of declaration."""
        return tuple(each for each in self.actions if isinstance(each, Call))
