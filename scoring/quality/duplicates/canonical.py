"""Rows in a form in which what must not matter for sameness is gone."""

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from scoring.quality.duplicates.rounding import MOST_DIGITS, rounded
from scoring.sorting import FloatArray

DEEPEST: Final = 16
_NARROW: Final[dict[str, type[np.floating]]] = {"Float32": np.float32, "Float16": np.float16}
_LONGEST_JSON: Final = 1 << 16
_CHANGEABLE: Final = (  # what is not trimmed and evenly spaced ASCII, may be JSON, or begins like a moment: the rest stays
    r"[^\x20-\x7e]|^ | $|  |^[\[{]|^\d{4}-\d\d-\d\d[Tt ]|^$"
)
_UNSEEN: Final = r"\p{DI}+"
_WHITE: Final = r"[\s\p{Z}\p{Cc}]+"
_ZONED: Final = (
    r"^(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,6})\d{0,3})?)?"
    r" ?(?:[Zz]|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))$"
)


def canonical(frame: pl.DataFrame, columns: Sequence[str] | None = None, *, digits: int = MOST_DIGITS) -> pl.DataFrame:
    """The frame (or the named columns of it) with one writing for each value. Same rows, columns sorted by name.

    Text        NFKC; characters that no one sees go; white space at the ends goes, and becomes one space within; blank is
                null. Case stays: codes, units and formulas may differ in it alone.
                A moment with a zone (ISO 8601, “2024-01-01T08:00:00+08:00”) is written in UTC.
                JSON objects and lists get sorted keys and no spaces, their numbers as below.
    Numbers     floats to `digits` (1 … 15) significant digits, those of 32 and 16 bits as their shortest decimal; -0.0 is
                0.0, NaN is null. Integers are exact, and true is 1. Decimals with places after the point become floats.
    Time        dates and datetimes are moments in UTC to the microsecond; a date is its midnight, no zone means UTC.
    Nested      as above within; fields sorted by name; an array is a list; a list stays in order.

    Whether 1 and 1.0 are the same is decided by `row_hashes`: they are. Text that looks like a number stays text: “1.10”
    may be a version, “007” a code. A cell depends on the value and the type of its column alone, never on other rows.
    Only cells of JSON are looked at one by one, each different one once, and none over 65 536 bytes.
    ValueError for types without values of their own (Object), and for nesting deeper than 16.

    >>> canonical(pl.DataFrame({"b": ["Ａ  1 ", ""], "a": [-0.0, 0.1 + 0.2]})).rows()
    [(0.0, 'A 1'), (0.3, None)]
    """
    return pl.DataFrame([canonical_values(frame[name], digits=digits) for name in chosen(frame, columns)])


def chosen(frame: pl.DataFrame, columns: Sequence[str] | None) -> list[str]:
    """The names of the columns, sorted, each once; ValueError for one that the frame does not have."""
    names = sorted(set(frame.columns if columns is None else columns))
    unknown = [name for name in names if name not in frame.columns]
    if unknown:
        raise ValueError(f"There is no column “{unknown[0]}”.")
    return names


def canonical_values(values: pl.Series, *, digits: int = MOST_DIGITS, depth: int = 0) -> pl.Series:
    """One column of `canonical`."""
    kind = values.dtype
    if depth > DEEPEST:
        raise ValueError(f"The column “{values.name}” is nested deeper than {DEEPEST}.")
    if isinstance(kind, pl.Struct):
        fields = [canonical_values(values.struct.field(name), digits=digits, depth=depth + 1) for name in _fields(kind)]
        return pl.DataFrame(fields).to_struct(values.name) if fields else values.clear(len(values)).cast(pl.Null)
    if isinstance(kind, pl.List | pl.Array):
        return _canonical_lists(values, digits, depth)
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return _canonical_texts(values.cast(pl.String))
    if kind.is_temporal():
        return _canonical_times(values)
    if kind.is_numeric() or kind == pl.Boolean:
        return _canonical_numbers(values, digits)
    if kind in {pl.Binary, pl.Null}:
        return values
    raise ValueError(f"The column “{values.name}” has the type {kind}, whose values cannot be compared.")


def _fields(kind: pl.Struct) -> list[str]:
    return sorted(field.name for field in kind.fields)


def _canonical_numbers(values: pl.Series, digits: int) -> pl.Series:
    kind = values.dtype
    if isinstance(kind, pl.Decimal):
        kind = pl.Int128() if kind.scale == 0 else pl.Float64()
    if kind == pl.Boolean:
        return values.cast(pl.Int64)
    if kind.is_float():
        return _canonical_floats(values.cast(pl.Float64), _NARROW.get(str(kind)), digits)
    if kind in {pl.UInt64, pl.UInt128, pl.Int128}:
        return values.cast(pl.Int128, strict=False)  # 2¹²⁷ and more, in UInt128 alone, is null
    return values.cast(pl.Int64)


def _canonical_floats(values: pl.Series, narrow: type[np.floating] | None, digits: int) -> pl.Series:
    values = values.fill_nan(None)
    missing = values.is_null()
    numbers = values.fill_null(0.0).to_numpy()
    if narrow is not None:
        numbers = _as_written(numbers, narrow)
    found = pl.Series(values.name, rounded(numbers, digits))
    return found.set(missing, None) if missing.any() else found


def _as_written(numbers: FloatArray, narrow: type[np.floating]) -> FloatArray:
    """Numbers that were stored in a narrow type, by the shortest decimal that gives them there: 0.1, not 0.100000001."""
    shortest = numbers.copy()
    left = np.flatnonzero(np.isfinite(numbers))
    with np.errstate(over="ignore"):
        for digits in range(np.finfo(narrow).precision, np.finfo(narrow).precision + 4):
            tried = rounded(numbers[left], digits)
            held = tried.astype(narrow) == numbers[left].astype(narrow)
            shortest[left[held]] = tried[held]
            left = left[~held]
    return shortest


def _canonical_times(values: pl.Series) -> pl.Series:
    kind = values.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if isinstance(kind, pl.Datetime | pl.Date):
        return values.cast(pl.Datetime("us"))
    return values.cast(pl.Duration("us")) if isinstance(kind, pl.Duration) else values


def _canonical_lists(values: pl.Series, digits: int, depth: int) -> pl.Series:
    lists = values.arr.to_list() if isinstance(values.dtype, pl.Array) else values
    sizes = lists.list.len()
    inner = canonical_values(lists.filter((sizes > 0).fill_null(False)).explode(), digits=digits, depth=depth + 1)
    offsets = np.concatenate([[0], np.cumsum(sizes.fill_null(0).to_numpy().astype(np.int64))])
    whole = pa.LargeListArray.from_arrays(
        pa.array(offsets), inner.to_arrow(), mask=pa.array(lists.is_null().to_numpy(), pa.bool_())
    )
    return pl.Series(values.name, pl.from_arrow(whole))


def _canonical_texts(texts: pl.Series) -> pl.Series:
    places = texts.str.contains(_CHANGEABLE).fill_null(False).arg_true()
    if not len(places):
        return texts
    plain = pl.col("text").str.replace_all(_UNSEEN, "").str.normalize("NFKC")
    plain = plain.str.replace_all(_WHITE, " ").str.strip_chars(" ")
    plain = pl.when(plain.str.len_bytes() > 0).then(plain)
    found = texts.gather(places).to_frame("text").select(plain).to_series()
    return texts.scatter(places, _with_sorted_keys(_in_utc(found)))


def _with_sorted_keys(texts: pl.Series) -> pl.Series:
    """Cells of JSON in one writing."""
    nested = texts.str.contains(r"^(?:\{.*\}|\[.*\])$") & (texts.str.len_bytes() <= _LONGEST_JSON)
    places = nested.fill_null(False).arg_true()
    if not len(places):
        return texts
    different = texts.gather(places).unique()
    written = pl.Series([_canonical_json(text) for text in different], dtype=pl.String)
    return texts.scatter(places, texts.gather(places).replace_strict(different, written))


def _in_utc(texts: pl.Series) -> pl.Series:
    """Moments with a zone, written in UTC. What only looks like one (a 13th month) stays."""
    places = texts.str.contains(_ZONED).fill_null(False).arg_true()
    if not len(places):
        return texts
    found = texts.gather(places)
    parts = found.str.extract_groups(_ZONED).struct.unnest()
    away = pl.duration(hours=pl.col("hours").cast(pl.Int64), minutes=pl.col("minutes").cast(pl.Int64))
    local = pl.concat_str(
        "date", pl.lit("T"), "time", pl.lit(":"), pl.col("second").fill_null("00"), pl.lit("."),
        pl.col("fraction").fill_null("0").str.pad_end(6, "0"),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", strict=False, time_unit="us")  # fmt: skip
    moments = parts.select(
        pl.when(pl.col("sign") == "+")
        .then(local - away)
        .when(pl.col("sign") == "-")
        .then(local + away)
        .otherwise(local)
    ).to_series()
    written = moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    return texts.scatter(places, written.zip_with(written.is_not_null(), found))


def _canonical_json(text: str) -> str:
    """Keys sorted, no spaces, ASCII with escapes, numbers as elsewhere; the text itself where it is no JSON, or deeper than Python follows."""
    try:
        return json.dumps(json.loads(text, parse_float=_json_number), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return text


def _json_number(text: str) -> float | int:
    number = float(rounded(np.array([float(text)]))[0])
    return int(number) if number.is_integer() and abs(number) <= 2**53 else number
