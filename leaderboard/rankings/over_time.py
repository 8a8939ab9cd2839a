"""Scores over time: what the chart draws and the table behind it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from leaderboard.core.work import Work
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings.models import Standing, StandingChange
from leaderboard.seasons.models import Phase
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import State
from leaderboard.ui import charts

CHART_TEAMS: Final = 5
CHART_DOTS: Final = 400


def chart(
    work: Work, phase: Phase, key: str, mine: Entry | None, direction: Literal["max", "min"]
) -> tuple[charts.StepChart | None, tuple[str, ...]]:
    """Best-so-far lines of the leading teams and the reader's own, over all scored submissions; and whose lines they are.

    ``key`` names the ranking score. (None, ()) while nothing has been scored.
    """
    assert phase.id is not None
    shown = _leading(work.session, phase.id)
    if mine is not None and mine.id is not None and mine.id not in shown:
        shown.append(mine.id)
    changes = _changes(work.session, phase.id, shown)
    series = [
        charts.Series(
            name, [(row.at, row.value) for row in rows if row.value is not None], mine=bool(mine and mine.id == id)
        )
        for id, (name, rows) in changes.items()
    ]
    if not any(one.points for one in series):
        return None, ()
    drawn = charts.step_chart(
        series,
        start=min(at for one in series for at, _ in one.points),
        end=min(work.now, max(phase.closes_at, phase.opens_at)),
        zone=ZoneInfo(work.settings.zone),
        direction=direction,
        dots=_dots(work.session, phase.id, key),
    )
    return drawn, tuple(one.label for one in series if one.points)


def _leading(session: Session, phase_id: int) -> list[int]:
    rows = session.execute(
        select(col(Standing.entry_id))
        .where(col(Standing.phase_id) == phase_id, col(Standing.baseline).is_(False))
        .order_by(col(Standing.weakness), col(Standing.tiebreak), col(Standing.entry_id))
        .limit(CHART_TEAMS)
    )
    return list(rows.scalars())


def _changes(session: Session, phase_id: int, entry_ids: Sequence[int]) -> dict[int, tuple[str, list[StandingChange]]]:
    named = (
        select(col(Entry.id), col(Team.name))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Entry.id).in_(entry_ids))
    )
    names: dict[int, str] = {id: name for id, name in session.execute(named)}  # noqa: C416 - rows, not tuples
    found: dict[int, tuple[str, list[StandingChange]]] = {id: (names[id], []) for id in entry_ids if id in names}
    rows = session.execute(
        select(StandingChange)
        .where(col(StandingChange.phase_id) == phase_id, col(StandingChange.entry_id).in_(entry_ids))
        .order_by(col(StandingChange.id))
    ).scalars()
    for row in rows:
        found[row.entry_id][1].append(row)
    return found


def _dots(session: Session, phase_id: int, key: str) -> list[tuple[datetime, float]]:
    rows = session.execute(
        select(Submission.started_at, PublicScore.value)  # type: ignore[call-overload]
        .join(PublicScore, col(PublicScore.submission_id) == col(Submission.id))
        .where(
            col(Submission.phase_id) == phase_id,
            col(Submission.state) == State.SCORED,
            col(PublicScore.key) == key,
            col(PublicScore.task) == "",
        )
        .order_by(col(Submission.id).desc())
        .limit(CHART_DOTS)
    )
    return [(at, value) for at, value in rows]
