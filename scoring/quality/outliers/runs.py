"""Stuck sensors: a value that stays the same for longer than this column lets values stay."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.shares import Share, share_of

_SHORTEST: Final = 5
_CHANCE: Final = 1e-3  # such runs expected in the whole column
_LONG: Final = 0.005  # of the runs are long anyway
_LONGER: Final = 2.0  # times as long as those is a stuck one at least
_WEIGHT: Final = 20.0  # repeats that the whole column is worth, when one value is judged

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StuckRuns:
    """Runs that are too long.

    rows      (k,) int64, ascending: all rows of those runs
    starts    (r,) int64: their first rows
    lengths   (r,) int64
    share     k of the rows that have a value
    """

    rows: IntArray
    starts: IntArray
    lengths: IntArray
    share: Share


def stuck_runs(values: pl.Series, tracks: pl.Series | None = None, *, population: int | None = None) -> StuckRuns:
    """Look for runs of one value in rows that are in the order of time.

    values   (n,) any type; a missing value ends a run and is never stuck
    tracks   (n,) rows of one sensor, next to each other; None: all rows are of one

    How likely a value is to stay is counted from the column: for each value its own repeats, drawn towards those of the whole
    column where it is rare, both without the run that is judged. So night keeps its zeros and a status its weeks. A run of L is
    too long where fewer than 0.001 of that length are expected, runs × stay^(L-1), and L is at least 5. A value at which a sensor
    sticks often is taken for a value that stays, and so is one run of more than half of the column. Where values stay for a reason
    at times, as heights do in level flight, long runs come together: a stuck one is more than twice as long as the longest others, of
    which one, or one in 200 of all runs if that is more, may be as long as it likes.

    >>> found = stuck_runs(pl.Series([float(place * 7 % 11) for place in range(60)] + [3.3] * 9))
    >>> found.starts.tolist(), found.lengths.tolist()
    ([60], [9])
    """
    codes = _codes(values)
    known = codes >= 0
    track = _codes(tracks) if tracks is not None else np.zeros(len(codes), dtype=np.int64)
    new = np.ones(len(codes), dtype=np.bool_)
    new[1:] = (codes[1:] != codes[:-1]) | (track[1:] != track[:-1])
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(codes))
    kept = known[starts] & (lengths > 0)
    starts, lengths = starts[kept], lengths[kept]
    value = codes[starts]
    stays = lengths - 1
    of_value = int(codes.max()) + 1 if len(codes) else 0
    rows_of, stays_of = (np.bincount(value, amount, of_value)[value] for amount in (lengths, stays))
    usual = (stays.sum() - stays + 1) / np.maximum(lengths.sum() - lengths + 2, 1)
    chance = (stays_of - stays + _WEIGHT * usual) / (rows_of - lengths + _WEIGHT)
    expected = np.log(max(len(starts), 1)) + stays * np.log(np.clip(chance, 1e-12, 1))
    stuck = (lengths >= _SHORTEST) & (2 * lengths <= lengths.sum()) & (expected < np.log(_CHANCE))
    if len(lengths):
        stuck &= lengths > _LONGER * np.sort(lengths)[-1 - min(max(1, int(_LONG * len(lengths))), len(lengths) - 1)]
    starts, lengths = starts[stuck], lengths[stuck]
    rows = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    count = int(np.count_nonzero(known))
    most = None if population is None else max(count, round(population * count / max(len(codes), 1)))
    return StuckRuns(rows, starts, lengths, share_of(len(rows), count, population=most))


def _codes(values: pl.Series) -> IntArray:
    """Equal values have equal numbers 0, 1, …; missing and NaN have -1."""
    if values.dtype.is_float():
        values = values.fill_nan(None)
    return (values.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()
