"""What updates and reactions write, as terms by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import assert_never

from ocpp_verify.ir.formula import (
    NO,
    YES,
    after,
    cells_of,
    choice,
    every,
    negation,
    some,
    term_after,
)
from ocpp_verify.ir.grounding import Cases, Env, Grounding
from ocpp_verify.ir.lower.arguments import assignments
from ocpp_verify.ir.lower.layout import Layout
from ocpp_verify.ir.lower.slots import Answered, InFlight, Shape
from ocpp_verify.ir.model import (
    ROLES,
    Assign,
    ClearQueue,
    ForEach,
    Model,
    Reaction,
    Restart,
    Role,
    SetLink,
    Update,
)
from ocpp_verify.ir.system import Formula, Index, Term
from ocpp_verify.ir.types import Value, domain


@dataclass(frozen=True, slots=True)
class Write:
    """The cell takes the term's value if the condition holds."""

    cell: int
    condition: Formula
    term: Term


@dataclass(slots=True)
class Effect:
    """What some updates do.

    Attributes:
        explicit: what is assigned outright; of two writes to one cell the later wins. These win
            over `restarted`, and those over `lost`, what the loss of a call changes.
        fits: conditions that must hold, else some value is out of its range.
        breaks: when the link breaks.
        forgotten: the queues that are forgotten, and when.
    """

    explicit: list[Write] = field(default_factory=list)
    restarted: list[Write] = field(default_factory=list)
    lost: list[Write] = field(default_factory=list)
    fits: list[Formula] = field(default_factory=list)
    breaks: Formula = NO
    forgotten: list[tuple[Role, Formula]] = field(default_factory=list)

    def writes(self) -> list[Write]:
        """All writes, the winning ones last."""
        return [*self.lost, *self.restarted, *self.explicit]


@dataclass(frozen=True, slots=True)
class Flight:
    """A call that a slot may hold, in flight or answered, and when it does."""

    shape: Shape
    args: Mapping[str, Value]
    here: Formula


def flights(layout: Layout, role: Role) -> Iterator[Flight]:
    """All calls that the slot of `role` may hold."""
    cell = layout.slot[role]
    for number, value in enumerate(layout.cells[cell].domain):
        if isinstance(value, InFlight | Answered):
            shape = layout.shapes[value.call]
            here = layout.holds(cell, layout.cells[cell].domain[number])
            for args, where in layout.known_args(shape, value.args):
                yield Flight(shape, args, every((here, where)))


class Effects:
    """Translates updates over the cells of one layout."""

    def __init__(self, model: Model, layout: Layout, grounding: Grounding) -> None:
        self._model = model
        self._layout = layout
        self._grounding = grounding
        self._reactions = [
            (reaction, env, values, frozenset[int]().union(*map(cells_of, values.values())))
            for reaction, env, values in self._reaction_instances()
        ]

    def of(self, updates: Sequence[Update], env: Env) -> Effect:
        """What the updates do under these values of the parameters."""
        effect = Effect()
        self._collect(updates, env, YES, effect)
        for role, condition in effect.forgotten:
            effect.explicit += self._forget(role, condition, effect.breaks)
        return effect

    def fold(
        self, writes: Iterable[Write], into: dict[int, Term], condition: Formula = YES
    ) -> dict[int, Term]:
        """Put the writes on top of the terms that are there, where the condition holds."""
        for write in writes:
            below = into.get(write.cell, self._layout.stays(write.cell))
            into[write.cell] = choice(every((condition, write.condition)), write.term, below)
        return into

    def _collect(
        self, updates: Sequence[Update], env: Env, condition: Formula, effect: Effect
    ) -> None:
        for update in updates:
            match update:
                case Assign():
                    self._assign(update, env, condition, effect)
                case ForEach():
                    for value in domain(update.over):
                        inner = {**env, update.name: value}
                        here = self._grounding.truth(update.condition, inner)
                        self._collect(update.updates, inner, every((condition, here)), effect)
                case Restart():
                    effect.restarted += self._restart(update.role, condition)
                case SetLink():
                    to = Index(int(update.up))
                    effect.explicit.append(Write(self._layout.online, condition, to))
                    if not update.up:
                        self._break(condition, effect)
                case ClearQueue():
                    effect.forgotten += [(update.role, condition)]
                case _:
                    assert_never(update)

    def _assign(self, update: Assign, env: Env, condition: Formula, effect: Effect) -> None:
        choices = [self._grounding.cases(each, env) for each in update.indices]
        for indices in product(*choices):
            here = every(
                (condition, *(each[at] for each, at in zip(choices, indices, strict=True)))
            )
            cell = self._grounding.cell(update.variable, tuple(indices))
            term, fits = self._grounding.term(cell, update.value, env)
            effect.fits.append(some((negation(here), fits)))
            effect.explicit.append(Write(cell, here, term))

    def _restart(self, role: Role, condition: Formula) -> Iterator[Write]:
        for number, cell in enumerate(self._layout.cells):
            if cell.owner != role or cell.kind != "state":
                continue
            if not self._model.variable(cell.variable).persistent:
                yield Write(number, condition, Index(cell.initial[0]))

    def _forget(self, role: Role, condition: Formula, breaks: Formula) -> Iterator[Write]:
        """Empty the queue; a call that stays on its way keeps its place."""
        free = some((breaks, negation(self._layout.holds_queued(role))))
        for at, cell in enumerate(self._layout.entries[role]):
            yield Write(cell, condition if at else every((condition, free)), Index(0))

    def _break(self, condition: Formula, effect: Effect) -> None:
        effect.breaks = some((effect.breaks, condition))
        for role in ROLES:
            effect.explicit.append(Write(self._layout.slot[role], condition, Index(0)))
            for flight in flights(self._layout, role):
                if flight.shape.call.lost:
                    inner = self.of(flight.shape.call.lost, flight.args)
                    lost = every((condition, flight.here))
                    effect.fits.append(some((negation(lost), every(inner.fits))))
                    effect.lost += [
                        Write(write.cell, every((lost, write.condition)), write.term)
                        for write in inner.writes()
                    ]

    # reactions --------------------------------------------------------------------------------

    def _reaction_instances(self) -> Iterator[tuple[Reaction, Env, Cases]]:
        for reaction in self._model.reactions:
            for args in assignments(reaction.params):
                env = dict(args)
                yield reaction, env, self._grounding.cases(reaction.body, env)

    def react(self, updates: dict[int, Term]) -> Formula:
        """Let the model's reactions follow the updates: they see the state after these.

        Reactions are simultaneous: none sees what another writes. What comes back is the condition
        that all values fit.
        """
        sizes = list(self._layout.sizes)
        before = dict(updates)
        fits: list[Formula] = []
        for reaction, env, values, reads in self._reactions:
            if not reads & before.keys():
                continue
            changed = some(
                every((now, negation(after(now, before, sizes)))) for now in values.values()
            )
            if changed == NO:
                continue
            effect = self.of(reaction.updates, env)
            fits.append(some((negation(changed), after(every(effect.fits), before, sizes))))
            for write in effect.writes():
                here = every((changed, after(write.condition, before, sizes)))
                term = term_after(write.term, before, sizes)
                self.fold((Write(write.cell, here, term),), updates)
        return every(fits)
