"""The laws that every metric obeys. One that is not filed in `tests/laws/filed.py` fails the build."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import METRICS, Lists, ScoringError, evaluate
from scoring.uncertainty import Counted, RowTerms
from tests.laws.filed import LAWS, Problem, lists, take

FILED = pytest.mark.parametrize("key", METRICS)


def value(key: str, truth: Any, prediction: Any) -> float:
    """The score alone, without its interval."""
    return METRICS[key].load()(truth, prediction, **LAWS[key].options).value


def estimate(key: str, truth: Any, prediction: Any) -> Any:
    return evaluate(key, truth, prediction, options=LAWS[key].options)


def test_every_metric_is_filed_and_nothing_else():
    assert set(LAWS) == set(METRICS)


@FILED
def test_the_record_says_what_a_participant_must_know(key):
    record = METRICS[key]
    assert record.key == key
    assert record.title
    assert record.explanation.endswith(".")
    assert record.source
    assert record.low < record.high
    assert math.isfinite(record.high if record.direction == "max" else record.low)
    assert ">>>" in (record.load().__doc__ or "")
    form = record.load()(*LAWS[key].problem(np.random.default_rng(0), 30, 0.5), **record.choose({}))
    assert isinstance(form, Counted if record.interval == "bootstrap" else RowTerms)


@FILED
def test_golden_value(key):
    truth, prediction, options, expected, source = LAWS[key].golden
    digits = 3 if "3 digits" in source else 12
    assert evaluate(key, truth, prediction, options=options).value == pytest.approx(expected, abs=0.6 * 10**-digits)


@FILED
def test_perfect_is_exactly_the_best_end_of_the_range_and_noise_leads_away_from_it(key):
    law, record = LAWS[key], METRICS[key]
    best, towards = (record.high, -1) if record.direction == "max" else (record.low, 1)
    for rows in (60, 20_000):
        truth, _ = law.problem(np.random.default_rng(1), rows, 0)
        found = estimate(key, truth, law.perfect(truth))
        assert found.value == best
        assert not (found.value == 0 and math.copysign(1, found.value) < 0)
    scores = [estimate(key, *law.problem(np.random.default_rng(2), 400, noise)).value for noise in (0.05, 0.5, 1)]
    assert sorted([best, *scores], key=lambda score: score * towards) == [best, *scores]


@FILED
def test_any_prediction_is_in_range_and_inside_its_interval(key):
    law, record = LAWS[key], METRICS[key]
    rng = np.random.default_rng(3)
    problems = [law.problem(rng, n, noise) for n in (2, 3, 10, 100) for noise in (0, 0.3, 1)]
    problems += [(truth, take(prediction, rng.permutation(len(truth)))) for truth, prediction in problems]
    for truth, prediction in [*problems, *law.odd]:
        found = estimate(key, truth, prediction)
        assert record.low <= found.low <= found.value <= found.high <= record.high
        assert math.isfinite(found.low + found.value + found.high)
        assert np.isfinite(found.spread).all()
        assert found.spread.dtype == np.float32


@FILED
def test_the_order_of_the_rows_does_not_matter(key):
    rng = np.random.default_rng(4)
    truth, prediction = LAWS[key].problem(rng, 300, 0.4)
    rows = rng.permutation(300)
    straight, shuffled = estimate(key, truth, prediction), estimate(key, take(truth, rows), take(prediction, rows))
    assert shuffled.value == pytest.approx(straight.value, abs=1e-12)
    assert (shuffled.low, shuffled.high) == pytest.approx((straight.low, straight.high), abs=0.02 * abs(straight.value))


@FILED
def test_truth_and_prediction_may_change_places_exactly_if_declared(key):
    law = LAWS[key]
    if METRICS[key].truth not in METRICS[key].inputs or METRICS[key].truth == "list":
        assert not law.symmetric
        return
    truth, prediction = law.problem(np.random.default_rng(5), 50, 0.6)
    straight, swapped = value(key, truth, prediction), value(key, prediction, truth)
    assert (straight == pytest.approx(swapped, rel=1e-12)) == law.symmetric


@FILED
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused_with_its_row(key, bad):
    truth, prediction = LAWS[key].problem(np.random.default_rng(6), 20, 0.3)
    columns = {"truth": truth, "prediction": prediction}
    for side, column in columns.items():
        if isinstance(column, Lists) or column.dtype.kind != "f":
            continue  # codes and lists are integers: there is no NaN to hold
        broken = column.copy()
        broken[7] = bad
        with pytest.raises(ScoringError) as refused:
            evaluate(key, **{**columns, side: broken})
        assert refused.value.id == f"scoring.{side}_not_finite"
        assert refused.value.params == {"count": 1, "row": 7}


@st.composite
def small_problems(draw: st.DrawFn, key: str) -> Problem:
    record = METRICS[key]
    n = draw(st.integers(2, 12))

    def column(element: st.SearchStrategy, size: int = n) -> list:
        return draw(st.lists(element, min_size=size, max_size=size))

    number = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
    chance = st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1)
    if record.truth == "number":
        truth, prediction = np.array(column(number)), np.array(column(number))
        if key == "mape":
            truth = np.where(np.abs(truth) < 1e-3, 1.0, truth)
        if key == "r2":
            truth = np.rint(truth)
            truth[0] = truth[1:].max() + 1
        return truth, prediction
    if record.truth == "list":
        item = st.integers(0, 7)
        truth = [draw(st.lists(item, min_size=1, max_size=6, unique=True)) for _ in range(n)]
        gains = [[draw(st.sampled_from([1.0, 0.5, 3.0]))] * len(row) for row in truth] if key == "ndcg_at_k" else None
        return lists(truth, gains), lists([draw(st.lists(item | st.just(-1), max_size=7)) for _ in range(n)])
    top = 1 if "class" not in record.inputs and not draw(st.booleans() if record.wide else st.just(False)) else 2
    truth = np.array(column(st.integers(0, top)))
    truth[:2] = 0, 1
    if "class" in record.inputs:
        return truth, np.array(column(st.integers(0, 3)))
    if "number" in record.inputs:
        return truth, np.array(column(chance | number | st.sampled_from([0.1, 0.1 + 2**-56, 1e-300])))
    if top == 1:
        return truth, np.array(column(chance))
    weights = np.array(column(st.floats(0.01, 1), 3 * n)).reshape(n, 3)
    return truth, weights / weights.sum(axis=1, keepdims=True)


@FILED
def test_the_oracle_agrees_to_nine_digits(key):
    law = LAWS[key]

    @settings(max_examples=40, deadline=None, database=None)
    @given(small_problems(key))
    def agree(problem: Problem) -> None:
        truth, prediction = problem
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns of classes that only the prediction holds
            expected = float(law.oracle(truth, prediction, **law.options))
        assert value(key, truth, prediction) == pytest.approx(expected, rel=1e-9, abs=1e-9)

    agree()


@FILED
def test_the_interval_holds_the_true_score_about_as_often_as_it_says(key):
    law = LAWS[key]
    population, rows = (50_000, 60) if METRICS[key].truth == "list" else (300_000, 150)
    true = value(key, *law.problem(np.random.default_rng(7), population, 0.5))
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(200):
        found = estimate(key, *law.problem(rng, rows, 0.5))
        held += found.low <= true <= found.high
    assert 0.90 <= held / 200 <= 0.99


@FILED
def test_spreads_have_the_covariance_of_a_plain_bootstrap(key):
    law = LAWS[key]
    rng = np.random.default_rng(9)
    truth, one = law.problem(rng, 200, 0.6)
    swapped = rng.random(200) < 0.3
    other = take(one, np.where(swapped, rng.permutation(200), np.arange(200)))
    spreads = np.array([estimate(key, truth, prediction).spread for prediction in (one, other)], dtype=np.float64)
    resamples = [rng.integers(0, 200, 200) for _ in range(300)]
    replicates = [[value(key, take(truth, r), take(p, r)) for p in (one, other)] for r in resamples]
    plain = np.cov(np.transpose(replicates))
    found = spreads @ spreads.T
    np.testing.assert_allclose(np.sqrt(np.diag(found)), np.sqrt(np.diag(plain)), rtol=0.2)
    correlations = [matrix[0, 1] / math.sqrt(matrix[0, 0] * matrix[1, 1]) for matrix in (found, plain)]
    assert correlations[0] == pytest.approx(correlations[1], abs=0.15)
