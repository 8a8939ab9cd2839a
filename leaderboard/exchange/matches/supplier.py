"""What a supplier is told of the demands that its listing fits: a band, never a number, a place or a reason.

Of a demand that the supplier may read in full, the band follows from what it may read. Of a blind one it follows from the blind
card and nothing else: whatever listings somebody tries, the answer cannot depend on a word, a budget or a condition that the
card does not show. Looks at blind demands are counted all the same: an organization compares so many versions of its listings
a day.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import col

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.service import BlindCard
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import index, runs, standing
from leaderboard.exchange.matches.index import Entry, Shelf
from leaderboard.exchange.matches.models import BlindLook
from leaderboard.exchange.matches.standing import Read
from leaderboard.exchange.matching.config import Band, band
from leaderboard.exchange.matching.evaluation import asked, evaluated
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.exchange.matching.scores import MOST_WEIGHT, Scores, Span
from leaderboard.exchange.relevance import Text
from leaderboard.seasons.signals import Words
from leaderboard.terms.demand import Demand
from leaderboard.terms.words import GRADES

LOOKS_A_DAY: Final = 50
"""Versions of listings that an organization may compare with blind demands in a day."""
LEAST: Final = (1 - 1e-9) * runs.CONFIG.floor ** (MOST_WEIGHT / FACTORS["relevance"].weight)
"""The relevance below which nothing is placed, rounding aside: it multiplies a mean that is at most 1."""


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
    held = standing.others(work, entry.offer.organization_id, of)
    tiers = demands.tiers(work, actor, held)
    seen = [(one, tier) for one, tier in zip(held, tiers, strict=True) if tier == "full" or (tier == "card" and blind)]
    read = standing.read(work, [one for one, _ in seen])
    full = {one.id: read[one.id] for one, tier in seen if tier == "full" and one.id in read}
    bands_of = dict(zip(full, _open_bands(shelf, entry, list(full.values()), today), strict=True))
    cards: dict[BlindCard, Band | None] = {}
    for one, tier in seen:
        found = read.get(one.id)
        if found is None:
            continue
        if tier == "full":
            said = bands_of[one.id]
            if said is not None:
                yield Fit(said, one.key, found.title, one.organization, None)
            continue
        card = found.card
        said = cards[card] if card in cards else cards.setdefault(card, _card_band(card, entry, today))
        if said is not None:
            yield Fit(said, one.key, None, None, card)


def _open_bands(shelf: Shelf, entry: Entry, shown: Sequence[Read], today: date) -> list[Band | None]:
    """Of each demand, by what others may read of it."""
    relevances = _relevances(shelf, entry.offer.key, [text for read in shown for text in read.texts])
    known = (read.best(relevances) for read in shown)
    return [
        _band(read.shown, entry, best, today) if best >= LEAST else None
        for read, best in zip(shown, known, strict=True)
    ]


def _relevances(shelf: Shelf, key: str, texts: Iterable[Text]) -> Mapping[Text, float]:
    """Of those texts for which the listing may be relevant enough to be placed."""
    held = shelf.index.compared(key, texts)
    if held is None:
        return {}
    return held.relevances({text for text, most in held.reach().items() if most >= LEAST})


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
