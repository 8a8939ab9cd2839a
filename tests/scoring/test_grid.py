"""Counting on a grid gives what sorting gives, and takes only values that it holds exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from scoring import evaluate, grid
from scoring.grid import LEAST_ROWS, cells

ROWS = LEAST_ROWS + 11


@pytest.fixture(params=["counted", "sorted"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "sorted":
        monkeypatch.setattr(grid, "LEAST_ROWS", 1 << 62)
    return request.param


def made(digits: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(ROWS) < 0.3).astype(np.int64)
    return truth, np.round(1 / (1 + np.exp(1 - truth - rng.normal(size=ROWS))), digits)


@pytest.mark.slow
@given(
    scale=st.sampled_from([1, 10, 1000, 10**5]),
    whole=st.lists(st.integers(-70_000, 70_000), min_size=1, max_size=300),
)
def test_cells_are_in_the_order_of_the_values_and_equal_exactly_where_they_are(scale, whole):
    values = np.resize(np.array(whole) / scale, LEAST_ROWS)
    found = cells(values)
    assert found is not None
    codes, count = found
    assert codes.min() == 0
    assert codes.max() == count - 1
    _, dense = np.unique(values, return_inverse=True)
    _, dense_codes = np.unique(codes, return_inverse=True)
    np.testing.assert_array_equal(dense_codes, dense)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).random(LEAST_ROWS),
        np.append(np.full(LEAST_ROWS, 0.25), 1 / 3),
        np.append(np.full(LEAST_ROWS, 0.25), np.nextafter(0.25, 1)),
        np.append(np.full(LEAST_ROWS, 0.25), 1e300),
        np.append(np.full(LEAST_ROWS, 1e300), -1e300),
        np.arange(LEAST_ROWS) * 1e3,
        np.full(LEAST_ROWS - 1, 0.25),
    ],
    ids=["any digits", "one third", "one unit in the last place off", "far away", "endless", "wide apart", "few rows"],
)
def test_what_no_grid_holds_is_left_to_sorting(values):
    assert cells(values) is None


def test_minus_zero_is_zero():
    codes, count = cells(np.tile([0.0, -0.0, 0.5], LEAST_ROWS))
    assert codes[:3].tolist() == [0, 0, 5]
    assert count == 6


@pytest.mark.parametrize("digits", [1, 4, 5])
def test_the_score_is_scikit_learns_either_way(way: str, digits: int):
    truth, prediction = made(digits)
    assert (cells(prediction) is not None) == (way == "counted")
    assert evaluate("roc_auc", truth, prediction).value == pytest.approx(roc_auc_score(truth, prediction), abs=1e-13)
    precision = average_precision_score(truth, prediction)
    assert evaluate("average_precision", truth, prediction).value == pytest.approx(precision, abs=1e-11)


@pytest.mark.parametrize("metric", ["roc_auc", "average_precision"])
def test_interval_and_spread_are_the_same_either_way(metric: str, monkeypatch: pytest.MonkeyPatch):
    truth, prediction = made(4)
    groups = np.arange(ROWS) // 7
    counted = [evaluate(metric, truth, prediction, groups=group) for group in (None, groups)]
    monkeypatch.setattr(grid, "LEAST_ROWS", 1 << 62)
    for one, group in zip(counted, (None, groups), strict=True):
        other = evaluate(metric, truth, prediction, groups=group)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-10)
        np.testing.assert_allclose(one.spread, other.spread, rtol=1e-5, atol=1e-9)


def test_rows_above_the_best_filled_cell_do_not_count():
    """Values that rise by one in a hundred cells leave most cells empty, also the last ones of a part."""
    truth, prediction = made(2)
    far = prediction * 100 * 1000
    near = evaluate("average_precision", truth, prediction)
    assert evaluate("average_precision", truth, far).value == pytest.approx(near.value, rel=1e-13)
