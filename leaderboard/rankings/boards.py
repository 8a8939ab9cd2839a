"""A board as numbers and names, once for HTML, JSON and CSV: the maintained one, or as of a moment."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select
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


@dataclass(slots=True)
class Line:
    """One team (or baseline) on a board. Scores are by column key; ``shared``: others have the same place.

    Filled in while the page is made, and not changed after.
    """

    entry_id: int
    team_id: int
    team: str
    baseline: bool
    submission_id: int
    value: float
    low: float
    high: float
    weakness: float
    tiebreak: str
    best_place: int | None
    worst_place: int | None
    submissions: int | None
    at: datetime
    latest_at: datetime | None
    place: int | None = None
    shared: bool = False
    scores: dict[str, float] = field(default_factory=dict)
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
    _add_scores(session, lines)
    if asked.as_of is None:
        _add_moves(session, phase_id, lines, total, now)
    return lines, total


def line_of(session: Session, phase_id: int, entry_id: int) -> Line | None:
    """One entry's row."""
    row = session.connection().execute(_ONE, {"phase": phase_id, "entry": entry_id}).first()
    if row is None:
        return None
    line = _placed(session, phase_id, Line(*row))
    _add_scores(session, [line])
    return line


# The maintained board


# Statements that every page asks are built once, which costs more than running them. In the order of the first fields of
# Line, as plain columns: objects of the ORM would cost more than the query.
_ROWS: Final[Select[Any]] = (
    select(  # type: ignore[call-overload]
        Standing.entry_id,
        Entry.team_id,
        Team.name,
        Standing.baseline,
        Standing.submission_id,
        Standing.value,
        Standing.low,
        Standing.high,
        Standing.weakness,
        Standing.tiebreak,
        Standing.best_place,
        Standing.worst_place,
        Standing.submissions,
        Standing.at,
        Standing.latest_at,
    )
    .join(Entry, Entry.id == Standing.entry_id)
    .join(Team, Team.id == Entry.team_id)
    .where(col(Standing.phase_id) == bindparam("phase"))
)
_BASELINES: Final = _ROWS.where(col(Standing.baseline).is_(True))
_TEAMS: Final = (
    _ROWS.where(col(Standing.baseline).is_(False), col(Standing.weakness) >= bindparam("from"))
    .order_by(col(Standing.weakness), col(Standing.tiebreak), col(Standing.entry_id))
    .offset(bindparam("skip"))
    .limit(PAGE_ROWS + 1)  # one more, to know whether the last one shares its place
)
_ONE: Final = _ROWS.where(col(Standing.entry_id) == bindparam("entry"))
_NUMBERS: Final = select(PublicScore.submission_id, PublicScore.key, PublicScore.value).where(  # type: ignore[call-overload]
    col(PublicScore.submission_id).in_(bindparam("ids", expanding=True)), col(PublicScore.task) == ""
)


def _in_order(session: Session, phase_id: int, page: int) -> tuple[list[Line], int]:
    total = placed(session, phase_id)
    offset = (page - 1) * PAGE_ROWS
    least, skip = float("-inf"), 0
    if offset:
        start = row_at(session, phase_id, offset) if offset < total else None
        if start is None:
            return _with_baselines(session, phase_id, [], page, total), total
        least, skip = start
    rows = session.connection().execute(_TEAMS, {"phase": phase_id, "from": least, "skip": skip})
    lines = [Line(*row) for row in rows]
    first = place_at(session, phase_id, lines[0].weakness, lines[0].tiebreak) if lines and offset else 1
    _number(lines, offset, first)
    return _with_baselines(session, phase_id, lines[:PAGE_ROWS], page, total), total


def _number(lines: Sequence[Line], offset: int, first_place: int) -> None:
    """Places 1-2-2-4 down a run of rows that starts after ``offset`` others."""
    before: Line | None = None
    for index, line in enumerate(lines):
        if before is not None and _key(line) == _key(before):
            line.place, line.shared, before.shared = before.place, True, True
        else:
            line.place = offset + index + 1 if index else first_place
            line.shared = index == 0 and first_place <= offset
        before = line


def _key(line: Line) -> tuple[float, str]:
    return line.weakness, line.tiebreak


def _placed(session: Session, phase_id: int, line: Line) -> Line:
    if not line.baseline:
        line.place = place_at(session, phase_id, line.weakness, line.tiebreak)
    return line


def _with_baselines(session: Session, phase_id: int, lines: list[Line], page: int, teams: int) -> list[Line]:
    rows = session.connection().execute(_BASELINES, {"phase": phase_id})
    baselines = [
        line
        for line in (Line(*row) for row in rows)
        if _page_of(place_at(session, phase_id, line.weakness, line.tiebreak) - 1, teams) == page
    ]
    if not baselines:
        return lines
    return sorted([*lines, *baselines], key=lambda line: (*_key(line), line.baseline, line.entry_id))


def _listed(session: Session, phase_id: int, asked: Asked) -> tuple[list[Line], int]:
    """Found by name, or sorted by another column: every row keeps its true place."""
    query, of_phase = _ROWS, {"phase": phase_id}
    if asked.search:
        pattern = asked.search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(col(Team.name_key).like(f"%{pattern}%", escape="\\"))
    total = session.execute(select(func.count()).select_from(query.subquery()), of_phase).scalar_one()
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
        .limit(PAGE_ROWS),
        of_phase,
    ).all()
    return [_placed(session, phase_id, Line(*row)) for row in rows], total


SORTS: Final = {
    COMBINED: col(Standing.value),  # no score of its own where ranks are combined
    "place": col(Standing.weakness),
    "team": col(Team.name_key),
    "entries": col(Standing.submissions),
    "latest": col(Standing.latest_at),
}


def _add_scores(session: Session, lines: Sequence[Line]) -> None:
    by_submission = {line.submission_id: line for line in lines}
    rows = session.connection().execute(_NUMBERS, {"ids": list(by_submission)})
    for submission_id, key, value in rows:
        by_submission[submission_id].scores[key] = value


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
    assert change.submission_id is not None and change.weakness is not None  # noqa: PT018 - who left is not in the past
    assert change.value is not None and change.low is not None and change.high is not None  # noqa: PT018
    return Line(
        entry_id=change.entry_id,
        team_id=team_id,
        team=team,
        baseline=change.baseline,
        submission_id=change.submission_id,
        value=change.value,
        low=change.low,
        high=change.high,
        weakness=change.weakness,
        tiebreak=change.tiebreak,
        best_place=None,
        worst_place=None,
        submissions=None,
        at=change.at,
        latest_at=change.at,
        place=place,
        shared=place is not None and shared,
    )


def _names(session: Session, entry_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    rows = session.execute(
        select(Entry.id, Team.id, Team.name)  # type: ignore[call-overload]
        .join(Team, Team.id == Entry.team_id)
        .where(col(Entry.id).in_(list(entry_ids)))
    )
    return {entry_id: (team_id, name) for entry_id, team_id, name in rows}


def _add_moves(session: Session, phase_id: int, lines: Sequence[Line], total: int, now: datetime) -> None:
    if not lines or total > MOVES_UP_TO:
        return
    before = {change.entry_id: place for change, place in past(session, phase_id, now - timedelta(days=MOVE_DAYS))}
    for line in lines if before else ():
        then = before.get(line.entry_id)
        if line.place is not None and then is not None:
            line.move = then - line.place
        elif line.place is not None:
            line.new = True
