"""A matchmaking event with suppliers and demanders, made by the real verbs; listings and demands are rows written by hand."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from sqlmodel import select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization
from leaderboard.core.clock import FixedClock
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.events import registering, scheduling, service, wishes
from leaderboard.events.fields import EventWords, Wanted
from leaderboard.events.models import Registration, TimetableRun
from leaderboard.events.slots import open_slots
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.states import State as ListingState
from leaderboard.exchange.matches.models import Match, MatchRun
from tests.seasons import factories

WORDS = EventWords(
    title_en="Data fair Dongguan",
    title_zh="东莞数据对接会",
    summary_en="Suppliers and demanders of data meet for twenty minutes each.",
    place_zh="松山湖会议中心",
    days=("2026-12-20",),
    starts=("09:00", "09:20", "09:40", "10:00"),
    breaks=("09:40",),
    tables=3,
    most=3,
    ranks=3,
    supplier_seats=3,
    demander_seats=3,
)
SLOTS = (0, 1, 3)


@dataclass(frozen=True)
class Unit:
    """An organization and somebody of it; ``thing`` is the id of its listing, ``need`` that of its demand."""

    actor: Actor
    id: int
    name: str
    thing: int
    need: int


@dataclass
class Fair:
    """An event, its host, and units that may take part."""

    resources: Resources
    clock: FixedClock
    host: Actor
    slug: str
    units: dict[str, Unit]

    def wanted(self, name: str, side: str, **changes: object) -> Wanted:
        unit = self.units[name]
        said = {
            "organization_id": unit.id, "side": side, "participants": (f"{name} {side}",), "languages": ("zh", "en"),
            "free": SLOTS, "least": 0, "most": 3, "reveal": "partners",
            "things": (unit.thing if side == "supplier" else unit.need,),
        }  # fmt: skip
        return Wanted(**(said | changes))

    def register(self, name: str, side: str, **changes: object) -> Registration:
        with self.resources.write() as work:
            return registering.register(work, self.units[name].actor, self.slug, self.wanted(name, side, **changes))

    def move(self, to: str) -> None:
        with self.resources.write() as work:
            service.move(work, self.host, self.slug, to)

    def prefer(self, row: Registration, said: dict[int, str]) -> None:
        unit = next(one for one in self.units.values() if one.id == row.organization_id)
        with self.resources.write() as work:
            wishes.say(work, unit.actor, row.id, said)

    def ask(self, method: str = "plan", **aims: object) -> int:
        with self.resources.write() as work:
            return scheduling.ask(work, self.host, self.slug, method=method, **aims).number

    def ask_repair(self, *gone: Registration, loss: float = 0.1) -> int:
        with self.resources.write() as work:
            ids = [row.id for row in gone]
            return scheduling.ask_repair(work, self.host, self.slug, gone=ids, loss=loss).number

    def compute(self, number: int) -> TimetableRun:
        """What the worker does."""
        with self.resources.read() as work:
            run = self.run(work, number)
        scheduling.compute(self.resources, Leased(0, "", "", "", {"run": run.id}, 1, "w"))
        with self.resources.read() as work:
            return self.run(work, number)

    def run(self, work: Work, number: int) -> TimetableRun:
        return scheduling.run_for(work, service.event_for(work, self.host, self.slug, "event.edit"), number)

    def publish(self, number: int) -> None:
        with self.resources.write() as work:
            scheduling.publish(work, self.host, self.slug, number)

    def apply(self, number: int) -> None:
        with self.resources.write() as work:
            scheduling.apply(work, self.host, self.slug, number)

    def meetings(self):
        with self.resources.read() as work:
            return scheduling.meetings(work, service.event_for(work, self.host, self.slug, "event.edit"))

    def event(self):
        with self.resources.read() as work:
            return service.event_for(work, self.host, self.slug, "event.edit")

    def published(self) -> dict[str, Registration]:
        """Everybody registered, ranked and timetabled; the day before. Gives registrations by name."""
        self.move("registration")
        rows = {}
        for name in self.units:
            if name.startswith(("s", "d")):
                rows[name] = self.register(name, "supplier" if name[0] == "s" else "demander")
        self.move("preference")
        for name, row in rows.items():
            others = [other for key, other in rows.items() if key[0] != name[0]]
            self.prefer(row, {other.id: str(place) for place, other in enumerate(others, 1)})
        self.move("scheduled")
        number = self.ask()
        self.compute(number)
        self.publish(number)
        return rows

    def go_live(self, *, minutes: int = 0) -> None:
        """The day has come: ``minutes`` after the first slot begins at 09:00 in Shanghai."""
        self.clock.at = self.clock.at.replace(day=20, hour=1, minute=0) + timedelta(minutes=minutes)
        self.move("live")


def unit(work: Work, name: str, *, visibility: str = "public", verified: int = 0) -> Unit:
    """An organization with a listing that is listed and a demand that is open."""
    actor = factories.person(work, f"Person of {name}")
    made = Organization(slug=f"{name}-{uuid4().hex[:6]}", name=f"Unit {name}", verified=verified, created_at=work.now)
    work.session.add(made)
    work.session.flush()
    work.session.add(Membership(organization_id=made.id, person_id=actor.person_id, role="owner", joined_at=work.now))
    own = frozenset({made.id})
    return Unit(
        replace(actor, organization_ids=own, owned_ids=own), made.id, made.name,
        listing(work, made.id, name), demand(work, made.id, name, visibility),
    )  # fmt: skip


def listing(work: Work, organization_id: int, name: str) -> int:
    row = ListingRow(
        key=f"listing-{name}", organization_id=organization_id, kind="dataset", state=ListingState.LISTED,
        created_at=work.now, listed_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    document = {"format": "jiebang-listing/1", "key": row.key, "version": "1", "supplier": name, "kind": "dataset"}
    work.session.add(
        ListingVersion(
            listing_id=row.id, number=1, title_en=f"Data of {name}",
            holds_from=work.now, summary_en="Rows.", document=document, sha256="0" * 64,
            created_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()
    return row.id


def demand(work: Work, organization_id: int, name: str, visibility: str = "public") -> int:
    row = DemandRow(
        key=f"demand-{name}", organization_id=organization_id, state="open", visibility=visibility, version=1,
        created_at=work.now, opened_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    document = {"format": "jiebang-demand/1", "visibility": visibility, "sectors": ["energy"]}
    work.session.add(
        DemandVersion(
            demand_id=row.id, number=1, title_en=f"Need of {name}", need_en=f"Secret words of {name}", document=document,
            understood={}, sha256="0" * 64, created_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()
    return row.id


def matched(work: Work, demand_id: int, listing_id: int, placing: float) -> None:
    """As if matching had placed this listing for this demand."""
    run = MatchRun(
        demand_id=demand_id, demand_version_id=_version(work, DemandVersion, demand_id=demand_id), made_at=work.now,
        today=work.now.date(), config_hash="0", listings=1, good=1, given_key="-", result_key="-",
    )  # fmt: skip
    work.session.add(run)
    work.session.flush()
    work.session.add(
        Match(
            run_id=run.id, demand_id=demand_id, listing_id=listing_id, rank=1, placing=placing, since=work.now,
            version_id=_version(work, ListingVersion, listing_id=listing_id),
        )
    )  # fmt: skip
    work.session.flush()


def _version(work, table, **whose):
    return work.session.exec(select(table.id).filter_by(**whose)).first()


def made(resources: Resources, clock: FixedClock, *, words: EventWords = WORDS, blind: bool = False) -> Fair:
    """An announced event with three units on each side; ``blind``: the first demander's demand is."""
    with resources.write() as work:
        host, home = factories.organizer(work)
        event = service.create(work, host, organization_id=home, words=words)
        slug = event.slug
        assert open_slots(event) == SLOTS
        units = {
            name: unit(work, name, visibility="blind" if blind and name == "d1" else "public")
            for name in ("s1", "s2", "s3", "d1", "d2", "d3")
        }
    fair = Fair(resources, clock, host, slug, units)
    fair.move("call")
    return fair
