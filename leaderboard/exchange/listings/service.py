"""Looking listings up, and what is offered: `offers` for whoever searches and matches.

Making and editing is in `drafting`, moving from state to state in `deeds`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import JsonValue
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.policy import allows
from leaderboard.core import ledger
from leaderboard.core.errors import Gone, NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets.models import Dataset
from leaderboard.exchange.listings import evidence
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.signals import Rating, RatingsAsked
from leaderboard.exchange.listings.states import State
from leaderboard.seasons.signals import Words
from leaderboard.terms.listing import Listing

SHOWN: Final = frozenset({State.LISTED, State.STALE})
"""Whoever has the address may read these; only what is listed is searched and matched."""
NO_ORGANIZATION: Final = 0
"""Nobody belongs to it; it stands for the owner of what is not there."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One listing as it is offered. ``document`` holds the evidence of its dataset's card, of old versions too.

    ``listed_at``: for the first time; of one that never was, when this version was made. ``dataset_slug`` None: there is no card.
    """

    listing_id: int
    version_id: int
    key: str
    organization_id: int
    organization: str
    title: Words
    summary: Words
    document: Listing
    dataset_slug: str | None
    listed_at: datetime


def listing_for(work: Work, actor: Actor, key: str, act: str, *, lock: bool = False) -> ListingRow:
    """The listing, in any state, for those who may do ``act`` for its organization. Raises NotFound.

    For an act that everybody may do use `shown`, which hides what was not reviewed.
    """
    query = select(ListingRow).where(col(ListingRow.key) == key)
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    actor.demand(act, organization_id=NO_ORGANIZATION if found is None else found.organization_id)
    if found is None:
        raise none()
    return found


def shown(work: Work, actor: Actor, key: str) -> ListingRow:
    """The listing as it may be looked at: what is listed by everybody, the rest by its organization and the operator.

    Raises NotFound for what was never listed, and Gone for what was and is no longer.
    """
    found = listing_for(work, actor, key, "exchange.read")
    if found.state in SHOWN or may(actor, found, "listing.read_draft"):
        return found
    if found.listed_at is not None:
        raise Gone("listings.withdrawn", N_("This listing is not offered any more."))
    raise none()


def may(actor: Actor, row: ListingRow, act: str) -> bool:
    """Whether the actor may do ``act`` to this listing."""
    relations = actor.relations(organization_id=row.organization_id)
    return actor.is_system or allows(act, relations, actor.scopes)


def current_version(work: Work, row: ListingRow) -> ListingVersion:
    """The version that holds: what is shown, or of a draft the newest."""
    return version_of(work, row, row.version)


def version_of(work: Work, row: ListingRow, number: int) -> ListingVersion:
    """Version ``number``, which must exist."""
    query = select(ListingVersion).where(col(ListingVersion.listing_id) == row.id, col(ListingVersion.number) == number)
    return work.session.exec(query).one()


def newest_version(work: Work, row: ListingRow) -> ListingVersion:
    """The last one written: the one that holds, one that waits for review, or one that was sent back."""
    return versions(work, row)[0]


def versions(work: Work, row: ListingRow) -> Sequence[ListingVersion]:
    """All versions of a listing, the newest first; there is at least one."""
    query = select(ListingVersion).where(col(ListingVersion.listing_id) == row.id)
    return work.session.exec(query.order_by(col(ListingVersion.number).desc())).all()


_HOLDING: Final[Any] = (
    sa.select(ListingRow, ListingVersion, col(Organization.name), col(Dataset.slug))
    .join(ListingVersion, col(ListingVersion.listing_id) == col(ListingRow.id))
    .join(Organization, col(Organization.id) == col(ListingRow.organization_id))
    .outerjoin(Dataset, col(Dataset.id) == col(ListingRow.dataset_id))
)


def offers(work: Work, *conditions: Any) -> list[Offer]:
    """Every listing that is listed and meets the conditions, in the version that holds, the oldest listing first."""
    return _offers(work, _held(conditions).order_by(col(ListingRow.id)))


def newest(work: Work, *conditions: Any, start: int, most: int) -> tuple[list[Offer], int]:
    """Of what `offers` gives the newest listings first, ``most`` of them from the one at ``start`` on; and how many there are."""
    holds = _held(conditions)
    total = work.session.execute(sa.select(sa.func.count()).select_from(holds.subquery())).scalar_one()
    return _offers(work, holds.order_by(col(ListingRow.id).desc()).offset(start).limit(most)), total


def _held(conditions: Collection[Any]) -> Any:
    listed = _HOLDING.where(
        col(ListingRow.state) == State.LISTED, col(ListingVersion.number) == col(ListingRow.version)
    )
    return listed.where(*conditions)


def offer(work: Work, version_id: int) -> Offer:
    """One version of a listing, whether it holds or not and whatever the state of the listing. Raises NotFound."""
    found = _offers(work, _HOLDING.where(col(ListingVersion.id) == version_id))
    if not found:
        raise none()
    return found[0]


def _offers(work: Work, query: Any) -> list[Offer]:
    rows = work.session.execute(query).all()
    cards = {row.dataset_id for row, *_ in rows if row.dataset_id is not None}
    measured = evidence.of_cards(work, cards) if cards else {}
    return [
        Offer(
            listing_id=row.id,
            version_id=version.id,
            key=row.key,
            organization_id=row.organization_id,
            organization=organization,
            title=Words(version.title_en, version.title_zh),
            summary=Words(version.summary_en, version.summary_zh),
            document=document(version).model_copy(update={"evidence": measured.get(row.dataset_id, ())}),
            dataset_slug=slug,
            listed_at=row.listed_at or version.created_at,
        )
        for row, version, organization, slug in rows
    ]


def document(version: ListingVersion) -> Listing:
    """The facts of a version, without evidence."""
    return Listing.model_validate(version.document, strict=False)


def ratings(work: Work, organization_ids: Collection[int]) -> Mapping[int, Rating]:
    """What others say of suppliers, by organization."""
    asked = RatingsAsked(frozenset(organization_ids), {})
    work.emit(asked)
    return asked.found


def record(work: Work, actor: Actor, deed: str, row: ListingRow, **detail: JsonValue) -> None:
    """Writes a deed into the ledger."""
    ledger.record(work, actor.person_id, deed, f"listing:{row.id}", **detail)


def none() -> NotFound:
    """What is hidden looks the same as what is not there."""
    return NotFound("listings.none", N_("There is no such listing."))
