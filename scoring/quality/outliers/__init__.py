"""Implausible rows: values out of range or beyond their tail, stuck sensors, wrong units and zones, impossible tracks.

`scoring.quality.outliers.isolation` is left out of this list because it loads scikit-learn.
"""

from scoring.quality.outliers.plausible import Finding, Outliers, corrected_share, find_outliers
from scoring.quality.outliers.runs import StuckRuns, stuck_runs
from scoring.quality.outliers.tails import Tails, beyond_tails, robust_z
from scoring.quality.outliers.tracks import Limits, TrackDefects, track_defects
from scoring.quality.outliers.units import UnitJumps, ZoneShifts, clock_shifts, powers_off, unit_jumps, zone_shifts

__all__ = [
    "Finding",
    "Limits",
    "Outliers",
    "StuckRuns",
    "Tails",
    "TrackDefects",
    "UnitJumps",
    "ZoneShifts",
    "beyond_tails",
    "clock_shifts",
    "corrected_share",
    "find_outliers",
    "powers_off",
    "robust_z",
    "stuck_runs",
    "track_defects",
    "unit_jumps",
    "zone_shifts",
]
