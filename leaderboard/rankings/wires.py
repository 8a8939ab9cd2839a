"""What wiring plugs in: the news that rankings hear, and their own job."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from leaderboard.core.sandbox import PlainJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry
from leaderboard.entries.signals import TeamRenamed
from leaderboard.rankings.models import Standing
from leaderboard.rankings.ranges import range_board
from leaderboard.rankings.service import RANGES_JOB, board_topic, refresh
from leaderboard.submissions.signals import LeaderAsked, SubmissionScored, SubmissionWithdrawn


def _place(work: Work, signal: SubmissionScored | SubmissionWithdrawn) -> None:
    refresh(work, signal.phase_id, signal.entry_id)


def _rename(work: Work, signal: TeamRenamed) -> None:
    """The boards are as they were, but the pages that are kept of them show the old name."""
    boards = select(Standing.phase_id).join(Entry, col(Entry.id) == col(Standing.entry_id))  # type: ignore[call-overload]
    for phase_id in work.session.execute(boards.where(col(Entry.team_id) == signal.team_id).distinct()).scalars():
        work.announce(board_topic(phase_id))


def _lead(work: Work, signal: LeaderAsked) -> None:
    first = (
        select(Standing.submission_id)  # type: ignore[call-overload]
        .where(col(Standing.phase_id) == signal.phase_id, col(Standing.baseline).is_(False))
        .order_by(col(Standing.weakness), col(Standing.tiebreak), col(Standing.entry_id))
        .limit(1)
    )
    signal.found.extend(work.session.execute(first).scalars())


HANDLERS: Final[Handlers] = {
    LeaderAsked: (_lead,),
    SubmissionScored: (_place,),
    SubmissionWithdrawn: (_place,),
    TeamRenamed: (_rename,),
}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {RANGES_JOB: range_board}
