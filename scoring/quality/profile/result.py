"""A finished profile: plain frozen records, the same bytes for the same table however it was cut."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

from scoring.quality.profile.settings import Kind

VERSION: Final = 1
"""Goes up when the same table would get another profile."""
QUANTILES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Value:
    """A value and how many rows hold it; `error` is the standard error of an estimated count, 0 of an exact one."""

    value: Scalar
    count: int
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Disguised:
    """Cells that hold `value`, which by `rule` often stands for a missing one.

    apart   of numbers: whether the other values keep away from it: between half and twice of it lie fewer than a quarter
            as many; None for texts and dates, where the value itself says it
    """

    rule: str
    value: Scalar
    count: int
    apart: bool | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """For drawing: at most 32 bins; `edges` has one more entry than `counts`. The outer bins reach to the ends."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Buckets:
    """For comparing: counts of `scoring.quality.profile.buckets`."""

    bits: int
    keys: tuple[int, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NumberProfile:
    """Of a column of numbers. Mean, variance and the like are over finite values.

    mean, variance      exact, rounded once; None where there are too few values or float64 cannot hold it
    quantiles           at QUANTILES, by rank (the smallest value that at least so many are below or equal to)
    quantile_error      their largest relative error; 0: exact
    decimals            of the examined cells: how many need 0, 1, … 15 decimals; the last count is of those that need more
    usual_decimals      the fewest that 95 % of them need at most
    last_digits         digits 0 to 9 at that place, of the examined cells that need no more
    first_digits        examined cells by first significant digit 1 to 9; at 0 those that have none
    """

    finite: int
    zeros: int
    negatives: int
    not_numbers: int
    infinite: int
    minus_infinite: int
    mean: float | None
    variance: float | None
    quantiles: tuple[float, ...]
    quantile_error: float
    decimals: tuple[int, ...]
    usual_decimals: int
    last_digits: tuple[int, ...]
    first_digits: tuple[int, ...]
    histogram: Histogram
    buckets: Buckets


@dataclass(frozen=True, slots=True)
class TextProfile:
    """Of a column of texts: lengths in characters; what examined texts look like, and their characters by class."""

    shortest: int
    longest: int
    mean_length: float | None
    length_quantiles: tuple[int, ...]
    lengths: Histogram
    looks: Mapping[str, int]
    characters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DateProfile:
    """Of a column of dates.

    outside     before the year 1 or after 9999, counted as the nearest day within
    months      cells in each month, "2024-05"
    by_month    whether quantiles are to the month only (very many different days)
    future      cells after the day that was asked about; None if none was
    """

    outside: int
    months: Mapping[str, int]
    by_month: bool
    quantiles: tuple[str, ...]
    future: int | None


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Of one column.

    examined         cells that digits, characters and looks were counted on
    smallest, largest   None without values; texts shortened to 128 characters, infinite numbers left out
    distinct         different values, missing and not-a-number left out; `distinct_error` is the standard error as a share of
                     it, 0 when it is exact
    once             values that come exactly once (estimated when `distinct` is)
    top              the commonest values, exact when `distinct` is; else from a uniform sample, those found 8 times or more
    repeats          rows equal to the row before
    longest_run      rows in the longest run of equal neighbours; `longest_run_at` where it begins
    """

    name: str
    kind: Kind
    rows: int
    nulls: int
    examined: int
    smallest: Scalar | None
    largest: Scalar | None
    distinct: int
    distinct_error: float
    once: int
    top: tuple[Value, ...]
    repeats: int
    longest_run: int
    longest_run_at: int
    disguised: tuple[Disguised, ...]
    number: NumberProfile | None = None
    text: TextProfile | None = None
    date: DateProfile | None = None
    true: int | None = None


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Rows of a class, in a stratum where one is named; None where the cell is missing."""

    label: str | None
    stratum: str | None
    count: int


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Of a table.

    examine_one_in     digits, characters and looks were counted on one row in so many
    missing_together   (c, c) rows in which two columns are both missing, for the first 64 columns
    classes            rows of each class of the label column; None without one or with more than 10,000 classes
    strata             for each stratum column its classes by stratum, likewise
    sample             first row numbers of a uniform sample of the distinct rows, ascending
    """

    version: int
    seed: int
    rows: int
    examine_one_in: int
    columns: tuple[ColumnProfile, ...]
    missing_together: tuple[tuple[int, ...], ...]
    label: str | None
    classes: tuple[ClassCount, ...] | None
    strata: Mapping[str, tuple[ClassCount, ...] | None]
    sample: tuple[int, ...]

    def to_json(self) -> bytes:
        """UTF-8, the same bytes for the same table, seed and settings."""
        return json.dumps(self, default=_fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "TableProfile":
        """What `to_json` wrote. ValueError for a profile of another version."""
        found = json.loads(content)
        if found.get("version") != VERSION:
            raise ValueError(
                f"This is a profile of version {found.get('version')}; profiles are of version {VERSION} now."
            )
        profile: TableProfile = _read(cls, found)
        return profile

    def column(self, name: str) -> ColumnProfile:
        """The profile of a column; KeyError when there is none of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _read(hint: Any, found: Any) -> Any:
    """A value of JSON as the record, tuple or mapping that the type hint names."""
    if found is None:
        return None
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return cast("type", hint)(**{name: _read(hints[name], value) for name, value in found.items()})
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_read(inner[0], one) for one in found)
    if origin is Mapping:
        return {name: _read(inner[1], value) for name, value in found.items()}
    if origin is UnionType:
        records = [one for one in inner if is_dataclass(one) or get_origin(one) in {tuple, Mapping}]
        return _read(records[0], found) if records else found
    return found
