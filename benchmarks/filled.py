"""An installation with one big board, written in bulk: what the benchmarks of reading look at."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session

from leaderboard import wiring
from leaderboard.accounts.models import Organization, Person
from leaderboard.core.database import migrate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.entries.models import Entry, Team
from leaderboard.rankings.models import Board, RankBucket, Standing
from leaderboard.rankings.order import Order, bucket
from leaderboard.seasons.models import Challenge, PackageVersion, Phase, Season
from leaderboard.submissions.models import PublicScore, Submission
from scoring import EARLIEST, Column

NOON = datetime(2026, 12, 15, 4, 0, tzinfo=UTC)
ORDER = Order(Column("auc", "max", 5), (EARLIEST,))
DEFINITION: dict[str, Any] = {
    "format": "jiebang/1",
    "slug": "tides",
    "version": "1.0.0",
    "kind": "prediction",
    "sector": "energy",
    "task": "binary-classification",
    "modality": ["table"],
    "title": {"en": "Tides", "zh": "潮汐"},
    "summary": {"en": "High or low.", "zh": "高或低。"},
    "data": {
        "licence": "CC0-1.0",
        "source": "drawn at random",
        "personal": "none",
        "files": [{"path": "public/train.csv", "role": "train"}],
    },
    "submission": {"id": "id", "columns": [{"name": "high", "type": "probability"}]},
    "answers": {"path": "answers/truth.csv", "truth": "high", "split": {"public": 0.5, "seed": 1}},
    "scores": [{"key": "auc", "metric": "roc_auc", "digits": 5}],
    "board": {"ties": ["earliest"]},
}


def build(settings: Settings, *, teams: int, submissions: int, seed: int = 7) -> Resources:
    """Migrates and fills the database: challenge ``tides``, phase 1, entry n of team n, scores drawn at random."""
    migrate(settings.database_address)
    resources = wiring.build(settings)
    with resources.database.write() as session:
        _challenge(session)
        _teams(session, teams)
        _scores(session, teams, submissions, np.random.default_rng(seed))
    return resources


def _challenge(session: Session) -> None:
    begun = NOON - timedelta(days=30)
    session.add(Person(id=1, email="o@example.org", name="O", password_hash="-", role="organizer", created_at=begun))
    session.add(Organization(id=1, slug="port", name="Port", created_at=begun))
    session.flush()
    session.add(Season(id=1, slug="s", title_en="S", title_zh="S", organization_id=1, created_at=begun))
    session.flush()
    session.add(
        Challenge(
            id=1,
            season_id=1,
            organization_id=1,
            slug="tides",
            state="posted",
            sector="energy",
            task="binary-classification",
            title_en="Tides",
            title_zh="潮汐",
            summary_en="High or low.",
            summary_zh="高或低。",
            package_id=1,
            created_at=begun,
            posted_at=begun,
        )
    )
    session.flush()
    session.add(
        PackageVersion(
            id=1,
            challenge_id=1,
            organization_id=1,
            state="ready",
            file_name="tides.zip",
            upload_key="p/1.zip",
            digest="d" * 64,
            version="1.0.0",
            definition=DEFINITION,
            readme_en="# Tides",
            readme_zh="# 潮汐",
            created_at=begun,
        )
    )
    session.add(Phase(id=1, challenge_id=1, key="open", opens_at=begun, closes_at=datetime(2126, 1, 1, tzinfo=UTC)))
    session.flush()


def _teams(session: Session, teams: int) -> None:
    ids = range(1, teams + 1)
    session.execute(
        insert(Team),
        [{"id": n, "name": f"Team {n}", "name_key": f"team {n}", "captain_id": 1, "created_at": NOON} for n in ids],
    )
    session.execute(
        insert(Entry), [{"id": n, "challenge_id": 1, "team_id": n, "baseline": False, "created_at": NOON} for n in ids]
    )


def _scores(session: Session, teams: int, submissions: int, rng: np.random.Generator) -> None:
    values = np.round(rng.beta(8, 3, submissions), 5).tolist()
    owners = np.concatenate([np.arange(teams), rng.integers(0, teams, submissions - teams)]) + 1
    times = [NOON - timedelta(seconds=submissions - n) for n in range(submissions)]
    best: dict[int, tuple[float, str, int]] = {}
    numbers: Counter[int] = Counter()
    rows, scores = [], []
    for index, (owner, value, at) in enumerate(zip(owners.tolist(), values, times, strict=True), start=1):
        numbers[owner] += 1
        rows.append(
            {
                "id": index,
                "challenge_id": 1,
                "phase_id": 1,
                "entry_id": owner,
                "person_id": 1,
                "number": numbers[owner],
                "state": "scored",
                "file_name": "p.csv",
                "size": 1,
                "sha256": "0" * 64,
                "storage_key": f"s/{index}",
                "started_at": at,
                "received_at": at,
                "scored_at": at,
            }
        )
        scores.append(
            {
                "submission_id": index,
                "task": "",
                "key": "auc",
                "value": value,
                "low": value - 0.01,
                "high": value + 0.01,
            }
        )
        mine = (ORDER.weakness(value), ORDER.tiebreak({}, at), index)
        best[owner] = min(best.get(owner, mine), mine)
        if len(rows) == 20_000 or index == submissions:
            session.execute(insert(Submission), rows)
            session.execute(insert(PublicScore), scores)
            rows, scores = [], []
    _standings(session, best, values, times, numbers)


def _standings(
    session: Session,
    best: dict[int, tuple[float, str, int]],
    values: list[float],
    times: list[datetime],
    numbers: Counter[int],
) -> None:
    session.add(Board(phase_id=1, version=1, changed_at=NOON))
    session.execute(
        insert(Standing),
        [
            {
                "phase_id": 1,
                "entry_id": entry,
                "submission_id": submission,
                "baseline": False,
                "weakness": weakness,
                "tiebreak": tiebreak,
                "value": values[submission - 1],
                "low": values[submission - 1] - 0.01,
                "high": values[submission - 1] + 0.01,
                "submissions": numbers[entry],
                "at": times[submission - 1],
                "latest_at": times[submission - 1],
            }
            for entry, (weakness, tiebreak, submission) in best.items()
        ],
    )
    slices = Counter(bucket(weakness) for weakness, _, _ in best.values())
    session.execute(insert(RankBucket), [{"phase_id": 1, "bucket": slice_, "count": n} for slice_, n in slices.items()])
