"""The parts together: a model, with what watches it, as a ground system."""

from __future__ import annotations

from collections.abc import Sequence

from ocpp_verify.ir.expr import Expr
from ocpp_verify.ir.formula import NO, every, some
from ocpp_verify.ir.grounding import Env, Grounding
from ocpp_verify.ir.lower.commands import Commands, Draft
from ocpp_verify.ir.lower.duties import Duties
from ocpp_verify.ir.lower.effects import Effects
from ocpp_verify.ir.lower.layout import lay_out
from ocpp_verify.ir.lower.slots import shape_of
from ocpp_verify.ir.lower.watching import Watchers, patterns_of
from ocpp_verify.ir.model import Model
from ocpp_verify.ir.properties import Monitor, Scenario
from ocpp_verify.ir.system import Command, Formula, System


class Lowering:
    """A model's ground system, and the translation of further expressions over its cells.

    Monitors add their ghosts as cells and their updates to the steps they watch; `bad` holds, for
    each monitor, the condition under which a step is enabled that breaks one of its assertions,
    `bad_steps` the same by command, and `seen`, for each monitor and watch of it, the condition
    under which a step is enabled that the watch is about.
    Scenarios add one cell of progress each; `goals` holds the condition that a scenario is complete.
    """

    def __init__(
        self,
        model: Model,
        monitors: Sequence[Monitor] = (),
        scenarios: Sequence[Scenario] = (),
        *,
        on_the_wire: bool = False,
    ) -> None:
        self.model = model
        watched = patterns_of(monitors, scenarios)
        shapes = {
            call.name: shape_of(model, call, watched, on_the_wire=on_the_wire)
            for call in model.calls()
        }
        layout = lay_out(model, shapes, monitors, scenarios)
        self.grounding = Grounding(layout.cells)
        effects = Effects(model, layout, self.grounding)
        watchers = Watchers(monitors, scenarios, layout, self.grounding, effects)
        making = Commands(model, layout, self.grounding, effects)
        commands: list[Command] = []
        for draft in making.drafts():
            draft.guard = every((draft.guard, effects.react(draft.updates)))
            if draft.guard != NO:
                watchers.watch(len(commands), draft)
                commands.append(_finished(draft))
        commands += watchers.marks()
        self.bad_steps = watchers.bad_steps
        self.bad = watchers.bad()
        self.seen = {watch: some(parts) for watch, parts in watchers.seen.items()}
        self.goals = watchers.goals()
        self.system = System(
            model.name,
            layout.cells,
            tuple(commands),
            duties=tuple(Duties(model, layout, self.grounding, making, commands).all()),
            sizes=model.sizes,
            rests_on=tuple(
                f"at most {queue.capacity} queued calls at the {queue.role}"
                for queue in model.queues
            ),
        )

    def formula(self, expr: Expr, env: Env | None = None) -> Formula:
        """An expression over the model's variables as a formula over the cells."""
        return self.grounding.truth(expr, env or {})


def _finished(draft: Draft) -> Command:
    updates = tuple(sorted(draft.updates.items()))
    return Command(draft.label, draft.guard, updates, draft.at, draft.rules)


def lower(
    model: Model,
    monitors: Sequence[Monitor] = (),
    scenarios: Sequence[Scenario] = (),
    *,
    on_the_wire: bool = False,
) -> Lowering:
    """The ground system of a model, with these monitors and scenarios watching.

    `on_the_wire`: queued calls keep all they will show on the wire, as a tester needs it; otherwise
    only what can still matter.
    """
    return Lowering(model, monitors, scenarios, on_the_wire=on_the_wire)
