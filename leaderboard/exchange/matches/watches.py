"""Saved searches and what else somebody wants to be told of. Each ends by one click, in a mail or on the page."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import delete, func
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.matches.models import Cadence, Watch, WatchKind, WatchTold
from leaderboard.exchange.matches.search import Asked, known
from leaderboard.submissions.service import plain

CADENCES: Final[Mapping[str, str]] = MappingProxyType(
    {"once": N_("at once"), "daily": N_("once a day"), "weekly": N_("once a week")}
)
BATCHED: Final = ("daily", "weekly")
"""How often a supplier is told of demands: never at once, or the moment of a mail would say whose a blind demand is."""
LONGEST_NAME: Final = 80
MOST: Final = 50
"""Watches a person."""


def save_search(work: Work, actor: Actor, *, name: str, query: Mapping[str, str], cadence: str) -> Watch:
    """Saves a search of the actor; the same search with the same name once more only changes how often. Raises Malformed, Refused."""
    actor.demand("exchange.save")
    asked = Asked.of(query)
    known(work, asked)
    name = plain(name).strip()
    faults = []
    if not name or len(name) > LONGEST_NAME:
        faults.append(FieldError("name", N_("Give it a name of at most {most} characters"), {"most": LONGEST_NAME}))
    if not asked.kept:
        faults.append(FieldError("name", N_("Search for words or choose a filter first: this search finds everything")))
    if faults:
        raise Malformed("watches.search", N_("This search cannot be saved."), fields=faults)
    same = [
        one for one in of_person(work, actor) if one.kind == "search" and (one.name, one.query) == (name, asked.kept)
    ]
    return _kept(work, actor, same, _made(work, actor, "search", name, cadence, query=asked.kept))


def watch_demand(work: Work, actor: Actor, demand_key: str, *, cadence: str) -> Watch:
    """Tells the actor of new matches of a demand of their organization. Raises NotFound, Malformed, Refused."""
    row = demands.demand_for(work, actor, demand_key, "match.read")
    same = [one for one in of_person(work, actor) if one.demand_id == row.id]
    return _kept(work, actor, same, _made(work, actor, "demand", demand_key, cadence, demand_id=row.id))


def watch_listing(work: Work, actor: Actor, listing_key: str, *, cadence: str) -> Watch:
    """Tells the actor of new demands that a listing of their organization fits. Raises NotFound, Malformed, Refused."""
    row = listings.listing_for(work, actor, listing_key, "match.read")
    same = [one for one in of_person(work, actor) if one.listing_id == row.id]
    return _kept(work, actor, same, _made(work, actor, "listing", listing_key, cadence, listing_id=row.id))


def _made(work: Work, actor: Actor, kind: WatchKind, name: str, cadence: str, **of: Any) -> Watch:
    return Watch(
        person_id=actor.id,
        kind=kind,
        name=name,
        cadence=_allowed(kind, cadence),
        token=token_urlsafe(24),
        created_at=work.now,
        looked_at=work.now,
        **of,
    )


def _allowed(kind: WatchKind, cadence: str) -> Cadence:
    for known_one in BATCHED if kind == "listing" else CADENCES:
        if known_one == cadence:
            return known_one
    fault = FieldError("cadence", N_("Choose one of the intervals"))
    raise Malformed("watches.cadence", N_("Choose how often we write."), fields=[fault])


def _kept(work: Work, actor: Actor, same: Sequence[Watch], made: Watch) -> Watch:
    if same:
        same[0].cadence = made.cadence
        work.session.add(same[0])
        work.session.flush()
        return same[0]
    count = select(func.count()).select_from(Watch).where(col(Watch.person_id) == actor.id)
    if work.session.exec(count).one() >= MOST:
        raise Refused("watches.many", N_("You have {most} of these already; end one first."), most=MOST)
    work.session.add(made)
    work.session.flush()
    ledger.record(work, actor.person_id, "watch.create", f"watch:{made.id}", kind=made.kind)
    return made


def of_person(work: Work, actor: Actor) -> Sequence[Watch]:
    """What the actor is told of, the oldest first."""
    actor.demand("exchange.save")
    return work.session.exec(select(Watch).where(col(Watch.person_id) == actor.id).order_by(col(Watch.id))).all()


def change(work: Work, actor: Actor, watch_id: int, *, cadence: str) -> Watch:
    """Another interval. Raises NotFound, Malformed."""
    found = _own(work, actor, watch_id)
    found.cadence = _allowed(found.kind, cadence)
    work.session.add(found)
    work.session.flush()
    return found


def end(work: Work, actor: Actor, watch_id: int) -> None:
    """Ends one of the actor's. Raises NotFound."""
    _drop(work, actor.person_id, _own(work, actor, watch_id))


def about(work: Work, actor: Actor, of: object, id: int | None) -> Watch | None:
    """What somebody wants to be told of one thing; ``of``: the column of `Watch` that names it."""
    query = select(Watch).where(col(Watch.person_id) == actor.person_id, of == id)
    return work.session.exec(query).first()


def by_token(work: Work, token: str) -> Watch | None:
    """What the link in a mail is about; None: it has ended."""
    return work.session.exec(select(Watch).where(col(Watch.token) == token)).one_or_none()


def end_by_token(work: Work, token: str) -> None:
    """Ends what the link in a mail is about; whoever holds the link may. Twice is once."""
    found = by_token(work, token)
    if found is not None:
        _drop(work, None, found)


def end_digest(work: Work, token: str) -> None:
    """Ends everything that a mail with this link tells of: all watches of its reader that have this interval. Twice is once."""
    found = by_token(work, token)
    if found is not None:
        of_mail = (col(Watch.person_id) == found.person_id, col(Watch.cadence) == found.cadence)
        for one in work.session.exec(select(Watch).where(*of_mail).order_by(col(Watch.id))).all():
            _drop(work, None, one)


def _own(work: Work, actor: Actor, watch_id: int) -> Watch:
    actor.demand("exchange.save")
    found = work.session.get(Watch, watch_id)
    if found is None or found.person_id != actor.id:
        raise NotFound("watches.none", N_("There is no such saved search."))
    return found


def _drop(work: Work, person_id: int | None, found: Watch) -> None:
    work.session.execute(delete(WatchTold).where(col(WatchTold.watch_id) == found.id))
    work.session.delete(found)
    work.session.flush()
    ledger.record(work, person_id, "watch.end", f"watch:{found.id}", kind=found.kind)
