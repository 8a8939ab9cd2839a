"""Audits of dataset versions: recorded by organizations whose word the operator trusts, taken back by whoever recorded them.

An audit is about one file. Who owns the dataset does not audit it, and nobody edits what was recorded: whoever comes to another
finding takes the audit back, which the ledger keeps, and records another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Self
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Organization
from leaderboard.accounts.policy import Relation
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import letters, service
from leaderboard.datasets.fields import refuse
from leaderboard.datasets.models import Dataset, DatasetAudit, DatasetVersion, Outcome
from leaderboard.datasets.typed import Typed

MATTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "source": N_("Lawful source"),
        "personal": N_("Protection of personal data"),
        "security": N_("Data security"),
        "contract": N_("Licence and contracts"),
        "quality": N_("Quality of the data"),
    }
)
"""What is looked at; each is recorded by itself, since each has an outcome of its own."""
OUTCOMES: Final[Mapping[Outcome, str]] = MappingProxyType(
    {"passed": N_("Passed"), "remarks": N_("Passed with remarks"), "failed": N_("Failed")}
)
AUDITS: Final = "urn:jiebang:audit:"
"""Before the key of what was looked at: its name in descriptions for machines."""
OWNERS: Final[frozenset[Relation]] = frozenset({"organizer", "captain", "member"})
"""Who belongs to the owner of a dataset."""
LONGEST: Final = 2_000
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an auditor writes down. ``audited_on`` None: not said. ``unread``: what was typed and cannot be read."""

    matter: str = ""
    outcome: str = ""
    text_en: str = ""
    text_zh: str = ""
    audited_on: date | None = None
    report_sha256: str = ""
    unread: tuple[FieldError, ...] = ()

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form."""
        typed = Typed(form)
        day = typed.day("audited_on")
        texts = {name: typed.text(name) for name in ("matter", "outcome", "text_en", "text_zh")}
        digest = typed.text("report_sha256").lower()
        return cls(**texts, audited_on=day, report_sha256=digest, unread=tuple(typed.faults))

    def faults(self, today: date) -> Iterator[FieldError]:
        """What is wrong or missing."""
        yield from self.unread
        if self.matter not in MATTERS:
            yield FieldError("matter", N_("Choose what was audited"))
        if self.outcome not in OUTCOMES:
            yield FieldError("outcome", N_("Choose the outcome"))
        elif self.outcome != "passed" and not (self.text_en or self.text_zh):
            yield FieldError("text_zh", N_("Say what was found, in one language at least"))
        for name, text in (("text_zh", self.text_zh), ("text_en", self.text_en)):
            if len(text) > LONGEST:
                yield FieldError(name, N_("At most {most} characters"), {"most": LONGEST})
        if self.audited_on is None and not self.unread:
            yield FieldError("audited_on", N_("Say on which day the audit was finished"))
        elif self.audited_on is not None and self.audited_on > today:
            yield FieldError("audited_on", N_("This day has not come yet"))
        if self.report_sha256 and not _DIGEST.fullmatch(self.report_sha256):
            yield FieldError(
                "report_sha256", N_("Enter the SHA-256 of the report, 64 digits from 0 to 9 and a to f, or nothing")
            )


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit and who recorded it."""

    audit: DatasetAudit
    auditor: Organization

    @property
    def auditor_path(self) -> str:
        return f"/organizations/{self.auditor.slug}"


def auditable(work: Work, actor: Actor, slug: str, number: int) -> tuple[Dataset, DatasetVersion]:
    """A version of a published dataset, for an auditor who does not own it. Raises NotFound, Gone, Forbidden, Refused."""
    dataset = service.shown(work, actor, slug)
    actor.demand("dataset.audit")
    version = next((one for one in service.versions(work, dataset) if one.number == number), None)
    if version is None or dataset.state != "published":
        raise NotFound("datasets.no_version", N_("There is no such version."))
    if service.relations(work, actor, dataset) & OWNERS:
        raise Refused(
            "datasets.own_audit", N_("You belong to the owner of this dataset; somebody else has to audit it.")
        )
    return dataset, version


def auditors(work: Work, actor: Actor) -> list[Organization]:
    """The organizations in whose name the actor may record audits."""
    query = select(Organization).where(col(Organization.id).in_(actor.auditing_ids))
    return list(work.session.exec(query.order_by(col(Organization.name), col(Organization.id))))


def record(work: Work, actor: Actor, slug: str, number: int, finding: Finding, *, organization_id: int) -> DatasetAudit:
    """Writes an audit down and tells those who own the dataset. The same finding once more makes one.

    Raises NotFound, Gone, Forbidden, Malformed, Refused (the actor belongs to the owner; there is another finding already).
    """
    dataset, version = auditable(work, actor, slug, number)
    wrong = organization_id not in actor.auditing_ids
    chosen = (FieldError("organization", N_("Choose an organization in whose name you audit")),) if wrong else ()
    refuse((*chosen, *finding.faults(today(work))))
    alone(work.session, f"audits of dataset {dataset.id}")
    said = {name: getattr(finding, name) for name in Finding.__slots__ if name != "unread"}
    known = work.session.exec(
        select(DatasetAudit).where(
            DatasetAudit.version_id == version.id,
            DatasetAudit.organization_id == organization_id,
            DatasetAudit.matter == finding.matter,
            col(DatasetAudit.withdrawn_at).is_(None),
        )
    ).first()
    if known is not None and all(getattr(known, name) == value for name, value in said.items()):
        return known
    if known is not None:
        raise Refused(
            "datasets.audited", N_("This was audited already; take the earlier audit back before you record another.")
        )
    made = DatasetAudit(
        version_id=version.id or 0, organization_id=organization_id, recorded_by=actor.id, recorded_at=work.now, **said
    )
    work.session.add(made)
    work.session.flush()
    kept = {"matter": finding.matter, "outcome": finding.outcome, "organization": organization_id}
    service.record(work, actor, "dataset.audit", dataset, audit=made.id, version=number, sha256=version.sha256, **kept)
    _tell(work, dataset, made, "recorded")
    return made


def withdraw(work: Work, actor: Actor, slug: str, audit_id: int) -> DatasetAudit:
    """Takes an audit back and tells those who own the dataset; for whoever belongs to the organization that recorded it.

    Raises NotFound.
    """
    dataset = service.dataset_for(work, actor, slug, "dataset.read")
    query = select(DatasetAudit).join(DatasetVersion, col(DatasetVersion.id) == col(DatasetAudit.version_id))
    of_dataset = query.where(DatasetAudit.id == audit_id, DatasetVersion.dataset_id == dataset.id)
    audit = work.session.exec(of_dataset.with_for_update(of=DatasetAudit)).one_or_none()
    if audit is None:
        raise NotFound("datasets.no_audit", N_("There is no such audit."))
    actor.demand("dataset.withdraw_audit", organization_id=audit.organization_id)
    if audit.withdrawn_at is None:
        audit.withdrawn_by, audit.withdrawn_at = actor.person_id, work.now
        work.session.add(audit)
        work.session.flush()
        service.record(
            work, actor, "dataset.withdraw_audit", dataset, audit=audit.id, organization=audit.organization_id
        )
        _tell(work, dataset, audit, "taken_back")
    return audit


def _tell(work: Work, dataset: Dataset, audit: DatasetAudit, news: letters.AuditNews) -> None:
    letters.tell_of_audit(work, dataset, audit, news, matter=MATTERS[audit.matter], outcome=OUTCOMES[audit.outcome])


_STANDING: Final = (
    select(DatasetAudit, DatasetVersion, Organization)
    .join(DatasetVersion, col(DatasetVersion.id) == col(DatasetAudit.version_id))
    .join(Organization, col(Organization.id) == col(DatasetAudit.organization_id))
    .where(col(DatasetAudit.withdrawn_at).is_(None))
    .order_by(col(DatasetVersion.number).desc(), col(DatasetAudit.audited_on).desc(), col(DatasetAudit.id).desc())
)


def of_dataset(work: Work, dataset: Dataset) -> list[tuple[DatasetAudit, DatasetVersion, Organization]]:
    """The audits that stand, those of newer versions first, within one the latest first."""
    return list(work.session.exec(_STANDING.where(DatasetVersion.dataset_id == dataset.id, service.COUNTS)))


def of_version(work: Work, version: DatasetVersion) -> tuple[Audited, ...]:
    """The audits of one file that stand and whose auditor's word the operator still takes, the latest first.

    These are what descriptions for machines carry: there is no term for the doubt that the card puts beside the others.
    """
    found = work.session.exec(_STANDING.where(DatasetAudit.version_id == version.id, col(Organization.audits)))
    return tuple(Audited(audit, auditor) for audit, _, auditor in found)


def today(work: Work) -> date:
    """The day it is where the installation is."""
    return work.now.astimezone(ZoneInfo(work.settings.zone)).date()
