"""What a supplier is told of the demands that its listing fits: a band, never a number, a place or a reason.

Of a demand that the supplier may read in full, the band follows from what it may read. Of a blind one it follows from the blind
card and nothing else: whatever listings somebody tries, the answer cannot depend on a word, a budget or a condition that the
card does not show. Looks at blind demands are counted all the same: an organization compares so many versions of its listings
a day.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import col

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands import showing
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.demands.service import BlindCard, Need
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import index, runs
from leaderboard.exchange.matches.cards import texts_of_need
from leaderboard.exchange.matches.index import Entry, Shelf
from leaderboard.exchange.matches.models import BlindLook
from leaderboard.exchange.matching.config import Band, band
from leaderboard.exchange.matching.evaluation import asked, evaluated
from leaderboard.exchange.matching.scores import Scores, Span
from leaderboard.seasons.signals import Words
from leaderboard.terms.demand import Demand
from leaderboard.terms.words import GRADES

LOOKS_A_DAY: Final = 50
"""Versions of listings that an organization may compare with blind demands in a day."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A demand that fits. Of a blind one there is a ``card`` and neither title nor organization."""

    band: Band
    key: str
    title: Words | None
    organization: str | None
    card: BlindCard | None


@dataclass(frozen=True, slots=True)
class Bands:
    """What fits a listing, strong before fair. ``looks_left`` None: the day's looks at blind demands are used up, and there are
    none of them among ``fits``. ``offered`` False: the listing is not listed, so nothing is compared.
    """

    fits: tuple[Fit, ...]
    looks_left: int | None
    offered: bool


def take_look(work: Work, actor: Actor, listing_key: str) -> int | None:
    """Counts a look at blind demands for the version that holds; again on the same day it costs nothing. How many are left,
    None where the day's are used up.
    """
    row = listings.listing_for(work, actor, listing_key, "match.read")
    version, today = listings.current_version(work, row), runs.day_of(work)
    alone(work.session, f"blind looks of {row.organization_id}")
    of_day = select(col(BlindLook.version_id)).where(
        col(BlindLook.organization_id) == row.organization_id, col(BlindLook.day) == today
    )
    seen = set(work.session.execute(of_day).scalars())
    if version.id not in seen:
        if len(seen) >= LOOKS_A_DAY:
            return None
        look = BlindLook(
            organization_id=row.organization_id, day=today, version_id=version.id or 0, person_id=actor.id, at=work.now
        )
        work.session.add(look)
        work.session.flush()
        seen.add(version.id)
    return LOOKS_A_DAY - len(seen)


def looks_left(work: Work, row: ListingRow) -> int | None:
    """As `take_look` left it: None where the version that holds is not among those looked at today."""
    today = runs.day_of(work)
    mine = (col(BlindLook.organization_id) == row.organization_id, col(BlindLook.day) == today)
    version = listings.current_version(work, row)
    taken = select(col(BlindLook.id)).where(*mine, col(BlindLook.version_id) == version.id)
    if work.session.execute(taken).first() is None:
        return None
    return LOOKS_A_DAY - int(
        work.session.execute(select(func.count()).select_from(BlindLook).where(*mine)).scalar_one()
    )


def bands(work: Work, actor: Actor, listing_key: str) -> Bands:
    """What fits the actor's listing, by bands; blind demands only after `take_look`. Raises NotFound."""
    row = listings.listing_for(work, actor, listing_key, "match.read")
    shelf, left = index.current(work), looks_left(work, row)
    entry = shelf.entries.get(row.key)
    if entry is None:
        return Bands((), left, offered=False)
    found = fits(work, actor, shelf, entry, blind=left is not None)
    return Bands(
        tuple(sorted(found, key=lambda one: (one.band != "strong", one.card is not None, one.key))), left, True
    )


def fits(
    work: Work, actor: Actor, shelf: Shelf, entry: Entry, *, blind: bool, of: Collection[int] | None = None
) -> Iterator[Fit]:
    """Every open demand of others that the actor may see and that the listing fits, or those with these ids."""
    today = runs.day_of(work)
    others = col(DemandRow.organization_id) != entry.offer.organization_id
    chosen = () if of is None else (col(DemandRow.id).in_(of),)
    found = demands.rows_of(work, col(DemandRow.state).in_(ACTIVE), others, *chosen)
    tiers = demands.tiers(work, actor, [row for row, _, _ in found])
    for (_, version, need), tier in zip(found, tiers, strict=True):
        if tier == "full":
            fit = _open_fit(need, version, shelf, entry, today)
            if fit is not None:
                yield fit
        elif tier == "card" and blind:
            card = demands.card_of(need.document)
            said = _card_band(card, entry, today)
            if said is not None:
                yield Fit(said, need.key, None, None, card)


def _open_fit(need: Need, version: DemandVersion, shelf: Shelf, entry: Entry, today: date) -> Fit | None:
    """By what others may read of the demand. They never read its exact budget, so a price cannot find it out; its weights are
    its own affair. Texts are compared only where the listing would fit if they were the same.
    """
    musts = tuple(must for must in need.document.musts if must != "budget")
    shown = need.document.model_copy(update={"weights": {}, "budget": None, "musts": musts})
    said = _band(shown, entry, 1.0, today)
    if said is None:
        return None
    read = replace(need, title=showing.blackened(version, "title"), text=showing.blackened(version, "need"))
    if texts := texts_of_need(read):
        key = entry.offer.key
        said = _band(shown, entry, shelf.relevances(texts, among=[key]).get(key, 0.0), today)
    return None if said is None else Fit(said, need.key, read.title, need.organization, None)


def _card_band(card: BlindCard, entry: Entry, today: date) -> Band | None:
    return _band(demand_of(card, entry.offer.document.kind), entry, None, today)


def demand_of(card: BlindCard, kind: str) -> Demand:
    """A demand that asks for what the card shows and for nothing else."""
    unit, _, power = card.size.partition(":")
    facts: dict[str, Any] = {
        "kind": kind,
        "sectors": card.sectors,
        "modalities": card.modalities,
        "regions": card.regions,
        "sizes": [{"unit": unit, "least": 10.0 ** int(power)}] if unit else [],
        "floors": [{"kind": "grade", "grade": card.floor}] if card.floor in GRADES else [],
        "verified": 3,
        "weights": {"relevance": 0.0},
    }
    return Demand.model_validate(facts, strict=False)


def _band(demand: Demand, entry: Entry, relevance: float | None, today: date) -> Band | None:
    """How well the listing serves the demand; what the demand is worth to the supplier, the supplier knows best."""
    found = evaluated(asked(demand, today, runs.CONFIG), entry.offer.document, relevance)
    if found.failed or found.scores is None:
        return None
    served = Span(**found.scores.demand._asdict())
    least = 0.0 if found.open else served.low
    placing = served.value - runs.CONFIG.caution * (served.value - least)
    return band(Scores(demand=served, supply=served, joint=served, placing=placing), runs.CONFIG)
