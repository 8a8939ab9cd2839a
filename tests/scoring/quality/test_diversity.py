"""Diversity: exact small cases, the definition as oracle, and a reference that half of the rows do not reach."""

import math

import numpy as np
import polars as pl
import pytest
import scipy.spatial.distance
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.diversity import grid_coverage, label_diversity, make_grid, vendi


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=60), st.integers(1, 9))
def test_labels_by_their_definition(labels, possible):
    found = label_diversity(pl.Series(labels), possible)
    shares = [labels.count(label) / len(labels) for label in set(labels)]
    assert found.present == len(shares)
    assert found.effective == pytest.approx(math.prod(share**-share for share in shares))
    assert 0 < found.evenness <= 1 + 1e-12
    assert found.evenness == pytest.approx(found.effective / max(possible, len(shares)))


def test_labels_of_nothing():
    assert label_diversity(pl.Series([], dtype=pl.String)).effective == 0
    assert label_diversity(pl.Series([None, None], dtype=pl.String), 3).evenness == 0
    assert label_diversity(pl.Series(["a"] * 5)).effective == 1


def slow_vendi(kernel: np.ndarray) -> float:
    values = np.linalg.eigvals(kernel / len(kernel)).real
    return math.exp(-sum(value * math.log(value) for value in values if value > 1e-15))


@pytest.mark.parametrize(("rows", "columns"), [(1, 3), (7, 3), (40, 60), (60, 40)])
def test_vendi_by_its_definition(rows, columns):
    features = np.random.default_rng(rows).normal(size=(rows, columns))
    cosine = 1 - scipy.spatial.distance.cdist(features, features, "cosine")
    assert vendi(features, seed=0).score == pytest.approx(slow_vendi(cosine), rel=1e-6)
    rbf = np.exp(-(scipy.spatial.distance.cdist(features, features) ** 2) / 8)
    assert vendi(features, seed=0, kernel="rbf", scale=2).score == pytest.approx(slow_vendi(rbf), rel=1e-6)


def test_vendi_counts_different_rows():
    four = np.repeat(np.eye(4), 25, axis=0)
    assert vendi(four, seed=0).score == pytest.approx(4)
    assert vendi(four, seed=0, kernel="rbf", scale=0.05).score == pytest.approx(4)
    assert vendi(np.repeat(np.eye(4), [97, 1, 1, 1], axis=0), seed=0).score < 1.3
    assert vendi(np.zeros((9, 2)), seed=0).score == pytest.approx(1)
    assert vendi(1e200 * four, seed=0).score == pytest.approx(4)


def test_vendi_falls_when_rows_are_copied_over_others():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(160, 20))
    scores = [
        vendi(features[np.arange(160) % kept], seed=0, kernel="rbf", scale=3.0).score for kept in (160, 80, 40, 20)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 20.01


def test_vendi_of_many_rows_is_sampled_or_goes_through_the_columns():
    features = np.random.default_rng(0).normal(size=(30_000, 8))
    exact = vendi(features, seed=0)
    assert (exact.rows, exact.exact) == (30_000, True)
    assert exact.score == pytest.approx(8, rel=0.01)
    first, again, other = (vendi(features, seed=seed, kernel="rbf", most_rows=100) for seed in (1, 1, 2))
    assert first == again
    assert (first.rows, first.exact) == (100, False)
    assert first.score == pytest.approx(other.score, rel=0.2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_vendi_does_not_depend_on_order(seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rng.integers(1, 30), 3))
    shuffled = rng.permutation(features)
    assert vendi(features, seed=0, kernel="rbf", scale=1).score == pytest.approx(
        vendi(shuffled, seed=0, kernel="rbf", scale=1).score
    )


@pytest.mark.parametrize("features", [np.zeros((0, 2)), np.zeros((2, 0)), np.array([[np.nan]]), np.zeros(3)])
def test_unusable_features_are_refused(features):
    with pytest.raises(ValueError, match="finite numbers"):
        vendi(features, seed=0)
    with pytest.raises(ValueError, match="finite numbers"):
        make_grid(features, seed=0)


def test_the_reference_covers_its_own_grid_and_a_half_does_not():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(3_000, 5)) * [1, 100, 0.01, 5, 1]
    grid = make_grid(reference, cells=40, seed=0)
    assert grid.weight.sum() == pytest.approx(1)
    own = grid_coverage(grid, reference, seed=0)
    assert (own.covered.value, own.weighted) == (1, 1)
    assert own.inside.value == pytest.approx(0.95, abs=0.01)
    half = grid_coverage(grid, reference[reference[:, 0] > 0], seed=0, least=5)
    assert 0.4 < half.weighted < 0.9
    fresh = grid_coverage(grid, rng.normal(size=(3_000, 5)) * [1, 100, 0.01, 5, 1], seed=0)
    assert fresh.weighted > 0.99
    assert fresh.inside.value > 0.85


def test_rows_far_away_cover_nothing_and_copies_of_one_row_one_cell():
    reference = np.random.default_rng(0).normal(size=(1_000, 3))
    grid = make_grid(reference, cells=20, seed=0)
    assert grid_coverage(grid, reference + 1000, seed=0).covered.count == 0
    assert (
        grid_coverage(grid, np.repeat(grid.centres[:1] * grid.scale + grid.middle, 500, axis=0), seed=0).covered.count
        == 1
    )


def test_clusters_are_cells():
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10.0]])
    rng = np.random.default_rng(0)
    grid = make_grid(np.repeat(centres, 200, axis=0) + rng.normal(0, 0.1, (800, 2)), cells=4, seed=0)
    assert grid_coverage(grid, centres[:3], seed=0).counts.sum() == 3
    assert grid_coverage(grid, centres[:3], seed=0).weighted == pytest.approx(0.75)


def test_grids_of_few_different_rows_of_wide_rows_and_of_large_ones():
    assert len(make_grid(np.repeat(np.eye(3), 50, axis=0), cells=64, seed=0).centres) == 3
    assert len(make_grid(np.zeros((10, 2)), cells=5, seed=0).centres) == 1
    wide = np.random.default_rng(0).normal(size=(6_000, 200))
    grid = make_grid(wide, cells=16, seed=0)
    assert grid.centres.shape == (16, 64)
    assert grid_coverage(grid, wide, seed=1, most_rows=4_000).weighted == 1
    again = make_grid(wide, cells=16, seed=0)
    np.testing.assert_array_equal(grid.centres, again.centres)
