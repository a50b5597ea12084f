"""Random runs of a system, one state at a time. The same seed gives the same run."""

from __future__ import annotations

from random import Random

from ocpp_verify.ir.system import State, System
from ocpp_verify.semantics.ground import holds, initial_states, steps
from ocpp_verify.semantics.result import Trace

_DRAWS = 100


def walk(system: System, random: Random, length: int) -> Trace | None:
    """A run of at most `length` steps, each equally likely among the enabled commands.

    Shorter where no command is enabled. None if there is no initial state.
    """
    state = _begin(system, random)
    if state is None:
        return None
    states = [state]
    commands: list[int] = []
    while len(commands) < length:
        possible = list(steps(system, states[-1]))
        if not possible:
            break
        command, after = random.choice(possible)
        commands.append(command)
        states.append(after)
    return Trace(tuple(states), tuple(commands))


def _begin(system: System, random: Random) -> State | None:
    """A random initial state; where few combinations are initial, the first one."""
    if any(not cell.initial for cell in system.cells):
        return None
    for _ in range(_DRAWS):
        state = tuple(random.choice(cell.initial) for cell in system.cells)
        if holds(system.initial, state):
            return state
    return next(initial_states(system), None)
