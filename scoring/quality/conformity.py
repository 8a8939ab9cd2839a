"""A table held against its schema: every value read as its field's type, and all that does not fit.

Numbers are read in ASCII as `1234.5e-6`, whole numbers also as `7.0`; dates as ISO 8601 `2026-11-27`, moments as
`2026-11-27T18:30:00`, with a blank for the T, with or without seconds, fractions and offset (then they are turned to UTC);
true and false also as 1 and 0, yes and no, 是 and 否, in any case. NaN and infinities are no numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality import issues
from scoring.quality.rules import condition
from scoring.quality.schema import Bound, Field, FieldType, Schema

DTYPES: Final[Mapping[FieldType, pl.DataType]] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
}
_TRUE: Final = ("true", "1", "yes", "是")
_FALSE: Final = ("false", "0", "no", "否")
_MOMENTS: Final = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_OFFSET: Final = r"(Z|[+-]\d{2}:?\d{2})$"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FieldFit:
    """One field. `cells` have a value, `bad` of these do not fit; `empty` have none though one is required."""

    name: str
    there: bool
    cells: int
    bad: int
    empty: int


@dataclass(frozen=True, slots=True)
class RuleFit:
    """One rule. `checked` rows have all the values it is about, `broken` of these do not meet it."""

    name: str
    checked: int
    broken: int


@dataclass(frozen=True)
class Conformity:
    """What a table is under a schema.

    table         the schema's fields in order, in the dtypes of `DTYPES`, null where a value is missing or does not fit; then the
                  columns that the schema does not name, as they came
    fields        how each field fits
    rules         how each rule is met
    missing       fields that the table lacks; extra: columns that the schema does not name
    bad_rows      (n,) whether any value of the row does not fit
    broken_rows   (n,) whether the row breaks any rule
    key_repeats   rows whose primary key stood before, and key_empty rows in which a part of it is missing
    issues        single cells, by `scoring.quality.issues`: codes type, required, unique, minimum, maximum, min_length,
                  max_length, pattern, enum; rule:<name>; key, key_empty; column_missing
    """

    table: pl.DataFrame
    fields: tuple[FieldFit, ...]
    rules: tuple[RuleFit, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    bad_rows: Mask
    broken_rows: Mask
    key_repeats: int
    key_empty: int
    issues: pl.DataFrame


def conform(frame: pl.DataFrame, schema: Schema) -> Conformity:
    """Reads every column of the table as its field says, and judges types, constraints, keys and rules.

    frame    (n, c), any dtypes: columns of text are read, columns with a type of their own are converted where nothing is lost

    RuleError for a rule that cannot be used; `challenges` refuses such a schema beforehand.
    """
    found, columns, fits = list[pl.DataFrame](), list[pl.Series](), list[FieldFit]()
    bad_rows = np.zeros(frame.height, np.bool_)
    for field in schema.fields:
        if field.name in frame.columns:
            values, fit, about, bad = _field(frame[field.name], field, schema.missing)
            bad_rows |= bad
        else:
            values = pl.Series(field.name, [None] * frame.height, dtype=DTYPES[field.type])
            fit, about = (
                FieldFit(field.name, there=False, cells=0, bad=0, empty=frame.height),
                [issues.about_column(field.name, "column_missing")],
            )
        columns.append(values)
        fits.append(fit)
        found += about
    extra = tuple(name for name in frame.columns if schema.field(name) is None)
    table = pl.DataFrame([*columns, *(frame[name] for name in extra)])
    repeats, empty, about_key = _key(table, schema.primary_key)
    rules, broken_rows, about_rules = _rules(table, schema)
    return Conformity(
        table=table,
        fields=tuple(fits),
        rules=rules,
        missing=tuple(fit.name for fit in fits if not fit.there),
        extra=extra,
        bad_rows=bad_rows,
        broken_rows=broken_rows,
        key_repeats=repeats,
        key_empty=empty,
        issues=issues.joined([*found, *about_key, *about_rules]),
    )


def _field(
    cells: pl.Series, field: Field, missing: tuple[str, ...]
) -> tuple[pl.Series, FieldFit, list[pl.DataFrame], Mask]:
    there = _present(cells, missing)
    values = read(cells, field.type).set(~there, None)
    wrong = {"type": (there & values.is_null()).to_numpy()}
    for code, broken in _constraints(values, field).items():
        wrong[code] = broken.fill_null(value=False).to_numpy()
    empty = (~there).to_numpy() if field.required else np.zeros(len(cells), np.bool_)
    bad = np.logical_or.reduce(list(wrong.values()))
    found = [
        issues.at(rows, code, column=field.name, values=cells.gather(rows))
        for code, mask in {**wrong, "required": empty}.items()
        if len(rows := np.flatnonzero(mask))
    ]
    fit = FieldFit(field.name, there=True, cells=int(there.sum()), bad=int(bad.sum()), empty=int(empty.sum()))
    return values.set(pl.Series(bad), None).alias(field.name), fit, found, bad


def _present(cells: pl.Series, missing: tuple[str, ...]) -> pl.Series:
    there = cells.is_not_null()
    if cells.dtype == pl.String:
        there &= ~cells.str.strip_chars().is_in(["", *missing]).fill_null(value=True)
    elif cells.dtype.is_float():
        there &= cells.is_not_nan().fill_null(value=False)
    return there


def read(cells: pl.Series, kind: FieldType) -> pl.Series:
    """The cells as a type, null where they are no such thing. Text is trimmed; nothing is rounded or guessed."""
    if kind == "string":
        return cells.cast(pl.String, strict=False) if not cells.dtype.is_nested() else _nothing(cells, kind)
    if cells.dtype == pl.String:
        return _from_text(cells.str.strip_chars(), kind)
    if kind in {"integer", "number"} and (cells.dtype.is_numeric() or cells.dtype == pl.Boolean):
        return _from_numbers(cells, kind)
    if kind == "boolean" and (cells.dtype == pl.Boolean or cells.dtype.is_integer()):
        return cells.cast(pl.Int64).replace_strict({0: False, 1: True}, default=None, return_dtype=pl.Boolean)
    if kind in {"date", "datetime"} and (cells.dtype == pl.Date or isinstance(cells.dtype, pl.Datetime)):
        return _from_moments(cells, kind)
    return _nothing(cells, kind)


def _nothing(cells: pl.Series, kind: FieldType) -> pl.Series:
    return pl.Series(cells.name, [None] * len(cells), dtype=DTYPES[kind])


def _from_numbers(cells: pl.Series, kind: FieldType) -> pl.Series:
    if kind == "integer" and cells.dtype.is_float():
        whole = (cells == cells.floor()) & (cells.abs() < 2**53)
        return cells.set(~whole.fill_null(value=False), None).cast(pl.Int64, strict=False)
    values = cells.cast(DTYPES[kind], strict=False)
    return values.set(~values.is_finite(), None) if kind == "number" else values


def _from_moments(cells: pl.Series, kind: FieldType) -> pl.Series:
    if cells.dtype == pl.Date:
        return cells.cast(DTYPES[kind])
    if getattr(cells.dtype, "time_zone", None):
        cells = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    values = cells.cast(pl.Datetime("us"))
    if kind == "date":
        return values.set(values != values.dt.truncate("1d"), None).cast(pl.Date)
    return values


def _from_text(texts: pl.Series, kind: FieldType) -> pl.Series:
    if kind == "integer":
        whole = texts.str.extract(r"^([+-]?\d+)(?:\.0+)?$")
        return whole.str.strip_prefix("+").cast(pl.Int64, strict=False)
    if kind == "number":
        shaped = texts.str.extract(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$")
        return _from_numbers(shaped.cast(pl.Float64, strict=False), kind)
    if kind == "boolean":
        words = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
        return texts.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    if kind == "date":
        return texts.str.extract(r"^(\d{4}-\d{2}-\d{2})$").str.to_date("%Y-%m-%d", strict=False)
    return _moments(texts)


def _moments(texts: pl.Series) -> pl.Series:
    shaped = texts.str.extract(
        r"^(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:Z|[+-]\d{2}:?\d{2})?)$"
    )
    iso = shaped.str.replace(" ", "T", literal=True)
    offset, local = iso.str.extract(r"T.*?" + _OFFSET), iso.str.replace(r"(T.*?)" + _OFFSET, "$1")
    frame = pl.DataFrame({"local": local, "offset": offset})
    parsed = pl.coalesce(pl.col("local").str.to_datetime(form, time_unit="us", strict=False) for form in _MOMENTS)
    sign = pl.when(pl.col("offset").str.starts_with("-")).then(-1).otherwise(1)
    hours = pl.col("offset").str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = pl.col("offset").str.slice(-2).cast(pl.Int64, strict=False)
    shift = pl.duration(minutes=(sign * (hours * 60 + minutes)).fill_null(0))
    return frame.select((parsed - shift).alias(texts.name)).to_series()


def _constraints(values: pl.Series, field: Field) -> dict[str, pl.Series]:
    """Which values break which constraint; null where there is none."""
    broken: dict[str, pl.Series] = {}
    if field.minimum is not None:
        broken["minimum"] = values < _bound(field.minimum, field.type)
    if field.maximum is not None:
        broken["maximum"] = values > _bound(field.maximum, field.type)
    if field.type == "string":
        length = values.str.len_chars()
        if field.min_length is not None:
            broken["min_length"] = length < field.min_length
        if field.max_length is not None:
            broken["max_length"] = length > field.max_length
        if field.pattern is not None:
            broken["pattern"] = ~values.str.contains(f"^(?:{field.pattern})$")
    if field.enum:
        allowed = read(pl.Series(field.enum), field.type)
        broken["enum"] = ~values.is_in(allowed.implode())
    if field.unique:
        broken["unique"] = ~values.is_first_distinct() & values.is_not_null()
    return broken


def _bound(bound: Bound, kind: FieldType) -> object:
    return read(pl.Series([str(bound)]), kind).item() if isinstance(bound, str) else bound


def _key(table: pl.DataFrame, key: tuple[str, ...]) -> tuple[int, int, list[pl.DataFrame]]:
    if not key:
        return 0, 0, []
    parts = table.select(key)
    empty = parts.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy()
    repeated = ~parts.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy() & ~empty
    shown = parts.select(pl.concat_str(pl.all().cast(pl.String), separator=", ", ignore_nulls=True)).to_series()
    named = ", ".join(key)
    found = [
        issues.at(rows, code, column=named, values=shown.gather(rows))
        for code, mask in (("key", repeated), ("key_empty", empty))
        if len(rows := np.flatnonzero(mask))
    ]
    return int(repeated.sum()), int(empty.sum()), found


def _rules(table: pl.DataFrame, schema: Schema) -> tuple[tuple[RuleFit, ...], Mask, list[pl.DataFrame]]:
    broken_rows = np.zeros(table.height, np.bool_)
    fits, found = list[RuleFit](), list[pl.DataFrame]()
    for rule in schema.rules:
        met = table.select(condition(rule.condition, table.schema)).to_series()
        broken = (~met).fill_null(value=False).to_numpy()
        broken_rows |= broken
        fits.append(RuleFit(rule.name, checked=len(met) - met.null_count(), broken=int(broken.sum())))
        if len(rows := np.flatnonzero(broken)):
            found.append(issues.at(rows, f"rule:{rule.name}"))
    return tuple(fits), broken_rows, found
