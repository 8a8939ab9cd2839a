"""What each side is told at every step: whose turn it is, what comes next, which buttons there are, and why the others are not."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from leaderboard.core.errors import Malformed, Refused
from leaderboard.datasets.signals import FileMeasured
from leaderboard.exchange.deals import list_pages, move_pages, offers, pages, service
from leaderboard.exchange.deals.models import DealSample
from leaderboard.exchange.deals.states import MOVES, OVER, State, open_to
from leaderboard.exchange.listings import deeds
from tests.exchange import scene as scenes
from tests.exchange.deals.conftest import demanded
from tests.exchange.deals.test_http import TERMS, press
from tests.exchange.deals.test_samples import put, sample

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

GRADE = {"kind": "grade", "grade": "B"}


def page(table, side):
    with table.scene.resources.read() as work:
        return pages.deal(work, table.sides[side].actor, table.key)


def offered(table, side):
    """The names of the moves that have a button on the page."""
    shown = page(table, side)
    return {name for name, *_ in (*shown.buttons, *shown.links)}


WAY = (
    "interest", "mutual", "nda_signed", "requested", "offered", "accepted", "agreed", "verified", "finalized",
    "delivering", "fulfilled", "settled",
)  # fmt: skip


@pytest.mark.parametrize("auditor", ["none", "meiguan-law"])
def test_each_side_is_told_what_comes_next_and_gets_the_buttons_for_it(table, auditor):
    """Whoever's turn it is has a button for it; the others are told whom they wait for, in other words."""
    for state in WAY:
        table.key = ""
        table.until(state, auditor=auditor)
        deal = table.deal()
        said = {side: page(table, side) for side in ("supplier", "demander")}
        for side, shown in said.items():
            mine = {move for move in offered(table, side) if MOVES[move].in_turn or move == "rate"}
            assert bool(mine) == shown.mine, (state, side, mine)
            assert shown.next.said("en") != shown.next.said("zh")
            assert [kind for _, kind in shown.steps].count("now") == 1
        if deal.turn not in {"either", ""}:
            assert said["supplier"].next != said["demander"].next or deal.turn == "auditor"
        if state == "agreed" and auditor != "none":
            assert offered(table, "auditor") == {"sign_off", "return"}
        if table.deal().state not in OVER:
            table.act("supplier", "terminate", reason="other")
        assert not offered(table, "supplier") or state == "settled"


@pytest.mark.parametrize(
    ("state", "side", "label"),
    [
        ("interest", "demander", "Take the interest back"),
        ("interest", "supplier", "Not interested"),
        ("offered", "supplier", "End the talks"),
        ("delivering", "demander", "End the deal"),
    ],
)
def test_the_button_that_ends_a_deal_says_what_it_does(table, browser_of, state, side, label):
    table.until(state)
    (shown,) = [text for move, text, _ in page(table, side).links if move == "terminate"]
    assert shown.said("en") == label
    html = browser_of(table.sides[side].actor).get(f"/en/deals/{table.key}/do/terminate").text
    assert ('id="reason"' in html) == (state != "interest")
    assert "Interest was taken back" not in html
    assert ("What was agreed was not paid" in html) == (state == "delivering")


def test_a_reason_has_to_fit_the_stage(table):
    table.until("offered")
    for reason in ("unpaid", "withdrawn", "", "nothing-like-it"):
        with pytest.raises(Malformed):
            table.act("supplier", "terminate", reason=reason)
    assert table.act("supplier", "terminate", reason="price") == "terminated"
    assert [kind for _, kind in page(table, "supplier").steps] == ["done", "done", "ended", *["todo"] * 4]


# Terms


def test_terms_that_were_named_by_mistake_are_taken_back(table):
    table.until("offered")
    assert "withdraw_offer" in offered(table, "supplier")
    assert "withdraw_offer" not in offered(table, "demander")
    with pytest.raises(Refused):
        table.act("demander", "withdraw_offer")
    assert table.act("supplier", "withdraw_offer") == "nda_signed"
    with pytest.raises(Refused) as found:
        table.act("demander", "accept")
    assert found.value.id == "deals.moved_on"
    assert [one.withdrawn for one in page(table, "demander").offers] == [True, False]
    table.act("demander", "request", terms=table.terms(price=5))
    assert table.act("demander", "withdraw_request") == "nda_signed"
    table.act("supplier", "offer", terms=table.terms(price=15_000))
    assert table.act("demander", "accept") == "accepted"
    assert "withdraw_offer" not in offered(table, "supplier"), "what was accepted stands"


def test_terms_that_ran_out_are_not_offered_for_agreement(table):
    table.until("offered")
    assert "accept" in offered(table, "demander")
    table.scene.clock.advance(days=11)
    assert "accept" not in offered(table, "demander")
    assert page(table, "demander").next.said("en").startswith("The offer has run out.")
    assert page(table, "supplier").next.said("en").startswith("Your offer has run out.")
    table.act("demander", "request", terms=table.terms())
    table.scene.clock.advance(days=11)
    assert "agree" not in offered(table, "supplier")
    assert "offer" in offered(table, "supplier")


def test_what_is_gone_is_said_and_nothing_is_offered_about_it(table):
    table.until("offered")
    with table.scene.resources.write() as work:
        deeds.withdraw(work, table.scene.lake.actor, table.listing)
    assert page(table, "demander").gone
    assert not offered(table, "demander") & {"accept", "request"}
    assert "terminate" in offered(table, "demander")


def test_a_counter_offer_says_clause_by_clause_what_became_of_the_rules(table, browser_of):
    """A permission that came, one that got limits, a prohibition that went, a duty that came."""
    table.until("nda_signed")
    lake, clinic = (browser_of(table.sides[side].actor) for side in ("supplier", "demander"))
    press(lake, table.key, "offer", **TERMS | {"do-distribute": "no"})
    changed = {"do-distribute": "yes", "do-derive": "yes", "in-derive": "CN-44", "in-use": "CN",
               "duty-delete": "yes", "delete_days": "30", "duty-attribute": ""}  # fmt: skip
    press(clinic, table.key, "request", **TERMS | changed)
    html = lake.get(f"/en/deals/{table.key}").text
    rows = re.findall(r'<tr role="row"><th[^>]*>(.*?)</th>(.*?)</tr>', html[html.index("What differs") :], re.DOTALL)
    said = {
        re.sub(r"<[^>]+>", "", clause).strip(): re.findall(
            r">(?:Before|Now|Effect)</span>\s*(.*?)</td>", rest, re.DOTALL
        )
        for clause, rest in rows[:8]
    }
    assert said["Permission: Distribute"] == ["not there", "there", "better for the demander"]
    assert said["Prohibition: Distribute"] == ["there", "not there", "better for the demander"]
    assert said["Permission: Derive"] == ["not there", "there, limited to CN-44", "better for the demander"]
    assert said["Permission: Use as it is · In"][0] == "not said"
    assert said["Permission: Use as it is · In"][2] == "better for the supplier"
    assert said["Duty: Delete after use"] == ["not there", "there", "better for the supplier"]


# The agreement


def test_a_returned_agreement_says_that_it_does_not_hold(table, browser_of):
    table.until("agreed", auditor="meiguan-law")
    assert page(table, "demander").in_force
    table.act("auditor", "return", sha256=table.agreement(), findings="No day of delivery is named.")
    assert not page(table, "demander").in_force
    clinic = browser_of(table.scene.clinic.actor)
    assert "does not hold any more" in clinic.get(f"/en/deals/{table.key}").text
    html = clinic.get(f"/en/deals/{table.key}/agreement").text
    assert "Returned by the auditor; it does not hold any more." in html
    assert "No day of delivery is named." in html


def test_each_side_sees_whom_the_other_named_as_auditor(table, browser_of):
    table.until("mutual")
    assert page(table, "demander").auditors == ()
    table.act("supplier", "name_auditor", organization="meiguan-law")
    lake, clinic = (browser_of(table.sides[side].actor) for side in ("supplier", "demander"))
    for browser in (lake, clinic):
        html = browser.get(f"/en/deals/{table.key}").text
        assert "Meiguan Law" in html
        assert "nobody named yet" in html
    form = clinic.get(f"/en/deals/{table.key}/do/name_auditor").text
    assert "The other side named meiguan-law." in form
    assert 'value="meiguan-law"' in form
    with table.scene.resources.read() as work:
        units = move_pages.move(work, table.scene.clinic.actor, table.key, "name_auditor", "en").units
    assert not {"songshan-lake-data", "dinghu-clinic"} & {slug for slug, _ in units}
    table.act("demander", "name_auditor", organization="none")
    assert "no auditor needed" in lake.get(f"/en/deals/{table.key}").text


# The list


def listed(table, side, state="", turn=""):
    with table.scene.resources.read() as work:
        return list_pages.own(work, table.sides[side].actor, state, turn)


def waiting(table, side):
    with table.scene.resources.read() as work:
        return service.waiting(work, table.sides[side].actor)


def test_the_list_is_sifted_by_state_and_turn(table, browser_of):
    table.until("offered")
    with table.scene.resources.write() as work:
        other = scenes.listed(work, table.scene, table.scene.bay, scenes.sheet(title="Another"))
        service.begin(work, table.scene.clinic.actor, other, by="demander")
    with table.scene.resources.write() as work:
        third = scenes.listed(work, table.scene, table.scene.bay, scenes.sheet(title="A third"))
        key = service.begin(work, table.scene.clinic.actor, third, by="demander").key
        service.act(work, table.scene.clinic.actor, key, "terminate", "taken-back", {})
    every = listed(table, "demander")
    assert every.deals[0].waits == "mine"
    assert {row.waits for row in every.deals[1:]} == {"others", "nobody"}
    assert [(one, count) for one, _, count in every.turns] == [("mine", 1), ("others", 1), ("nobody", 1)]
    mine = listed(table, "demander", turn="mine")
    assert [row.state for row in mine.deals] == ["offered"]
    assert [(one, count) for one, _, count in mine.states] == [("offered", 1)]
    assert listed(table, "demander", "interest", "mine").deals == ()
    assert listed(table, "demander", "interest", "mine").total == 3
    clinic = browser_of(table.scene.clinic.actor)
    html = clinic.get("/en/me/deals?state=interest&turn=mine").text
    assert "Nothing fits these choices" in html
    assert 'href="/en/me/deals.csv?state=interest&amp;turn=mine"' in html
    assert len(clinic.get("/en/me/deals.csv?turn=mine").text.split()) < len(clinic.get("/en/me/deals.csv").text.split())
    assert [one["state"] for one in clinic.get("/api/v1/deals?turn=others").json()["deals"]] == ["interest"]
    assert waiting(table, "demander") == 1


def test_a_sample_that_is_asked_for_waits_for_the_supplier(table):
    table.until("offered")
    assert (waiting(table, "supplier"), waiting(table, "demander")) == (0, 1)
    id = sample(table)
    assert waiting(table, "supplier") == 1
    (row,) = listed(table, "supplier").deals
    assert (row.mine, row.turn.said("en")) == (True, "A sample is asked of you")
    assert page(table, "supplier").to_decide
    assert not page(table, "demander").to_decide
    table.act("supplier", "deny_sample", sample=id, reason="Not yet.")
    assert waiting(table, "supplier") == 0


def test_nobody_is_waited_for_when_the_time_for_ratings_is_over(table):
    table.until("settled")
    table.act("demander", "rate", described=5, punctual=5, spoken=5)
    assert waiting(table, "supplier") == 1
    table.scene.clock.advance(days=14)
    assert waiting(table, "supplier") == 0
    assert "rate" not in offered(table, "supplier")
    assert page(table, "supplier").next.said("en").startswith("The time for ratings is over")
    assert listed(table, "supplier").deals[0].waits == "nobody"
    assert open_to("supplier", State.SETTLED, "supplier"), "the table alone does not know the time"


def test_terms_say_until_when_they_can_be_agreed_to_and_an_agreement_does_not(table, browser_of):
    table.until("agreed")
    clinic = browser_of(table.scene.clinic.actor)
    day = (table.scene.clock.now() + timedelta(days=10)).date().isoformat()
    with table.scene.resources.read() as work:
        assert offers.of_deal(work, table.deal())[0].valid_until.isoformat() == day
    assert "Can be agreed to until" in clinic.get(f"/en/deals/{table.key}").text
    assert "Can be agreed to until" not in clinic.get(f"/en/deals/{table.key}/agreement").text


def test_nobody_decides_on_a_delivery_that_is_being_measured(table):
    table.until("finalized")
    table.act("supplier", "deliver", file=put(table, "supplier", b"a\n1\n"))
    assert not offered(table, "demander") & {"accept_delivery", "reject_delivery"}
    assert page(table, "demander").next.said("en").startswith("The delivery is being measured.")
    with table.scene.resources.write() as work:
        work.emit(FileMeasured(f"deal:{table.deal().id}:1", "x", "failed"))
    assert offered(table, "demander") >= {"accept_delivery", "reject_delivery"}


def test_the_note_to_an_indicator_is_read_by_whoever_agrees_to_it(table, browser_of):
    """In the terms, in what differs from the terms before, in the agreement, and beside the delivery."""
    table.until("requested", indicators=[{"floor": GRADE, "note": "on every month"}])
    lake = browser_of(table.scene.lake.actor)
    assert "grade B or better (on every month)" in lake.get(f"/en/deals/{table.key}").text
    table.act("supplier", "offer", terms=table.terms(indicators=[{"floor": GRADE, "note": "on any month"}]))
    page = lake.get(f"/en/deals/{table.key}").text
    assert "What differs from the terms before" in page
    assert page.count("grade B or better (on any month)") == 2
    table.act("demander", "accept")
    table.act("supplier", "agree")
    assert "grade B or better (on any month)" in lake.get(f"/en/deals/{table.key}/agreement").text


def test_another_licence_is_among_what_differs(table, browser_of):
    policy = table.terms()["policy"]
    table.until("requested", policy=policy | {"licence": "MIT"})
    table.act("supplier", "offer", terms=table.terms(policy=policy | {"licence": "CC-BY-4.0"}))
    page = browser_of(table.scene.clinic.actor).get(f"/en/deals/{table.key}").text
    (line,) = re.findall(r"<tr[^>]*><th[^>]*>Licence</th>(.*?)</tr>", page, re.DOTALL)
    assert line.index("MIT") < line.index("CC-BY-4.0")


def test_what_a_supplier_writes_is_shown_as_it_was_written(table, browser_of):
    """Even where it is a sentence that the platform has a translation of."""
    table.until("mutual")
    table.act("demander", "ask_sample", rows=5)
    with table.scene.resources.read() as work:
        id = work.session.exec(select(DealSample.id)).one()
    table.act("supplier", "deny_sample", sample=id, reason="Price")
    assert '<p class="dm-text">Price</p>' in browser_of(table.scene.clinic.actor).get(f"/zh/deals/{table.key}").text


def test_amounts_stand_in_the_form_as_they_were_named(table, browser_of):
    table.until("requested", price=12_345_678_901.25)
    page = browser_of(table.scene.lake.actor).get(f"/en/deals/{table.key}/do/offer").text
    assert 'value="12345678901.25"' in page


def test_that_the_other_side_needs_no_auditor_is_said_in_words(table, browser_of):
    table.until("accepted")
    table.act("supplier", "name_auditor", organization="none")
    page = browser_of(table.scene.clinic.actor).get(f"/en/deals/{table.key}/do/name_auditor").text
    assert "The other side says that no auditor is needed." in page
    assert "named none" not in page


def test_a_long_list_has_pages_and_asks_no_more_of_the_database(table, browser_of, monkeypatch):
    monkeypatch.setattr(list_pages, "PAGE_SIZE", 2)
    demands = [demanded(table.scene, table.scene.clinic) for _ in range(4)]
    keys = [table.begin("demander", demand) for demand in [None, *demands]]
    lake = browser_of(table.scene.lake.actor)
    shown = []
    for number in (1, 2, 3):
        page = lake.get(f"/en/me/deals?page={number}").text
        assert f"Page {number} of 3" in page
        shown += re.findall(r'/en/deals/([0-9a-f]{12})"', page)
    assert sorted(shown) == sorted(keys)
    first = lake.get("/api/v1/deals?turn=mine").json()
    assert ([one["key"] for one in first["deals"]], first["total"], first["pages"]) == (shown[:2], 5, 3)
    assert len(lake.get("/en/me/deals.csv").text.splitlines()) == 6, "all of them"
    counts = []
    for size in (1, 5):
        monkeypatch.setattr(list_pages, "PAGE_SIZE", size)
        counts.append(statements(table, lambda work: list_pages.own(work, table.scene.lake.actor)))
    assert counts[0] == counts[1]


def statements(table, read):
    """How often reading asks the database."""
    found = []

    def note(*given):
        found.append(given[2])

    with table.scene.resources.read() as work:
        engine = work.session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        try:
            read(work)
        finally:
            event.remove(engine, "before_cursor_execute", note)
    return len(found)
