"""Are the records of the time that is asked for, how old are they, and does what they hold drift?"""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.balance import compare_columns
from scoring.quality.shares import Share, share_of

MOST_PERIODS: Final = 100
_FEWEST: Final = 100  # rows of a period

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Times of n records.

    inside    share of all records whose time is known and in the window
    outside   (k,) int64, ascending: records with a time outside
    missing   records without a time
    lag       seconds from the newest record up to the end of the window to that end; NaN without such a record
    age       median seconds to the end of the window, of the records up to it; NaN as before
    """

    inside: Share
    outside: IntArray
    missing: int
    lag: float
    age: float


def timeliness(times: pl.Series, start: dt.datetime, end: dt.datetime, *, population: int | None = None) -> Timeliness:
    """Count the records of the window start ≤ time ≤ end.

    times   (n,) Datetime or Date, of the same zone as start and end (or all without); the end takes the place of "now", which
            nothing here knows

    ValueError where the end is before the start, or the column holds no times.

    >>> times = pl.Series([dt.datetime(2024, 1, 1), dt.datetime(2024, 3, 1), None, dt.datetime(2019, 1, 1)])
    >>> found = timeliness(times, dt.datetime(2024, 1, 1), dt.datetime(2024, 3, 2))
    >>> found.inside.value, found.outside.tolist(), found.missing, found.lag
    (0.5, [3], 1, 86400.0)
    """
    if end < start:
        raise ValueError("the window ends before it starts")
    if not times.dtype.is_temporal():
        raise ValueError("the column holds no times")
    moments = (
        times.cast(pl.Datetime("us", getattr(times.dtype, "time_zone", None))) if times.dtype == pl.Date else times
    )
    known = moments.is_not_null()
    inside = ((moments >= start) & (moments <= end)).fill_null(value=False)
    before = moments.filter((moments <= end).fill_null(value=False))
    ages = (pl.select(pl.lit(end) - before).to_series().dt.total_microseconds() / 1e6).to_numpy()
    return Timeliness(
        share_of(int(inside.sum()), len(times), population=population),
        np.flatnonzero((known & ~inside).to_numpy()),
        int((~known).sum()),
        float(ages.min()) if len(ages) else float("nan"),
        float(np.median(ages)) if len(ages) else float("nan"),
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """How one column moves over time.

    starts   (p,) the first time of each period
    rows     (p,) int64
    indices  (p,) float64: population stability index of each period against the last one, NaN below 100 rows
    worst    the largest of them; NaN where none can be told
    """

    starts: pl.Series
    rows: IntArray
    indices: npt.NDArray[np.float64]
    worst: float


def drift(values: pl.Series, times: pl.Series, *, periods: int = 8) -> Drift:
    """Cut the records into periods of equal numbers of rows, and compare each with the most recent.

    values   (n,) numbers or categories
    times    (n,) Datetime; records without one are left out. Records of one moment stay together
    periods  2 … 100

    >>> import datetime as dt
    >>> clock = pl.datetime_range(dt.datetime(2024, 1, 1), dt.datetime(2024, 6, 1), "1h", eager=True)
    >>> steady = pl.Series(range(len(clock))) % 97
    >>> drift(steady, clock).worst < 0.1, drift(pl.Series(range(len(clock))), clock).worst > 1
    (True, True)
    """
    if not 2 <= periods <= MOST_PERIODS:
        raise ValueError(f"periods must be from 2 to {MOST_PERIODS}")
    table = pl.DataFrame({"value": values, "time": times}).drop_nulls("time").sort("time")
    rank = table["time"].rank("min").to_numpy().astype(np.int64) - 1
    period = rank * periods // max(table.height, 1)
    cuts = np.append(np.flatnonzero(np.append(True, period[1:] != period[:-1])[: len(period)]), table.height)
    parts = [table[int(first) : int(last)] for first, last in pairwise(cuts)]
    indices = np.full(len(parts), np.nan)
    if parts and parts[-1].height >= _FEWEST:
        for place, part in enumerate(parts):
            if part.height >= _FEWEST:
                indices[place] = compare_columns(part["value"], parts[-1]["value"])
    earlier = indices[:-1][~np.isnan(indices[:-1])]
    starts = table["time"].gather(cuts[:-1].tolist())
    worst = float(earlier.max()) if len(earlier) else float("nan")
    return Drift(starts, np.array([part.height for part in parts], dtype=np.int64), indices, worst)
