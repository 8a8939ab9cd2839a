"""What the pages around an uploaded file show: bringing it, saying what its columns mean, and how its measuring goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from challenges.quality_description import MEDIA
from leaderboard.accounts.actor import Actor
from leaderboard.core import jobs
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import columns, evidence, making, measuring, service, uploading
from leaderboard.datasets.columns import Column
from leaderboard.datasets.fields import LONGEST, CardWords
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.wording import Said
from leaderboard.submissions import findings
from leaderboard.submissions.progress import StepRow, step_rows
from leaderboard.ui.findings import FindingGroup
from leaderboard.ui.forms import Form
from leaderboard.ui.quality import QualityPage, quality_page


@dataclass(frozen=True)
class UploadPage:
    """The form for a file. ``slug`` None: for a new card of one of ``owners``; ``replaces``: the file takes the place of one that
    has not been measured.
    """

    slug: str | None
    title: str
    number: int
    replaces: bool
    owners: tuple[tuple[str, str], ...]
    form: Form
    max_bytes: int
    accept: str
    longest: Mapping[str, int]


@dataclass(frozen=True)
class FilePage:
    """One version's file for its owner: what was found, what they say of its columns. ``groups`` say why it was refused, ``notes``
    how it was understood; ``asked`` of the ``columns`` are asked about.
    """

    slug: str
    title: str
    number: int
    kind: str
    measuring: str
    events: str
    steps: tuple[StepRow, ...]
    rows: int | None
    groups: tuple[FindingGroup, ...]
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    in_all: int
    types: Mapping[str, str]
    roles: tuple[tuple[str, str], ...]
    form: Form
    has_report: bool
    shown: bool
    drawn: bool
    asked: bool


@dataclass(frozen=True)
class ReportPage:
    """The whole quality report of an uploaded version, for its owners."""

    slug: str
    title: str
    number: int
    quality: QualityPage


def upload_page(work: Work, actor: Actor, slug: str | None, locale: str, form: Form | None = None) -> UploadPage:
    """The form for a file, of a new card or as the next version of one. Raises SignInNeeded, NotFound."""
    title, number, replaces, owners = "", 1, False, tuple[tuple[str, str], ...]()
    if slug is None:
        actor.demand("dataset.refer")
        owners = tuple(making.owners(work, actor))
    else:
        dataset = service.dataset_for(work, actor, slug, "dataset.edit")
        newest = service.versions(work, dataset, every=True)[0]
        replaces = newest.kind == "upload" and newest.quality_key is None
        title, number = _title(dataset, locale), newest.number + (not replaces)
    return UploadPage(
        slug=slug,
        title=title,
        number=number,
        replaces=replaces,
        owners=owners,
        form=form or Form(),
        max_bytes=uploading.largest(work),
        accept=",".join(f".{suffix}" for suffix in MEDIA),
        longest=LONGEST,
    )


def file_page(work: Work, actor: Actor, slug: str, number: int, locale: str, form: Form | None = None) -> FilePage:
    """The page of one version's file, for its owners. Raises NotFound."""
    dataset, version = _version(work, actor, slug, number)
    known = uploading.columns_of(work, version)
    return FilePage(
        slug=slug,
        title=_title(dataset, locale),
        number=number,
        kind=version.kind,
        measuring=version.measuring,
        events=f"/{locale}/datasets/{slug}/versions/{number}/events",
        steps=_steps(work, version),
        rows=version.rows,
        groups=findings.groups(locale, version.findings) if version.measuring == "refused" else (),
        notes=findings.notes(locale, version.findings),
        columns=known[: columns.MOST_ASKED],
        in_all=len(known),
        types=columns.TYPES,
        roles=tuple(columns.ROLES.items()),
        form=form or Form(),
        has_report=version.report_key is not None,
        shown=version.preview_at is not None,
        drawn=version.preview_key is not None,
        asked=version.request != "",
    )


def _steps(work: Work, version: DatasetVersion) -> tuple[StepRow, ...]:
    """What the child tells of its work, while there is some."""
    if not version.request:
        return ()
    return step_rows(jobs.steps_of(work.session, measuring.job_key(version.request)))


def report_page(work: Work, actor: Actor, slug: str, number: int, locale: str) -> ReportPage:
    """The whole report of an uploaded version. Raises NotFound, also where there is none."""
    dataset, version = _version(work, actor, slug, number)
    if version.report_key is None:
        raise NotFound("datasets.no_report", N_("There is no quality report of this version."))
    report = evidence.read(work, version.report_key)
    return ReportPage(slug, _title(dataset, locale), number, quality_page(report))


def topic(work: Work, actor: Actor, slug: str, number: int) -> str:
    """What the open page of a version listens to. Raises NotFound."""
    _, version = _version(work, actor, slug, number)
    return measuring.topic_of(uploading.subject_of(version))


def _version(work: Work, actor: Actor, slug: str, number: int) -> tuple[Dataset, DatasetVersion]:
    dataset = service.dataset_for(work, actor, slug, "dataset.edit")
    return dataset, uploading.version_of(work, dataset, number)


def _title(dataset: Dataset, locale: str) -> str:
    return Said.of(CardWords.of(dataset), "title", locale).text or dataset.slug
