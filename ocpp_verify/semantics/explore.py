"""Breadth-first search as plainly as it can be written: what every engine's answers are held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocpp_verify.ir.system import State, System
from ocpp_verify.semantics.ground import holds, initial_states, steps
from ocpp_verify.semantics.result import Question


class TooManyStates(Exception):  # noqa: N818 - named for the situation
    """The system has more reachable states than the caller was ready to wait for."""


@dataclass(frozen=True, slots=True)
class Explored:
    """The reachable part of a system.

    Attributes:
        distance: each reachable state with its distance from the initial states, in the order of
            discovery.
        levels: number of states at distance 0, 1, ...
        transitions: pairs of a reachable state and a command that is enabled in it. TLC's "states
            generated" is this number plus the number of initial states.
        fired: for each command whether it is enabled in some reachable state.
        shortest: for each question the distance of the nearest state of its goal, None if there is
            no such state.
    """

    distance: dict[State, int]
    levels: tuple[int, ...]
    transitions: int
    fired: tuple[bool, ...]
    shortest: dict[str, int | None]


def explore(system: System, questions: Sequence[Question] = (), limit: int = 10**6) -> Explored:
    """All reachable states. About 10^4 states a second; `TooManyStates` beyond `limit` of them."""
    level = list(dict.fromkeys(initial_states(system)))
    distance = dict.fromkeys(level, 0)
    levels: list[int] = []
    transitions = 0
    fired = [False] * len(system.commands)
    shortest: dict[str, int | None] = {question.name: None for question in questions}
    while level:
        for question in questions:
            if shortest[question.name] is None and any(holds(question.goal, s) for s in level):
                shortest[question.name] = len(levels)
        levels.append(len(level))
        found: list[State] = []
        for state in level:
            for command, after in steps(system, state):
                transitions += 1
                fired[command] = True
                if after not in distance:
                    distance[after] = len(levels)
                    found.append(after)
        if len(distance) > limit:
            raise TooManyStates(f"more than {limit} reachable states")
        level = found
    return Explored(distance, tuple(levels), transitions, tuple(fired), shortest)
