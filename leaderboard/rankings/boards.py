"""A board as numbers and names, once for HTML, JSON and CSV: the maintained one, or as of a moment."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from challenges.report import COMBINED
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings.models import Standing, StandingChange
from leaderboard.rankings.service import place_at, placed, row_at
from leaderboard.submissions.models import PublicScore
from leaderboard.ui.paging import Sort

PAGE_ROWS: Final = 100
MOVE_DAYS: Final = 7
MOVES_UP_TO: Final = 5_000
"""Above so many teams the board shows no moves: they need every team's place of a week ago."""


@dataclass(frozen=True, slots=True)
class Line:
    """One team (or baseline) on a board. Scores are by column key; ``shared``: others have the same place."""

    entry_id: int
    team_id: int
    team: str
    baseline: bool
    place: int | None
    shared: bool
    best_place: int | None
    worst_place: int | None
    submission_id: int
    value: float
    low: float
    high: float
    weakness: float
    tiebreak: str
    submissions: int | None
    at: datetime
    latest_at: datetime | None
    scores: dict[str, float]
    move: int | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; ``page`` counts from 1; ``as_of`` None: now."""

    page: int = 1
    sort: Sort = Sort("place")  # noqa: RUF009 - frozen
    search: str = ""
    as_of: datetime | None = None


def board_lines(session: Session, phase_id: int, asked: Asked, *, now: datetime) -> tuple[list[Line], int]:
    """The rows of one page of a board with the baselines that belong between them, and how many teams match."""
    if asked.as_of is not None:
        lines, total = _page_of_past(session, phase_id, asked)
    elif asked.search or asked.sort != Sort("place"):
        lines, total = _listed(session, phase_id, asked)
    else:
        lines, total = _in_order(session, phase_id, asked.page)
    lines = _with_scores(session, lines)
    return (lines if asked.as_of else _with_moves(session, phase_id, lines, total, now)), total


def line_of(session: Session, phase_id: int, entry_id: int) -> Line | None:
    """One entry's row."""
    row = session.execute(_rows(phase_id).where(col(Standing.entry_id) == entry_id)).first()
    return _with_scores(session, [_line(session, *row)])[0] if row else None


# The maintained board


def _rows(phase_id: int) -> Select[Any]:
    rows: Select[Any] = (
        select(Standing, Entry.team_id, Team.name)  # type: ignore[call-overload]
        .join(Entry, Entry.id == Standing.entry_id)
        .join(Team, Team.id == Entry.team_id)
        .where(Standing.phase_id == phase_id)
    )
    return rows


def _in_order(session: Session, phase_id: int, page: int) -> tuple[list[Line], int]:
    total = placed(session, phase_id)
    offset = (page - 1) * PAGE_ROWS
    start = row_at(session, phase_id, offset)
    lines: list[Line] = []
    if start is not None:
        weakness, skip = start
        rows = session.execute(
            _rows(phase_id)
            .where(col(Standing.baseline).is_(False), col(Standing.weakness) >= weakness)
            .order_by(col(Standing.weakness), col(Standing.tiebreak), col(Standing.entry_id))
            .offset(skip)
            .limit(PAGE_ROWS + 1)  # one more, to know whether the last one shares its place
        ).all()
        lines = _numbered([_line(None, *row) for row in rows], offset, _first_place(session, phase_id, rows))
    return _with_baselines(session, phase_id, lines[:PAGE_ROWS], page, total), total


def _first_place(session: Session, phase_id: int, rows: Sequence[Any]) -> int:
    if not rows:
        return 0
    standing: Standing = rows[0][0]
    return place_at(session, phase_id, standing.weakness, standing.tiebreak)


def _numbered(lines: list[Line], offset: int, first_place: int) -> list[Line]:
    """Places 1-2-2-4 down a run of rows that starts after ``offset`` others."""
    numbered: list[Line] = []
    for index, line in enumerate(lines):
        tied = index > 0 and _key(line) == _key(lines[index - 1])
        place = numbered[-1].place if tied else offset + index + 1 if index else first_place
        followed = index + 1 < len(lines) and _key(line) == _key(lines[index + 1])
        shared = tied or followed or (index == 0 and first_place <= offset)
        numbered.append(replace(line, place=place, shared=shared))
    return numbered


def _key(line: Line) -> tuple[float, str]:
    return line.weakness, line.tiebreak


def _with_baselines(session: Session, phase_id: int, lines: list[Line], page: int, teams: int) -> list[Line]:
    rows = session.execute(_rows(phase_id).where(col(Standing.baseline).is_(True))).all()
    baselines = [
        line
        for line in (_line(None, *row) for row in rows)
        if _page_of(place_at(session, phase_id, line.weakness, line.tiebreak) - 1, teams) == page
    ]
    return sorted([*lines, *baselines], key=lambda line: (*_key(line), line.baseline, line.entry_id))


def _listed(session: Session, phase_id: int, asked: Asked) -> tuple[list[Line], int]:
    """Found by name, or sorted by another column: every row keeps its true place."""
    query = _rows(phase_id)
    if asked.search:
        pattern = asked.search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(col(Team.name_key).like(f"%{pattern}%", escape="\\"))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    key = asked.sort.key
    if key not in SORTS:
        query = query.outerjoin(
            PublicScore,
            (col(PublicScore.submission_id) == col(Standing.submission_id))
            & (col(PublicScore.key) == key)
            & (col(PublicScore.task) == ""),
        )
    by: Mapped[Any] = SORTS.get(key, col(PublicScore.value))
    rows = session.execute(
        query.order_by(
            (by.desc() if asked.sort.descending else by.asc()).nulls_last(),
            col(Standing.weakness),
            col(Standing.entry_id),
        )
        .offset((asked.page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS)
    ).all()
    return [_line(session, *row) for row in rows], total


SORTS: Final = {
    COMBINED: col(Standing.value),  # no score of its own where ranks are combined
    "place": col(Standing.weakness),
    "team": col(Team.name_key),
    "entries": col(Standing.submissions),
    "latest": col(Standing.latest_at),
}


def _line(session: Session | None, standing: Standing, team_id: int, team: str) -> Line:
    """With a session: placed by the maintained counts; without: the caller numbers the rows."""
    place = None
    if session is not None and not standing.baseline:
        place = place_at(session, standing.phase_id, standing.weakness, standing.tiebreak)
    return Line(
        entry_id=standing.entry_id,
        team_id=team_id,
        team=team,
        baseline=standing.baseline,
        place=place,
        shared=False,
        best_place=standing.best_place,
        worst_place=standing.worst_place,
        submission_id=standing.submission_id,
        value=standing.value,
        low=standing.low,
        high=standing.high,
        weakness=standing.weakness,
        tiebreak=standing.tiebreak,
        submissions=standing.submissions,
        at=standing.at,
        latest_at=standing.latest_at,
        scores={},
    )


def _with_scores(session: Session, lines: list[Line]) -> list[Line]:
    ids = [line.submission_id for line in lines]
    scores: dict[int, dict[str, float]] = {}
    rows = session.execute(
        select(PublicScore.submission_id, PublicScore.key, PublicScore.value).where(  # type: ignore[call-overload]
            col(PublicScore.submission_id).in_(ids), PublicScore.task == ""
        )
    )
    for id, key, value in rows:
        scores.setdefault(id, {})[key] = value
    return [replace(line, scores=scores.get(line.submission_id, {})) for line in lines]


# As of a moment


def past(session: Session, phase_id: int, moment: datetime) -> list[tuple[StandingChange, int | None]]:
    """Every standing as it was at ``moment``, best first, with its place (None for baselines)."""
    latest = (
        select(func.max(StandingChange.id))
        .where(col(StandingChange.phase_id) == phase_id, col(StandingChange.at) <= moment)
        .group_by(col(StandingChange.entry_id))
    )
    rows = session.execute(
        select(StandingChange)
        .where(col(StandingChange.id).in_(latest), col(StandingChange.submission_id).is_not(None))
        .order_by(col(StandingChange.weakness), col(StandingChange.tiebreak), col(StandingChange.entry_id))
    ).scalars()
    placed_rows: list[tuple[StandingChange, int | None]] = []
    above = 0
    before: tuple[object, object, int] | None = None
    for change in rows:
        if change.baseline:
            placed_rows.append((change, None))
            continue
        tied = before is not None and before[:2] == (change.weakness, change.tiebreak)
        place = before[2] if tied and before is not None else above + 1
        placed_rows.append((change, place))
        before = (change.weakness, change.tiebreak, place)
        above += 1
    return placed_rows


def _page_of_past(session: Session, phase_id: int, asked: Asked) -> tuple[list[Line], int]:
    assert asked.as_of is not None
    rows = past(session, phase_id, asked.as_of)
    places = Counter(place for _, place in rows)
    total = len(rows) - places[None]
    shown = _cut(rows, asked.page)
    names = _names(session, [change.entry_id for change, _ in shown])
    return [_past_line(change, place, places[place] > 1, *names[change.entry_id]) for change, place in shown], total


def _cut(rows: Sequence[tuple[StandingChange, int | None]], page: int) -> list[tuple[StandingChange, int | None]]:
    better = list(accumulate((place is not None for _, place in rows), initial=0))
    return [row for row, above in zip(rows, better, strict=False) if _page_of(above, better[-1]) == page]


def _page_of(better: int, teams: int) -> int:
    """The page of a row that has so many better teams; baselines after the last team close the last page."""
    return min(better // PAGE_ROWS, max(0, teams - 1) // PAGE_ROWS) + 1


def _past_line(change: StandingChange, place: int | None, shared: bool, team_id: int, team: str) -> Line:
    return Line(
        entry_id=change.entry_id,
        team_id=team_id,
        team=team,
        baseline=change.baseline,
        place=place,
        shared=place is not None and shared,
        best_place=None,
        worst_place=None,
        submission_id=change.submission_id or 0,
        value=change.value or 0.0,
        low=change.low or 0.0,
        high=change.high or 0.0,
        weakness=change.weakness or 0.0,
        tiebreak=change.tiebreak,
        submissions=None,
        at=change.at,
        latest_at=change.at,
        scores={},
    )


def _names(session: Session, entry_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    rows = session.execute(
        select(Entry.id, Team.id, Team.name)  # type: ignore[call-overload]
        .join(Team, Team.id == Entry.team_id)
        .where(col(Entry.id).in_(list(entry_ids)))
    )
    return {entry_id: (team_id, name) for entry_id, team_id, name in rows}


def _with_moves(session: Session, phase_id: int, lines: list[Line], total: int, now: datetime) -> list[Line]:
    if not lines or total > MOVES_UP_TO:
        return lines
    before = {change.entry_id: place for change, place in past(session, phase_id, now - timedelta(days=MOVE_DAYS))}
    if not before:
        return lines
    return [
        line
        if line.place is None
        else replace(line, new=True)
        if before.get(line.entry_id) is None
        else replace(line, move=(before[line.entry_id] or 0) - line.place)
        for line in lines
    ]
