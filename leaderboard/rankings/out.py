"""The same pages as JSON and CSV."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.rankings.final import FinalLine
from leaderboard.rankings.pages import BoardPage, HistoryPage, ResultsPage

Table = tuple[Sequence[str], Sequence[Sequence[object]]]


class BoardRow(BaseModel):
    """A team on a board. ``place`` is null for baselines; ``best_place`` to ``worst_place`` is the 95 % rank range."""

    place: int | None
    best_place: int | None
    worst_place: int | None
    team_id: int
    team: str
    baseline: bool
    score: float
    low: float = Field(description="lower end of the 95 % interval")
    high: float = Field(description="upper end of the 95 % interval")
    scores: dict[str, float]
    submissions: int | None
    handed_in_at: datetime


class BoardOut(BaseModel):
    """One page of at most 100 rows; ``next`` is the query string of the next one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "challenge": "flight-delays",
                "phase": "open",
                "score": "auc",
                "direction": "max",
                "digits": 5,
                "teams": 1,
                "as_of": None,
                "next": None,
                "rows": [
                    {
                        "place": 1,
                        "best_place": 1,
                        "worst_place": 1,
                        "team_id": 7,
                        "team": "Beijiang Sensing",
                        "baseline": False,
                        "score": 0.71234,
                        "low": 0.70511,
                        "high": 0.71946,
                        "scores": {"auc": 0.71234, "logloss": 0.5561},
                        "submissions": 4,
                        "handed_in_at": "2026-12-15T04:00:00Z",
                    }
                ],
            }
        }
    )

    challenge: str
    phase: str | None
    score: str
    direction: str
    digits: int
    teams: int
    as_of: datetime | None
    next: str | None
    rows: list[BoardRow]


class ResultRow(BaseModel):
    place: int | None
    public_place: int | None
    best_place: int | None
    worst_place: int | None
    team_id: int
    team: str
    baseline: bool
    score: float
    low: float
    high: float


class ResultsOut(BaseModel):
    challenge: str
    phase: str | None
    finalised_at: datetime | None
    rows: list[ResultRow]


def board_out(page: BoardPage) -> BoardOut:
    first = page.columns[0]
    return BoardOut(
        challenge=page.slug,
        phase=page.phase.key if page.phase else None,
        score=first.key,
        direction=first.direction,
        digits=first.digits,
        teams=page.teams,
        as_of=page.asked.as_of,
        next=page.pager.next,
        rows=[
            BoardRow(
                place=line.place,
                best_place=line.best_place,
                worst_place=line.worst_place,
                team_id=line.team_id,
                team=line.team,
                baseline=line.baseline,
                score=line.value,
                low=line.low,
                high=line.high,
                scores=line.scores,
                submissions=line.submissions,
                handed_in_at=line.at,
            )
            for line in page.lines
        ],
    )


def board_rows(page: BoardPage) -> Table:
    others = [column.key for column in page.columns[1:]]
    header = ["place", "best_place", "worst_place", "team", "baseline", page.columns[0].key, "low", "high", *others]
    return [*header, "submissions", "handed_in_at"], [
        [
            line.place,
            line.best_place,
            line.worst_place,
            line.team,
            line.baseline,
            line.value,
            line.low,
            line.high,
            *(line.scores.get(key) for key in others),
            line.submissions,
            line.at,
        ]
        for line in page.lines
    ]


def history_rows(page: HistoryPage) -> Table:
    header = ["at", "team", "score", "low", "high"]
    return header, [[row.at, row.team, row.value, row.low, row.high] for row in page.rows]


def results_out(page: ResultsPage) -> ResultsOut:
    return ResultsOut(
        challenge=page.slug,
        phase=page.phase.key if page.phase else None,
        finalised_at=page.finalised_at,
        rows=[_result(line) for line in page.lines],
    )


def _result(line: FinalLine) -> ResultRow:
    return ResultRow(
        place=line.place,
        public_place=line.public_place,
        best_place=line.best_place,
        worst_place=line.worst_place,
        team_id=line.team_id,
        team=line.team,
        baseline=line.baseline,
        score=line.value,
        low=line.low,
        high=line.high,
    )


def result_rows(page: ResultsPage) -> Table:
    header = ["place", "public_place", "best_place", "worst_place", "team", "baseline", page.column.key, "low", "high"]
    return header, [
        [
            line.place,
            line.public_place,
            line.best_place,
            line.worst_place,
            line.team,
            line.baseline,
            line.value,
            line.low,
            line.high,
        ]
        for line in page.lines
    ]
