"""Rank ranges: how sure the places are, from paired differences on the same rows; redone when a board has settled.

The places that people fight for are ranged against each other (:data:`RANGED` teams, one matrix product); further down
the board shows intervals only.
"""

from typing import Final, Literal

from sqlalchemy import select, update
from sqlmodel import Session

import scoring
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources
from leaderboard.rankings.models import Standing
from leaderboard.rankings.service import bump, order_of
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import ScoreReport

RANGED: Final = 500


def range_board(held: Resources, job: Leased) -> None:
    """The plain job: reads the spreads of the first teams, computes, writes the ranges that differ."""
    phase_id = int(job.payload["phase_id"])
    with held.read() as work:
        phase = work.session.get(Phase, phase_id)
        if phase is None:
            return
        challenge = work.session.get_one(Challenge, phase.challenge_id)
        order = order_of(seasons.definition(work, challenge))
        rows = _first_teams(work.session, phase_id)
    ranges = _ranges(rows, order.ranking.direction)
    with held.write() as work:
        changed = 0
        for (standing, _), (best, worst) in zip(rows, ranges, strict=True):
            if (standing.best_place, standing.worst_place) == (best, worst):
                continue
            changed += work.session.execute(
                update(Standing)
                .where(
                    Standing.phase_id == phase_id,  # type: ignore[arg-type]
                    Standing.entry_id == standing.entry_id,  # type: ignore[arg-type]
                    Standing.submission_id == standing.submission_id,  # type: ignore[arg-type]
                )
                .values(best_place=best, worst_place=worst)
            ).rowcount  # type: ignore[attr-defined]
        if changed:
            bump(work, phase_id)


def _first_teams(session: Session, phase_id: int) -> list[tuple[Standing, bytes | None]]:
    rows = session.execute(
        select(Standing, ScoreReport.spread)  # type: ignore[call-overload]
        .join(ScoreReport, ScoreReport.submission_id == Standing.submission_id)
        .where(Standing.phase_id == phase_id, Standing.baseline.is_(False))  # type: ignore[attr-defined]
        .order_by(Standing.weakness, Standing.tiebreak, Standing.entry_id)
        .limit(RANGED)
    ).all()
    return [(standing, spread) for standing, spread in rows]


def _ranges(
    rows: list[tuple[Standing, bytes | None]], direction: Literal["max", "min"]
) -> list[tuple[int | None, int | None]]:
    """(best, worst) for each row; None for a row whose spread is missing or of another length (an older scorer)."""
    import numpy as np  # noqa: PLC0415 - the web process never needs it

    found: list[tuple[int | None, int | None]] = [(None, None)] * len(rows)
    lengths = [len(spread) for _, spread in rows if spread]
    if not lengths:
        return found
    usual = max(set(lengths), key=lengths.count)
    usable = [index for index, (_, spread) in enumerate(rows) if spread and len(spread) == usual]
    spreads = np.stack([np.frombuffer(rows[index][1] or b"", np.float32) for index in usable])
    values = np.array([rows[index][0].value for index in usable])
    for index, (best, worst) in zip(usable, scoring.rank_ranges(values, spreads, direction), strict=True):
        found[index] = (int(best), int(worst))
    return found
