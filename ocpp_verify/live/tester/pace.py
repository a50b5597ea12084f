"""How a tester spends its time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How the tester spends its time, in seconds.

    Attributes:
        connect: how long to wait for a connection.
        watch: how long to look on after a temptation.
        step: how long to wait for a step of the system under test that a plan counts on.
        gone: how long to wait for a connection that the other side has ended.
        patience: how long to wait for what is owed in every explanation of what was seen.
        longest: pause between two choices that is repeated when a run is.
        expansions: states that planning looks at where a run begins, for all purposes at once.
        near: states that planning looks at elsewhere.
        hasty: probability of going on although something is still owed.
        stroll: probability of choosing at random instead of planning.
    """

    connect: float = 60.0
    watch: float = 1.0
    step: float = 3.0
    gone: float = 60.0
    patience: float = 60.0
    longest: float = 10.0
    expansions: int = 24_000
    near: int = 1_000
    hasty: float = 0.2
    stroll: float = 0.25
