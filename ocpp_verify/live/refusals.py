"""States in which one condition alone forbids the system under test a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocpp_verify.ir.clauses import told
from ocpp_verify.ir.conditions import reasons, refusal_name, single_conditions
from ocpp_verify.ir.formula import NO, every, negation, some
from ocpp_verify.ir.lower import Lowering, assignments
from ocpp_verify.ir.model import Call, Conjunct, Event, Hidden, Model, Parameter, Role
from ocpp_verify.ir.show import Shower
from ocpp_verify.ir.system import Formula
from ocpp_verify.live.oracle import Args
from ocpp_verify.live.planner import Purpose, waiting
from ocpp_verify.source import Place


def refusals(lowering: Lowering, role: Role) -> list[Purpose]:
    """Purposes by the names of `refusal_name`, in the order of the model.

    Answers have one for each kind of request. A condition that is joined of others gives one for each of them: there, nothing but that part
    keeps the step from being permitted.
    """
    shower = Shower(lowering.model.definitions)
    goals: dict[str, list[Formula]] = {}
    where: dict[str, tuple[Place, tuple[str, ...]]] = {}
    for step, guards, params, call in _steps(lowering.model, role):
        for conjunct, args, reason, goal in _goals(lowering, guards, params, call, shower):
            told_step = step if call is None else step.replace(call.name, told(call, args), 1)
            name = refusal_name(told_step, reason)
            goals.setdefault(name, []).append(goal)
            where.setdefault(name, (conjunct.at, conjunct.rules))
    return [
        Purpose(name, "temptation", *where[name], goal=some(found)) for name, found in goals.items()
    ]


def _steps(
    model: Model, role: Role
) -> Iterator[tuple[str, Sequence[Conjunct], Sequence[Parameter], Call | None]]:
    """Steps of the role that can be seen or that time would force."""
    for action in model.actions:
        if isinstance(action, Event) or (isinstance(action, Hidden) and action.after is None):
            continue
        owner = action.sender if isinstance(action, Call) else action.role
        if owner == role:
            yield action.name, action.guards, action.params, None
        if isinstance(action, Call) and action.receiver == role:
            for reply in action.replies:
                params = [*action.params, *reply.params]
                yield f"{action.name}.{reply.name}", reply.guards, params, action


def _goals(
    lowering: Lowering,
    guards: Sequence[Conjunct],
    params: Sequence[Parameter],
    call: Call | None,
    shower: Shower,
) -> Iterator[tuple[Conjunct, Args, str, Formula]]:
    conditions = single_conditions(guards)
    for args in assignments(params):
        env = dict(args)
        holding = [lowering.formula(expr, env) for expr, _ in conditions]
        before = [] if call is None else [waiting(lowering, call, env)]
        for at, (expr, conjunct) in enumerate(conditions):
            others = [*before, *holding[:at], *holding[at + 1 :], negation(holding[at])]
            for reason, lifted in reasons(expr):
                goal = every([*others, lowering.formula(lifted, env)])
                if goal != NO:
                    yield conjunct, args, shower.expr(reason), goal
