"""Files: the same bytes as the table in memory, however the file is laid out and whoever reads it."""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.quality.profile import Profile, profile_frame, profile_parquet, settings_for
from scoring.quality.profile.reading import pieces


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(8)
    rows = 9000
    return pl.DataFrame(
        {
            "*": rng.normal(size=rows),
            "text": pl.Series([f"词{i}" for i in range(900)]).gather(rng.integers(0, 900, rows)),
            "list": pl.Series([[1], [], None, [2, 3]]).gather(rng.integers(0, 4, rows)),
            "seen": pl.Series(rng.integers(0, 10**15, rows)).cast(pl.Datetime("us", "UTC")),
            "kind": pl.Series(["a", "b"]).gather(rng.integers(0, 2, rows)).cast(pl.Categorical),
        }
    )


CHOSEN = {"values": 200, "cells": 100, "distinct_rows": 100, "label": "kind", "strata": ("text",)}


@pytest.mark.parametrize("group", [700, 3000, 9000])
def test_row_groups_do_not_matter(frame, tmp_path, group):
    path = tmp_path / "a*[b].parquet"
    frame.write_parquet(path, row_group_size=group)
    assert profile_parquet(path, **CHOSEN).to_json() == profile_frame(frame, **CHOSEN).to_json()


def test_row_groups_too_large_for_memory_are_read_in_parts(frame, tmp_path, monkeypatch):
    path = tmp_path / "table.parquet"
    pq.write_table(frame.to_arrow(), path, row_group_size=5000)
    monkeypatch.setattr("scoring.quality.profile.reading._BYTES_AT_ONCE", 40_000)
    found = pieces(pq.read_metadata(path))
    assert [one.large_group for one in found] == [0, 1]
    assert all(one.rows_at_once < 2000 for one in found)
    assert profile_parquet(path, **CHOSEN).to_json() == profile_frame(frame, **CHOSEN).to_json()


def test_small_row_groups_are_read_together(frame, tmp_path):
    path = tmp_path / "table.parquet"
    frame.write_parquet(path, row_group_size=100)
    assert [(one.first_row, one.rows) for one in pieces(pq.read_metadata(path))] == [(0, 9000)]


@pytest.mark.parametrize("shards", [1, 2, 7, 64])
def test_pieces_can_be_dealt_out(frame, tmp_path, monkeypatch, shards):
    path = tmp_path / "table.parquet"
    frame.write_parquet(path, row_group_size=300)
    monkeypatch.setattr("scoring.quality.profile.reading._ROWS_AT_ONCE", 600)
    with ThreadPoolExecutor(2) as executor:
        found = profile_parquet(path, executor=executor, shards=shards, **CHOSEN)
    assert found.to_json() == profile_frame(frame, **CHOSEN).to_json()


@pytest.mark.slow
def test_other_processes_find_the_same(frame, tmp_path):
    path = tmp_path / "table.parquet"
    frame.write_parquet(path, row_group_size=300)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = profile_parquet(path, executor=executor, shards=4, **CHOSEN)
    assert found.to_json() == profile_frame(frame, **CHOSEN).to_json()


def test_a_file_without_rows(frame, tmp_path):
    frame.clear().write_parquet(tmp_path / "table.parquet")
    found = profile_parquet(tmp_path / "table.parquet")
    assert (found.rows, len(found.columns)) == (0, 5)


def test_column_names_that_come_twice_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "table.parquet")
    with pytest.raises(ValueError, match="come twice: 'a'"):
        profile_parquet(tmp_path / "table.parquet")


def test_long_tables_are_examined_on_a_sample():
    schema = {"x": pl.Int64()}
    assert [settings_for(schema, rows).examine_one_in for rows in (0, 2**17, 2**17 + 1, 2**20, 10**9)] == [
        1, 1, 2, 8, 8192,
    ]  # fmt: skip


def test_memory_does_not_grow_with_the_rows():
    """What NumPy and Python hold while batch after batch comes in, once the samples are full."""
    rng = np.random.default_rng(1)
    state = Profile(settings_for({"x": pl.Float64(), "y": pl.Int64(), "z": pl.String()}, 10**6, values=1000, cells=500))
    held = []
    tracemalloc.start()
    for turn in range(24):
        values = rng.integers(0, 2**40, 20_000)
        frame = pl.DataFrame({"x": rng.normal(size=20_000), "y": values, "z": pl.Series(values).cast(pl.String)})
        state.update(frame, turn * 20_000)
        del frame, values
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(held[12:]) < 1.3 * max(held[4:12])


def test_other_states_can_be_fed_in_the_same_pass(frame):
    """Batches are plain frames with the number of their first row, so whatever else looks at a table can ride along."""
    state, distinct = Profile(settings_for(dict(frame.schema), frame.height, **CHOSEN)), set()
    for start in range(0, frame.height, 1000):
        batch = frame[start : start + 1000]
        state.update(batch, start)
        distinct.update(batch["text"].to_list())
    assert state.finish().column("text").distinct_error > 0
    assert len(distinct) == frame["text"].n_unique()
