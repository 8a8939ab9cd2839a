"""What wiring plugs in: the news that submissions hear, and their jobs for the scoring child."""

from collections.abc import Mapping
from typing import Final

from leaderboard.accounts.access import SYSTEM
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import PlainJob, SandboxJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Resources, Work
from leaderboard.entries.signals import WithdrawalAsked
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import HeaderShown, NextStepAsked, PackageChanged
from leaderboard.submissions import header, reception, service
from leaderboard.submissions.dry_runs import CHECK_JOB, CheckJob
from leaderboard.submissions.recording import ScoreJob
from leaderboard.submissions.signals import OwnerAsked


def _score_anew(work: Work, signal: PackageChanged) -> None:
    if signal.rescore:
        service.rescore_all(work, SYSTEM, work.session.get_one(Challenge, signal.challenge_id))


def _go_on_scoring_anew(held: Resources, job: Leased) -> None:
    with held.write() as work:
        if work.session.get_one(Challenge, job.payload["challenge"]).finalised_at is None:
            service.score_anew_after(work, job.payload["challenge"], job.payload["after"])


HANDLERS: Final[Handlers] = {
    PackageChanged: (_score_anew,),
    HeaderShown: (header.show,),
    NextStepAsked: (header.next_step,),
    WithdrawalAsked: (header.object_to_withdrawal,),
    OwnerAsked: (reception.owned_by,),
}

SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {service.SCORE_JOB: ScoreJob(), CHECK_JOB: CheckJob()}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {service.RESCORE_JOB: _go_on_scoring_anew}
