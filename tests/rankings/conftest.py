"""A posted challenge with teams and scores, written straight into the tables that ranking reads."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlmodel import select

from leaderboard.accounts.models import Organization, Person
from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources, Work
from leaderboard.entries.models import Entry, Seat, Team, TeamMember
from leaderboard.seasons.models import Challenge, PackageVersion, Phase, Season
from leaderboard.submissions.models import PrivateScore, PublicScore, ScoreReport, Submission
from leaderboard.submissions.signals import SubmissionScored, SubmissionWithdrawn
from leaderboard.submissions.states import State

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
        "source": "made for tests",
        "personal": "none",
        "files": [{"path": "public/train.csv", "role": "train"}],
    },
    "submission": {"formats": ["csv"], "max_mb": 1, "id": "id", "columns": [{"name": "high", "type": "probability"}]},
    "answers": {"path": "answers/truth.csv", "truth": "high", "split": {"public": 0.5, "seed": 1}},
    "scores": [
        {"key": "auc", "metric": "roc_auc", "digits": 3},
        {"key": "loss", "metric": "log_loss", "digits": 2},
    ],
    "board": {"ties": ["loss"], "lines": [{"key": "gold", "title": {"en": "Gold", "zh": "金奖"}, "upto": 1}]},
}


def _task(key: str, metric: str, digits: int) -> dict[str, Any]:
    return {
        "key": key,
        "submission": {"id": "id", "columns": [{"name": "high", "type": "probability"}]},
        "answers": {"path": f"answers/{key}.csv", "truth": "high", "split": {"public": 0.5, "seed": 1}},
        "scores": [{"key": "main", "metric": metric, "digits": digits}],
    }


def by_rank(combine: str) -> dict[str, Any]:
    """A definition of three tasks; the last one's score is better when it is lower."""
    single = {key: value for key, value in DEFINITION.items() if key not in {"submission", "answers", "scores"}}
    tasks = [_task("north", "roc_auc", 3), _task("south", "roc_auc", 3), _task("west", "log_loss", 3)]
    return {**single, "tasks": tasks, "board": {"combine": combine, "ties": ["earliest"]}}


@dataclass
class Harbour:
    """One challenge, ``tides``; ``hand_in`` makes a scored submission and tells ranking of it."""

    resources: Resources
    clock: FixedClock
    challenge_id: int
    phase_id: int
    owner_id: int
    teams: dict[str, int] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def enter(self, name: str, *, baseline: bool = False) -> int:
        with self.resources.write() as work:
            person = Person(email=f"{name}@x.cn".lower(), name=name, password_hash="-", created_at=work.now)
            work.session.add(person)
            work.session.flush()
            team = Team(name=name, name_key=name.casefold(), captain_id=person.id, created_at=work.now)
            work.session.add(team)
            work.session.flush()
            entry = Entry(challenge_id=self.challenge_id, team_id=team.id, baseline=baseline, created_at=work.now)
            work.session.add_all([entry, TeamMember(team_id=team.id, person_id=person.id, joined_at=work.now)])
            work.session.flush()
            work.session.add(Seat(challenge_id=self.challenge_id, person_id=person.id, entry_id=entry.id))
            self.teams[name] = entry.id
        return self.teams[name]

    def hand_in(
        self, name: str, auc: float, loss: float = 0.5, *, private: float | None = None, baseline: bool = False
    ) -> int:
        entry_id = self.teams.get(name) or self.enter(name, baseline=baseline)
        with self.resources.write() as work:
            submission = self._submission(work, entry_id)
            spread = (self.rng.normal(size=64) * 0.001).astype(np.float32).tobytes()
            work.session.add_all(
                [
                    ScoreReport(
                        submission_id=submission.id,
                        package_id=self._package(work),
                        scorer="1",
                        spread=spread,
                        at=work.now,
                    ),
                    PublicScore(submission_id=submission.id, key="auc", value=auc, low=auc - 0.01, high=auc + 0.01),
                    PublicScore(submission_id=submission.id, key="loss", value=loss, low=loss, high=loss),
                ]
            )
            hidden = auc if private is None else private
            work.session.add_all(
                [
                    PrivateScore(
                        submission_id=submission.id, key="auc", value=hidden, low=hidden, high=hidden, spread=spread
                    ),
                    PrivateScore(submission_id=submission.id, key="loss", value=loss, low=loss, high=loss),
                ]
            )
            work.session.flush()
            work.emit(SubmissionScored(submission.id, self.phase_id, entry_id))
            made = submission.id
        self.clock.advance(minutes=1)
        return made

    def hand_in_tasks(
        self, name: str, public: dict[str, float], private: dict[str, float] | None = None, *, baseline: bool = False
    ) -> int:
        """As ``hand_in``, for a challenge of several tasks: ``{task: score}``."""
        entry_id = self.teams.get(name) or self.enter(name, baseline=baseline)
        with self.resources.write() as work:
            submission = self._submission(work, entry_id)
            for table, values in ((PublicScore, public), (PrivateScore, private or public)):
                for task, value in values.items():
                    work.session.add(
                        table(submission_id=submission.id, task=task, key="main", value=value, low=value, high=value)
                    )
            work.session.flush()
            work.emit(SubmissionScored(submission.id, self.phase_id, entry_id))
            made = submission.id
        self.clock.advance(minutes=1)
        return made

    def define(self, definition: dict[str, Any]) -> None:
        """Gives the challenge another definition."""
        with self.resources.write() as work:
            package = work.session.get_one(PackageVersion, self._package(work))
            package.definition, package.digest = definition, uuid4().hex * 2
            work.session.add(package)

    def withdraw(self, submission_id: int) -> None:
        with self.resources.write() as work:
            submission = work.session.get_one(Submission, submission_id)
            submission.state = State.WITHDRAWN
            work.session.add(submission)
            work.session.flush()
            work.emit(SubmissionWithdrawn(submission_id, self.phase_id, submission.entry_id))

    def _submission(self, work: Work, entry_id: int) -> Submission:
        number = len(work.session.exec(select(Submission).where(Submission.entry_id == entry_id)).all()) + 1
        submission = Submission(
            challenge_id=self.challenge_id,
            phase_id=self.phase_id,
            entry_id=entry_id,
            person_id=self.owner_id,
            number=number,
            state=State.SCORED,
            file_name="p.csv",
            size=1,
            sha256="0" * 64,
            storage_key=f"s/{entry_id}-{number}",
            started_at=work.now,
            received_at=work.now,
            scored_at=work.now,
        )
        work.session.add(submission)
        work.session.flush()
        return submission

    def _package(self, work: Work) -> int:
        return work.session.get_one(Challenge, self.challenge_id).package_id or 0


@pytest.fixture
def harbour(resources: Resources, clock: FixedClock) -> Harbour:
    with resources.write() as work:
        session, now = work.session, work.now
        owner = Person(email="owner@x.cn", name="Owner", password_hash="-", role="organizer", created_at=now)
        unit = Organization(slug="port", name="Port", posts=True, created_at=now)
        session.add_all([owner, unit])
        session.flush()
        season = Season(slug="s", title_en="S", title_zh="S", organization_id=unit.id, created_at=now)
        session.add(season)
        session.flush()
        challenge = Challenge(
            season_id=season.id,
            organization_id=unit.id,
            slug="tides",
            state="posted",
            sector="energy",
            task="binary-classification",
            title_en="Tides",
            title_zh="潮汐",
            summary_en="High or low.",
            summary_zh="高或低。",
            created_at=now,
            posted_at=now,
        )
        session.add(challenge)
        session.flush()
        package = PackageVersion(
            challenge_id=challenge.id,
            organization_id=unit.id,
            state="ready",
            file_name="tides.zip",
            upload_key="p/1.zip",
            digest="d" * 64,
            version="1.0.0",
            definition=DEFINITION,
            readme_en="# Tides",
            readme_zh="# 潮汐",
            created_at=now,
        )
        session.add(package)
        session.flush()
        challenge.package_id = package.id
        phase = _phase(challenge.id, now)
        session.add_all([challenge, phase])
        session.flush()
        return Harbour(resources, clock, challenge.id, phase.id, owner.id)


def _phase(challenge_id: int | None, now: datetime) -> Phase:
    return Phase(
        challenge_id=challenge_id,
        key="open",
        title_en="Open",
        title_zh="公开赛",
        opens_at=now - timedelta(days=10),
        closes_at=now + timedelta(days=10),
    )
