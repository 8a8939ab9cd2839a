"""A challenge with two teams and scored datasets, their reports really made; only the child and its scores are written by hand."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from challenges.dataset_report import assess_dataset
from challenges.quality import QualityReport
from leaderboard.accounts.actor import Actor
from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources
from leaderboard.entries import membership, teams
from leaderboard.entries import service as entries
from leaderboard.entries.models import Entry
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import PrivateScore, PublicScore, ScoreReport, Submission
from leaderboard.submissions.signals import SubmissionScored
from leaderboard.submissions.states import State
from tests import dataset_packages
from tests.seasons import factories as seasons
from tests.submissions import factories
from tests.submissions.conftest import _logs, executor, real_time, start_worker

__all__ = ["_logs", "executor", "real_time", "start_worker"]

HIDDEN = 0.777111
"""Every private score."""


@cache
def report(rows: int = 60) -> QualityReport:
    """Of a table with copies, gaps and wrong values."""
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch, "Lin Xiaolan's readings.csv")
        table.write_bytes(dataset_packages.written(dataset_packages.raw()[:rows]))
        return assess_dataset(table).report


@dataclass
class Dock:
    """`captain` and `member` are one team, `rival` is another."""

    resources: Resources
    clock: FixedClock
    challenge: Challenge
    phase: Phase
    organizer: Actor
    unit: int
    captain: Actor
    member: Actor
    rival: Actor
    entry: Entry
    rivals_entry: Entry

    def hand_in(self, auc: float = 0.8, *, entry: Entry | None = None, dataset: bool = True, sha256: str = "") -> int:
        """A scored submission; ``dataset``: with a quality report."""
        entry = entry or self.entry
        with self.resources.write() as work:
            made = Submission(
                challenge_id=self.challenge.id,
                phase_id=self.phase.id,
                entry_id=entry.id,
                person_id=self.captain.person_id,
                number=int(self.clock.now().timestamp()),
                state=State.SCORED,
                file_name="Lin Xiaolan's readings.csv",
                size=4096,
                sha256=sha256 or uuid4().hex * 2,
                storage_key=f"s/{uuid4().hex}",
                started_at=work.now,
                received_at=work.now,
                scored_at=work.now,
            )
            work.session.add(made)
            work.session.flush()
            kept = ScoreReport(submission_id=made.id, package_id=self.challenge.package_id, scorer="1", at=work.now)
            if dataset:
                kept.quality_key = f"quality/{uuid4().hex}.json"
                file = work.settings.data_dir / uuid4().hex
                file.write_text(report().model_dump_json())
                work.storage.put(kept.quality_key, file)
            work.session.add(kept)
            for table, value in ((PublicScore, auc), (PrivateScore, HIDDEN)):
                for key in ("auc", "logloss"):
                    work.session.add(table(submission_id=made.id, key=key, value=value, low=value, high=value))
            work.session.flush()
            work.emit(SubmissionScored(made.id, self.phase.id, entry.id))
            id = made.id
        self.clock.advance(minutes=1)
        return id


@pytest.fixture
def dock(resources: Resources, clock: FixedClock, tmp_path: Path) -> Dock:
    with resources.write() as work:
        organizer, unit = seasons.organizer(work)
        package = factories.admit(work, organizer, unit, factories.package_folder(tmp_path / "package", "late"))
        factories.posting.draft(work, organizer, package)
        challenge = factories.posting.post(work, organizer, "late")
        captain, member, rival = (seasons.person(work, name) for name in ("Lin Xiaolan", "Chen Bo", "Zhao Min"))
        team = teams.create(work, captain, "松山湖 Data Team")
        membership.accept(work, member, teams.invite(work, captain, team.id).token)
        entry = entries.enter(work, captain, challenge.id, team.id, accept_rules=True)
        rivals_entry = entries.enter(work, rival, challenge.id, None, accept_rules=True)
        phase = factories.phase_of(work, challenge)
    return Dock(resources, clock, challenge, phase, organizer, unit, captain, member, rival, entry, rivals_entry)
