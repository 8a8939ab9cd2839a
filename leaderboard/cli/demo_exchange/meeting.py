"""The matchmaking events of the demo: one with a published timetable, and one that takes registrations."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from leaderboard.cli.demo_exchange.cast import Cast
from leaderboard.cli.demo_exchange.content import Content
from leaderboard.core.work import Work
from leaderboard.events import bringing, registering, scheduling, service, wishes
from leaderboard.events.fields import EventWords, Wanted
from leaderboard.events.models import Event, Registration, Side
from leaderboard.events.slots import open_slots
from leaderboard.events.states import ORDER, State

_STARTS: Final = ("09:30", "09:55", "10:20", "10:45", "11:10", "11:35")
_BREAK: Final = "10:45"
_MOST: Final = 3
"""So much each party brings: what is left of a demander's is only matched."""
_LATE: Final = "ironsail-works"
"""Comes after the break only."""
_ENGLISH: Final = frozenset({"harbour-voices", "kite-assistants"})
"""Talk English as well."""
_IN: Final[Mapping[str, int]] = {"day": 21, "next": 60}


def opened(cast: Cast) -> str:
    """An event that anybody may register for; its address."""
    with cast.resources.write() as work:
        known = _event(work, _words(work, "next").title_en)
        made = known or service.create(work, cast.host, organization_id=cast.bureau, words=_words(work, "next"))
        _forward(work, cast, made, State.REGISTRATION)
        return made.slug


def asked(cast: Cast, content: Content, done: Callable[[], None]) -> str:
    """An event whose parties have registered and said what they want, up to the timetable that the worker makes; its address."""
    with cast.resources.write() as work:
        words = _words(work, "day")
        event = _event(work, words.title_en) or service.create(
            work, cast.host, organization_id=cast.bureau, words=words
        )
        slug = event.slug
        _forward(work, cast, event, State.REGISTRATION)
    with cast.resources.write() as work:
        event = service.shown(work, cast.host, slug)
        if event.state == State.REGISTRATION:
            made = list(_registered(work, cast, event, done))
            _forward(work, cast, event, State.PREFERENCE)
            _prefer(work, cast, content, event, made)
        _forward(work, cast, event, State.SCHEDULED)
        if event.run_id is None:
            scheduling.ask(work, cast.host, slug, method="plan", fairness=1.0)
    return slug


def published(cast: Cast, slug: str) -> bool:
    """Publishes the timetable once the worker has made it; whether it is published."""
    with cast.resources.write() as work:
        event = service.shown(work, cast.host, slug)
        if event.run_id is not None:
            return True
        run = scheduling.run_for(work, event, 1)
        if run.state != "done":
            return False
        scheduling.publish(work, cast.host, slug, 1)
        return True


def _words(work: Work, which: str) -> EventWords:
    today = work.now.astimezone(ZoneInfo(work.settings.zone)).date()
    held = today + timedelta(days=_IN[which])
    number = {"day": ("第一场", "first"), "next": ("第二场", "second")}[which]
    return EventWords(
        title_en=f"Demo matchmaking day, {number[1]} round",
        title_zh=f"数据供需对接会（演示）{number[0]}",
        summary_en="Suppliers and demanders of the demo season meet at tables, twenty minutes each. Nobody really comes.",
        summary_zh="演示赛季的供方与需方按桌洽谈，每场20分钟。并无真人到场。",
        place_en="Demo hall, Songshan Lake",
        place_zh="松山湖演示厅",
        zone=work.settings.zone,
        days=(held.isoformat(),),
        starts=_STARTS,
        breaks=(_BREAK,),
        tables=6,
        most=4,
        ranks=4,
        registration_ends=f"{(held - timedelta(days=14)).isoformat()} 18:00",
        preferences_end=f"{(held - timedelta(days=7)).isoformat()} 18:00",
    )


def _event(work: Work, title: str) -> Event | None:
    return work.session.exec(select(Event).where(col(Event.title_en) == title)).first()


def _forward(work: Work, cast: Cast, event: Event, to: State) -> None:
    """Step by step to a state, where the event has not come so far."""
    for state in ORDER[ORDER.index(event.state) + 1 : ORDER.index(to) + 1]:
        service.move(work, cast.host, event.slug, state)


def _registered(work: Work, cast: Cast, event: Event, done: Callable[[], None]) -> list[Registration]:
    """Everybody with something to bring takes part, on the side where that is."""
    free, found = open_slots(event), []
    for slug, unit in cast.units.items():
        for side in ("supplier", "demander"):
            things = [one.id for one in bringing.offered(work, unit, side)][:_MOST]
            if not things:
                continue
            wanted = Wanted(
                organization_id=unit,
                side=side,
                participants=(_colleague(cast.members[slug].name, side),),
                languages=("zh", "en") if slug in _ENGLISH else ("zh",),
                free=free[len(free) // 2 :] if slug == _LATE else free,
                least=0,
                most=4,
                reveal="public" if side == "supplier" else "partners",
                things=tuple(things),
            )
            found.append(registering.register(work, cast.members[slug], event.slug, wanted))
            done()
    return found


def _colleague(name: str, side: Side) -> str:
    """Who comes for a side; nobody can come for both."""
    marks = {"supplier": ("供方", "supplier"), "demander": ("需方", "demander")}[side]
    return f"{name} ({marks[1]})" if name.isascii() else f"{name}（{marks[0]}）"


def _prefer(work: Work, cast: Cast, content: Content, event: Event, made: list[Registration]) -> None:
    """Demanders rank the suppliers of what they look for, first of all; one supplier will not meet one of them."""
    slugs = {unit: slug for slug, unit in cast.units.items()}
    suppliers = {slugs[one.organization_id]: one.id or 0 for one in made if one.side == "supplier"}
    for one in (each for each in made if each.side == "demander"):
        slug = slugs[one.organization_id]
        mine = [need for need in content.demands.values() if need.organization == slug]
        liked = dict.fromkeys(content.listings[key].supplier for need in mine for key in need.expected)
        chosen = [suppliers[other] for other in liked if other in suppliers and other != slug][: event.ranks]
        wishes.say(work, cast.members[slug], one.id or 0, {id: str(place) for place, id in enumerate(chosen, 1)})
    insurer: Side = "demander"
    refused = next(
        (one for one in made if (slugs[one.organization_id], one.side) == ("far-shore-insurance", insurer)), None
    )
    if refused is not None and "open-roads" in suppliers:
        wishes.say(work, cast.members["open-roads"], suppliers["open-roads"], {refused.id or 0: "veto"})
