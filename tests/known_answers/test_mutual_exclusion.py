"""Peterson's algorithm and the dining philosophers, with numbers that can be checked by hand."""

from __future__ import annotations

import pytest

from ocpp_verify.engines.explicit import ExplicitEngine
from ocpp_verify.ir.system import All, Any, Cell, Command, Formula, Index, Is, Label, System
from ocpp_verify.semantics.ground import replay
from ocpp_verify.semantics.result import Budget, Question, Reached, Unreachable


def step(name: str, guard: Formula, *updates: tuple[int, int]) -> Command:
    label = Label("step", name, (), "charger", "charger", False)
    return Command(label, guard, tuple((cell, Index(value)) for cell, value in updates))


def variable(name: str, size: int) -> Cell:
    return Cell(name, tuple(range(size)), (0,), "state", "charger", name)


def peterson(polite: bool = True) -> System:
    """Each process: 0 outside, 1 has raised its flag, 2 has given way, 3 inside.

    The flag is up from place 1 on, so it needs no cell. Cells: place of 0, place of 1, turn.
    """
    commands = []
    for me, other in ((0, 1), (1, 0)):
        clear = Any((Is(other, (0,)), Is(2, (me,))))
        commands += [
            step(f"raise {me}", Is(me, (0,)), (me, 1)),
            step(f"give way {me}", Is(me, (1,)), (me, 2), *([(2, other)] if polite else [])),
            step(f"enter {me}", All((Is(me, (2,)), clear)), (me, 3)),
            step(f"leave {me}", Is(me, (3,)), (me, 0)),
        ]
    return System("Peterson", (variable("p0", 4), variable("p1", 4), variable("turn", 2)),
                  tuple(commands))  # fmt: skip


BOTH = Question("both inside", All((Is(0, (3,)), Is(1, (3,)))))


def test_peterson_excludes() -> None:
    found = ExplicitEngine().explore(peterson(), [BOTH], Budget())
    # Outside or just flagged (2 x 2 places): either turn, 8 states. One of them further (place 2 or
    # 3), the other not: who went further last gave the turn away and nobody else did since, so the
    # turn is fixed: 2 x 2 x 2 = 8. Both at 2: either gave way last, 2. One at 3, the other at 2:
    # only the turn of the one inside, 2.
    assert (found.states, found.complete) == (20, True)
    assert isinstance(found.answers[BOTH.name], Unreachable)


def test_without_giving_way_both_get_in() -> None:
    system = peterson(polite=False)
    found = ExplicitEngine().explore(system, [BOTH], Budget())
    answer = found.answers[BOTH.name]
    # The turn stays with 0: 1 goes in while 0 is outside, and then nothing stops 0. 3 steps each.
    assert isinstance(answer, Reached)
    assert len(answer.trace) == 6
    assert replay(system, answer.trace) is None


def philosophers(count: int) -> System:
    """Each takes the left fork, then the right one, eats, puts both down.

    A philosopher: 0 thinks, 1 holds the left fork, 2 holds both. Forks need no cells.
    """
    commands = []
    for me in range(count):
        left, right = (me - 1) % count, (me + 1) % count
        # The left fork is the right one of the left neighbour, who holds it only while eating;
        # the right fork is the left one of the right neighbour.
        commands += [
            step(f"left {me}", All((Is(me, (0,)), Is(left, (0, 1)))), (me, 1)),
            step(f"right {me}", All((Is(me, (1,)), Is(right, (0,)))), (me, 2)),
            step(f"down {me}", Is(me, (2,)), (me, 0)),
        ]
    return System("philosophers", tuple(variable(f"p{at}", 3) for at in range(count)),
                  tuple(commands))  # fmt: skip


def around_the_table(count: int) -> int:
    """States in which the right neighbour of every eater thinks: closed walks of that length.

    The trace of the n-th power of [[1,1,1],[1,1,1],[1,0,0]], whose characteristic polynomial is
    x^3 - 2 x^2 - x, so t(n) = 2 t(n-1) + t(n-2) with t(1) = 2 and t(2) = 6.
    """
    before, now = 2, 6
    for _ in range(count - 2):
        before, now = now, 2 * now + before
    return now


@pytest.mark.parametrize("count", [2, 3, 5, 8, 12])
def test_philosophers_are_counted_and_starve(count: int) -> None:
    system = philosophers(count)
    stuck = Question("all hold one", All(tuple(Is(at, (1,)) for at in range(count))))
    neighbours = Question("neighbours eat", All((Is(0, (2,)), Is(1, (2,)))))
    found = ExplicitEngine().explore(system, [stuck, neighbours], Budget())
    assert found.complete
    assert found.states == around_the_table(count)
    assert isinstance(found.answers[neighbours.name], Unreachable)
    answer = found.answers[stuck.name]
    assert isinstance(answer, Reached)
    assert len(answer.trace) == count
    assert replay(system, answer.trace) is None
