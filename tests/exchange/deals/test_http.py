"""Deals over HTTP: each side sees its own buttons, a blind demander has no name anywhere, files are downloads only."""

import re

import pytest
from sqlmodel import select

from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.exchange.deals import offers
from leaderboard.exchange.deals.models import DealFile, DealStep
from tests.exchange.deals.conftest import demanded

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def form_of(browser, path):
    """The fields of the form of a move as they stand there."""
    html = browser.get(path).text
    main = html[html.index("<main") :]
    fields = dict(re.findall(r'<input type="hidden" name="([a-z0-9_]+)" value="([^"]*)"', main))
    assert "message_id" in fields, path
    return fields


def press(browser, key, move, **fields):
    path = f"/en/deals/{key}/do/{move}"
    answer = browser.post(path, data=form_of(browser, path) | fields)
    assert answer.status_code == 303, answer.text[answer.text.index("<main") :][:3000]


def click(browser, key, move):
    html = browser.get(f"/en/deals/{key}").text
    ((id, seen),) = re.findall(
        rf'name="message_id" value="([0-9a-f]+-{move})"><input[^>]*name="seen" value="(\d+)"', html
    )
    answer = browser.post(f"/en/deals/{key}/do/{move}", data={"message_id": id, "seen": seen})
    assert answer.status_code == 303, answer.text


TERMS = {
    "price": "2万", "currency": "CNY", "delivery": "download", "valid_until": "2026-12-31", "do-use": "yes",
    "duty-attribute": "yes", "indicator-0-measure": "grade", "indicator-0-limit": "B",
}  # fmt: skip


def test_a_deal_is_made_in_two_browsers(table, browser_of):
    lake, clinic, audit = (browser_of(table.sides[side].actor) for side in ("supplier", "demander", "auditor"))
    demand = demanded(table.scene, table.scene.clinic, usage={"actions": ("use", "train-models")})
    begun = clinic.get(f"/en/deals/new?listing={table.listing}")
    assert begun.status_code == 200
    key = clinic.post(
        "/en/deals/new", data={"by": "demander", "listing": table.listing, "demand": demand}
    ).headers["location"].rsplit("/", 1)[1]  # fmt: skip
    assert "It is your turn" in lake.get("/en/me/deals").text
    assert "轮到您" in lake.get("/zh/me/deals").text
    click(lake, key, "answer")
    press(lake, key, "sign_nda")
    press(clinic, key, "sign_nda")
    press(clinic, key, "request", **TERMS)
    press(lake, key, "offer", **TERMS | {"price": "2.5万", "do-derive": "yes"})
    page = clinic.get(f"/en/deals/{key}").text
    assert "What differs from the terms before" in page
    assert "CNY 25,000" in page
    assert "better for the supplier" in page
    assert "the terms do not say whether this is permitted: Train models" in page
    click(clinic, key, "accept")
    for side in (lake, clinic):
        press(side, key, "name_auditor", organization="meiguan-law")
    click(lake, key, "agree")
    assert "Read the agreement" in audit.get(f"/en/deals/{key}").text
    press(audit, key, "sign_off")
    click(lake, key, "finalize")
    press(lake, key, "deliver", how="address", address="https://data.example.org/f.csv", sha256="ab" * 32)
    assert "Not certain" in clinic.get(f"/en/deals/{key}").text
    press(clinic, key, "accept_delivery")
    press(lake, key, "settle", note="Paid on the 20th.")
    for side in (lake, clinic):
        press(side, key, "rate", described="5", punctual="4", spoken="3")
    for browser in (lake, clinic, audit):
        for locale in ("zh", "en"):
            for tail in ("", "/agreement", "/agreement.json"):
                assert browser.get(f"/{locale}/deals/{key}{tail}").status_code == 200
    assert "Paid on the 20th." in lake.get(f"/en/deals/{key}").text
    assert "保密" in clinic.get(f"/zh/deals/{key}/nda.md").text
    assert key in lake.get("/en/me/deals.csv").text
    api = lake.get(f"/api/v1/deals/{key}").json()
    assert (api["state"], api["negotiation"]) == ("reviewed", "FINALIZED")
    assert "audit" not in clinic.get("/en/me/deals").text


def test_a_blind_demander_has_no_name_before_both_are_interested(table, browser_of):
    for party in (table.scene.grid, table.scene.audit, table.scene.clinic):
        demand = demanded(table.scene, party, "blind", regions=("CN-44",))
    table.begin("demander", demand)
    clinic = table.scene.clinic
    secrets = (clinic.name, clinic.slug, clinic.actor.name, "Delays wanted", "求购航班晚点数据")
    lake = browser_of(table.scene.lake.actor)
    paths = [
        f"/{locale}/{tail}" for locale in ("zh", "en") for tail in (f"deals/{table.key}", "me/deals", "me/deals.csv")
    ]
    for path in (*paths, "/api/v1/deals", f"/api/v1/deals/{table.key}"):
        answer = lake.get(path)
        assert answer.status_code == 200
        assert not [one for one in secrets if one in answer.text], path
    table.scene.clock.advance(minutes=10)
    with table.scene.resources.read() as work:
        written = [
            str(line.detail) for line in work.session.exec(select(LedgerLine)) if line.subject.startswith("deal:")
        ]
        mails = [str(job.payload) for job in work.session.exec(select(Job)) if job.kind.startswith("deal")]
    assert not [one for one in secrets if one in "".join(written + mails)]
    assert lake.get(f"/en/deals/{table.key}/nda.md").status_code in {404, 409}
    click(lake, table.key, "answer")
    assert clinic.name in lake.get(f"/en/deals/{table.key}").text
    assert "Delays wanted" in lake.get(f"/en/deals/{table.key}").text


def test_files_are_downloads_whatever_they_are_called(table, browser_of):
    table.until("mutual")
    clinic, lake, grid = (browser_of(one.actor) for one in (table.scene.clinic, table.scene.lake, table.scene.grid))
    path = f"/en/deals/{table.key}/do/write"
    hidden = form_of(clinic, f"{path}?how=file")
    file = {"file": ("../../<script>alert(1)</script>.html", b"<script>alert(1)</script>", "text/html")}
    assert clinic.post(f"{path}/upload", data=hidden | {"text": "Look."}, files=file).status_code == 303
    html = lake.get(f"/en/deals/{table.key}").text
    assert "<script>alert" not in html
    (address,) = re.findall(rf'href="(/en/deals/{table.key}/files/\d+)"', html)
    answer = lake.get(address)
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert grid.get(address).status_code == 404
    assert "1 unread message" not in lake.get("/en/me/deals").text, "read with the page above"


def test_a_file_that_is_too_large_is_refused_with_its_form(table, browser_of):
    table.until("mutual")
    clinic = browser_of(table.scene.clinic.actor)
    path = f"/en/deals/{table.key}/do/write"
    hidden = form_of(clinic, f"{path}?how=file")
    answer = clinic.post(f"{path}/upload", data=hidden, files={"file": ("a.bin", b"x" * 20_000_001)})
    assert answer.status_code in {413, 422}
    assert "20 MB" in answer.text


def test_an_act_on_an_old_page_says_where_the_deal_stands(table, browser_of):
    table.until("offered")
    clinic = browser_of(table.scene.clinic.actor)
    html = clinic.get(f"/en/deals/{table.key}").text
    (id,) = re.findall(r'name="message_id" value="([0-9a-f]+-accept)"', html)
    table.act("supplier", "terminate", reason="price")
    answer = clinic.post(f"/en/deals/{table.key}/do/accept", data={"message_id": id})
    assert answer.status_code == 422
    assert "Ended without a deal" in answer.text
    assert "The deal has moved on and stands at" in answer.text


def test_terms_that_are_refused_come_back_as_they_were_typed(table, browser_of):
    table.until("nda_signed")
    lake = browser_of(table.scene.lake.actor)
    path = f"/en/deals/{table.key}/do/offer"
    answer = lake.post(path, data=form_of(lake, path) | TERMS | {"price": "much", "valid_until": ""})
    assert answer.status_code == 422
    assert 'value="much"' in answer.text
    assert 'id="valid_until-error"' in answer.text


def test_programs_make_the_same_moves(table, browser_of):
    clinic, lake = browser_of(table.scene.clinic.actor), browser_of(table.scene.lake.actor)
    made = clinic.post("/api/v1/deals", json={"listing": table.listing, "by": "demander"})
    assert made.status_code == 201
    key = made.json()["key"]
    move = {"move": "answer", "message_id": "answer-0001", "body": {}}
    first, second = (lake.post(f"/api/v1/deals/{key}/moves", json=move) for _ in range(2))
    assert first.json() == second.json()
    assert "sign_nda" in first.json()["moves"]
    refused = lake.post(f"/api/v1/deals/{key}/moves", json=move | {"body": {"x": 1}})
    assert (refused.status_code, refused.json()["id"]) == (409, "deals.other_body")
    file = clinic.post(f"/api/v1/deals/{key}/uploads?file_name=a.csv&move=write", content=b"a\n1\n")
    said = {"move": "write", "message_id": "write-00001", "body": {"text": "Look.", "file": file.json()["id"]}}
    assert clinic.post(f"/api/v1/deals/{key}/moves", json=said).status_code == 200


@pytest.mark.parametrize("move", ["write", "deliver"])
def test_an_upload_that_is_sent_twice_is_answered_twice_and_kept_once(table, browser_of, move):
    table.until("mutual" if move == "write" else "finalized")
    lake = browser_of(table.scene.lake.actor)
    path = f"/en/deals/{table.key}/do/{move}"
    sent = form_of(lake, f"{path}?how=file") | {"text": "Look.", "note": "All of it."}
    answers = [lake.post(f"{path}/upload", data=sent, files={"file": ("a.csv", b"a\n1\n")}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303], answers[1].text
    assert answers[0].headers["location"] == answers[1].headers["location"]
    with table.scene.resources.read() as work:
        (kept,) = work.session.exec(select(DealFile)).all()
        assert work.storage.path(kept.storage_key).read_bytes() == b"a\n1\n"
        assert len([one for one in work.session.exec(select(DealStep)) if one.move == move]) == 1
    stored = [
        one for one in (table.scene.resources.settings.data_dir / "files" / "submissions").rglob("*") if one.is_file()
    ]
    assert len(stored) == 1, "the second file is gone"
    other = lake.post(f"{path}/upload", data=sent, files={"file": ("a.csv", b"a\n2\n")})
    assert other.status_code == 422
    assert "This message was sent before and said something else" in other.text


def test_a_form_of_terms_keeps_every_indicator(table, browser_of):
    measures = ["Q7", "A1", "A2", "A4", "Q13", "Q14", "Q1", "Q8", "A6", "grade", "rank"]
    floors = [{"kind": "measure", "measure": one, "limit": 0.5} for one in measures[:-2]]
    floors += [{"kind": "grade", "grade": "B"}, {"kind": "rank", "limit": 0.1}]
    table.until("requested", indicators=[{"floor": one, "note": f"n{at}"} for at, one in enumerate(floors)])
    lake = browser_of(table.scene.lake.actor)
    path = f"/en/deals/{table.key}/do/offer"
    html = lake.get(path).text
    lines = re.findall(r'<select[^>]* name="indicator-(\d+)-measure">(.*?)</select>', html, re.DOTALL)
    chosen = [re.findall(r'<option value="([^"]*)" selected', options) for _, options in lines]
    assert [one for one in chosen if one] == [[one] for one in measures]
    assert len(lines) == len(measures) + 3, "and there is room for more"
    sent = {
        f"indicator-{at}-{part}": said
        for at, one in enumerate(measures)
        for part, said in (("measure", one), ("limit", "B" if one == "grade" else "0.5"), ("note", f"n{at}"))
    }
    press(lake, table.key, "offer", **TERMS | sent)
    with table.scene.resources.read() as work:
        kept = offers.terms(offers.of_deal(work, table.deal())[0]).indicators
    assert [one.note for one in kept] == [f"n{at}" for at in range(len(measures))]


def test_a_number_that_no_database_holds_names_nothing(table, browser_of):
    table.until("mutual")
    lake, far = browser_of(table.sides["supplier"].actor), "9" * 30
    for path in (
        f"/deals/{table.key}/files/{far}",
        f"/deals/{table.key}/samples/{far}",
        f"/events/registrations/{far}",
    ):
        assert lake.get(f"/en{path}").status_code == 404, path


def waiting(browser, path):
    """The number at "My deals" in the line of ways; None: there is none."""
    html = browser.get(path).text
    (line,) = re.findall(r'href="/en/me/deals"[^>]*>My deals(.*?)</a>', html)
    return int(re.search(r'tabs__n">(\d+)', line)[1]) if line else None


@pytest.mark.parametrize("path", ["/en/exchange", "/en/demands", "/en/me/listings", "/en/me/deals", "/en/events"])
def test_pages_of_the_exchange_say_how_many_deals_wait_for_the_reader(table, browser_of, path):
    table.begin("demander")
    lake, clinic, grid = (browser_of(one.actor) for one in (table.scene.lake, table.scene.clinic, table.scene.grid))
    assert (waiting(lake, path), waiting(clinic, path), waiting(grid, path)) == (1, None, None)
    table.act("supplier", "answer")
    assert (waiting(lake, path), waiting(clinic, path)) == (1, 1), "either side may go on"
    table.act("demander", "terminate", reason="other")
    assert (waiting(lake, path), waiting(clinic, path)) == (None, None)
    assert browser_of().get("/en/exchange").status_code == 200


def test_a_listing_says_what_others_say_of_its_supplier_and_how_many(table, browser_of):
    visitor, path = browser_of(), f"/en/listings/{table.listing}"
    assert "of 5 after" not in visitor.get(path).text
    table.until("settled")
    for side in ("supplier", "demander"):
        table.act(side, "rate", described=5, punctual=4, spoken=3)
    for page in (path, "/en/exchange"):
        assert "of 5 after 1 rating<" in visitor.get(page).text
    assert "1次评价" in visitor.get(f"/zh/listings/{table.listing}").text


def test_a_supplier_without_a_listing_is_told_what_to_do_first(table, browser_of):
    demand = demanded(table.scene, table.scene.clinic)
    grid, lake = browser_of(table.scene.grid.actor), browser_of(table.scene.lake.actor)
    address = f"/en/deals/new?by=supplier&demand={demand}"
    answer = grid.get(address)
    assert answer.status_code == 200
    assert 'href="/en/listings/new"' in answer.text
    assert "<form" not in answer.text[answer.text.index("<main") : answer.text.index("</main")]
    own = lake.get(address).text
    assert f'<option value="{table.listing}" selected' in own
    sent = {"by": "supplier", "listing": table.listing, "demand": demand}
    assert lake.post("/en/deals/new", data=sent).status_code == 303
