"""Rows are drawn by what they hold."""

import numpy as np
import polars as pl
import pytest

from scoring.utility.rows import around, hash_numbers, hash_texts, hash_vectors, joined, lowest, mixed


def test_the_mixer_is_splitmix64():
    """First outputs of SplitMix64 with seed 0: Vigna's splitmix64.c, also Java's SplittableRandom(0)."""
    assert [hex(int(mixed(np.zeros(1, np.uint64), salt)[0])) for salt in range(3)] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


def test_equal_values_have_equal_hashes():
    numbers = hash_numbers(np.array([0.0, -0.0, np.nan, -np.nan, 1.0]))
    assert numbers[0] == numbers[1] != numbers[4]
    assert numbers[2] == numbers[3] != numbers[0]
    texts = hash_texts(pl.Series(["a", None, "b", "a", None]))
    assert texts[0] == texts[3] != texts[2]
    assert texts[1] == texts[4] != texts[0]


def test_a_row_s_hash_is_of_names_and_values_and_not_of_their_order():
    a, b = hash_numbers(np.arange(5.0)), hash_numbers(np.arange(5.0) * 3)
    assert (joined({"a": a, "b": b}, 5) == joined({"b": b, "a": a}, 5)).all()
    assert (joined({"a": a, "b": b}, 5)[1:] != joined({"a": b, "b": a}, 5)[1:]).all()


def test_vectors_differ_where_one_number_does_or_two_change_places():
    rows = np.zeros((3, 9), np.float32)
    rows[1, 4], rows[2, 5] = 1, 1
    assert len(np.unique(hash_vectors(rows))) == 3


@pytest.mark.parametrize("count", [0, 1, 7, 10, 12])
def test_lowest_is_a_stable_sort_cut_off(count):
    hashes = np.array([5, 3, 3, 9, 0, 3, 7, 5, 2, 2], dtype=np.uint64)
    assert lowest(hashes, count).tolist() == np.argsort(hashes, kind="stable")[:count].tolist()


def test_draws_around_the_circle_hold_every_row_equally_often():
    hashes = mixed(np.arange(1000, dtype=np.uint64), 5)
    draws = around(hashes, 10, 300)
    assert [len(set(drawn.tolist())) for drawn in draws] == [300] * 10
    times = np.bincount(np.concatenate(draws), minlength=1000)
    assert abs(times.mean() - 3) < 1e-9
    assert times.min() >= 2
    assert times.max() <= 4


def test_two_sets_draw_what_they_share_together():
    hashes = mixed(np.arange(4000, dtype=np.uint64), 5)
    some = hashes[::4]  # a quarter of the rows
    for all_drawn, some_drawn in zip(around(hashes, 8, 400), around(some, 8, 400), strict=True):
        shared = np.isin(some[some_drawn], hashes[all_drawn]).sum()
        assert 60 < shared < 140  # every fourth of the 400, and not one in forty


def test_copies_stand_beside_each_other():
    hashes = np.repeat(mixed(np.arange(100, dtype=np.uint64), 5), 2)
    for drawn in around(hashes, 4, 50):
        assert len(np.unique(hashes[drawn])) <= 26
