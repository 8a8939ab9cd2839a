"""Mails to those who own a dataset: what an auditor wrote down about it, and that an audit was taken back."""

from collections.abc import Sequence
from typing import Literal

from sqlmodel import col, select

from leaderboard.accounts import letters
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.core.i18n import translate
from leaderboard.core.work import Work
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset, DatasetAudit, DatasetVersion
from leaderboard.datasets.wording import Said
from leaderboard.entries.models import TeamMember

AuditNews = Literal["recorded", "taken_back"]


def tell_of_audit(
    work: Work, dataset: Dataset, audit: DatasetAudit, news: AuditNews, *, matter: str, outcome: str
) -> None:
    """Queues the letter about an audit to everybody of the owning team or organization, in each one's language.

    matter, outcome   the sentences for those of the audit
    """
    version = work.session.get_one(DatasetVersion, audit.version_id)
    auditor = work.session.get_one(Organization, audit.organization_id).name
    for person in _owners(work, dataset):
        letters.post(
            work,
            person,
            "dataset_audit",
            news=news,
            title=Said.of(CardWords.of(dataset), "title", person.locale).text or dataset.slug,
            slug=dataset.slug,
            number=version.number,
            sha256=version.sha256,
            auditor=auditor,
            matter=translate(person.locale, matter),
            outcome=translate(person.locale, outcome),
            text=Said.either(audit.text_en, audit.text_zh, person.locale).text,
        )


def _owners(work: Work, dataset: Dataset) -> Sequence[Person]:
    """The members of the team or the organization whose account is open."""
    theirs = (
        select(Membership.person_id).where(Membership.organization_id == dataset.organization_id)
        if dataset.team_id is None
        else select(TeamMember.person_id).where(TeamMember.team_id == dataset.team_id)
    )
    query = select(Person).where(col(Person.id).in_(theirs), col(Person.closed_at).is_(None))
    return work.session.exec(query.order_by(col(Person.id))).all()
