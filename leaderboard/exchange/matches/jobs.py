"""Matching in the background: one job a demand, coalesced by key, and one job a changed listing that finds whom it concerns; and
one job that has slow models read what they have not, slice after slice, after which all is matched once more. A worker that
starts has looked whether there is anything of that: a model may have been installed meanwhile.
"""

from collections.abc import Iterable, Mapping
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
UNREAD_JOB: Final = "matches.unread"
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


def ask_for_look(work: Work) -> None:
    """Has looked whether a model was installed since the index was saved; costs nothing where there is none."""
    if index.is_kept(work):
        work.enqueue(UNREAD_JOB, "matches:unread")


def look_for_unread(held: Resources, job: Leased) -> None:
    """Asks once for what installed models have not read, whoever has asked before."""
    del job
    with held.read() as work:
        if not index.has_unread(work):
            return
    with held.write() as work:
        ask_for_reading(work)


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
        needs, today = demands.needs(work), runs.day_of(work)
        coming = set() if entry is None else _that_it_comes_into(needs, entry, shelf, today)
        ids = [need.demand_id for need in needs if need.demand_id in placed | coming]
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
        unread = index.has_unread(work)
        shelf, read = index.complete(work)
        done = shelf.is_complete and (read or unread)
        needs = [need.demand_id for need in demands.needs(work)] if done else []
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


def _that_it_comes_into(needs: Iterable[Need], entry: Entry, shelf: Shelf, today: date) -> set[int]:
    """The demands for which the listing is good enough, or would be with one change. First as if its text were all that is
    wanted, which costs next to nothing; texts are compared only where that would do.
    """
    key, unit = entry.offer.key, entry.offer.organization_id
    some = [need for need in needs if need.organization_id != unit and _comes_in(need, entry, {key: 1.0}, today)]
    texts = {need.demand_id: texts_of_need(need) for need in some}
    held = shelf.index.compared(key, [text for of_need in texts.values() for text in of_need])
    found = {} if held is None else held.relevances()
    best = {id: max((found.get(text, 0.0) for text in said), default=None) for id, said in texts.items()}
    return {need.demand_id for need in some if _comes_in(need, entry, {key: best[need.demand_id]}, today)}


def _comes_in(need: Need, entry: Entry, relevance: Mapping[str, float | None], today: date) -> bool:
    alone = matching.run(need.document, [entry.offer.document], relevance, today=today, config=runs.CONFIG)
    return bool(alone.order or alone.near)
