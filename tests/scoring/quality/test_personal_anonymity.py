"""k-anonymity against a slow count, and what a page may read without numbers."""

import subprocess
import sys
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.quality import personal
from scoring.quality.personal import KINDS, KAnonymity, k_anonymity

ages = st.sampled_from([20, 30, 40, None])
sexes = st.sampled_from(["f", "m", None])


@given(st.lists(st.tuples(ages, sexes), max_size=60))
def test_against_a_slow_count(rows):
    frame = pl.DataFrame(rows, schema={"age": pl.Int64, "sex": pl.String}, orient="row")
    sizes = Counter(rows).values()
    assert k_anonymity(frame, ["age", "sex"]) == KAnonymity(
        k=min(sizes, default=0),
        classes=len(sizes),
        rows=len(rows),
        below_5=sum(size for size in sizes if size < 5),
        below_10=sum(size for size in sizes if size < 10),
        unique=sum(size == 1 for size in sizes) / max(len(rows), 1),
    )


def test_a_golden_table():
    """Sweeney 2002, figure 2: a table that is 2-anonymous in race, birth, gender and ZIP."""
    rows = [
        *[("black", 1965, "m", "0214*")] * 2,
        *[("black", 1965, "f", "0213*")] * 2,
        *[("black", 1964, "f", "0213*")] * 2,
        *[("white", 1964, "m", "0213*")] * 3,
        *[("white", 1967, "m", "0213*")] * 2,
    ]
    frame = pl.DataFrame(rows, schema=["race", "birth", "gender", "zip"], orient="row")
    found = k_anonymity(frame, frame.columns)
    assert (found.k, found.classes, found.rows, found.below_5, found.unique) == (2, 5, 11, 11, 0.0)


def test_nan_null_and_signed_zero():
    frame = pl.DataFrame({"x": [float("nan"), float("nan"), 0.0, -0.0, None, None]})
    assert k_anonymity(frame, ["x"]) == KAnonymity(k=2, classes=3, rows=6, below_5=6, below_10=6, unique=0.0)


@pytest.mark.parametrize("columns", [[], ["age", "nowhere"]])
def test_columns_that_are_not_there(columns):
    with pytest.raises(ValueError, match="quasi-identifiers"):
        k_anonymity(pl.DataFrame({"age": [1]}), columns)


def test_a_column_named_twice_and_one_named_like_ours():
    frame = pl.DataFrame({"size": [1, 1, 2], "row": [1, 1, 1]})
    assert k_anonymity(frame, ["size", "size", "row"]).k == 1


def test_pages_read_titles_without_loading_numpy():
    program = """
import sys
from scoring.quality.personal import KINDS
assert KINDS["identity"].title and KINDS["identity"].direct
assert not {"numpy", "scipy", "polars", "pyarrow", "stdnum"} & set(sys.modules), "heavy"
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)


def test_all_is_what_is_exported():
    assert all(getattr(personal, name) is not None for name in personal.__all__)
    assert sorted(dir(personal)) == sorted(personal.__all__)
    with pytest.raises(AttributeError, match="no attribute 'search'"):
        _ = personal.search


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_records_are_complete(record):
    assert all([record.title, record.outer_form, record.recognised, record.source])
    assert 0 < record.chance < 1
    with pytest.raises(AttributeError):
        record.chance = 0.5
