"""The guarded commands of actions: one per values of the parameters, before anything watches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ocpp_verify.ir.formula import NO, every, negation
from ocpp_verify.ir.grounding import Grounding
from ocpp_verify.ir.lower.arguments import Args, assignments, restrict
from ocpp_verify.ir.lower.effects import Effects, Write
from ocpp_verify.ir.lower.layout import Layout
from ocpp_verify.ir.lower.locality import updates_at
from ocpp_verify.ir.lower.slots import Answered, InFlight, Shape, Stored
from ocpp_verify.ir.model import Call, Event, Hidden, Model, Queue, Reply, peer
from ocpp_verify.ir.system import Formula, Index, Label, Term
from ocpp_verify.ir.types import Value
from ocpp_verify.source import Place


@dataclass(slots=True)
class Draft:
    """A command in the making. `breaks` says when it breaks the link."""

    label: Label
    guard: Formula
    updates: dict[int, Term]
    at: Place
    rules: tuple[str, ...]
    breaks: Formula = NO


class Commands:
    """Makes the commands of a model's actions, in the order of declaration."""

    def __init__(
        self, model: Model, layout: Layout, grounding: Grounding, effects: Effects
    ) -> None:
        self._model = model
        self._layout = layout
        self._grounding = grounding
        self._effects = effects
        self._queues = {queue.role: queue for queue in model.queues}

    def drafts(self) -> Iterator[Draft]:
        """All commands that are not plainly impossible."""
        for action in self._model.actions:
            made = self._call(action) if isinstance(action, Call) else self._simple(action)
            yield from (draft for draft in made if draft.guard != NO)

    def _simple(self, action: Event | Hidden) -> Iterator[Draft]:
        is_event = isinstance(action, Event)
        for args in assignments(action.params):
            effect = self._effects.of(action.updates, dict(args))
            yield Draft(
                Label(
                    "step",
                    action.name,
                    args,
                    "environment" if is_event else action.role,
                    action.role,
                    visible=is_event,
                ),
                every((self._grounding.truth(action.guard, dict(args)), every(effect.fits))),
                self._effects.fold(effect.writes(), {}),
                action.at,
                action.rules,
                effect.breaks,
            )

    def _call(self, call: Call) -> Iterator[Draft]:
        shape = self._layout.shapes[call.name]
        if call.queued:
            yield from self._store(call, shape)
            yield from self._send_stored(call, shape)
        else:
            yield from self._send(call, shape)
        for reply in call.replies:
            yield from self._answer(call, shape, reply)
            if shape.is_on_its_way(reply):
                yield from self._receive(call, shape, reply)

    # requests ---------------------------------------------------------------------------------

    def _send(self, call: Call, shape: Shape) -> Iterator[Draft]:
        free = every((self._layout.up(), self._layout.slot_is(call.sender, None)))
        for args in assignments(call.params):
            effect = self._effects.of(call.updates, dict(args))
            updates = self._effects.fold(effect.writes(), {})
            updates[self._layout.slot[call.sender]] = self._layout.launched(
                shape, restrict(args, shape.flight)
            )
            yield Draft(
                Label("sent", call.name, args, call.sender, call.sender, visible=True),
                every((free, self._grounding.truth(call.guard, dict(args)), every(effect.fits))),
                updates,
                call.at,
                call.rules,
            )

    def _store(self, call: Call, shape: Shape) -> Iterator[Draft]:
        layout = self._layout
        entries = layout.entries[call.sender]
        room = layout.holds(entries[-1], None)
        for args in assignments([each for each in call.params if each.computed is None]):
            effect = self._effects.of(call.updates, dict(args))
            updates = self._effects.fold(effect.writes(), {})
            entry = Stored(call.name, restrict(args, shape.stored))
            updates |= self._effects.fold(self._appended(entries, entry), {})
            yield Draft(
                Label("queued", call.name, args, call.sender, call.sender, visible=False),
                every((room, self._grounding.truth(call.guard, dict(args)), every(effect.fits))),
                updates,
                call.at,
                call.rules,
            )

    def _appended(self, entries: tuple[int, ...], entry: Stored) -> Iterator[Write]:
        """The entry in the first free place."""
        layout = self._layout
        for at, cell in enumerate(entries):
            free = [layout.holds(cell, None)]
            if at:
                free.append(negation(layout.holds(entries[at - 1], None)))
            number = layout.cells[cell].domain.index(entry)
            yield Write(cell, every(free), Index(number))

    def _send_stored(self, call: Call, shape: Shape) -> Iterator[Draft]:
        layout = self._layout
        queue = self._queues[call.sender]
        free = every((layout.up(), layout.slot_is(call.sender, None), self.open(queue)))
        head = layout.entries[call.sender][0]
        for args in assignments(shape.stored):
            here = layout.holds(head, Stored(call.name, args))
            for known, told in self._computed(call, args):
                full = tuple(
                    (each.name, known[each.name]) for each in call.params if each.name in known
                )
                launched = layout.launched(shape, restrict(full, shape.flight))
                yield Draft(
                    Label("sent", call.name, full, call.sender, call.sender, visible=True),
                    every((free, here, told)),
                    {layout.slot[call.sender]: launched},
                    call.at,
                    call.rules,
                )

    def _computed(self, call: Call, args: Args) -> Iterator[tuple[dict[str, Value], Formula]]:
        """The arguments with those that are computed at sending, and when they are these."""
        computed = {each.name: each.computed for each in call.params if each.computed is not None}
        cases = [self._grounding.cases(each, dict(args)) for each in computed.values()]
        for values in product(*cases):
            told = every(case[value] for case, value in zip(cases, values, strict=True))
            yield {**dict(args), **dict(zip(computed, values, strict=True))}, told

    def open(self, queue: Queue) -> Formula:
        """The queue permits that its head is sent."""
        return every(self._grounding.truth(each.expr, {}) for each in queue.guards)

    # answers ----------------------------------------------------------------------------------

    def _answer(self, call: Call, shape: Shape, reply: Reply) -> Iterator[Draft]:
        layout = self._layout
        updates_here = updates_at(self._model, reply.updates, call.receiver)
        for kept in assignments(shape.flight):
            waiting = every((layout.up(), layout.slot_is(call.sender, InFlight(call.name, kept))))
            for known, where in layout.known_args(shape, kept):
                silent = self._grounding.truth(call.silent, known)
                args = tuple(
                    (each.name, known[each.name]) for each in call.params if each.name in known
                )
                for answer in assignments(reply.params):
                    env = {**known, **dict(answer)}
                    permitted = self._grounding.truth(reply.guard, env)
                    effect = self._effects.of(updates_here, env)
                    guard = every((waiting, where, permitted, negation(silent)))
                    updates = self._effects.fold(effect.writes(), {})
                    updates |= self._answered(shape, known, reply, answer)
                    yield Draft(
                        Label(
                            "reply",
                            call.name,
                            args,
                            call.receiver,
                            call.receiver,
                            visible=True,
                            outcome=reply.name,
                            answer=answer,
                        ),
                        every((guard, every(effect.fits))),
                        updates,
                        reply.at,
                        reply.rules or call.rules,
                    )

    def _answered(
        self, shape: Shape, known: dict[str, Value], reply: Reply, answer: Args
    ) -> dict[int, Term]:
        """The answer on its way, or the call over if its arrival changes nothing."""
        layout = self._layout
        if reply.name in shape.received_at_once:
            return dict(layout.freed(shape))
        sender = shape.call.sender
        on_its_way = Answered(
            shape.call.name,
            restrict(tuple(known.items()), shape.back),
            shape.same_receipt[reply.name],
            restrict(answer, shape.answer_kept[reply.name]),
        )
        return {layout.slot[sender]: layout.slot_to(sender, on_its_way)}

    def _receive(self, call: Call, shape: Shape, reply: Reply) -> Iterator[Draft]:
        layout = self._layout
        updates_here = updates_at(self._model, reply.updates, call.sender)
        for kept in assignments(shape.back):
            for answer in assignments(shape.answer_kept[reply.name]):
                on_its_way = Answered(call.name, kept, reply.name, answer)
                arrives = every((layout.up(), layout.slot_is(call.sender, on_its_way)))
                for known, where in layout.known_args(shape, kept):
                    effect = self._effects.of(updates_here, {**known, **dict(answer)})
                    updates = self._effects.fold(effect.writes(), {})
                    updates |= dict(layout.freed(shape))
                    updates |= dict(layout.unblocked(peer(call.sender)))
                    yield Draft(
                        Label(
                            "received",
                            call.name,
                            tuple(known.items()),
                            call.sender,
                            call.sender,
                            visible=False,
                            outcome=reply.name,
                            answer=answer,
                        ),
                        every((arrives, where, every(effect.fits))),
                        updates,
                        reply.at,
                        reply.rules,
                    )
