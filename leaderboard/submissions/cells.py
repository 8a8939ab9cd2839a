"""Score cells: a public number beside what it is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import col, select

from challenges.board_columns import board_columns, is_mean_of_tasks
from challenges.definition import Definition
from challenges.report import COMBINED
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.signals import LeaderAsked
from leaderboard.submissions.states import State


@dataclass(frozen=True)
class ScoreCell:
    """One public number; ``direction`` max: more is better. ``best`` and ``leader``: the same score of others to compare with."""

    task: str
    key: str
    title: Words | Phrase
    direction: str
    digits: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    best: float | None = None
    leader: float | None = None


def score_columns(work: Work, challenge: Challenge) -> tuple[ScoreCell, ...]:
    """The challenge's public scores without numbers, the one that ranks first."""
    return tuple(_columns(seasons.definition(work, challenge)))


def _columns(definition: Definition) -> Iterator[ScoreCell]:
    columns = board_columns(definition)
    if is_mean_of_tasks(definition):
        yield ScoreCell("", COMBINED, Phrase(N_("Combined score")), columns[0].direction, columns[0].digits)
    for column in columns:
        title = Words(column.title.en, column.title.zh) if column.title else Phrase(column.name)
        yield ScoreCell(column.task, column.key, title, column.direction, column.digits)


def with_scores(
    work: Work, columns: Sequence[ScoreCell], submission_ids: Sequence[int]
) -> dict[int, tuple[ScoreCell, ...]]:
    """For each submission its cells, with numbers where there are some."""
    found: dict[int, dict[tuple[str, str], PublicScore]] = {}
    for score in work.session.exec(select(PublicScore).where(col(PublicScore.submission_id).in_(submission_ids))):
        found.setdefault(score.submission_id, {})[score.task, score.key] = score
    return {id: tuple(_filled(column, found.get(id, {})) for column in columns) for id in submission_ids}


def _filled(column: ScoreCell, found: dict[tuple[str, str], PublicScore]) -> ScoreCell:
    score = found.get((column.task, column.key))
    return column if score is None else replace(column, value=score.value, low=score.low, high=score.high)


def compared(work: Work, submission: Submission, challenge: Challenge) -> tuple[ScoreCell, ...]:
    """The submission's numbers beside the best of its team, each score for itself, and those of the team that leads."""
    assert submission.id is not None
    asked = LeaderAsked(submission.phase_id, [])
    work.emit(asked)
    found = with_scores(work, score_columns(work, challenge), [submission.id, *asked.found])
    leading = found[asked.found[0]] if asked.found else found[submission.id]
    return tuple(
        replace(cell, best=_best(work, submission, cell), leader=leader.value if asked.found else None)
        for cell, leader in zip(found[submission.id], leading, strict=True)
    )


def _best(work: Work, submission: Submission, cell: ScoreCell) -> float | None:
    choose = func.max if cell.direction == "max" else func.min
    query = (
        select(choose(PublicScore.value))
        .join(Submission, col(Submission.id) == PublicScore.submission_id)
        .where(
            PublicScore.task == cell.task,
            PublicScore.key == cell.key,
            Submission.phase_id == submission.phase_id,
            Submission.entry_id == submission.entry_id,
            Submission.state == State.SCORED,
        )
    )
    return work.session.exec(query).one()
