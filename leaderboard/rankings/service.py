"""The verbs of ranking: keep standings true as scores come and go, say who stands where, recompute everything.

There is one way a standing comes about, :func:`refresh`: from the entry's scored submissions, all of them, in the
transaction that changed them. Nothing is adjusted by difference, so a standing cannot drift.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, tuple_, update
from sqlmodel import Session

from challenges.definition import Definition
from challenges.report import COMBINED
from leaderboard.core.changes import announce
from leaderboard.core.database import upsert
from leaderboard.core.jobs import enqueue
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry
from leaderboard.rankings.models import Board, RankBucket, Standing, StandingChange
from leaderboard.rankings.order import Order, bucket, first_of
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import State
from scoring import METRICS, Column

RANGES_JOB: Final = "rank-ranges"
RANGES_DELAY: Final = timedelta(seconds=1)  # a burst of scores is ranged once


def board_topic(phase_id: int) -> str:
    return f"board:{phase_id}"


def order_of(definition: Definition) -> Order:
    """How a challenge's boards are sorted."""
    if definition.tasks:
        first = definition.tasks[0].scores[0]
        ranking = Column(COMBINED, METRICS[first.metric].direction, first.digits)
        return Order.of(ranking, definition.board.ties, {})
    columns = {
        score.key: Column(score.key, METRICS[score.metric].direction, score.digits) for score in definition.scores
    }
    return Order.of(columns[definition.scores[0].key], definition.board.ties, columns)


@dataclass(frozen=True, slots=True)
class Best:
    """An entry's best submission in a phase, and how many were scored."""

    submission: Submission
    weakness: float
    tiebreak: str
    score: PublicScore
    scored: int
    latest_at: datetime


def refresh(work: Work, phase_id: int, entry_id: int) -> None:
    """Recomputes one entry's standing in a phase from its scored submissions, and tells everyone who shows it."""
    session = work.session
    entry = session.get_one(Entry, entry_id)
    challenge = session.get_one(Challenge, entry.challenge_id)
    _lock_board(session, phase_id, work.now)
    best = _best(session, phase_id, entry_id, order_of(seasons.definition(work, challenge)))
    known = session.get(Standing, (phase_id, entry_id))
    before = (known.submission_id, known.weakness, known.tiebreak) if known else None
    after = (best.submission.id, best.weakness, best.tiebreak) if best else None
    if before != after:
        if known is not None and not known.baseline:
            _count(session, phase_id, known.weakness, -1)
        if best is not None and not entry.baseline:
            _count(session, phase_id, best.weakness, +1)
        session.add(_change(phase_id, entry, best, work.now))
        enqueue(
            session,
            RANGES_JOB,
            f"{RANGES_JOB}:{phase_id}",
            work.now,
            payload={"phase_id": phase_id},
            delay=RANGES_DELAY,
        )
    if best is not None:
        _write(session, known, phase_id, entry, best)
    elif known is not None:
        session.delete(known)
    bump(work, phase_id)


def bump(work: Work, phase_id: int) -> None:
    """The board has a new version: kept pages are out of date, open pages fetch it."""
    work.session.execute(
        update(Board).where(Board.phase_id == phase_id).values(version=Board.version + 1, changed_at=work.now)  # type: ignore[arg-type]
    )
    announce(work.session, board_topic(phase_id), work.now)


def _lock_board(session: Session, phase_id: int, now: datetime) -> None:
    """One writer a board at a time: its slices and standings change together."""
    first = upsert(session, Board).values(phase_id=phase_id, version=0, changed_at=now)
    session.execute(first.on_conflict_do_nothing(index_elements=["phase_id"]))
    session.execute(select(Board.phase_id).where(Board.phase_id == phase_id).with_for_update())  # type: ignore[call-overload]


def _best(session: Session, phase_id: int, entry_id: int, order: Order) -> Best | None:
    rows = session.execute(
        select(Submission, PublicScore)
        .join(PublicScore, PublicScore.submission_id == Submission.id)  # type: ignore[arg-type]
        .where(
            Submission.phase_id == phase_id,  # type: ignore[arg-type]
            Submission.entry_id == entry_id,  # type: ignore[arg-type]
            Submission.state == State.SCORED,  # type: ignore[arg-type]
            PublicScore.task == "",  # type: ignore[arg-type]
        )
        .order_by(Submission.id)  # type: ignore[arg-type]
    ).all()
    scores: dict[int, dict[str, PublicScore]] = {}
    submissions: dict[int, Submission] = {}
    for submission, score in rows:
        submissions[submission.id] = submission
        scores.setdefault(submission.id, {})[score.key] = score
    found = [
        (order.weakness(of[order.ranking.key].value), _chain(order, of, submissions[id]), id)
        for id, of in scores.items()
        if order.ranking.key in of
    ]
    if not found:
        return None
    weakness, tiebreak, id = min(found)
    return Best(
        submission=submissions[id],
        weakness=weakness,
        tiebreak=tiebreak,
        score=scores[id][order.ranking.key],
        scored=len(found),
        latest_at=max(submissions[id].started_at for _, _, id in found),
    )


def _chain(order: Order, scores: dict[str, PublicScore], submission: Submission) -> str:
    return order.tiebreak({key: score.value for key, score in scores.items()}, submission.started_at)


def _change(phase_id: int, entry: Entry, best: Best | None, now: datetime) -> StandingChange:
    assert entry.id is not None
    change = StandingChange(phase_id=phase_id, entry_id=entry.id, baseline=entry.baseline, at=now)
    if best is not None:
        change.submission_id, change.weakness, change.tiebreak = best.submission.id, best.weakness, best.tiebreak
        change.value, change.low, change.high = best.score.value, best.score.low, best.score.high
    return change


def _write(session: Session, known: Standing | None, phase_id: int, entry: Entry, best: Best) -> None:
    assert entry.id is not None and best.submission.id is not None  # noqa: PT018 - both were read from the database
    standing = known or Standing(phase_id=phase_id, entry_id=entry.id)  # type: ignore[call-arg]
    if standing.submission_id != best.submission.id:
        standing.best_place = standing.worst_place = None  # a range is about one submission
    standing.submission_id = best.submission.id
    standing.baseline = entry.baseline
    standing.weakness, standing.tiebreak = best.weakness, best.tiebreak
    standing.value, standing.low, standing.high = best.score.value, best.score.low, best.score.high
    standing.submissions, standing.at, standing.latest_at = best.scored, best.submission.started_at, best.latest_at
    session.add(standing)
    session.flush()


def _count(session: Session, phase_id: int, weakness: float, by: int) -> None:
    slice_ = bucket(weakness)
    row = session.get(RankBucket, (phase_id, slice_))
    if row is None:
        row = RankBucket(phase_id=phase_id, bucket=slice_)
    row.count += by
    if row.count:
        session.add(row)
    else:
        session.delete(row)
    session.flush()


# Who stands where


def place_at(session: Session, phase_id: int, weakness: float, tiebreak: str) -> int:
    """The place of these numbers on a phase's board: one more than how many are better. Three indexed reads."""
    slice_ = bucket(weakness)
    above = session.execute(
        select(func.coalesce(func.sum(RankBucket.count), 0)).where(
            RankBucket.phase_id == phase_id,  # type: ignore[arg-type]
            RankBucket.bucket < slice_,  # type: ignore[arg-type]
        )
    ).scalar_one()
    beside = session.execute(
        select(func.count()).where(
            Standing.phase_id == phase_id,  # type: ignore[arg-type]
            Standing.baseline.is_(False),  # type: ignore[attr-defined]
            Standing.weakness >= first_of(slice_),  # type: ignore[arg-type]
            tuple_(Standing.weakness, Standing.tiebreak) < (weakness, tiebreak),
        )
    ).scalar_one()
    return int(above) + int(beside) + 1


def place_of(session: Session, phase_id: int, entry_id: int) -> int | None:
    """An entry's official place; None for baselines and where there is no valid score."""
    standing = session.get(Standing, (phase_id, entry_id))
    if standing is None or standing.baseline:
        return None
    return place_at(session, phase_id, standing.weakness, standing.tiebreak)


def placed(session: Session, phase_id: int) -> int:
    """How many teams have a place."""
    total = select(func.coalesce(func.sum(RankBucket.count), 0)).where(RankBucket.phase_id == phase_id)  # type: ignore[arg-type]
    return int(session.execute(total).scalar_one())


def row_at(session: Session, phase_id: int, offset: int) -> tuple[float, int] | None:
    """Where the ``offset``-th placed row (from 0) lies: the least weakness of its slice, and how many rows of the slice
    come before it. None past the end. Reads the slices, not the rows, so page 500 costs what page 1 costs.
    """
    slices = session.execute(
        select(RankBucket.bucket, RankBucket.count)  # type: ignore[call-overload]
        .where(RankBucket.phase_id == phase_id)
        .order_by(RankBucket.bucket)
    ).all()
    passed = 0
    for slice_, count in slices:
        if passed + count > offset:
            return first_of(slice_), offset - passed
        passed += count
    return None
