"""The pages of matches through a real server, in both languages, for whoever may see them."""

import re

from sqlmodel import select

from leaderboard.core.jobs import Job
from leaderboard.exchange.matches import digests, watches
from tests.exchange import scene as scenes
from tests.exchange.matches.conftest import DELAYS, Fair
from tests.exchange.matches.test_runs import stall


def test_a_demander_searches_saves_matches_judges_and_asks(fair: Fair, browser_of):
    stalls = stall(fair)
    key = fair.demand()
    fair.work_off()
    browser = browser_of(fair.scene.grid.actor)
    assert "Ship tracks" in browser.get("/en/exchange?q=ship+tracks").text
    assert "船舶轨迹" in browser.get("/zh/exchange", params={"q": "船舶轨迹"}).text
    assert browser.get("/en/exchange?sector=nonsense").status_code == 422
    assert browser.get("/api/v1/exchange/search?q=ships").json()["offers"][0]["key"] == stalls["ships"]
    assert stalls["ships"] in browser.get("/en/exchange.csv?q=ships").text
    refused = browser.post("/en/exchange?q=ships", data={"name": "", "cadence": "daily"})
    assert refused.status_code == 422
    assert browser.post("/en/exchange?q=ships", data={"name": "Ships", "cadence": "daily"}).status_code == 303
    assert "Ships" in browser.get("/en/me/watches").text

    way = f"/en/demands/{key}/matches"
    page = browser.get(way).text
    best = fair.run(key).run.matches[0].listing
    assert f'id="{best}"' in page
    said = {"listing": best, "verdict": "not_useful", "reason": "price", "note": "<b>dear</b>"}
    assert browser.post(f"{way}/feedback", data=said).status_code == 303
    assert "&lt;b&gt;dear&lt;/b&gt;" in browser.get(way).text
    assert browser.post(f"{way}/feedback", data={"listing": best, "verdict": "take_back"}).status_code == 303
    assert browser.post(f"{way}/feedback", data={**said, "listing": "none"}).status_code == 422
    tried = browser.get(f"{way}?w_relevance=10&w_price=0").text
    assert "This is how it would be with other weights" in tried
    assert browser.get(f"{way}?w_relevance=eleven").status_code == 422
    assert browser.post(f"{way}/weights", data={"w_relevance": "10"}).status_code == 303
    fair.work_off()
    assert {one.weight for one in fair.run(key).run.matches[0].factors if one.factor == "relevance"} == {10.0}
    assert browser.post(way).status_code == 303
    assert "It is being matched" in browser.get(way).text
    listed = browser.get(f"/api/v1/demands/{key}/matches").json()["matches"]
    assert [one["explanation"]["rank"] for one in listed] == list(range(1, len(listed) + 1))
    assert best in browser.get(f"{way}.csv").text
    second = fair.run(key).run.matches[1].listing
    assert browser.get(f"{way}/compare", params={"listing": [best, second]}).status_code == 200
    assert browser.get(f"{way}/compare", params={"listing": [best, best]}).status_code == 422


def test_a_supplier_sees_bands_answers_and_stops_mails(fair: Fair, browser_of):
    listing = stall(fair)["plain"]
    key = fair.demand()
    fair.work_off()
    browser = browser_of(fair.scene.lake.actor)
    way = f"/en/me/listings/{listing}/demands"
    page = browser.get(way).text
    assert "Flight delays" in page
    numbers = {f"{one.scores.placing:.2f}" for one in fair.run(key).run.matches}
    assert not numbers & set(re.findall(r"\b0\.\d\d\b", page))
    assert "100,000" not in page
    assert set(browser.get(f"/api/v1/listings/{listing}/demands").json()["demands"][0]) == {
        "band", "demand", "blind", "title", "organization", "sectors", "modalities",
    }  # fmt: skip
    assert browser.post(f"{way}/watch", data={"cadence": "once"}).status_code == 422
    assert browser.post(f"{way}/watch", data={"cadence": "weekly"}).status_code == 303
    stranger = browser_of(fair.scene.bay.actor)
    assert stranger.get(way).status_code == 404
    assert stranger.get(f"/en/demands/{key}/matches").status_code == 404


def test_a_relaxation_is_done_with_one_click_and_opens_the_form(fair: Fair, browser_of):
    stall(fair)
    key = fair.demand(document=DELAYS.model_copy(update={"languages": ("ja",), "musts": ("modality", "language")}))
    fair.work_off()
    run = fair.run(key)
    browser = browser_of(fair.scene.grid.actor)
    assert "Do that and open the form" in browser.get(f"/en/demands/{key}/matches").text
    answer = browser.post(f"/en/demands/{key}/matches/relax", data={"run": str(run.id), "at": "0"})
    assert answer.headers["location"].startswith(f"/en/demands/{key}/edit")
    fair.work_off()
    assert len(fair.run(key).run.order) > 0
    assert browser.post(f"/en/demands/{key}/matches/relax", data={"run": str(run.id), "at": "0"}).status_code == 422


def test_how_far_one_is_verified_is_not_for_the_demand_to_say(fair: Fair, browser_of):
    fair.offer(content=scenes.sheet(receives_from=3))
    key = fair.demand(document=DELAYS)
    fair.work_off()
    run = fair.run(key)
    ids = [one.id for one in run.run.nothing.relaxations]
    assert "relax.buyer" in ids
    browser = browser_of(fair.scene.grid.actor)
    page = browser.get(f"/en/demands/{key}/matches").text
    assert "The operator verifies organizations; ask them to." in page
    assert page.count("Do that and open the form") == len(ids) - 1
    at = str(ids.index("relax.buyer"))
    answer = browser.post(f"/en/demands/{key}/matches/relax", data={"run": str(run.id), "at": at})
    assert answer.status_code == 422
    assert "The operator verifies organizations" in answer.text


def test_the_button_of_a_mail_program_ends_the_mail_with_all_that_it_tells(fair: Fair, browser_of):
    with fair.resources.write() as work:
        for name, cadence in (("Ships", "daily"), ("Flights", "daily"), ("Carts", "weekly")):
            watches.save_search(work, fair.scene.grid.actor, name=name, query={"q": name}, cadence=cadence)
    stall(fair)
    fair.scene.clock.advance(days=1)
    fair.work_off(digests.JOB)
    with fair.resources.read() as work:
        mails = [job.payload for job in work.session.exec(select(Job).where(Job.kind == "mail"))]
    address = next(one["unsubscribe"] for one in mails if "/exchange/watches/" in one["text"])
    path = address.removeprefix(fair.resources.settings.base_url.rstrip("/"))
    browser = browser_of()
    assert "“Ships”" in browser.get(path.replace("/zh/", "/en/")).text
    for _ in range(2):
        assert browser.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 303
        with fair.resources.read() as work:
            assert [one.name for one in watches.of_person(work, fair.scene.grid.actor)] == ["Carts"]


def test_a_province_is_found_by_either_of_its_codes(fair: Fair, browser_of):
    keys = [fair.offer(content=scenes.sheet(title=f"Flights {code}", regions=(code,))) for code in ("CN-44", "CN-GD")]
    other = fair.offer(content=scenes.sheet(title="Flights of Hunan", regions=("CN-43",)))
    browser = browser_of()
    for code in ("CN-44", "CN-GD"):
        listed = browser.get(f"/api/v1/exchange/search?region={code}").json()["offers"]
        assert {one["key"] for one in listed} == set(keys)
    html = browser.get("/en/exchange").text
    assert html.count(">Guangdong</a>") == 1
    assert other in browser.get("/en/exchange.csv?region=CN-HN").text
    assert "中国广东" in browser.get(f"/zh/listings/{keys[0]}").text
