"""What is proposed is compared, what is crowded is bounded, and the order of rows decides nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.quality.duplicates.buckets import TURNS, blocks, link, link_across

keys_of = st.integers(1, 40).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, 8), min_size=size, max_size=size), min_size=1, max_size=3)
)


def components(size, edges):
    label = list(range(size))
    for a, b in edges:
        label = [min(label[a], label[b]) if one in {label[a], label[b]} else one for one in label]
    return label


def never(one, other):
    return np.zeros(len(one), dtype=bool)


@given(keys_of, st.integers(1, 9))
def test_in_small_buckets_every_pair_is_compared(tables, modulus):
    """The truth is arbitrary: i and j are the same when (i · j) mod m is 0."""
    size = len(tables[0])
    true = [
        (i, j)
        for i in range(size)
        for j in range(i + 1, size)
        if i * j % modulus == 0 and any(keys[i] == keys[j] for keys in tables)
    ]
    found = link([np.array(keys, dtype=np.uint32) for keys in tables], size, lambda a, b: a * b % modulus == 0)
    expected = components(size, true)
    assert all(expected[root] == label for root, label in zip(found.tolist(), expected, strict=True))
    if max(keys.count(key) for keys in tables for key in keys) <= TURNS:
        assert found.tolist() == expected


@given(keys_of, st.integers(1, 9), st.data())
def test_across_sets_every_pair_is_compared(tables, modulus, data):
    size = len(tables[0])
    mine = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    found = link_across([np.array(keys, dtype=np.uint32) for keys in tables], mine, lambda a, b: a * b % modulus == 0)
    true = [
        bool(mine[i])
        and any(
            not mine[j] and i * j % modulus == 0 and any(keys[i] == keys[j] for keys in tables) for j in range(size)
        )
        for i in range(size)
    ]
    assert found.tolist() == true


@pytest.mark.parametrize(("alike", "most"), [(1, 1), (100, 100), (10**9, TURNS)])
def test_a_crowded_bucket_costs_a_few_turns(alike, most):
    """50 000 things in one bucket, in kinds: comparisons are at most turns × things, fewer where few kinds are."""
    size, asked = 50_000, []

    def same(one, other):
        asked.append(len(one))
        return one % alike == other % alike

    found = link([np.zeros(size, dtype=np.uint32)], size, same)
    assert sum(asked) <= min(most, TURNS) * size
    assert len(set(found[: min(alike, TURNS)].tolist())) == min(alike, TURNS)


def test_pivots_are_limited_and_finer_keys_divide_what_is_left():
    size, asked = 5000, []
    rng = np.random.default_rng(1)
    kind = np.repeat(np.arange(size // 2), 2)[rng.permutation(size)]

    def same(one, other):
        asked.append(len(one))
        return kind[one] == kind[other]

    crowded = np.zeros(size, dtype=np.uint32)
    link([crowded, crowded], size, same, pivots=4)
    assert sum(asked) <= 2 * 4 * size
    fine = (kind % 997).astype(np.uint32)  # about five things each, twins together
    undivided = link([fine, crowded], size, never, pivots=0)
    assert len(set(undivided.tolist())) == size
    only_crowded = link([np.arange(size, dtype=np.uint32), crowded], size, same, pivots=0)
    assert len(set(only_crowded.tolist())) == size


def test_what_is_left_of_a_crowded_bucket_is_divided_by_the_table_before():
    """Twins in one crowded bucket that no pivot reaches; the table before, in which they are not asked about, divides it."""
    size = 5000
    kind = np.repeat(np.arange(size // 2), 2)[np.random.default_rng(1).permutation(size)]
    fine, crowded = (kind % 997).astype(np.uint32), np.zeros(size, dtype=np.uint32)
    largest = int(np.bincount(kind % 997).max())
    for finer, groups in ((False, size), (True, size // 2)):
        calls = iter([*[never] * (largest - 1), *[lambda one, other: kind[one] == kind[other]] * 100])
        found = link(
            [fine, crowded], size, lambda one, other, calls=calls: next(calls)(one, other), pivots=0, finer=finer
        )
        assert len(set(found.tolist())) == groups


def test_no_things_and_one_thing():
    none = np.zeros(0, dtype=np.uint32)
    assert link([none], 0, never).tolist() == []
    assert link([none[:0]], 0, never, finer=True).tolist() == []
    assert link_across([none], np.zeros(0, bool), never).tolist() == []
    assert link([np.zeros(1, dtype=np.uint32)], 1, never).tolist() == [0]


@given(st.lists(st.integers(0, 12), max_size=30), st.integers(1, 20))
def test_blocks_cover_all_and_keep_the_budget(costs, budget):
    parts = list(blocks(np.array(costs, dtype=np.int64), budget))
    assert [place for part in parts for place in range(part.start, part.stop)] == list(range(len(costs)))
    assert all(part.stop - part.start == 1 or sum(costs[part]) <= budget for part in parts)
