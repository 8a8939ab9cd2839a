"""Columns as they come, made ready: what kind each is, and whether it may stand where it was declared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from scoring.quality.profile.settings import Kind

_NEWER = [getattr(pl, name) for name in ("Float16", "Int128", "UInt128") if hasattr(pl, name)]
_KINDS: dict[type[pl.DataType], Kind] = {
    **dict.fromkeys((pl.Float32, pl.Float64, pl.Decimal, pl.Duration, pl.Time, *_NEWER), "number"),
    **dict.fromkeys((pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32), "integer"),
    **dict.fromkeys((pl.String, pl.Categorical, pl.Enum, pl.Null), "text"),
    **dict.fromkeys((pl.List, pl.Array, pl.Struct, pl.Binary), "nested"),
    pl.UInt64: "unsigned",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "datetime",
}
_HOLDS: dict[Kind, type[pl.DataType]] = {
    "number": pl.Float64,
    "integer": pl.Int64,
    "unsigned": pl.UInt64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "nested": pl.String,
    "date": pl.Date,
    "datetime": pl.Datetime,
}


def kind_of(name: str, dtype: pl.DataType) -> Kind:
    """The kind of a column by its type in polars; ValueError for what cannot be profiled.

    Decimals and 128-bit integers become the nearest float64, times of day and durations become seconds; bytes are taken as
    the text of their hexadecimal digits, lists and records as that of their JSON.

    >>> kind_of("price", pl.Decimal(10, 2))
    'number'
    """
    kind = _KINDS.get(type(dtype))
    if kind is None or any(type(inner) not in _KINDS or inner == pl.Binary for inner in _inside(dtype)):
        raise ValueError(f"Column {name!r} holds {dtype}, which cannot be profiled.")
    return kind


def _inside(dtype: pl.DataType) -> Iterator[pl.DataType]:
    """The types within lists and records; bytes there have no form in JSON."""
    within: list[Any] = []
    if isinstance(dtype, pl.List | pl.Array):
        within = [dtype.inner]
    elif isinstance(dtype, pl.Struct):
        within = [field.dtype for field in dtype.fields]
    for inner in within:
        yield inner
        yield from _inside(inner)


def kinds_of(schema: Mapping[str, pl.DataType]) -> dict[str, Kind]:
    """The kinds of all columns; what is empty throughout (type Null) counts as text."""
    return {name: kind_of(name, dtype) for name, dtype in schema.items()}


def refuse_twice(names: Sequence[str]) -> None:
    """ValueError for column names that come more than once."""
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise ValueError(f"Column names come twice: {', '.join(map(repr, twice))}.")


def arranged(batch: pl.DataFrame | pa.RecordBatch, columns: Mapping[str, Kind]) -> pl.DataFrame:
    """The batch's columns in the declared order, named by position; ValueError where they are not as declared."""
    names = list(batch.schema.names if isinstance(batch, pa.RecordBatch) else batch.columns)
    refuse_twice(names)
    if set(names) != set(columns):
        missing, more = sorted(set(columns) - set(names)), sorted(set(names) - set(columns))
        raise ValueError(f"The columns are not those declared: missing {missing}, not declared {more}.")
    frame = pl.DataFrame(pl.from_arrow(batch)) if isinstance(batch, pa.RecordBatch) else batch.clone()
    position = {name: str(place) for place, name in enumerate(columns)}
    frame.columns = [position[name] for name in names]  # polars takes some names, as in pl.col("*"), for patterns
    dtypes = dict(zip(names, frame.dtypes, strict=True))
    return frame.select(_arranged(dtypes[name], position[name], name, columns[name]) for name in columns)


def _arranged(dtype: pl.DataType, position: str, name: str, kind: Kind) -> pl.Expr:
    column = pl.col(position)
    if dtype == pl.Null:
        return column.cast(_HOLDS[kind])
    found = kind_of(name, dtype)
    if found != kind:
        raise ValueError(f"Column {name!r} was declared as {kind} and comes as {found} ({dtype}).")
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("hex")
    if kind == "nested":
        whole = pl.struct(column.alias("")).struct.json_encode()  # {"":…}
        return pl.when(column.is_not_null()).then(whole.str.slice(4, whole.str.len_chars() - 5)).alias(position)
    return column
