"""What follows from a model once for all its tests, and takes long to make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ocpp_verify.ir.lower import Lowering
from ocpp_verify.ir.model import Call, Event, Role
from ocpp_verify.live.oracle import Oracle
from ocpp_verify.live.pathfinder import Pathfinder
from ocpp_verify.live.planner import Purpose
from ocpp_verify.runner.live import Setup, make_pathfinder

_Lab: TypeAlias = tuple[Role, frozenset[str], frozenset[str], tuple[tuple[str, float], ...]]


@dataclass(slots=True)
class Workshop:
    """The oracles and pathfinders of one ground system. Tests that share it run one after another."""

    lowering: Lowering
    _oracles: dict[Role, Oracle] = field(default_factory=dict)
    _pathfinders: dict[_Lab, Pathfinder] = field(default_factory=dict)

    def oracle(self, sut: Role, setup: Setup) -> Oracle:
        """The oracle of the role, with these times."""
        oracle = self._oracles.get(sut)
        if oracle is None:
            oracle = self._oracles[sut] = Oracle(self.lowering, sut, setup.timing)
        elif oracle.timing != setup.timing:
            oracle.retime(setup.timing)
        return oracle

    def pathfinder(
        self,
        sut: Role,
        setup: Setup,
        can: Callable[[str], bool],
        askable: Callable[[str], bool],
        purposes: Sequence[Purpose],
    ) -> Pathfinder:
        """The pathfinder for a lab that can do this."""
        actions = self.lowering.model.actions
        key = (
            sut,
            frozenset(each.name for each in actions if isinstance(each, Event) and can(each.name)),
            frozenset(
                each.name for each in actions if isinstance(each, Call) and askable(each.name)
            ),
            tuple(sorted(setup.timing.settings.items())),
        )
        if key not in self._pathfinders:
            self._pathfinders[key] = make_pathfinder(
                self.lowering, sut, setup, can, purposes, askable
            )
        return self._pathfinders[key]
