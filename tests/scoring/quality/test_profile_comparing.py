"""Drift: none between equal tables, known values for known histograms, more for more."""

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon

from scoring.quality.profile import drift, drifts, profile_frame
from scoring.quality.profile.comparing import jensen_shannon, stability_index


def both(reference, other, **chosen):
    found = [profile_frame(pl.DataFrame({"x": values}), **chosen).column("x") for values in (reference, other)]
    return drift(*found)


def test_a_table_has_no_drift_to_itself():
    rng = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "number": rng.normal(size=3000),
            "text": pl.Series(["a", "b", None]).gather(rng.integers(0, 3, 3000)),
            "day": pl.Series(rng.integers(0, 9000, 3000)).cast(pl.Int32).cast(pl.Date),
            "flag": rng.random(3000) < 0.2,
            "none": pl.Series([None] * 3000, dtype=pl.Float64),
        }
    )
    found = drifts(profile_frame(frame), profile_frame(frame.sample(fraction=1, shuffle=True, seed=1)))
    assert [(one.name, one.psi, one.jensen_shannon) for one in found] == [(name, 0.0, 0.0) for name in frame.columns]


def test_two_draws_of_one_distribution_differ_as_chance_has_it():
    """Under the null N·PSI/2 is about χ² with b - 1 degrees of freedom (Yurdakul and Naranjo 2020, doi:10.1080/2330443X.2020.1862074)."""
    rng = np.random.default_rng(2)
    found = [both(*rng.normal(size=(2, 20_000))).psi for _ in range(10)]
    assert np.mean(found) * 20_000 / 2 == pytest.approx(19, rel=0.35)


@pytest.mark.parametrize("values", [50, 100_000])
def test_a_growing_shift_shows_as_growing_drift(values):
    rng = np.random.default_rng(3)
    reference = rng.normal(size=5000)
    found = [both(reference, reference + shift, values=values) for shift in (0, 0.1, 0.3, 1, 3, 30)]
    assert [one.psi for one in found] == sorted(one.psi for one in found)
    assert [one.jensen_shannon for one in found] == sorted(one.jensen_shannon for one in found)
    assert found[0].psi == 0
    assert found[2].psi == pytest.approx(0.3**2, rel=0.15)  # of normal distributions: (shift / sd)²
    assert found[-1].jensen_shannon == 1.0


def test_missing_cells_and_odd_numbers_are_drift_too():
    reference = [1.0, 2.0, 3.0, 4.0] * 100
    assert both(reference, [None if i % 2 else value for i, value in enumerate(reference)]).psi > 0.25
    assert both(reference, [float("nan") if i % 2 else value for i, value in enumerate(reference)]).psi > 0.25
    assert both(reference, [float("inf") if i % 2 else value for i, value in enumerate(reference)]).psi > 0.25
    assert both([None] * 3, [1.0, 2.0, 3.0]).jensen_shannon == 1.0


def test_texts_are_compared_by_value():
    reference = (["a"] * 60 + ["b"] * 30 + ["c"] * 10) * 50
    assert both(reference, reference * 7).psi == pytest.approx(0, abs=1e-3)
    gone = both(reference, ["a"] * 60 + ["d"] * 40)
    assert gone.jensen_shannon == pytest.approx(jensenshannon([60, 30, 10, 0], [60, 0, 0, 40], base=2) ** 2)


def test_values_that_only_one_lists_are_no_drift_as_long_as_they_may_be_there():
    """200 equally common values, of which 64 are listed: not the same ones in two draws."""
    rng = np.random.default_rng(5)
    names = np.array([f"v{i}" for i in range(200)])
    one, other = (names[rng.integers(0, 200, 20_000)] for _ in range(2))
    assert both(one, other).psi < 0.02
    assert both(one, names[rng.integers(0, 20, 20_000)]).psi > 1


def test_days_are_compared_by_month():
    days = pl.Series(np.arange(3000) % 1500).cast(pl.Int32).cast(pl.Date)
    assert both(days, days.dt.offset_by("1mo")).psi < 0.2
    assert both(days, days.dt.offset_by("5y")).jensen_shannon == 1.0


def test_only_columns_of_the_same_name_and_kind_are_compared():
    one = profile_frame(pl.DataFrame({"a": [1], "b": [1], "c": ["x"]}))
    other = profile_frame(pl.DataFrame({"b": [1.0], "c": ["y"], "d": [1]}))
    assert [found.name for found in drifts(one, other)] == ["c"]


def test_a_table_without_rows_has_no_drift():
    found = both(pl.Series([1.0]), pl.Series([], dtype=pl.Float64))
    assert (found.psi, found.jensen_shannon) == (None, None)


def test_histograms_that_are_known():
    assert stability_index(np.array([400, 400, 400]), np.array([400, 400, 400])) == 0
    p, q = np.array([0.3, 0.7]), np.array([0.6, 0.4])
    expected = float(((p - q) * np.log(p / q)).sum())
    assert stability_index(p * 1_000_000, q * 1_000_000) == pytest.approx(expected, rel=1e-5)
    counts = np.array([3, 0, 5, 9]), np.array([0, 2, 5, 1])
    assert jensen_shannon(*counts) == pytest.approx(jensenshannon(*counts, base=2) ** 2)
