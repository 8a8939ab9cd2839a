"""The profile of a table: what is in it, in a state that does not depend on the order of its rows or on how it is cut.

    profile_parquet(path)         a file, on one core or many              → TableProfile
    profile_frame(frame)          a table in memory                        → TableProfile
    Profile.start(columns)        a state: update(batch, first_row), merge(other), finish()
    drifts(reference, other)      how far apart two tables are, by column

The result is the same bytes for any cut into batches and shards, in any order. Exact: everything but what is named here.
Distinct values beyond 16,384 in a column are estimated (standard error 0.8 %), and so are the commonest values then, from
a uniform sample of 8192 rows; quantiles are then to a relative error that is stated (1 % or better for values that span no
more than 64 powers of two). Digits, characters and what texts look like are counted on a uniform sample of rows when there
are more than 131,072. Memory does not grow with the rows: a state is at most about 1 MB per column and 100 MB in all, and
a table may have 2000 columns; a batch is looked at 131,072 rows at a time, fewer with many columns. Texts are hashed by
polars: the same result needs the same version of it.
"""

from scoring.quality.profile.arriving import kinds_of
from scoring.quality.profile.comparing import Drift, drift, drifts
from scoring.quality.profile.reading import profile_frame, profile_parquet, settings_for
from scoring.quality.profile.result import ColumnProfile, TableProfile
from scoring.quality.profile.settings import Kind, Settings
from scoring.quality.profile.state import Profile

__all__ = [
    "ColumnProfile",
    "Drift",
    "Kind",
    "Profile",
    "Settings",
    "TableProfile",
    "drift",
    "drifts",
    "kinds_of",
    "profile_frame",
    "profile_parquet",
    "settings_for",
]
