"""What wiring plugs in: the job that makes timetables."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import PlainJob
from leaderboard.events.scheduling import TIMETABLE_JOB, compute

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {TIMETABLE_JOB: compute}
