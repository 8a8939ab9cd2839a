"""Whom a party could meet, as it may see them: the page on which it ranks or vetoes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.work import Work
from leaderboard.events import registering, wishes
from leaderboard.events.models import Preference, Registration
from leaderboard.events.naming import HIDING, Names, names
from leaderboard.events.pages import Head, head
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands import showing
from leaderboard.exchange.demands.models import DemandRow, Tier
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class Thing:
    """What a party brings, as far as the viewer may see it. ``facts``: of a blind card; ``hides``: it does not say whose it is;
    ``key`` and ``tier``: of a demand, for those who ask who saw it.
    """

    title: Words | None
    path: str | None
    facts: tuple[Any, ...] = ()
    hides: bool = False
    key: str = ""
    tier: Tier = "none"


@dataclass(frozen=True)
class Other:
    """One whom a party could meet. ``place`` and ``veto``: what the party said of it."""

    id: int
    name: Words | Phrase
    hidden: bool
    things: tuple[Thing, ...]
    languages: tuple[str, ...]
    interpreted: bool
    place: str
    veto: bool


@dataclass(frozen=True)
class PreferencesPage:
    """All of the other side. ``open``: they can be said now; ``too_low``: the party is no longer verified far enough;
    ``sorted_by_match``: the best match first. ``seen``: (key, how much) of each demand that it shows.
    """

    head: Head
    id: int
    organization: str
    side: str
    others: tuple[Other, ...]
    ranks: int
    ends_at: datetime | None
    open: bool
    too_low: bool
    sorted_by_match: bool
    saved: bool
    form: Form
    seen: tuple[tuple[str, Tier], ...]


def preferences_page(
    work: Work, actor: Actor, registration_id: int, *, saved: bool = False, form: Form | None = None
) -> PreferencesPage:
    """The other side of an event before one party. Raises NotFound.

    Demanders see suppliers by match, the best first. Suppliers see demanders by number: an order by match would tell them what
    blind demands ask for.
    """
    event, row = registering.registration_for(work, actor, registration_id)
    others = list(wishes.others(work, event, row))
    by_match = row.side == "demander"
    if by_match:
        best = wishes.best_scores(work, others, [row])
        others.sort(key=lambda one: (-best.get((one.id or 0, row.id or 0), 0.0), one.number))
    called = names(work, actor, event, others)
    things = _listings(work, others) if by_match else _demands(work, actor, others)
    said = wishes.preferences(work, registration_id)
    too_low = not registering.stands(work, event, row)
    rows = tuple(_other(row, one, called, things, said.get(one.id or 0)) for one in others)
    return PreferencesPage(
        head=head(work, actor, event),
        id=registration_id,
        organization=work.session.get_one(Organization, row.organization_id).name,
        side=row.side,
        others=rows,
        ranks=event.ranks,
        ends_at=event.preferences_end_at,
        open=wishes.is_open(event, work) and row.state == "registered" and not too_low,
        too_low=too_low,
        sorted_by_match=by_match,
        saved=saved,
        form=form or Form(),
        seen=tuple((thing.key, thing.tier) for one in rows for thing in one.things if thing.tier != "none"),
    )


def _other(
    row: Registration, one: Registration, called: Names, things: Mapping[int, Thing], said: Preference | None
) -> Other:
    """`one` as the party `row` may see it, with what it said of it. Of one whose name is hidden no open demand is shown beside the
    blind one: it would say whose both are.
    """
    hidden = one.id in called.hidden
    brought = (things[thing] for thing in one.things if thing in things)
    return Other(
        id=one.id or 0,
        name=called[one.id or 0],
        hidden=hidden,
        things=tuple(thing for thing in brought if thing.hides or not hidden),
        languages=tuple(one.languages),
        interpreted=not set(row.languages) & set(one.languages),
        place=str(said.place) if said is not None and said.place is not None else "",
        veto=said is not None and said.veto,
    )


def _listings(work: Work, rows: Sequence[Registration]) -> Mapping[int, Thing]:
    wanted = {id for row in rows for id in row.things}
    return {
        one.listing_id: Thing(one.title, f"/listings/{one.key}")
        for one in listings.offers(work, col(ListingRow.id).in_(wanted))
    }


def _demands(work: Work, actor: Actor, rows: Sequence[Registration]) -> Mapping[int, Thing]:
    """As far as the actor may see each; of a hidden one nothing."""
    wanted = {id for row in rows for id in row.things}
    found = demands.rows_of(work, col(DemandRow.id).in_(wanted))
    tiers = demands.tiers(work, actor, [row for row, _, _ in found])
    things = {}
    for (row, version, need), tier in zip(found, tiers, strict=True):
        hides = row.visibility in HIDING
        if tier == "full":
            seen = showing.in_full(need, row, version, ours=False)
            things[need.demand_id] = Thing(seen.title, f"/demands/{need.key}", hides=hides, key=row.key, tier=tier)
        elif tier == "card":
            card = showing.as_card(row.key, demands.card_of(need.document))
            things[need.demand_id] = Thing(None, None, card.facts, hides=hides, key=row.key, tier=tier)
    return things
