"""A call in flight is one cell per role, its slot; here is what a slot has to remember.

A slot is empty, holds a call in flight, or an answer on its way back. It remembers only what can
still matter:

- arguments that no reply, receipt or loss reads are forgotten at once;
- an answer whose arrival changes nothing is received in the moment it is sent, but for stored
  calls, which leave the queue at the arrival;
- answers whose arrival does the same are one;
- a call waits *behind* an answer only if that answer still changes something when it arrives.

Each of these merges states that no further run can tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.expr import free_params
from ocpp_verify.ir.lower.arguments import Args, assignments, shown_call
from ocpp_verify.ir.lower.locality import bare, params_read, updates_at
from ocpp_verify.ir.model import Call, Model, Parameter, Reply, Update
from ocpp_verify.ir.properties import Pattern


@dataclass(frozen=True, slots=True)
class InFlight:
    """A call on its way or being handled. `behind`: an answer sent earlier arrives first."""

    call: str
    args: Args
    behind: bool = False

    def __str__(self) -> str:
        return f"{shown_call(self.call, self.args)} {'behind' if self.behind else 'in flight'}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on its way back."""

    call: str
    args: Args
    outcome: str
    answer: Args

    def __str__(self) -> str:
        return f"{shown_call(self.call, self.args)}.{self.outcome} on its way"


@dataclass(frozen=True, slots=True)
class Stored:
    """A queued call."""

    call: str
    args: Args

    def __str__(self) -> str:
        return shown_call(self.call, self.args)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is remembered of one call.

    Attributes:
        flight: the parameters kept while the call is in flight; those of a queued call that stay
            in its queue are not among them.
        back: the parameters kept while its answer is on its way.
        stored: the parameters kept in the queue, for a queued call.
        received_at_once: the outcomes whose answer has arrived as soon as it is sent.
        answer_kept: for each outcome the parameters of the answer kept on its way.
        same_receipt: for each outcome the first one whose arrival does the same.
    """

    call: Call
    flight: tuple[Parameter, ...]
    back: tuple[Parameter, ...]
    stored: tuple[Parameter, ...]
    received_at_once: frozenset[str]
    answer_kept: Mapping[str, tuple[Parameter, ...]]
    same_receipt: Mapping[str, str]

    def is_on_its_way(self, reply: Reply) -> bool:
        """Whether slots tell this outcome from the others while its answer is on its way."""
        return (
            reply.name not in self.received_at_once and self.same_receipt[reply.name] == reply.name
        )

    def slot_values(self) -> list[InFlight | Answered]:
        """What a slot may hold of this call."""
        name = self.call.name
        values: list[InFlight | Answered] = []
        for args in assignments(self.flight):
            values += [InFlight(name, args), InFlight(name, args, behind=True)]
        for reply in self.call.replies:
            if self.is_on_its_way(reply):
                values += [
                    Answered(name, args, reply.name, answer)
                    for args in assignments(self.back)
                    for answer in assignments(self.answer_kept[reply.name])
                ]
        return values


def shape_of(model: Model, call: Call, watched: Sequence[Pattern], *, on_the_wire: bool) -> Shape:
    """What has to be remembered of the call while these patterns are watched for.

    `on_the_wire`: a stored call keeps all that it will show on the wire.
    """
    receipts = {reply.name: updates_at(model, reply.updates, call.sender) for reply in call.replies}
    after_reply = _args_watched(watched, call.name, "received", "lost")
    is_watched = any(
        each.action == call.name and each.phase in ("received", "lost") for each in watched
    )
    at_receipt = params_read(call.lost) | after_reply
    for updates in receipts.values():
        at_receipt |= params_read(updates)
    at_reply = free_params(call.silent) | at_receipt | _args_watched(watched, call.name, "reply")
    for reply in call.replies:
        at_reply |= free_params(reply.guard)
        at_reply |= params_read(updates_at(model, reply.updates, call.receiver))
    at_sending = _args_watched(watched, call.name, "sent").union(
        *(free_params(each.computed) for each in call.params if each.computed is not None)
    )
    stored = tuple(
        each
        for each in call.params
        if call.queued
        and each.computed is None
        and (each.name in at_sending | at_reply or (on_the_wire and not each.internal))
    )
    unstored = [each for each in call.params if each not in stored]
    return Shape(
        call,
        flight=tuple(each for each in unstored if each.name in at_reply),
        back=tuple(each for each in unstored if each.name in at_receipt),
        stored=stored,
        received_at_once=frozenset(
            name
            for name, updates in receipts.items()
            if not updates and not call.lost and not call.queued and not is_watched
        ),
        answer_kept={
            reply.name: tuple(
                each
                for each in reply.params
                if each.name in params_read(receipts[reply.name]) | after_reply
            )
            for reply in call.replies
        },
        same_receipt=_same_receipts(call, receipts, apart=is_watched),
    )


def _same_receipts(
    call: Call, receipts: Mapping[str, tuple[Update, ...]], *, apart: bool
) -> dict[str, str]:
    if apart:
        return {reply.name: reply.name for reply in call.replies}
    first: dict[object, str] = {}
    return {
        reply.name: first.setdefault(
            (bare(receipts[reply.name]), tuple((each.name, each.type) for each in reply.params)),
            reply.name,
        )
        for reply in call.replies
    }


def _args_watched(watched: Sequence[Pattern], call: str, *phases: str) -> frozenset[str]:
    return frozenset(
        name
        for each in watched
        if each.action == call and each.phase in phases
        for name, value in each.args
        if value is not None
    )
