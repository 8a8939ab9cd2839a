"""Mails about what is new: one a person and interval, however many saved searches, offers and demands are in it.

Nothing runs while nothing changes: a new listing, demand or run leaves one job an interval, to begin when that interval is due
(`schedule`). The job takes so many people, writes to those for whom there is something, notes until when it has looked, and
leaves itself for the others after a pause, so that ten thousand alerts become a slow stream and not a storm. A `Digest` row is
written with each mail and can be there once a person, interval and period: a job that runs twice writes no second mail.

Rows become visible a little after the instants that they carry, so each look reaches back over the last one by `OVERLAP`, and
`WatchTold` knows what has been told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col

from leaderboard.accounts import letters
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Person
from leaderboard.core.database import dialect_of, upsert
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands import showing
from leaderboard.exchange.demands.models import DemandRow, Tier
from leaderboard.exchange.demands.service import Need
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import index, search, supplier
from leaderboard.exchange.matches.index import Shelf
from leaderboard.exchange.matches.models import Cadence, Digest, Match, Watch, WatchTold
from leaderboard.exchange.matches.search import Asked
from leaderboard.seasons.signals import Words

JOB: Final = "matches.digests"
PEOPLE_A_RUN: Final = 250
"""So many mails a run at most; with the pause about a thousand a minute."""
PAUSE: Final = timedelta(seconds=15)
OVERLAP: Final = timedelta(minutes=10)
BLIND_DELAY: Final = timedelta(days=1)
"""A supplier hears of a blind demand so long after it opened, so that the moment of a mail tells nothing."""
KEEP_TOLD: Final = timedelta(days=10)
"""Longer than the longest interval, its overlap and the delay."""
AT: Final = time(8)
"""When daily and weekly digests are due, where the installation is; weekly ones on Mondays."""
SHOWN: Final = 10
"""Lines of one saved search in a mail."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a title with its address (without locale). ``subject``: what is told only once; ``demand``: the key of another's
    demand whose title this is.
    """

    subject: int
    title: Words
    path: str
    demand: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What is new for one watch. ``blind``: demands of which no more is said than that they fit."""

    watch: Watch
    items: tuple[Item, ...]
    blind: int = 0

    @property
    def shown(self) -> tuple[Item, ...]:
        """What the mail names."""
        return self.items[: len(self.items) - self.blind][:SHOWN]


@dataclass
class _News:
    """What a run looks at; searches that many people saved are made once."""

    work: Work
    shelf: Shelf
    needs: Sequence[Need]
    made: dict[tuple[Any, ...], tuple[Item, ...]] = field(default_factory=dict)


def begun(cadence: str, now: datetime, zone: str) -> datetime:
    """The moment since which this interval's digest is due: of "once" now, else the last 8 o'clock (Monday's for "weekly")."""
    if cadence == "once":
        return now
    local = now.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), AT, local.tzinfo)
    back = (
        (0 if at <= local else 1) if cadence == "daily" else (local.weekday() if at <= local or local.weekday() else 7)
    )
    return datetime.combine(local.date() - timedelta(days=back), AT, local.tzinfo)


def schedule(work: Work, *, at_least: timedelta = timedelta(0)) -> None:
    """Has what is new told, to each interval when it is due next."""
    cadences = select(col(Watch.cadence)).distinct()
    for cadence in work.session.execute(cadences.order_by(col(Watch.cadence))).scalars():
        _enqueue(work, cadence, max(at_least, _wait(work, cadence)))


def _wait(work: Work, cadence: Cadence) -> timedelta:
    if cadence == "once":
        return PAUSE
    step = timedelta(days=1 if cadence == "daily" else 7)
    return begun(cadence, work.now, work.settings.zone) + step - work.now


def _enqueue(work: Work, cadence: Cadence, delay: timedelta) -> None:
    work.enqueue(JOB, f"matches:digests:{cadence}", payload={"cadence": cadence}, delay=delay)


def send(held: Resources, job: Leased) -> None:
    """One run: at most `PEOPLE_A_RUN` people of this interval are written to; leaves itself for the rest."""
    cadence: Cadence = job.payload["cadence"]
    with held.read() as work:
        due, parts, actors = _look(work, cadence)
    if not due:
        return
    with held.write() as work:
        period = begun(cadence, work.now, work.settings.zone)
        told = [(person, found) for person, found in parts.items() if found]
        for person_id in _write(work, cadence, period, told):
            named: dict[str, Tier] = {
                item.demand: "full" for part in parts[person_id] for item in part.shown if item.demand
            }
            if named:
                showing.write_down(work, actors[person_id], named)
        looked = update(Watch).where(col(Watch.id).in_([one.id for one in due])).values(looked_at=work.now)
        work.session.execute(looked)
        work.session.execute(delete(WatchTold).where(col(WatchTold.at) < work.now - KEEP_TOLD))
        if len({one.person_id for one in due}) == PEOPLE_A_RUN:
            _enqueue(work, cadence, PAUSE)
        elif any(one.kind == "listing" for one in due):  # a blind demand may have been too young
            _enqueue(work, cadence, _wait(work, cadence))


def _look(work: Work, cadence: Cadence) -> tuple[list[Watch], dict[int, list[Part]], dict[int, Actor]]:
    """The watches that are due, of so many people; by person, what is new, and who they are."""
    shelf, needs = index.refresh(work), demands.needs(work)
    until = _newest(work, shelf, needs) if cadence == "once" else begun(cadence, work.now, work.settings.zone)
    is_due = (col(Watch.cadence) == cadence, col(Watch.looked_at) < until)
    people = select(col(Watch.person_id)).where(*is_due).distinct().order_by(col(Watch.person_id)).limit(PEOPLE_A_RUN)
    chosen = list(work.session.execute(people).scalars())
    watches = select(Watch).where(*is_due, col(Watch.person_id).in_(chosen)).order_by(col(Watch.id))
    due = list(work.session.execute(watches).scalars())
    actors, told = _actors(work, chosen), _told(work, due)
    news, parts = _News(work, shelf, needs), defaultdict[int, list[Part]](list)
    for watch in due:
        actor = actors.get(watch.person_id)
        part = None if actor is None else _part(news, watch, actor, told[watch.id or 0])
        if part is not None and (part.items or part.blind):
            parts[watch.person_id].append(part)
    return due, parts, actors


def _newest(work: Work, shelf: Shelf, needs: Iterable[Need]) -> datetime:
    """When the newest thing came that somebody may want to be told of at once."""
    found = [entry.offer.listed_at for entry in shelf.entries.values()]
    found += [need.opened_at for need in needs if need.opened_at is not None]
    since = work.session.execute(select(func.max(Match.since))).scalar_one()
    return max([*found, *([since] if since is not None else [])], default=datetime.min.replace(tzinfo=work.now.tzinfo))


def _actors(work: Work, people: Sequence[int]) -> dict[int, Actor]:
    """Everybody whose account is open, with their organizations."""
    belongs = select(col(Membership.person_id), col(Membership.organization_id)).where(
        col(Membership.person_id).in_(people)
    )
    units: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, organization_id in work.session.execute(belongs):
        units[person_id].add(organization_id)
    open_ones = select(Person).where(col(Person.id).in_(people), col(Person.closed_at).is_(None))
    return {
        person.id or 0: Actor(person_id=person.id, name=person.name, organization_ids=frozenset(units[person.id or 0]))
        for person in work.session.execute(open_ones).scalars()
    }


def _told(work: Work, due: Sequence[Watch]) -> defaultdict[int, set[int]]:
    rows = select(col(WatchTold.watch_id), col(WatchTold.subject_id)).where(
        col(WatchTold.watch_id).in_([one.id for one in due])
    )
    told: defaultdict[int, set[int]] = defaultdict(set)
    for watch_id, subject_id in work.session.execute(rows):
        told[watch_id].add(subject_id)
    return told


def _part(news: _News, watch: Watch, actor: Actor, told: set[int]) -> Part | None:
    since = watch.looked_at - OVERLAP
    if watch.kind == "search":
        found = _offers(news, watch, since)
    elif watch.kind == "demand":
        found = _matches(news, watch, actor, since)
    else:
        return _demands(news, watch, actor, since, told)
    return Part(watch, tuple(one for one in found if one.subject not in told))


def _offers(news: _News, watch: Watch, since: datetime) -> tuple[Item, ...]:
    """The new listings that a saved search finds, the best first."""
    asked = Asked.of(watch.query)
    among = tuple(key for key, entry in news.shelf.entries.items() if entry.offer.listed_at > since)
    if not among:
        return ()
    known = ("search", tuple(sorted(asked.kept.items())), among)
    if known not in news.made:
        cards = search.passing(news.shelf, asked, among)
        news.made[known] = tuple(Item(card.listing_id, card.title, f"/listings/{card.key}") for card in cards)
    return news.made[known]


def _matches(news: _News, watch: Watch, actor: Actor, since: datetime) -> tuple[Item, ...]:
    """The new matches of a demand, by their places; nothing for who left its organization."""
    row = news.work.session.get(DemandRow, watch.demand_id)
    if row is None or row.organization_id not in actor.organization_ids:
        return ()
    query = (
        select(Match, col(ListingRow.key))
        .join(ListingRow, col(ListingRow.id) == col(Match.listing_id))
        .where(col(Match.demand_id) == row.id, col(Match.since) > since)
        .order_by(col(Match.rank))
    )
    entries = news.shelf.entries
    return tuple(
        Item(match.listing_id, entries[key].offer.title, f"/demands/{row.key}/matches#{key}")
        for match, key in news.work.session.execute(query)
        if key in entries
    )


def _demands(news: _News, watch: Watch, actor: Actor, since: datetime, told: set[int]) -> Part | None:
    """The new demands that a listing fits. Of blind ones only how many, and no earlier than a day after they opened."""
    row = news.work.session.get(ListingRow, watch.listing_id)
    if row is None or row.organization_id not in actor.organization_ids or row.key not in news.shelf.entries:
        return None
    until = news.work.now - BLIND_DELAY
    new = {
        need.key: need
        for need in news.needs
        if need.demand_id not in told
        and need.opened_at is not None
        and (since - BLIND_DELAY < need.opened_at <= until if need.visibility == "blind" else need.opened_at > since)
    }
    ids = [need.demand_id for need in new.values()]
    found = list(supplier.fits(news.work, actor, news.shelf, news.shelf.entries[row.key], blind=True, of=ids))
    path = f"/me/listings/{row.key}/demands"
    items = [
        Item(new[one.key].demand_id, one.title, f"/demands/{one.key}", one.key)
        for one in found
        if one.title is not None
    ]
    blind = [Item(new[one.key].demand_id, Words("", ""), path) for one in found if one.title is None]
    return Part(watch, (*items, *blind), blind=len(blind))


def _write(work: Work, cadence: Cadence, period: datetime, told: Sequence[tuple[int, list[Part]]]) -> set[int]:
    """The mails, each with its `Digest` row in the same transaction; people who have this period's already get none. To whom."""
    if not told:
        return set()
    stamp = (work.now if cadence == "once" else period).astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")
    values = [
        {
            "person_id": person_id,
            "cadence": cadence,
            "period": stamp,
            "items": sum(len(part.items) for part in parts),
            "at": work.now,
        }
        for person_id, parts in told
    ]
    adding = upsert(dialect_of(work.session), Digest).values(values)
    fresh = adding.on_conflict_do_nothing(index_elements=["person_id", "cadence", "period"])
    first = set(work.session.execute(fresh.returning(col(Digest.person_id))).scalars())
    people = {one.id: one for one in work.session.execute(select(Person).where(col(Person.id).in_(first))).scalars()}
    lines = []
    for person_id, parts in told:
        if person_id not in first:
            continue
        _post(work, people[person_id], parts)
        lines += [
            {"watch_id": part.watch.id, "subject_id": item.subject, "at": work.now}
            for part in parts
            for item in part.items
        ]
    if lines:
        work.session.execute(insert(WatchTold), lines)
    return first


def _post(work: Work, person: Person, parts: Sequence[Part]) -> None:
    shown = [
        {
            "kind": part.watch.kind,
            "name": part.watch.name,
            "items": [(item.title.said(person.locale), f"/{person.locale}{item.path}") for item in part.shown],
            "more": max(0, len(part.items) - part.blind - SHOWN),
            "blind": part.blind,
            "path": f"/{person.locale}/me/listings/{part.watch.name}/demands",
            "stop": f"/{person.locale}/exchange/watches/{part.watch.token}/stop",
        }
        for part in parts
    ]
    count = sum(len(part.items) for part in parts)
    stop = f"/{person.locale}/exchange/watches/{parts[0].watch.token}/stop"
    letters.post(work, person, "exchange_digest", unsubscribe=stop, parts=shown, count=count)
