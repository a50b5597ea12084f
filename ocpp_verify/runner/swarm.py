"""Plans that are too long for a search through everything: with fewer actions it reaches further.

The scenarios of the specs say which events and requests belong together. Each makes one planner
that leaves out all other events, requests that nothing makes a role send, and decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import ROLES, Call, Hidden
from ocpp_verify.ir.properties import Pattern, Property, Scenario
from ocpp_verify.ir.system import State
from ocpp_verify.live.planner import Plan, Planner, Plans, Purpose, spontaneous_steps

_AT_ONCE = 3
"""Worlds that one request for a plan looks into: nobody listens to the wire meanwhile."""


def small_worlds(lowering: Lowering, properties: Iterable[Property]) -> list[frozenset[str]]:
    """For each scenario the actions that are kept: its own, and whatever some role has to do."""
    model = lowering.model
    free = {number for role in ROLES for number in spontaneous_steps(lowering, role)}
    made_to = {
        command.label.action
        for number, command in enumerate(lowering.system.commands)
        if number not in free and command.label.phase in ("sent", "queued")
    }
    owed = {
        action.name
        for action in model.actions
        if (isinstance(action, Call) and action.name in made_to)
        or (isinstance(action, Hidden) and action.within is not None)
    }
    found = []
    for each in properties:
        if isinstance(each, Scenario):
            own = {item.action for item in each.items if isinstance(item, Pattern)}
            found.append(frozenset(own | owed))
    return list(dict.fromkeys(found))


@dataclass(slots=True)
class Swarm:
    """Asks the planner for everything first, then those for some of the small worlds in turn."""

    everything: Planner
    worlds: Sequence[frozenset[str]]
    _made: dict[int, Plans] = field(default_factory=dict)
    _next: int = 0

    def plan(self, start: State, purposes: Sequence[Purpose], *, expansions: int) -> Plan | None:
        """A plan to any of the purposes; each planner looks at so many states at the most."""
        found = self.everything.plan(start, purposes, expansions=expansions)
        for _ in self.worlds[:_AT_ONCE]:
            if found is not None:
                break
            at = self._next = (self._next + 1) % len(self.worlds)
            if at not in self._made:
                self._made[at] = self.everything.narrowed(self.worlds[at].__contains__)
            found = self._made[at].plan(start, purposes, expansions=expansions)
        return found
