"""Intervals: published values where there are some, slow clear versions where there are not."""

import math

import numpy as np
import pytest

from scoring import SPREAD_LENGTH, Estimate, ScoringError, combine, evaluate
from scoring.draws import poisson_weights
from scoring.uncertainty import Counted, Range, Tally, Units, estimate

Z = 1.959963984540054


def hits(right: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(rows, int), (np.arange(rows) < right).astype(int)


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_1998_table_1_prints_it(right, rows, low, high):
    """Newcombe 1998, Statistics in Medicine 17:857, method 3."""
    found = evaluate("accuracy", *hits(right, rows))
    assert found.value == right / rows
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_all_right_is_not_certain():
    found = evaluate("accuracy", *hits(50, 50))
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(50 / (50 + Z**2))


def test_a_higher_level_is_wider():
    narrow, wide = (evaluate("accuracy", *hits(30, 50), level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_mean_of_rows_has_the_textbook_error():
    rng = np.random.default_rng(0)
    truth, errors = rng.normal(size=500), rng.gamma(2, size=500)
    found = evaluate("mae", truth, truth + errors)
    assert math.log(found.high / found.value) == pytest.approx(Z * errors.std(ddof=1) / math.sqrt(500) / errors.mean())
    assert float(np.linalg.norm(found.spread)) == pytest.approx(errors.std(ddof=1) / math.sqrt(500), rel=1e-5)


def slow_delong(truth, prediction):
    """DeLong et al. 1988, equations 2 to 6, pair by pair."""
    x, y = prediction[truth == 1], prediction[truth == 0]
    kernel = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    return kernel.mean(), kernel.mean(axis=1).var(ddof=1) / len(x) + kernel.mean(axis=0).var(ddof=1) / len(y)


@pytest.mark.parametrize("digits", [1, 3, 17])
def test_auc_has_the_variance_of_delong(digits):
    rng = np.random.default_rng(digits)
    truth = (rng.random(120) < 0.3).astype(int)
    prediction = np.round(rng.normal(size=120) + truth, digits)
    value, variance = slow_delong(truth, prediction)
    found = evaluate("roc_auc", truth, prediction)
    assert found.value == pytest.approx(value, abs=1e-14)
    assert float(found.spread.astype(float) @ found.spread) == pytest.approx(variance, rel=1e-5)
    reach = Z * math.sqrt(variance) / (value * (1 - value))
    logit = math.log(value / (1 - value))
    assert (found.low, found.high) == pytest.approx([1 / (1 + math.exp(-logit + s * reach)) for s in (1, -1)])


def test_auc_of_two_submissions_has_the_covariance_of_delong():
    rng = np.random.default_rng(3)
    truth = (rng.random(200) < 0.4).astype(int)
    base = rng.normal(size=200) + truth
    one, other = base + rng.normal(size=200) / 2, base + rng.normal(size=200) / 2
    placements = []
    for prediction in (one, other):
        x, y = prediction[truth == 1], prediction[truth == 0]
        kernel = (x[:, None] > y) + 0.5 * (x[:, None] == y)
        placements.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    (a, b), (c, d) = placements
    covariance = np.cov(a, c)[0, 1] / len(a) + np.cov(b, d)[0, 1] / len(b)
    spreads = [evaluate("roc_auc", truth, prediction).spread for prediction in (one, other)]
    assert float(spreads[0] @ spreads[1]) == pytest.approx(covariance, rel=1e-5)


@pytest.mark.parametrize(("scores", "value"), [([0, 1, 2, 3], 1.0), ([3, 2, 1, 0], 0.0)])
def test_perfect_and_inverted_rankings_are_not_certain(scores, value):
    truth = np.repeat([0, 0, 1, 1], 25)
    found = evaluate("roc_auc", truth, np.repeat(scores, 25).astype(float))
    rows = 50 * 50 / (0.5 + 100 / 4)  # Newcombe 2006, method 5, at its ends
    assert found.value == value
    assert found.high - found.low == pytest.approx(Z**2 / (rows + Z**2))


def test_a_single_positive_row_gives_a_wide_interval():
    truth = np.zeros(1000, int)
    truth[0] = 1
    found = evaluate("roc_auc", truth, np.arange(1000, 0, -1) - 200.0 * (np.arange(1000) == 0))
    assert found.value == pytest.approx(0.8, abs=0.01)
    assert found.high - found.low > 0.5


def test_a_constant_prediction_is_surely_half_right():
    found = evaluate("roc_auc", np.array([0, 1, 1, 0]), np.full(4, 0.3))
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("metric", ["mae", "roc_auc", "f1_macro", "accuracy", "average_precision"])
def test_copies_of_a_row_in_one_group_add_no_certainty(metric):
    rng = np.random.default_rng(5)
    truth = (rng.random(400) < 0.4).astype(int)
    prediction = np.where(rng.random(400) < 0.8, truth, 1 - truth)
    once = evaluate(metric, truth, prediction)
    copied = evaluate(metric, np.repeat(truth, 9), np.repeat(prediction, 9), groups=np.repeat(np.arange(400), 9))
    assert copied.value == pytest.approx(once.value)
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.01)
    assert len(copied.spread) == len(once.spread)


def test_few_groups_have_the_error_of_their_means():
    groups = np.repeat(np.arange(4), 25)
    means = np.array([0.2, 0.5, 0.9, 0.4])
    found = evaluate("mae", np.zeros(100), means[groups], groups=groups)
    assert float(np.linalg.norm(found.spread)) == pytest.approx(means.std(ddof=1) / 2, rel=1e-6)


def test_groups_of_one_row_change_nothing_and_names_of_groups_do_not_matter():
    rng = np.random.default_rng(6)
    truth, prediction = rng.normal(size=(2, 90))
    alone = evaluate("rmse", truth, prediction)
    each = evaluate("rmse", truth, prediction, groups=np.arange(90))
    assert (each.low, each.high) == pytest.approx((alone.low, alone.high))
    groups = rng.integers(0, 12, 90)
    plain, renamed = (evaluate("rmse", truth, prediction, groups=g) for g in (groups, groups * 10**12 - 5))
    assert (plain.low, plain.high, plain.spread.tolist()) == (renamed.low, renamed.high, renamed.spread.tolist())


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "rmse"])
def test_a_long_spread_is_folded_and_keeps_variance_and_covariance(metric):
    rng = np.random.default_rng(8)
    truth = (rng.random(60_000) < 0.3).astype(int)
    one = np.where(rng.random(60_000) < 0.8, truth, 1 - truth)
    other = np.where(rng.random(60_000) < 0.2, truth, one)
    estimates = [evaluate(metric, truth, prediction) for prediction in (one, other)]
    parts = [np.arange(60_000) // 15_000 == part for part in range(4)]
    assert {len(estimate.spread) for estimate in estimates} == {SPREAD_LENGTH}
    gram = np.array([[float(a.spread @ b.spread) for a in estimates] for b in estimates])
    exact = np.zeros((2, 2))  # four parts of the rows, in exact pieces of 3,750 rows
    for part in parts:
        for rows in np.split(np.flatnonzero(part), 4):
            pieces = [evaluate(metric, truth[rows], prediction[rows]).spread for prediction in (one, other)]
            exact += np.array([[float(a @ b) for a in pieces] for b in pieces]) / 16**2
    np.testing.assert_allclose(gram, exact, rtol=0.1)


def test_bootstrap_of_rows_in_blocks_agrees_with_the_closed_form():
    """Micro F1 is accuracy: the closed form of one judges the bootstrap of the other, with and without blocks."""
    for rows in (900, 30_000):
        rng = np.random.default_rng(rows)
        truth = rng.integers(0, 2, rows)
        prediction = np.where(rng.random(rows) < 0.8, truth, 1 - truth)
        closed, resampled = (evaluate(metric, truth, prediction) for metric in ("accuracy", "f1_weighted"))
        assert len(resampled.spread) == 1000
        assert resampled.high - resampled.low == pytest.approx(closed.high - closed.low, rel=0.12)


@pytest.mark.parametrize("amount", [3, 20_000_001])
def test_bootstrap_counts_are_whole_numbers_however_large(amount):
    """20 million and 1 is more than a float32 can count exactly."""
    rows = 500
    amounts = amount + np.arange(rows)
    seen = []

    def score(counts):
        seen.append(counts[:, 0])
        return counts[:, 0] / counts[:, 0].max()

    form = Counted((Tally(np.zeros(rows, int), 1, amounts),), score, at_end=rows)
    estimate(form, Range(0, 1), Units(rows), seed=0, level=0.95)
    expected = poisson_weights(1000, rows, 0).astype(np.int64) @ amounts
    np.testing.assert_array_equal(np.concatenate(seen[1:]), expected)


def test_the_seed_is_all_that_moves_a_bootstrap():
    rng = np.random.default_rng(2)
    truth, prediction = rng.integers(0, 3, (2, 100))
    first, again, other = (evaluate("mcc", truth, prediction, seed=seed) for seed in (4, 4, 5))
    assert (first.low, first.high, first.spread.tolist()) == (again.low, again.high, again.spread.tolist())
    assert first.value == other.value
    assert first.low != other.low


@pytest.mark.slow
def test_thousands_of_rare_classes_still_give_a_sane_interval():
    """Most classes have one row, so resampling drops a third of them: percentiles of replicates would miss the value."""
    rng = np.random.default_rng(9)
    truth = rng.integers(0, 6_000, 8_000)
    found = [evaluate("f1_weighted", truth, np.where(rng.random(8_000) < p, truth, 5_999)) for p in (0.9, 0.9)]
    correlation = np.corrcoef(found[0].spread, found[1].spread)[0, 1]
    assert 0 < found[0].low < found[0].value < found[0].high < 1
    assert abs(correlation) < 0.3  # independent misses on the same truth


def test_the_mean_of_tasks_is_surer_than_each_and_stays_in_range():
    tasks = [evaluate("accuracy", *hits(right, 40)) for right in (40, 38, 36, 40)]
    mean = combine(tasks)
    assert mean.value == pytest.approx(np.mean([task.value for task in tasks]))
    assert mean.low <= mean.value <= mean.high <= 1
    assert mean.high - mean.low < min(task.high - task.low for task in tasks)
    assert float(mean.spread @ mean.spread) == pytest.approx(
        sum(float(t.spread @ t.spread) for t in tasks) / 16, rel=1e-5
    )


def test_the_mean_of_one_task_is_that_task_and_long_spreads_stay_short():
    one = Estimate(0.5, 0.4, 0.7, np.full(SPREAD_LENGTH, 0.01, np.float32))
    assert combine([one]).low == pytest.approx(0.4)
    assert len(combine([one, one]).spread) == SPREAD_LENGTH
    with pytest.raises(ValueError, match="at least one"):
        combine([])


def test_numbers_too_large_to_score_are_refused_in_words():
    with pytest.raises(ScoringError) as refused:
        evaluate("rmse", np.array([1e200, 0.0]), np.array([0.0, 1e200]))
    assert refused.value.id == "scoring.overflow"


@pytest.mark.parametrize("level", [0, 1, -1])
def test_a_level_outside_0_to_1_is_a_mistake_of_the_caller(level):
    with pytest.raises(ValueError, match="level"):
        evaluate("accuracy", *hits(1, 2), level=level)
