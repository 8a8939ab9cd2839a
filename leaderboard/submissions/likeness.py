"""Records that several teams changed alike: for each team's latest dataset, who had the same records before.

That two teams clean the same error in the same way proves nothing, so a pair is shown beside what is usual between teams of the
challenge; what follows is for people to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from leaderboard.accounts.access import Actor
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry, Team
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import service as seasons
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.submissions.models import RecordMark, Submission
from leaderboard.submissions.states import State

FEWEST_MARKS: Final = 20
"""Of fewer marks a share says little: 20 have a standard error of 11 points."""
MOST_PAIRS: Final = 200


@dataclass(frozen=True)
class Source:
    """A submission, the team that handed it in, and when."""

    id: int
    number: int
    team_id: int
    team: str
    received_at: datetime


@dataclass(frozen=True)
class Pair:
    """The latest submission of a team, and the first one of another team, handed in before, that has some of its records.

    share    of the records that `later` changed or added, those that the other team had before, in any of its submissions; 0 to 1
    error    the standard error of that share
    """

    later: Source
    earlier: Source
    share: float
    error: float


@dataclass(frozen=True)
class LikenessPage:
    """``usual``: the share in the middle of all pairs of teams; None with fewer than three pairs. ``teams``: those compared."""

    header: ChallengeHeader
    slug: str
    pairs: tuple[Pair, ...]
    teams: int
    usual: float | None
    fewest: int = FEWEST_MARKS


def likeness(work: Work, actor: Actor, slug: str) -> LikenessPage:
    """The pairs, the most alike first, for who runs the challenge. Raises NotFound to everybody else."""
    challenge = seasons.challenge_by_slug(work, actor, slug)
    actor.demand("submission.compare", organization_id=challenge.organization_id)
    assert challenge.id is not None
    latest = _latest(work, challenge.id)
    shares = [
        (later, entry, first, common, count) for later, count in latest for entry, first, common in _before(work, later)
    ]
    sources = _sources(work, [one for later, _, first, _, _ in shares for one in (later.id or 0, first)])
    pairs = [
        Pair(sources[later.id or 0], sources[first], common / count, (common * (count - common) / count**3) ** 0.5)
        for later, _, first, common, count in shares
    ]
    possible = len(latest) * (len(latest) - 1) // 2
    known = [pair.share for pair in pairs] + [0.0] * max(possible - len(pairs), 0)
    return LikenessPage(
        header=seasons_pages.header(work, actor, challenge, ""),
        slug=slug,
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.share, pair.later.id, pair.earlier.id))[:MOST_PAIRS]),
        teams=len(latest),
        usual=median(known) if len(known) >= 3 else None,
    )


def _latest(work: Work, challenge_id: int) -> list[tuple[Submission, int]]:
    """The latest scored submission of each team that has marks enough, and how many."""
    marked = func.count(col(RecordMark.mark))
    newest = (
        select(func.max(RecordMark.submission_id))
        .join(Submission, col(Submission.id) == col(RecordMark.submission_id))
        .where(RecordMark.challenge_id == challenge_id, Submission.state == State.SCORED)
        .group_by(col(RecordMark.entry_id))
    )
    rows = work.session.exec(
        select(Submission, marked)
        .join(RecordMark, col(RecordMark.submission_id) == col(Submission.id))
        .where(col(Submission.id).in_(newest))
        .group_by(col(Submission.id))
        .having(marked >= FEWEST_MARKS)
        .order_by(col(Submission.id))
    )
    return [(submission, count) for submission, count in rows]


def _before(work: Work, later: Submission) -> Sequence[tuple[int, int, int]]:
    """(another team's entry, the first of its submissions with a record of this one, how many of the marks it had before)."""
    mine, other = aliased(RecordMark), aliased(RecordMark)
    return work.session.exec(
        select(other.entry_id, func.min(other.submission_id), func.count(func.distinct(other.mark)))
        .join(mine, (col(mine.challenge_id) == col(other.challenge_id)) & (col(mine.mark) == col(other.mark)))
        .where(
            col(mine.submission_id) == later.id,
            col(other.submission_id) < col(mine.submission_id),
            col(other.entry_id) != later.entry_id,
        )
        .group_by(col(other.entry_id))
    ).all()


def _sources(work: Work, ids: Sequence[int]) -> dict[int, Source]:
    rows = work.session.exec(
        select(Submission, Team)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Submission.id).in_(set(ids)))
    )
    return {
        one.id or 0: Source(one.id or 0, one.number, team.id or 0, team.name, one.received_at) for one, team in rows
    }


def table(page: LikenessPage) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The pairs as header and rows, for the CSV twin."""
    head = (
        "team",
        "submission",
        "received_at",
        "earlier_team",
        "earlier_submission",
        "earlier_received_at",
        "share",
        "error",
    )
    rows = [
        (
            pair.later.team, pair.later.id, pair.later.received_at.isoformat(),
            pair.earlier.team, pair.earlier.id, pair.earlier.received_at.isoformat(), round(pair.share, 4), round(pair.error, 4),
        )
        for pair in page.pairs
    ]  # fmt: skip
    return head, rows
