"""The store is a set of states in the order of their addition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_verify.engines.explicit.store import FIRST, StateStore


@settings(max_examples=60, deadline=None)
@given(
    words=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    batches=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
    bits=st.integers(1, 12),
)
def test_the_store_agrees_with_a_dictionary(
    words: int, seed: int, batches: list[int], bits: int
) -> None:
    random = np.random.default_rng(seed)
    store = StateStore(words, room=4)
    known: set[tuple[int, ...]] = set()
    spread = np.uint64(int(random.integers(0, 64 - bits + 1)))
    for size in batches:
        states = random.integers(0, 1 << bits, (words, size), dtype=np.uint64) << spread
        store.add(states)
        known |= set(zip(*states.tolist(), strict=True))
        assert len(store) == len(known)
        positions = store.find(states)
        assert positions.min() >= FIRST
        assert (store.block(FIRST, store.end)[:, positions - FIRST] == states).all()
    kept = [store.get(at) for at in range(FIRST, store.end)]
    assert len(kept) == len(set(kept))
    assert set(kept) == known
    absent = random.integers(0, 2**63, (words, 100), dtype=np.uint64)
    expected = [each in known for each in zip(*absent.tolist(), strict=True)]
    assert (store.find(absent) > 0).tolist() == expected


@pytest.mark.parametrize("step", [1, 2**20, 2**32, 2**40 + 1])
def test_regular_states_do_not_crowd(step: int) -> None:
    store = StateStore(2)
    numbers = np.arange(100_000, dtype=np.uint64)
    store.add(np.stack([numbers * np.uint64(step), numbers >> np.uint64(3)]))
    assert len(store) == 100_000
    assert sorted(store.block(FIRST, store.end)[0].tolist()) == [
        each * step for each in range(100_000)
    ]
