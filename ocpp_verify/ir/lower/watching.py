"""Monitors and scenarios watch the commands: ghosts and progress move with the steps they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.expr import Param
from ocpp_verify.ir.formula import NO, YES, among, choice, every, negation, some
from ocpp_verify.ir.grounding import Env, Grounding
from ocpp_verify.ir.lower.arguments import constant
from ocpp_verify.ir.lower.commands import Draft
from ocpp_verify.ir.lower.effects import Effects, flights
from ocpp_verify.ir.lower.layout import Layout
from ocpp_verify.ir.model import ROLES, Parameter
from ocpp_verify.ir.properties import Monitor, Pattern, Scenario
from ocpp_verify.ir.system import Command, Copy, Formula, Index, Label
from ocpp_verify.ir.types import Value


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that a step shows to those who watch, if the condition holds."""

    action: str
    phase: str
    outcome: str | None
    args: Mapping[str, Value]
    condition: Formula = YES

    def is_like(self, pattern: Pattern) -> bool:
        """Whether the pattern is about it, but for the arguments."""
        return (
            pattern.phase == self.phase
            and pattern.action == self.action
            and pattern.outcome in (None, "_", self.outcome)
        )


class Watchers:
    """The monitors and scenarios of one system.

    Attributes:
        bad_steps: for each monitor the commands that break one of its assertions, each with the
            condition under which it is enabled and does.
        seen: for each monitor and watch of it, by number, the conditions under which a step is
            enabled that the watch is about.
    """

    def __init__(
        self,
        monitors: Sequence[Monitor],
        scenarios: Sequence[Scenario],
        layout: Layout,
        grounding: Grounding,
        effects: Effects,
    ) -> None:
        self._monitors = tuple(monitors)
        self._scenarios = tuple(scenarios)
        self._layout = layout
        self._grounding = grounding
        self._effects = effects
        self._losses_watched = frozenset(
            each.action for each in patterns_of(monitors, scenarios) if each.phase == "lost"
        )
        self.bad_steps: dict[str, list[tuple[int, Formula]]] = {
            monitor.name: [] for monitor in monitors
        }
        self.seen: dict[tuple[str, int], list[Formula]] = {
            (monitor.name, at): [] for monitor in monitors for at in range(len(monitor.watches))
        }

    def watch(self, number: int, draft: Draft) -> None:
        """Let ghosts and progress move with the command, which will have this number."""
        shown = list(self._occurrences(draft))
        for monitor in self._monitors:
            self._monitor(monitor, number, draft, shown)
        for scenario in self._scenarios:
            self._advance(scenario, draft, shown)

    def _occurrences(self, draft: Draft) -> Iterator[Occurrence]:
        label = draft.label
        known = {**dict(label.args), **dict(label.answer)}
        yield Occurrence(label.action, label.phase, label.outcome, known)
        if draft.breaks == NO:
            return
        for role in ROLES:
            for flight in flights(self._layout, role):
                if flight.shape.call.name in self._losses_watched:
                    lost = every((draft.breaks, flight.here))
                    yield Occurrence(flight.shape.call.name, "lost", None, flight.args, lost)

    # monitors ---------------------------------------------------------------------------------

    def _monitor(
        self, monitor: Monitor, number: int, draft: Draft, shown: Sequence[Occurrence]
    ) -> None:
        for at, watch in enumerate(monitor.watches):
            for each in shown:
                env = _bound(watch.pattern, watch.params, each)
                if env is None:
                    continue
                matched = every((each.condition, self._matches(watch.pattern, env, each)))
                holds = self._grounding.truth(watch.asserted, env)
                broken = every((draft.guard, matched, negation(holds)))
                if broken != NO:
                    self.bad_steps[monitor.name].append((number, broken))
                self.seen[monitor.name, at].append(every((draft.guard, matched)))
                writes = self._effects.of(watch.updates, env).writes()
                self._effects.fold(writes, draft.updates, matched)

    def _matches(self, pattern: Pattern, env: Env, seen: Occurrence) -> Formula:
        return every(
            self._grounding.cases(value, env).get(seen.args[name], NO)
            for name, value in pattern.args
            if value is not None
        )

    # scenarios --------------------------------------------------------------------------------

    def _advance(self, scenario: Scenario, draft: Draft, shown: Sequence[Occurrence]) -> None:
        cell = self._layout.progress[scenario.name]
        for each in shown:
            table = tuple(
                number + 1 if _advances(scenario, args, at, each) else number
                for number, (args, at) in enumerate(self._layout.marks[scenario.name])
            )
            if table != tuple(range(len(table))):
                below = draft.updates.get(cell, self._layout.stays(cell))
                draft.updates[cell] = choice(each.condition, Copy(cell, table), below)

    def marks(self) -> Iterator[Command]:
        """Steps that note that a condition of a scenario holds."""
        for scenario in self._scenarios:
            cell = self._layout.progress[scenario.name]
            for number, (args, at) in enumerate(self._layout.marks[scenario.name]):
                item = scenario.items[at] if at < len(scenario.items) else None
                if item is None or isinstance(item, Pattern):
                    continue
                here = among(cell, (number,), self._layout.sizes[cell])
                condition = self._grounding.truth(item, dict(args))
                name = f"mark {scenario.name} {at + 1}"
                yield Command(
                    Label("step", name, (), "environment", "monitor", visible=False),
                    every((here, condition)),
                    ((cell, Index(number + 1)),),
                    scenario.at,
                )

    def goals(self) -> dict[str, Formula]:
        """For each scenario the condition that it is complete."""
        found: dict[str, Formula] = {}
        for scenario in self._scenarios:
            cell = self._layout.progress[scenario.name]
            complete = (
                number
                for number, (_, at) in enumerate(self._layout.marks[scenario.name])
                if at == len(scenario.items)
            )
            found[scenario.name] = among(cell, complete, self._layout.sizes[cell])
        return found

    def bad(self) -> dict[str, Formula]:
        """For each monitor the condition that a step is enabled that breaks an assertion."""
        return {name: some(part for _, part in parts) for name, parts in self.bad_steps.items()}


def patterns_of(monitors: Sequence[Monitor], scenarios: Sequence[Scenario]) -> list[Pattern]:
    """All kinds of steps that are watched for."""
    found = [watch.pattern for monitor in monitors for watch in monitor.watches]
    for scenario in scenarios:
        found += [item for item in scenario.items if isinstance(item, Pattern)]
    return found


def _bound(
    pattern: Pattern, params: Sequence[Parameter], seen: Occurrence
) -> dict[str, Value] | None:
    """Values for the names that the step binds; None if the pattern is about other steps."""
    if not seen.is_like(pattern):
        return None
    names = {each.name for each in params}
    env: dict[str, Value] = {}
    for name, value in pattern.args:
        if (
            isinstance(value, Param)
            and value.name in names
            and env.setdefault(value.name, seen.args[name]) != seen.args[name]
        ):
            return None
    return env


def _advances(
    scenario: Scenario, env: Sequence[tuple[str, Value]], at: int, seen: Occurrence
) -> bool:
    """Whether the step is the one that the scenario waits for after `at` items."""
    item = scenario.items[at] if at < len(scenario.items) else None
    if not isinstance(item, Pattern) or not seen.is_like(item):
        return False
    return all(
        value is None or seen.args.get(name) == constant(value, dict(env))
        for name, value in item.args
    )
