"""Coefficients of agreement: published values, peer libraries, and the interval against a slow jackknife."""

import math
from fractions import Fraction

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from scoring.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from scoring.agreement.labels import Labels
from tests.scoring.agreement.crowd import KRIPPENDORFF, grid

LEVELS = ("nominal", "ordinal", "interval", "ratio")
Z = 1.959963984540054
EVERY = {
    "alpha nominal": krippendorff_alpha,
    "alpha ordinal": lambda labels: krippendorff_alpha(labels, "ordinal"),
    "alpha interval": lambda labels: krippendorff_alpha(labels, "interval"),
    "alpha ratio": lambda labels: krippendorff_alpha(labels, "ratio"),
    "Fleiss": fleiss_kappa,
    "AC1": gwet_ac1,
    "percent": percent_agreement,
    "Cohen": lambda labels: cohen_kappa(labels, *labels.annotators[:2].tolist()),
    "Cohen linear": lambda labels: cohen_kappa(labels, *labels.annotators[:2].tolist(), "linear"),
    "Cohen quadratic": lambda labels: cohen_kappa(labels, *labels.annotators[:2].tolist(), "quadratic"),
}
EACH = pytest.mark.parametrize("coefficient", EVERY.values(), ids=EVERY)


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_as_krippendorff_2011_prints_it(level, value):
    found = krippendorff_alpha(KRIPPENDORFF, level)
    assert round(found.value, 3) == value
    assert (found.items, found.labels) == (11, 40)


def test_ac1_and_agreement_as_gwet_2014_prints_them_for_the_same_data():
    """Handbook of Inter-Rater Reliability, 4th edition, page 120."""
    assert round(gwet_ac1(KRIPPENDORFF).value, 3) == 0.775
    assert round(percent_agreement(KRIPPENDORFF).value, 3) == 0.818


def test_fleiss_kappa_of_the_textbook_table():
    """Fourteen raters, ten subjects, five categories: κ = 0.210 (Wikipedia, Fleiss' kappa, worked example)."""
    counts = [
        (0, 0, 0, 0, 14),
        (0, 2, 6, 4, 2),
        (0, 0, 3, 5, 6),
        (0, 3, 9, 2, 0),
        (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0),
        (3, 2, 6, 3, 0),
        (2, 5, 3, 2, 2),
        (6, 5, 2, 1, 0),
        (0, 2, 2, 3, 7),
    ]
    table = np.array([np.repeat(np.arange(5), row) for row in counts]).T
    assert round(fleiss_kappa(grid(table)).value, 3) == 0.210


def test_cohen_kappa_of_a_two_by_two_table():
    """20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: po = 0.7, pe = 0.5, κ = 0.4."""
    first, second = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [20, 5, 10, 15], axis=0).T
    assert cohen_kappa(grid([first, second]), 0, 1).value == pytest.approx(0.4, abs=1e-14)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda m: st.lists(st.lists(st.integers(-1, 4), min_size=m, max_size=m), min_size=2, max_size=25)
    ),
    st.sampled_from(LEVELS),
)
def test_alpha_is_that_of_the_krippendorff_package(rows, level):
    table = np.array(rows).T
    seen = np.where(table < 0, np.nan, table.astype(float))
    several = (table >= 0).sum(axis=0) > 1
    assume(several.any())
    assume(len(np.unique(table[:, several][table[:, several] >= 0])) > 1)
    assert krippendorff_alpha(grid(table), level).value == pytest.approx(
        krippendorff.alpha(seen, level_of_measurement=level), abs=1e-9
    )


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_alpha_of_measurements_with_many_values(level):
    rng = np.random.default_rng(5)
    true = rng.gamma(3, size=40)
    table = np.abs(true + rng.normal(0, 0.5, (4, 40)))
    assert krippendorff_alpha(grid(table), level).value == pytest.approx(
        krippendorff.alpha(table, level_of_measurement=level), abs=1e-12
    )


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("seed", range(5))
def test_cohen_kappa_is_that_of_scikit_learn(weights, seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 5, 60)
    second = np.where(rng.random(60) < 0.6, first, rng.integers(0, 5, 60))
    theirs = cohen_kappa_score(first, second, labels=range(5), weights=None if weights == "none" else weights)
    assert cohen_kappa(grid([first, second]), 0, 1, weights).value == pytest.approx(theirs, abs=1e-12)


def test_cohen_kappa_looks_at_common_items_only():
    found = cohen_kappa(grid([[0, 1, 1, 0, -1, 1], [0, 1, 0, 0, 1, -1], [1, 1, 1, 1, 1, 1]]), 0, 1)
    assert (found.items, found.labels) == (4, 8)
    assert found.value == pytest.approx(cohen_kappa_score([0, 1, 1, 0], [0, 1, 0, 0]))


def slow_class_share_kappa(table: np.ndarray, classes: int) -> tuple[Fraction, Fraction]:
    """Fleiss' κ over items with two labels or more, and AC1 over all, in fractions, from the definitions of Gwet 2014."""
    items = [[int(value) for value in column if value >= 0] for column in table.T]
    items = [labels for labels in items if labels]
    shares = [[Fraction(labels.count(c), len(labels)) for c in range(classes)] for labels in items]
    paired = [labels for labels in items if len(labels) > 1]
    agreement = sum(
        Fraction(sum(labels.count(c) * (labels.count(c) - 1) for c in range(classes)), len(labels) * (len(labels) - 1))
        for labels in paired
    ) / len(paired)

    def mean(kept):
        return [sum(share[c] for share in kept) / len(kept) for c in range(classes)]

    several = mean([share for share, labels in zip(shares, items, strict=True) if len(labels) > 1])
    chance = sum(share**2 for share in several)
    gwet = sum(share * (1 - share) for share in mean(shares)) / (classes - 1)
    return (agreement - chance) / (1 - chance), (agreement - gwet) / (1 - gwet)


@pytest.mark.parametrize("seed", range(6))
def test_fleiss_and_gwet_from_their_definitions(seed):
    table = np.random.default_rng(seed).integers(-1, 3, (4, 15))
    fleiss, gwet = slow_class_share_kappa(table, 3)
    assert fleiss_kappa(grid(table)).value == pytest.approx(float(fleiss), abs=1e-13)
    assert gwet_ac1(grid(table), 3).value == pytest.approx(float(gwet), abs=1e-13)


def without(labels: Labels, item: int) -> Labels:
    kept = labels.item != item
    return Labels.from_rows(labels.item[kept], labels.annotators[labels.annotator[kept]], labels.label[kept])


def several(seed: int) -> Labels:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 4, 30)
    table = np.where(rng.random((5, 30)) < 0.7, true, rng.integers(0, 4, (5, 30)))
    table[rng.random((5, 30)) < 0.3] = -1
    table[:2] = np.where(table[:2] < 0, 0, table[:2])  # every item has two
    return grid(table)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in {"alpha ordinal", "percent"}])
def test_the_interval_is_the_jackknife_done_slowly(name):
    """Leave out each item, score again from nothing, and lay the error on the logit scale of the range -1 … 1."""
    labels = several(3)
    found = EVERY[name](labels)
    values = np.array([EVERY[name](without(labels, item)).value for item in range(30)])
    error = math.sqrt(29 / 30 * ((values - values.mean()) ** 2).sum())
    middle, reach = math.atanh(found.value), Z * error / (1 - found.value**2)
    assert (found.low, found.high) == pytest.approx((math.tanh(middle - reach), math.tanh(middle + reach)), abs=1e-9)


@EACH
def test_rows_names_of_items_and_names_of_annotators_do_not_matter(coefficient):
    labels = several(4)
    items, annotators = labels.items[labels.item], labels.annotators[labels.annotator]
    found = coefficient(labels)
    order = np.random.default_rng(0).permutation(len(items))
    assert coefficient(Labels.from_rows(items[order], annotators[order], labels.label[order])) == found
    renamed = coefficient(Labels.from_rows(10**15 - 7 * items, annotators * 1000 - 3, labels.label))
    assert [getattr(renamed, name) for name in ("value", "low", "high")] == pytest.approx(
        [found.value, found.low, found.high], abs=1e-12
    )


@pytest.mark.parametrize("name", ["alpha nominal", "Fleiss", "AC1", "percent", "Cohen"])
def test_names_of_classes_do_not_matter(name):
    labels = several(5)
    renamed = Labels.from_rows(labels.item, labels.annotator, np.array([7, 0, 900_000, 3])[labels.label])
    ours, other = EVERY[name](labels), EVERY[name](renamed)
    assert (ours.value, ours.low, ours.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


def test_ordinal_takes_any_rising_scale_and_interval_any_straight_one():
    labels = several(6)

    def scaled(values):
        return Labels.from_rows(labels.item, labels.annotator, np.array(values)[labels.label])

    assert krippendorff_alpha(scaled([0.1, 5.0, 6.0, 99.0]), "ordinal") == krippendorff_alpha(labels, "ordinal")
    for straight in ([1e300, 2e300, 3e300, 4e300], [-1e-300, 0.0, 1e-300, 2e-300], [5, 7, 9, 11]):
        assert krippendorff_alpha(scaled(straight), "interval").value == pytest.approx(
            krippendorff_alpha(labels, "interval").value, abs=1e-12
        )
    assert krippendorff_alpha(scaled([1e-310, 2e-310, 3e-310, 4e-310]), "ratio").value == pytest.approx(
        krippendorff_alpha(scaled([1e300, 2e300, 3e300, 4e300]), "ratio").value, abs=1e-9
    )


def test_two_classes_have_one_alpha_whatever_the_level():
    labels = grid(np.random.default_rng(1).integers(0, 2, (3, 40)))
    values = [krippendorff_alpha(labels, level).value for level in ("nominal", "ordinal", "interval")]
    assert values == pytest.approx([values[0]] * 3, abs=1e-12)


@EACH
def test_full_agreement_is_one_but_not_certain(coefficient):
    found = coefficient(grid([[0, 1, 2, 1] * 10] * 2))
    assert (found.value, found.high) == (1, 1)
    assert 0.8 < found.low < 0.95


@EACH
def test_always_inside_the_range_and_the_interval(coefficient):
    rng = np.random.default_rng(7)
    for items, annotators, classes in ((2, 2, 2), (3, 2, 2), (5, 4, 2), (6, 3, 9), (40, 2, 2)):
        for _ in range(20):
            table = rng.integers(-1, classes, (annotators, items))
            try:
                found = coefficient(grid(table))
            except (ValueError, TypeError):
                continue
            assert -1 <= found.low <= found.value <= found.high <= 1
            assert math.isfinite(found.low + found.high)


def test_disagreement_everywhere_is_as_low_as_it_gets():
    labels = grid([[0] * 50, [1] * 50])
    assert krippendorff_alpha(labels).value == pytest.approx(-1 + 1 / 50)
    assert fleiss_kappa(labels).value == pytest.approx(-1)
    assert percent_agreement(labels).value == 0
    assert krippendorff_alpha(labels).high > -0.95  # the same in every item is not certainty


def test_one_item_says_nothing_of_others():
    found = krippendorff_alpha(grid([[0], [1], [1]]))
    assert (found.low, found.high) == (-1, 1)
    assert (percent_agreement(grid([[0], [1], [1]])).low, percent_agreement(grid([[0], [1], [1]])).high) == (0, 1)


@pytest.mark.parametrize("name", EVERY)
def test_refusals_in_words(name):
    alone = Labels.from_rows(np.arange(100), np.arange(100), np.arange(100) % 3)
    with pytest.raises(ValueError, match=r"No item has labels|no item in common"):
        EVERY[name](alone)
    if name != "percent":
        with pytest.raises(ValueError, match="All labels are the same"):
            EVERY[name](grid([[2] * 9] * 3))


def test_a_single_possible_class_is_refused_and_a_class_too_many():
    with pytest.raises(ValueError, match="All labels are the same"):
        gwet_ac1(grid([[0, 0], [0, 0]]), 1)
    with pytest.raises(ValueError, match="does not exist"):
        gwet_ac1(grid([[0, 5], [0, 0]]), 2)
    assert gwet_ac1(grid([[0, 0], [0, 0]]), 2).value == 1


def test_ratio_has_its_own_refusals():
    with pytest.raises(ValueError, match="2 values are below 0"):
        krippendorff_alpha(grid([[-2.0, 1.0, 3.0], [-2.0, 1.0, 2.0]], missing=99), "ratio")
    many = np.arange(20_002).reshape(2, -1) + 0.5
    with pytest.raises(ValueError, match="Round the values first"):
        krippendorff_alpha(grid(many), "ratio")
    assert krippendorff_alpha(grid(many), "interval").value < 0


def test_ten_thousand_annotators_on_one_item_and_on_one_each():
    rng = np.random.default_rng(2)
    crowd = Labels.from_rows(np.zeros(10_000, int), np.arange(10_000), rng.integers(0, 3, 10_000))
    assert abs(krippendorff_alpha(crowd).value) < 0.001
    spread = Labels.from_rows(np.arange(10_000) // 2, np.arange(10_000), rng.integers(0, 2, 10_000))
    assert abs(krippendorff_alpha(spread).value) < 0.1


@pytest.mark.parametrize("name", ["alpha nominal", "alpha ordinal", "alpha interval", "Fleiss", "AC1", "percent"])
def test_the_interval_holds_what_it_should(name):
    """Sixty items each time, against the value of 200,000 items from the same source."""

    def world(rng: np.random.Generator, items: int) -> Labels:
        truth = rng.choice(4, items, p=[0.4, 0.3, 0.2, 0.1])
        right = np.where(rng.random(items) < 0.2, 0.5, 0.9)[:, None]  # one item in five is hard
        labels = np.where(rng.random((items, 3)) < right, truth[:, None], rng.integers(0, 4, (items, 3)))
        kept = rng.random((items, 3)) < 0.9
        item, annotator = np.nonzero(kept)
        return Labels.from_rows(item, annotator, labels[kept])

    true = EVERY[name](world(np.random.default_rng(0), 200_000)).value
    rng = np.random.default_rng(1)
    found = [EVERY[name](world(rng, 60)) for _ in range(200)]
    held = np.mean([one.low <= true <= one.high for one in found])
    assert 0.905 <= held <= 0.99
