"""Columns as numbers: robust, capped, deterministic, and nothing hostile gets through."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from scoring.labels.features import COMPONENTS, MOST_CATEGORIES, MOST_PIXELS, features_of, kind_of


def test_numbers_are_scaled_by_their_middle_half():
    found = features_of(pl.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 1e9]}))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 0], [-1, -0.5, 0, 0.5, 10])


def test_missing_and_impossible_numbers_are_flagged():
    found = features_of(pl.DataFrame({"a": [1.0, None, float("nan"), float("inf"), 3.0, 2.0]}))
    np.testing.assert_array_equal(found[:, 1], [0, 1, 1, 1, 0, 0])
    assert found[1:4, 0].tolist() == [0, 0, 0]


def test_a_constant_and_an_empty_column():
    found = features_of(pl.DataFrame({"a": [7, 7, 7], "b": pl.Series([None] * 3, dtype=pl.Float64), "c": [None] * 3}))
    np.testing.assert_array_equal(found, [[0, 0, 1, 0, 1]] * 3)


def test_mostly_constant_numbers_still_tell_the_others_apart():
    found = features_of(pl.DataFrame({"a": [0.0] * 9 + [5.0]}))
    assert found[9, 0] > found[0, 0]


def test_categories_are_capped_and_the_rest_shares_a_feature():
    values = [f"v{place:03}" for place in range(200)] + ["v000", "v001"] + [None]
    found = features_of(pl.DataFrame({"a": values}), {"a": "category"})
    assert found.shape == (203, MOST_CATEGORIES + 2)
    np.testing.assert_array_equal(found.sum(axis=1), 1)
    assert found[:, 0].sum() == 2
    assert found[:, MOST_CATEGORIES].sum() == 200 - MOST_CATEGORIES


def test_dates_have_parts():
    days = [dt.date(2024, 1, 1), dt.date(2024, 7, 1), None]
    found = features_of(pl.DataFrame({"a": days}))
    assert found.shape == (3, 6)
    assert found[2].tolist() == [0, 1, 0, 0, 0, 0]
    moments = [dt.datetime(2024, 1, 1, 0), dt.datetime(2024, 1, 1, 12)]  # noqa: DTZ001
    found = features_of(pl.DataFrame({"a": moments}))
    assert found.shape == (2, 7)
    assert found[0, -1] == pytest.approx(1)
    assert found[1, -1] == pytest.approx(-1)


def test_texts_in_any_script_become_sparse():
    texts = ["房间很干净，服务也好", "房间很脏，服务也差", "a clean room", "A CLEAN ROOM", None, ""]
    found = features_of(pl.DataFrame({"a": texts, "b": range(6)}), {"a": "text", "b": "number"})
    assert sparse.issparse(found)
    assert found.dtype == np.float32
    text = found[:, :-1].toarray()
    np.testing.assert_allclose(text[2], text[3])
    assert text[0] @ text[1] > text[0] @ text[2]
    assert text[4].sum() == text[5].sum() == 0


def test_an_endless_text_is_cut():
    long = "字" * 2_000_000
    found = features_of(pl.DataFrame({"a": [long, long[:1000]]}), {"a": "text"})
    assert abs(found[0] - found[1]).max() < 1e-6


def test_images_become_components():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (100, 80), dtype=np.uint8)
    found = features_of(pl.DataFrame({"a": images}))
    assert found.shape == (100, COMPONENTS)
    as_lists = features_of(pl.DataFrame({"a": images.tolist()}))
    np.testing.assert_array_equal(found, as_lists)
    again = features_of(pl.DataFrame({"a": images}))
    np.testing.assert_array_equal(found, again)


def test_large_images_are_averaged_first():
    images = np.random.default_rng(1).random((10, 3 * MOST_PIXELS + 5)).astype(np.float32)
    assert features_of(pl.DataFrame({"a": images})).shape == (10, 10)


@pytest.mark.parametrize("images", [[[1, 2], [1]], [[], []], [None, None]])
def test_images_of_no_or_different_size_are_refused(images):
    with pytest.raises(ValueError, match="images of one column are of one size"):
        features_of(pl.DataFrame({"a": pl.Series(images, dtype=pl.List(pl.UInt8))}))


def test_a_missing_image_is_dark():
    frame = pl.DataFrame({"a": pl.Series([[0, 0], [255, 0], None], dtype=pl.List(pl.UInt8))})
    found = features_of(frame)
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pl.Series([1, 2]), "number"),
        (pl.Series([True, False]), "number"),
        (pl.Series(["a", "b"]), "category"),
        (pl.Series([f"a long enough sentence {place}" for place in range(100)]), "text"),
        (pl.Series([f"k{place}" for place in range(100)]), "category"),
        (pl.Series([dt.date(2024, 1, 1)]), "date"),
        (pl.Series([[1, 2]]), "image"),
        (pl.Series(["a"], dtype=pl.Categorical), "category"),
    ],
)
def test_kinds_by_type(column, kind):
    assert kind_of(column) == kind


@pytest.mark.parametrize(
    ("column", "kind"), [(pl.Series(["x"]), "number"), (pl.Series([["x", "y"]]), "image"), (pl.Series([b"x"]), "date")]
)
def test_a_column_of_another_kind_is_refused(column, kind):
    with pytest.raises(ValueError, match=f"column a of type .* cannot be read as {kind}"):
        features_of(pl.DataFrame({"a": column}), {"a": kind})


def test_no_name_of_a_column_is_in_the_way():
    assert features_of(pl.DataFrame({"count": ["x", "y", "x"]})).tolist() == [[1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(("frame", "kinds"), [(pl.DataFrame({"a": [1]}), {}), (pl.DataFrame({"a": []}), None)])
def test_nothing_to_read_is_refused(frame, kinds):
    with pytest.raises(ValueError, match="at least one column and one row"):
        features_of(frame, kinds)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=1, max_size=20))
def test_any_numbers_become_finite_ones(values):
    found = features_of(pl.DataFrame({"a": pl.Series(values, dtype=pl.Float64)}))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 10
