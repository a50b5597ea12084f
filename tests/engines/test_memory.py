"""What a state costs, counted from arrays; the counting is held to what Python allocates."""

from __future__ import annotations

import tracemalloc

from ocpp_verify.engines.explicit import ExplicitEngine, Search
from ocpp_verify.semantics.result import Budget
from tests.engines.stations import station

STATES = 350_208


def test_a_state_of_two_words_takes_at_most_32_bytes() -> None:
    system = station(2, tags=4, mirrors=3)
    assert Search(system).layout.words == 2
    found = ExplicitEngine().explore(system, [], Budget())
    assert found.complete
    assert found.states == STATES
    assert found.bytes_per_state is not None
    assert 16 < found.bytes_per_state <= 32


def test_the_counted_bytes_cover_what_is_allocated() -> None:
    search = Search(station(2, tags=4))
    assert search.layout.words == 1
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        search.run()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert len(search.store) == STATES
    assert search.store.nbytes < peak <= search.peak
