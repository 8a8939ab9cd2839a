"""The morning of an event in a real browser, in both languages: somebody does not come, the host repairs the timetable, and has to
call the rest of the day off.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.events import registering, scheduling, wishes
from leaderboard.events import service as events
from leaderboard.events.fields import EventWords, Wanted
from leaderboard.events.models import Event, MeetingRow, Registration
from tests.events import fair as fairs
from tests.exchange.scene import Scene
from tests.journeys import world as worlds
from tests.journeys.market import Reader
from tests.journeys.world import World

pytestmark = pytest.mark.journey

WORDS = EventWords(
    title_en="Data meets need", title_zh="数据对接会", summary_en="Half an hour each.", summary_zh="每场半小时。",
    place_en="Songshan Lake", place_zh="松山湖", days=("2026-12-20",), starts=("09:00", "09:30"), minutes=30, tables=2,
)  # fmt: skip
NINE = datetime(2026, 12, 20, 1, 1, tzinfo=UTC)
"""A minute past nine in Shanghai: the first slot has begun."""
CHANGED = {"en": "Your meetings have changed", "zh": "您的洽谈有变动"}
REASON = {"en": "The hall is flooded.", "zh": "会场进水。"}
SUPPLIERS, DEMANDERS = ("lake", "bay"), ("grid", "clinic")


@pytest.fixture
def world(market: tuple[Scene, World]) -> World:
    """In place of the competition's."""
    return market[1]


def test_somebody_does_not_come_and_the_host_repairs_the_day_and_calls_it_off(
    market: tuple[Scene, World], opens: Callable[..., Reader], locale: str
):
    made, world = market
    slug, rows = published(made, world.cast.people["hall"])
    made.clock.at = NINE
    base = f"/events/{slug}"

    hall = opens("hall", f"{base}/desk")
    hall.presses("On to: {state}", state=hall.t("Under way"))
    hall.goes(f"{base}/check-in")
    hall.fills("Code", rows["lake"].code)
    hall.presses("Check in")
    hall.sees("{name} is checked in.", name=made.lake.name)
    for name in DEMANDERS:
        row = hall.main.get_by_role("row").filter(has_text=getattr(made, name).name)
        row.get_by_role("button").click()
        hall.sees("{name} is checked in.", name=getattr(made, name).name)

    hall.goes(f"{base}/repair")
    absent = hall.main.locator("#gone .check").filter(has_text=hall.t("not checked in"))
    expect(absent).to_have_count(1)
    expect(absent).to_contain_text(made.bay.name)
    absent.get_by_role("checkbox").check()
    hall.presses("Preview")
    hall.waits_for("How good it is")
    late = met(made, slug, rows["bay"], slot=1)
    partner = next(name for name in DEMANDERS if rows[name].id == late.demander_id)
    hall.sees("A party has left.")
    named = hall.main.get_by_text(re.compile(re.escape(hall.t("Told by mail ({count}): {names}", count=2, names=""))))
    expect(named).to_contain_text(made.bay.name)
    expect(named).to_contain_text(getattr(made, partner).name)
    hall.main.locator("summary", has_text=hall.t("Apply the repair")).click()
    hall.presses("Apply it")
    hall.page.wait_for_url("**/programme")
    row = hall.main.get_by_role("row").filter(has_text=made.bay.name).filter(has_text="09:30–")
    expect(row).to_contain_text(hall.t("cancelled"))
    first = hall.main.get_by_role("row").filter(has_text=made.bay.name).filter(has_text="09:00–")
    first.get_by_role("button", name=hall.t("No show")).click()
    expect(first).to_contain_text(hall.t("no show"))
    changed = {made.bay.actor.email, getattr(made, partner).actor.email}
    worlds.until(lambda: told(world, CHANGED[locale]) == changed)

    party = opens(partner, f"{base}/mine")
    expect(party.main.get_by_role("row").filter(has_text="09:30–")).to_contain_text(party.t("cancelled"))
    display = opens("anyone", f"{base}/now")
    display.sees("Coming up")
    coming = display.main.locator("section").last
    expect(coming).to_contain_text(made.lake.name)
    expect(coming).not_to_contain_text(made.bay.name)

    calls_off(hall, base)
    read_why(party, display, base)
    everybody = {getattr(made, name).actor.email for name in (*SUPPLIERS, *DEMANDERS)}
    worlds.until(lambda: told(world, REASON[locale]) == everybody)


def calls_off(hall: Reader, base: str) -> None:
    hall.goes(f"{base}/desk")
    hall.main.locator("summary", has_text=hall.t("Call the event off")).click()
    hall.sees("This cannot be undone. What happens then:")
    hall.fills("Reason in Chinese", REASON["zh"])
    hall.fills("Reason in English", REASON["en"])
    hall.presses("Call it off for good")
    hall.sees("This event was called off.")


def read_why(party: Reader, public: Reader, base: str) -> None:
    party.goes(f"{base}/mine")
    expect(party.main).to_contain_text(REASON[party.locale])
    expect(party.main.get_by_role("button")).to_have_count(0)
    public.goes("/events")
    row = public.main.get_by_role("row").filter(has_text=public.t("Called off"))
    expect(row).to_contain_text(REASON[public.locale])


def told(world: World, words: str) -> set[str]:
    """Who got mail with these words."""
    return {one["To"].addresses[0].addr_spec for one in world.post if words in f"{one['Subject']} {one.get_content()}"}


def published(made: Scene, host: Actor) -> tuple[str, dict[str, Registration]]:
    """An event at which everybody meets everybody of the other side; its address and its registrations."""
    with made.resources.write() as work:
        slug = events.create(work, host, organization_id=min(host.organization_ids), words=WORDS).slug
        for state in ("call", "registration"):
            events.move(work, host, slug, state)
        rows = {name: _registered(work, made, slug, name) for name in (*SUPPLIERS, *DEMANDERS)}
        events.move(work, host, slug, "preference")
        for names, others in ((SUPPLIERS, DEMANDERS), (DEMANDERS, SUPPLIERS)):
            for name in names:
                said = {rows[other].id: str(place) for place, other in enumerate(others, 1)}
                wishes.say(work, getattr(made, name).actor, rows[name].id, said)
        events.move(work, host, slug, "scheduled")
        number = scheduling.ask(work, host, slug, method="plan").number

    def done() -> bool:
        with made.resources.read() as work:
            return scheduling.run_for(work, events.event_for(work, host, slug, "event.edit"), number).state == "done"

    worlds.until(done)
    with made.resources.write() as work:
        scheduling.publish(work, host, slug, number)
    return slug, rows


def _registered(work: Work, made: Scene, slug: str, name: str) -> Registration:
    party = getattr(made, name)
    brings = fairs.listing if name in SUPPLIERS else fairs.demand
    wanted = Wanted(
        organization_id=party.id, side="supplier" if name in SUPPLIERS else "demander", participants=(party.actor.name,),
        languages=("zh", "en"), free=(0, 1), least=0, most=2, reveal="partners", things=(brings(work, party.id, name),),
    )  # fmt: skip
    return registering.register(work, party.actor, slug, wanted)


def met(made: Scene, slug: str, row: Registration, *, slot: int) -> MeetingRow:
    with made.resources.read() as work:
        event = work.session.get_one(Event, row.event_id)
        return next(one for one in scheduling.meetings(work, event) if (one.supplier_id, one.slot) == (row.id, slot))
