"""What a hostile party could send: other people's numbers, forged messages, replays, giant and broken texts."""

import json

import pytest
from sqlmodel import select

from leaderboard.exchange.deals import service, talks
from leaderboard.exchange.deals.models import Deal, DealFile, DealMessage, DealSample, DealStep
from leaderboard.exchange.demands import service as demands
from tests.exchange.deals.conftest import demanded
from tests.exchange.deals.test_samples import put, sample

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def send(browser, key, move, message="message-0001", **body):
    said = json.dumps({"move": move, "message_id": message, "body": body})
    headers = {"Content-Type": "application/json"}
    return browser.post(f"/api/v1/deals/{key}/moves", content=said.encode(), headers=headers)


def test_a_refusal_says_in_words_where_the_deal_stands(table, browser_of):
    table.until("offered")
    lake = browser_of(table.scene.lake.actor)
    answer = send(lake, table.key, "accept")
    assert answer.status_code == 409
    assert answer.json()["params"] == {"state": "Terms offered"}
    assert answer.json()["detail"] == "This is for the other side to do. The deal stands at “Terms offered”."
    page = lake.post(f"/zh/deals/{table.key}/do/accept", data={"message_id": "message-0001"})
    assert page.status_code == 422
    assert "“已报出条款”" in page.text
    assert "Phrase(" not in page.text


@pytest.mark.parametrize(("state", "side", "move"), [("offered", "clinic", "accept"), ("accepted", "lake", "agree")])
def test_nobody_is_bound_to_terms_that_they_do_not_say_they_have_read(table, browser_of, state, side, move):
    table.until(state)
    browser = browser_of(getattr(table.scene, side).actor)
    said = {"move": move, "message_id": "message-0001", "body": {}}
    answer = browser.post(f"/api/v1/deals/{table.key}/moves", json=said)
    assert (answer.status_code, [one["field"] for one in answer.json()["fields"]]) == (422, ["version"])
    assert table.deal().state == state
    version = browser.get(f"/api/v1/deals/{table.key}").json()["version"]
    assert browser.post(f"/api/v1/deals/{table.key}/moves", json=said | {"version": version - 1}).status_code == 409
    assert browser.post(f"/api/v1/deals/{table.key}/moves", json=said | {"version": version}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"file": 2**80},
        {"file": True},
        {"file": -1},
        {"file": "1"},
        {"file": [1]},
        {"text": {"a": 1}},
        {"text": "x" * 8_001},
        {"text": "\ud800"},
        {},
    ],
)
def test_a_message_that_cannot_be_is_refused_with_a_reason(table, browser_of, body):
    table.until("mutual")
    clinic = browser_of(table.scene.clinic.actor)
    answer = send(clinic, table.key, "write", **body)
    assert answer.status_code == 422, answer.text
    with table.scene.resources.read() as work:
        assert work.session.exec(select(DealMessage)).all() == []


@pytest.mark.parametrize("price", [float("nan"), float("inf"), 1e300, -1, "1", None, [1]])
def test_a_price_that_is_none_is_refused(table, browser_of, price):
    table.until("nda_signed")
    lake = browser_of(table.scene.lake.actor)
    said = '{"move": "offer", "message_id": "message-0001", "body": {"terms": %s}}'
    terms = {name: one for name, one in table.terms().items() if name != "price"}
    written = str(terms).replace("'", '"')[:-1]
    shown = {"nan": "NaN", "inf": "Infinity", "None": "null", "1": '"1"' if price == "1" else "1"}
    text = said % f'{written}, "price": {shown.get(str(price), price)}}}'
    answer = lake.post(
        f"/api/v1/deals/{table.key}/moves", content=text.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert table.deal().state == "nda_signed"


def test_a_body_that_is_nested_without_end_is_refused(table, browser_of):
    table.until("mutual")
    text = '{"move": "write", "message_id": "message-0001", "body": {"text": ' + "[" * 50_000 + "]" * 50_000 + "}}"
    answer = browser_of(table.scene.clinic.actor).post(
        f"/api/v1/deals/{table.key}/moves", content=text.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}


def test_what_belongs_to_another_deal_or_side_is_not_there(table, browser_of):
    """Files and samples by their numbers, which anybody can guess."""
    table.until("mutual")
    secret, asked = put(table, "supplier", b"a\n1\n"), sample(table)
    first = table.key
    with table.scene.resources.write() as work:
        second = service.begin(work, table.scene.grid.actor, table.listing, by="demander").key
        service.act(work, table.scene.lake.actor, second, "answer", "answer-it", {})
    clinic, grid, lake = (browser_of(one.actor) for one in (table.scene.clinic, table.scene.grid, table.scene.lake))
    assert send(clinic, first, "write", text="Look.", file=secret).status_code == 422, "the other side's file"
    assert send(grid, second, "write", text="Look.", file=secret).status_code == 422
    assert clinic.get(f"/en/deals/{first}/files/{secret}").status_code == 404, "not sent to anybody"
    assert grid.get(f"/en/deals/{second}/files/{secret}").status_code == 404
    assert lake.get(f"/en/deals/{second}/files/{secret}").status_code == 404, "not of this deal"
    assert send(lake, second, "deny_sample", sample=asked, reason="No.").status_code == 404
    assert send(grid, first, "write", text="Hello?").status_code == 404
    for number in (2**80, -1, 0, True):
        assert send(lake, second, "deny_sample", message="message-0002", sample=number, reason="No.").status_code == 404
    with table.scene.resources.read() as work:
        assert work.session.get_one(DealSample, asked).state == "requested"
        assert work.session.get(DealFile, secret) is not None


@pytest.mark.parametrize("message", ["", "short", "x" * 81, "with space", "новое-имя", "a\nb-c-d-e-f", "'; DROP--"])
def test_a_message_id_that_is_none_is_refused(table, browser_of, message):
    table.until("mutual")
    answer = send(browser_of(table.scene.lake.actor), table.key, "write", message=message, text="Hello.")
    assert answer.status_code == 422


def test_the_message_id_of_the_other_side_is_no_way_to_speak_for_it(table, browser_of):
    """The same id from another side is another message, and refused; it neither repeats nor hides the first one."""
    table.until("mutual")
    clinic, lake = browser_of(table.scene.clinic.actor), browser_of(table.scene.lake.actor)
    assert send(clinic, table.key, "write", text="Ours.").status_code == 200
    stolen = send(lake, table.key, "write", text="Ours.")
    assert (stolen.status_code, stolen.json()["id"]) == (409, "deals.other_body")
    with table.scene.resources.read() as work:
        assert [one.side for one in work.session.exec(select(DealMessage))] == ["demander"]


def test_a_replay_after_the_deal_has_moved_on_changes_nothing(table):
    table.until("nda_signed")
    terms = table.terms()
    table.act("supplier", "offer", message="the-offer", terms=terms)
    table.act("supplier", "withdraw_offer", message="the-withdrawal")
    assert table.act("supplier", "offer", message="the-offer", terms=terms) == "nda_signed"
    assert table.act("supplier", "offer", message="a-new-offer", terms=terms) == "offered"
    assert table.act("supplier", "withdraw_offer", message="the-withdrawal") == "offered"
    assert table.act("supplier", "offer", message="the-offer", terms=terms) == "offered"
    with table.scene.resources.read() as work:
        assert [one.move for one in work.session.exec(select(DealStep).order_by(DealStep.id))][-3:] == [
            "offer", "withdraw_offer", "offer",
        ]  # fmt: skip


def test_two_agreements_about_one_demand_when_one_ends(table):
    """The demand stays contracted while the other agreement stands."""
    demand = demanded(table.scene, table.scene.clinic)
    table.until("agreed", demand=demand)
    first = table.key
    with table.scene.resources.write() as work:
        deal = work.session.exec(select(Deal).where(Deal.key == first)).one()
        twin = Deal(
            **{name: getattr(deal, name) for name in Deal.model_fields if name not in {"id", "key"}}, key="twin"
        )
        work.session.add(twin)
    table.act("supplier", "terminate", reason="other")
    assert _state(table, demand) == "contracted"
    table.key = "twin"
    table.act("supplier", "terminate", reason="other")
    assert _state(table, demand) == "shortlisted"


def _state(table, key):
    with table.scene.resources.read() as work:
        return demands.demand_for(work, table.scene.clinic.actor, key, "demand.edit").state


def test_what_came_in_for_a_delivery_is_no_larger_attachment(table, browser_of, monkeypatch):
    """A message takes less than a delivery does, by whichever way the file came."""
    table.until("mutual")
    monkeypatch.setattr(talks, "MOST_ATTACHED", 1_000_000)
    lake, path = browser_of(table.scene.lake.actor), f"/api/v1/deals/{table.key}/uploads"
    large = lake.post(path, params={"file_name": "a.bin", "move": "deliver"}, content=b"x" * 1_000_001).json()["id"]
    answer = send(lake, table.key, "write", text="Look.", file=large)
    assert answer.status_code == 422
    assert "at most 1 MB" in answer.text
    small = lake.post(path, params={"file_name": "a.bin", "move": "deliver"}, content=b"x" * 1_000_000).json()["id"]
    assert send(lake, table.key, "write", message="message-0002", text="Look.", file=small).status_code == 200


def test_nobody_brings_a_file_for_a_move_of_the_other_side(table, browser_of):
    table.until("mutual")
    path = f"/api/v1/deals/{table.key}/uploads"
    for move in ("deliver", "approve_sample"):
        answer = browser_of(table.scene.clinic.actor).post(path, params={"move": move}, content=b"a\n1\n")
        assert (answer.status_code, answer.json()["id"]) == (409, "deals.not_yours")
    with table.scene.resources.read() as work:
        assert work.session.exec(select(DealFile)).all() == []


def test_a_form_about_a_sample_that_is_not_there_is_not_there_either(table, browser_of):
    table.until("mutual")
    asked, lake = sample(table), browser_of(table.scene.lake.actor)
    path = f"/en/deals/{table.key}/do"
    for number in (0, asked + 1):
        for move in ("approve_sample", "deny_sample", "revoke_sample"):
            assert lake.get(f"{path}/{move}?sample={number}").status_code == 404
            refused = lake.post(f"{path}/{move}", data={"message_id": "message-0001", "sample": str(number)})
            assert refused.status_code == 404, "which tells what is not there"
    assert lake.get(f"{path}/deny_sample?sample={asked}").status_code == 200
    table.act("supplier", "deny_sample", sample=asked, reason="No.")
    assert lake.get(f"{path}/deny_sample?sample={asked}").status_code == 404, "it has been decided"
    late = lake.post(f"{path}/deny_sample", data={"message_id": "message-0002", "sample": str(asked), "reason": "No!"})
    assert late.status_code == 422
    assert "has been decided already" in late.text, "said on the page of the deal"
