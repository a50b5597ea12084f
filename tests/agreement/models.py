"""Random models: both roles have variables, calls in flight, a queue, reactions, restarts.

`build(7)` is always the same model. Sizes are kept to what the reference semantics visits in well
under a second; few models are idle, since most guards hold in every second state.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ocpp_verify.ir.expr import (
    FALSE,
    And,
    AtMost,
    Const,
    Count,
    Eq,
    Expr,
    If,
    Not,
    Or,
    Param,
    Plus,
    Quantified,
    VarRef,
)
from ocpp_verify.ir.model import (
    ONLINE,
    Assign,
    Call,
    ClearQueue,
    Conjunct,
    Event,
    ForEach,
    Hidden,
    Model,
    Parameter,
    Queue,
    Reaction,
    Reply,
    Restart,
    Role,
    SetLink,
    Update,
    Variable,
)
from ocpp_verify.ir.types import BOOL, EnumType, RangeType, Value

PLACE = EnumType("Place", (1, 2), is_sort=True)
SMALL = RangeType(0, 2)
BIT = RangeType(0, 1)
ONLINE_REF = VarRef(ONLINE, (), BOOL)
UP, DOWN = Conjunct(Not(ONLINE_REF)), Conjunct(ONLINE_REF)


def number(value: Value) -> Const:
    return Const(value, SMALL)


def place(value: Value) -> Const:
    return Const(value, PLACE)


class Maker:
    """Expressions and updates over the variables of one role: `n`, and the array `on[Place]`."""

    def __init__(self, random: Random, role: Role) -> None:
        self.random = random
        self.role = role
        self.n, self.on = f"n_{role}", f"on_{role}"

    def numeric(self, params: Sequence[str]) -> Expr:
        """A number that may lie just out of range."""
        of = self.random
        some: list[Expr] = [number(of.randrange(3)), VarRef(self.n, (), SMALL)]
        some += [Param(each, BIT) for each in params]
        drawn = of.random()
        if drawn < 0.2:
            return Plus(of.choice(some), number(1))
        if drawn < 0.3:
            return If(self.condition(()), of.choice(some), of.choice(some))
        return of.choice(some)

    def at(self, names: Sequence[str]) -> Expr:
        of = self.random
        if names and of.random() < 0.7:
            return Param(of.choice(names), PLACE)
        if of.random() < 0.2:
            return If(Eq(VarRef(self.n, (), SMALL), number(1)), place(1), place(2))
        return place(of.choice((1, 2)))

    def condition(self, params: Sequence[str], places: Sequence[str] = ()) -> Expr:
        of = self.random
        lit = VarRef(self.on, (self.at(places),), BOOL)
        match of.randrange(7):
            case 0:
                return Eq(VarRef(self.n, (), SMALL), self.numeric(params))
            case 1:
                return AtMost(VarRef(self.n, (), SMALL), number(1))
            case 2:
                return Not(lit)
            case 3:
                body = Not(VarRef(self.on, (Param("q", PLACE),), BOOL))
                return Quantified(of.choice(("forall", "exists")), "q", PLACE, body)
            case 4:
                count = Count("q", PLACE, VarRef(self.on, (Param("q", PLACE),), BOOL))
                return Eq(count, number(1))
            case 5:
                parts = (self.condition(params), Not(Eq(VarRef(self.n, (), SMALL), number(2))))
                return of.choice((And, Or))(parts)
            case _:
                return lit

    def guard(self, params: Sequence[str]) -> tuple[Conjunct, ...]:
        if self.random.random() < 0.45:
            return ()
        return (Conjunct(self.condition(params)),)

    def updates(self, params: Sequence[str], most: int = 2) -> tuple[Update, ...]:
        return tuple(self.update(params) for _ in range(self.random.randint(0, most)))

    def update(self, params: Sequence[str]) -> Update:
        of = self.random
        drawn = of.random()
        if drawn < 0.45:
            return Assign(self.n, (), self.numeric(params))
        if drawn < 0.7:
            return Assign(self.on, (self.at(()),), self.condition(params))
        inner = Assign(self.on, (Param("p", PLACE),), self.condition(params, ("p",)))
        return ForEach("p", PLACE, self.condition(params, ("p",)), (inner,))


def build(seed: int) -> Model:
    """The random model of that seed."""
    of = Random(seed)
    makers: dict[Role, Maker] = {"charger": Maker(of, "charger"), "csms": Maker(of, "csms")}
    variables = []
    for role, maker in makers.items():
        start = None if of.random() < 0.2 else number(0)
        first = Eq(Param("index0", PLACE), place(of.choice((1, 2))))
        variables += [
            Variable(maker.n, role, (), SMALL, start, persistent=of.random() < 0.4),
            Variable(maker.on, role, (PLACE,), BOOL, first, persistent=of.random() < 0.4),
        ]
    queued = of.random() < 0.5
    actions = [
        Event("Up", (), (UP,), (SetLink(up=True),)),
        _breaking(of, makers["charger"], queued),
        _other(of, makers["csms"]),
        _call(of, makers, "Ask", "charger", queued=False),
        _call(of, makers, "Tell", "csms", queued=False),
    ]
    if queued:
        actions.append(_call(of, makers, "Note", "charger", queued=True))
    queues = (Queue("charger", of.choice((1, 2)), makers["charger"].guard(())),) if queued else ()
    return Model(
        f"random {seed}",
        ("Random",),
        (PLACE,),
        tuple(variables),
        tuple(actions),
        (),
        queues,
        _reactions(of, makers[of.choice(("charger", "csms"))]),
    )


def _breaking(of: Random, maker: Maker, queued: bool) -> Event:
    """The event that breaks the link, with whatever else may come at once."""
    updates: list[Update] = [SetLink(up=False), *maker.updates(("k",), 1)]
    if of.random() < 0.5:
        updates.append(Restart("charger"))
    if queued and of.random() < 0.3:
        updates.append(ClearQueue("charger"))
    of.shuffle(updates)
    return Event("Down", (Parameter("k", BIT),), (DOWN, *maker.guard(("k",))), tuple(updates))


def _other(of: Random, maker: Maker) -> Event | Hidden:
    updates = maker.updates((), 2)
    if of.random() < 0.4:
        updates = (*updates, Restart(maker.role))
    if of.random() < 0.5:
        return Event("Press", (), maker.guard(()), updates, role=maker.role)
    return Hidden("Decide", (), maker.guard(()), updates, role=maker.role)


def _call(of: Random, makers: dict[Role, Maker], name: str, sender: Role, *, queued: bool) -> Call:
    mine = makers[sender]
    other = makers["csms" if sender == "charger" else "charger"]
    computed = VarRef(mine.n, (), SMALL) if queued and of.random() < 0.5 else None
    params = [Parameter("k", BIT)] if of.random() < 0.6 or computed is not None else []
    if params and computed is not None:
        params = [Parameter("k", SMALL, computed=computed)]
    elif params and of.random() < 0.3:
        params = [Parameter("k", BIT, internal=True)]
    given = [] if computed is not None else [each.name for each in params]
    # What is internal, the receiver does not know.
    told = [each.name for each in params if not each.internal]
    known = [each.name for each in params]
    replies = []
    for outcome in ("Yes", "No")[: of.randint(1, 2)]:
        answer = (Parameter("v", BIT),) if of.random() < 0.3 else ()
        said = [each.name for each in answer]
        there = other.updates((*told, *said), 1)
        here = mine.updates((*known, *said), 1) if of.random() < 0.6 else ()
        guard = other.guard((*told, *said))
        replies.append(Reply(outcome, answer, guard, (*there, *here)))
    return Call(
        name,
        tuple(params),
        mine.guard(given),
        mine.updates(given, 1),
        sender=sender,
        queued=queued,
        replies=tuple(replies),
        lost=mine.updates(known, 1) if of.random() < 0.5 else (),
        silent=other.condition(told) if of.random() < 0.2 else FALSE,
    )


def _reactions(of: Random, maker: Maker) -> tuple[Reaction, ...]:
    if of.random() < 0.4:
        return ()
    where = Parameter("p", PLACE)
    body = VarRef(maker.on, (Param("p", PLACE),), BOOL)
    first = Reaction((where,), body, (maker.update(()),))
    number_ = Reaction((), VarRef(maker.n, (), SMALL), maker.updates((), 1))
    return (first, number_)[: of.randint(1, 2)]
