"""What a submission is worth: the same for the same rows, right at its ends, refused where there is nothing to measure."""

import subprocess
import sys
from functools import cache

import numpy as np
import polars as pl
import pytest

from scoring.utility import Refused, compare, measure, prepare, spread_of, usefulness
from scoring.utility.measurement import deviations, error_of, joined_readings
from tests.scoring.utility.made import table, yardstick


@cache
def clean() -> pl.DataFrame:
    return table(1200, 1)


@cache
def hidden() -> pl.DataFrame:
    return table(1500, 2)


@cache
def stick():
    return yardstick(clean(), hidden())


def same(a, b) -> bool:
    return a.value == b.value and all(
        (getattr(a, one) == getattr(b, one)).all() for one in ("small", "whole", "spread")
    )


def test_rows_and_columns_may_come_in_any_order():
    found = measure(clean(), stick())
    shuffled = clean().sample(fraction=1, shuffle=True, seed=3)
    assert same(found, measure(shuffled.select(sorted(clean().columns, reverse=True)), stick()))
    other = yardstick(clean(), hidden().sample(fraction=1, shuffle=True, seed=4))
    assert other.digest == stick().digest
    assert same(found, measure(clean(), other))


def test_a_pipeline_of_a_shuffled_reference_is_the_same():
    assert yardstick(clean().sample(fraction=1, shuffle=True, seed=3), hidden()).digest == stick().digest


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_bytes():
    code = (
        "from tests.scoring.utility.made import *; from scoring.utility import measure\n"
        "found = measure(table(600, 1), yardstick(table(600, 1), table(600, 2), models=['hashed-logistic', 'boosted-trees']))\n"
        "print(found.value.hex(), found.small.tobytes().hex(), found.spread.tobytes().hex())"
    )
    outputs = set()
    for threads in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env=dict.fromkeys(names, threads)
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_raw_is_worth_nothing_and_the_reference_everything():
    raw = table(1200, 1, noise=0.3)
    of_raw, of_clean = measure(raw, stick()), measure(clean(), stick())
    for entry, low, high in ((raw, 0, 0), (clean(), 100, 100), (table(1200, 1, noise=0.1), 40, 99)):
        points = usefulness(measure(entry, stick(), curve=False), of_raw, of_clean)
        assert low <= points.value <= high
        assert points.low <= points.value <= points.high
        assert points.low < 100
        assert points.high > 0
    worse = usefulness(measure(table(1200, 1, noise=0.45), stick()), of_raw, of_clean)
    assert worse.value == 0
    assert worse.unclipped < -20


def test_points_agree_with_the_ratio_of_differences():
    entry, raw, best = (measure(table(1200, 1, noise=noise), stick()) for noise in (0.1, 0.3, 0.0))
    points = usefulness(entry, raw, best)
    expected = 100 * (entry.value - raw.value) / (best.value - raw.value)
    assert points.unclipped == pytest.approx(expected)
    reach = 196 * compare(entry, raw).error / (best.value - raw.value)
    assert points.high - points.low < 4 * reach
    assert points.low > 0


def test_a_reference_no_better_than_raw_has_no_scale():
    raw = measure(clean(), stick())
    for reference in (raw, measure(table(1200, 1, noise=0.2), stick()), measure(table(1200, 9), stick())):
        with pytest.raises(Refused, match="trains no better models than the raw data"):
            usefulness(raw, raw, reference)


def test_an_entry_ties_with_itself_and_differences_have_two_sides():
    a, b = measure(clean(), stick()), measure(table(1200, 1, noise=0.2), stick())
    assert compare(a, a).tie
    assert compare(a, a).value == 0
    one, two = compare(a, b), compare(b, a)
    assert not one.tie
    assert (one.value, one.low, one.high) == pytest.approx((-two.value, -two.high, -two.low))
    assert one.value == pytest.approx(a.value - b.value)


def test_spreads_tell_the_error_of_every_difference_and_never_too_little_of_it():
    found = [measure(table(1200, 1, noise=noise), stick(), curve=False) for noise in (0.0, 0.05, 0.2)]
    for a in found:
        for b in found:
            apart = float(np.linalg.norm(spread_of(a) - spread_of(b)))
            error = compare(a, b).error
            assert error <= apart * (1 + 1e-9) or a is b
            assert apart <= 1.5 * error or a is b
    assert np.linalg.norm(spread_of(found[0])) == pytest.approx(found[0].error, rel=0.45)


def test_of_an_error_less_is_better():
    errors = yardstick(clean(), hidden(), target="price", metric="rmse", models=["hashed-ridge"])
    good, poor = clean(), clean().with_columns(pl.col("price").reverse())
    assert compare(measure(good, errors), measure(poor, errors)).value > 0.3


def test_results_of_other_yardsticks_cannot_be_compared():
    other = measure(clean(), yardstick(clean(), hidden(), seed=1))
    with pytest.raises(Refused, match="different settings"):
        compare(measure(clean(), stick()), other)


def test_pairs_are_told_apart_better_than_strangers():
    """Common rows are drawn together: the error of a paired difference is well below that of two separate values."""
    a, b = measure(clean(), stick()), measure(table(1200, 1, noise=0.05), stick())
    assert compare(a, b).error < 0.7 * np.hypot(a.error, b.error)


@pytest.mark.parametrize("models", [["hashed-logistic"], pytest.param(["boosted-trees"], marks=pytest.mark.slow)])
def test_padding_with_copies_earns_nothing(models):
    """Exact copies and disturbed ones, of a team that has a third of the rows."""
    few = clean().head(400)
    ruler = yardstick(clean(), hidden(), models=models, refits=20)
    rng = np.random.default_rng(0)
    disturbed = [few.with_columns(pl.col("x", "z", "idle") + pl.Series(rng.normal(0, 0.02, 400))) for _ in range(2)]
    honest = measure(few, ruler, curve=False)
    for padded in (pl.concat([few] * 3), pl.concat([few, *disturbed])):
        gain = compare(measure(padded, ruler, curve=False), honest)
        assert gain.value < 0.005
        assert gain.low < 0


def test_a_label_written_into_a_feature_does_not_help():
    leaking = clean().with_columns(pl.col("bought").cast(pl.Float64).alias("idle"))
    assert compare(measure(leaking, stick()), measure(clean(), stick())).value < -0.05


def test_a_column_the_hidden_test_does_not_have_is_not_read():
    more = clean().with_columns(answer=pl.col("bought"))
    assert same(measure(more, stick()), measure(clean(), stick()))
    assert "answer" not in prepare(more, hidden(), target="bought", metric="roc_auc").pipeline.names


def test_a_key_pairs_rows_whose_cells_were_mended():
    ids = pl.Series("id", [f"row {i}" for i in range(1200)])
    before, after = (frame.with_columns(ids) for frame in (clean(), clean().with_columns(pl.col("x") * 1.0001)))
    paired, alone = yardstick(clean().with_columns(ids), hidden(), key="id"), stick()
    errors = [compare(measure(before, one), measure(after, one)).error for one in (paired, alone)]
    assert errors[0] < errors[1] / 2


def test_a_row_budget_bounds_what_counts():
    ruler = yardstick(clean(), hidden(), row_budget=300)
    found = measure(clean(), ruler)
    assert (found.rows, found.left_out) == (300, 900)
    assert same(found, measure(clean().reverse(), ruler))


def test_the_curve_rises_with_the_rows():
    points = measure(clean(), stick()).curve
    assert [point.rows for point in points] == [150, 300, 600, 1200]
    assert points[0].value < points[-1].value
    assert measure(clean(), stick(), curve=False).curve == ()


def test_labels_are_read_in_any_form_and_others_left_out():
    expected = measure(clean(), stick())
    for dtype in (pl.Float64, pl.String, pl.Boolean):
        frame = clean().with_columns(pl.col("bought").cast(dtype))
        if dtype == pl.Boolean:
            frame = frame.with_columns(pl.col("bought").cast(pl.Int8))
        assert same(expected, measure(frame, stick()))
    strange = pl.concat([clean().cast({"bought": pl.String}), clean().head(7).with_columns(bought=pl.lit("maybe"))])
    found = measure(strange, stick())
    assert found.left_out == 7
    assert same(expected, found)


@pytest.mark.slow
def test_several_classes_texts_and_images_are_measured():
    rng = np.random.default_rng(0)
    word = {"a": "甲乙", "b": "丙丁", "c": "戊己"}
    label = rng.choice(list(word), 200)
    text = ["".join(rng.permutation(list(word[one] * 2 + "天地玄黄"))) for one in label]
    image = rng.normal(size=(200, 16)) + 3 * np.array([ord(one) for one in label])[:, None] * (np.arange(16) < 4)
    frame = pl.DataFrame({"t": text, "i": image.tolist(), "y": label})
    for columns, models in (
        ({"t": "text"}, ["ngram-logistic", "ngram-bayes"]),
        ({"i": "image"}, ["pixel-logistic", "random-features"]),
    ):
        ruler = prepare(frame[:120], frame[120:], target="y", metric="accuracy", columns=columns, refits=10)
        assert [model.key for model in ruler.models] == models
        found = measure(frame[:120], ruler)
        assert found.value > 0.85
        assert found.small.shape == (2, 12)


@pytest.mark.parametrize("metric", ["log_loss", "brier", "f1_macro", "average_precision", "balanced_accuracy"])
def test_other_metrics_of_classes(metric):
    from scoring import METRICS

    if metric not in METRICS:
        pytest.skip("no such metric")
    ruler = yardstick(clean(), hidden(), metric=metric)
    assert compare(measure(clean(), ruler), measure(table(1200, 1, noise=0.3), ruler)).value > 0


hostile = {
    "target absent": (lambda f: f.drop("bought"), "“bought” is missing"),
    "columns absent": (lambda f: f.drop("x", "z"), "Columns are missing: “x”, “z”"),
    "one class": (lambda f: f.with_columns(bought=pl.lit(1)), "same value in “bought”"),
    "one row": (lambda f: f.head(1), "Only 1 rows"),
    "no rows": (lambda f: f.clear(), "Only 0 rows"),
    "no labels": (lambda f: f.with_columns(bought=pl.lit(None)), "Only 0 rows"),
    "nested labels": (lambda f: f.with_columns(bought=pl.concat_list("bought")), "Only 0 rows"),
    "binary labels": (lambda f: f.with_columns(bought=pl.lit(b"1")), "Only 0 rows"),
}


@pytest.mark.parametrize("case", hostile)
def test_what_cannot_be_measured_is_refused_in_words(case):
    change, sentence = hostile[case]
    with pytest.raises(Refused, match=sentence):
        measure(change(clean()), stick())


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.with_columns(pl.lit(1.0).alias("x"), pl.lit("red").alias("kind")),
        lambda f: f.with_columns(pl.lit(None).alias("x"), pl.lit(float("nan")).alias("z")),
        lambda f: f.with_columns(pl.lit(float("inf")).alias("x"), pl.col("z") * 1e308),
        lambda f: f.with_columns(pl.col("x").cast(pl.String), pl.lit([1]).alias("kind"), pl.lit("?").alias("day")),
        lambda f: f.with_columns(kind=pl.concat_str(pl.lit("k"), pl.int_range(pl.len()).cast(pl.String))),
        lambda f: pl.concat([f.head(1)] * 30 + [f.filter(pl.col("bought") != f["bought"][0]).head(1)]),
        lambda f: f.filter((pl.col("bought") == 0) | (pl.int_range(pl.len()) < 12)),
    ],
)
def test_poor_rows_are_measured_all_the_same(change):
    found = measure(change(clean()), stick())
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_numbers_beyond_all_bounds_are_measured():
    ruler = yardstick(clean(), hidden(), target="price", metric="rmse", models=["hashed-ridge", "boosted-trees"])
    wild = clean().with_columns(
        pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit(1e308)).otherwise("price").alias("price")
    )
    assert np.isfinite(measure(wild, ruler).value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"target": "sold"}, "“sold” is missing"),
        ({"models": []}, "No reference model"),
        ({"models": ["hashed-ridge"]}, "cannot be used with the metric “roc_auc”"),
        ({"models": ["ngram-logistic"]}, "reads columns of the kinds text"),
        ({"metric": "rmse", "target": "price"}, "“hashed-logistic” cannot be used"),
        ({"columns": {"bought": "number"}}, "both the target and a feature"),
        ({"columns": {"y": "number"}}, "Columns are missing: “y”"),
        ({"refits": 9}, "“refits” is 9"),
        ({"row_budget": 3}, "“row_budget” is 3"),
    ],
)
def test_a_package_that_cannot_work_is_refused(settings, sentence):
    with pytest.raises(Refused, match=sentence):
        yardstick(clean(), hidden(), **settings)


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (lambda f: f.head(5), "has 5 rows"),
        (lambda f: f.with_columns(bought=pl.lit(1)), "same value"),
        (
            lambda f: f.with_columns(bought=pl.when(pl.int_range(pl.len()) > 3).then("bought")),
            "4 rows of the hidden test have no label",
        ),
        (lambda f: f.with_columns(bought=pl.lit("7")), "holds the label “7”"),
    ],
)
def test_hidden_rows_that_cannot_be_used_are_refused(test, sentence):
    with pytest.raises(Refused, match=sentence):
        yardstick(clean(), test(hidden()))


def test_only_the_reference_decides_the_features():
    moved = hidden().with_columns(pl.col("x") * 50 + 7, kind=pl.lit("violet"))
    edges = [one.pipeline.table["x"].edges.tolist() for one in (stick(), yardstick(clean(), moved))]
    assert edges[0] == edges[1]


def test_the_error_of_a_mean_is_that_of_a_mean():
    """Readings that are means of rows have the variance σ² / n, whatever the subsampling: many data sets, by hand."""
    rng = np.random.default_rng(0)
    rows, count = 400, 100
    found, errors = [], []
    for _ in range(400):
        values = rng.normal(size=rows)
        order = rng.permutation(rows)
        small = np.array([values[order[(start + np.arange(count)) % rows]].mean() for start in range(0, rows, 40)])
        whole = np.array([np.delete(values, np.arange(one, rows, 10)).mean() for one in range(10)])
        found.append(joined_readings(small.mean(), whole.mean()))
        errors.append(float(error_of(deviations(small, count / rows), whole, 0.0)[0]))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(found), rel=0.2)


@pytest.mark.slow
def test_intervals_hold_the_true_difference():
    """80 challenges drawn anew; the truth is the mean difference over all of them. 95 % intervals: at least 90 % hold."""
    found = []
    for seed in range(80):
        ruler = yardstick(table(300, 1), table(400, 3000 + seed))
        a, b = (measure(table(300, 1000 + seed, noise=noise), ruler, curve=False) for noise in (0, 0.15))
        found.append(compare(a, b))
    truth = np.mean([one.value for one in found])
    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.9
    assert 0.5 < np.std([one.value for one in found]) / np.mean([one.error for one in found]) < 1.2
