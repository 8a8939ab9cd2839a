"""Listings over HTTP in both languages: from the form to the card, the desk of the operator, and the twins for machines."""

import csv
import io
import json
import re

import pytest

from leaderboard.exchange.listings import service
from leaderboard.terms import odrl
from tests.exchange import scene as scenes

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def block(html):
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def typed(html):
    """What the form on a page would send."""
    form = html[html.index('name="seen"') - 100 : html.rindex("</form>")]
    sent = dict.fromkeys(re.findall(r'type="checkbox" id="[^"]*" name="([^"]*)" value="yes" checked', form), "yes")
    sent |= dict(re.findall(r'name="([^"]*)" type="(?:text|date)" value="([^"]*)"', form))
    sent |= dict(re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    return sent | {"seen": re.findall(r'name="seen" value="(\d+)"', form)[0]}


def test_from_an_empty_form_to_the_list(scene, browser_of):
    mine, desk, public = browser_of(scene.lake.actor), browser_of(scene.operator), browser_of()
    made = mine.post(
        "/en/listings/new", data={"organization": scene.lake.id, "kind": "dataset", "title_en": "Port arrivals"}
    )
    assert made.headers["location"] == "/en/listings/port-arrivals/edit"
    card = "/en/listings/port-arrivals"
    assert public.get(card).status_code == 404
    form = typed(mine.get(f"{card}/edit").text)
    assert form["title_en"] == "Port arrivals"
    refused = mine.post(f"{card}/edit", data=form | {"do": "submit"})
    assert refused.status_code == 422
    for field in (
        "summary_zh",
        "scenario_zh",
        "source_zh",
        "sector",
        "modalities",
        "deliveries",
        "price_model",
        "licence",
    ):
        assert f'id="{field}-error"' in refused.text, field
    filled = mine.post(f"{card}/edit", data=form | {"do": "fill", "licence": "CC-BY-NC-4.0"})
    assert filled.status_code == 200
    form = typed(filled.text)
    assert (form["do-commercialize"], form["do-use"], form["duty-attribute"]) == ("no", "yes", "yes")
    form |= {
        "summary_en": "Arrivals of ships.", "scenario_en": "To plan berths.", "source_en": "Our own port.", "sector": "transport",
        "modality-table": "yes", "delivery-api": "yes", "price_model": "range", "price_low": "1万", "price_high": "30,000",
        "security": "general", "personal": "none", "size-bytes": "3 GB", "fields": "ship, 文本\nlength, Decimal number, m",
        "languages": "en", "regions": "cn-44",
    }  # fmt: skip
    handed_in = mine.post(f"{card}/edit", data=form | {"do": "submit"})
    assert handed_in.status_code == 303, re.findall(r"field__error.*?</p>", handed_in.text)
    assert "Port arrivals" in desk.get("/en/exchange/review").text
    review = "/en/exchange/review/port-arrivals"
    desk.post(review, data={"do": "take-up"})
    open_points = desk.post(review, data={"do": "approve", "number": "2"})
    assert open_points.status_code == 422
    assert 'id="point-subject-error"' in open_points.text
    points = {f"point-{point}": "yes" for point in ("subject", "source", "security", "tradability")}
    assert desk.post(review, data={"do": "approve", "number": "2", **points}).status_code == 303
    english, chinese = public.get(card).text, public.get(card.replace("/en/", "/zh/")).text
    assert "10,000 – 30,000 CNY" in english
    assert "3.0" in english or "3 GB" in english
    assert "尚未测评" in chinese
    assert "您不可以" in chinese
    assert (block(english)["@type"], block(english)["offers"]["highPrice"]) == ("Dataset", 30_000.0)
    assert block(english)["variableMeasured"][1] == {"@type": "PropertyValue", "name": "length", "unitText": "m"}


def test_the_terms_for_machines_are_the_terms_of_the_card(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        said = service.offers(work)[0].document.policy
    public = browser_of()
    answer = public.get(f"/en/listings/{key}/policy.json")
    assert answer.headers["content-type"].startswith("application/ld+json")
    assert odrl.policy(answer.json()) == said


def test_lists_for_machines(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        service_key = scenes.listed(work, scene, scene.bay, scenes.sheet("annotation", title="Labelling of ships"))
        draft = scenes.drafted(work, scene.lake, scenes.sheet(title="Not yet"))
    public, mine = browser_of(), browser_of(scene.lake.actor)
    found = public.get("/api/v1/listings").json()
    assert [one["key"] for one in found["listings"]] == [service_key, key]
    assert public.get("/api/v1/listings?kind=annotation").json()["total"] == 1
    assert public.get(f"/api/v1/listings/{key}").json()["document"]["sizes"] == {"rows": 120_000.0}
    assert public.get(f"/api/v1/listings/{draft}").status_code == 404
    rows = list(csv.DictReader(io.StringIO(public.get("/en/listings.csv").text.lstrip("\ufeff"))))
    assert {row["key"] for row in rows} == {key, service_key}
    own = list(csv.DictReader(io.StringIO(mine.get("/en/me/listings.csv").text.lstrip("\ufeff"))))
    assert [(row["key"], row["state"]) for row in own] == [(draft, "draft"), (key, "listed")]


def test_pages_of_owners_in_both_languages(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        slug = scenes.card(work, scene.lake).slug
    mine, nobody = browser_of(scene.lake.actor), browser_of(scene.clinic.actor)
    for locale, word in (("en", "Draft"), ("zh", "草稿")):
        assert word in mine.get(f"/{locale}/me/listings").text
        assert f'value="{slug}"' in mine.get(f"/{locale}/listings/new").text
        assert mine.get(f"/{locale}/listings/{key}/edit").status_code == 200
    assert nobody.get(f"/en/listings/{key}/edit").status_code == 404
    assert nobody.get("/en/exchange/review").status_code == 404
    made = mine.post("/en/listings/new", data={"organization": scene.lake.id, "dataset": slug})
    again = mine.post("/en/listings/new", data={"organization": scene.lake.id, "dataset": slug})
    assert made.headers["location"] == again.headers["location"], "one click, twice, makes one"
    form = typed(mine.get(made.headers["location"]).text)
    assert (form["sector"], form["size-rows"], form["do-use"]) == ("manufacturing", "60", "yes")


def test_a_form_opened_before_somebody_elses_save_is_shown_again(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
    one, other = browser_of(scene.lake.actor), browser_of(scene.lake.actor)
    first, second = (typed(client.get(f"/en/listings/{key}/edit").text) for client in (one, other))
    assert one.post(f"/en/listings/{key}/edit", data=first | {"title_en": "Mine", "do": "save"}).status_code == 303
    refused = other.post(f"/en/listings/{key}/edit", data=second | {"title_en": "Theirs", "do": "save"})
    assert refused.status_code == 422
    assert "is at version 2 now" in refused.text
    assert 'value="Theirs"' in refused.text, "what was typed stays"


def test_suspended_and_shown_again(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
    desk, public = browser_of(scene.operator), browser_of()
    assert desk.post(f"/en/listings/{key}/suspend", data={"note": ""}).status_code == 422
    desk.post(f"/en/listings/{key}/suspend", data={"note": "A complaint."})
    assert public.get(f"/en/listings/{key}").status_code == 410
    desk.post(f"/en/listings/{key}/resume")
    assert public.get(f"/en/listings/{key}").status_code == 200


def test_a_draft_that_nobody_was_ever_shown_has_a_page_for_its_owner(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
    assert browser_of(scene.lake.actor).get(f"/en/listings/{key}").status_code == 200


def test_suspending_without_a_reason_asks_for_one_on_the_same_page(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
    desk = browser_of(scene.operator)
    refused = desk.post(f"/en/listings/{key}/suspend", data={"note": " "})
    assert refused.status_code == 422
    assert 'id="note-error"' in refused.text
    assert "Say why, so that the supplier knows what to do" in refused.text
    assert desk.post(f"/en/listings/{key}/suspend", data={"note": "A complaint."}).status_code == 303
    with scene.resources.read() as work:
        assert service.listing_for(work, scene.operator, key, "exchange.review").state == "suspended"


def test_somebody_elses_draft_and_none_at_all_have_the_same_answer(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
    other = browser_of(scene.bay.actor)
    for path in ("/en/listings/{}/edit", "/en/me/listings/{}/demands", "/en/exchange/review/{}"):
        there, nowhere = other.get(path.format(key)), other.get(path.format("none-such"))
        assert (there.status_code, nowhere.status_code) == (404, 404), path
        said, same = (re.sub(r"Reference: \w+", "", one.text) for one in (there, nowhere))
        assert said.replace(key, "none-such") == same, path


def test_a_dataset_card_is_offered_with_one_click_of_its_owner(scene, browser_of):
    with scene.resources.write() as work:
        slug = scenes.card(work, scene.lake).slug
    mine, public = browser_of(scene.lake.actor), browser_of(scene.bay.actor)
    assert f'<input type="hidden" name="dataset" value="{slug}">' in mine.get(f"/en/datasets/{slug}").text
    assert 'name="dataset"' not in public.get(f"/en/datasets/{slug}").text
    made = mine.post("/en/listings/new", data={"dataset": slug})
    assert made.headers["location"] == "/en/listings/bearing-temperatures/edit"
    assert mine.post("/en/listings/new", data={"dataset": slug}).headers["location"] == made.headers["location"]
    assert public.post("/en/listings/new", data={"dataset": slug}).status_code == 404


def test_an_organization_shows_what_it_offers_and_others_may_ask_for_it(scene, browser_of):
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        draft = scenes.drafted(work, scene.lake, scenes.sheet(title="Not yet"))
    public, mine = browser_of(), browser_of(scene.lake.actor)
    assert f"/en/organizations/{scene.lake.slug}/offers" in public.get(f"/en/organizations/{scene.lake.slug}").text
    shown = public.get(f"/en/organizations/{scene.lake.slug}/offers").text
    assert f'href="/en/listings/{key}"' in shown
    assert draft not in shown
    assert "Nothing is offered yet" in public.get(f"/en/organizations/{scene.bay.slug}/offers").text
    assert public.get("/en/organizations/none-such/offers").status_code == 404
    asks, fits = f'href="/en/deals/new?listing={key}"', f'href="/en/me/listings/{key}/demands"'
    card, own = (one.get(f"/en/listings/{key}").text for one in (public, mine))
    assert (asks in card, fits in card, asks in own, fits in own) == (True, False, False, True)
