"""The exchange with people before browsers: its parties over a database, a server and a worker of their own.

The clock stands still until a journey moves it.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.accounts.sign_in import Visitor, open_session
from leaderboard.core.clock import FixedClock
from leaderboard.core.i18n import translate
from leaderboard.core.work import Work
from leaderboard.events import registering, scheduling, wishes
from leaderboard.events import service as events
from leaderboard.events.fields import EventWords, Wanted
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow
from tests.conftest import NOON
from tests.exchange import scene as scenes
from tests.exchange.scene import Party, Scene
from tests.journeys import world as worlds
from tests.journeys.world import Cast, World

LINES = {"summary_en": "Insulators from the air.", "summary_zh": "空中拍摄的绝缘子。", "modalities": ("image",)}


@dataclass
class Reader:
    """Somebody before a page, who reads one language and does what its words say."""

    page: Page
    locale: str

    def t(self, sentence: str, **params: object) -> str:
        return translate(self.locale, sentence, **params)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def goes(self, path: str) -> None:
        self.page.goto(f"/{self.locale}{path}")

    def follows(self, sentence: str, **params: object) -> None:
        self.main.get_by_role("link", name=self.t(sentence, **params)).first.click()

    def presses(self, sentence: str, **params: object) -> None:
        self.main.get_by_role("button", name=self.t(sentence, **params)).first.click()

    def fills(self, label: str, value: str) -> None:
        self.main.get_by_label(self.t(label), exact=True).first.fill(value)

    def chooses(self, label: str, value: str) -> None:
        self.main.get_by_label(self.t(label), exact=True).select_option(value)

    def ticks(self, label: str) -> None:
        self.main.get_by_label(self.t(label), exact=True).check()

    def sees(self, sentence: str, **params: object) -> None:
        expect(self.main).to_contain_text(self.t(sentence, **params), timeout=120_000)

    def waits_for(self, sentence: str, **params: object) -> None:
        """What a worker does is there when the page is loaded again."""
        words = self.t(sentence, **params)
        worlds.until(lambda: words in self.main.inner_text() or not self.page.reload())


@pytest.fixture(params=["zh", "en"])
def locale(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def market(tmp_path: Path, _sqlite_template: Path, locale: str) -> Iterator[tuple[Scene, World]]:
    """The parties, what one of them offers, and a server and a worker among them, in one language."""
    data, clock = tmp_path / "data", FixedClock(NOON)
    data.mkdir()
    shutil.copyfile(_sqlite_template, data / worlds.DATABASE)
    with worlds.served(data, clock) as (url, resources, mails), worlds.at_work(resources):
        made = scenes.made(resources, clock)
        with resources.write() as work:
            hall = scenes.party(work, made.operator, "Dongguan Data Hall", "data-hall", "He Qing", posts=True)
            scenes.listed(work, made, made.bay, scenes.sheet(title="Power line images", sector="energy", **LINES))
        yield made, World(url, resources, _cast(made, hall, locale), data, mails)


def _cast(scene: Scene, hall: Party, locale: str) -> Cast:
    cast = Cast(
        people={"operator": scene.operator, "hall": replace(hall.actor, posting_ids=hall.actor.organization_ids)}
    )
    cast.people |= {key: getattr(scene, key).actor for key in ("lake", "bay", "clinic", "grid", "audit")}
    with scene.resources.write() as work:
        for key, actor in cast.people.items():
            person = work.session.get_one(Person, actor.person_id)
            person.locale = locale
            work.session.add(person)
            cast.cookies[key] = open_session(work, person, Visitor("127.0.0.1", "Firefox"), replaces=None).key
    return cast


@pytest.fixture
def opens(visit: Callable[..., Page], locale: str) -> Callable[..., Reader]:
    def open_page(who: str, path: str) -> Reader:
        return Reader(visit(f"/{locale}{path}", who), locale)

    return open_page


def offered(made: Scene, **facts: object) -> None:
    """The lake offers flight data; nobody has confirmed it for forty days."""
    made.clock.at = NOON - timedelta(days=40)
    with made.resources.write() as work:
        scenes.listed(work, made, made.lake, scenes.sheet(**facts))
    made.clock.at = NOON


def fair(made: Scene, host: Actor) -> str:
    """An event whose timetable lets the supplier meet the demander; its address."""
    words = EventWords(
        title_en="Data meets need", title_zh="数据对接会", summary_en="Twenty minutes each.", summary_zh="每场二十分钟。",
        place_en="Songshan Lake", place_zh="松山湖", days=("2026-12-20",), starts=("12:00", "12:30"),
    )  # fmt: skip
    with made.resources.write() as work:
        event = events.create(work, host, organization_id=min(host.organization_ids), words=words)
        slug = event.slug
        for state in ("call", "registration"):
            events.move(work, host, slug, state)
        rows = [_registered(work, slug, made.lake, "supplier"), _registered(work, slug, made.grid, "demander")]
        events.move(work, host, slug, "preference")
        for party, own, other in ((made.lake, *rows), (made.grid, *reversed(rows))):
            wishes.say(work, party.actor, own, {other: "1"})
        events.move(work, host, slug, "scheduled")
        number = scheduling.ask(work, host, slug, method="plan").number
    worlds.until(lambda: _state(made, host, slug, number) == "done")
    with made.resources.write() as work:
        scheduling.publish(work, host, slug, number)
    return slug


def _registered(work: Work, slug: str, party: Party, side: str) -> int:
    table = ListingRow if side == "supplier" else DemandRow
    thing = work.session.exec(select(table.id).where(table.organization_id == party.id)).one()
    wanted = Wanted(
        organization_id=party.id, side=side, participants=(party.actor.name,), languages=("zh", "en"), free=(0, 1), least=0,
        most=2, reveal="partners", things=(thing,),
    )  # fmt: skip
    return registering.register(work, party.actor, slug, wanted).id


def _state(made: Scene, host: Actor, slug: str, number: int) -> str:
    with made.resources.read() as work:
        return scheduling.run_for(work, events.event_for(work, host, slug, "event.edit"), number).state
