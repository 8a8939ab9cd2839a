"""Matching in the background: one job a demand, coalesced by key, and one job a changed listing that finds whom it concerns; and
one job that has slow models read what they have not, slice after slice, after which all is matched once more.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import col

from leaderboard.core import jobs
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.service import Need
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import index, runs
from leaderboard.exchange.matches.cards import texts_of_need
from leaderboard.exchange.matches.index import Entry, Shelf
from leaderboard.exchange.matches.models import Match, MatchRun
from leaderboard.exchange.matching import run as matching

DEMAND_JOB: Final = "matches.demand"
LISTING_JOB: Final = "matches.listing"
READING_JOB: Final = "matches.reading"
PATIENCE: Final = timedelta(seconds=5)
"""Suppliers change several things one after the other."""


def ask(work: Work, demand_id: int, *, delay: timedelta = timedelta(0)) -> None:
    """Has the demand matched soon; asked twice before it begins is once."""
    work.enqueue(DEMAND_JOB, key_of(demand_id), payload={"demand": demand_id}, delay=delay)


def key_of(demand_id: int) -> str:
    return f"matches:demand:{demand_id}"


def is_under_way(work: Work, demand_id: int) -> bool:
    """Whether its matching waits or goes on."""
    return jobs.state_of(work.session, key_of(demand_id)) in {jobs.WAITING, jobs.LEASED}


def ask_for_listing(work: Work, listing_id: int) -> None:
    """Has all demands matched again that a changed listing concerns."""
    work.enqueue(LISTING_JOB, f"matches:listing:{listing_id}", payload={"listing": listing_id}, delay=PATIENCE)


def ask_for_reading(work: Work) -> None:
    """Has slow models read what is left."""
    work.enqueue(READING_JOB, "matches:reading")


def match_demand(held: Resources, job: Leased) -> None:
    """Matches one demand with all that is offered. The long part holds no lock; what came of it is kept if it still fits."""
    with held.read() as work:
        need = _active(work, job.payload["demand"])
        if need is None:
            return
        shelf = index.refresh(work)
        made = runs.make(need, shelf, runs.day_of(work))
    with held.write() as work:
        if not shelf.is_complete:
            ask_for_reading(work)
        row = work.session.get_one(DemandRow, need.demand_id, with_for_update=True)
        if row.state in ACTIVE and demands.current_version(work, row).id == need.version_id:
            runs.keep(work, made)


def _active(work: Work, demand_id: int) -> Need | None:
    row = work.session.get(DemandRow, demand_id)
    return demands.need_of(work, row) if row is not None and row.state in ACTIVE else None


def match_listing(held: Resources, job: Leased) -> None:
    """Finds the demands that a changed listing concerns, and has each of them matched: the others would come out as they are."""
    with held.read() as work:
        shelf = index.refresh(work)
        listing_id = job.payload["listing"]
        key = work.session.execute(select(col(ListingRow.key)).where(col(ListingRow.id) == listing_id)).scalar_one()
        entry, placed = shelf.entries.get(key), _placed(work, listing_id)
        ids = [
            need.demand_id
            for need in demands.needs(work)
            if need.demand_id in placed or (entry is not None and _would_come_in(need, entry, shelf, runs.day_of(work)))
        ]
    if ids or not shelf.is_complete:
        with held.write() as work:
            for id in ids:
                ask(work, id, delay=PATIENCE)
            if not shelf.is_complete:
                ask_for_reading(work)


def read_listings(held: Resources, job: Leased) -> None:
    """Has slow models read one slice, and asks for the next; after the last, for all demands to be matched once more."""
    del job
    with held.read() as work:
        shelf, read = index.complete(work)
        needs = [need.demand_id for need in demands.needs(work)] if read and shelf.is_complete else []
    with held.write() as work:
        for id in needs:
            ask(work, id)
        if read and not shelf.is_complete:  # where nothing can be read, asking again would never end
            ask_for_reading(work)


def _placed(work: Work, listing_id: int) -> set[int]:
    """The demands in whose newest run the listing has a place, or would with one change."""
    placed = set(
        work.session.execute(select(col(Match.demand_id)).where(col(Match.listing_id) == listing_id)).scalars()
    )
    newest = select(func.max(MatchRun.id)).group_by(col(MatchRun.demand_id))
    rows = work.session.execute(select(col(MatchRun.demand_id), col(MatchRun.near)).where(col(MatchRun.id).in_(newest)))
    return placed | {demand_id for demand_id, near in rows if listing_id in near}


def _would_come_in(need: Need, entry: Entry, shelf: Shelf, today: date) -> bool:
    """Whether the listing is good enough, or would be with one change. First as if its text were all that is wanted, which
    costs next to nothing; texts are compared only where that would do.
    """
    if entry.offer.organization_id == need.organization_id:
        return False
    key = entry.offer.key
    if not _comes_in(need, entry, {key: 1.0}, today):
        return False
    texts = texts_of_need(need)
    found = shelf.relevances(texts, among=[key])
    return _comes_in(need, entry, {key: found.get(key, 0.0) if texts else None}, today)


def _comes_in(need: Need, entry: Entry, relevance: Mapping[str, float | None], today: date) -> bool:
    alone = matching.run(need.document, [entry.offer.document], relevance, today=today, config=runs.CONFIG)
    return bool(alone.order or alone.near)
