"""What the card of a dataset shows of its audits, and the form in which one is recorded."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from leaderboard.accounts.actor import NOBODY, Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.work import Work
from leaderboard.datasets import audits, service
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset, DatasetAudit, DatasetVersion
from leaderboard.datasets.wording import Said
from leaderboard.seasons.signals import Phrase
from leaderboard.ui.forms import Form

VERDICTS = {"passed": "yes", "remarks": "unknown", "failed": "no"}
"""The sign that stands before an outcome."""


@dataclass(frozen=True)
class AuditRow:
    """One audit. ``stale``: of an older file than the newest; ``trusted``: the operator still takes the auditor's word;
    ``withdraw``: where the reader takes it back, None for those who cannot.
    """

    id: int
    auditor: str
    auditor_path: str
    matter: Phrase
    matter_key: str
    outcome: Phrase
    outcome_key: str
    verdict: str
    text: Said
    audited_on: date
    report_sha256: str
    version: int
    sha256: str
    stale: bool
    trusted: bool
    withdraw: str | None


@dataclass(frozen=True)
class AuditPage:
    """The form for one version of a dataset."""

    slug: str
    title: str
    number: int
    sha256: str
    form: Form
    today: str
    organizations: tuple[tuple[str, str], ...]
    matters: tuple[tuple[str, str], ...] = tuple(audits.MATTERS.items())
    outcomes: tuple[tuple[str, str], ...] = tuple(audits.OUTCOMES.items())
    longest: int = audits.LONGEST


def rows(work: Work, actor: Actor, dataset: Dataset, newest: DatasetVersion, locale: str) -> tuple[AuditRow, ...]:
    """The audits of a dataset that stand, those of newer versions first."""
    found = audits.of_dataset(work, dataset)
    return tuple(_row(actor, dataset, newest, audit, version, unit, locale) for audit, version, unit in found)


def of_card(work: Work, slug: str, locale: str) -> tuple[AuditRow, ...]:
    """The same for the card at this address, as somebody sees them who recorded none."""
    dataset = work.session.exec(select(Dataset).where(col(Dataset.slug) == slug)).one()
    return rows(work, NOBODY, dataset, service.versions(work, dataset)[0], locale)


def _row(
    actor: Actor,
    dataset: Dataset,
    newest: DatasetVersion,
    audit: DatasetAudit,
    version: DatasetVersion,
    unit: Organization,
    locale: str,
) -> AuditRow:
    return AuditRow(
        id=audit.id or 0,
        auditor=unit.name,
        auditor_path=f"/organizations/{unit.slug}",
        matter=Phrase(audits.MATTERS[audit.matter]),
        matter_key=audit.matter,
        outcome=Phrase(audits.OUTCOMES[audit.outcome]),
        outcome_key=audit.outcome,
        verdict=VERDICTS[audit.outcome],
        text=Said.either(audit.text_en, audit.text_zh, locale),
        audited_on=audit.audited_on,
        report_sha256=audit.report_sha256,
        version=version.number,
        sha256=version.sha256,
        stale=version.id != newest.id,
        trusted=unit.audits,
        withdraw=f"/datasets/{dataset.slug}/audits/{audit.id}/withdraw" if unit.id in actor.organization_ids else None,
    )


def may_record(work: Work, actor: Actor, dataset: Dataset) -> bool:
    """Whether the reader is an auditor of datasets like this one: published, and not of their own."""
    own = service.relations(work, actor, dataset) & audits.OWNERS
    return bool(actor.auditing_ids) and dataset.state == "published" and not own


def audit_page(work: Work, actor: Actor, slug: str, number: int, locale: str, form: Form | None = None) -> AuditPage:
    """The form. Raises NotFound, Gone, Forbidden, Refused (the reader belongs to the owner)."""
    dataset, version = audits.auditable(work, actor, slug, number)
    return AuditPage(
        slug=slug,
        title=Said.of(CardWords.of(dataset), "title", locale).text or slug,
        number=number,
        sha256=version.sha256,
        form=form or Form(),
        today=audits.today(work).isoformat(),
        organizations=tuple((str(unit.id), unit.name) for unit in audits.auditors(work, actor)),
    )
