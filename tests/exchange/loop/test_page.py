"""The page of the loop on a real server: empty, filled, sifted, in both languages, for programs."""

import csv
import io

import pytest
from sqlmodel import select

from leaderboard.exchange.demands import service
from leaderboard.exchange.demands.models import DemandRow
from tests.datasets.conftest import report
from tests.exchange.scene import card, listed, measured, sheet

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def browser(scene, start_server):
    client = start_server(scene.resources).client()
    yield client
    client.close()


def test_before_anything_has_happened_the_page_says_so(browser):
    for locale, words in (("en", "Nothing has happened yet"), ("zh", "目前还没有数据")):
        page = browser.get(f"/{locale}/exchange/loop")
        assert page.status_code == 200
        assert words in page.text
        assert "<svg height" not in page.text


def test_what_happened_is_counted_drawn_and_handed_out(scene, browser):
    with scene.resources.write() as work:
        measured(work, card(work, scene.lake), report())
        listed(work, scene, scene.lake)
        listed(work, scene, scene.bay, sheet(sector="energy"))
    page = browser.get("/en/exchange/loop").text
    assert "Flow of demands" in page
    assert "Datasets with measured quality" in page
    told = browser.get("/api/v1/exchange/loop").json()
    assert {
        key: told["figures"][key]["number"] for key in ("demands", "datasets", "datasets_measured", "listings")
    } == {
        "demands": 0,
        "datasets": 1,
        "datasets_measured": 1,
        "listings": 2,
    }
    assert told["sectors"] == ["manufacturing", "energy", "transport"]
    assert told["by_sector"]["energy"]["listings"] == {"number": 1, "fewer_than": None}
    energy = browser.get("/api/v1/exchange/loop?sector=energy").json()
    assert energy["figures"]["listings"]["number"] == 1
    assert energy["figures"]["datasets"]["number"] == 0
    rows = list(csv.DictReader(io.StringIO(browser.get("/en/exchange/loop.csv").content.decode("utf-8-sig"))))
    assert [(row["sector"], row["listings"]) for row in rows] == [
        ("manufacturing", "0"),
        ("energy", "1"),
        ("transport", "1"),
        ("all", "2"),
    ]


def test_a_demand_that_went_on_from_an_event_was_at_one(market, start_server):
    keys = [market.open() for _ in range(3)]
    ways = {keys[0]: ["in_event"], keys[1]: ["in_event", "open"], keys[2]: ["in_event", "shortlisted", "withdrawn"]}
    with market.resources.write() as work:
        for key, states in ways.items():
            row = work.session.exec(select(DemandRow).where(DemandRow.key == key)).one()
            for state in states:
                service.move(work, market.buyer, row, state)
    with start_server(market.resources).client() as browser:
        figures = browser.get("/api/v1/exchange/loop").json()["figures"]
    assert (figures["demands_at_events"]["number"], figures["demands_met"]["number"]) == (3, 0)


def test_a_period_is_a_year_or_a_quarter_in_which_something_happened(scene, browser):
    with scene.resources.write() as work:
        listed(work, scene, scene.lake)
    year, quarter = browser.get("/api/v1/exchange/loop").json()["periods"]
    assert quarter.startswith(f"{year}-Q")
    assert browser.get(f"/api/v1/exchange/loop?period={quarter}").json()["figures"]["listings"]["number"] == 1
    assert "All time" in browser.get(f"/en/exchange/loop?period={year}").text


@pytest.mark.parametrize("asked", ["sector=astrology", "period=1999", "period=2026-Q9"])
def test_a_choice_that_is_not_there_is_refused_with_those_that_are(browser, asked):
    refused = browser.get(f"/api/v1/exchange/loop?{asked}")
    assert refused.status_code == 422
    assert "energy" in refused.text or "there are" in refused.text
