"""What wiring plugs in: the news that rankings hear, and their own job."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import PlainJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Work
from leaderboard.rankings.ranges import range_board
from leaderboard.rankings.service import RANGES_JOB, refresh
from leaderboard.submissions.signals import SubmissionScored, SubmissionWithdrawn


def _place(work: Work, signal: SubmissionScored | SubmissionWithdrawn) -> None:
    refresh(work, signal.phase_id, signal.entry_id)


HANDLERS: Final[Handlers] = {SubmissionScored: (_place,), SubmissionWithdrawn: (_place,)}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {RANGES_JOB: range_board}
