"""What the ranking pages show, as frozen objects; numbers and names come from ``boards`` and ``final``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlmodel import Session, col

from challenges.board_columns import BoardColumn, board_columns
from challenges.definition import Definition
from challenges.report import COMBINED
from leaderboard.accounts.access import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.entries import service as entries
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings import boards, final
from leaderboard.rankings.boards import SORTS, Asked, Line
from leaderboard.rankings.by_rank import TITLES, combination_of
from leaderboard.rankings.models import StandingChange
from leaderboard.rankings.over_time import chart
from leaderboard.rankings.service import board_topic, order_of
from leaderboard.rankings.table import drawn, with_unscored
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.ui import board as ui
from leaderboard.ui import charts
from leaderboard.ui.paging import Pager, Sort

HISTORY_ROWS: Final = 2_000


@dataclass(frozen=True)
class PhaseTab:
    key: str
    title: str
    current: bool


@dataclass(frozen=True)
class BoardPage:
    """A challenge's board in one phase. ``table`` None: nothing to show yet; ``mine``: place of the viewer's team."""

    header: seasons_pages.ChallengeHeader
    slug: str
    title: str
    phase: Phase | None
    phases: tuple[PhaseTab, ...]
    columns: tuple[ui.Column, ...]
    table: ui.Board | None
    lines: tuple[Line, ...]
    teams: int
    entered: int
    asked: Asked
    pager: Pager
    chart: charts.StepChart | None
    chart_names: tuple[str, ...]
    leader_gap: float | None
    as_of_links: tuple[datetime, ...]
    finalised: bool
    topic: str
    ties: tuple[str, ...]


@dataclass(frozen=True)
class HistoryRow:
    """One change of a team's best: the table behind the chart."""

    team: str
    at: datetime
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class HistoryPage:
    header: seasons_pages.ChallengeHeader
    slug: str
    title: str
    phase: Phase
    digits: int
    rows: tuple[HistoryRow, ...]


@dataclass(frozen=True)
class ResultsPage:
    """The final standing: ``preview`` for the organizer before, published after."""

    header: seasons_pages.ChallengeHeader
    slug: str
    title: str
    phase: Phase | None
    phases: tuple[PhaseTab, ...]
    column: ui.Column
    axis: charts.Axis | None
    rails: tuple[charts.Rail, ...]
    lines: tuple[final.FinalLine, ...]
    mine: int | None
    finalised_at: datetime | None
    preview: bool
    pending: int


def columns_of(definition: Definition, locale: str) -> tuple[ui.Column, ...]:
    """The columns of a board, the ranking one first, titled in the reader's language."""
    if definition.tasks:
        order, by_rank = order_of(definition), combination_of(definition)
        title = translate(locale, TITLES[by_rank.how] if by_rank else N_("Combined score"))
        return (ui.Column(COMBINED, title, order.ranking.digits or 0, order.ranking.direction),)
    return tuple(
        ui.Column(column.key, _title(column, locale), column.digits, column.direction)
        for column in board_columns(definition)
    )


def _title(column: BoardColumn, locale: str) -> str:
    if column.title is not None:
        return column.title.zh if locale == "zh" else column.title.en
    return translate(locale, column.name)


def board(work: Work, actor: Actor, slug: str, phase_key: str | None, asked: Asked, locale: str) -> BoardPage:
    """The board. Raises NotFound for unknown challenges and phases."""
    challenge, phase, tabs = place_of_address(work, actor, slug, phase_key, locale)
    definition = seasons.definition(work, challenge)
    columns = columns_of(definition, locale)
    Sort.parse(
        str(asked.sort), {*SORTS.keys() - {COMBINED}, *(column.key for column in columns)}, asked.sort
    )  # refuses others
    header = seasons_pages.header(work, actor, challenge, "board")
    if phase is None:
        return _no_board(header, challenge, tabs, columns, asked, locale)
    assert phase.id is not None
    lines, total = boards.board_lines(work.session, phase.id, asked, now=work.now)
    if not lines and asked.page > 1:
        raise NotFound("rankings.no_page", N_("This board has no page {page}."), page=asked.page)
    mine = _mine(work, actor, challenge)
    table = drawn(definition, columns, lines, asked, mine, locale)
    if table is not None and asked == Asked():
        table = with_unscored(work.session, table, challenge, phase, total, len(columns), locale)
    lines_over_time, names = chart(work, phase, columns[0].key, mine, columns[0].direction)
    placed = [line for line in lines if line.place is not None]
    return BoardPage(
        header=header,
        slug=slug,
        title=_challenge_title(challenge, locale),
        phase=phase,
        phases=tabs,
        columns=columns,
        table=table,
        lines=tuple(lines),
        teams=total,
        entered=_entered(work.session, challenge),
        asked=asked,
        pager=_pager(asked, total, phase_key),
        chart=lines_over_time,
        chart_names=names,
        leader_gap=abs(placed[0].value - placed[1].value) if len(placed) > 1 and asked == Asked() else None,
        as_of_links=_moments(phase, work.now),
        finalised=challenge.finalised_at is not None,
        topic=board_topic(phase.id),
        ties=definition.board.ties,
    )


def _no_board(
    header: seasons_pages.ChallengeHeader,
    challenge: Challenge,
    tabs: tuple[PhaseTab, ...],
    columns: tuple[ui.Column, ...],
    asked: Asked,
    locale: str,
) -> BoardPage:
    return BoardPage(
        header=header,
        slug=challenge.slug,
        title=_challenge_title(challenge, locale),
        phase=None,
        phases=tabs,
        columns=columns,
        table=None,
        lines=(),
        teams=0,
        entered=0,
        asked=asked,
        pager=Pager(),
        chart=None,
        chart_names=(),
        leader_gap=None,
        as_of_links=(),
        finalised=False,
        topic="",
        ties=(),
    )


def place_of_address(
    work: Work, actor: Actor, slug: str, phase_key: str | None, locale: str
) -> tuple[Challenge, Phase | None, tuple[PhaseTab, ...]]:
    """The challenge, the phase that the address names (else the latest begun), and links to the others."""
    challenge = seasons.challenge_by_slug(work, actor, slug)
    assert challenge.id is not None
    known = seasons.phases(work, challenge.id)
    if phase_key is None:
        started = [phase for phase in known if phase.opens_at <= work.now]
        chosen = started[-1] if started else known[0] if known else None
    else:
        chosen = next((phase for phase in known if phase.key == phase_key), None)
        if chosen is None:
            raise NotFound("rankings.no_phase", N_("This challenge has no phase “{phase}”."), phase=phase_key)
    tabs = tuple(PhaseTab(phase.key, _phase_title(phase, locale), phase is chosen) for phase in known)
    return challenge, chosen, tabs


def _phase_title(phase: Phase, locale: str) -> str:
    return (phase.title_zh if locale == "zh" else phase.title_en) or phase.key


def _challenge_title(challenge: Challenge, locale: str) -> str:
    return challenge.title_zh if locale == "zh" else challenge.title_en


def _mine(work: Work, actor: Actor, challenge: Challenge) -> Entry | None:
    if actor.person_id is None or challenge.id is None:
        return None
    return entries.entry_of(work, actor.person_id, challenge.id)


def _entered(session: Session, challenge: Challenge) -> int:
    count = select(func.count()).where(
        col(Entry.challenge_id) == challenge.id, col(Entry.state) == "approved", col(Entry.baseline).is_(False)
    )
    return int(session.execute(count).scalar_one())


def _pager(asked: Asked, total: int, phase_key: str | None) -> Pager:
    """The neighbours of a page; their links keep everything else that the address asks for."""
    if total <= boards.PAGE_ROWS:
        return Pager()
    kept = {
        "phase": phase_key or "",
        "sort": str(asked.sort) if asked.sort != Sort("place") else "",
        "q": asked.search,
        "as_of": asked.as_of.isoformat() if asked.as_of else "",
    }

    def link(page: int) -> str:
        return "?" + urlencode({"page": page} | {name: value for name, value in kept.items() if value})

    first = (asked.page - 1) * boards.PAGE_ROWS + 1
    last = min(asked.page * boards.PAGE_ROWS, total)
    return Pager(
        previous=link(asked.page - 1) if asked.page > 1 else None,
        next=link(asked.page + 1) if last < total else None,
        first=first,
        last=last,
        total=total,
    )


def _moments(phase: Phase, now: datetime) -> tuple[datetime, ...]:
    """Yesterday and a week ago, where the board has been there so long."""
    return tuple(moment for moment in (now - timedelta(days=1), now - timedelta(days=7)) if moment > phase.opens_at)


def topic_of(work: Work, actor: Actor, slug: str, phase_key: str | None, locale: str) -> str:
    """What open pages of this board wait for. Raises NotFound while there is no phase."""
    _, phase, _ = place_of_address(work, actor, slug, phase_key, locale)
    if phase is None or phase.id is None:
        raise NotFound("rankings.no_board", N_("This challenge has no phase yet, hence no board."))
    return board_topic(phase.id)


def history(work: Work, actor: Actor, slug: str, phase_key: str | None, locale: str) -> HistoryPage:
    """The numbers behind the chart: every change of every team's best, newest first."""
    challenge, phase, _ = place_of_address(work, actor, slug, phase_key, locale)
    if phase is None or phase.id is None:
        raise NotFound("rankings.no_board", N_("This challenge has no phase yet, hence no board."))
    definition = seasons.definition(work, challenge)
    rows = work.session.execute(
        select(StandingChange, Team.name)  # type: ignore[call-overload]
        .join(Entry, col(Entry.id) == col(StandingChange.entry_id))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(StandingChange.phase_id) == phase.id)
        .order_by(col(StandingChange.id).desc())
        .limit(HISTORY_ROWS)
    ).all()
    return HistoryPage(
        header=seasons_pages.header(work, actor, challenge, "board"),
        slug=slug,
        title=_challenge_title(challenge, locale),
        phase=phase,
        digits=columns_of(definition, locale)[0].digits,
        rows=tuple(HistoryRow(name, row.at, row.value, row.low, row.high) for row, name in rows),
    )


def results(work: Work, actor: Actor, slug: str, phase_key: str | None, locale: str, *, preview: bool) -> ResultsPage:
    """The final standing, published or (for the organizer) as it would be."""
    challenge, phase, tabs = place_of_address(work, actor, slug, phase_key, locale)
    assert challenge.id is not None
    if preview:
        actor.demand("board.read_private", organization_id=challenge.organization_id)
    lines: list[final.FinalLine] = []
    if phase is not None and phase.id is not None:
        lines = final.preview(work, actor, challenge, phase) if preview else final.published(work, phase.id)
    column = columns_of(seasons.definition(work, challenge), locale)[0]
    axis = (
        charts.axis([v for line in lines for v in (line.value, line.low, line.high)], direction=column.direction)
        if lines
        else None
    )
    mine = _mine(work, actor, challenge)
    return ResultsPage(
        header=seasons_pages.header(work, actor, challenge, "results"),
        slug=slug,
        title=_challenge_title(challenge, locale),
        phase=phase,
        phases=tabs,
        column=column,
        axis=axis,
        rails=tuple(charts.rail(axis, line.value, line.low, line.high) for line in lines) if axis else (),
        lines=tuple(lines),
        mine=mine.id if mine else None,
        finalised_at=challenge.finalised_at,
        preview=preview,
        pending=final.pending(work, challenge.id) if preview else 0,
    )
