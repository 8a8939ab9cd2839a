"""Listings and demands of the demo: handed in by their organizations, reviewed by the operator, as anybody's would be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.cli.demo_exchange.cast import Cast
from leaderboard.cli.demo_exchange.content import Desk, Needed, Offered
from leaderboard.core.i18n import LOCALES
from leaderboard.core.work import Work
from leaderboard.exchange.demands import making, outlets, vetting
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.listings import deeds, drafting
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.deeds import CHECKLIST
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.sheet import Sheet, Wording
from leaderboard.exchange.listings.states import WAITING, State
from leaderboard.exchange.matches.models import MatchRun
from leaderboard.terms.listing import Listing


def offer(cast: Cast, one: Offered) -> str:
    """Has a listing of the demo listed; its address."""
    with cast.resources.write() as work:
        row = _offered(work, cast, one)
        approve(work, cast, row)
        return row.key


def hand_in(cast: Cast, desk: Desk) -> dict[str, str]:
    """Has listings and demands handed in, and leaves them to the operator; their addresses by key."""
    with cast.resources.write() as work:
        listings_made = {key: _offered(work, cast, one).key for key, one in desk.listings.items()}
        return listings_made | {key: _needed(work, cast, one).key for key, one in desk.demands.items()}


def _offered(work: Work, cast: Cast, one: Offered) -> ListingRow:
    unit, member = cast.units[one.supplier], cast.members[one.supplier]
    row = _listing(work, unit, one.sheet.words.title_en) or drafting.create(
        work, member, organization_id=unit, sheet=one.sheet
    )
    return deeds.submit(work, member, row.key) if row.state == State.DRAFT else row


def offer_card(work: Work, cast: Cast, member: Actor, unit: int, slug: str, said: Mapping[str, Any]) -> str:
    """Has the listing made from a dataset card listed; ``said`` has what the card does not: scenario, terms, perhaps a title."""
    row = drafting.create_from_card(work, member, organization_id=unit, slug=slug)
    if row.state == State.DRAFT:
        version = listings.newest_version(work, row)
        parts = {part for part in ("title", "scenario") if part in said[LOCALES[0]]}
        told = {f"{part}_{locale}": said[locale][part] for locale in LOCALES for part in parts}
        facts = {**listings.document(version).model_dump(mode="json"), **said["document"]}
        sheet = Sheet(replace(Wording.of(row, version), **told), Listing.model_validate(facts, strict=False))
        drafting.edit(work, member, row.key, sheet, seen=version.number)
        deeds.submit(work, member, row.key)
    approve(work, cast, row)
    return row.key


def approve(work: Work, cast: Cast, row: ListingRow) -> None:
    """The operator lets a listing pass that was handed in."""
    if row.state in WAITING:
        deeds.take_up(work, cast.operator, row.key)
        deeds.approve(work, cast.operator, row.key, number=row.version, checked=tuple(CHECKLIST))


def _listing(work: Work, unit: int, title: str) -> ListingRow | None:
    query = (
        select(ListingRow)
        .join(ListingVersion, col(ListingVersion.listing_id) == col(ListingRow.id))
        .where(ListingRow.organization_id == unit, ListingVersion.title_en == title)
    )
    return work.session.exec(query).first()


def need(cast: Cast, one: Needed) -> str:
    """Has a demand of the demo opened; its address."""
    with cast.resources.write() as work:
        row = _needed(work, cast, one)
        if row.state == "submitted":
            vetting.take_up(work, cast.operator, row.key)
            vetting.approve(work, cast.operator, row.key, version=row.version)
        return row.key


def _needed(work: Work, cast: Cast, one: Needed) -> DemandRow:
    """Its demander corrects what was understood of its words before it hands in."""
    unit, member = cast.units[one.organization], cast.members[one.organization]
    row = _demand(work, unit, one.written.title_en) or making.create(work, member, unit, one.written)
    if row.state == "draft":
        row = making.edit(work, member, row.key, one.written, base=row.version)
        making.submit(work, member, row.key)
    return row


def _demand(work: Work, unit: int, title: str) -> DemandRow | None:
    query = (
        select(DemandRow)
        .join(DemandVersion, col(DemandVersion.demand_id) == col(DemandRow.id))
        .where(DemandRow.organization_id == unit, DemandVersion.title_en == title)
    )
    return work.session.exec(query).first()


def take_further(cast: Cast, one: Needed, key: str, posted: Collection[str]) -> None:
    """The outlet of a demand, once it has been matched; the bureau says which challenge was made of it, where that is posted."""
    member = cast.members[one.organization]
    with cast.resources.write() as work:
        row = work.session.exec(select(DemandRow).where(col(DemandRow.key) == key)).one()
        if row.state == "open" and one.outlet == "propose":
            outlets.propose(work, member, key)
            if one.challenge in posted:
                outlets.link(work, cast.host, key, one.challenge)
        elif row.state == "open" and one.outlet == "unmet":
            making.close(work, member, key, reason="no_offer")


def unmatched(cast: Cast, keys: Iterable[str]) -> int:
    """How many of these demands the worker has not matched yet."""
    wanted = select(DemandRow.id).where(col(DemandRow.key).in_(tuple(keys)))
    with cast.resources.read() as work:
        ids = set(work.session.exec(wanted))
        matched = select(MatchRun.demand_id).where(col(MatchRun.demand_id).in_(ids))
        return len(ids.difference(work.session.scalars(matched)))
