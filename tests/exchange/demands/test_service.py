"""The rules of demands, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY, SYSTEM
from leaderboard.core import jobs
from leaderboard.core.errors import Forbidden, Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.exchange.demands import making, service, vetting
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.demands.signals import DemandChanged
from leaderboard.terms.demand import Demand, SizeWanted
from tests.exchange.demands.conftest import DOCUMENT, TEXT, unit_of


def do(market, deed, *args, **how):
    with market.resources.write() as work:
        return deed(work, *args, **how)


def rows(market, table):
    with market.resources.read() as work:
        return work.session.exec(select(table)).all()


def mails(market):
    return [job.payload for job in rows(market, Job) if job.kind == "mail"]


def document(market, key):
    with market.resources.read() as work:
        return service.need_of(work, market.row(key)).document


def create(market):
    return do(market, making.create, market.buyer, unit_of(market.buyer), TEXT).key


def test_a_sentence_becomes_a_draft_and_the_same_one_twice_is_one(market):
    with ThreadPoolExecutor(4) as clicks:
        keys = set(clicks.map(lambda _: create(market), range(4)))
    (key,) = keys
    said = document(market, key)
    assert (said.sectors, said.modalities) == (("energy",), ("image",))
    assert said.sizes == (SizeWanted(unit="images", least=20_000),)
    assert said.budget is not None
    assert said.budget.high == 500_000
    assert (said.organization, said.verified) == (market.slug(market.buyer), 2)
    (version,) = rows(market, DemandVersion)
    assert {piece["what"] for piece in version.understood["need_zh"]["pieces"]} >= {
        "understood.size",
        "understood.budget",
    }


def test_only_members_write_for_an_organization(market):
    with pytest.raises(Malformed):
        do(market, making.create, market.verified, unit_of(market.buyer), TEXT)
    with pytest.raises(Forbidden):
        do(market, making.create, replace(market.buyer, organization_ids=frozenset()), unit_of(market.buyer), TEXT)
    key = market.draft()
    for actor in (market.verified, NOBODY, market.operator):
        with pytest.raises(NotFound):
            do(market, making.edit, actor, key, TEXT, base=market.row(key).version)
    assert {line.act for line in rows(market, LedgerLine)} == {"demand.create", "demand.edit"}


def test_versions_are_only_ever_added(market):
    key = market.open()
    before = {one.id: one.sha256 for one in rows(market, DemandVersion)}
    base = market.row(key).version
    changed = replace(TEXT, document=DOCUMENT.model_copy(update={"exclusive": True}))
    do(market, making.edit, market.buyer, key, changed, base=base)
    do(market, making.edit, market.buyer, key, changed, base=base + 1)  # the same again: nothing new
    after = {one.id: one.sha256 for one in rows(market, DemandVersion)}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1
    with market.resources.read() as work:
        (need,) = service.needs(work)
        first = service.need(work, min(before))
    assert need.document.exclusive
    assert need.document.version == changed.sha256
    assert not first.document.exclusive


def test_of_two_edits_at_once_one_is_told_and_nothing_is_overwritten(market):
    key = market.draft()
    base = market.row(key).version

    def save(sector):
        said = replace(TEXT, document=DOCUMENT.model_copy(update={"sectors": (sector,)}))
        try:
            do(market, making.edit, market.buyer, key, said, base=base)
        except Refused as error:
            return error.id
        return sector

    with ThreadPoolExecutor(2) as people:
        said = list(people.map(save, ("transport", "finance")))
    assert sorted(one == "demands.stale" for one in said) == [False, True]
    (won,) = (one for one in said if one != "demands.stale")
    assert document(market, key).sectors == (won,)
    assert market.row(key).version == base + 1


def test_contradictory_musts_are_all_said_kept_as_a_draft_and_never_opened(market):
    wrong = Demand(
        sizes=(SizeWanted(unit="rows", least=50_000, most=10_000),),
        deadline=date(2026, 1, 1),
        usage={"actions": ("commercialize",), "purposes": ("research",)},
    )
    key = market.draft(document=wrong)
    with pytest.raises(Malformed) as caught:
        do(market, making.submit, market.buyer, key)
    assert {one.id for one in caught.value.findings} == {
        "demand.least_above_most", "demand.deadline_passed", "demand.research_sold",
    }  # fmt: skip
    assert market.state(key) == "draft"
    opened = market.open()
    said = replace(TEXT, document=wrong)
    with pytest.raises(Malformed):
        do(market, making.edit, market.buyer, opened, said, base=market.row(opened).version)
    assert document(market, opened).sizes == DOCUMENT.sizes


def test_a_deadline_that_passes_while_it_waits_keeps_it_from_being_opened(market):
    key = market.draft(document=DOCUMENT.model_copy(update={"deadline": date(2026, 12, 20)}))
    do(market, making.submit, market.buyer, key)
    market.clock.advance(days=30)
    with pytest.raises(Malformed) as caught:
        do(market, vetting.approve, market.operator, key, version=market.row(key).version)
    assert [one.id for one in caught.value.findings] == ["demand.deadline_passed"]
    assert market.state(key) == "submitted"


@pytest.mark.parametrize("length", [5_001, 20_000])
def test_20_kb_of_text_are_refused_with_the_count_and_5000_characters_are_read(market, length):
    long = Written(title_en="Long", need_en="x" * length)
    with pytest.raises(Malformed) as caught:
        do(market, making.create, market.buyer, unit_of(market.buyer), long)
    assert [(fault.field, fault.params["count"]) for fault in caught.value.fields] == [("need_en", length)]
    fits = Written(title_en="Long", need_en="grade AA or better, " * 250)
    assert len(fits.need_en) == 5_000
    assert do(market, making.create, market.buyer, unit_of(market.buyer), fits).version == 1


def test_a_text_of_hundreds_of_floors_makes_a_draft_that_holds(market):
    many = Written(title_en="Many", need_en=" ".join(f"label errors below 0.{at:03d} %;" for at in range(1, 170)))
    key = do(market, making.create, market.buyer, unit_of(market.buyer), many).key
    assert 1 <= len(document(market, key).floors) <= 60


def test_from_draft_to_open_with_mails_and_the_ledger(market):
    key = market.draft()
    do(market, making.submit, market.buyer, key)
    do(market, vetting.take_up, market.operator, key)
    with market.resources.read() as work:
        assert [row.key for row in vetting.queue(work, market.operator)] == [key]
    do(market, vetting.send_back, market.operator, key, version=market.row(key).version, note="Say where it is used.")
    assert (market.state(key), market.row(key).note) == ("draft", "Say where it is used.")
    do(market, making.submit, market.buyer, key)
    version = market.row(key).version
    do(market, vetting.approve, market.operator, key, version=version)
    row = market.row(key)
    assert (row.state, row.opened_at, row.vetted_version, row.note) == ("open", market.clock.now(), version, "")
    letters = mails(market)
    assert [letter["to"] for letter in letters] == [market.buyer.email] * 2
    assert "Say where it is used." in letters[0]["text"]
    assert f"/zh/demands/{key}" in letters[1]["text"]
    acts = [line.act for line in rows(market, LedgerLine)]
    assert acts[-6:] == [
        "demand.vetting", "demand.draft", "demand.submitted", "demand.vetting", "demand.open", "demand.vet",
    ]  # fmt: skip


def test_only_the_operator_vets_and_a_return_needs_a_note(market):
    key = market.draft()
    do(market, making.submit, market.buyer, key)
    version = market.row(key).version
    for actor in (market.buyer, market.verified, NOBODY):
        with pytest.raises(NotFound):
            do(market, vetting.approve, actor, key, version=version)
    with pytest.raises(Malformed):
        do(market, vetting.send_back, market.operator, key, version=version, note="")
    with pytest.raises(Refused, match="version"):
        do(market, vetting.approve, market.operator, key, version=version + 1)
    assert market.state(key) == "submitted"


def test_withdrawal_during_vetting_wins_and_the_operator_is_told(market):
    key = market.draft()
    do(market, making.submit, market.buyer, key)
    do(market, vetting.take_up, market.operator, key)
    with pytest.raises(Refused, match="with the operator"):
        do(market, making.edit, market.buyer, key, TEXT, base=market.row(key).version)
    do(market, making.withdraw, market.buyer, key)
    with pytest.raises(Refused) as caught:
        do(market, vetting.approve, market.operator, key, version=market.row(key).version)
    assert caught.value.params["state"].said("en") == "Withdrawn"
    assert market.state(key) == "withdrawn"
    assert mails(market) == []


def test_taking_back_makes_a_draft_again(market):
    key = market.draft()
    do(market, making.submit, market.buyer, key)
    do(market, making.submit, market.buyer, key)  # twice is once
    do(market, making.take_back, market.buyer, key)
    assert market.state(key) == "draft"


def test_a_change_of_an_open_demand_is_in_force_at_once_and_comes_before_the_operator(market):
    key = market.open()
    said = replace(TEXT, document=DOCUMENT.model_copy(update={"exclusive": True}))
    do(market, making.edit, market.buyer, key, said, base=market.row(key).version)
    with market.resources.read() as work:
        assert [row.key for row in vetting.queue(work, market.operator)] == [key]
    do(market, vetting.approve, market.operator, key, version=market.row(key).version)
    with market.resources.read() as work:
        assert vetting.queue(work, market.operator) == []


def test_it_expires_after_its_last_day_and_not_before(market):
    key = market.open()
    (job,) = (one for one in rows(market, Job) if one.kind == making.EXPIRE_JOB)
    leased = jobs.Leased(job.id, job.kind, job.key, "", job.payload, 1, "w")
    vetting.expire(market.resources, leased)
    assert market.state(key) == "open"
    market.clock.advance(seconds=(job.not_before - market.clock.now()).total_seconds())
    vetting.expire(market.resources, leased)
    vetting.expire(market.resources, leased)
    assert market.state(key) == "expired"
    assert market.row(key).closed_at == job.not_before
    assert len([one for one in mails(market) if "expired" in one["subject"] or "到期" in one["subject"]]) == 1


def test_a_deadline_put_off_keeps_it_open(market):
    key = market.open()
    (job,) = (one for one in rows(market, Job) if one.kind == making.EXPIRE_JOB)
    later = replace(TEXT, document=DOCUMENT.model_copy(update={"deadline": date(2027, 9, 30)}))
    do(market, making.edit, market.buyer, key, later, base=market.row(key).version)
    market.clock.advance(seconds=timedelta(days=120).total_seconds())
    vetting.expire(market.resources, jobs.Leased(job.id, job.kind, job.key, "", job.payload, 1, "w"))
    assert market.state(key) == "open"
    assert len([one for one in rows(market, Job) if one.kind == making.EXPIRE_JOB]) == 2


@pytest.mark.parametrize(("reason", "state"), [("elsewhere", "fulfilled"), ("price", "unmet")])
def test_closing_says_why(market, reason, state):
    key = market.open()
    with pytest.raises(Malformed):
        do(market, making.close, market.buyer, key, reason="", note="x" * 501)
    do(market, making.close, market.buyer, key, reason=reason, note="Thank you.")
    row = market.row(key)
    assert (row.state, row.outcome, row.outcome_note) == (state, reason, "Thank you.")
    with pytest.raises(Refused, match="closed"):
        do(market, making.edit, market.buyer, key, TEXT, base=row.version)
    with pytest.raises(Refused):
        do(market, making.withdraw, market.buyer, key)


def test_others_move_it_through_the_table_and_hear_of_it(market, monkeypatch):
    key, heard = market.open(), []
    monkeypatch.setitem(
        market.resources.handlers, DemandChanged, (lambda _work, signal: heard.append(signal.demand_id),)
    )
    for to in ("matching", "shortlisted", "contracted"):
        with market.resources.write() as work:
            service.move(work, market.verified, service.demand_for(work, SYSTEM, key, "demand.edit", lock=True), to)
    assert heard == [market.row(key).id] * 3
    with market.resources.read() as work:
        assert service.needs(work) == []
    with market.resources.write() as work, pytest.raises(Refused):
        service.move(work, SYSTEM, service.demand_for(work, SYSTEM, key, "demand.edit", lock=True), "open")


def test_what_was_missing_is_kept(market):
    key = market.open()
    with market.resources.write() as work:
        service.note_missing(work, market.row(key).id, ["budget", "floor.0"])
    assert market.row(key).missing == ["budget", "floor.0"]
    assert [row.state for row in rows(market, DemandRow)] == ["open"]


def test_inviting_a_stranger_is_named_and_revealed_ones_stay(market):
    key = market.draft()
    base = market.row(key).version
    with pytest.raises(Malformed) as caught:
        do(market, making.edit, market.buyer, key, replace(TEXT, invited=("nobody", "no-one")), base=base)
    assert [fault.params["slug"] for fault in caught.value.fields] == ["nobody", "no-one"]
    invited = replace(TEXT, document=DOCUMENT, invited=(market.slug(market.verified),))
    do(market, making.edit, market.buyer, key, invited, base=base)
    with market.resources.write() as work:
        service.reveal(work, market.row(key).id, unit_of(market.unverified))
        service.reveal(work, market.row(key).id, unit_of(market.unverified))
    do(market, making.edit, market.buyer, key, replace(TEXT, document=DOCUMENT), base=market.row(key).version)
    with market.resources.read() as work:
        assert making.invited(work, market.row(key)) == ()
    assert do(market, lambda work: work.session.exec(select(service.DemandInvitation)).all()) != []
