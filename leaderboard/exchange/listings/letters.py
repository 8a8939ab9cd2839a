"""Mails to the members of a listing's organization: what was decided about it, and what is to be done."""

from typing import Literal

from sqlmodel import col, select

from leaderboard.accounts import letters
from leaderboard.accounts.models import Membership, Person
from leaderboard.core.work import Work
from leaderboard.exchange.listings import service
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.seasons.signals import Words

News = Literal[
    "listed", "registered", "returned", "rejected", "change_accepted", "change_returned", "suspended", "card_withdrawn",
    "resumed", "confirm_soon", "stale",
]  # fmt: skip


def tell(work: Work, row: ListingRow, news: News) -> None:
    """Queues the letter about ``news`` to every member whose account is open."""
    members = (
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.organization_id) == row.organization_id, col(Person.closed_at).is_(None))
        .order_by(col(Person.id))
    )
    version = service.newest_version(work, row)
    title = Words(version.title_en, version.title_zh)
    for person in work.session.exec(members):
        said = title.said(person.locale) or row.key
        letters.post(work, person, "listing_news", news=news, title=said, key=row.key, note=row.review_note)
