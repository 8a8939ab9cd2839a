"""What all outward descriptions are made from: a card with its versions and what was measured, in both languages at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import select
from sqlmodel import col

from challenges.quality import QualityReport
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.i18n import LOCALES, locale_tag
from leaderboard.core.work import Work
from leaderboard.datasets import audits, evidence, service, usage
from leaderboard.datasets.audits import Audited
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.models import Dataset, DatasetState, DatasetVersion
from leaderboard.datasets.pages import owner_of
from leaderboard.entries.models import Team


@dataclass(frozen=True)
class Subject:
    """A dataset. ``site``: the address of the installation without a slash at its end; ``versions``: the newest first.

    ``report``: what is published of the newest version's quality report; None: it was not measured. ``audits``: those of the newest
    version. A subject has neither before they are asked for (see `with_evidence`).
    """

    site: str
    slug: str
    state: DatasetState
    words: CardWords
    owner: str
    owner_path: str
    versions: tuple[DatasetVersion, ...]
    created_at: datetime
    published_at: datetime | None
    report: QualityReport | None = None
    audits: tuple[Audited, ...] = ()

    @property
    def newest(self) -> DatasetVersion:
        return self.versions[0]

    @property
    def address(self) -> str:
        """Its name for good, in no language; a browser is sent on to the card in its own."""
        return f"{self.site}/datasets/{self.slug}"

    @property
    def pages(self) -> Mapping[str, str]:
        """The card's pages by the tag of their language."""
        return {locale_tag(locale): f"{self.site}/{locale}/datasets/{self.slug}" for locale in LOCALES}

    @property
    def offer(self) -> Mapping[str, JsonValue] | None:
        """Its terms of use as an ODRL offer; None: nothing is said of them."""
        policy = usage.policy_of(self.words.licence, self.words.own)
        return usage.offer(policy, dataset=self.address, owner=f"{self.site}{self.owner_path}")

    def said(self, name: str) -> Mapping[str, str]:
        """One of the card's texts by the tag of its language; a language in which it is not written is missing."""
        texts = {locale_tag(locale): str(getattr(self.words, f"{name}_{locale}")) for locale in LOCALES}
        return {tag: text for tag, text in texts.items() if text}

    def first(self, name: str, locale: str) -> str:
        """One of the card's texts in the reader's language, or in the other one; empty: not written."""
        texts = self.said(name)
        return texts.get(locale_tag(locale)) or next(iter(texts.values()), "")


def subject(work: Work, actor: Actor, slug: str) -> Subject:
    """The dataset as its card may be looked at, with its evidence. Raises NotFound, Gone."""
    dataset = service.shown(work, actor, slug)
    return with_evidence(work, _made(work, dataset, *owner_of(work, dataset), service.versions(work, dataset)))


def published(work: Work) -> list[Subject]:
    """Every dataset that everybody may see, without evidence, the first made first: a harvest's pages stay as they are."""
    rows = (
        select(Dataset, col(Team.name), col(Organization.name), col(Organization.slug))
        .outerjoin(Team, col(Team.id) == col(Dataset.team_id))
        .outerjoin(Organization, col(Organization.id) == col(Dataset.organization_id))
        .where(col(Dataset.state) == "published")
        .order_by(col(Dataset.id))
    )
    versions: defaultdict[int, list[DatasetVersion]] = defaultdict(list)
    known = (
        select(DatasetVersion)
        .join(Dataset, col(Dataset.id) == col(DatasetVersion.dataset_id))
        .where(col(Dataset.state) == "published", service.COUNTS)
        .order_by(col(DatasetVersion.number).desc())
    )
    for (version,) in work.session.execute(known):
        versions[version.dataset_id].append(version)
    return [
        _made(
            work,
            dataset,
            team or unit,
            f"/teams/{dataset.team_id}" if team else f"/organizations/{key}",
            versions[dataset.id],
        )
        for dataset, team, unit, key in work.session.execute(rows)
    ]


def with_evidence(work: Work, one: Subject) -> Subject:
    """The same with what is published of its newest version's report, and that version's audits."""
    return replace(one, report=evidence.report_of(work, one.newest), audits=audits.of_version(work, one.newest))


def _made(work: Work, dataset: Dataset, owner: str, path: str, versions: Sequence[DatasetVersion]) -> Subject:
    return Subject(
        site=work.settings.base_url.rstrip("/"),
        slug=dataset.slug,
        state=dataset.state,
        words=CardWords.of(dataset),
        owner=owner,
        owner_path=path,
        versions=tuple(versions),
        created_at=dataset.created_at,
        published_at=dataset.published_at,
    )
