"""Demands over HTTP: the guided form from a sentence to an open demand, refusals that lose nothing, hostile text, the outlets."""

import html
import re
from datetime import date

import pytest

from leaderboard.exchange.demands import making, outlets, vetting
from tests.exchange.demands.conftest import DOCUMENT, TEXT, unit_of
from tests.exchange.demands.test_service import do, document, mails
from tests.seasons import factories
from tests.submissions import factories as challenges

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

HOSTILE = "<script>alert(1)</script> \"quoted\" 'single' {{ 7*7 }} {title} %s =cmd|' /C calc'!A0"


def values(page):
    """What the form of a page would send: every filled or ticked input, the chosen options, the texts."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in said and (said.get("type") not in {"checkbox", "radio"} or " checked" in tag):
            found[said["name"]] = html.unescape(said.get("value", ""))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        found[name] = html.unescape(text)
    return found


@pytest.fixture
def browser(market, browser_of):
    return browser_of(market.buyer)


def begin(market, browser, **texts):
    sent = {"organization": str(unit_of(market.buyer)), "title_zh": TEXT.title_zh, "need_zh": TEXT.need_zh, **texts}
    answer = browser.post("/zh/demands/new", data=sent)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_from_a_sentence_to_an_open_demand(market, browser, browser_of):
    edit = begin(market, browser)
    page = browser.get(edit).text
    assert "<mark>至少2万张</mark>" in page
    assert '<span class="dm-left">' in page
    form = values(page)
    assert (form["size-images-least"], form["floor-0-measure"], form["budget_high"]) == ("20000", "A6", "500000")
    form |= {"weight-price": "8", "do": "submit"}
    answer = browser.post(edit, data=form)
    assert answer.status_code == 303
    key = edit.split("/")[3]
    assert document(market, key).weights == {"price": 8.0}
    assert market.state(key) == "submitted"
    desk = browser_of(market.operator)
    assert f'href="/en/demands/{key}"' in desk.get("/en/exchange/vetting").text
    page = desk.get(f"/en/demands/{key}").text
    assert "Let it pass" in page
    refused = desk.post(f"/en/demands/{key}/vet", data={"do": "return", "version": values(page)["version"]})
    assert (refused.status_code, "Say what has to be changed" in refused.text) == (422, True)
    assert (
        desk.post(f"/en/demands/{key}/vet", data={"do": "approve", "version": values(page)["version"]}).status_code
        == 303
    )
    assert key in browser_of().get("/zh/demands").text
    page = browser.get(f"/zh/demands/{key}").text
    for way in (f"/zh/demands/{key}/matches", f"/zh/demands/{key}/propose", "/zh/events"):
        assert f'"{way}"' in page


def test_a_form_that_is_saved_as_it_is_shown_changes_nothing(market, browser):
    edit = begin(market, browser)
    key = edit.split("/")[3]
    before = market.row(key).version
    assert (
        browser.post(edit, data=values(browser.get(edit).text) | {"do": "save"})
        .headers["location"]
        .endswith("done=saved")
    )
    page = values(browser.get(edit).text)
    assert browser.post(edit, data=page | {"do": "save"}).status_code == 303
    assert market.row(key).version <= before + 1  # the order of a list may be that of the form now


def test_nothing_typed_is_lost_when_something_is_wrong(market, browser):
    edit = begin(market, browser)
    sent = values(browser.get(edit).text) | {
        "need_zh": "全新的文本", "size-rows-least": "许多", "deadline": "soon", "fields": "load, number, MW\nday, date",
        "sector-finance": "yes", "weight-price": "9.5", "invited": "no-such-unit", "indicator-0-note": "on delivery", "do": "save",
    }  # fmt: skip
    answer = browser.post(edit, data=sent)
    assert answer.status_code == 422
    again = values(answer.text)
    for name, value in sent.items():
        if name not in {"do", "version"}:
            assert again.get(name, "") == value, name
    assert 'href="#size-rows-least"' in answer.text
    assert 'href="#deadline"' in answer.text


def test_two_edits_at_once_say_so_and_keep_what_was_typed(market, browser):
    edit = begin(market, browser)
    mine = values(browser.get(edit).text) | {"do": "save", "fields": "mine"}
    browser.post(edit, data=mine | {"fields": "theirs"})
    answer = browser.post(edit, data=mine)
    assert answer.status_code == 422
    assert values(answer.text)["fields"] == "mine"
    assert browser.post(edit, data=values(answer.text) | {"do": "save"}).status_code == 303
    assert document(market, edit.split("/")[3]).fields[0].name == "mine"


def test_contradictions_are_shown_at_once_and_keep_it_from_being_handed_in(market, browser):
    edit = begin(market, browser)
    sent = values(browser.get(edit).text) | {
        "size-images-most": "10000", "purpose-research": "yes", "action-commercialize": "yes",
        "delivery-api": "yes", "required-download": "yes",
    }  # fmt: skip
    assert browser.post(edit, data=sent | {"do": "save"}).status_code == 303
    page = browser.get(edit.replace("/zh/", "/en/")).text
    for sentence in (
        "At least 20,000 Images are asked for, but 10,000 at most",
        "The only purpose is research",
        "Download is required",
    ):
        assert sentence in page
    answer = browser.post(edit, data=values(page) | {"do": "submit"})
    assert answer.status_code == 422
    key = edit.split("/")[3]
    assert market.state(key) == "draft"
    assert browser.post(f"/en/demands/{key}/submit", data={}).status_code == 422


def test_reading_the_texts_again_replaces_their_facts_and_leaves_the_rest(market, browser):
    edit = begin(market, browser)
    sent = values(browser.get(edit).text) | {"need_zh": "需要3000条金融文本。", "weight-price": "9", "do": "read"}
    assert browser.post(edit, data=sent).headers["location"].endswith("done=read")
    said = document(market, edit.split("/")[3])
    assert (said.sectors, said.modalities, said.weights) == (("finance",), ("text",), {"price": 9.0})
    assert [(size.unit, size.least) for size in said.sizes] == [("rows", 3000)]


@pytest.mark.parametrize("text", ["x" * 20_000, "需" * 20_000])
def test_20_kb_of_text_come_back_with_the_count(market, browser, text):
    sent = {"organization": str(unit_of(market.buyer)), "title_en": "Long", "need_en": text}
    answer = browser.post("/en/demands/new", data=sent)
    assert answer.status_code == 422
    assert "At most 5,000 characters; these are 20,000" in answer.text
    assert values(answer.text)["need_en"] == text


def test_hostile_text_stays_text_everywhere(market, browser, browser_of):
    edit = begin(
        market, browser, title_zh=HOSTILE, need_zh=HOSTILE, need_en=HOSTILE + " 20,000 images", title_en=HOSTILE
    )
    key = edit.split("/")[3]
    form = values(browser.get(edit).text)
    assert form["need_zh"] == form["title_en"] == HOSTILE
    browser.post(edit, data=form | {"fields": f"{HOSTILE[:60]}, number", "indicator-0-measure": "A6", "indicator-0-limit": "2%",
                                    "indicator-0-note": HOSTILE, "do": "submit"})  # fmt: skip
    with market.resources.write() as work:
        vetting.approve(work, market.operator, key, version=market.row(key).version)
    do(market, outlets.propose, market.buyer, key)
    public = browser_of()
    with market.resources.write() as work:
        organizer, _ = factories.organizer(work)
    pages = [public.get(f"/{locale}/demands{tail}").text for locale in ("en", "zh") for tail in ("", f"/{key}")]
    pages += [browser.get(edit).text, browser_of(organizer).get("/zh/exchange/proposals").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert "{{ 7*7 }}" in html.unescape(page)
    assert public.get("/api/v1/demands").json()["demands"][0]["title"]["en"] == HOSTILE
    brief = browser.get(f"/en/demands/{key}/brief.md").text
    assert brief.startswith("# <script>")
    assert not [line for line in brief.split("\n") if line.startswith("<")]


def test_from_a_proposal_to_a_linked_challenge(market, browser, browser_of, tmp_path):
    key = market.open(document=DOCUMENT.model_copy(update={"visibility": "blind"}))
    with market.resources.write() as work:
        organizer, unit = factories.organizer(work)
        package = challenges.admit(work, organizer, unit, challenges.package_folder(tmp_path / "package", "late"))
        challenges.posting.draft(work, organizer, package)
    desk = browser_of(organizer)
    address = f"/en/exchange/proposals/{key}"
    assert desk.post(address, data={f"challenge-{key}": "late"}).status_code == 404  # not proposed
    assert browser.post(f"/en/demands/{key}/propose", data={}).status_code == 303
    page = desk.get("/en/exchange/proposals").text
    assert "Lingdong Grid" not in page.replace("Wang Hao", "")
    for hidden in ("Acceptance indicators as metrics", TEXT.title_en, "512,345"):
        assert hidden not in page
    assert "Its demander has not shown its text to organizers" in page
    assert desk.get(f"{address}/brief.md").status_code == 404
    assert desk.post(address, data={f"challenge-{key}": "late"}).status_code == 404
    assert "no more of it than other readers do" in browser.get(f"/en/demands/{key}").text
    browser.post(f"/en/demands/{key}/retract", data={})
    assert browser.post(f"/en/demands/{key}/propose", data={"in_full": "yes"}).status_code == 303
    page = desk.get("/en/exchange/proposals").text
    assert "Lingdong Grid" not in page.replace("Wang Hao", "")
    assert "512,345" not in page
    assert "Acceptance indicators as metrics" in page
    refused = desk.post(address, data={f"challenge-{key}": "no-such"})
    assert (refused.status_code, "You have no challenge with this address" in refused.text) == (422, True)
    assert values(refused.text)[f"challenge-{key}"] == "no-such"
    assert "作为评分指标的验收指标" in desk.get(f"/zh/exchange/proposals/{key}/brief.md").text
    assert "512,345" in browser.get(f"/zh/demands/{key}/brief.md").text
    assert browser_of(market.verified).get("/en/exchange/proposals").status_code == 403
    for _ in range(2):
        assert desk.post(address, data={f"challenge-{key}": "late"}).status_code == 303
    assert 'href="/en/challenges/late"' in browser.get(f"/en/demands/{key}").text
    assert len([letter for letter in mails(market) if "赛题" in letter["subject"]]) == 1
    browser.post(f"/en/demands/{key}/retract", data={})
    assert market.row(key).proposed_at is not None  # a challenge is linked to it


def test_of_a_proposal_in_a_crowd_organizers_see_the_card(market, browser, browser_of):
    market.blind(3)
    key = market.open(document=DOCUMENT.model_copy(update={"visibility": "blind"}))
    browser.post(f"/en/demands/{key}/propose", data={})
    with market.resources.write() as work:
        organizer, _ = factories.organizer(work)
    page = browser_of(organizer).get("/en/exchange/proposals").text
    assert "Images: 10,000 to 100,000" in page
    assert TEXT.title_en not in page
    assert (
        ",the card," in browser.get(f"/en/demands/{key}/access.csv").text
        or ",card," in browser.get(f"/en/demands/{key}/access.csv").text
    )


def test_what_is_over_can_be_asked_once_more(market, browser):
    key = market.open(document=DOCUMENT.model_copy(update={"deadline": date(2026, 12, 16)}))
    assert browser.post(f"/en/demands/{key}/renew", data={}).status_code == 422
    market.clock.advance(days=2)
    do(market, making.close, market.buyer, key, reason="no_offer")
    assert "Ask again" in browser.get(f"/en/demands/{key}").text
    places = {browser.post(f"/en/demands/{key}/renew", data={}).headers["location"] for _ in range(2)}
    (place,) = places
    form = values(browser.get(place).text)
    assert (form["need_en"], form["deadline"]) == (TEXT.need_en, "")
    assert market.state(place.split("/")[3]) == "draft"


def test_a_proposal_can_be_taken_back(market, browser):
    key = market.open()
    assert browser.post(f"/en/demands/{key}/propose", data={}).status_code == 303
    assert market.state(key) == "promoted"
    assert browser.post(f"/en/demands/{key}/retract", data={}).status_code == 303
    assert (market.state(key), market.row(key).proposed_at) == ("open", None)


def test_my_demands_and_those_without_an_organization(market, browser, browser_of):
    key = market.draft()
    assert f'href="/en/demands/{key}"' in browser.get("/en/demands/mine").text
    with market.resources.write() as work:
        loner = factories.person(work, "Gu Yu")
    for path in ("/en/demands/mine", "/en/demands/new"):
        assert "A demand belongs to an organization" in browser_of(loner).get(path).text
    do(market, making.withdraw, market.buyer, key)
    assert "Withdrawn" in browser.get("/en/demands/mine").text


def test_closing_needs_a_reason_and_says_so_in_its_form(market, browser):
    key = market.open()
    answer = browser.post(f"/en/demands/{key}/close", data={"note": "kept"})
    assert (answer.status_code, values(answer.text)["note"]) == (422, "kept")
    assert browser.post(f"/en/demands/{key}/close", data={"reason": "no_offer", "note": "x"}).status_code == 303
    assert "Nothing suitable was offered" in browser.get(f"/en/demands/{key}").text
    assert "energy,image,1," in browser.get("/en/exchange/gaps.csv").text


def test_words_that_no_facet_knows_are_said(market, browser):
    answer = browser.get("/api/v1/demands?sector=magic")
    assert (answer.status_code, "magic" in answer.text) == (422, True)


def test_a_search_that_becomes_a_demand_brings_its_words_along(browser):
    page = values(browser.get("/zh/demands/new", params={"need_zh": "<b>船舶轨迹</b>"}).text)
    assert (page["need_zh"], page["need_en"]) == ("<b>船舶轨迹</b>", "")
    assert values(browser.get("/en/demands/new", params={"need_en": "ship tracks"}).text)["need_en"] == "ship tracks"
    assert browser.get("/en/demands/new", params={"need_en": "x" * 30_000}).status_code in {400, 422}


def test_an_organizer_who_reads_a_proposal_stands_in_the_log(market, browser_of):
    key = market.open(document=DOCUMENT.model_copy(update={"visibility": "blind"}))
    owner, desk = browser_of(market.buyer), browser_of(market.operator)
    owner.post(f"/en/demands/{key}/propose")
    assert "operator" not in owner.get(f"/en/demands/{key}/access.csv").text
    assert desk.get("/en/exchange/proposals").status_code == 200
    assert "operator" in owner.get(f"/en/demands/{key}/access.csv").text
