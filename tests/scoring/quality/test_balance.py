"""Balance, divergences and strata against their definitions."""

import math

import numpy as np
import polars as pl
import pytest
import scipy.spatial.distance
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.balance import compare_columns, jensen_shannon, label_balance, stability_index, strata_covered

counts = st.lists(st.integers(0, 1000), min_size=2, max_size=8).filter(any)


@settings(deadline=None, max_examples=50)
@given(counts, st.data())
def test_divergences_by_their_definitions(first, data):
    second = data.draw(st.lists(st.integers(0, 1000), min_size=len(first), max_size=len(first)).filter(any))
    expected = scipy.spatial.distance.jensenshannon(first, second, base=2) ** 2
    assert jensen_shannon(first, second) == pytest.approx(expected, abs=1e-7)
    assert jensen_shannon(first, second) == jensen_shannon(second, first)
    p, q = (np.maximum(np.array(side) / sum(side), 1e-4) for side in (first, second))
    assert stability_index(first, second) == pytest.approx(sum((p - q) * np.log(p / q)))
    assert stability_index(first, first) == 0


@pytest.mark.parametrize("wrong", [[0, 0], [-1, 2], [math.nan, 1], [math.inf, 1]])
def test_no_distributions_are_refused(wrong):
    with pytest.raises(ValueError, match="finite counts"):
        jensen_shannon(wrong, [1, 1])


def test_balance_by_hand():
    found = label_balance(pl.Series(["a"] * 6 + ["b"] * 3 + ["x", None]), {"a": 0.5, "b": 0.25, "c": 0.25}, least=4)
    assert found.counts == {"a": 6, "b": 3, "c": 0, "x": 1}
    assert found.likeness == pytest.approx(1 - jensen_shannon([6, 3, 0, 1], [2, 1, 1, 0]))
    assert (found.smallest, found.ratio, found.short) == (0, math.inf, ("b", "c"))
    assert found.enough == pytest.approx(1 / 3)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=40), st.randoms())
def test_balance_does_not_depend_on_order_and_is_1_for_the_target(labels, random):
    straight = label_balance(pl.Series(labels))
    random.shuffle(labels)
    assert label_balance(pl.Series(labels)) == pytest.approx(straight, nan_ok=True) or repr(
        label_balance(pl.Series(labels))
    ) == repr(straight)
    target = {label: labels.count(label) for label in set(labels)}
    assert label_balance(pl.Series(labels), target).likeness == pytest.approx(1)


def test_balance_falls_with_imbalance():
    likeness = [label_balance(pl.Series(["a"] * 100 + ["b"] * rare)).likeness for rare in (100, 50, 20, 10, 5, 1)]
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[0] == 1
    assert likeness[-1] < 0.75


def test_numbers_as_labels_and_no_label():
    assert label_balance(pl.Series([0, 1, 1]), {"0": 1, "1": 2}).likeness == pytest.approx(1)
    with pytest.raises(ValueError, match="no label"):
        label_balance(pl.Series([None], dtype=pl.String))


@pytest.mark.parametrize("kind", ["numbers", "categories"])
def test_a_shift_shows_in_the_stability_index(kind):
    rng = np.random.default_rng(0)

    def column(shift: float) -> pl.Series:
        values = rng.normal(shift, 1, 5_000)
        return pl.Series(values) if kind == "numbers" else pl.Series(np.round(values).astype(int).astype(str))

    reference = column(0)
    found = [compare_columns(column(shift), reference) for shift in (0, 0.2, 0.5, 1, 2)]
    assert found == sorted(found)
    assert found[0] < 0.01
    assert found[3] > 0.25


def test_missing_values_and_odd_columns_are_compared():
    known = pl.Series([1.0, 2, 3, 4] * 25)
    some = pl.Series([1.0, 2, 3, None] * 25)
    assert compare_columns(some, known) > 0.1
    assert compare_columns(known, known) == 0
    assert compare_columns(pl.Series([None] * 9, dtype=pl.Float64), pl.Series([None] * 9, dtype=pl.Float64)) == 0
    assert math.isnan(compare_columns(known.clear(), known))
    assert compare_columns(pl.Series([float("inf"), float("nan"), 1.0]), known) > 0
    many = pl.Series([f"{number}" for number in range(50_000)])
    assert compare_columns(many, many) == 0
    assert compare_columns(pl.Series([True, False]), pl.Series([True, False])) == 0


def test_strata_by_hand():
    table = pl.DataFrame({"region": ["n", "n", "s", None], "season": [1, 2, 1, 1], "value": [0.0] * 4})
    required = pl.DataFrame({"region": ["n", "n", "s", "s", None], "season": [1, 2, 1, 2, 1], "rows": [1, 2, 1, 1, 1]})
    found = strata_covered(table, required, least="rows")
    assert found.counts.tolist() == [1, 1, 1, 0, 1]
    assert found.missing.tolist() == [1, 3]
    assert found.covered.value == pytest.approx(3 / 5)
    assert found.filled == pytest.approx((1 + 0.5 + 1 + 0 + 1) / 5)
    assert strata_covered(table, required.drop("rows"), least=2).covered.count == 0
    assert strata_covered(table.clear(), required.drop("rows")).covered.count == 0


def test_unusable_strata_are_refused():
    table = pl.DataFrame({"a": [1]})
    for required in (pl.DataFrame({"a": []}), pl.DataFrame({"b": [1]})):
        with pytest.raises(ValueError, match=r"required|lacks b"):
            strata_covered(table, required)
