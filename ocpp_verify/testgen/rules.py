"""What a module of generated tests consists of: rules that a tester may draw, and scenarios.

Everything a rule draws comes from a fixed range that the model's types give. What the system under
test does never decides what can be drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal, TypeAlias

from ocpp_verify.ir.expr import Const, Expr, Param, VarRef, walk
from ocpp_verify.ir.model import (
    Action,
    Assign,
    Call,
    Conjunct,
    Event,
    ForEach,
    Hidden,
    Model,
    Parameter,
    Role,
    Update,
)
from ocpp_verify.ir.properties import Pattern, Scenario, Spec
from ocpp_verify.ir.types import BoolType, EnumType, OptionType, RangeType, Value, domain
from ocpp_verify.source import Place

RuleKind: TypeAlias = Literal["event", "call", "step", "answer"]


@dataclass(frozen=True, slots=True)
class Range:
    """A named fixed range that rules draw from."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that the tested role, or its peer, can be brought to do.

    `standing` is what a CSMS has to say of the second identifier for it; None for a charger, whose
    tester says what it likes.
    """

    name: str
    action: str
    standing: str | None
    at: Place
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A condition that may be all that forbids a step, or an answer as `Call.Outcome`."""

    step: str
    condition: str
    standing: str | None
    at: Place
    rules: tuple[str, ...]

    @property
    def action(self) -> str:
        """The action that the step belongs to."""
        return re.split(r"[.(]", self.step, maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """One method of a machine. `params` are names with the ranges they are drawn from."""

    method: str
    kind: RuleKind
    action: str
    params: tuple[tuple[str, Range], ...]
    at: Place
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scenario, as `Run.reach` takes it."""

    name: str
    args: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A scenario as a test. `steps` is empty where it asks for what a tester cannot see."""

    function: str
    steps: tuple[Step, ...]
    at: Place
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestModule:
    """One generated file.

    `timers` is what waiting is for; `standings` is empty where the tester says what it likes of an
    identifier.
    """

    name: str
    machine: str
    profile: str
    role: Role
    model: str
    spec: str
    rules: tuple[Rule, ...]
    timers: tuple[str, ...]
    clauses: tuple[Clause, ...]
    refusals: tuple[Refusal, ...]
    scenarios: tuple[Path, ...]
    standings: tuple[str, ...]

    __test__ = False  # pytest: no test class


def snake(name: str) -> str:
    """The model's name as a Python name.

    >>> snake("RemoteStartTransaction")
    'remote_start_transaction'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def test_module(
    model: Model,
    specs: Sequence[Spec],
    clauses: Sequence[Clause],
    refusals: Sequence[Refusal],
    file: str,
    role: Role,
) -> TestModule:
    """The tests for the profile that `file` declares, seen from the role that is tested.

    `clauses` and `refusals` are those of the whole model that can be reached.
    """
    profile = model.profiles[-1]
    own = next((spec for spec in specs if spec.of == profile), None)
    needed = _needed(model, profile)
    rules = [
        rule
        for action in model.actions
        if action.name in needed and not _is_out_of_reach(action, role)
        for rule in _rules(model, action, role)
    ]
    timers = [
        each.name
        for each in model.actions
        if isinstance(each, Hidden) and each.role == role and not _is_short(each) and each.after
    ]
    stem = PurePath(file).stem
    return TestModule(
        f"test_{stem}_{role}",
        f"{profile}{role.capitalize() if role == 'charger' else 'Csms'}",
        profile,
        role,
        file,
        own.file if own is not None else "",
        tuple(rules),
        tuple(timers),
        tuple(each for each in clauses if each.action in needed),
        tuple(each for each in refusals if each.action in needed),
        tuple(
            _path(each)
            for each in (own.properties if own is not None else ())
            if isinstance(each, Scenario)
        ),
        standings(model) if role == "csms" else (),
    )


def standings(model: Model) -> tuple[str, ...]:
    """What a CSMS may say of an identifier."""
    variable = next((each for each in model.variables if each.name == "standing"), None)
    return () if variable is None else tuple(map(str, domain(variable.type)))


def _is_out_of_reach(action: Action, role: Role) -> bool:
    """What happens inside a CSMS is caused by no lab."""
    return isinstance(action, Event) and action.role == role == "csms"


# which actions --------------------------------------------------------------------------------------


def _needed(model: Model, profile: str) -> set[str]:
    """The actions of the profile, those it refines, and those that change what its guards read."""
    if profile == model.profiles[0]:
        return {action.name for action in model.actions}
    read: set[str] = set()
    found: set[str] = set()
    for action in model.actions:
        clauses = [*action.guards]
        parts = [*action.updates]
        if isinstance(action, Call):
            clauses += [guard for reply in action.replies for guard in reply.guards]
            parts += [update for reply in action.replies for update in reply.updates]
        own = [each for each in clauses if each.profile == profile]
        if action.profile == profile or own or any(_profile(each) == profile for each in parts):
            found.add(action.name)
            read |= _variables(own)
    for action in model.actions:
        if isinstance(action, Event) and read & _written(action.updates):
            found.add(action.name)
        if isinstance(action, Call) and any(
            read & _written(reply.updates)
            for reply in action.replies
            if reply.params or reply.rules
        ):
            found.add(action.name)
    return found


def _profile(update: Update) -> str:
    return update.profile if isinstance(update, Assign) else ""


def _variables(clauses: Iterable[Conjunct]) -> set[str]:
    return {
        each.name for clause in clauses for each in walk(clause.expr) if isinstance(each, VarRef)
    }


def _written(updates: Iterable[Update]) -> set[str]:
    found: set[str] = set()
    for each in updates:
        match each:
            case Assign():
                found.add(each.variable)
            case ForEach():
                found |= _written(each.updates)
            case _:
                pass
    return found


# rules ------------------------------------------------------------------------------------------------


def _rules(model: Model, action: Action, role: Role) -> list[Rule]:
    ids = _ids(action)
    method = snake(action.name)
    match action:
        case Event():
            params = [p for p in action.params if action.role != role or not p.internal]
            return [Rule(method, "event", action.name, _ranges(params), action.at, ids)]
        case Hidden():
            if action.role == role or _is_short(action):
                return []
            return [Rule(method, "step", action.name, _ranges(action.params), action.at, ids)]
        case Call():
            params = [p for p in action.params if not p.internal]
            ranges = _ranges(params)
            if action.sender == role == "csms":
                outcomes = tuple(reply.name for reply in action.replies)
                if len(outcomes) > 1:
                    ranges = (*ranges, ("answer", Range(f"{_upper(action.name)}_ANSWER", outcomes)))
                return [Rule(method, "call", action.name, ranges, action.at, ids)]
            if action.sender == role:
                return _answers(action, ids)
            if role == "csms" and _is_owed(model, action):
                return []
            return [Rule(method, "call", action.name, ranges, action.at, ids)]


def _answers(call: Call, ids: tuple[str, ...]) -> list[Rule]:
    """What we answer is ours to choose only where the model leaves it open."""
    free = tuple(reply.name for reply in call.replies if not reply.guards and not reply.params)
    if len(free) < 2:
        return []
    drawn = Range(f"{_upper(call.name)}_ANSWER", free)
    return [
        Rule(f"answer_{snake(call.name)}", "answer", call.name, (("outcome", drawn),), call.at, ids)
    ]


def _is_owed(model: Model, call: Call) -> bool:
    """The tester sends what its role owes without being told; what recurs is no such duty."""
    return any(duty.action == call.name and duty.within.name is None for duty in model.duties)


def _is_short(action: Hidden) -> bool:
    """A timer that runs out at once: our own role takes it without being told."""
    after = action.after
    return action.within is not None and after is not None and not after.name and not after.seconds


def _ranges(params: Iterable[Parameter]) -> tuple[tuple[str, Range], ...]:
    return tuple((each.name, _range(each)) for each in params)


def _range(parameter: Parameter) -> Range:
    kind = parameter.type
    inner = kind.of if isinstance(kind, OptionType) else kind
    match inner:
        case EnumType():
            name = _upper(inner.name)
        case RangeType():
            name = f"FROM_{inner.low}_TO_{inner.high}"
        case BoolType():
            name = "BOOLEAN"
    values = tuple(domain(kind))
    if isinstance(kind, OptionType):
        # The simplest value comes first: a failing test is shortened towards it.
        name, values = f"{name}_OR_NONE", tuple(sorted(values, key=lambda value: value is None))
    return Range(name, values)


def _upper(name: str) -> str:
    return snake(name).upper()


def _ids(action: Action) -> tuple[str, ...]:
    ids = dict.fromkeys(action.rules)
    for guard in action.guards:
        ids |= dict.fromkeys(guard.rules)
    for reply in action.replies if isinstance(action, Call) else ():
        ids |= dict.fromkeys(reply.rules)
        for guard in reply.guards:
            ids |= dict.fromkeys(guard.rules)
    return tuple(ids)


# scenarios --------------------------------------------------------------------------------------------


def _path(scenario: Scenario) -> Path:
    values = {each.name: domain(each.type)[0] for each in scenario.params}
    steps: list[Step] = []
    for item in scenario.items:
        if not isinstance(item, Pattern) or item.phase in ("received", "lost"):
            steps = []
            break
        name = item.action + (f".{item.outcome}" if item.outcome else "")
        if item.phase == "queued":
            name += " queued"
        args = tuple((key, _constant(expr, values)) for key, expr in item.args if expr is not None)
        steps.append(Step(name, args))
    return Path(f"test_{snake(scenario.name)}", tuple(steps), scenario.at, scenario.rules)


def _constant(expr: Expr, values: dict[str, Value]) -> Value:
    match expr:
        case Const():
            return expr.value
        case Param():
            return values[expr.name]
        case _:
            raise ValueError("a scenario names values and its own parameters only")
