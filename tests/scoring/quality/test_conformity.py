"""A table against its schema: what is read, what does not fit, and where."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.quality import issues
from scoring.quality.conformity import conform, read
from scoring.quality.schema import Field, Rule, Schema


def only(cells: list, field: Field, **schema) -> tuple[list, dict[str, list[int | None]]]:
    """The values as read, and the rows of each kind of issue."""
    frame = pl.DataFrame({field.name: pl.Series(cells)})
    found = conform(frame, Schema((field,), **schema))
    rows = found.issues.group_by("code", maintain_order=True).agg("row")
    return found.table[field.name].to_list(), dict(rows.iter_rows())


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "integer",
            {"7": 7, " 7 ": 7, "+7": 7, "-7": -7, "7.0": 7, "007": 7},
            ["7.5", "1e3", "٣", "9" * 30, "0x1", "1,000"],
        ),
        (
            "number",
            {"1.5": 1.5, ".5": 0.5, "5.": 5.0, "-1E-2": -0.01},
            ["nan", "inf", "1e999", "1,5", "½", "--1", "1 2"],
        ),
        ("boolean", {"TRUE": True, "0": False, "是": True, "no": False}, ["2", "maybe", "1.0"]),
        ("date", {"2026-02-28": date(2026, 2, 28)}, ["2026-02-30", "2026-2-3", "28/02/2026", "2026-02-28T00:00"]),
    ],
)
def test_text_is_read_strictly(kind, good, bad):
    values, wrong = only([*good, *bad], Field("x", kind))
    assert values == [*good.values(), *[None] * len(bad)]
    assert wrong == {"type": list(range(len(good), len(good) + len(bad)))}


def test_moments_with_and_without_offset():
    texts = [
        "2026-11-27T18:30:00+08:00",
        "2026-11-27 18:30",
        "2026-11-27T18:30:00.25Z",
        "2026-11-27",
        "2026-11-27T18:30-0330",
    ]
    values, wrong = only([*texts, "2026-11-27T25:00", "18:30", "2026-11-27T18"], Field("x", "datetime"))
    naive = [datetime(2026, 11, 27, 10, 30, tzinfo=UTC), datetime(2026, 11, 27, 18, 30, tzinfo=UTC)]
    naive += [datetime(2026, 11, 27, 18, 30, 0, 250_000, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)]
    naive += [datetime(2026, 11, 27, 22, 0, tzinfo=UTC)]
    assert values == [*(moment.replace(tzinfo=None) for moment in naive), None, None, None]
    assert wrong == {"type": [5, 6, 7]}


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-12 * 60, 14 * 60))  # noqa: DTZ001
def test_any_moment_is_read_as_python_reads_it(moment, minutes):
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    found = read(pl.Series([zoned.isoformat()]), "datetime").item()
    assert found == zoned.astimezone(UTC).replace(tzinfo=None)


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_whole_number_is_read_without_loss(number):
    assert read(pl.Series([str(number)]), "integer").item() == number


def test_typed_columns_lose_nothing():
    frame = pl.DataFrame(
        {
            "whole": [1.0, 2.5, 2.0**60],
            "number": [1, 2, 3],
            "flag": [0, 1, 2],
            "day": [datetime.fromisoformat(f"2026-01-0{i}T0{i - 1}:00") for i in (1, 2, 3)],
        }
    )
    schema = Schema(
        (Field("whole", "integer"), Field("number", "number"), Field("flag", "boolean"), Field("day", "date"))
    )
    found = conform(frame, schema)
    assert found.table["whole"].to_list() == [1, None, None]
    assert found.table["number"].to_list() == [1.0, 2.0, 3.0]
    assert found.table["flag"].to_list() == [False, True, None]
    assert found.table["day"].to_list() == [date(2026, 1, 1), None, None]
    assert found.bad_rows.tolist() == [False, True, True]


def test_what_stands_for_no_value_is_missing_and_not_wrong():
    values, wrong = only(["", "  ", "NA", None, "3"], Field("x", "integer", required=True), missing=("", "NA"))
    assert values == [None, None, None, None, 3]
    assert wrong == {"required": [0, 1, 2, 3]}
    assert only([float("nan"), 1.0], Field("x", "number"))[1] == {}


@pytest.mark.parametrize(
    ("field", "cells", "expected"),
    [
        (Field("x", "integer", minimum=1, maximum=3), ["0", "1", "3", "4"], {"minimum": [0], "maximum": [3]}),
        (Field("x", "date", minimum="2026-01-01"), ["2025-12-31", "2026-01-01"], {"minimum": [0]}),
        (
            Field("x", min_length=2, max_length=3),
            ["大", "大湾", "大湾区", "大湾区里"],
            {"min_length": [0], "max_length": [3]},
        ),
        (Field("x", pattern="[A-Z]{2}|x"), ["AB", "x", "ABC", "xx"], {"pattern": [2, 3]}),
        (Field("x", enum=("a", "b")), ["a", "b", "c", ""], {"enum": [2]}),
        (Field("x", "integer", enum=("1", "2")), ["1", "2.0", "3"], {"enum": [2]}),
        (Field("x", unique=True), ["a", "b", "a", None, None], {"unique": [2]}),
    ],
)
def test_constraints(field, cells, expected):
    assert only(cells, field)[1] == expected


def test_keys_and_columns():
    frame = pl.DataFrame({"a": ["1", "1", "1", None], "b": ["x", "y", "x", "z"], "more": [1, 2, 3, 4]})
    found = conform(frame, Schema((Field("a"), Field("b"), Field("c")), primary_key=("a", "b")))
    assert (found.key_repeats, found.key_empty) == (1, 1)
    assert (found.missing, found.extra) == (("c",), ("more",))
    assert found.table.columns == ["a", "b", "c", "more"]
    assert set(found.issues.select("row", "code").iter_rows()) == {
        (2, "key"),
        (3, "key_empty"),
        (None, "column_missing"),
    }


def test_rules_are_judged_on_the_values_as_read():
    frame = pl.DataFrame({"off": ["1", "5", "x", None], "on": ["2", "4", "3", "1"]})
    fields = (Field("off", "integer"), Field("on", "integer"))
    found = conform(frame, Schema(fields, rules=(Rule("order", "on > off"),)))
    assert [(rule.checked, rule.broken) for rule in found.rules] == [(2, 1)]
    assert found.broken_rows.tolist() == [False, True, False, False]


def test_counts_are_of_all_and_issues_of_the_first():
    count = issues.MOST + 7
    found = conform(pl.DataFrame({"x": ["a"] * count}), Schema((Field("x", "integer"),)))
    assert found.fields[0].bad == count
    assert found.issues.height == issues.MOST
    assert found.bad_rows.all()


def test_an_empty_table():
    found = conform(
        pl.DataFrame({"x": []}, schema={"x": pl.String}), Schema((Field("x", "date", required=True, unique=True),))
    )
    assert (found.table.height, found.issues.height) == (0, 0)
    assert found.table["x"].dtype == pl.Date


@given(st.lists(st.text(max_size=12)), st.sampled_from(["integer", "number", "boolean", "date", "datetime", "string"]))
def test_any_text_is_a_value_missing_or_an_issue(texts, kind):
    frame = pl.DataFrame({"x": pl.Series(texts, dtype=pl.String)})
    found = conform(frame, Schema((Field("x", kind),)))
    fit = found.fields[0]
    assert fit.cells - fit.bad == found.table["x"].is_not_null().sum()
    assert found.bad_rows.sum() == fit.bad
    assert np.array_equal(np.flatnonzero(found.bad_rows), found.issues["row"].to_numpy())
