"""How a state that is believed in came about: one way through what was sent, seen and caused.

The belief keeps no ways, only where it stood before each frame. An account is worked out backwards
from these, and only when something is to be explained.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocpp_verify.ir.system import State
from ocpp_verify.live.oracle import Args, Oracle

_MOST_STATES = 3_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What was believed before a frame or a change of the link, with the events caused until then.

    Attributes:
        positions: states, each with how many of the `events` have been noticed in it.
        numbers: commands one of which happened; None where something was given up or lost.
    """

    positions: tuple[tuple[State, int], ...]
    events: tuple[tuple[str, Args], ...]
    numbers: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Step:
    """A command and the states around it."""

    before: State
    number: int
    after: State


def account(oracle: Oracle, turns: Sequence[Turn], state: State) -> Iterator[Step]:
    """Steps that led to the state, the last one first, as far back as one way can be found."""
    for turn in reversed(turns):
        way = _way(oracle, turn, state)
        if way is None:
            return
        root, steps = way
        yield from reversed(steps)
        state = root


def _way(oracle: Oracle, turn: Turn, wanted: State) -> tuple[State, list[Step]] | None:
    """A believed state from before the turn, and the steps from there to the state after it."""
    parents: dict[tuple[State, int], tuple[tuple[State, int], int] | None] = dict.fromkeys(
        turn.positions
    )
    work = deque(parents)
    nearest: tuple[int, tuple[State, int]] | None = None
    while work and len(parents) < _MOST_STATES:
        position = work.popleft()
        state, noticed = position
        if turn.numbers is None:
            distance = sum(one != other for one, other in zip(state, wanted, strict=True))
            if nearest is None or distance < nearest[0]:
                nearest = distance, position
            if distance == 0:
                break
        else:
            for number in sorted(turn.numbers):
                if oracle.enabled(number, state):
                    target = oracle.received(oracle.apply(state, number))
                    if target == wanted:
                        return _traced(parents, position, Step(state, number, target))
        after = [
            (move.command, oracle.received(move.target), noticed)
            for move in oracle.outlook(state).moves
        ]
        if turn.numbers is None:
            after += [
                (number, oracle.apply(state, number), noticed) for number in oracle.permitted(state)
            ]
        if noticed < len(turn.events):
            after += [
                (number, oracle.received(target), noticed + 1)
                for number, target in oracle.event(state, *turn.events[noticed])
            ]
        for number, target, count in after:
            if (target, count) not in parents:
                parents[target, count] = (position, number)
                work.append((target, count))
    return None if nearest is None else _traced(parents, nearest[1], None)


def _traced(
    parents: dict[tuple[State, int], tuple[tuple[State, int], int] | None],
    end: tuple[State, int],
    last: Step | None,
) -> tuple[State, list[Step]]:
    steps = [] if last is None else [last]
    while (parent := parents[end]) is not None:
        steps.append(Step(parent[0][0], parent[1], end[0]))
        end = parent[0]
    steps.reverse()
    return end[0], steps
