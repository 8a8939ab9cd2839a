"""The verbs of ranking: keep standings true as scores come and go, say who stands where, recompute everything.

There is one way a standing comes about, :func:`refresh`: from the entry's scored submissions, all of them, in the
transaction that changed them. Nothing is adjusted by difference, so a standing cannot drift.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, tuple_
from sqlmodel import Session, col

from challenges.board_columns import board_columns
from challenges.definition import Definition
from challenges.report import COMBINED
from leaderboard.core.database import dialect_of, upsert
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry
from leaderboard.rankings.by_rank import Combination, combination_of
from leaderboard.rankings.models import Board, RankBucket, Standing, StandingChange
from leaderboard.rankings.order import Order, bucket, column_key, first_of
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import State
from scoring import Column

RANGES_JOB: Final = "rank-ranges"
IDS_AT_ONCE: Final = 10_000
RANGES_DELAY: Final = timedelta(seconds=1)  # a burst of scores is ranged once


_NUMBERS: Final = (PublicScore.task, PublicScore.key, PublicScore.value, PublicScore.low, PublicScore.high)
_SCORED: Final = (  # built once, since each score asks it
    select(Submission.id, Submission.started_at, *_NUMBERS)  # type: ignore[call-overload]
    .join(PublicScore, col(PublicScore.submission_id) == col(Submission.id))
    .where(
        col(Submission.phase_id) == bindparam("phase"),
        col(Submission.entry_id) == bindparam("entry"),
        col(Submission.state) == State.SCORED,
    )
)


_DECIDES: Final = ("submission_id", "weakness", "tiebreak", "value", "low", "high")
_KNOWN: Final = select(  # type: ignore[call-overload]
    Standing.submission_id, Standing.weakness, Standing.tiebreak, Standing.baseline
).where(col(Standing.phase_id) == bindparam("phase_id"), col(Standing.entry_id) == bindparam("entry_id"))
_CHANGED: Final = insert(StandingChange)
_LEFT: Final = delete(Standing).where(
    col(Standing.phase_id) == bindparam("phase"), col(Standing.entry_id) == bindparam("entry")
)
_EMPTIED: Final = delete(RankBucket).where(
    col(RankBucket.phase_id) == bindparam("phase"),
    col(RankBucket.bucket) == bindparam("slice"),
    col(RankBucket.count) <= 0,
)


def board_topic(phase_id: int) -> str:
    return f"board:{phase_id}"


def order_of(definition: Definition) -> Order:
    """How a challenge's boards are sorted."""
    columns = {
        column.full_key: Column(column.full_key, column.direction, column.digits)
        for column in board_columns(definition)
    }
    first = next(iter(columns.values()))
    by_rank = combination_of(definition)
    if by_rank is not None:
        first = by_rank.ranking
    elif definition.tasks:
        first = replace(first, key=COMBINED)
    return Order.of(first, definition.board.ties, columns)


@dataclass(frozen=True, slots=True)
class Best:
    """The submission that stands for an entry in a phase (its best; its latest where ranks are combined), with the
    numbers that decide its place, and how many were scored.
    """

    submission_id: int
    at: datetime
    value: float
    low: float
    high: float
    weakness: float
    tiebreak: str
    scored: int
    latest_at: datetime

    def decides(self) -> dict[str, Any]:
        """The columns that say what stands and why it stands there."""
        return {name: getattr(self, name) for name in _DECIDES}


def refresh(work: Work, phase_id: int, entry_id: int) -> None:
    """Recomputes one entry's standing in a phase from its scored submissions, and tells everyone who shows it.

    Where tasks are combined by rank, one entry's score is everybody's news: the whole phase is recomputed.
    """
    session = work.session
    challenge = session.get_one(Challenge, session.get_one(Entry, entry_id).challenge_id)
    definition = seasons.definition(work, challenge)
    by_rank = combination_of(definition)
    bump(work, phase_id)
    if by_rank is None:
        found = {entry_id: _best(session, phase_id, entry_id, order_of(definition))}
    else:
        found = _by_rank(session, phase_id, by_rank, order_of(definition))
    changed = [_stand(work, phase_id, session.get_one(Entry, id), best) for id, best in found.items()]
    if any(changed):
        work.enqueue(RANGES_JOB, f"{RANGES_JOB}:{phase_id}", payload={"phase_id": phase_id}, delay=RANGES_DELAY)


def _stand(work: Work, phase_id: int, entry: Entry, best: Best | None) -> bool:
    """Writes an entry's standing; whether it changed. Plain statements: each score writes these rows."""
    connection = work.session.connection()
    row = {"phase_id": phase_id, "entry_id": entry.id}
    known = connection.execute(_KNOWN, row).one_or_none()
    before = (known.submission_id, known.weakness, known.tiebreak) if known else None
    after = (best.submission_id, best.weakness, best.tiebreak) if best else None
    if before != after:
        if known is not None and not known.baseline:
            _count(connection, phase_id, known.weakness, -1)
        if best is not None and not entry.baseline:
            _count(connection, phase_id, best.weakness, +1)
        decides = {"submission_id": None, "weakness": None, "tiebreak": "", "value": None, "low": None, "high": None}
        chosen = best.decides() if best else decides
        connection.execute(_CHANGED, {**row, **chosen, "baseline": entry.baseline, "at": work.now})
    if best is not None:
        more = {"baseline": entry.baseline, "submissions": best.scored, "at": best.at, "latest_at": best.latest_at}
        connection.execute(_standing(connection.dialect.name), {**row, **best.decides(), **more})
    elif known is not None:
        connection.execute(_LEFT, {"phase": phase_id, "entry": entry.id})
    return before != after


@cache
def _standing(dialect: str) -> Any:
    """Writes a standing over the one before; a rank range is about one submission and goes with it."""
    new = upsert(dialect, Standing)
    same = col(Standing.submission_id) == new.excluded.submission_id
    ranges = {name: case((same, getattr(Standing, name)), else_=None) for name in ("best_place", "worst_place")}
    others = {name: new.excluded[name] for name in (*_DECIDES, "baseline", "submissions", "at", "latest_at")}
    return new.on_conflict_do_update(index_elements=["phase_id", "entry_id"], set_={**others, **ranges})


def bump(work: Work, phase_id: int) -> None:
    """The board has a new version: kept pages are out of date, open pages fetch it.

    Until the transaction ends nobody else writes to this board, so its slices and standings change together.
    """
    new = {"phase_id": phase_id, "version": 1, "changed_at": work.now}
    work.session.connection().execute(_bumping(dialect_of(work.session)), new)
    work.announce(board_topic(phase_id))


@cache
def _bumping(dialect: str) -> Any:
    new = upsert(dialect, Board)
    later = {"version": col(Board.version) + 1, "changed_at": new.excluded.changed_at}
    return new.on_conflict_do_update(index_elements=["phase_id"], set_=later)


def _best(session: Session, phase_id: int, entry_id: int, order: Order) -> Best | None:
    rows = session.connection().execute(_SCORED, {"phase": phase_id, "entry": entry_id})
    started: dict[int, datetime] = {}
    values: dict[int, dict[str, float]] = {}
    ranking: dict[int, tuple[float, float, float]] = {}
    for id, at, task, key, value, low, high in rows:
        name = column_key(task, key)
        started[id] = at
        values.setdefault(id, {})[name] = value
        if name == order.ranking.key:
            ranking[id] = (value, low, high)
    if not ranking:
        return None
    found = [(order.weakness(ranking[id][0]), order.tiebreak(values[id], started[id]), id) for id in ranking]
    weakness, tiebreak, id = min(found)
    value, low, high = ranking[id]
    return Best(
        submission_id=id,
        at=started[id],
        value=value,
        low=low,
        high=high,
        weakness=weakness,
        tiebreak=tiebreak,
        scored=len(found),
        latest_at=max(started[id] for id in ranking),
    )


def _by_rank(session: Session, phase_id: int, combination: Combination, order: Order) -> dict[int, Best | None]:
    """Every entry of a phase that has a score, or had one."""
    stood = session.execute(select(Standing.entry_id).where(Standing.phase_id == phase_id)).scalars()  # type: ignore[call-overload]
    found: dict[int, Best | None] = dict.fromkeys(stood)
    latest = _latest_scored(session, phase_id)
    known = public_scores(session, [last.id or 0 for last, _, _, _ in latest])
    numbers = [{key: score.value for key, score in known.get(last.id or 0, {}).items()} for last, _, _, _ in latest]
    values = combination.values(numbers, [baseline for _, baseline, _, _ in latest])
    for (last, _, scored, at), of, value in zip(latest, numbers, values, strict=True):
        found[last.entry_id] = Best(
            submission_id=last.id or 0,
            at=last.started_at,
            value=value,
            low=value,
            high=value,
            weakness=order.weakness(value),
            tiebreak=order.tiebreak(of, last.started_at),
            scored=scored,
            latest_at=at,
        )
    return found


def _latest_scored(session: Session, phase_id: int) -> list[tuple[Submission, bool, int, datetime]]:
    """For each entry its latest scored submission, whether it is a baseline, how many were scored, and when the last of
    them was handed in.
    """
    of_entry = (
        select(
            func.max(Submission.id).label("last"), func.count().label("n"), func.max(Submission.started_at).label("at")
        )
        .where(Submission.phase_id == phase_id, Submission.state == State.SCORED)  # type: ignore[arg-type]
        .group_by(Submission.entry_id)  # type: ignore[arg-type]
        .subquery()
    )
    rows = session.execute(
        select(Submission, Entry.baseline, of_entry.c.n, of_entry.c.at)  # type: ignore[call-overload]
        .join(of_entry, of_entry.c.last == Submission.id)
        .join(Entry, Entry.id == Submission.entry_id)
        .order_by(Submission.id)
    )
    return [(last, baseline, count, at) for last, baseline, count, at in rows]


def public_scores(session: Session, submission_ids: Sequence[int]) -> dict[int, dict[str, PublicScore]]:
    """For each submission its public scores by name (see :func:`column_key`)."""
    found: dict[int, dict[str, PublicScore]] = {}
    for some in batched(submission_ids, IDS_AT_ONCE):
        query = select(PublicScore).where(PublicScore.submission_id.in_(some))  # type: ignore[attr-defined]
        for score in session.execute(query).scalars():
            found.setdefault(score.submission_id, {})[column_key(score.task, score.key)] = score
    return found


def batched(ids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """Runs of at most ``most``: a statement takes so many parameters only."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def _count(connection: Connection, phase_id: int, weakness: float, by: int) -> None:
    row = {"phase_id": phase_id, "bucket": bucket(weakness), "count": by}
    connection.execute(_counting(connection.dialect.name), row)
    if by < 0:
        connection.execute(_EMPTIED, {"phase": phase_id, "slice": row["bucket"]})


@cache
def _counting(dialect: str) -> Any:
    new = upsert(dialect, RankBucket)
    more = {"count": col(RankBucket.count) + new.excluded["count"]}
    return new.on_conflict_do_update(index_elements=["phase_id", "bucket"], set_=more)


# Who stands where

_ALL: Final = select(func.coalesce(func.sum(RankBucket.count), 0)).where(col(RankBucket.phase_id) == bindparam("phase"))
_ABOVE: Final = _ALL.where(col(RankBucket.bucket) < bindparam("slice"))
_BESIDE: Final = select(func.count()).where(
    col(Standing.phase_id) == bindparam("phase"),
    col(Standing.baseline).is_(False),
    col(Standing.weakness) >= bindparam("from"),
    tuple_(Standing.weakness, Standing.tiebreak) < tuple_(bindparam("weakness"), bindparam("tiebreak")),
)
_UPTO: Final = func.sum(RankBucket.count).over(order_by=col(RankBucket.bucket)).label("upto")
_SLICES: Final = (
    select(RankBucket.bucket, RankBucket.count, _UPTO)  # type: ignore[call-overload]
    .where(col(RankBucket.phase_id) == bindparam("phase"))
    .subquery()
)
_HOLDING: Final = (
    select(_SLICES.c.bucket, _SLICES.c.count, _SLICES.c.upto)
    .where(_SLICES.c.upto > bindparam("offset"))
    .order_by(_SLICES.c.bucket)
    .limit(1)
)


def place_at(session: Session, phase_id: int, weakness: float, tiebreak: str) -> int:
    """The place of these numbers on a phase's board: one more than how many are better. Three indexed reads."""
    slice_ = bucket(weakness)
    connection = session.connection()
    above = connection.execute(_ABOVE, {"phase": phase_id, "slice": slice_}).scalar_one()
    these = {"phase": phase_id, "from": first_of(slice_), "weakness": weakness, "tiebreak": tiebreak}
    beside = connection.execute(_BESIDE, these).scalar_one()
    return int(above) + int(beside) + 1


def place_of(session: Session, phase_id: int, entry_id: int) -> int | None:
    """An entry's official place; None for baselines and where there is no valid score."""
    standing = session.get(Standing, (phase_id, entry_id))
    if standing is None or standing.baseline:
        return None
    return place_at(session, phase_id, standing.weakness, standing.tiebreak)


def placed(session: Session, phase_id: int) -> int:
    """How many teams have a place."""
    return int(session.connection().execute(_ALL, {"phase": phase_id}).scalar_one())


def row_at(session: Session, phase_id: int, offset: int) -> tuple[float, int] | None:
    """Where the ``offset``-th placed row (from 0) lies: the least weakness of its slice, and how many rows of the slice
    come before it. None past the end. Reads the slices, not the rows, so page 500 costs what page 1 costs.
    """
    found = session.connection().execute(_HOLDING, {"phase": phase_id, "offset": offset}).first()
    if found is None:
        return None
    slice_, count, passed = found
    return first_of(slice_), int(offset - (passed - count))
