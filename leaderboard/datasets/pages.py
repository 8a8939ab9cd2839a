"""What the pages of dataset cards show, as frozen objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup
from sqlmodel import col, select

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.work import Work
from leaderboard.datasets import audit_pages, audits, contents, described, evidence, making, service, usage, usage_form
from leaderboard.datasets.audit_pages import AuditRow
from leaderboard.datasets.contents import PreviewPart, SchemaRow
from leaderboard.datasets.evidence import Place
from leaderboard.datasets.fields import LONGEST, CardWords
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.usage import UsagePart
from leaderboard.datasets.usage_form import TermsForm
from leaderboard.datasets.wording import Said, language
from leaderboard.entries.models import Entry, Team
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.submissions import service as submissions
from leaderboard.submissions.models import ScoreReport, Submission
from leaderboard.submissions.states import State
from leaderboard.ui.forms import Form
from leaderboard.ui.quality import QualityPage, quality_page

MOST_OFFERED: Final = 50
"""Submissions among which the next version is chosen, the latest first."""


@dataclass(frozen=True)
class VersionRow:
    """One version. ``stale``: its evidence is of an older file than the newest; ``taken_back``: its submission was withdrawn."""

    number: int
    kind: str
    sha256: str
    address: str | None
    media_type: str
    size: int | None
    rows: int | None
    changelog: Said
    grade: str | None
    composite: float | None
    low: float | None
    high: float | None
    measured_at: datetime | None
    created_at: datetime
    stale: bool
    taken_back: bool


@dataclass(frozen=True)
class FileState:
    """Where the newest file of a card stands, measured or not. ``shown``: its owner agreed that some records are shown, and
    ``drawn`` says that they are; ``path`` is the page of the version, without a language.
    """

    number: int
    kind: str
    measuring: str
    shown: bool
    drawn: bool
    asked: bool
    has_report: bool
    path: str


@dataclass(frozen=True)
class CardPage:
    """A card. ``quality`` None: the newest version was not measured; ``linked`` is the data block for machines; ``policy``: the terms
    of use as an ODRL offer; ``file``: what is to be done with the newest file, for those who may.
    """

    slug: str
    state: str
    title: Said
    summary: Said
    provenance: Said
    sector: Phrase | None
    modalities: tuple[Phrase, ...]
    languages: tuple[str, ...]
    language_names: tuple[Words, ...]
    licence: str
    licence_address: str | None
    owner: str
    owner_path: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    versions: tuple[VersionRow, ...]
    quality: QualityPage | None
    schema: tuple[SchemaRow, ...]
    preview: PreviewPart | None
    usage: UsagePart | None
    policy: Mapping[str, Any] | None
    places: tuple[Place, ...]
    audits: tuple[AuditRow, ...]
    challenge: tuple[Words, str] | None
    citation: Said
    cite: str
    bibtex: str
    document: Mapping[str, Any]
    linked: Markup
    file: FileState | None
    may_edit: bool
    may_withdraw: bool
    may_audit: bool

    @property
    def newest(self) -> VersionRow:
        return self.versions[0]


@dataclass(frozen=True)
class EditPage:
    """The form of a card. ``slug`` None: a new one by reference, for one of ``owners``; ``defaults``: what stands in the form of its
    terms of use.
    """

    slug: str | None
    title: str
    state: str
    form: Form
    words: CardWords
    owners: tuple[tuple[str, str], ...] = ()
    sectors: tuple[tuple[str, str], ...] = tuple(SECTORS.items())
    modalities: tuple[tuple[str, str], ...] = tuple(MODALITIES.items())
    licences: tuple[str, ...] = LICENCES
    defaults: Mapping[str, str] = field(default_factory=dict)
    terms: TermsForm = field(default_factory=TermsForm)
    longest: Mapping[str, int] = field(default_factory=lambda: LONGEST)


@dataclass(frozen=True)
class Offer:
    """A submission that can become the next version."""

    id: int
    number: int
    challenge: Words
    file_name: str
    received_at: datetime


@dataclass(frozen=True)
class VersionPage:
    """The forms for another version: of a submission where a team owns the dataset, or of a file kept elsewhere."""

    slug: str
    title: str
    number: int
    of_team: bool
    offers: tuple[Offer, ...]
    form: Form
    kind: str


@dataclass(frozen=True)
class ConsentPage:
    """Publishing a submission as a dataset. ``refusal``: why that cannot be; ``known``: the dataset that it is already."""

    submission_id: int
    number: int
    challenge: Words
    slug: str
    grade: str | None
    columns: int
    refusal: Phrase | None
    known: str | None
    form: Form


def card(work: Work, actor: Actor, slug: str, locale: str) -> CardPage:
    """The card of a dataset. Raises NotFound, Gone."""
    dataset = service.shown(work, actor, slug)
    words, known = CardWords.of(dataset), service.versions(work, dataset)
    newest, title = known[0], Said.of(CardWords.of(dataset), "title", locale)
    owner, path = owner_of(work, dataset)
    site = work.settings.base_url.rstrip("/")
    address = f"{site}/{locale}/datasets/{slug}"
    policy = usage.offer(
        usage.policy_of(words.licence, words.own), dataset=f"{site}/datasets/{slug}", owner=f"{site}{path}"
    )
    report, submission = evidence.report_of(work, newest), _submission(work, newest)
    quality = quality_page(report) if report else None
    at, may_edit = dataset.published_at or dataset.created_at, service.may(work, actor, dataset, "dataset.edit")
    cited, own = described.citation(owner, title.text, address, newest, at), Said.of(words, "citation", locale)
    document = described.document(
        words,
        newest,
        report,
        address=address,
        owner=owner,
        published_at=dataset.published_at,
        citation=own.text or cited,
        locale=locale,
        policy=policy,
        reviews=[described.review(one, site, locale) for one in audits.of_version(work, newest)],
    )
    return CardPage(
        slug=slug,
        state=dataset.state,
        title=title if title.text else replace(title, text=slug),
        summary=Said.of(words, "summary", locale),
        provenance=Said.of(words, "provenance", locale),
        sector=Phrase(SECTORS[words.sector]) if words.sector in SECTORS else None,
        modalities=tuple(Phrase(MODALITIES[key]) for key in words.modalities if key in MODALITIES),
        languages=words.languages,
        language_names=tuple(map(language, words.languages)),
        licence=words.licence,
        licence_address=described.licence_address(words.licence),
        owner=owner,
        owner_path=path,
        published_at=dataset.published_at,
        withdrawn_at=dataset.withdrawn_at,
        versions=tuple(_row(work, version, newest, locale) for version in known),
        quality=quality,
        schema=contents.schema(newest, quality, locale),
        preview=contents.preview(work, newest),
        usage=usage.part(words.licence, words.own),
        policy=policy,
        places=evidence.places(work, submission) if submission else (),
        audits=audit_pages.rows(work, actor, dataset, newest, locale),
        challenge=_challenge(work, submission),
        citation=own,
        cite=cited,
        bibtex=described.bibtex(slug, owner, title.text, address, newest, at),
        document=document,
        linked=described.embedded(document),
        file=file_state(work, dataset) if may_edit else None,
        may_edit=may_edit,
        may_withdraw=service.may(work, actor, dataset, "dataset.withdraw"),
        may_audit=audit_pages.may_record(work, actor, dataset),
    )


def file_state(work: Work, dataset: Dataset) -> FileState:
    """Where the newest file of a card stands, also one that nobody else sees yet."""
    newest = service.versions(work, dataset, every=True)[0]
    return FileState(
        number=newest.number,
        kind=newest.kind,
        measuring=newest.measuring,
        shown=newest.preview_at is not None,
        drawn=newest.preview_key is not None,
        asked=newest.request != "",
        has_report=newest.report_key is not None,
        path=f"/datasets/{dataset.slug}/versions/{newest.number}",
    )


def owner_of(work: Work, dataset: Dataset) -> tuple[str, str]:
    """Name and page of the team or the organization that owns it."""
    if dataset.team_id is not None:
        return work.session.get_one(Team, dataset.team_id).name, f"/teams/{dataset.team_id}"
    unit = work.session.get_one(Organization, dataset.organization_id)
    return unit.name, f"/organizations/{unit.slug}"


def _submission(work: Work, version: DatasetVersion) -> Submission | None:
    return None if version.submission_id is None else work.session.get_one(Submission, version.submission_id)


def _challenge(work: Work, submission: Submission | None) -> tuple[Words, str] | None:
    if submission is None:
        return None
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    return Words(challenge.title_en, challenge.title_zh), f"/challenges/{challenge.slug}"


def _row(work: Work, version: DatasetVersion, newest: DatasetVersion, locale: str) -> VersionRow:
    submission = _submission(work, version)
    return VersionRow(
        number=version.number,
        kind=version.kind,
        sha256=version.sha256,
        address=version.address,
        media_type=version.media_type,
        size=version.size,
        rows=version.rows,
        changelog=Said.either(version.changelog_en, version.changelog_zh, locale),
        grade=version.grade,
        composite=version.composite,
        low=version.low,
        high=version.high,
        measured_at=version.measured_at,
        created_at=version.created_at,
        stale=version is not newest and version.grade is not None,
        taken_back=submission is not None and submission.state != State.SCORED,
    )


def edit_page(work: Work, actor: Actor, slug: str, locale: str, form: Form | None = None) -> EditPage:
    """The form of a card that is there. Raises NotFound."""
    dataset = service.dataset_for(work, actor, slug, "dataset.edit")
    words = CardWords.of(dataset)
    title = Said.of(words, "title", locale).text or slug
    own = usage_form.ruled(words.own, locale)
    return EditPage(slug=slug, title=title, state=dataset.state, form=form or Form(), words=words, defaults=own)


def new_page(work: Work, actor: Actor, form: Form | None = None) -> EditPage:
    """The form for a dataset that is kept elsewhere. Raises SignInNeeded."""
    actor.demand("dataset.refer")
    owners = tuple(making.owners(work, actor))
    return EditPage(slug=None, title="", state="draft", form=form or Form(), words=CardWords(), owners=owners)


def version_page(
    work: Work, actor: Actor, slug: str, locale: str, form: Form | None = None, kind: str = ""
) -> VersionPage:
    """The forms for another version. Raises NotFound."""
    dataset = service.dataset_for(work, actor, slug, "dataset.edit")
    return VersionPage(
        slug=slug,
        title=Said.of(CardWords.of(dataset), "title", locale).text or slug,
        number=service.versions(work, dataset)[0].number + 1,
        of_team=dataset.team_id is not None,
        offers=_offers(work, dataset.team_id) if dataset.team_id is not None else (),
        form=form or Form(),
        kind=kind,
    )


def _offers(work: Work, team_id: int) -> tuple[Offer, ...]:
    taken = select(DatasetVersion.submission_id).where(col(DatasetVersion.submission_id).is_not(None))
    query = (
        select(Submission, Challenge)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(ScoreReport, col(ScoreReport.submission_id) == col(Submission.id))
        .join(Challenge, col(Challenge.id) == col(Submission.challenge_id))
        .where(
            Entry.team_id == team_id,
            Submission.state == State.SCORED,
            col(ScoreReport.quality_key).is_not(None),
            col(Submission.id).not_in(taken),
        )
        .order_by(col(Submission.id).desc())
        .limit(MOST_OFFERED)
    )
    return tuple(
        Offer(one.id or 0, one.number, Words(of.title_en, of.title_zh), one.file_name, one.received_at)
        for one, of in work.session.exec(query)
    )


def consent_page(work: Work, actor: Actor, submission_id: int, form: Form | None = None) -> ConsentPage:
    """What publishing a submission would show of it. Raises NotFound, Forbidden (not the captain)."""
    submission = submissions.submission_for(work, actor, submission_id, "submission.read")
    making.demand_captain(work, actor, submission)
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    refusal, known = making.why_not(work, submission), service.dataset_of(work, submission_id)
    report = None
    if refusal is None:
        kept = work.session.get_one(ScoreReport, submission_id)
        report = evidence.read(work, kept.quality_key or "")
    return ConsentPage(
        submission_id=submission_id,
        number=submission.number,
        challenge=Words(challenge.title_en, challenge.title_zh),
        slug=challenge.slug,
        grade=report.grade if report else None,
        columns=report.columns_in_all if report else 0,
        refusal=Phrase(refusal.message, refusal.params) if refusal else None,
        known=known.slug if known else None,
        form=form or Form(),
    )
