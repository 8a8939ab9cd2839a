"""The straight way of a deal, who may do what, what is repeated, and the bad days."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from leaderboard.core.errors import Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.exchange.deals import (
    agreements,
    deliveries,
    move_pages,
    news,
    offers,
    pages,
    ratings,
    service,
    sign_off,
    talks,
)
from leaderboard.exchange.deals.models import Deal, DealFile, DealMessage, DealNda, DealRating, DealSignature, DealStep
from leaderboard.exchange.deals.states import DSP, MOVES, OVER, PATH, STATES, State, open_to
from leaderboard.exchange.demands import making
from leaderboard.exchange.demands.models import DemandInvitation, DemandRow
from leaderboard.exchange.listings import deeds, drafting
from tests.exchange import scene as scenes
from tests.exchange.deals.conftest import demanded
from tests.exchange.deals.test_samples import put


def rows(table, kind):
    with table.scene.resources.read() as work:
        return work.session.exec(select(kind)).all()


def refused(table, side, move, *, id, kind=Refused, **body):
    with pytest.raises(kind) as found:
        table.act(side, move, **body)
    assert found.value.id == id
    return found.value


def test_every_move_leads_along_the_table():
    assert set(service.DEEDS) == set(MOVES)
    assert set(STATES) == set(State)
    assert all(move.sources for move in MOVES.values())
    assert {move.to for move in MOVES.values() if move.to} | {
        State.INTEREST,
        State.NDA_SIGNED,
        State.AGREED,
        State.REVIEWED,
    } == set(State)
    assert DSP[State.OFFERED] == "OFFERED"
    assert State.MUTUAL not in DSP, "nobody has named terms yet"
    assert all(
        "terminate" in open_to(side, state, "")
        for state in State
        if state not in OVER
        for side in ("supplier", "demander")
    )
    assert open_to("auditor", State.OFFERED, "either") == ("write",)


@pytest.mark.parametrize("auditor", ["none", "meiguan-law"])
def test_from_interest_to_ratings_with_and_without_an_auditor(table, auditor):
    demand = demanded(table.scene, table.scene.clinic)
    table.until("settled", auditor=auditor, demand=demand)
    (row,) = rows(table, DemandRow)
    assert row.state == "fulfilled"
    points = {"described": 5, "punctual": 4, "spoken": 3}
    assert table.act("supplier", "rate", **points) == "settled"
    assert table.act("demander", "rate", **points) == "reviewed"
    walked = [step.after for step in rows(table, DealStep)]
    assert list(dict.fromkeys(walked)) == [state.value for state in PATH]
    deeds_done = [line.act for line in rows(table, LedgerLine) if line.subject == "deal:1"]
    assert deeds_done[:3] == ["deal.begin", "deal.answer", "deal.sign_nda"]
    with table.scene.resources.read() as work:
        agreement = sign_off.latest(work, table.deal())
        assert agreement.signed_by == (table.scene.clinic if auditor == "none" else table.scene.audit).actor.id
        assert agreement.sha256 == offers.digest(agreement.document)
        assert agreement.document["odrl"]["@type"] == "Agreement"
        rated = service.rated(work, table.scene.lake.id)
    usual = [(2 * one + 5 * 3) / 7 for one in (5, 4, 3)]
    own = [(one + 5 * mean) / 6 for one, mean in zip((5, 4, 3), usual, strict=True)]
    assert (rated.count, rated.described, rated.punctual, rated.spoken) == (1, *map(pytest.approx, own))
    assert rated.spoken == 3, "what is usual stays what it is"


def test_the_same_message_is_one_move_and_another_body_under_it_is_refused(table):
    table.until("nda_signed")
    terms, id = table.terms(), uuid4().hex
    assert table.act("supplier", "offer", message=id, terms=terms) == "offered"
    before = len(rows(table, DealStep))
    assert table.act("supplier", "offer", message=id, terms=terms) == "offered"
    assert len(rows(table, DealStep)) == before
    refused(table, "supplier", "offer", message=id, terms=terms | {"price": 1}, id="deals.other_body")
    refused(table, "demander", "accept", message=id, id="deals.other_body")
    table.act("demander", "accept")
    assert table.act("supplier", "offer", message=id, terms=terms) == "accepted", (
        "the same answer as ever: the deal as it is"
    )


def test_only_whose_turn_it_is(table):
    table.until("offered")
    refused(table, "supplier", "accept", id="deals.not_yours")
    refused(table, "supplier", "agree", id="deals.moved_on")
    table.act("demander", "request", terms=table.terms(price=15_000))
    refused(table, "demander", "request", terms=table.terms(), id="deals.moved_on")
    assert table.act("supplier", "agree") == "agreed"


def test_strangers_and_the_operator_find_no_deal(table):
    table.until("mutual")
    for who in (table.scene.grid.actor, table.scene.operator, table.scene.audit.actor):
        with table.scene.resources.write() as work, pytest.raises(NotFound):
            service.act(work, who, table.key, "write", uuid4().hex, {"text": "hello"})
        with table.scene.resources.read() as work, pytest.raises(NotFound):
            service.deal_for(work, who, table.key, "deal.read")


def test_interest_of_both_sides_is_one_deal_and_can_be_taken_back(table):
    demand = demanded(table.scene, table.scene.clinic)
    first = table.begin("supplier", demand)
    assert table.begin("supplier", demand) == first
    assert table.act("supplier", "terminate") == "terminated"
    assert table.deal().reason == "withdrawn"
    again = table.begin("supplier", demand)
    assert again != first
    assert table.begin("demander", demand) == again
    assert table.deal().state == "mutual"
    (row,) = rows(table, DemandRow)
    assert row.state == "shortlisted"
    (invitation,) = rows(table, DemandInvitation)
    assert invitation.by_interest


def test_nobody_deals_with_themselves(table):
    with table.scene.resources.write() as work, pytest.raises(Refused) as found:
        service.begin(work, table.scene.lake.actor, table.listing, by="demander")
    assert found.value.id == "deals.own"


# Bad days


def test_a_listing_withdrawn_during_the_talks(table):
    table.until("offered")
    with table.scene.resources.write() as work:
        deeds.withdraw(work, table.scene.lake.actor, table.listing)
    assert rows(table, DealStep)[-1].move == "listing_gone", "the deal is told"
    for move, body in (("accept", {}), ("request", {"terms": table.terms()})):
        refused(table, "demander", move, **body, id="deals.listing_gone")
    assert table.act("demander", "write", text="What happened?") == "offered"
    assert table.act("demander", "terminate", reason="gone") == "terminated"
    with table.scene.resources.read() as work:
        assert len(offers.of_deal(work, table.deal())) == 2, "nothing is lost"


def test_a_demand_withdrawn_during_the_talks(table):
    demand = demanded(table.scene, table.scene.clinic)
    table.until("accepted", demand=demand)
    with table.scene.resources.write() as work:
        making.withdraw(work, table.scene.clinic.actor, demand)
    assert rows(table, DealStep)[-1].move == "demand_gone"
    refused(table, "supplier", "agree", id="deals.demand_gone")
    assert table.act("supplier", "terminate", reason="gone") == "terminated"


def test_an_offer_that_has_run_out(table):
    table.until("offered")
    table.scene.clock.advance(days=11)
    error = refused(table, "demander", "accept", id="deals.expired")
    assert error.params["day"] == "2026-12-25"
    assert table.act("demander", "request", terms=table.terms()) == "requested"
    table.scene.clock.advance(days=11)
    refused(table, "supplier", "agree", id="deals.expired")


def test_an_auditor_who_is_a_party(table):
    table.until("mutual")
    refused(table, "demander", "name_auditor", organization="songshan-lake-data", id="deals.auditor_is_party")
    refused(table, "demander", "name_auditor", organization="nobody-here", id="deals.form", kind=Malformed)


def test_an_auditor_whom_only_one_side_names_sees_nothing(table):
    table.until("accepted")
    table.act("supplier", "name_auditor", organization="meiguan-law")
    table.act("demander", "name_auditor", organization="none")
    assert table.act("supplier", "agree") == "agreed"
    refused(
        table,
        "demander",
        "verify",
        sha256=table.agreement(),
        id="deals.not_your_turn" if table.deal().turn != "either" else "deals.auditor_needed",
    )
    with table.scene.resources.read() as work, pytest.raises(NotFound):
        service.deal_for(work, table.scene.audit.actor, table.key, "deal.read")
    table.act("demander", "name_auditor", organization="meiguan-law")
    assert table.deal().turn == "auditor"
    refused(table, "supplier", "name_auditor", organization="none", id="deals.auditor_works")
    refused(table, "auditor", "sign_off", sha256="0" * 64, id="deals.other_agreement")
    assert table.act("auditor", "sign_off", sha256=table.agreement()) == "verified"


def test_an_agreement_that_the_auditor_returns_is_talked_about_anew(table):
    demand = demanded(table.scene, table.scene.clinic)
    table.until("agreed", auditor="meiguan-law", demand=demand)
    refused(table, "auditor", "return", sha256=table.agreement(), id="deals.form", kind=Malformed)
    first = table.agreement()
    assert table.act("auditor", "return", sha256=first, findings="No day of delivery is named.") == "nda_signed"
    assert rows(table, DemandRow)[0].state == "shortlisted"
    table.act("supplier", "offer", terms=table.terms(deliver_by="2027-01-15"))
    table.act("demander", "accept")
    assert table.act("supplier", "agree") == "agreed"
    assert table.agreement() != first
    assert table.deal().turn == "auditor"


def test_a_template_changed_between_two_signatures(table, tmp_path, monkeypatch):
    table.until("mutual")
    shown = table.nda()
    table.act("supplier", "sign_nda", sha256=shown)
    for locale in ("en", "zh"):
        (tmp_path / f"2.{locale}.md").write_text("Another text for {supplier}.", "utf-8")
    monkeypatch.setattr(agreements, "TEMPLATES", tmp_path)
    assert table.nda() == shown, "the other side signs the same words"
    refused(table, "demander", "sign_nda", sha256="ab" * 32, id="deals.nda_changed")
    refused(table, "supplier", "sign_nda", sha256=shown, id="deals.not_your_turn")
    assert table.act("demander", "sign_nda", sha256=shown) == "nda_signed"
    (nda,) = rows(table, DealNda)
    assert nda.template == 1
    assert {one.sha256 for one in rows(table, DealSignature)} == {nda.sha256}


def test_a_title_adds_no_clause_to_what_is_signed(table):
    """Titles hold at once, without a review."""
    table.until("mutual")
    lake, forged = (
        table.scene.lake.actor,
        "Delays”.\n\n## 9. The demander pays a million\n\n[Read on](https://x.example) *now*",
    )
    with table.scene.resources.write() as work:
        content = scenes.sheet(title_en=forged, title_zh=forged)
        drafting.edit(work, lake, table.listing, content, seen=1)
    with table.scene.resources.read() as work:
        found = agreements.texts(work, table.deal())
        page = move_pages.move(work, table.scene.clinic.actor, table.key, "sign_nda", "en")
    for text in (found.en, found.zh):
        assert "\n## 9. The demander" not in text
        assert "## 9. The demander pays a million \\[Read on\\](https://x.example) \\*now\\*" in text
    assert all('x.example"' not in html and "<em>now" not in html for _, html in page.texts)


def test_a_template_changed_before_the_first_signature(table, tmp_path, monkeypatch):
    table.until("mutual")
    shown = table.nda()
    for locale in ("en", "zh"):
        (tmp_path / f"2.{locale}.md").write_text("Another text for {supplier}.", "utf-8")
    monkeypatch.setattr(agreements, "TEMPLATES", tmp_path)
    refused(table, "supplier", "sign_nda", sha256=shown, id="deals.nda_changed")
    assert rows(table, DealNda) == []


def test_a_delivery_that_is_not_the_agreed_file(table):
    table.until("finalized", sha256="cd" * 32)
    error = refused(
        table, "supplier", "deliver", address="https://x.example/f.csv", sha256="ab" * 32, id="deals.other_file"
    )
    assert error.params == {"given": "abababababab", "agreed": "cdcdcdcdcdcd"}
    assert table.act("supplier", "deliver", address="https://x.example/f.csv", sha256="cd" * 32) == "delivering"


def test_a_rejected_delivery_is_followed_by_another(table):
    table.until("delivering")
    refused(table, "demander", "reject_delivery", id="deals.form", kind=Malformed)
    assert table.act("demander", "reject_delivery", note="Half of it is missing.") == "rejected"
    assert table.act("supplier", "deliver", address="https://x.example/g.csv", sha256="ab" * 32) == "delivering"
    with table.scene.resources.read() as work:
        assert [(one.number, one.verdict) for one in deliveries.of_deal(work, table.deal())] == [
            (2, ""),
            (1, "rejected"),
        ]


def test_nothing_is_to_be_delivered_on_a_day_that_is_over(table):
    table.until("nda_signed")
    with table.scene.resources.read() as work:
        today = offers.today(work)
    late = table.terms(deliver_by=(today - timedelta(days=1)).isoformat())
    error = refused(table, "supplier", "offer", id="deals.form", kind=Malformed, terms=late)
    assert [one.field for one in error.fields] == ["deliver_by"]
    assert table.act("supplier", "offer", terms=table.terms(deliver_by=today.isoformat())) == "offered"


def test_terms_that_cannot_be_read_are_all_named(table):
    table.until("nda_signed")
    bad = table.terms(price=-1, delivery="pigeon", valid_until="2020-01-01")
    error = refused(table, "supplier", "offer", terms=bad, id="deals.terms", kind=Malformed)
    assert {one.field for one in error.fields} == {"price", "delivery"}
    late = refused(
        table, "supplier", "offer", terms=table.terms(valid_until="2020-01-01"), id="deals.form", kind=Malformed
    )
    assert [one.field for one in late.fields] == ["valid_until"]


def test_ratings_are_hidden_until_both_have_spoken_or_the_time_is_over(table):
    table.until("settled")
    table.act("demander", "rate", described=1, punctual=2, spoken=3)
    with table.scene.resources.read() as work:
        assert ratings.shown(work, table.deal()) == {}
        assert service.rated(work, table.scene.lake.id) is None
    refused(table, "demander", "rate", described=5, punctual=5, spoken=5, id="deals.rated")
    table.scene.clock.advance(days=14)
    with table.scene.resources.read() as work:
        rated = service.rated(work, table.scene.lake.id)
    assert rated.count == 1
    assert 1 < rated.described < rated.punctual < rated.spoken == 3
    refused(table, "supplier", "rate", described=5, punctual=5, spoken=5, id="deals.rating_over")


def test_one_good_word_is_not_better_than_twenty(table):
    """Ratings written by hand: one organization has a single 5 5 5, the other twenty of mostly that."""
    table.until("interest")
    lake, bay = table.scene.lake, table.scene.bay
    with table.scene.resources.write() as work:
        plain = table.deal().model_dump(exclude={"id", "key", "supplier_id", "state", "settled_at"})
        for at, unit in enumerate([lake] + [bay] * 20):
            made = Deal(**plain, key=f"d{at}", supplier_id=unit.id, state=State.REVIEWED, settled_at=work.now)
            work.session.add(made)
            work.session.flush()
            points = dict.fromkeys(("described", "punctual", "spoken"), 4 if at == 1 else 5)
            work.session.add(
                DealRating(
                    deal_id=made.id, side="demander", rated_id=unit.id, person_id=lake.actor.id, at=work.now, **points
                )
            )
        found = ratings.of_organizations(work, {lake.id, bay.id, table.scene.grid.id})
    assert {id: one.count for id, one in found.items()} == {lake.id: 1, bay.id: 20}
    assert 3 < found[lake.id].overall < found[bay.id].overall < 5


def test_somebody_of_both_sides_only_looks(table):
    table.until("mutual")
    lake, clinic = table.scene.lake, table.scene.clinic
    both = scenes.replace(lake.actor, organization_ids=frozenset({lake.id, clinic.id}))
    with table.scene.resources.write() as work, pytest.raises(Refused) as found:
        service.act(work, both, table.key, "write", uuid4().hex, {"text": "hello"})
    assert found.value.id == "deals.both_sides"


@pytest.mark.parametrize("by", ["supplier", "demander"])
def test_somebody_of_both_sides_neither_begins_a_deal_nor_answers_by_beginning_it(table, by):
    lake, clinic, demand = table.scene.lake, table.scene.clinic, demanded(table.scene, table.scene.clinic)
    both = scenes.replace(lake.actor, organization_ids=frozenset({lake.id, clinic.id}))

    def begin():
        with table.scene.resources.write() as work:
            service.begin(work, both, table.listing, demand_key=demand, by=by)

    with pytest.raises(Refused) as found:
        begin()
    assert found.value.id == "deals.both_sides"
    table.begin("demander" if by == "supplier" else "supplier", demand)
    with pytest.raises(Refused) as found:
        begin()
    assert found.value.id == "deals.both_sides"
    assert table.deal().state == "interest"


def test_an_auditor_reads_nothing_of_what_was_said_before_it_was_named(table):
    table.until("accepted")
    table.act("supplier", "write", text="Our floor is 12,000.", file=put(table, "supplier", b"secret", "floor.txt"))
    table.scene.clock.at += timedelta(hours=1)
    for side in ("supplier", "demander"):
        table.act(side, "name_auditor", organization="meiguan-law")
    table.act("supplier", "agree")
    table.act("demander", "write", text="Dear auditor.")
    with table.scene.resources.read() as work:
        auditor, clinic = table.scene.audit.actor, table.scene.clinic.actor
        page = pages.deal(work, auditor, table.key)
        assert [one.text for one in page.messages] == ["Dear auditor."]
        assert page.offers == ()
        assert page.agreement is not None
        (file,) = work.session.exec(select(DealFile.id))
        with pytest.raises(NotFound):
            talks.file_for(work, auditor, table.key, file)
        assert talks.file_for(work, clinic, table.key, file).name == "floor.txt"
        assert [one.text for one in pages.deal(work, clinic, table.key).messages] == [
            "Our floor is 12,000.",
            "Dear auditor.",
        ]


def test_what_does_not_print_is_not_kept(table):
    table.until("mutual")
    table.act("supplier", "write", text="A\x00B\x07\u202eC")
    assert [one.text for one in rows(table, DealMessage)] == ["ABC"]


def test_an_auditor_reads_and_says_nothing_after_its_signature(table):
    """Its part is over: what the parties write, why a delivery is rejected, and how they rate each other is theirs."""
    table.until("agreed", auditor="meiguan-law")
    table.act("demander", "write", text="Dear auditor.")
    table.scene.clock.at += timedelta(hours=1)
    table.act("auditor", "sign_off", sha256=table.agreement())
    table.scene.clock.at += timedelta(hours=1)
    auditor, clinic = table.scene.audit.actor, table.scene.clinic.actor
    with table.scene.resources.read() as work:
        assert talks.unread(work, auditor, [table.deal()]) == {table.deal().id: 1}
    table.act("supplier", "finalize")
    table.act("supplier", "write", text="Here is our key.", file=put(table, "supplier", b"secret", "key.txt"))
    table.act("supplier", "deliver", address="https://x.example/f.csv", sha256="ab" * 32)
    table.act("demander", "reject_delivery", note="Half of it is missing.")
    with table.scene.resources.read() as work:
        page = pages.deal(work, auditor, table.key)
        assert [one.text for one in page.messages] == ["Dear auditor."]
        assert page.history[0].what.message == "signed off"
        assert (page.may_write, page.agreement is not None) == (False, True)
        (file,) = work.session.exec(select(DealFile.id))
        with pytest.raises(NotFound):
            talks.file_for(work, auditor, table.key, file)
        assert talks.unread(work, auditor, [table.deal()]) == {table.deal().id: 1}, "none of those that it may not read"
        assert pages.deal(work, clinic, table.key).messages[-1].text == "Here is our key."
    with pytest.raises(Refused) as found:
        table.act("auditor", "write", text="And?")
    assert found.value.id == "deals.audit_over"


def test_an_auditor_is_not_written_to_after_its_signature(table):
    table.until("agreed", auditor="meiguan-law")
    table.act("auditor", "sign_off", sha256=table.agreement())
    table.scene.clock.at += timedelta(hours=2)
    with table.scene.resources.write() as work:
        for job in work.session.exec(select(Job).where(Job.kind == news.DIGEST_JOB)):
            work.session.delete(job)
    table.act("supplier", "finalize")
    with table.scene.resources.read() as work:
        told = {job.payload["person"] for job in work.session.exec(select(Job).where(Job.kind == news.DIGEST_JOB))}
    assert told == {table.scene.clinic.actor.person_id}


def test_an_auditor_does_not_get_the_files_of_the_one_before(table):
    table.until("accepted")
    for side in ("supplier", "demander"):
        table.act(side, "name_auditor", organization="meiguan-law")
    file = put(table, "auditor", b"findings", "findings.txt")
    table.act("auditor", "write", text="See there.", file=file)
    table.scene.clock.at += timedelta(hours=1)
    for side in ("supplier", "demander"):
        table.act(side, "name_auditor", organization="bay-annotation")
    with table.scene.resources.read() as work, pytest.raises(NotFound):
        talks.file_for(work, table.scene.bay.actor, table.key, file)
