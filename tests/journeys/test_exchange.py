"""The exchange in a real browser, in both languages: an enterprise asks for a sample, a need becomes a deal, a supplier's day.

Days pass when a journey says so. What other people did before is done by the real verbs.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from leaderboard.exchange.deals import service as deals
from leaderboard.exchange.demands import making, vetting
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.content import Written
from leaderboard.terms.listing import Price
from tests import dataset_packages
from tests.conftest import NOON
from tests.exchange.scene import Party, Scene
from tests.journeys import world as worlds
from tests.journeys.market import Reader, fair, offered
from tests.journeys.world import World

pytestmark = pytest.mark.journey

NEED = {
    "en": "We need tables of flight departures and arrivals with weather from the transport sector, at least 50,000 rows, "
    "to train a model that predicts late arrivals, delivered by download, budget of at most 100,000 yuan.",
    "zh": "需要交通行业的航班起降与天气表格数据，不少于5万行，用于训练到达晚点预测模型，下载交付，预算不超过10万元。",
}
TITLE = {"en": "Late arrivals", "zh": "到达晚点数据"}


@pytest.fixture
def world(market: tuple[Scene, World]) -> World:
    """In place of the competition's."""
    return market[1]


# An enterprise finds data and asks for a sample


def test_an_enterprise_finds_a_listing_and_gets_a_marked_sample(
    market: tuple[Scene, World], opens: Callable[..., Reader], upload_file: Callable[..., Path], locale: str
):
    offered(market[0])
    clinic = opens("clinic", "/exchange")
    clinic.fills(
        "Search everything that is offered", {"en": "flight arrivals with weather", "zh": "航班起降与天气"}[locale]
    )
    clinic.presses("Search")
    expect(clinic.main.get_by_role("article")).to_have_count(1)
    clinic.main.get_by_role("article").get_by_role("link").first.click()
    clinic.sees("Terms of use")
    clinic.follows("Show interest")
    clinic.presses("Show interest")
    clinic.page.wait_for_url("**/deals/*")
    clinic.sees("Waiting for the supplier")

    lake = opens("lake", "/me/deals")
    lake.main.locator("tbody a").first.click()
    lake.presses("I am interested too")
    lake.sees("Interest on both sides")

    clinic.page.reload()
    clinic.follows("Ask for a sample")
    clinic.fills("Records at most", "20")
    clinic.fills("What for", "To see the units.")
    clinic.presses("Ask for a sample")
    clinic.sees("Asked for")

    lake.page.reload()
    lake.sees("To see the units.")
    lake.follows("Approve the sample")
    data = dataset_packages.written(dataset_packages.curated(400))
    lake.fills("Days until it runs out", "7")
    lake.page.get_by_label(lake.t("File"), exact=True).set_input_files(upload_file("all.csv", data))
    lake.presses("Upload")
    lake.page.wait_for_url(clinic.page.url)

    clinic.waits_for("Download the sample")
    with clinic.page.expect_download() as coming:
        clinic.follows("Download the sample")
    header, *records = csv.reader(io.StringIO(coming.value.path().read_text("utf-8")))
    key = clinic.page.url.rpartition("/")[2]
    assert 0 < len(records) <= 20
    assert {record[0].rpartition("/")[0] for record in records} == {key}, "every record says whose it is"
    assert set(header[1:]) == set(dataset_packages.HEAD)

    lake.page.reload()
    lake.main.locator("summary", has_text=lake.t("Fetched {count} time", count=1)).click()
    lake.sees("Zhao Min")


# From a need to a settled deal


def test_a_need_becomes_a_deal(
    market: tuple[Scene, World], opens: Callable[..., Reader], upload_file: Callable[..., Path], locale: str
):
    made = market[0]
    offered(made)
    for other in (made.grid, made.bay):
        _needs_too(made, other, locale)
    clinic, operator = opens("clinic", "/demands/new"), opens("operator", "/exchange/vetting")
    demand = _handed_in(clinic, locale)
    operator.page.reload()
    operator.main.get_by_role("link", name=TITLE[locale]).click()
    operator.presses("Let it pass")

    clinic.page.reload()
    clinic.follows("Match now")
    clinic.waits_for("Best first")
    clinic.main.locator("summary", has_text=clinic.t("Why this score")).first.click()
    clinic.sees("Adds to its side")

    lake = opens("lake", "/me/listings")
    lake.follows("Demands that fit")
    lake.sees("Blind demand")
    expect(lake.main).not_to_contain_text("Dinghu")
    lake.main.locator(f'a.btn[href*="demand={demand}"]').click()
    lake.presses("Show interest")
    lake.page.wait_for_url("**/deals/*")
    lake.sees("Blind demander")
    expect(lake.main).not_to_contain_text("Dinghu")
    deal = lake.page.url.rpartition("/")[2]

    clinic.goes("/me/deals")
    clinic.main.locator("tbody a").first.click()
    clinic.presses("I am interested too")
    clinic.sees("Interest on both sides")
    lake.page.reload()
    expect(lake.main).to_contain_text("Dinghu Clinic")

    _meet(made, opens, lake, clinic)
    lake.follows("The deal")
    assert lake.page.url.endswith(deal), "the meeting led to the deal that had begun"
    clinic.goes(f"/deals/{deal}")
    audit = opens("audit", "/me/deals")
    _agree(lake, clinic, audit)
    _deliver(lake, clinic, upload_file)


def _needs_too(made: Scene, by: Party, locale: str) -> None:
    """Another blind demand that looks like the clinic's."""
    with made.resources.write() as work:
        words = Written(**{f"title_{locale}": f"{TITLE[locale]} {by.slug}", f"need_{locale}": NEED[locale]})
        row = making.create(work, by.actor, by.id, words)
        version = demands.current_version(work, row)
        document = demands.document(version).model_copy(update={"visibility": "blind"})
        making.edit(work, by.actor, row.key, replace(words, document=document), base=row.version)
        making.submit(work, by.actor, row.key)
        vetting.approve(work, made.operator, row.key, version=row.version)


def _handed_in(clinic: Reader, locale: str) -> str:
    """The need in plain words, looked over and handed in; the key of the demand."""
    language = {"en": "English", "zh": "Chinese"}[locale]
    clinic.fills(f"Title in {language}", TITLE[locale])
    clinic.presses("See what was understood")
    expect(clinic.page.locator(".errsum")).to_contain_text(clinic.t("Say what you need, in one language at least"))
    clinic.fills(f"What you need, in {language}", NEED[locale])
    clinic.presses("See what was understood")
    clinic.page.wait_for_url("**/edit")
    expect(clinic.main.locator("mark").first).to_be_visible()
    clinic.ticks("Blind")
    clinic.presses("Save and hand in")
    clinic.sees("This demand waits for the operator. You get a mail when it is decided.")
    return clinic.page.url.rpartition("/")[2]


def _meet(made: Scene, opens: Callable[..., Reader], lake: Reader, clinic: Reader) -> None:
    """An event from its announcement to what came of a meeting."""
    hall = opens("hall", "/events/new")
    _announce(hall)
    here = hall.page.url.rpartition("/events/")[2].removesuffix("/desk")
    for reader, name, side in ((lake, "Songshan Lake Data", "supplier"), (clinic, "Dinghu Clinic", "demander")):
        reader.goes("/events")
        reader.main.locator("tbody a").first.click()
        reader.follows(f"Register {{name}} as {side}", name=name)
        reader.presses("Register the organization")
        expect(reader.page.locator(".errsum")).to_contain_text(reader.t("Choose what you bring, at least one"))
        reader.main.locator("#things input").first.check()
        reader.fills("Who comes", "Lin Xiaolan")
        reader.ticks("Chinese")
        for box in reader.main.locator("#free input").all():
            box.check()
        reader.presses("Register the organization")
        reader.sees("has a seat")
    hall.page.reload()
    hall.presses("On to: {state}", state=hall.t("Preferences open"))
    for reader in (lake, clinic):
        reader.page.reload()
        reader.follows("Say whom you want to meet")
        reader.main.locator("input[type=number]").first.fill("1")
        reader.presses("Save")
        reader.sees("Saved. You can change it until the deadline.")
    hall.presses("On to: {state}", state=hall.t("Timetable in the making"))
    hall.follows("Make and publish the timetable")
    hall.presses("Make it")
    hall.waits_for("Parties with a meeting")
    worlds.until(lambda: hall.main.locator(".tag").count() == 1 or not hall.page.reload())
    hall.follows("Timetable {number}", number=1)
    hall.main.locator("summary", has_text=hall.t("Publish this timetable")).click()
    hall.presses("Publish it")
    hall.sees("Songshan Lake Data")
    made.clock.at = NOON + timedelta(days=5, minutes=40)
    hall.goes(f"/events/{here}/desk")
    hall.presses("On to: {state}", state=hall.t("Under way"))
    for reader in (clinic, lake):
        reader.goes(f"/events/{here}/mine")
        reader.main.locator("select").first.select_option("intent")
        reader.presses("Save")
        expect(reader.main.locator("select").first).to_have_value("intent")
    hall.goes(f"/events/{here}/programme")


def _announce(hall: Reader) -> None:
    for language in ("Chinese", "English"):
        hall.fills(f"Title in {language}", "Data meets need")
        hall.fills(f"Summary in {language}", "Suppliers and demanders of data for twenty minutes each.")
        hall.fills(f"Place in {language}", "Songshan Lake")
    hall.fills("Days", "2026-12-20")
    hall.fills("Slots start at", "12:00 12:30")
    hall.fills("Of these, breaks start at", "")
    hall.presses("Make a draft")
    hall.page.wait_for_url("**/desk")
    hall.presses("On to: {state}", state=hall.t("Announced"))
    hall.presses("On to: {state}", state=hall.t("Registration open"))


def _agree(lake: Reader, clinic: Reader, audit: Reader) -> None:
    """Confidentiality, terms and other terms with their difference, an agreement that the auditor signs."""
    for reader in (lake, clinic):
        reader.page.reload()
        reader.follows("Read and sign the confidentiality agreement")
        reader.presses("Sign")
        reader.follows("Name an auditor")
        reader.fills("Address of the organization", "meiguan-law")
        reader.presses("Name an auditor")
        reader.page.wait_for_url(re.compile(r"/deals/\w+$"))
    lake.page.reload()
    _propose(lake, "Offer terms", "20000")
    clinic.page.reload()
    _propose(clinic, "Request terms", "18000", distribute="yes")
    clinic.sees("What differs from the terms before")
    lake.page.reload()
    _differs(lake, "Price", "CNY 20,000", "CNY 18,000")
    permission = lake.t("Permission: {action}", action=lake.t("Distribute"))
    _differs(lake, permission, lake.t("not there"), lake.t("there"), lake.t("better for the demander"))
    lake.presses("Make the agreement")
    lake.sees("Agreement made")
    audit.page.reload()
    audit.main.locator("tbody a").first.click()
    audit.follows("Sign off")
    audit.presses("Sign")
    audit.sees("Agreement verified")
    lake.page.reload()
    lake.presses("Put it into force")
    lake.sees("Agreement in force")


def _differs(reader: Reader, clause: str, *said: str) -> None:
    """A clause stands among what differs, with what was, what is, and whom that helps."""
    terms = reader.main.locator("table", has_text=reader.t("What differs from the terms before")).first
    line = terms.locator("tbody tr").filter(has=reader.page.get_by_role("rowheader", name=reader.t(clause), exact=True))
    for cell, words in zip(line.get_by_role("cell").all(), said, strict=False):
        expect(cell).to_contain_text(words)


def _propose(reader: Reader, move: str, price: str, *, distribute: str = "no") -> None:
    reader.follows(move)
    reader.sees("Name the source")
    reader.fills("Price in all", price)
    reader.main.locator("#licence").select_option("")  # terms of their own, which a licence would not let them name
    reader.main.locator("#do-distribute").select_option(distribute)
    reader.fills("Valid until", "2027-01-10")
    reader.main.locator("#indicator-0-measure").select_option("grade")
    reader.main.locator("#indicator-0-limit").fill("C")
    reader.presses(move)
    reader.page.wait_for_url(re.compile(r"/deals/\w+$"))


def _deliver(lake: Reader, clinic: Reader, upload_file: Callable[..., Path]) -> None:
    """Something else, which is rejected; then a real file, measured again and held against what was agreed; accepted, paid, rated."""
    lake.follows("Deliver")
    lake.follows("The file lies elsewhere")
    lake.fills("Address of the file", "https://data.example.org/half.csv")
    lake.fills("SHA-256 of the file", "ab" * 32)
    lake.presses("Deliver")
    clinic.page.reload()
    clinic.sees("Look at the delivery and at what was measured. Accept it, or reject it and say why.")
    clinic.follows("Reject the delivery")
    clinic.fills("What is wrong with it", "Half of the days are missing.")
    clinic.presses("Reject the delivery")
    clinic.sees("The supplier delivers again.")
    expect(clinic.main.get_by_role("link", name=clinic.t("Accept the delivery"))).to_have_count(0)
    lake.page.reload()
    expect(lake.main).to_contain_text("Half of the days are missing.")
    lake.follows("Deliver")
    data = dataset_packages.written(dataset_packages.curated(400))
    lake.page.get_by_label(lake.t("File"), exact=True).set_input_files(upload_file("flights.csv", data))
    lake.presses("Upload")
    lake.page.wait_for_url(clinic.page.url)
    clinic.waits_for("Quality report (JSON)")
    table = clinic.main.locator("table", has_text=clinic.t("Agreed indicators against this delivery"))
    expect(table.locator("tbody .v--yes")).to_have_count(1)
    clinic.follows("Accept the delivery")
    clinic.presses("Accept the delivery")
    clinic.sees("Delivery accepted")
    lake.page.reload()
    lake.follows("Confirm the settlement")
    lake.presses("Confirm the settlement")
    for reader in (lake, clinic):
        reader.page.reload()
        reader.follows("Rate the other side")
        for label in ("As described", "On time", "Communication"):
            reader.chooses(label, "5")
        reader.presses("Rate the other side")
        reader.page.wait_for_url(re.compile(r"/deals/\w+$"))
    clinic.sees("Rated by both sides")


# A supplier's day


def test_the_day_of_a_supplier(market: tuple[Scene, World], opens: Callable[..., Reader], locale: str):
    made, world = market
    offered(made, price=Price(model="on-request"))
    lake = opens("lake", "/me/listings")
    lake.presses("Confirm that it still holds")
    lake.follows("Demands that fit")
    lake.sees("No open demand fits yet")
    lake.chooses("Tell me of new demands", "daily")
    lake.presses("Tell me")
    lake.sees("You will be told of new demands.")

    demand = _wants(made, made.grid, locale)
    made.clock.advance(days=1)
    worlds.until(lambda: any(f"/demands/{demand}" in mail.get_content() for mail in world.post))
    grid = opens("grid", f"/demands/{demand}/matches")
    grid.waits_for("Not known – ask the supplier")
    grid.main.get_by_role("button", name=grid.t("Ask"), exact=True).first.click()
    grid.sees("The question is with the supplier. It does not say who asks; the answer appears here.")

    lake.page.reload()
    fits = lake.main.get_by_role("article").filter(has_text=TITLE[locale])
    expect(fits.locator(".tag")).to_have_text(re.compile("|".join(map(lake.t, ("Strong match", "Fair match")))))
    expect(fits).not_to_contain_text(re.compile(r"0\.\d"))
    lake.presses("Send the answer")
    expect(lake.page.locator(".errsum")).to_be_visible()
    lake.main.locator("#questions textarea").fill("From 2025 on, every day.")
    lake.presses("Send the answer")
    lake.sees("Your answer: {answer}", answer="From 2025 on, every day.")
    lake.follows("Show interest")
    lake.presses("Show interest")
    lake.page.wait_for_url("**/deals/*")

    grid.page.reload()
    grid.sees("The supplier answers: {answer}", answer="From 2025 on, every day.")
    _answered(made, lake.page.url.rpartition("/")[2])
    lake.goes("/me/deals")
    lake.main.locator("tr", has_text=lake.t("{count} unread message", count=1).removeprefix("1")).locator("a").click()
    expect(lake.main).to_contain_text("Which airports?")
    lake.fills("Message", "All of them.")
    lake.presses("Send")
    expect(lake.main.locator(".dl-said--mine")).to_contain_text("All of them.")

    slug = fair(made, world.cast.people["hall"])
    lake.goes(f"/events/{slug}/mine")
    comes = lake.main.get_by_role("button", name=lake.t("Confirm"))
    comes.click()
    expect(comes).to_have_count(0)
    with lake.page.expect_download() as coming:
        lake.follows("Calendar file")
    assert coming.value.path().read_text("utf-8").count("BEGIN:VEVENT") == 1


def _wants(made: Scene, by: Party, locale: str) -> str:
    with made.resources.write() as work:
        words = Written(**{f"title_{locale}": TITLE[locale], f"need_{locale}": NEED[locale]})
        row = making.create(work, by.actor, by.id, words)
        making.submit(work, by.actor, row.key)
        vetting.approve(work, made.operator, row.key, version=row.version)
        return row.key


def _answered(made: Scene, deal: str) -> None:
    made.clock.advance(minutes=1)
    with made.resources.write() as work:
        deals.act(work, made.grid.actor, deal, "answer", "the-answer", {})
        deals.act(work, made.grid.actor, deal, "write", "the-message", {"text": "Which airports?"})
