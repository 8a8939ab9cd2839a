"""The board from scratch: the slow, clear way, against which the maintained one is checked."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import Session, col

import scoring
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry
from leaderboard.rankings.by_rank import Combination, combination_of
from leaderboard.rankings.models import RankBucket, Standing
from leaderboard.rankings.order import Order, bucket, column_key
from leaderboard.rankings.service import order_of, place_of, refresh
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import State


@dataclass(frozen=True, slots=True)
class Difference:
    """Something the maintained board says otherwise than a recomputation."""

    phase_id: int
    what: str
    maintained: str
    recomputed: str


def rebuild(work: Work) -> int:
    """Writes every standing anew from the scored submissions; returns how many entries were looked at."""
    pairs = _entered(work.session)
    whole: set[int] = set()
    for phase_id, entry_id in pairs:
        if phase_id not in whole:
            refresh(work, phase_id, entry_id)
            if _is_ranked_as_a_whole(work, phase_id):
                whole.add(phase_id)
    work.session.execute(delete(RankBucket))
    standings = work.session.execute(select(Standing).where(col(Standing.baseline).is_(False))).scalars()
    for (phase_id, slice_), count in Counter((row.phase_id, bucket(row.weakness)) for row in standings).items():
        work.session.add(RankBucket(phase_id=phase_id, bucket=slice_, count=count))
    work.session.flush()
    return len(pairs)


def check(work: Work) -> list[Difference]:
    """Recomputes every board with ``scoring.place`` on plain lists and says where the maintained one differs."""
    found: list[Difference] = []
    for phase in work.session.execute(select(Phase)).scalars():
        found += _check_phase(work, phase)
    return found


def _entered(session: Session) -> list[tuple[int, int]]:
    scored = select(Submission.phase_id, Submission.entry_id).where(Submission.state == State.SCORED)  # type: ignore[call-overload]
    shown = select(Standing.phase_id, Standing.entry_id)  # type: ignore[call-overload]
    return sorted({(phase, entry) for phase, entry in session.execute(scored.union(shown))})


def _check_phase(work: Work, phase: Phase) -> list[Difference]:
    session = work.session
    assert phase.id is not None
    challenge = session.get_one(Challenge, phase.challenge_id)
    best = _best_by_entry(work, phase, challenge)
    places = _places(work, challenge, best)
    standings = {
        row.entry_id: row
        for row in session.execute(select(Standing).where(Standing.phase_id == phase.id)).scalars()  # type: ignore[arg-type]
    }
    found: list[Difference] = []

    def compare(what: str, maintained: object, recomputed: object) -> None:
        if maintained != recomputed:
            found.append(Difference(phase.id or 0, what, str(maintained), str(recomputed)))

    compare("entries on the board", sorted(standings), sorted(best))
    for entry_id in sorted(standings.keys() & best.keys()):
        compare(f"best submission of entry {entry_id}", standings[entry_id].submission_id, best[entry_id][0].id)
        compare(f"place of entry {entry_id}", place_of(session, phase.id, entry_id), places.get(entry_id))
    slices = Counter(bucket(row.weakness) for row in standings.values() if not row.baseline)
    kept = session.execute(select(RankBucket).where(RankBucket.phase_id == phase.id)).scalars()  # type: ignore[arg-type]
    compare("slices", {row.bucket: row.count for row in kept}, dict(slices))
    return found


def _is_ranked_as_a_whole(work: Work, phase_id: int) -> bool:
    challenge = work.session.get_one(Challenge, work.session.get_one(Phase, phase_id).challenge_id)
    return combination_of(seasons.definition(work, challenge)) is not None


Row = tuple[Submission, dict[str, float]]
Scored = dict[int, Row]


def _best_by_entry(work: Work, phase: Phase, challenge: Challenge) -> Scored:
    rows = work.session.execute(
        select(Submission, PublicScore.task, PublicScore.key, PublicScore.value)  # type: ignore[call-overload]
        .join(PublicScore, PublicScore.submission_id == Submission.id)
        .where(Submission.phase_id == phase.id, Submission.state == State.SCORED)
        .order_by(Submission.id)
    ).all()
    values: Scored = {}
    for submission, task, key, value in rows:
        values.setdefault(submission.id, (submission, {}))[1][column_key(task, key)] = value
    by_entry: dict[int, list[Row]] = {}
    for submission, scores in values.values():
        by_entry.setdefault(submission.entry_id, []).append((submission, scores))
    definition = seasons.definition(work, challenge)
    by_rank, order = combination_of(definition), order_of(definition)
    if by_rank is not None:
        return _combined({entry: candidates[-1] for entry, candidates in by_entry.items()}, by_rank, work.session)
    best: Scored = {}
    for entry_id, candidates in by_entry.items():
        if any(order.ranking.key in scores for _, scores in candidates):
            best[entry_id] = candidates[scoring.place(_table(candidates, order), order.columns).index(1)]
    return best


def _combined(latest: Scored, by_rank: Combination, session: Session) -> Scored:
    """With the combined rank beside each submission's own scores."""
    teams = _teams(session, latest)
    rows = [scores for _, scores in latest.values()]
    values = by_rank.values(rows, [entry_id not in teams for entry_id in latest])
    return {
        entry_id: (submission, {**scores, by_rank.ranking.key: value})
        for (entry_id, (submission, scores)), value in zip(latest.items(), values, strict=True)
    }


def _table(rows: list[Row], order: Order) -> dict[str, list[float | None]]:
    table: dict[str, list[float | None]] = {
        column.key: [scores.get(column.key) for _, scores in rows] for column in order.columns
    }
    table[scoring.EARLIEST.key] = [submission.started_at.timestamp() for submission, _ in rows]
    return table


def _teams(session: Session, best: Scored) -> set[int]:
    """The entries among those of ``best`` that are no baselines."""
    entries = session.execute(select(Entry.id).where(col(Entry.baseline).is_(False))).scalars()  # type: ignore[call-overload]
    return best.keys() & set(entries)


def _places(work: Work, challenge: Challenge, best: Scored) -> dict[int, int]:
    teams = _teams(work.session, best)
    ranked = [(entry_id, best[entry_id]) for entry_id in sorted(teams)]
    if not ranked:
        return {}
    order = order_of(seasons.definition(work, challenge))
    places = scoring.place(_table([row for _, row in ranked], order), order.columns)
    return {entry_id: place for (entry_id, _), place in zip(ranked, places, strict=True)}
