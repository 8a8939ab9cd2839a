"""The final standing, on private scores: previewed by the organizer, written once, public from then on.

This is the one place beside ``submissions.service`` that reads private scores (a house test says so).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

import scoring
from leaderboard.accounts.access import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings.by_rank import Combination, combination_of
from leaderboard.rankings.models import FinalStanding
from leaderboard.rankings.order import Order, column_key
from leaderboard.rankings.service import IDS_AT_ONCE, batched, bump, order_of, place_of, public_scores
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import PrivateScore, Submission, Upload
from leaderboard.submissions.states import PENDING, State

MOST_RANGED: Final = 500


@dataclass(frozen=True, slots=True)
class FinalLine:
    """One team in the final standing: its counting submission, its private score, and where it stood in public."""

    entry_id: int
    team_id: int
    team: str
    baseline: bool
    submission_id: int
    picked: bool
    place: int | None
    public_place: int | None
    value: float
    low: float
    high: float
    best_place: int | None
    worst_place: int | None

    @property
    def move(self) -> int | None:
        """Places gained (+) or lost (−) from the public to the final standing."""
        if self.place is None or self.public_place is None:
            return None
        return self.public_place - self.place


def preview(work: Work, actor: Actor, challenge: Challenge, phase: Phase) -> list[FinalLine]:
    """What finalising would publish, best first. For the organizer and the operator only."""
    actor.demand("board.read_private", organization_id=challenge.organization_id)
    return _compute(work, challenge, phase)


def finalise(work: Work, actor: Actor, challenge: Challenge) -> None:
    """Writes and publishes the final standing of every phase, once.

    Raises Refused while a phase is open, while submissions are on their way, and when it has been done already.
    """
    actor.demand("board.finalise", organization_id=challenge.organization_id)
    assert challenge.id is not None
    work.session.refresh(challenge, with_for_update=True)
    if challenge.finalised_at is not None:
        raise Refused("rankings.finalised", N_("This challenge has been finalised already."))
    phases = seasons.phases(work, challenge.id)
    if challenge.state != "closed" and any(phase.closes_at > work.now for phase in phases):
        raise Refused("rankings.still_open", N_("A phase is still open: close the challenge first, or wait."))
    if pending(work, challenge.id):
        raise Refused(
            "rankings.pending", N_("Some submissions are still on their way to a score. Wait until they have arrived.")
        )
    for phase in phases:
        for line in _compute(work, challenge, phase):
            work.session.add(_standing(phase, line, work.now))
        _published(work, phase)
    challenge.finalised_at = work.now
    work.session.add(challenge)
    ledger.record(work, actor.person_id, "board.finalise", f"challenge:{challenge.id}", phases=len(phases))
    work.session.flush()


def published(work: Work, phase_id: int) -> list[FinalLine]:
    """The final standing as it was published, best first; empty before finalisation."""
    rows = work.session.execute(
        select(FinalStanding, Team.id, Team.name, Submission.picked)  # type: ignore[call-overload]
        .join(Entry, Entry.id == FinalStanding.entry_id)
        .join(Team, Team.id == Entry.team_id)
        .join(Submission, Submission.id == FinalStanding.submission_id)
        .where(FinalStanding.phase_id == phase_id)
        .order_by(col(FinalStanding.baseline), FinalStanding.place, FinalStanding.entry_id)
    )
    return [
        FinalLine(
            entry_id=row.entry_id,
            team_id=team_id,
            team=team,
            baseline=row.baseline,
            submission_id=row.submission_id,
            picked=picked,
            place=row.place,
            public_place=row.public_place,
            value=row.value,
            low=row.low,
            high=row.high,
            best_place=row.best_place,
            worst_place=row.worst_place,
        )
        for row, team_id, team, picked in rows
    ]


def pending(work: Work, challenge_id: int) -> int:
    """How many submissions are still on their way, uploads included that began in time and may still be completed."""
    states = [str(state) for state in PENDING]
    unscored = select(func.count()).where(
        col(Submission.challenge_id) == challenge_id, col(Submission.state).in_(states)
    )
    grace = timedelta(minutes=work.settings.upload_grace_minutes)
    arriving = (
        select(func.count())
        .select_from(Upload)
        .join(Phase, col(Phase.id) == col(Upload.phase_id))
        .where(
            col(Phase.challenge_id) == challenge_id,
            col(Upload.started_at).is_not(None),
            col(Upload.ended_at).is_(None),
            col(Phase.closes_at) > work.now - grace,
        )
    )
    return sum(int(work.session.execute(count).scalar_one()) for count in (unscored, arriving))


def _published(work: Work, phase: Phase) -> None:
    assert phase.id is not None
    work.session.flush()
    bump(work, phase.id)


def _standing(phase: Phase, line: FinalLine, at: datetime) -> FinalStanding:
    assert phase.id is not None
    return FinalStanding(
        phase_id=phase.id,
        entry_id=line.entry_id,
        submission_id=line.submission_id,
        baseline=line.baseline,
        place=line.place,
        public_place=line.public_place,
        value=line.value,
        low=line.low,
        high=line.high,
        best_place=line.best_place,
        worst_place=line.worst_place,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class _Private:
    value: float
    low: float
    high: float
    spread: bytes | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    submission: Submission
    public: dict[str, float]
    private: dict[str, _Private]

    @property
    def numbers(self) -> dict[str, float]:
        return {key: score.value for key, score in self.private.items()}


@dataclass(frozen=True, slots=True)
class _Counting:
    """An entry with the submission that counts for it."""

    entry: Entry
    team: Team
    candidate: _Candidate


def _compute(work: Work, challenge: Challenge, phase: Phase) -> list[FinalLine]:
    assert phase.id is not None
    definition = seasons.definition(work, challenge)
    order, by_rank = order_of(definition), combination_of(definition)
    counting: list[_Counting] = []
    for entry, team, candidates in _entries(work.session, phase.id):
        latest = by_rank is not None or definition.board.final.otherwise == "latest"
        chosen = _chosen(candidates, order, phase.picks, latest=latest)
        best = chosen[-1] if by_rank else _first([(one, one.numbers) for one in chosen], order)
        counting.append(_Counting(entry, team, best))
    if by_rank is not None:
        counting = _combined(counting, by_rank)
    placed = [row for row in counting if not row.entry.baseline]
    places = _places(placed, order)
    ranges = _ranges(placed, places, order)
    by_entry = {row.entry.id: (place, *span) for row, place, span in zip(placed, places, ranges, strict=True)}
    lines = [_line(work.session, phase.id, row, order, by_entry.get(row.entry.id)) for row in counting]
    return sorted(lines, key=lambda line: (line.baseline, line.place or 0, line.entry_id))


def _combined(counting: Sequence["_Counting"], by_rank: Combination) -> list["_Counting"]:
    """With the rank that each private result gives beside the scores it is made of."""
    values = by_rank.values([row.candidate.numbers for row in counting], [row.entry.baseline for row in counting])
    return [
        replace(
            row, candidate=replace(row.candidate, private=row.candidate.private | {by_rank.ranking.key: _rank(value)})
        )
        for row, value in zip(counting, values, strict=True)
    ]


def _rank(value: float) -> "_Private":
    return _Private(value, value, value, None)


def _entries(session: Session, phase_id: int) -> list[tuple[Entry, Team, list[_Candidate]]]:
    scored = session.execute(
        select(Submission, Entry, Team)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Submission.phase_id) == phase_id, col(Submission.state) == State.SCORED)
        .order_by(col(Submission.id))
    ).all()
    ids = [submission.id for submission, _, _ in scored if submission.id is not None]
    public = public_scores(session, ids)
    private: dict[int, dict[str, _Private]] = {}
    for some in batched(ids, IDS_AT_ONCE):
        rows = session.execute(select(PrivateScore).where(col(PrivateScore.submission_id).in_(some))).scalars()
        for row in rows:
            hidden = _Private(row.value, row.low, row.high, row.spread)
            private.setdefault(row.submission_id, {})[column_key(row.task, row.key)] = hidden
    found: dict[int, tuple[Entry, Team, list[_Candidate]]] = {}
    for submission, entry, team in scored:
        if submission.id in private:
            numbers = {key: score.value for key, score in public.get(submission.id, {}).items()}
            candidate = _Candidate(submission, numbers, private[submission.id])
            found.setdefault(submission.entry_id, (entry, team, []))[2].append(candidate)
    return list(found.values())


def _chosen(candidates: Sequence[_Candidate], order: Order, most: int, *, latest: bool) -> list[_Candidate]:
    """The team's picks; where it picked none, by rule: its best public ones, or its latest."""
    picked = [candidate for candidate in candidates if candidate.submission.picked]
    if picked:
        return picked
    if latest:
        return list(candidates[-1:])
    table = _table([(c.submission.started_at, c.public) for c in candidates], order)
    places = scoring.place(table, order.columns)
    best = sorted(range(len(candidates)), key=lambda index: (places[index], index))
    return [candidates[index] for index in best[:most]]


def _table(rows: Sequence[tuple[datetime, dict[str, float]]], order: Order) -> dict[str, list[float | None]]:
    table: dict[str, list[float | None]] = {
        column.key: [values.get(column.key) for _, values in rows] for column in order.columns
    }
    table[scoring.EARLIEST.key] = [at.timestamp() for at, _ in rows]
    return table


def _first(rows: Sequence[tuple[_Candidate, dict[str, float]]], order: Order) -> _Candidate:
    table = _table([(candidate.submission.started_at, values) for candidate, values in rows], order)
    return rows[scoring.place(table, order.columns).index(1)][0]


def _places(rows: Sequence[_Counting], order: Order) -> list[int]:
    if not rows:
        return []
    table = _table([(row.candidate.submission.started_at, row.candidate.numbers) for row in rows], order)
    return scoring.place(table, order.columns)


def _ranges(rows: Sequence[_Counting], places: Sequence[int], order: Order) -> list[tuple[int | None, int | None]]:
    import numpy as np  # noqa: PLC0415 - only the organizer's preview and the deed itself need it

    found: list[tuple[int | None, int | None]] = [(None, None)] * len(rows)
    spreads = [row.candidate.private[order.ranking.key].spread for row in rows]
    lengths = [len(spread) for spread in spreads if spread]
    if not lengths:
        return found
    usual = max(set(lengths), key=lengths.count)
    usable = sorted(
        (index for index, spread in enumerate(spreads) if spread and len(spread) == usual), key=lambda i: places[i]
    )[:MOST_RANGED]
    matrix = np.stack([np.frombuffer(spreads[index] or b"", np.float32) for index in usable])
    values = np.array([rows[index].candidate.private[order.ranking.key].value for index in usable])
    for index, (best, worst) in zip(usable, scoring.rank_ranges(values, matrix, order.ranking.direction), strict=True):
        found[index] = (int(best), int(worst))
    return found


def _line(
    session: Session,
    phase_id: int,
    row: _Counting,
    order: Order,
    placing: tuple[int, int | None, int | None] | None,
) -> FinalLine:
    entry, team, candidate = row.entry, row.team, row.candidate
    assert entry.id is not None and team.id is not None and candidate.submission.id is not None  # noqa: PT018
    score = candidate.private[order.ranking.key]
    place, best, worst = placing or (None, None, None)
    return FinalLine(
        entry_id=entry.id,
        team_id=team.id,
        team=team.name,
        baseline=entry.baseline,
        submission_id=candidate.submission.id,
        picked=candidate.submission.picked,
        place=place,
        public_place=place_of(session, phase_id, entry.id),
        value=score.value,
        low=score.low,
        high=score.high,
        best_place=best,
        worst_place=worst,
    )
