"""Tracks of vehicles and aircraft: points that nothing could have flown or driven to."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers
from scoring.quality.shares import Share, share_of

NO_PLACE: Final = "track.no_place"
SAME_TIME: Final = "track.same_time"
OUT_OF_ORDER: Final = "track.out_of_order"
STALE: Final = "track.stale"
TELEPORT: Final = "track.teleport"
LEAP: Final = "track.leap"
ALTITUDE_RANGE: Final = "track.altitude_range"
ALTITUDE_JUMP: Final = "track.altitude_jump"
SPEED_JUMP: Final = "track.speed_jump"
REASONS: Final = (NO_PLACE, SAME_TIME, OUT_OF_ORDER, STALE, TELEPORT, LEAP, ALTITUDE_RANGE, ALTITUDE_JUMP, SPEED_JUMP)

EARTH_RADIUS: Final = 6_371_008.8  # metres, mean (IUGG)
_ROUNDS: Final = 8
_END: Final = 0.25  # of the length of its neighbour: a shorter stretch at an end of a track is false

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limits:
    """What can be; the defaults let every airliner pass. A drone of a delivery service has speed=40, climb=15, highest=600.

    speed            over ground, m/s
    climb            up or down, m/s
    acceleration     change of the reported speed, m/s²
    lowest, highest  altitude, m
    slack            seconds by which two times may be wrong together: with times in whole seconds 1
    blur             metres by which two places, or two altitudes, may be wrong together
    """

    speed: float = 350.0
    climb: float = 100.0
    acceleration: float = 20.0
    lowest: float = -500.0
    highest: float = 20_000.0
    slack: float = 1.0
    blur: float = 200.0


@dataclass(frozen=True, slots=True)
class TrackDefects:
    """What is wrong with n points.

    flagged    share of points with at least one defect
    rows       (n,) bool: those points
    by_reason  reason → (k,) int64 rows, ascending; every one of `REASONS` that could be looked for
    tracks     share of the tracks with at least one defect
    """

    flagged: Share
    rows: BoolArray
    by_reason: dict[str, IntArray]
    tracks: Share


def track_defects(points: pl.DataFrame, limits: Limits | None = None, *, population: int | None = None) -> TrackDefects:
    """Look at the points of each track in the order of time.

    points      track (any type), time (Datetime, or numbers in seconds), latitude, longitude (degrees), and where they are
                known altitude (m) and speed (m/s, as reported); missing values are not judged
    population  points that these were drawn from; only whole tracks make sense

        track.no_place         missing or impossible coordinates or time, or 0, 0
        track.same_time        the time of the point before, in the order of time
        track.out_of_order     earlier than the point before it in the file
        track.stale            the place of the point before again, and then a leg that is too fast unless these points are passed over
        track.teleport         points that could not be reached and not be left: single ones, and stretches shorter than their
                               neighbours (at the ends of a track a quarter of it)
        track.leap             the first point after a leg that was too fast, where both sides may be right
        track.altitude_range   outside of what can be
        track.altitude_jump, track.speed_jump    as teleport and leap, of altitude and of reported speed

    A leg is too far where it is longer than speed × (seconds + slack) + blur, on the great circle (haversine, Sinnott 1984). A
    track whose points are mostly false is judged by them. About 0.2 CPU-s for 280,000 points. ValueError for missing columns.

    >>> points = pl.DataFrame({"track": 1, "time": [0, 10, 20, 30, 40], "latitude": [50.0, 50.01, 52.0, 50.03, 50.04],
    ...                        "longitude": 8.0})
    >>> track_defects(points).by_reason["track.teleport"].tolist()
    [2]
    """
    limits = limits or Limits()
    if missing := sorted({"track", "time", "latitude", "longitude"} - set(points.columns)):
        raise ValueError(f"the points lack {', '.join(missing)}")
    track = points["track"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    time = _seconds(points["time"])
    latitude, longitude = (as_numbers(points[name]) for name in ("latitude", "longitude"))
    nowhere = ~((np.abs(latitude) <= 90) & (np.abs(longitude) <= 180) & np.isfinite(time))
    nowhere |= (latitude == 0) & (longitude == 0)
    found: dict[str, IntArray] = {NO_PLACE: np.flatnonzero(nowhere), OUT_OF_ORDER: _out_of_order(track, time)}
    placed = np.flatnonzero(~nowhere)
    placed = placed[np.lexsort((placed, time[placed], track[placed]))]
    same = (np.diff(track[placed]) == 0) & (np.diff(time[placed]) == 0)
    found[SAME_TIME] = placed[1:][same]
    route = _Route(track, time, limits.slack)
    sphere = _on_sphere(latitude, longitude)
    look = _Look(sphere, 2 * EARTH_RADIUS, limits.speed, limits.blur)
    found[TELEPORT], found[LEAP] = route.jumps(placed[route.fresh(placed, look)], look)
    found[STALE] = route.stale(placed[~np.isin(placed, found[TELEPORT])], look)
    if "altitude" in points.columns:
        altitude = as_numbers(points["altitude"])
        found[ALTITUDE_RANGE] = np.flatnonzero((altitude < limits.lowest) | (altitude > limits.highest))
        found[ALTITUDE_JUMP] = route.jumps_of(placed, altitude, limits.climb, limits.blur)
    if "speed" in points.columns:
        found[SPEED_JUMP] = route.jumps_of(placed, as_numbers(points["speed"]), limits.acceleration, 0.0)
    return _summed(found, track, population)


def _summed(found: dict[str, IntArray], track: IntArray, population: int | None) -> TrackDefects:
    rows = np.zeros(len(track), dtype=np.bool_)
    for flagged in found.values():
        rows[flagged] = True
    ordered: dict[str, IntArray] = {reason: np.sort(found[reason]) for reason in REASONS if reason in found}
    all_tracks = len(np.unique(track))
    with_defects = share_of(len(np.unique(track[rows])), all_tracks)
    return TrackDefects(share_of(int(rows.sum()), len(rows), population=population), rows, ordered, with_defects)


def _seconds(time: pl.Series) -> FloatArray:
    if time.dtype.is_temporal():
        return time.dt.epoch("us").cast(pl.Float64).fill_null(float("nan")).to_numpy() / 1e6
    return as_numbers(time)


def _out_of_order(track: IntArray, time: FloatArray) -> IntArray:
    """Rows earlier than the latest one before them of the same track."""
    order = np.flatnonzero(np.isfinite(time))
    order = order[np.argsort(track[order], kind="stable")]
    earlier = (np.diff(track[order]) == 0) & (np.diff(time[order]) < 0)
    late: IntArray = order[1:][earlier]
    return late


def _on_sphere(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """(n, 3) points of the unit sphere: the chord between two gives the haversine, sin²(angle/2) = chord²/4."""
    north, east = np.radians(latitude), np.radians(longitude)
    return np.column_stack((np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)))


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at: place (n, d), `diameter` where it is on a unit sphere, and how fast it may change."""

    place: FloatArray
    diameter: float | None
    rate: float
    blur: float


@dataclass(frozen=True, slots=True)
class _Route:
    """What all looks at one table share: (n,) the track and the seconds of each row."""

    track: IntArray
    time: FloatArray
    slack: float

    def jumps_of(self, placed: IntArray, values: FloatArray, rate: float, blur: float) -> IntArray:
        """Rows that jump in one number, both kinds together."""
        known = placed[np.isfinite(values[placed])]
        return np.concatenate(self.jumps(known, _Look(values[:, None], None, rate, blur)))

    def fresh(self, rows: IntArray, look: _Look) -> BoolArray:
        """Which rows do not repeat the place of the row before: these tell of all movement."""
        fresh = np.ones(len(rows), dtype=np.bool_)
        moved = (look.place[rows[1:]] != look.place[rows[:-1]]).any(axis=1)
        fresh[1:] = moved | (self.track[rows[1:]] != self.track[rows[:-1]])
        return fresh

    def stale(self, rows: IntArray, look: _Look) -> IntArray:
        """Rows that repeat an old place: the next place can be reached since the first of them, but not since the last."""
        first = np.flatnonzero(self.fresh(rows, look))
        following = np.append(first[1:], len(rows))
        held = np.flatnonzero((following - first > 1) & (following < len(rows)))
        start, end, after = rows[first[held]], rows[following[held] - 1], rows[following[held]]
        too_fast = self.too_far(end, after, look) & ~self.too_far(start, after, look)
        late = np.zeros(len(rows) + 1, dtype=np.int64)
        late[first[held[too_fast]] + 1] += 1
        late[following[held[too_fast]]] -= 1
        return rows[np.cumsum(late[:-1]) > 0]

    def jumps(self, rows: IntArray, look: _Look) -> tuple[IntArray, IntArray]:
        """Rows that are cut off from those around, and rows after the cuts that are left. rows: by track and time."""
        false: list[IntArray] = []
        for _ in range(_ROUNDS):
            cut = self.too_far(rows[:-1], rows[1:], look)
            gone = self._single(rows, cut, look)
            if not gone.any():
                gone = self._stretches(rows, cut, look)
            if not gone.any():
                break
            false.append(rows[gone])
            rows = rows[~gone]
        cut = self.too_far(rows[:-1], rows[1:], look)
        return np.concatenate(false) if false else rows[:0], rows[1:][cut]

    def too_far(self, first: IntArray, second: IntArray, look: _Look) -> BoolArray:
        """For each pair of rows of one track: too far apart for the time between."""
        chord = np.sqrt(np.square(look.place[first] - look.place[second]).sum(axis=1))
        far = chord if look.diameter is None else look.diameter * np.arcsin(np.minimum(chord / 2, 1))
        seconds = np.abs(self.time[second] - self.time[first]) + self.slack
        found: BoolArray = (far > look.rate * seconds + look.blur) & (self.track[first] == self.track[second])
        return found

    def _fits(self, first: IntArray, second: IntArray, look: _Look) -> BoolArray:
        near: BoolArray = ~self.too_far(first, second, look)
        near &= self.track[first] == self.track[second]
        return near

    def _single(self, rows: IntArray, cut: BoolArray, look: _Look) -> BoolArray:
        """The row after, or else the row before a cut, where the others fit together without it."""
        gone = np.zeros(len(rows), dtype=np.bool_)
        at = np.flatnonzero(cut)
        inner = at[at + 2 < len(rows)]
        mended = inner[self._fits(rows[inner], rows[inner + 2], look)]
        mended = mended[~np.isin(mended - 1, mended)]  # the cut behind a false row is told by the one before it
        gone[mended + 1] = True
        inner = np.setdiff1d(at[at > 0], mended)
        gone[inner[self._fits(rows[inner - 1], rows[inner + 1], look)]] = True
        return gone

    def _stretches(self, rows: IntArray, cut: BoolArray, look: _Look) -> BoolArray:
        """Stretches between cuts that are shorter than both neighbours, which fit together without them; at an end of the track,
        stretches of less than a quarter of their neighbour.
        """
        other = np.append(True, self.track[rows[1:]] != self.track[rows[:-1]])[: len(rows)]
        starts = np.flatnonzero(other | np.append(True, cut)[: len(rows)])
        lengths = np.diff(starts, append=len(rows))
        begins = other[starts]
        ends = np.append(begins[1:], True)[: len(starts)]
        before = np.where(begins, 0, np.append(0, lengths[:-1])[: len(starts)])
        after = np.where(ends, 0, np.append(lengths[1:], 0)[: len(starts)])
        bad = (begins ^ ends) & (lengths < np.maximum(before, after) * _END)
        inner = np.flatnonzero(~begins & ~ends)
        fits = self._fits(rows[starts[inner] - 1], rows[starts[inner] + lengths[inner]], look)
        bad[inner] = fits & (lengths[inner] < before[inner]) & (lengths[inner] < after[inner])
        bad[1:] &= ~bad[:-1]  # of two neighbours the first; the other is looked at again in the next round
        return np.repeat(bad, lengths)
