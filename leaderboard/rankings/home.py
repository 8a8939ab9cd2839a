"""What the front page says of challenges, and the page that explains scoring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from leaderboard.accounts.access import Actor
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings.models import Standing
from leaderboard.rankings.pages import columns_of
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.seasons.states import is_open
from leaderboard.submissions.models import Submission
from leaderboard.submissions.states import State
from leaderboard.ui import charts
from scoring import METRICS

LATEST: Final = 6
MOST_OPEN: Final = 30

CRUMBS: Final = (
    N_("Challenges"),
    N_("Board"),
    N_("Scores over time"),
    N_("Results"),
    N_("Final standing"),
)


@dataclass(frozen=True)
class OpenChallenge:
    """A challenge whose window has not ended: on the common time axis, with who leads."""

    slug: str
    title: str
    summary: str
    sector: str
    state: str
    closes_at: datetime | None
    spans: tuple[charts.Span, ...]
    teams: int
    leader: str | None
    leader_score: float | None
    digits: int
    score_title: str


@dataclass(frozen=True)
class LatestScore:
    """A score that has just come in."""

    slug: str
    challenge: str
    team: str
    team_id: int
    value: float
    digits: int
    score_title: str
    at: datetime


@dataclass(frozen=True)
class Challenges:
    axis: charts.TimeAxis | None
    open: tuple[OpenChallenge, ...]
    latest: tuple[LatestScore, ...]
    teams: int
    submissions: int
    signed_in: bool


@dataclass(frozen=True)
class MetricRow:
    key: str
    title: str
    explanation: str
    direction: str
    low: float
    high: float
    interval: str
    source: str


@dataclass(frozen=True)
class ScoringPage:
    title: str
    metrics: tuple[MetricRow, ...]


def say(locale: str, message: str) -> str:
    """A crumb's words."""
    return translate(locale, message)


def challenges(work: Work, actor: Actor, locale: str) -> Challenges:
    """Open and coming challenges on one time axis, the latest scores, and how much is going on."""
    found = _running(work)
    windows = [phase for _, phases in found for phase in phases]
    axis = None
    if windows:
        axis = charts.time_axis(
            min(phase.opens_at for phase in windows),
            max(phase.closes_at for phase in windows),
            now=work.now,
            zone=ZoneInfo(work.settings.zone),
        )
    return Challenges(
        axis=axis,
        open=tuple(_open(work, challenge, phases, axis, locale) for challenge, phases in found) if axis else (),
        latest=_latest(work, locale),
        teams=_counted(work.session, select(func.count()).select_from(Team).where(col(Team.dissolved_at).is_(None))),
        submissions=_counted(work.session, select(func.count()).select_from(Submission)),
        signed_in=actor.person_id is not None,
    )


def _counted(session: Session, query: Select[int]) -> int:
    return int(session.execute(query).scalar_one())


def _running(work: Work) -> list[tuple[Challenge, list[Phase]]]:
    rows = work.session.execute(
        select(Challenge, func.min(Phase.closes_at))
        .join(Phase, col(Phase.challenge_id) == col(Challenge.id))
        .where(col(Challenge.state) == "posted", col(Phase.closes_at) > work.now)
        .group_by(col(Challenge.id))
        .order_by(func.min(Phase.closes_at), col(Challenge.id))
        .limit(MOST_OPEN)
    ).all()
    return [(challenge, seasons.phases(work, challenge.id)) for challenge, _ in rows]


def _open(work: Work, challenge: Challenge, phases: list[Phase], axis: charts.TimeAxis, locale: str) -> OpenChallenge:
    now = work.now
    current = next((phase for phase in phases if is_open(phase, now)), None)
    columns = columns_of(seasons.definition(work, challenge), locale)
    leader = _leader(work.session, current) if current else None
    return OpenChallenge(
        slug=challenge.slug,
        title=challenge.title_zh if locale == "zh" else challenge.title_en,
        summary=challenge.summary_zh if locale == "zh" else challenge.summary_en,
        sector=challenge.sector,
        state=str(seasons.status_of(work, challenge, now)),
        closes_at=current.closes_at if current else None,
        spans=tuple(charts.span(axis, phase.opens_at, phase.closes_at, now=now) for phase in phases),
        teams=_counted(
            work.session,
            select(func.count()).where(
                col(Entry.challenge_id) == challenge.id, col(Entry.state) == "approved", col(Entry.baseline).is_(False)
            ),
        ),
        leader=leader[0] if leader else None,
        leader_score=leader[1] if leader else None,
        digits=columns[0].digits,
        score_title=columns[0].title,
    )


def _leader(session: Session, phase: Phase) -> tuple[str, float] | None:
    row = session.execute(
        select(Team.name, Standing.value)  # type: ignore[call-overload]
        .join(Entry, col(Entry.team_id) == col(Team.id))
        .join(Standing, col(Standing.entry_id) == col(Entry.id))
        .where(col(Standing.phase_id) == phase.id, col(Standing.baseline).is_(False))
        .order_by(col(Standing.weakness), col(Standing.tiebreak), col(Standing.entry_id))
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def _latest(work: Work, locale: str) -> tuple[LatestScore, ...]:
    """The newest of what stands on boards: a team's best, once."""
    rows = work.session.execute(
        select(Standing, Challenge, Team, Submission)
        .join(Submission, col(Submission.id) == col(Standing.submission_id))
        .join(Challenge, col(Challenge.id) == col(Submission.challenge_id))
        .join(Entry, col(Entry.id) == col(Standing.entry_id))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Challenge.state) != "draft", col(Submission.state) == State.SCORED)
        .order_by(col(Standing.submission_id).desc())
        .limit(LATEST)
    ).all()
    found = []
    for standing, challenge, team, submission in rows:
        first = columns_of(seasons.definition(work, challenge), locale)[0]
        found.append(
            LatestScore(
                slug=challenge.slug,
                challenge=challenge.title_zh if locale == "zh" else challenge.title_en,
                team=team.name,
                team_id=team.id or 0,
                value=standing.value,
                digits=first.digits,
                score_title=first.title,
                at=submission.received_at,
            )
        )
    return tuple(found)


def scoring_help(locale: str) -> ScoringPage:
    """Every metric with its meaning, range, interval and source."""
    rows = tuple(
        MetricRow(
            key=metric.key,
            title=translate(locale, metric.title),
            explanation=translate(locale, metric.explanation),
            direction=metric.direction,
            low=metric.low,
            high=metric.high,
            interval=metric.interval,
            source=metric.source,
        )
        for metric in METRICS.values()
    )
    return ScoringPage(translate(locale, N_("How scoring works")), rows)
