"""The reference semantics: what a model does, one step at a time.

Written to be read. The ground system that engines use (`ir.lower`) merges states that nothing can
tell apart; this one keeps them, and the two are held to agree on reachable variable values and on
visible runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias, assert_never

from ocpp_verify.ir.expr import (
    And,
    AtMost,
    Const,
    Count,
    Eq,
    Expr,
    If,
    Minus,
    Next,
    Not,
    Or,
    Param,
    Plus,
    Quantified,
    VarRef,
)
from ocpp_verify.ir.model import (
    ONLINE,
    ROLES,
    Assign,
    Call,
    ClearQueue,
    Event,
    ForEach,
    Hidden,
    Model,
    Parameter,
    Reply,
    Restart,
    Role,
    SetLink,
    Update,
    peer,
)
from ocpp_verify.ir.system import Label
from ocpp_verify.ir.types import Value, domain

Key: TypeAlias = tuple[str, tuple[Value, ...]]
Args: TypeAlias = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Flight:
    """A role's outstanding call. `behind`: an answer that was sent earlier arrives first."""

    call: str
    args: Args
    behind: bool = False
    answer: tuple[str, Args] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """A state: values of all variables, the outstanding call and the queue of each role."""

    values: tuple[tuple[Key, Value], ...]
    flights: tuple[Flight | None, Flight | None] = (None, None)
    queues: tuple[tuple[tuple[str, Args], ...], tuple[tuple[str, Args], ...]] = ((), ())

    def flight(self, role: Role) -> Flight | None:
        """The role's outstanding call."""
        return self.flights[ROLES.index(role)]

    def with_flight(self, role: Role, flight: Flight | None) -> World:
        """The same but for the role's outstanding call."""
        changed = list(self.flights)
        changed[ROLES.index(role)] = flight
        return replace(self, flights=(changed[0], changed[1]))

    def queue(self, role: Role) -> tuple[tuple[str, Args], ...]:
        """The role's stored calls, oldest first."""
        return self.queues[ROLES.index(role)]

    def with_queue(self, role: Role, queue: tuple[tuple[str, Args], ...]) -> World:
        """The same but for the role's stored calls."""
        changed = list(self.queues)
        changed[ROLES.index(role)] = queue
        return replace(self, queues=(changed[0], changed[1]))


def evaluate(expr: Expr, values: Mapping[Key, Value], env: Mapping[str, Value]) -> Value:
    """The value of the expression; `env` holds every parameter and bound name."""

    def of(inner: Expr) -> Value:
        return evaluate(inner, values, env)

    match expr:
        case Const():
            return expr.value
        case Param():
            return env[expr.name]
        case VarRef():
            return values[expr.name, tuple(of(each) for each in expr.indices)]
        case Eq():
            return of(expr.left) == of(expr.right)
        case AtMost():
            return of(expr.left) <= of(expr.right)  # type: ignore[operator]
        case Not():
            return not of(expr.body)
        case And():
            return all(of(each) for each in expr.args)
        case Or():
            return any(of(each) for each in expr.args)
        case If():
            return of(expr.yes if of(expr.condition) else expr.no)
        case Quantified():
            found = (
                bool(evaluate(expr.body, values, {**env, expr.name: value}))
                for value in domain(expr.over)
            )
            return all(found) if expr.kind == "forall" else any(found)
        case Count():
            return sum(
                bool(evaluate(expr.body, values, {**env, expr.name: value}))
                for value in domain(expr.over)
            )
        case Plus():
            return of(expr.left) + of(expr.right)  # type: ignore[operator]
        case Minus():
            return of(expr.left) - of(expr.right)  # type: ignore[operator]
        case Next():
            raise ValueError("next() has a meaning only between two states")
        case _:
            assert_never(expr)


class OutOfRangeError(Exception):
    """An update would leave the variable's domain: the step is not enabled."""


class Interpreter:
    """Runs a model. `steps` yields every enabled step with its label and the world after it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._domains = {variable.name: domain(variable.type) for variable in model.variables}
        self._domains[ONLINE] = (False, True)
        self._owners = {variable.name: variable.owner for variable in model.variables}

    # worlds -----------------------------------------------------------------------------------

    def initial(self) -> Iterator[World]:
        """All initial worlds: the link is down, nothing is in flight or stored."""
        keys: list[Key] = [(ONLINE, ())]
        choices: list[tuple[Value, ...]] = [(False,)]
        for variable in self.model.variables:
            for indices in product(*(each.values for each in variable.indices)):
                keys.append((variable.name, tuple(indices)))
                if variable.initial is None:
                    choices.append(domain(variable.type))
                else:
                    bound: dict[str, Value] = {
                        f"index{at}": each for at, each in enumerate(indices)
                    }
                    choices.append((evaluate(variable.initial, {}, bound),))
        for values in product(*choices):
            yield World(tuple(zip(keys, values, strict=True)))

    def holds(self, expr: Expr, world: World, env: Mapping[str, Value] | None = None) -> bool:
        """Whether a Boolean expression is true in the world."""
        return bool(evaluate(expr, dict(world.values), env or {}))

    # steps ------------------------------------------------------------------------------------

    def steps(self, world: World) -> Iterator[tuple[Label, World]]:
        """Every enabled step."""
        for action in self.model.actions:
            match action:
                case Event() | Hidden():
                    yield from self._simple(action, world)
                case Call():
                    yield from self._queue_or_send(action, world)
        for role in ROLES:
            yield from self._send_stored(role, world)
            flight = world.flight(role)
            if flight is not None and self._online(world):
                call = self.model.action(flight.call)
                assert isinstance(call, Call)
                if flight.answer is not None:
                    yield from self._receive(call, flight, world)
                elif not flight.behind:
                    yield from self._answer(call, flight, world)

    def _online(self, world: World) -> bool:
        return bool(dict(world.values)[ONLINE, ()])

    def _args(self, params: tuple[Parameter, ...]) -> Iterator[Args]:
        for values in product(*(domain(each.type) for each in params)):
            yield tuple((each.name, value) for each, value in zip(params, values, strict=True))

    def _simple(self, action: Event | Hidden, world: World) -> Iterator[tuple[Label, World]]:
        for args in self._args(action.params):
            if self.holds(action.guard, world, dict(args)):
                after = self._apply(action.updates, world, dict(args))
                if after is not None:
                    event = isinstance(action, Event)
                    actor = "environment" if event else action.role
                    yield Label("step", action.name, args, actor, action.role, event), after

    def _queue_or_send(self, call: Call, world: World) -> Iterator[tuple[Label, World]]:
        role = call.sender
        stored = tuple(each for each in call.params if each.computed is None)
        if call.queued:
            capacity = next(each.capacity for each in self.model.queues if each.role == role)
            if len(world.queue(role)) >= capacity:
                return
        elif not self._online(world) or world.flight(role) is not None:
            return
        for args in self._args(stored if call.queued else call.params):
            if not self.holds(call.guard, world, dict(args)):
                continue
            after = self._apply(call.updates, world, dict(args))
            if after is None:
                continue
            if call.queued:
                after = after.with_queue(role, (*after.queue(role), (call.name, args)))
                yield Label("queued", call.name, args, role, role, False), after
            else:
                after = self._launch(call, args, after)
                yield Label("sent", call.name, args, role, role, True), after

    def _launch(self, call: Call, args: Args, world: World) -> World:
        other = world.flight(peer(call.sender))
        behind = other is not None and other.answer is not None
        return world.with_flight(call.sender, Flight(call.name, args, behind))

    def _send_stored(self, role: Role, world: World) -> Iterator[tuple[Label, World]]:
        queue = world.queue(role)
        if not queue or not self._online(world) or world.flight(role) is not None:
            return
        declared = next(each for each in self.model.queues if each.role == role)
        if not all(self.holds(each.expr, world) for each in declared.guards):
            return
        name, stored = queue[0]
        call = self.model.action(name)
        values = dict(world.values)
        env = dict(stored)
        args = tuple(
            (
                each.name,
                env[each.name] if each.computed is None else evaluate(each.computed, values, env),
            )
            for each in call.params
        )
        assert isinstance(call, Call)
        yield Label("sent", name, args, role, role, True), self._launch(call, args, world)

    def _answer(self, call: Call, flight: Flight, world: World) -> Iterator[tuple[Label, World]]:
        answerer = call.receiver
        if self.holds(call.silent, world, dict(flight.args)):
            return
        for reply in call.replies:
            for answer in self._args(reply.params):
                env = {**dict(flight.args), **dict(answer)}
                if not self.holds(reply.guard, world, env):
                    continue
                after = self._apply(self._at(reply, answerer), world, env)
                if after is None:
                    continue
                after = after.with_flight(call.sender, replace(flight, answer=(reply.name, answer)))
                label = Label(
                    "reply", call.name, flight.args, answerer, answerer, True, reply.name, answer
                )
                yield label, after

    def _receive(self, call: Call, flight: Flight, world: World) -> Iterator[tuple[Label, World]]:
        assert flight.answer is not None
        outcome, answer = flight.answer
        reply = next(each for each in call.replies if each.name == outcome)
        env = {**dict(flight.args), **dict(answer)}
        after = self._apply(self._at(reply, call.sender), world, env)
        if after is None:
            return
        after = after.with_flight(call.sender, None)
        if call.queued:
            after = after.with_queue(call.sender, after.queue(call.sender)[1:])
        blocked = after.flight(call.receiver)
        if blocked is not None and blocked.behind:
            after = after.with_flight(call.receiver, replace(blocked, behind=False))
        label = Label(
            "received", call.name, flight.args, call.sender, call.sender, False, outcome, answer
        )
        yield label, after

    # updates ----------------------------------------------------------------------------------

    def _at(self, reply: Reply, role: Role) -> tuple[Update, ...]:
        return self._owned(reply.updates, role)

    def _owned(self, updates: tuple[Update, ...], role: Role) -> tuple[Update, ...]:
        """What a reply changes at the role; a reply has no effect on the link."""
        kept: list[Update] = []
        for update in updates:
            match update:
                case Assign():
                    if self._owners[update.variable] == role:
                        kept.append(update)
                case ForEach():
                    kept.append(replace(update, updates=self._owned(update.updates, role)))
                case Restart() | ClearQueue():
                    if update.role == role:
                        kept.append(update)
                case SetLink():
                    pass
        return tuple(kept)

    def _apply(
        self, updates: tuple[Update, ...], world: World, env: Mapping[str, Value]
    ) -> World | None:
        """The world after simultaneous updates and the reactions to them; None out of range."""
        try:
            return self._react(world, self._change(updates, world, env))
        except OutOfRangeError:
            return None

    def _change(self, updates: tuple[Update, ...], world: World, env: Mapping[str, Value]) -> World:
        """What is assigned outright wins over a restart, and that over what a lost call changes."""
        before = dict(world.values)
        each_update = list(self._unrolled(updates, before, env))
        broken = any(isinstance(each, SetLink) and not each.up for each, _ in each_update)
        values = dict(before)
        after = world
        if broken:
            for role in ROLES:
                values.update(self._lost(world.flight(role), before))
                after = after.with_flight(role, None)
        for update, _ in each_update:
            if isinstance(update, Restart):
                values.update(self._restarted(update.role, before))
            elif isinstance(update, ClearQueue):
                after = after.with_queue(update.role, self._not_forgotten(update.role, after))
        values.update(self._assigned(each_update, before))
        return replace(after, values=tuple((key, values[key]) for key, _ in world.values))

    def _unrolled(
        self, updates: tuple[Update, ...], before: Mapping[Key, Value], env: Mapping[str, Value]
    ) -> Iterator[tuple[Update, Mapping[str, Value]]]:
        """The updates that happen, in the order in which they are written, without loops."""
        for update in updates:
            if isinstance(update, ForEach):
                for value in domain(update.over):
                    inner = {**env, update.name: value}
                    if evaluate(update.condition, before, inner):
                        yield from self._unrolled(update.updates, before, inner)
            else:
                yield update, env

    def _assigned(
        self,
        updates: Iterable[tuple[Update, Mapping[str, Value]]],
        before: Mapping[Key, Value],
    ) -> dict[Key, Value]:
        """What the updates assign; of two assignments to one variable the later counts."""
        assigned: dict[Key, Value] = {}
        for update, env in updates:
            match update:
                case Assign():
                    indices = tuple(evaluate(each, before, env) for each in update.indices)
                    value = evaluate(update.value, before, env)
                    if value not in self._domains[update.variable]:
                        raise OutOfRangeError
                    assigned[update.variable, indices] = value
                case SetLink():
                    assigned[ONLINE, ()] = update.up
                case ForEach() | Restart() | ClearQueue():
                    pass
                case _:
                    assert_never(update)
        return assigned

    def _lost(self, flight: Flight | None, before: Mapping[Key, Value]) -> dict[Key, Value]:
        """What the loss of the call changes."""
        if flight is None:
            return {}
        call = self.model.action(flight.call)
        assert isinstance(call, Call)
        return self._assigned(self._unrolled(call.lost, before, dict(flight.args)), before)

    def _restarted(self, role: Role, before: Mapping[Key, Value]) -> dict[Key, Value]:
        """The initial values of what the role does not keep; `any` becomes the first value."""
        found: dict[Key, Value] = {}
        for variable in self.model.variables:
            if variable.owner != role or (variable.persistent or variable.config or variable.trait):
                continue
            for name, indices in before:
                if name == variable.name:
                    bound: dict[str, Value] = {
                        f"index{at}": each for at, each in enumerate(indices)
                    }
                    found[name, indices] = (
                        domain(variable.type)[0]
                        if variable.initial is None
                        else evaluate(variable.initial, {}, bound)
                    )
        return found

    def _not_forgotten(self, role: Role, world: World) -> tuple[tuple[str, Args], ...]:
        """What `forget queue` leaves: the call that is on its way stays until it is answered."""
        flight = world.flight(role)
        if flight is None:
            return ()
        call = self.model.action(flight.call)
        assert isinstance(call, Call)
        return world.queue(role)[:1] if call.queued else ()

    def _react(self, world: World, after: World) -> World:
        """The world after all reactions; each sees the state after the step's own updates."""
        old, new = dict(world.values), dict(after.values)
        changed = dict(new)
        for reaction in self.model.reactions:
            for args in self._args(reaction.params):
                env = dict(args)
                if evaluate(reaction.body, old, env) != evaluate(reaction.body, new, env):
                    updates = self._unrolled(reaction.updates, new, env)
                    changed.update(self._assigned(updates, new))
        return replace(after, values=tuple((key, changed[key]) for key, _ in after.values))
