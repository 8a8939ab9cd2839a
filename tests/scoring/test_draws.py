"""Draws are the same everywhere: pinned, independent of chunks, and truly Poisson."""

import numpy as np
import pytest

from scoring.draws import HEAVIEST, blocks, poisson_weights

PINNED_WEIGHTS = [[0, 3, 2, 0, 2, 0, 0, 1], [0, 0, 0, 1, 0, 2, 0, 0]]
PINNED_BLOCKS = [1573, 1452, 3042, 965, 3020, 3633, 2408, 3744, 2494, 3469, 4088, 3336]


def test_the_first_draws_of_seed_0_never_change():
    """A change here changes every interval and rank range ever shown: it needs a new scorer version."""
    assert poisson_weights(2, 8, 0).astype(int).tolist() == PINNED_WEIGHTS
    assert blocks(12, 4096, 0).tolist() == PINNED_BLOCKS


def test_fewer_samples_are_the_first_of_more():
    np.testing.assert_array_equal(poisson_weights(5, 33, 7), poisson_weights(12, 33, 7)[:5])


def test_weights_are_shared_and_cannot_be_spoilt():
    weights = poisson_weights(5, 33, 7)
    assert poisson_weights(5, 33, 7) is weights
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1


def test_weights_are_poisson():
    weights = poisson_weights(1000, 1000, 1)
    shares = np.bincount(weights.astype(int).ravel(), minlength=5)[:5] / weights.size
    np.testing.assert_allclose(shares, np.exp(-1) / np.array([1, 1, 2, 6, 24]), atol=0.002)
    assert weights.mean() == pytest.approx(1, abs=0.005)
    assert weights.var() == pytest.approx(1, abs=0.01)
    assert weights.max() <= HEAVIEST


def test_rows_and_samples_are_uncorrelated():
    weights = poisson_weights(4000, 64, 2)
    correlations = np.corrcoef(weights.T)[np.triu_indices(64, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(4000)


def test_blocks_are_even_and_follow_the_seed_and_position_only():
    drawn = blocks(100_000, 256, 3)
    assert set(drawn.tolist()) == set(range(256))
    assert np.bincount(drawn).std() == pytest.approx(np.sqrt(100_000 / 256), rel=0.2)
    np.testing.assert_array_equal(blocks(50, 256, 3), drawn[:50])
    assert (blocks(50, 256, 4) != drawn[:50]).any()
