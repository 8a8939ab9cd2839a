"""An embeddable picture of who leads, or of where one team stands."""

from typing import Final
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from sqlalchemy import select
from sqlmodel import col

from leaderboard.accounts.access import Actor
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry
from leaderboard.rankings import boards
from leaderboard.rankings.boards import Asked, Line
from leaderboard.rankings.pages import place_of_address
from leaderboard.rankings.service import board_topic, order_of, placed
from leaderboard.seasons import service as seasons
from scoring import rounded

LONGEST: Final = 28
HEIGHT: Final = 22
INK, GROUND, LABEL, SIDE = "#FFFFFF", "#0B5CAD", "#FFFFFF", "#3D444B"  # a picture of its own, outside the page's tokens


def badge(work: Work, actor: Actor, slug: str, team_id: int | None, locale: str) -> tuple[str, str]:
    """(SVG, topic it depends on or ""). Raises NotFound for unknown challenges; unknown teams show as not placed."""
    challenge, phase, _ = place_of_address(work, actor, slug, None, locale)
    title = challenge.title_zh if locale == "zh" else challenge.title_en
    if phase is None or phase.id is None:
        return _drawn(title, translate(locale, N_("not open yet"))), ""
    line = _leader(work, phase.id) if team_id is None else _team(work, phase.id, team_id)
    if line is None:
        return _drawn(title, translate(locale, N_("no score yet"))), board_topic(phase.id)
    digits = order_of(seasons.definition(work, challenge)).ranking.digits or 0
    score = f"{rounded(line.value, digits):.{digits}f}"
    if team_id is None:
        return _drawn(title, f"{_cut(line.team)} {score}"), board_topic(phase.id)
    place = translate(
        locale, N_("place {place} of {count}"), place=line.place or 0, count=placed(work.session, phase.id)
    )
    return _drawn(title, f"{place} · {score}"), board_topic(phase.id)


def _leader(work: Work, phase_id: int) -> Line | None:
    lines, _ = boards.board_lines(work.session, phase_id, Asked(), now=work.now)
    return next((line for line in lines if line.place is not None), None)


def _team(work: Work, phase_id: int, team_id: int) -> Line | None:
    entry_ids = work.session.execute(select(Entry.id).where(col(Entry.team_id) == team_id)).scalars()  # type: ignore[call-overload]
    lines = (boards.line_of(work.session, phase_id, entry_id) for entry_id in entry_ids)
    return next((line for line in lines if line is not None and line.place is not None), None)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _width(text: str) -> int:
    """Pixels that 12 px text takes, about: wide characters are square."""
    return sum(12 if east_asian_width(character) in "WF" else 7 for character in text) + 16


def _drawn(left: str, right: str) -> str:
    left = _cut(left)
    first, second = _width(left), _width(right)
    label = escape(f"{left}: {right}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{HEIGHT}" role="img"'
        f' aria-label="{label}"><title>{escape(left)}: {escape(right)}</title>'
        f'<rect width="{first}" height="{HEIGHT}" fill="{SIDE}"/>'
        f'<rect x="{first}" width="{second}" height="{HEIGHT}" fill="{GROUND}"/>'
        f'<g font-family="system-ui,Helvetica,Arial,sans-serif" font-size="12" text-anchor="middle">'
        f'<text x="{first / 2:g}" y="15" fill="{LABEL}">{escape(left)}</text>'
        f'<text x="{first + second / 2:g}" y="15" fill="{INK}">{escape(right)}</text></g></svg>'
    )
