"""The rows of a board as the macro draws them: rails on one axis, zones and cut lines, teams without a score."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from challenges.definition import Definition
from leaderboard.core.i18n import N_, translate
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings import boards
from leaderboard.rankings.boards import Asked, Line
from leaderboard.rankings.models import Standing
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import Submission
from leaderboard.ui import board as ui
from leaderboard.ui import charts

UNSCORED_SHOWN: Final = 50
MEDALS: Final[dict[str, ui.Zone]] = {"gold": "gold", "silver": "silver", "bronze": "bronze"}


def drawn(
    definition: Definition,
    columns: tuple[ui.Column, ...],
    lines: Sequence[Line],
    asked: Asked,
    mine: Entry | None,
    locale: str,
) -> ui.Board | None:
    """The table of one page; None without rows. ``mine`` is the reader's own entry."""
    if not lines:
        return None
    direction = columns[0].direction
    axis = charts.axis([v for line in lines for v in (line.value, line.low, line.high)], direction=direction)
    lined = asked.sort.key == "place" and not asked.sort.descending and not asked.search
    rows: list[ui.Row | ui.Divider] = []
    waiting = list(definition.board.lines) if lined else []
    for index, line in enumerate(lines):
        rows.append(_row(line, columns, axis, mine, definition, linkable=asked.as_of is None, locale=locale))
        upcoming = next((other for other in lines[index + 1 :] if other.place is not None), None)
        while waiting and _ends_at(waiting[0].upto, line, upcoming):
            cut = waiting.pop(0)
            rows.append(_divider(cut.title.zh if locale == "zh" else cut.title.en, cut.key, cut.upto, lines, locale))
    return ui.Board(
        columns=columns,
        axis=axis,
        rows=tuple(rows),
        sort=asked.sort,
        sortable=frozenset() if asked.as_of else frozenset({"team", "entries", "latest", *(c.key for c in columns)}),
        move_days=boards.MOVE_DAYS,
    )


def _ends_at(upto: int, line: Line, upcoming: Line | None) -> bool:
    """Whether the line after place ``upto`` is drawn below this row: there must be somebody on its other side."""
    return line.place is not None and upcoming is not None and line.place <= upto < (upcoming.place or 0)


def _row(
    line: Line,
    columns: tuple[ui.Column, ...],
    axis: charts.Axis,
    mine: Entry | None,
    definition: Definition,
    *,
    linkable: bool,
    locale: str,
) -> ui.Row:
    zone, prize = _zone(definition, line.place, locale)
    return ui.Row(
        team=line.team,
        path=f"/teams/{line.team_id}",
        scores=(line.value, *(line.scores.get(column.key) for column in columns[1:])),
        place=line.place,
        shared=line.shared,
        best=line.best_place,
        worst=line.worst_place,
        rail=charts.rail(axis, line.value, line.low, line.high),
        low=line.low,
        high=line.high,
        move=line.move,
        new=line.new,
        entries=line.submissions,
        latest=line.latest_at,
        mine=linkable and mine is not None and mine.id == line.entry_id,
        baseline=line.baseline,
        zone=zone,
        prize=prize,
    )


def _zone(definition: Definition, place: int | None, locale: str) -> tuple[ui.Zone, str]:
    for line in definition.board.lines:
        if place is not None and place <= line.upto:
            return MEDALS.get(line.key, "advance"), line.title.zh if locale == "zh" else line.title.en
    return "", ""


def _divider(title: str, key: str, upto: int, lines: Sequence[Line], locale: str) -> ui.Divider:
    crossing = sum(
        1
        for line in lines
        if line.best_place is not None and line.worst_place is not None and line.best_place <= upto < line.worst_place
    )
    known = any(line.best_place is not None for line in lines)
    if not known:
        text = ""
    elif crossing:
        text = translate(
            locale,
            N_("The rank ranges of {count} teams lie on both sides of this line: who stands above is not settled."),
            count=crossing,
        )
    else:
        text = translate(locale, N_("No rank range crosses this line: it is settled."))
    return ui.Divider(title=title, text=text, zone=MEDALS.get(key, "advance"))


def with_unscored(
    session: Session, table: ui.Board, challenge: Challenge, phase: Phase, total: int, columns: int, locale: str
) -> ui.Board:
    """Teams without a valid score close the list, on its last page, with the reason."""
    if total > boards.PAGE_ROWS:
        return table
    placed = select(col(Standing.entry_id)).where(col(Standing.phase_id) == phase.id)
    rows = session.execute(
        select(col(Entry.id), col(Team.id), col(Team.name))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Entry.challenge_id) == challenge.id, col(Entry.state) == "approved", col(Entry.id).not_in(placed))
        .order_by(col(Entry.id))
        .limit(UNSCORED_SHOWN)
    ).all()
    tried: dict[int, int] = dict(
        session.execute(
            select(col(Submission.entry_id), func.count())
            .where(col(Submission.phase_id) == phase.id, col(Submission.entry_id).in_([row[0] for row in rows]))
            .group_by(col(Submission.entry_id))
        ).all()
    )
    more = tuple(
        ui.Row(
            team=name,
            path=f"/teams/{team_id}",
            scores=(None,) * columns,
            entries=tried.get(entry_id, 0),
            note=translate(locale, N_("no valid score yet; {count} handed in"), count=tried[entry_id])
            if entry_id in tried
            else translate(locale, N_("nothing handed in yet")),
        )
        for entry_id, team_id, name in rows
    )
    return replace(table, rows=(*table.rows, *more))
