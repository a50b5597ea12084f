"""What engines are asked and what they answer: can such a state be reached.

An invariant asks for its violation, a `reach` for its goal, a step property or monitor for a state
in which a forbidden step is enabled, a scenario for its last mark. So `Reached` refutes the first
three and confirms the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ocpp_verify.ir.system import Formula, State


@dataclass(frozen=True, slots=True)
class Question:
    """Asks whether a state is reachable that satisfies `goal`."""

    name: str
    goal: Formula


@dataclass(frozen=True, slots=True)
class Trace:
    """An initial state and steps: `commands[i]` leads from `states[i]` to `states[i + 1]`."""

    states: tuple[State, ...]
    commands: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.commands)


@dataclass(frozen=True, slots=True)
class Reached:
    """A state of the goal is reachable. `shortest` says whether no shorter trace exists."""

    trace: Trace
    shortest: bool


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No reachable state, at any depth, satisfies the goal. `how` names the argument."""

    how: str


@dataclass(frozen=True, slots=True)
class Open:
    """Not decided: no such state within `depth` steps (None: not even that), and why it ended."""

    reason: str
    depth: int | None = None


Answer: TypeAlias = Reached | Unreachable | Open


@dataclass(frozen=True, slots=True)
class Exploration:
    """What an engine found out about a system.

    Attributes:
        answers: by question name.
        states: reachable states seen; exact if `complete`.
        depth: number of breadth-first levels seen; None where the engine has none.
        fired: for each command whether it is enabled in some seen state; None if not computed.
        bytes_per_state: measured memory for the state store; None where states are not stored.
    """

    engine: str
    answers: dict[str, Answer]
    states: int | None
    complete: bool
    depth: int | None
    seconds: float
    fired: tuple[bool, ...] | None = None
    bytes_per_state: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a run; None means no limit. `expired` is asked about once per level."""

    states: int | None = None
    depth: int | None = None
    expired: Callable[[], bool] = lambda: False
    progress: Callable[[int, int], None] | None = None
    """Called with (states, depth) about once per level."""
