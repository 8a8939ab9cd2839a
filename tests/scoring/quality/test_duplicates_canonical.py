"""What must not matter for sameness does not, and what matters does."""

import datetime as dt
import json
import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.quality.duplicates.canonical import canonical
from scoring.quality.duplicates.exact import row_hashes
from scoring.quality.duplicates.rounding import MOST_DIGITS, rounded

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
MIDNIGHT, EIGHT = dt.datetime.fromisoformat("2024-01-01T00:00"), dt.datetime.fromisoformat("2024-01-01T08:00")
texts = st.text(st.characters(codec="utf-8"), max_size=12)


def cell(value, kind=None) -> int:
    """The hash of a row of one cell."""
    return int(row_hashes(pl.DataFrame({"x": pl.Series([value], dtype=kind)}))[0])


SAME = {
    "an integer and a float": (cell(3), cell(3.0)),
    "an integer and a short one": (cell(3, pl.Int64), cell(3, pl.UInt8)),
    "an integer and an unsigned long one": (cell(3), cell(3, pl.UInt64)),
    "true and 1": (cell(True), cell(1)),
    "both zeros": (cell(0.0), cell(-0.0)),
    "a sum and its decimal": (cell(0.1 + 0.2), cell(0.3)),
    "a narrow float and a wide one": (cell(0.1, pl.Float32), cell(0.1)),
    "a narrow float of many digits": (cell(39.90421, pl.Float32), cell(39.90421)),
    "trailing zeros": (cell(Decimal("1.50"), pl.Decimal(10, 2)), cell(1.5)),
    "a decimal that is whole": (cell(Decimal(7), pl.Decimal(10, 0)), cell(7)),
    "NaN and null": (cell(float("nan")), cell(None, pl.Float64)),
    "blank and null": (cell("  \t"), cell(None, pl.String)),
    "nulls of different types": (cell(None, pl.Int8), cell(None, pl.String)),
    "full width": (cell("ＡＢ１２"), cell("AB12")),
    "composed and decomposed": (cell("caf\u00e9"), cell("cafe\u0301")),
    "white space": (cell(" a \u3000\n b "), cell("a b")),
    "zero width": (cell("a\u200bb\ufeff"), cell("ab")),
    "zero width between letter and accent": (cell("e\u200d\u0301"), cell("\u00e9")),
    "text and category": (cell("a"), cell("a", pl.Categorical)),
    "the same moment": (cell(EIGHT.replace(tzinfo=SHANGHAI)), cell(MIDNIGHT)),
    "milliseconds and microseconds": (
        cell(EIGHT, pl.Datetime("ms")),
        cell(EIGHT, pl.Datetime("us")),
    ),
    "a date and its midnight": (cell(dt.date(2024, 1, 1)), cell(MIDNIGHT)),
    "the same written moment": (cell("2024-01-01T08:00:00+08:00"), cell("2024-01-01 00:00Z")),
    "written with parts of a second": (cell("2024-01-01T00:00:00.5Z"), cell("2023-12-31T19:00:00,500-0500")),
    "JSON keys": (cell('{"b": [1, 2], "a": {"y": 1, "x": 2}}'), cell('{"a":{"x":2.0,"y":1},"b":[1,2]}')),
    "fields": (cell({"b": " x", "a": 1}), cell({"a": 1.0, "b": "x"})),
    "a list of numbers": (cell([1, 2]), cell([1.0, 2.0])),
    "an array and a list": (cell([1, 2], pl.Array(pl.Int64, 2)), cell([1, 2])),
    "nested text": (cell([[{"t": "ａ "}]]), cell([[{"t": "a"}]])),
}
DIFFERENT = {
    "case": (cell("a"), cell("A")),
    "neighbouring long ids": (cell(10**18), cell(10**18 + 1)),
    "neighbouring longest ids": (cell(2**64 - 1, pl.UInt64), cell(2**64 - 2, pl.UInt64)),
    "leading zeros of a code": (cell("007"), cell("7")),
    "a version": (cell("1.10"), cell("1.1")),
    "zero and null": (cell(0), cell(None, pl.Int64)),
    "numbers that differ in the 14th digit": (cell(1.0000000000001), cell(1.0000000000002)),
    "narrow floats that differ": (cell(39.90421, pl.Float32), cell(39.90423, pl.Float32)),
    "text and bytes": (cell("a"), cell(b"a")),
    "a number and its text": (cell(1), cell("1")),
    "a moment and its microseconds": (cell(dt.datetime.fromisoformat("1970-01-01T00:00:01")), cell(10**6)),
    "an impossible moment": (cell("2024-13-01T00:00:00Z"), cell("2025-01-01T00:00:00Z")),
    "the order of a list": (cell([1, 2]), cell([2, 1])),
    "an empty list and null": (cell([], pl.List(pl.Int64)), cell(None, pl.List(pl.Int64))),
    "an empty list and a list of null": (cell([], pl.List(pl.Int64)), cell([None], pl.List(pl.Int64))),
    "broken JSON": (cell('{"a": 1,}'), cell('{"a":1}')),
    "the order of a JSON list": (cell("[1,2]"), cell("[2,1]")),
    "swapped fields": (cell({"a": 1, "b": 2}), cell({"a": 2, "b": 1})),
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_matter(name):
    assert SAME[name][0] == SAME[name][1]


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_matters(name):
    assert DIFFERENT[name][0] != DIFFERENT[name][1]


def test_swapped_values_and_moved_boundaries_are_other_rows():
    rows = pl.DataFrame({"a": ["x", "y", "xy", "x"], "b": ["y", "x", "", None]})
    hashes = row_hashes(rows).tolist()
    assert len(set(hashes)) == 4


@given(texts)
def test_canonical_text_stays_as_it_is(text):
    once = canonical(pl.DataFrame({"x": pl.Series([text], dtype=pl.String)}))
    assert canonical(once).equals(once)


@settings(max_examples=40)
@given(texts, st.data())
def test_unseen_characters_and_spaces_hide_nothing(text, data):
    joints = data.draw(
        st.lists(st.sampled_from(["", "\u200b", "\u2060", "\u00ad"]), min_size=len(text), max_size=len(text))
    )
    dressed = "  " + "".join(joint + char for joint, char in zip(joints, text, strict=True)) + "\u3000\n"
    assert cell(dressed) == cell(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=30)
@given(st.dictionaries(texts, json_values, max_size=5), st.randoms())
def test_key_order_of_json_does_not_matter(value, random):
    items = list(value.items())
    random.shuffle(items)
    assert cell(json.dumps(value)) == cell(json.dumps(dict(items), indent=1))


@given(st.integers(1, 10**14), st.integers(-200, 200), st.integers(-2, 2))
def test_noise_of_arithmetic_is_rounded_away(digits, exponent, ulps):
    number = float(f"{digits}e{exponent}")
    noisy = number + ulps * math.ulp(number)
    assume(abs(noisy - number) < 4.9e-16 * number)  # half of the fifteenth digit of 9.99… is no noise
    whole = noisy.is_integer() and abs(noisy) <= 2**53  # which stay as they are
    assert rounded(np.array([noisy]))[0] == (noisy if whole else number)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, MOST_DIGITS))
def test_rounding_moves_by_half_a_digit_at_most(value, digits):
    found = float(rounded(np.array([value]), digits)[0])
    assert rounded(np.array([found]), digits)[0] == found
    if value.is_integer() and abs(value) <= 2**53:
        assert found == value
    else:
        exponent = Decimal(value).adjusted()
        half = Decimal(5).scaleb(exponent - digits)
        assert abs(Decimal(found) - Decimal(value)) <= half * Decimal("1.000001") + Decimal(math.ulp(value))


def test_extreme_numbers_stay():
    values = np.array([np.inf, -np.inf, np.nan, 5e-324, -1e-300, 1.7976931348623e308, 2.0**53])
    np.testing.assert_array_equal(rounded(values), values)
    with pytest.raises(ValueError, match="not to 16"):
        rounded(values, 16)


MIXED = pl.DataFrame(
    {
        "number": [1.5, None, float("nan"), -0.0, 7.0, 1e300],
        "text": ["a", " a", None, "", '{"b":1,"a":2}', "2024-01-01T00:00:00+01:00"],
        "list": [[1, 2], [], None, [None], [3], [1]],
        "struct": [{"x": 1, "y": "a"}, None, {"x": None, "y": None}, {"x": 2, "y": ""}, {"x": 1, "y": "a "}, None],
    },
    strict=False,
)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 5), max_size=12), st.integers(0, 12), st.permutations(MIXED.columns))
def test_a_hash_depends_on_its_row_alone(rows, cut, columns):
    frame = MIXED[rows].select(columns)
    whole = row_hashes(frame, seed=3)
    parts = [row_hashes(part, seed=3) for part in (frame[:cut], frame[cut:])]
    assert np.concatenate(parts).tolist() == whole.tolist()
    assert row_hashes(MIXED, seed=3)[rows].tolist() == whole.tolist()


def test_the_table_is_left_alone():
    before = MIXED.clone().to_dict(as_series=False)
    canonical(MIXED)
    row_hashes(MIXED)
    assert repr(MIXED.to_dict(as_series=False)) == repr(before)


def test_columns_can_be_chosen_and_seeds_differ():
    frame = MIXED.with_row_index("id")
    assert (row_hashes(frame, MIXED.columns) == row_hashes(MIXED)).all()
    assert (row_hashes(MIXED, seed=1) != row_hashes(MIXED, seed=2)).all()
    with pytest.raises(ValueError, match="no column “absent”"):
        row_hashes(frame, ["absent"])


def test_hashes_are_spread_evenly():
    """What bottom-k stands on: a chi-square of the first eight and of the last eight bits."""
    hashes = row_hashes(pl.DataFrame({"a": range(100_000)}))
    assert len(set(hashes.tolist())) == 100_000
    for byte in (hashes >> np.uint64(56), hashes & np.uint64(255)):
        counts = np.bincount(byte.astype(int), minlength=256)
        assert 150 < ((counts - 390.625) ** 2 / 390.625).sum() < 380  # 255 ± 22.6


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        MIXED.clear(),
        pl.DataFrame({"x": pl.Series([None, None])}),
        pl.DataFrame({"x": pl.Series([[], None], dtype=pl.List(pl.Null))}),
        pl.DataFrame({"x": pl.Series([{}, {}], dtype=pl.Struct([]))}),
        pl.DataFrame({"x": pl.Series(['{"x":"\\ud800"}', "[" * 60_000 + "]" * 60_000])}),
        pl.DataFrame({"x": pl.Series(['{"n": ' + "9" * 5000 + "}", '{"n": 1e999, "m": NaN}'])}),
        pl.DataFrame({"x": ["字" * 1_000_000, " " * 1_000_000]}),
    ],
)
def test_hostile_tables_have_hashes(frame):
    assert len(row_hashes(frame)) == frame.height
    assert canonical(frame).height in {frame.height, 0}


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="type Object"):
        canonical(pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)}))
    deep = pl.Series([1])
    for _ in range(20):
        deep = deep.implode()
    with pytest.raises(ValueError, match="nested deeper than 16"):
        canonical(pl.DataFrame({"x": deep}))
