"""The frozen features: fitted on the reference, the same for everybody."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from scoring.utility import Refused
from scoring.utility.features import CATEGORIES, as_numbers, as_texts, fitted, indicators, kinds_of
from tests.scoring.utility.made import FEATURES, table


def codes(pipeline, frame, name):
    return pipeline.encode(frame).codes[:, list(pipeline.table).index(name)]


def test_bins_are_quantiles_of_the_reference():
    reference = table(3200, 1)
    pipeline = fitted(reference, FEATURES)
    counts = np.bincount(codes(pipeline, reference, "x"))
    assert counts[0] == 0
    assert set(counts[1:]) == {100}  # 32 bins of 3200 rows


def test_a_column_in_another_unit_lands_in_other_bins():
    """With bins of its own a submission in grams would look like the kilograms of the reference."""
    reference = table(2000, 1)
    pipeline = fitted(reference, FEATURES)
    shifted = reference.with_columns(pl.col("x") * 1000)
    assert (codes(pipeline, shifted, "x") == codes(pipeline, reference, "x")).mean() < 0.1


def test_numbers_are_read_whatever_their_type():
    reference = pl.DataFrame({"x": np.arange(500) * 1.0, "s": ["a"] * 500})
    pipeline = fitted(reference, {"x": "number"})
    expected = codes(pipeline, reference, "x")
    for dtype in (pl.Int16, pl.Float32, pl.String):
        assert (codes(pipeline, reference.with_columns(pl.col("x").cast(dtype)), "x") == expected).all()
    padded = reference.with_columns(" " + pl.col("x").cast(pl.String) + " ")
    assert (codes(pipeline, padded, "x") == expected).all()


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), -float("inf")])
def test_what_is_no_finite_number_is_missing(bad):
    pipeline = fitted(pl.DataFrame({"x": np.arange(500) * 1.0}), {"x": "number"})
    assert codes(pipeline, pl.DataFrame({"x": [bad, 3.0]}), "x").tolist() == [0, 1]


@pytest.mark.parametrize("column", [["1"], [[1.0]], [b"1"], ["one"], [{"a": 1}]])
def test_a_column_of_any_type_can_be_read(column):
    pipeline = fitted(pl.DataFrame({"x": np.arange(500) * 1.0}), {"x": "number"})
    assert pipeline.encode(pl.DataFrame({"x": column})).codes.shape == (1, 1)


def test_dates_are_one_whatever_their_form():
    day = pl.Series("d", [date(2013, 10, 1)])
    expected = as_numbers(day, temporal=True)[0]
    forms = [
        day.cast(pl.Datetime("ms")),
        pl.Series("d", ["2013-10-01"]),
        pl.Series("d", ["2013-10-01T00:00:00"]),
        pl.Series("d", [datetime(2013, 10, 1, tzinfo=UTC)]),
    ]
    assert [as_numbers(form, temporal=True)[0] for form in forms] == [expected] * 4
    assert np.isnan(as_numbers(pl.Series("d", ["soon"]), temporal=True)[0])


def test_categories_are_known_unknown_or_missing():
    pipeline = fitted(pl.DataFrame({"k": ["b", "a", "b", " a ", "b", "c"]}), {"k": "category"})
    found = codes(pipeline, pl.DataFrame({"k": ["b", "a ", "c", "new", "", None]}), "k")
    assert found.tolist() == [2, 3, 4, 1, 0, 0]


def test_whole_numbers_are_one_category_whatever_their_type():
    assert as_texts(pl.Series([1.0, 2.5])).to_list() == ["1", "2.5"]
    assert as_texts(pl.Series([1])).to_list() == as_texts(pl.Series(["1 "])).to_list()


def test_ten_thousand_categories_cost_no_more_than_sixty():
    many = pl.DataFrame({"k": [f"value {i}" for i in range(10_000)]})
    pipeline = fitted(many, {"k": "category"})
    encoded = pipeline.encode(many)
    assert encoded.sizes == (CATEGORIES + 2,)
    assert (encoded.codes[:, 0] == 1).sum() == 10_000 - CATEGORIES


def test_indicators_have_a_one_for_each_column():
    made = indicators(np.array([[0, 2], [1, 0]], np.uint8), (2, 3)).toarray()
    assert made.tolist() == [[1, 0, 0, 0, 1], [0, 1, 1, 0, 0]]


def test_kinds_follow_types_and_lengths():
    frame = pl.DataFrame(
        {
            "n": [1], "d": [date(2020, 1, 1)], "b": [True], "short": ["x"], "long": ["word " * 20],
            "pixels": [[1, 2]], "raw": [b"1"], "only_here": [1],
        }
    )  # fmt: skip
    assert kinds_of(frame, frame.drop("only_here"), {"n"}) == {
        "b": "category", "d": "number", "long": "text", "pixels": "image", "short": "category",
    }  # fmt: skip


def test_refusals():
    with pytest.raises(Refused, match="no usable feature column"):
        fitted(pl.DataFrame({"x": [1]}), {})
    wide = pl.DataFrame({f"c{i}": [1.0] for i in range(201)})
    with pytest.raises(Refused, match="201 feature columns"):
        fitted(wide, dict.fromkeys(wide.columns, "number"))
    with pytest.raises(Refused, match=r"missing: “idle”, “x”"):
        fitted(table(100, 1), FEATURES).encode(table(100, 1).drop("x", "idle"))


def test_images_become_components_of_unit_variance():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(400, 3)) @ rng.normal(size=(3, 60))
    frame = pl.DataFrame({"i": pl.Series((hidden * 10 + 100).tolist(), dtype=pl.List(pl.Float32))})
    found = fitted(frame, {"i": "image"}).encode(frame).components
    assert found.shape == (400, 3)
    assert np.cov(found.T, bias=True) == pytest.approx(np.eye(3), abs=1e-3)


def test_images_of_another_size_are_refused():
    pipeline = fitted(pl.DataFrame({"i": [[1, 2, 3], [3, 4, 9], [5, 9, 2]]}), {"i": "image"})
    for bad in ([[1, 2]], [None], ["abc"], [1.0]):
        with pytest.raises(Refused, match="images of one size"):
            pipeline.encode(pl.DataFrame({"i": bad}))


def slow_ngrams(text, characters):
    cut = text[:characters].lower()
    return {cut[start : start + n] for n in (1, 2, 3) for start in range(len(cut) - n + 1)}


def test_ngrams_are_those_of_each_text_alone():
    texts = ["很好的书", "Good Book", "", None, "好"]
    grams = fitted(pl.DataFrame({"t": texts}), {"t": "text"}).encode(pl.DataFrame({"t": texts})).ngrams
    counts = np.diff(grams.indptr)
    assert counts.tolist() == [len(slow_ngrams(text or "", 512)) for text in texts]
    assert np.sqrt(grams.multiply(grams).sum(axis=1)).ravel().tolist()[0] == pytest.approx([1, 1, 0, 0, 1])
    assert grams[4].nonzero()[1][0] in grams[0].nonzero()[1]


def test_an_endless_text_is_cut():
    frame = pl.DataFrame({"t": ["ab" * 10, "abc" * 1_000_000]})
    grams = fitted(frame, {"t": "text"}).encode(frame).ngrams
    assert grams[1].nnz == 3 + 3 + 3
