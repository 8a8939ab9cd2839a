"""Tallies are exact, samples are those of the smallest hashes, and estimates keep their stated errors."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scoring.quality.profile import profile_frame
from scoring.quality.profile.buckets import LogBuckets, edges
from scoring.quality.profile.hashing import NAN_HASH, NULL_HASH, mixed_fresh, unmixed
from scoring.quality.profile.tally import Tally
from scoring.quality.profile.values import CountedValues
from scoring.quality.profile.workspace import Workspace

ROOM = Workspace()


@settings(deadline=None)
@given(hnp.arrays(np.uint64, st.integers(0, 50), elements=st.integers(0, 2**64 - 1)), st.integers(0, 2**64 - 1))
def test_hashes_can_be_undone(bits, key):
    np.testing.assert_array_equal(unmixed(mixed_fresh(bits, key), key), bits)


@pytest.mark.parametrize("of", ["hashes", "places"])
@pytest.mark.parametrize("distinct", [1, 700, 30_000, 10**12])
def test_a_tally_counts_as_a_counter_does(of, distinct):
    rng = np.random.default_rng(distinct)
    tally, counter = Tally(of), Counter()
    for size in (1, 20_000, 5, 50_000):
        keys = rng.integers(-distinct, distinct, size)
        keys = mixed_fresh(keys.view(np.uint64), 3) if of == "hashes" else keys * 2**20
        assert len(tally.add(keys, ROOM)) == 0
        counter.update(keys.tolist())
    some = np.array(sorted(counter)[:100], dtype=tally.keys.dtype)
    tally.add(some, ROOM, counts=np.full(len(some), 7))
    counter.update(dict.fromkeys(some.tolist(), 7))
    assert tally.keys.tolist() == sorted(counter)
    assert dict(zip(tally.keys.tolist(), tally.counts.tolist(), strict=True)) == counter


def test_a_tally_stops_when_there_are_too_many_keys():
    tally, told = Tally("places"), []
    keys = np.arange(100_000) // 2
    left = tally.add(keys, ROOM, most=10_000, learnt=lambda new: told.extend(new.tolist()))
    assert len(tally) > 10_000
    counted = np.setdiff1d(np.arange(100_000), left)
    assert dict(zip(tally.keys.tolist(), tally.counts.tolist(), strict=True)) == Counter(keys[counted].tolist())
    assert sorted(keys[told].tolist()) == tally.keys.tolist()


def kept_by_hand(hashes: np.ndarray, capacity: int) -> dict[int, int]:
    counts = Counter(hashes[hashes < NAN_HASH].tolist())
    return dict(sorted(counts.items())[:capacity])


@settings(deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([5, 60, 500, 50_000]), st.sampled_from([16, 100]))
def test_the_smallest_hashes_are_kept_with_exact_counts(seed, distinct, capacity):
    rng = np.random.default_rng(seed)
    hashes = mixed_fresh(rng.integers(0, distinct, 3000).view(np.uint64), 5)
    hashes[rng.random(3000) < 0.1] = NULL_HASH
    hashes[rng.random(3000) < 0.1] = NAN_HASH
    spilled = []

    def spill(values: CountedValues) -> None:
        spilled.append(values.kept())

    one, other = CountedValues(capacity), CountedValues(capacity)
    told = 0
    for part in np.split(hashes[:2000], [3, 700]):
        left = one.add(part, ROOM, spill)
        told += np.count_nonzero((part if left is None else part[left]) < NAN_HASH)
    if not one.complete:  # every cell is told of once, by `spill` or by its position
        assert len(spilled) == 1
        assert told + spilled[0][1].sum() == np.count_nonzero(hashes[:2000] < NAN_HASH)
    other.add(hashes[2000:], ROOM, spill)
    other.merge(one, spill)
    kept = dict(zip(*(some.tolist() for some in other.kept()), strict=True))
    assert kept == kept_by_hand(hashes, capacity)
    assert other.complete == (len(set(hashes[hashes < NAN_HASH].tolist())) <= capacity)


FAMILIES = {
    "counting": lambda n: np.arange(n, dtype=np.int64).view(np.uint64),
    "thousands": lambda n: (np.arange(n, dtype=np.int64) * 1000).view(np.uint64),
    "whole floats": lambda n: np.arange(n, dtype=np.float64).view(np.uint64),
    "cents": lambda n: (np.arange(n) / 100).view(np.uint64),
    "powers": lambda n: (2.0 ** (np.arange(n) % 1000) * (1 + np.arange(n) // 1000)).view(np.uint64),
    "seconds": lambda n: (np.arange(n, dtype=np.int64) * 1_000_000 + 1_700_000_000_000_000).view(np.uint64),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_estimates_of_distinct_values_keep_their_error(family):
    """Over 60 seeds: no bias, and the stated standard error, on values as regular as real ones are."""
    bits = np.unique(FAMILIES[family](20_000))
    errors = []
    for seed in range(60):
        values = CountedValues(256)
        values.add(mixed_fresh(bits, seed * 0x9E3779B97F4A7C15 % 2**64), ROOM, lambda _: None)
        errors.append(values.distinct() / len(bits) - 1)
    stated = values.relative_error()
    assert stated == pytest.approx(1 / np.sqrt(254))
    assert abs(np.mean(errors)) < 4 * stated / np.sqrt(60)
    assert 0.7 * stated < np.std(errors) < 1.35 * stated


def test_texts_are_estimated_as_well():
    frame = pl.DataFrame({"x": [f"设备-{i:06}" for i in range(60_000)] + ["设备-000000"] * 1000})
    found = profile_frame(frame, values=4096).column("x")
    assert found.distinct_error == pytest.approx(1 / np.sqrt(4094))
    assert abs(found.distinct / 60_000 - 1) < 4 * found.distinct_error
    assert abs(found.once / 59_999 - 1) < 4 * found.distinct_error


def test_the_commonest_of_very_many_values_are_found():
    rng = np.random.default_rng(3)
    shares = {-999: 0.2, 7: 0.05, 8: 0.01}
    values = rng.integers(10**6, 10**9, 100_000)
    draw, upto = rng.random(100_000), 0.0
    for value, share in shares.items():
        values[(draw >= upto) & (draw < upto + share)] = value
        upto += share
    found = profile_frame(pl.DataFrame({"x": values}), values=1000).column("x")
    assert [value.value for value in found.top] == list(shares)
    for value in found.top:
        assert abs(value.count - np.count_nonzero(values == value.value)) < 4 * value.error
        assert value.error < 600


# Buckets


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(allow_nan=False, allow_infinity=False)))
@example(np.array([-2.2e-313, 0.0, 5e-324, -5e-324]))
def test_every_value_is_in_its_bucket(values):
    values = values + 0.0
    buckets = LogBuckets()
    buckets.add(values)
    low, high = edges(buckets.keys, buckets.bits)
    inside = (low <= values[:, None]) & (values[:, None] <= high)
    assert (inside.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(inside.sum(axis=0), buckets.counts)
    assert (buckets.middles() >= low).all()
    assert (buckets.middles() <= high).all()


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, st.integers(0, 200), elements=st.floats(allow_nan=False, allow_infinity=False)),
    st.integers(2, 50),
    st.randoms(use_true_random=False),
)
def test_buckets_are_put_together_alike_in_any_order(values, most, shuffle):
    values = values + 0.0
    whole = LogBuckets(most)
    whole.add(values)
    parts = []
    for part in np.array_split(values, 4):
        one = LogBuckets(most)
        distinct, counts = np.unique(part, return_counts=True)
        one.add(*((part,) if shuffle.random() < 0.5 else (distinct, None, counts)))
        parts.append(one)
    shuffle.shuffle(parts)
    for one in parts[1:]:
        parts[0].merge(one)
    assert parts[0].bits == whole.bits
    assert parts[0].keys.tolist() == whole.keys.tolist()
    assert parts[0].counts.tolist() == whole.counts.tolist()
    assert len(whole.keys) <= most


def test_a_long_first_batch_is_as_many_short_ones():
    values = np.random.default_rng(2).normal(size=60_000)
    one, other = LogBuckets(), LogBuckets()
    one.add(values)
    for part in np.array_split(values, 13):
        other.add(part)
    assert (one.bits, one.keys.tolist(), one.counts.tolist()) == (
        other.bits,
        other.keys.tolist(),
        other.counts.tolist(),
    )


def test_ranks_are_exact():
    """A hundredth of 700 is 7, and 7.000000000000001 in floats."""
    for rows in (20, 60, 100, 700, 1100):
        found = profile_frame(pl.DataFrame({"x": range(1, rows + 1)})).column("x").number.quantiles
        assert list(found) == [-(-rows * share // 100) for share in (1, 5, 25, 50, 75, 95, 99)]


@pytest.mark.parametrize(
    ("draw", "bits"),
    [
        (lambda rng: rng.lognormal(3, 1, 200_000), 7),
        (lambda rng: rng.normal(0, 1, 200_000), 6),
        (lambda rng: rng.normal(300, 10, 200_000), 11),
        (lambda rng: rng.integers(0, 10**9, 200_000).astype(float), 7),
        (lambda rng: rng.pareto(1, 200_000) * 1e6, 6),
    ],
)
def test_quantiles_keep_their_stated_error(draw, bits):
    """Never worse than 1 % here, and far better where the values are close to each other."""
    values = draw(np.random.default_rng(9))
    number = profile_frame(pl.DataFrame({"x": values})).column("x").number
    expected = np.quantile(values, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99], method="inverted_cdf")
    assert 0 < number.quantile_error <= 0.5 ** (bits + 1) <= 0.01
    assert (np.abs(number.quantiles - expected) <= number.quantile_error * np.abs(expected)).all()
