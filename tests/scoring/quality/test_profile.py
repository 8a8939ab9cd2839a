"""A profile is the same bytes however the table is cut, and says what a slow count of the same table says."""

import json
import pickle
import random
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby, pairwise
from math import isfinite, isnan

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.profile import Profile, TableProfile, profile_frame, profile_parquet, settings_for

SCHEMA = {
    "number": pl.Float64,
    "integer": pl.Int64,
    "unsigned": pl.UInt64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "nested": pl.List(pl.Int64),
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
}
VALUES = {
    "number": st.floats(width=64) | st.sampled_from([0.0, -0.0, 0.25, 9999.0, -999.0, 1e308]),
    "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "unsigned": st.integers(0, 2**64 - 1) | st.integers(0, 3),
    "boolean": st.booleans(),
    "text": st.text(max_size=12) | st.sampled_from(["", "NA", "无", "12", "2024-05-01", "aaa", " x"]),
    "nested": st.lists(st.integers(0, 3), max_size=2),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


@st.composite
def tables(draw):
    """A table of up to 60 rows with all kinds of columns, the settings of small samples, and a seed to cut it with."""
    rows = draw(st.integers(0, 60))
    columns = {
        name: draw(st.lists(st.none() | values, min_size=rows, max_size=rows)) for name, values in VALUES.items()
    }
    frame = pl.DataFrame(columns, schema=SCHEMA)
    chosen = {
        "values": draw(st.sampled_from([16, 20, 100])),
        "cells": draw(st.sampled_from([16, 50])),
        "distinct_rows": draw(st.sampled_from([3, 40])),
        "examine_one_in": draw(st.sampled_from([1, 4])),
        "label": "boolean",
        "strata": ("text",),
    }
    return frame, settings_for(dict(frame.schema), rows, **chosen), draw(st.integers(0, 2**32))


def in_shards(frame: pl.DataFrame, chosen, shards: int, seed: int) -> bytes:
    """Cut into shards and those into batches, in any order, the states sent through pickle and merged in any shape."""
    shuffle = random.Random(seed)
    cuts = sorted(shuffle.choices(range(frame.height + 1), k=shards - 1))
    pieces = list(pairwise([0, *cuts, frame.height]))
    states = []
    for start, stop in pieces:
        state = Profile(chosen)
        batches = sorted({start, *(shuffle.randint(start, stop) for _ in range(shuffle.randint(0, 2))), stop})
        spans = list(pairwise(batches))
        shuffle.shuffle(spans)
        for first, last in spans:
            state.update(frame[first:last], first)
        states.append(state)
    shuffle.shuffle(states)
    while len(states) > 1:
        one, other = (states.pop(shuffle.randrange(len(states))) for _ in range(2))
        if shuffle.random() < 0.3:
            other = pickle.loads(pickle.dumps(other))
        one.merge(other)
        states.append(one)
    return states[0].finish(as_of=date(2000, 1, 1)).to_json()


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(tables(), st.integers(2, 5))
def test_any_cut_and_any_order_gives_the_same_bytes(table, shards):
    frame, chosen, seed = table
    assert in_shards(frame, chosen, shards, seed) == in_shards(frame, chosen, 1, 0)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(tables(), st.integers(2, 9))
def test_any_cut_and_any_order_of_many_more(table, shards):
    frame, chosen, seed = table
    assert in_shards(frame, chosen, shards, seed) == in_shards(frame, chosen, 1, 0)


def mixed_frame(rows: int, seed: int = 1) -> pl.DataFrame:
    """Columns with few, some and very many different values, of every kind, some of them missing."""
    rng = np.random.default_rng(seed)
    words = [f"词{i}" for i in range(3000)]
    frame = pl.DataFrame(
        {
            "few": rng.integers(0, 40, rows),
            "many": rng.integers(-(10**12), 10**12, rows),
            "close": rng.normal(300, 10, rows),
            "wide": np.exp(rng.normal(0, 90, rows)),
            "cents": np.round(rng.lognormal(3, 1, rows), 2),
            "word": pl.Series(words).gather(rng.integers(0, 3000, rows)),
            "id": pl.Series(rng.integers(0, 2**40, rows)).cast(pl.String),
            "day": pl.Series(rng.integers(-200_000, 200_000, rows)).cast(pl.Int32).cast(pl.Date),
            "seen": pl.Series(rng.integers(0, 10**15, rows)).cast(pl.Datetime("us")),
            "flag": rng.random(rows) < 0.5,
        }
    )
    return frame.with_columns(
        pl.when(pl.Series(rng.random(rows) < 0.05)).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("many", "close", "word", "day", "flag")
    )


@pytest.fixture(scope="module")
def large():
    frame = mixed_frame(12_000)
    chosen = settings_for(
        dict(frame.schema), frame.height, values=300, cells=200, distinct_rows=400, examine_one_in=2, label="flag"
    )
    return frame, chosen, in_shards(frame, chosen, 1, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("shards", "seed"), [(2, 1), (7, 2), (7, 3), (64, 4)])
def test_shards_in_any_order_give_the_bytes_of_one(large, shards, seed):
    frame, chosen, whole = large
    assert in_shards(frame, chosen, shards, seed) == whole


def test_large_batches_are_cut_where_it_does_not_matter(large, monkeypatch):
    frame, chosen, whole = large
    monkeypatch.setattr("scoring.quality.profile.state._MOST_ROWS_AT_ONCE", 3000)
    monkeypatch.setattr("scoring.quality.profile.state._FEWEST_ROWS_AT_ONCE", 3000)
    assert in_shards(frame, chosen, 1, 0) == whole


@pytest.mark.slow
def test_neither_threads_nor_the_process_matter(tmp_path):
    path = tmp_path / "table.parquet"
    mixed_frame(20_000).write_parquet(path, row_group_size=4000)
    program = (
        "import sys, pathlib\n"
        "from scoring.quality.profile import profile_parquet\n"
        "sys.stdout.buffer.write(profile_parquet(pathlib.Path(sys.argv[1]), values=500).to_json())\n"
    )
    one_thread = dict.fromkeys(("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], env={"PATH": "", **one_thread}, capture_output=True, check=True
    )
    assert done.stdout == profile_parquet(path, values=500).to_json()


def test_another_seed_draws_another_sample(large):
    frame, _, _ = large
    first, second = (profile_frame(frame, values=500, distinct_rows=50, seed=seed) for seed in (1, 2))
    assert first.sample != second.sample
    assert first.column("cents").distinct != second.column("cents").distinct
    assert first.column("cents").number.mean == second.column("cents").number.mean


def test_a_state_is_small_and_does_not_grow():
    sizes = []
    for rows in (50_000, 200_000):
        frame = mixed_frame(rows)
        state = Profile(settings_for(dict(frame.schema), rows))
        state.update(frame, 0)
        sizes.append(len(pickle.dumps(state)))
    assert sizes[1] < 6_000_000
    assert sizes[1] < 1.25 * sizes[0]


# What it says


@settings(deadline=None, max_examples=60)
@given(st.lists(st.none() | VALUES["number"], min_size=1, max_size=50))
def test_numbers_are_counted_as_by_hand(values):
    frame = pl.DataFrame({"x": values}, schema={"x": pl.Float64})
    found = profile_frame(frame).column("x")
    filled = [value for value in values if value is not None]
    finite = sorted(value + 0.0 for value in filled if isfinite(value))
    number = found.number
    assert found.nulls == len(values) - len(filled)
    assert number.not_numbers == sum(map(isnan, filled))
    assert (number.infinite, number.minus_infinite) == (filled.count(float("inf")), filled.count(float("-inf")))
    assert (number.zeros, number.negatives) == (finite.count(0), sum(value < 0 for value in finite))
    assert number.finite == len(finite)
    assert found.distinct == len({value + 0.0 for value in filled if not isnan(value)})
    if not finite:
        assert (found.smallest, found.largest, number.mean) == (None, None, None)
        return
    assert (found.smallest, found.largest) == (finite[0], finite[-1])
    exact = [Fraction(value) for value in finite]
    mean = sum(exact) / len(exact)
    assert number.mean == float(mean)
    if len(exact) > 1:
        variance = sum((value - mean) ** 2 for value in exact) / (len(exact) - 1)
        assert number.variance == (float(variance) if variance <= Fraction(sys.float_info.max) else None)
    ranks = [finite[max(0, -(-len(finite) * share // 100) - 1)] for share in (1, 5, 25, 50, 75, 95, 99)]
    assert list(number.quantiles) == ranks
    assert sum(number.histogram.counts) == sum(number.buckets.counts) == len(finite)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.none() | VALUES["text"], min_size=1, max_size=50))
def test_texts_are_counted_as_by_hand(values):
    found = profile_frame(pl.DataFrame({"x": values}, schema={"x": pl.String})).column("x")
    filled = [value for value in values if value is not None]
    counts = Counter(filled)
    assert found.nulls == len(values) - len(filled)
    assert found.distinct == len(counts)
    assert found.once == list(counts.values()).count(1)
    assert {value.value: value.count for value in found.top} == dict(counts)
    assert [value.count for value in found.top] == sorted(counts.values(), reverse=True)
    if filled:
        lengths = [len(value) for value in filled]
        assert (found.smallest, found.largest) == (min(filled), max(filled))
        assert (found.text.shortest, found.text.longest) == (min(lengths), max(lengths))
        assert found.text.mean_length == sum(lengths) / len(lengths)
        assert sum(found.text.characters.values()) == sum(lengths)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 1), st.integers(1, 7)), min_size=1, max_size=12),
    st.lists(st.integers(1, 80), max_size=8),
    st.randoms(use_true_random=False),
)
def test_runs_go_on_from_one_shard_to_the_next(runs_of_values, cuts, shuffle):
    values = [value for value, times in runs_of_values for _ in range(times)]
    frame = pl.DataFrame({"x": values}, schema={"x": pl.Int64})
    state = Profile.start({"x": "integer"})
    edges = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    pieces = list(pairwise(edges))
    shuffle.shuffle(pieces)
    for start, stop in pieces:
        state.update(frame[start:stop], start)
    found = state.finish().column("x")
    runs, row = [], 0
    for value, rows in groupby(values):
        length = len(list(rows))
        runs.append((1 if value is None else length, row))
        row += length
    longest, at = max(runs, key=lambda run: (run[0], -run[1])) if any(value is not None for value in values) else (0, 0)
    assert found.repeats == sum(one == two is not None for one, two in pairwise(values))
    assert found.longest_run == longest
    if longest > 1:
        assert found.longest_run_at == at


def test_missing_cells_are_counted_together():
    rng = np.random.default_rng(5)
    gone = rng.random((500, 70)) < rng.random(70) * 0.5
    frame = pl.DataFrame({f"c{i}": [None if one else 1 for one in gone[:, i]] for i in range(70)})
    found = np.array(profile_frame(frame).missing_together)
    np.testing.assert_array_equal(found, gone[:, :64].astype(int).T @ gone[:, :64].astype(int))


def test_classes_and_strata_are_counted_as_pandas_does():
    rng = np.random.default_rng(6)
    frame = pl.DataFrame(
        {
            "label": pl.Series(["cat", "dog", None]).gather(rng.integers(0, 3, 400)),
            "site": pl.Series(["沈阳", "大连", None]).gather(rng.integers(0, 3, 400)),
            "shift": rng.integers(1, 4, 400),
        }
    )
    found = profile_frame(frame, label="label", strata=("site", "shift"))
    pandas = pd.DataFrame(frame.to_dict(as_series=False), dtype=object)
    for name, counts in {**dict(found.strata)}.items():
        expected = pandas.groupby(["label", name], dropna=False).size()
        expected = {tuple(None if pd.isna(part) else str(part) for part in pair): n for pair, n in expected.items()}
        assert {(one.label, one.stratum): one.count for one in counts} == expected
    assert {one.label: one.count for one in found.classes} == dict(Counter(frame["label"].to_list()))


def test_too_many_classes_are_no_classes():
    frame = pl.DataFrame({"label": np.arange(10_001)})
    assert profile_frame(frame, label="label").classes is None
    assert len(profile_frame(frame[1:], label="label").classes) == 10_000


def test_the_sample_is_of_distinct_rows():
    frame = pl.DataFrame({"a": np.repeat(np.arange(500), 20), "b": np.repeat(np.arange(500) % 7, 20)})
    assert profile_frame(frame).sample == tuple(range(0, 10_000, 20))
    drawn = profile_frame(frame, distinct_rows=100).sample
    assert len(drawn) == 100
    assert set(drawn) <= set(range(0, 10_000, 20))
    assert abs(np.mean(drawn) - 5000) < 5 * 10_000 / np.sqrt(12 * 100)


def test_a_row_is_known_by_which_column_holds_what():
    frame = pl.DataFrame({"a": ["x", "y", None, "x"], "b": ["y", "x", "x", None]})
    assert profile_frame(frame).sample == (0, 1, 2, 3)


def test_a_profile_can_be_stored_and_read():
    frame = mixed_frame(300).with_columns(pl.lit("NA").alias("gone"))
    found = profile_frame(frame, label="flag", strata=("few",), as_of=date(2000, 1, 1))
    assert TableProfile.from_json(found.to_json()) == found
    stored = json.loads(found.to_json()) | {"version": 0}
    with pytest.raises(ValueError, match="version 0"):
        TableProfile.from_json(json.dumps(stored).encode())


# What comes


def test_an_empty_table_has_a_profile():
    frame = pl.DataFrame(schema=SCHEMA)
    found = profile_frame(frame, label="text")
    assert (found.rows, found.sample, found.classes) == (0, (), ())
    assert {(one.rows, one.distinct, one.smallest, one.top) for one in found.columns} == {(0, 0, None, ())}
    assert found.column("number").number.mean is None
    assert TableProfile.from_json(found.to_json()) == found


def test_columns_in_which_everything_is_missing():
    frame = pl.DataFrame({name: [None] * 5 for name in SCHEMA}, schema=SCHEMA).with_columns(pl.lit(None).alias("null"))
    found = profile_frame(frame)
    assert {(one.nulls, one.distinct, one.longest_run, one.smallest) for one in found.columns} == {(5, 0, 0, None)}
    assert found.column("null").kind == "text"


def test_one_row():
    values = {
        "number": 1.5,
        "integer": -7,
        "unsigned": 2**64 - 1,
        "boolean": True,
        "text": "沈阳",
        "nested": [1, 2],
        "date": date(2024, 2, 29),
        "datetime": datetime(2024, 2, 29, 23, 59, 59, 999_999),  # noqa: DTZ001 - a column without a zone
    }
    found = profile_frame(pl.DataFrame({name: [value] for name, value in values.items()}, schema=SCHEMA))
    assert {one.name: one.smallest for one in found.columns} == {
        **values,
        "nested": "[1,2]",
        "date": "2024-02-29",
        "datetime": "2024-02-29T23:59:59.999999",
    }
    assert all(one.smallest == one.largest == one.top[0].value for one in found.columns)
    assert found.column("number").number.variance is None


def test_names_are_taken_literally():
    names = ["*", "^a.*$", "", "名字", "a b", "0", "1.value", "🙂"]
    frame = pl.DataFrame({name: [place, place] for place, name in enumerate(names)})
    found = profile_frame(frame)
    assert [(one.name, one.smallest) for one in found.columns] == list(zip(names, range(8), strict=True))


def test_types_are_taken_for_what_they_mean():
    frame = pl.DataFrame(
        {
            "decimal": pl.Series(["1.10", "2.25"]).cast(pl.Decimal(10, 2)),
            "float32": pl.Series([0.1, 0.25], dtype=pl.Float32),
            "int128": pl.Series([2**100, 1], dtype=pl.Int128),
            "int8": pl.Series([-128, 127], dtype=pl.Int8),
            "duration": pl.Series([timedelta(milliseconds=1500), timedelta(days=1)]),
            "time": pl.Series(["06:00:00", "00:00:01"]).str.to_time(),
            "category": pl.Series(["a", "b"], dtype=pl.Categorical),
            "enum": pl.Series(["a", "b"], dtype=pl.Enum(["b", "a"])),
            "bytes": pl.Series([b"\x00\xff", b""]),
            "record": pl.Series([{"x": 1, "y": "左"}, {"x": None, "y": None}]),
        }
    )
    found = {one.name: one for one in profile_frame(frame).columns}
    assert found["decimal"].number.decimals[:3] == (0, 1, 1)
    assert found["float32"].number.decimals[:3] == (0, 1, 1)
    assert found["int128"].largest == float(2**100)
    assert (found["int8"].smallest, found["int8"].largest) == (-128, 127)
    assert (found["duration"].smallest, found["duration"].largest) == (1.5, 86400.0)
    assert (found["time"].smallest, found["time"].largest) == (1.0, 21600.0)
    assert found["category"].kind == found["enum"].kind == "text"
    assert {one.value for one in found["bytes"].top} == {"00ff", ""}
    assert {one.value for one in found["record"].top} == {'{"x":1,"y":"左"}', '{"x":null,"y":null}'}


def test_record_batches_and_frames_are_the_same():
    frame = mixed_frame(500).with_columns(pl.col("word").cast(pl.Categorical))
    state = Profile(settings_for(dict(frame.schema), 500))
    for batch in frame.to_arrow().to_batches(max_chunksize=120):
        state.update(batch, state.rows)
    assert state.finish().to_json() == profile_frame(frame).to_json()


def test_column_names_that_come_twice_are_refused():
    batch = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match="come twice: 'a'"):
        Profile.start({"a": "integer"}).update(batch, 0)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"a": [1.5], "b": ["x"]}), "'a' was declared as integer and comes as number"),
        (pl.DataFrame({"a": ["1"], "b": ["x"]}), "'a' was declared as integer and comes as text"),
        (pl.DataFrame({"a": [1]}), "missing \\['b'\\]"),
        (pl.DataFrame({"a": [1], "b": ["x"], "c": [1]}), "not declared \\['c'\\]"),
        (pl.DataFrame({"a": pl.Series([object()]), "b": ["x"]}), "cannot be profiled"),
        (pl.DataFrame({"a": [1], "b": pl.Series([[{"c": b"x"}]])}), "cannot be profiled"),
    ],
)
def test_batches_that_do_not_fit_are_refused_and_change_nothing(frame, words):
    state = Profile.start({"a": "integer", "b": "text"})
    state.update(pl.DataFrame({"b": ["x"], "a": [1]}), 0)
    before = state.finish().to_json()
    with pytest.raises(ValueError, match=words):
        state.update(frame, 1)
    assert state.finish().to_json() == before


def test_a_column_that_is_empty_in_one_shard_fits_anywhere():
    state = Profile.start({"a": "integer", "b": "date"})
    state.update(pl.DataFrame({"a": [None], "b": [None]}), 0)
    state.update(pl.DataFrame({"a": [3], "b": [date(2024, 1, 1)]}), 1)
    assert [(one.nulls, one.distinct) for one in state.finish().columns] == [(1, 1), (1, 1)]


def test_rows_that_come_twice_are_refused():
    one, other = Profile.start({"a": "integer"}), Profile.start({"a": "integer"})
    one.update(pl.DataFrame({"a": [1, 2, 3]}), 10)
    other.update(pl.DataFrame({"a": [1, 2]}), 12)
    before = one.finish().to_json()
    with pytest.raises(ValueError, match="counted before"):
        one.update(pl.DataFrame({"a": [7]}), 11)
    with pytest.raises(ValueError, match="counted before"):
        one.merge(other)
    with pytest.raises(ValueError, match="from 0"):
        one.update(pl.DataFrame({"a": [7]}), -1)
    assert one.finish().to_json() == before


def test_profiles_made_otherwise_cannot_be_merged():
    one = Profile.start({"a": "integer", "b": "text"})
    for other in (
        Profile.start({"a": "integer", "b": "text"}, seed=1),
        Profile.start({"b": "text", "a": "integer"}),
        Profile.start({"a": "number", "b": "text"}),
        Profile.start({"a": "integer", "b": "text"}, values=100),
    ):
        with pytest.raises(ValueError, match="same columns and settings"):
            one.merge(other)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"columns": {}}, "1 to 2000 columns"),
        ({"columns": {str(i): "text" for i in range(2001)}}, "1 to 2000 columns"),
        ({"label": "x"}, "no column 'x'"),
        ({"strata": ("a",)}, "need a label"),
        ({"examine_one_in": 3}, "power of two"),
        ({"values": 3}, "at least 16"),
    ],
)
def test_settings_out_of_range_are_refused(chosen, words):
    with pytest.raises(ValueError, match=words):
        Profile.start(**{"columns": {"a": "text"}, **chosen})


def test_cells_of_a_megabyte_are_shown_shortened():
    frame = pl.DataFrame({"x": ["长" * 400_000, "b" * 1_000_000, "c"]})
    found = profile_frame(frame).column("x")
    assert (found.smallest, found.largest) == ("b" * 80, "长" * 80)
    assert max(len(one.value) for one in found.top) == 80
    assert found.text.longest == 1_000_000
    assert (found.text.characters["han"], found.text.characters["latin"]) == (400_000, 1_000_001)
    assert found.text.looks["one_character"] == 2


@pytest.mark.parametrize("columns", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_very_many_columns(columns):
    frame = pl.DataFrame({f"c{i}": [i, None] if i % 2 else ["x", "NA"] for i in range(columns)})
    found = profile_frame(frame)
    assert len(found.columns) == columns
    assert len(found.missing_together) == 64
    assert found.column(f"c{columns - 2}").disguised[0].count == 1
