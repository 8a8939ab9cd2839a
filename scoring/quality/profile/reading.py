"""Profiles of whole tables: frames in memory and Parquet files, on one core or many, in constant memory."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from scoring.quality.profile.arriving import kinds_of, refuse_twice
from scoring.quality.profile.result import TableProfile
from scoring.quality.profile.settings import Settings
from scoring.quality.profile.state import Profile

EXAMINED_ROWS: Final = 1 << 17
"""Rows that are examined at most; up to so many all are."""
_ROWS_AT_ONCE: Final = 1 << 19
_BYTES_AT_ONCE: Final = 1 << 27
"""Decoded, as the file says."""


def profile_frame(frame: pl.DataFrame, *, as_of: date | None = None, **settings: Any) -> TableProfile:
    """The profile of a table in memory; `settings` as in `Settings`.

    >>> profile_frame(pl.DataFrame({"city": ["沈阳", "大连", None]})).column("city").nulls
    1
    """
    profile = Profile(settings_for(dict(frame.schema), frame.height, **settings))
    profile.update(frame, 0)
    return profile.finish(as_of=as_of)


def settings_for(schema: dict[str, pl.DataType], rows: int, **settings: Any) -> Settings:
    """Settings for a table of this schema and about so many rows: at most 2¹⁷ of them are examined."""
    one_in = 1
    while rows > EXAMINED_ROWS * one_in:
        one_in *= 2
    return Settings(**{"columns": kinds_of(schema), "examine_one_in": one_in, **settings})


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring row groups of a file: the rows they hold, and the groups when one is too large to be read at once."""

    first_row: int
    rows: int
    large_group: int | None = None
    rows_at_once: int = 0


def pieces(metadata: pq.FileMetaData) -> list[Piece]:
    """The file cut into pieces that can be read at once, as large as memory allows; a large row group is one piece."""
    found: list[Piece] = []
    first = rows = size = 0
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        if group.total_byte_size > 2 * _BYTES_AT_ONCE or group.num_rows > 2 * _ROWS_AT_ONCE:
            found += [Piece(first, rows)] if rows else []
            per_row = max(1, group.total_byte_size // max(1, group.num_rows))
            at_once = max(1, min(_ROWS_AT_ONCE // 4, _BYTES_AT_ONCE // per_row))
            found.append(Piece(first + rows, group.num_rows, place, at_once))
            first, rows, size = first + rows + group.num_rows, 0, 0
            continue
        if rows and (size + group.total_byte_size > _BYTES_AT_ONCE or rows + group.num_rows > _ROWS_AT_ONCE):
            found.append(Piece(first, rows))
            first, rows, size = first + rows, 0, 0
        rows, size = rows + group.num_rows, size + group.total_byte_size
    return found + ([Piece(first, rows)] if rows else [])


def profile_parquet(
    path: Path,
    *,
    as_of: date | None = None,
    executor: Executor | None = None,
    shards: int = 1,
    **settings: Any,
) -> TableProfile:
    """The profile of a Parquet file; `settings` as in `Settings`.

    executor, shards   where given, the pieces of the file are dealt out to so many calls, whose states are merged two by two;
                       the result is the same bytes
    """
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        refuse_twice(file.schema_arrow.names)
    asked = settings_for(dict(scan(path).collect_schema()), metadata.num_rows, **settings)
    parts = pieces(metadata)
    if executor is None:
        return profile_pieces(path, asked, parts).finish(as_of=as_of)
    shards = max(1, min(shards, len(parts)))
    dealt = [parts[shard * len(parts) // shards : (shard + 1) * len(parts) // shards] for shard in range(shards)]
    states = [executor.submit(profile_pieces, path, asked, some) for some in dealt]
    while len(states) > 1:
        pairs = zip(states[::2], states[1::2], strict=False)
        odd = states[-1:] if len(states) % 2 else []
        states = [executor.submit(merged, one.result(), other.result()) for one, other in pairs] + odd
    return states[0].result().finish(as_of=as_of)


def profile_pieces(path: Path, settings: Settings, parts: Sequence[Piece]) -> Profile:
    """The state of some pieces of a file. The next batch is decoded while one is counted."""
    profile = Profile(settings)
    batches = _batches(path, parts)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            profile.update(*batch)
    return profile


def merged(one: Profile, other: Profile) -> Profile:
    """Both, in the first."""
    one.merge(other)
    return one


def scan(path: Path) -> pl.LazyFrame:
    """The file as polars sees it, its name taken literally."""
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _batches(path: Path, parts: Sequence[Piece]) -> Iterator[tuple[pl.DataFrame | pa.RecordBatch, int]]:
    for part in parts:
        if part.large_group is None:
            yield scan(path).slice(part.first_row, part.rows).collect(), part.first_row
            continue
        with pq.ParquetFile(path) as file:
            row = part.first_row
            for batch in file.iter_batches(part.rows_at_once, row_groups=[part.large_group]):
                yield batch, row
                row += batch.num_rows
