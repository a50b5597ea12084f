"""Budgets, interrupts and odd systems. Verdicts on random systems are in `tests/agreement`."""

from __future__ import annotations

from random import Random

import pytest

from ocpp_verify.engines.explicit import ExplicitEngine, Search
from ocpp_verify.engines.walk import walk
from ocpp_verify.ir.system import (
    All,
    Any,
    Bool,
    Cell,
    Command,
    Copy,
    Formula,
    Index,
    Is,
    No,
    System,
)
from ocpp_verify.semantics.explore import explore
from ocpp_verify.semantics.ground import replay
from ocpp_verify.semantics.result import Budget, Open, Question, Reached, Unreachable
from tests.agreement.systems import label
from tests.engines.stations import station


def counter(size: int, start: tuple[int, ...] = (0,)) -> System:
    """One cell that counts up and stays at the end."""
    up = tuple(min(value + 1, size - 1) for value in range(size))
    cell = Cell("n", tuple(range(size)), start, "state", "charger")
    return System("counter", (cell,), (Command(label("Up"), Bool(True), ((0, Copy(0, up)),)),))


def is_at(value: int) -> Question:
    return Question(f"at {value}", Is(0, (value,)))


@pytest.mark.parametrize("size", [2, 255, 256, 257, 300, 5000])
def test_domains_of_any_size_are_counted(size: int) -> None:
    found = ExplicitEngine().explore(counter(size), [is_at(size - 1)], Budget())
    assert (found.states, found.depth, found.complete) == (size, size, True)
    answer = found.answers[f"at {size - 1}"]
    assert isinstance(answer, Reached)
    assert [state[0] for state in answer.trace.states] == list(range(size))


def test_a_system_without_initial_state_has_no_reachable_state() -> None:
    for system in (
        counter(3, ()),
        System("none", counter(3).cells, counter(3).commands, Bool(False)),
        System("none", counter(3).cells, counter(3).commands, Is(0, (1,))),
    ):
        found = ExplicitEngine().explore(system, [is_at(0)], Budget())
        assert (found.states, found.depth, found.complete) == (0, 0, True)
        assert found.answers["at 0"] == Unreachable("explicit: all 0 states")
        assert found.bytes_per_state is None


def test_constant_cells_take_no_room() -> None:
    constants = tuple(
        Cell(f"k{at}", tuple(range(9)), (at % 9,), "config", "charger") for at in range(200)
    )
    plain = counter(5)
    guard = All((Is(1, (0,)), Is(3, (2,)), No(Is(4, (0, 1)))))
    command = Command(label("Up"), guard, (*plain.commands[0].updates, (7, Copy(7, (0,) * 9))))
    system = System("padded", plain.cells + constants, (command,))
    search = Search(system)
    assert search.run() is None
    assert (len(search.store), search.layout.words) == (5, 1)
    assert len(explore(system).distance) == 5
    assert search.layout.unpack(search.store.get(1)) == (0, *(at % 9 for at in range(200)))


def test_without_cells_that_change_there_is_one_state() -> None:
    cell = Cell("n", (0,), (0,), "state", "charger")
    found = ExplicitEngine().explore(System("one", (cell,), ()), [], Budget())
    assert (found.states, found.depth, found.fired) == (1, 1, ())


def bits(count: int, *ties: Formula) -> System:
    cells = tuple(Cell(f"b{at}", (0, 1), (0, 1), "state", "charger") for at in range(count))
    initial = All(ties) if len(ties) > 1 else Bool(True)
    return System("bits", cells, (Command(label("Clear"), Is(0, (1,)), ((0, Index(0)),)),), initial)


def test_tied_initial_states_are_found_among_very_many() -> None:
    pairs = tuple(
        Any((All((Is(at, (0,)), Is(at + 1, (1,)))), All((Is(at, (1,)), Is(at + 1, (0,))))))
        for at in range(149)
    )
    found = ExplicitEngine().explore(bits(150, *pairs), [], Budget())
    assert (found.states, found.depth, found.complete) == (3, 2, True)


def test_too_many_initial_states_end_the_search_not_the_memory() -> None:
    found = ExplicitEngine().explore(bits(80), [is_at(1)], Budget(states=10_000))
    assert not found.complete
    assert found.states is not None
    assert 10_000 < found.states < 30_000
    assert isinstance(found.answers["at 1"], (Reached, Open))


def test_a_limit_of_states_leaves_questions_open_to_a_depth() -> None:
    found = ExplicitEngine().explore(counter(5000), [is_at(3), is_at(4000)], Budget(states=100))
    assert isinstance(found.answers["at 3"], Reached)
    answer = found.answers["at 4000"]
    assert isinstance(answer, Open)
    assert "100 states" in answer.reason
    assert answer.depth is not None
    assert 90 <= answer.depth <= 101
    assert not found.complete


def test_an_expired_budget_ends_the_search() -> None:
    asked = iter(range(1000))
    found = ExplicitEngine().explore(
        counter(5000), [is_at(4000)], Budget(expired=lambda: next(asked) == 10)
    )
    answer = found.answers["at 4000"]
    assert isinstance(answer, Open)
    assert answer.reason == "the time limit"
    assert answer.depth == 9


def test_an_interrupt_keeps_what_was_found() -> None:
    def press(states: int, depth: int) -> None:
        if depth == 8:
            raise KeyboardInterrupt

    found = ExplicitEngine().explore(counter(5000), [is_at(5), is_at(4000)], Budget(progress=press))
    assert not found.complete
    assert isinstance(found.answers["at 5"], Reached)
    answer = found.answers["at 4000"]
    assert isinstance(answer, Open)
    assert answer.reason == "interrupted"
    assert answer.depth is not None
    assert answer.depth <= 7


def test_the_search_may_stop_at_the_last_answer() -> None:
    engine = ExplicitEngine(stop_when_answered=True)
    found = engine.explore(counter(5000), [is_at(2), is_at(7)], Budget())
    assert (found.states, found.complete) == (8, False)
    assert all(isinstance(each, Reached) for each in found.answers.values())
    assert engine.explore(counter(50), [], Budget()).complete


def test_progress_is_told_per_level_and_the_clock_is_asked() -> None:
    told: list[tuple[int, int]] = []
    ticks = iter((10.0, 12.5))
    engine = ExplicitEngine(clock=lambda: next(ticks))
    found = engine.explore(
        counter(4), [], Budget(progress=lambda states, depth: told.append((states, depth)))
    )
    assert told == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert found.seconds == 2.5


def test_stations_give_the_same_states_in_one_word_and_in_three() -> None:
    goal = All((Is(0, (2,)), Is(1, (2,)), Is(2, (0,))))
    narrow = ExplicitEngine().explore(station(2), [Question("far", goal)], Budget())
    wide_goal = All((Is(0, (2,)), Is(7, (2,)), Is(14, (0,))))
    system = station(2, mirrors=6)
    wide = ExplicitEngine().explore(system, [Question("far", wide_goal)], Budget())
    assert Search(system).layout.words == 3
    assert (narrow.states, narrow.depth, narrow.fired) == (wide.states, wide.depth, wide.fired)
    first, second = narrow.answers["far"], wide.answers["far"]
    assert isinstance(first, Reached)
    assert isinstance(second, Reached)
    assert len(first.trace) == len(second.trace)
    assert replay(system, second.trace) is None


def test_the_same_search_gives_the_same_traces() -> None:
    system = station(2)
    asked = [Question("far", All((Is(0, (2,)), Is(1, (2,)), Is(2, (0,)))))]
    once, again = (ExplicitEngine().explore(system, asked, Budget()).answers for _ in range(2))
    assert once == again


def test_walks_replay_and_depend_on_the_seed_only() -> None:
    system = station(2)
    run = walk(system, Random(4), 200)
    assert run is not None
    assert len(run) == 200
    assert replay(system, run) is None
    assert run == walk(system, Random(4), 200)
    assert run != walk(system, Random(5), 200)
    assert walk(counter(3, ()), Random(0), 5) is None
    tied = bits(12, *(Is(at, (1,)) for at in range(12)))
    start = walk(tied, Random(0), 0)
    assert start is not None
    assert start.states == ((1,) * 12,)
