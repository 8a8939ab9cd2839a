"""The state is the same for any sharding, and its rate and standard error are right."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.duplicates.bottom_k import BottomK
from scoring.quality.duplicates.exact import exact
from scoring.quality.duplicates.hashing import mix


def state_of(hashes: np.ndarray, first_row: int = 0, size: int = 8) -> BottomK:
    state = BottomK(size)
    state.update(hashes, first_row)
    return state


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), max_size=80), st.lists(st.integers(0, 80), max_size=6), st.randoms())
def test_any_sharding_in_any_order_gives_the_same_bytes(values, cuts, shuffling):
    hashes = mix(np.array(values, dtype=np.uint64))
    whole = state_of(hashes)
    edges = sorted({0, len(hashes), *(min(cut, len(hashes)) for cut in cuts)})
    shards = [(start, hashes[start:stop]) for start, stop in pairwise(edges)]
    shuffling.shuffle(shards)
    updated = BottomK(8)
    for start, part in shards:
        updated.update(part, start)
    states = [state_of(part, start) for start, part in shards]
    while len(states) > 1:  # a tree of any shape
        one = states.pop(shuffling.randrange(len(states)))
        states[shuffling.randrange(len(states))].merge(one)
    merged = states[0] if states else BottomK(8)
    assert whole.to_bytes() == updated.to_bytes() == merged.to_bytes()
    assert whole.rate() == merged.rate()


@given(st.lists(st.integers(0, 20), max_size=60))
def test_few_rows_are_counted_exactly(values):
    hashes = mix(np.array(values, dtype=np.uint64))
    state, groups = state_of(hashes, size=64), exact(hashes)
    assert state.rate() == (pytest.approx(groups.rate), 0.0)
    assert sorted(state.examples(100)) == sorted(groups.largest(100))


@given(st.lists(st.integers(0, 40), max_size=80), st.integers(2, 10))
def test_what_is_kept_is_the_smallest_with_counts_and_first_rows(values, size):
    hashes = mix(np.array(values, dtype=np.uint64))
    state = state_of(hashes, first_row=100, size=size)
    smallest, first, counts = np.unique(hashes, return_index=True, return_counts=True)
    assert state.hashes.tolist() == smallest[:size].tolist()
    assert state.counts.tolist() == counts[:size].tolist()
    assert state.first_rows.tolist() == (first[:size] + 100).tolist()
    assert state.overflowed == (len(smallest) > size)


def clean(rng):
    return np.ones(20_000, dtype=np.int64)


def pairs(rng):
    return 1 + (rng.random(20_000) < 0.05)


def skewed(rng):
    return np.minimum(rng.zipf(1.7, 6_000), 2_000)


def one_row_half_of_all(rng):
    return np.concatenate([np.ones(15_000, dtype=np.int64), [15_000]])


@pytest.mark.parametrize("counts_of", [clean, pairs, skewed, one_row_half_of_all])
def test_the_standard_error_is_honest(counts_of):
    """Over 40 draws of hashes, errors are as large as promised: not larger, and not much smaller."""
    errors, promised = [], []
    for draw in range(40):
        counts = counts_of(np.random.default_rng(draw))
        hashes = np.repeat(mix(np.arange(len(counts), dtype=np.uint64) + np.uint64(draw << 32)), counts)
        found = state_of(hashes, size=512).rate()
        errors.append(found.value - (1 - len(counts) / counts.sum()))
        promised.append(found.standard_error)
    ratio = np.sqrt(np.mean(np.square(errors)) / np.mean(np.square(promised)))
    assert ratio < 1.25
    assert ratio > 0.6 or counts_of is clean  # the rate of a clean set is bounded by 0
    assert np.mean(promised) <= 1.05 / np.sqrt(512)
    if counts_of is clean:
        assert max(promised) < 0.2 / np.sqrt(512)
        assert max(np.abs(errors)) < 0.002


def test_at_full_size_a_clean_million_is_seen_as_clean():
    """Hashes alone would leave 0.4 points of uncertainty; one point costs 20 of 100 points of uniqueness."""
    hashes = mix(np.arange(1_000_000, dtype=np.uint64))
    state = BottomK()
    for start in range(0, len(hashes), 250_000):
        state.update(hashes[start : start + 250_000], start)
    state.update(hashes[:10_000], 1_000_000)
    found = state.rate()
    assert found.value == pytest.approx(10_000 / 1_010_000, abs=4 * found.standard_error)
    assert found.standard_error < 0.0007
    assert len(state.to_bytes()) < 2_200_000


def test_copies_chosen_by_their_hashes_are_seen():
    """Whoever copies only rows that the sample cannot hold still raises the rate."""
    hashes = np.sort(mix(np.arange(50_000, dtype=np.uint64)))
    found = state_of(np.concatenate([hashes, hashes[25_000:]]), size=1024).rate()
    assert found.value == pytest.approx(1 / 3, abs=4 / np.sqrt(1024))


def test_no_rows_all_equal_rows_and_other_sizes():
    assert BottomK().rate() == (0.0, 0.0)
    state = state_of(np.full(100_000, 7, dtype=np.uint64), size=2)
    assert state.rate() == (1 - 1 / 100_000, 0.0)
    assert state.examples(5) == [(0, 100_000)]
    with pytest.raises(ValueError, match="of 2 and of 3 hashes"):
        state.merge(BottomK(3))
    with pytest.raises(ValueError, match="at least 2"):
        BottomK(1)
