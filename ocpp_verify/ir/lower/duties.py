"""What each role owes: the model's duties, an answer to each call, and sending what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocpp_verify.ir.formula import NO, every, negation, some
from ocpp_verify.ir.grounding import Grounding
from ocpp_verify.ir.lower.arguments import Args, assignments, shown_call
from ocpp_verify.ir.lower.commands import Commands
from ocpp_verify.ir.lower.layout import Layout
from ocpp_verify.ir.lower.slots import InFlight, Shape
from ocpp_verify.ir.model import Action, Call, Duty, Model, Queue
from ocpp_verify.ir.system import Command, Formula, GroundDuty


class Duties:
    """Grounds the duties of a model over the commands of its system."""

    def __init__(
        self,
        model: Model,
        layout: Layout,
        grounding: Grounding,
        making: Commands,
        commands: Sequence[Command],
    ) -> None:
        self._model = model
        self._layout = layout
        self._grounding = grounding
        self._making = making
        self._commands = commands
        self._seconds = {each.name: each.seconds for each in model.settings}

    def all(self) -> Iterator[GroundDuty]:
        """The declared ones, then those that come with calls, then those of the queues."""
        for duty in self._model.duties:
            yield from self._declared(duty)
        for shape in self._layout.shapes.values():
            yield self._to_answer(shape)
        for queue in self._model.queues:
            yield self._to_send(queue)

    def _declared(self, duty: Duty) -> Iterator[GroundDuty]:
        action = self._model.action(duty.action)
        owner = action.sender if isinstance(action, Call) else action.role
        within = duty.within
        seconds = within.seconds if within.name is None else self._seconds[within.name]
        for args in assignments(duty.params):
            while_ = self._grounding.truth(duty.while_, dict(args))
            pending = every((while_, self._is_possible(action)))
            if pending != NO:
                yield GroundDuty(
                    shown_call(duty.action, args),
                    owner,
                    pending,
                    self._done(action, args),
                    seconds,
                    within.name,
                    duty.at,
                    duty.rules,
                    duty.advice,
                )

    def _is_possible(self, action: Action) -> Formula:
        """What the link or the queue must leave room for; a duty rests meanwhile."""
        if not isinstance(action, Call):
            return every(())
        if action.queued:
            return self._layout.holds(self._layout.entries[action.sender][-1], None)
        return every((self._layout.up(), self._layout.slot_is(action.sender, None)))

    def _done(self, action: Action, args: Args) -> tuple[int, ...]:
        """The commands that discharge a duty to do the action."""
        is_stored = isinstance(action, Call) and action.queued
        phases = ("step", "queued" if is_stored else "sent")
        return tuple(
            number
            for number, command in enumerate(self._commands)
            if command.label.action == action.name
            and command.label.phase in phases
            and all(dict(command.label.args).get(name) == value for name, value in args)
        )

    def _to_answer(self, shape: Shape) -> GroundDuty:
        call, layout = shape.call, self._layout
        waiting = []
        for kept in assignments(shape.flight):
            here = layout.slot_is(call.sender, InFlight(call.name, kept))
            for known, where in layout.known_args(shape, kept):
                excused = self._grounding.truth(call.silent, known)
                waiting.append(every((here, where, negation(excused))))
        return GroundDuty(
            f"answer {call.name}",
            call.receiver,
            every((layout.up(), some(waiting))),
            tuple(
                number
                for number, command in enumerate(self._commands)
                if command.label.phase == "reply" and command.label.action == call.name
            ),
            None,
            None,
            call.at,
            call.rules,
        )

    def _to_send(self, queue: Queue) -> GroundDuty:
        layout = self._layout
        head = layout.entries[queue.role][0]
        return GroundDuty(
            f"send what is queued at the {queue.role}",
            queue.role,
            every(
                (
                    layout.up(),
                    layout.slot_is(queue.role, None),
                    self._making.open(queue),
                    negation(layout.holds(head, None)),
                )
            ),
            tuple(
                number
                for number, command in enumerate(self._commands)
                if command.label.phase == "sent"
                and layout.shapes[command.label.action].call.queued
                and command.label.role == queue.role
            ),
            None,
            None,
            queue.at,
            tuple(rule for each in queue.guards for rule in each.rules),
        )
