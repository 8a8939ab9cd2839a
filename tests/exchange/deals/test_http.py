"""Deals over HTTP: each side sees its own buttons, a blind demander has no name anywhere, files are downloads only."""

import re

import pytest
from sqlmodel import select

from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from tests.exchange.deals.conftest import demanded
from tests.seasons.factories import session_of

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def browser_of(scene, start_server):
    server = start_server(scene.resources)
    made = []

    def of(actor=None):
        client = server.client()
        if actor is not None:
            with scene.resources.write() as work:
                client.cookies.update(session_of(work, actor))
        made.append(client)
        return client

    yield of
    for one in made:
        one.close()


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
    (id,) = re.findall(rf'name="message_id" value="([0-9a-f]+-{move})"', html)
    answer = browser.post(f"/en/deals/{key}/do/{move}", data={"message_id": id})
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
