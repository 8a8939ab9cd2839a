"""The operator's desk: what waits for a review, the longest first, and one of them with all that is to be looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, or_, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.organizations import VERIFICATIONS
from leaderboard.core.work import Work
from leaderboard.datasets.wording import Said
from leaderboard.exchange.listings import pages, service
from leaderboard.exchange.listings.deeds import CHECKLIST
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.pages import Told
from leaderboard.exchange.listings.states import LABELS, WAITING, State
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.words import KINDS
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class Waiting:
    """One listing in the queue. ``change``: it has passed before, and waits with new compliance facts."""

    key: str
    title: Words
    kind: Phrase
    organization: str
    state: State
    label: Phrase
    change: bool
    since: datetime


@dataclass(frozen=True)
class DeskPage:
    """All that waits, the longest first."""

    rows: tuple[Waiting, ...]


@dataclass(frozen=True)
class ReviewPage:
    """What is to be decided on. ``news``: the facts in which a change differs from what is shown; ``card``: state of its card."""

    key: str
    number: int
    state: State
    change: bool
    since: datetime | None
    told: Told
    scenario: Said
    organization: str
    organization_slug: str
    verified: Phrase
    news: tuple[Phrase, ...]
    card: str
    form: Form
    checklist: tuple[tuple[str, str, str], ...] = tuple((key, *said) for key, said in CHECKLIST.items())


def desk(work: Work, actor: Actor) -> DeskPage:
    """Raises NotFound for everybody but the operator."""
    actor.demand("exchange.review")
    query: Any = (
        select(ListingRow, ListingVersion, Organization)
        .join(ListingVersion, col(ListingVersion.listing_id) == col(ListingRow.id))
        .join(Organization, col(Organization.id) == col(ListingRow.organization_id))
        .where(
            or_(col(ListingRow.state).in_(WAITING), col(ListingRow.proposed).is_not(None)),
            or_(
                col(ListingVersion.number) == col(ListingRow.proposed),
                col(ListingRow.proposed).is_(None) & (col(ListingVersion.number) == col(ListingRow.version)),
            ),
        )
    )
    rows = [_waiting(*found) for found in work.session.exec(query)]
    return DeskPage(tuple(sorted(rows, key=lambda row: (row.since, row.key))))


def _waiting(row: ListingRow, version: ListingVersion, unit: Organization) -> Waiting:
    return Waiting(
        key=row.key,
        title=Words(version.title_en or row.key, version.title_zh),
        kind=Phrase(KINDS[row.kind]),
        organization=unit.name,
        state=row.state,
        label=Phrase(LABELS[row.state]),
        change=row.proposed is not None,
        since=row.proposed_at or row.submitted_at or row.created_at,
    )


def review(work: Work, actor: Actor, key: str, locale: str, form: Form | None = None) -> ReviewPage:
    """The listing as it is to be decided on, or as it is now where nothing waits any more. Raises NotFound."""
    row = service.listing_for(work, actor, key, "exchange.review")
    version = service.version_of(work, row, row.proposed or row.version)
    unit = work.session.get_one(Organization, row.organization_id)
    change = row.proposed is not None
    return ReviewPage(
        key=key,
        number=version.number,
        state=row.state,
        change=change,
        since=row.proposed_at or row.submitted_at,
        told=pages.told(work, service.offer(work, version.id or 0), version, locale),
        scenario=pages.said(Words(row.scenario_en, row.scenario_zh), locale),
        organization=unit.name,
        organization_slug=unit.slug,
        verified=Phrase(VERIFICATIONS[unit.verified]),
        news=pages.news(service.current_version(work, row), version, of_card=row.dataset_id is not None)
        if change
        else (),
        card=pages.card_state(work, row),
        form=form or Form(),
    )
