"""Demands written by programs: the rules of the pages, every fault at once, and nothing twice."""

from dataclasses import replace

import pytest

from leaderboard.exchange.demands import making, vetting
from tests.exchange.demands.conftest import DOCUMENT, TEXT, unit
from tests.exchange.demands.test_service import do
from tests.seasons import factories

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

SAID = {
    "title": {"en": TEXT.title_en, "zh": TEXT.title_zh},
    "need": {"en": TEXT.need_en, "zh": TEXT.need_zh},
}
EXACT = {**SAID, "document": DOCUMENT.model_dump(mode="json")}


@pytest.fixture
def program(market, browser_of):
    return browser_of(market.buyer)


def test_from_a_text_to_an_open_demand_and_off_again(market, program):
    answer = program.post("/api/v1/demands", json=SAID)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/demands/{made['key']}/document"
    assert made["document"]["sizes"][0]["least"] == 20_000
    assert (made["state"], made["version"], made["contradictions"]) == ("draft", 1, [])
    assert program.post("/api/v1/demands", json=SAID).json()["key"] == made["key"]
    key = made["key"]
    assert program.get(answer.headers["location"]).json() == made
    change = {**EXACT, "version": 1, "invited": [market.slug(market.verified)]}
    saved = program.put(f"/api/v1/demands/{key}/document", json=change).json()
    assert saved["document"] == DOCUMENT.model_dump(mode="json")
    assert (saved["version"], saved["invited"]) == (2, [market.slug(market.verified)])
    assert program.put(f"/api/v1/demands/{key}/document", json=change).json() == saved
    stale = program.put(f"/api/v1/demands/{key}/document", json={**SAID, "version": 1})
    assert (stale.status_code, stale.json()["id"]) == (409, "demands.stale")
    for _ in range(2):
        assert program.post(f"/api/v1/demands/{key}/submit").json()["state"] == "submitted"
    assert program.put(f"/api/v1/demands/{key}/document", json={**EXACT, "version": 2}).status_code == 409
    assert program.post(f"/api/v1/demands/{key}/take-back").json()["state"] == "draft"
    program.post(f"/api/v1/demands/{key}/submit")
    do(market, vetting.approve, market.operator, key, version=2)
    assert program.get("/api/v1/demands/mine").json()["demands"][0] == {
        "key": key, "title": SAID["title"], "organization": "Lingdong Grid", "state": "open", "version": 2,
    }  # fmt: skip
    assert program.post(f"/api/v1/demands/{key}/renew").json()["id"] == "demands.not_over"
    for _ in range(2):
        assert program.post(f"/api/v1/demands/{key}/withdraw").json()["state"] == "withdrawn"
    again = program.post(f"/api/v1/demands/{key}/renew")
    assert (again.status_code, again.json()["state"], again.json()["document"]) == (201, "draft", saved["document"])
    assert again.json()["invited"] == saved["invited"]
    assert program.post(f"/api/v1/demands/{key}/renew").json()["key"] == again.json()["key"] != key


def test_every_fault_is_said_at_once_with_its_place(program):
    document = {**EXACT["document"], "sectors": ["magic"], "sizes": [{"unit": "rows", "least": -1}], "colour": "red"}
    bad = {
        "title": {"en": "x" * 200}, "need": {}, "document": document, "invited": ["no-such-unit"], "organization": "theirs",
    }  # fmt: skip
    answer = program.post("/api/v1/demands", json=bad)
    problem = answer.json()
    assert (answer.status_code, problem["id"]) == (422, "demands.form")
    fields = {fault["field"] for fault in problem["fields"]}
    assert fields == {
        "organization", "title.en", "need.zh", "invited", "document.sectors.0", "document.sizes.0.least", "document.colour",
    }  # fmt: skip
    assert all(fault["detail"] for fault in problem["fields"])
    chinese = program.post("/api/v1/demands", json=bad, headers={"Accept-Language": "zh"}).json()
    assert {one["field"]: one["detail"] for one in chinese["fields"]} != {
        one["field"]: one["detail"] for one in problem["fields"]
    }
    assert program.post("/api/v1/demands", json={**SAID, "colour": "red"}).status_code == 422


def test_what_contradicts_itself_is_a_draft_that_says_so_and_is_not_handed_in(market, program):
    document = {
        **EXACT["document"],
        "sizes": [{"unit": "images", "least": 5000, "most": 100}],
        "deadline": "2020-01-01",
    }
    made = program.post("/api/v1/demands", json={**SAID, "document": document}).json()
    places = {one["field"] for one in made["contradictions"]}
    assert places == {"document.sizes.0", "document.deadline"}
    refused = program.post(f"/api/v1/demands/{made['key']}/submit")
    assert (refused.status_code, refused.json()["id"]) == (422, "demands.contradiction")
    assert {one["field"] for one in refused.json()["fields"]} == places
    assert (
        "images"
        in next(one["detail"] for one in refused.json()["fields"] if one["field"] == "document.sizes.0").lower()
    )


def test_nobody_writes_in_anothers_name_or_claims_to_be_verified(market, program, browser_of):
    claim = {**EXACT["document"], "verified": 3, "organization": "somebody", "key": "mine"}
    made = program.post("/api/v1/demands", json={**SAID, "document": claim}).json()
    assert (made["document"]["verified"], made["document"]["key"]) == (0, "")
    stranger, nobody = browser_of(market.verified), browser_of()
    for method, tail in (("GET", "document"), ("POST", "submit"), ("POST", "withdraw"), ("POST", "renew")):
        path = f"/api/v1/demands/{made['key']}/{tail}"
        assert stranger.request(method, path).status_code == 404
        assert nobody.request(method, path).status_code == 404
    assert nobody.get("/api/v1/demands/mine").status_code == 401
    with market.resources.write() as work:
        loner, other = factories.person(work, "Gu Yu"), unit(work, "Second unit")
    twice = replace(market.buyer, organization_ids=market.buyer.organization_ids | other.organization_ids)
    assert browser_of(loner).post("/api/v1/demands", json=SAID).status_code in {403, 422}
    with market.resources.read() as work:
        assert making.unit_of(work, twice, "") == 0
        assert making.unit_of(work, twice, market.slug(market.buyer)) in market.buyer.organization_ids
