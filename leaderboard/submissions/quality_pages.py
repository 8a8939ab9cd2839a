"""The quality report of a submitted dataset: as a page of the platform, and as files to take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from challenges.quality import QualityReport
from challenges.quality_description import described
from leaderboard.accounts.access import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, PackageVersion
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.submissions import dry_runs, service
from leaderboard.submissions.header import OWN_TAB
from leaderboard.submissions.models import ScoreReport, Submission
from leaderboard.submissions.states import State
from leaderboard.ui.quality import QualityPage, quality_page

FEWEST_TEAMS: Final = 3
"""Teams that a middle is told of; of fewer it would tell what a single one has."""


@dataclass(frozen=True)
class ReportPage:
    """A report below the header of its challenge. ``back``: the page of the submission or check that it belongs to."""

    header: ChallengeHeader
    title: str
    back: str
    quality: QualityPage
    has_issues: bool
    has_issues_parquet: bool
    has_patch: bool
    has_files: bool


def of_submission(work: Work, actor: Actor, submission_id: int, locale: str) -> ReportPage:
    """The report of a submission, for its team, its organizer and the operator. Raises NotFound, also where there is none."""
    submission, kept = _kept(work, actor, submission_id)
    challenge = seasons.challenge_by_slug(work, actor, work.session.get_one(Challenge, submission.challenge_id).slug)
    package = work.session.get_one(PackageVersion, kept.package_id)
    return ReportPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        title=translate(locale, N_("Submission {number}"), number=submission.number),
        back=f"/submissions/{submission_id}",
        quality=quality_page(
            _read(work, kept.quality_key), field=field_medians(work, submission.phase_id), raw=package.raw_points
        ),
        has_issues=kept.findings_key is not None,
        has_issues_parquet=kept.issues_key is not None,
        has_patch=kept.patch_key is not None,
        has_files=True,
    )


def of_check(work: Work, actor: Actor, slug: str, token: str, locale: str) -> ReportPage:
    """The report of the actor's own dry run, in which nothing hidden took part. Raises NotFound."""
    run = dry_runs.find(work, actor, token)
    challenge = seasons.challenge_by_slug(work, actor, slug)
    if run.quality_key is None or run.challenge_id != challenge.id:
        raise _none()
    return ReportPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        title=translate(locale, N_("Check")),
        back=f"/challenges/{slug}/check/{token}",
        quality=quality_page(_read(work, run.quality_key)),
        has_issues=False,
        has_issues_parquet=False,
        has_patch=False,
        has_files=False,
    )


def report_of(work: Work, actor: Actor, submission_id: int) -> QualityReport:
    """The report itself. Raises NotFound."""
    return _read(work, _kept(work, actor, submission_id)[1].quality_key)


def patch_key(work: Work, actor: Actor, submission_id: int) -> str:
    """Where the proposals are in the storage. Raises NotFound."""
    return _present(_kept(work, actor, submission_id)[1].patch_key)


def issues_key(work: Work, actor: Actor, submission_id: int) -> str:
    """Where the issues are in the storage, as Parquet. Raises NotFound."""
    return _present(_kept(work, actor, submission_id)[1].issues_key)


def _present(key: str | None) -> str:
    if key is None:
        raise _none()
    return key


def description(work: Work, actor: Actor, submission_id: int) -> dict[str, Any]:
    """The dataset as Croissant with its measurements in the terms of DQV. Raises NotFound."""
    submission, kept = _kept(work, actor, submission_id)
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    return described(
        _read(work, kept.quality_key),
        sha256=submission.sha256,
        size=submission.size,
        address=f"{work.settings.base_url}/api/v1/submissions/{submission_id}/file",
        sentence=f"Submission {submission.number} to the challenge {challenge.slug}",
    )


def field_medians(work: Work, phase_id: int) -> Mapping[str, float]:
    """The middle of the teams' points by measure, each team by its latest scored dataset; empty with too few teams."""
    newest = (
        select(func.max(Submission.id))
        .join(ScoreReport, col(ScoreReport.submission_id) == col(Submission.id))
        .where(
            Submission.phase_id == phase_id, Submission.state == State.SCORED, col(ScoreReport.quality_key).is_not(None)
        )
        .group_by(col(Submission.entry_id))
    )
    found = work.session.exec(select(ScoreReport.points).where(col(ScoreReport.submission_id).in_(newest))).all()
    teams = [points for points in found if points]
    if len(teams) < FEWEST_TEAMS:
        return {}
    keys = {key for points in teams for key in points}
    return {key: median(points[key] for points in teams if key in points) for key in keys}


def _kept(work: Work, actor: Actor, submission_id: int) -> tuple[Submission, ScoreReport]:
    submission = service.submission_for(work, actor, submission_id, "submission.read")
    kept = work.session.get(ScoreReport, submission_id)
    if kept is None or kept.quality_key is None:
        raise _none()
    return submission, kept


def _read(work: Work, key: str | None) -> QualityReport:
    assert key is not None, "asked for where there is one"
    return QualityReport.parse(work.storage.path(key).read_bytes())


def _none() -> NotFound:
    return NotFound("submissions.no_quality", N_("There is no quality report here."))
