"""Events that do not take place, on both databases: what calling off does, when it can be done, and that it is for good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlmodel import func, select

from leaderboard.accounts.models import Person
from leaderboard.core.errors import Closed, Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.events import (
    calendar,
    calling_off,
    day,
    desk_pages,
    own_pages,
    pages,
    registering,
    scheduling,
    service,
    wishes,
)
from leaderboard.events.models import Event, Registration
from leaderboard.events.states import MeetingState, State
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.seasons.signals import Words
from tests.events import fair as fairs
from tests.seasons import factories

WHY = Words("A storm is coming.", "台风将至。")
FLOOD = Words("", "会场进水。")


def off(fair, reason=WHY):
    with fair.resources.write() as work:
        return calling_off.call_off(work, fair.host, fair.slug, reason)


def mails(fair):
    """Address → what it was told, in either language; once for each letter."""
    with fair.resources.read() as work:
        found = [job.payload for job in work.session.exec(select(Job).where(Job.kind == "mail"))]
    told = [one for one in found if one["subject"].startswith(("Called off", "对接会已取消"))]
    assert len({one["to"] for one in told}) == len(told), "nobody is told twice"
    return {one["to"]: one["text"] for one in told}


def demands(fair):
    with fair.resources.read() as work:
        return dict(work.session.exec(select(DemandRow.id, DemandRow.state)).all())


def deeds(fair, act):
    with fair.resources.read() as work:
        return [line.detail for line in work.session.exec(select(LedgerLine).where(LedgerLine.act == act))]


def test_calling_off_tells_everybody_cancels_meetings_and_frees_demands(fair):
    rows = fair.published()
    first, declined = fair.meetings()[:2]
    with fair.resources.write() as work:
        for row in (first, declined):
            name = next(key for key, one in rows.items() if one.id == row.supplier_id)
            day.answer(work, fair.units[name].actor, row.id, comes=row is first)
    with fair.resources.write() as work:
        registering.withdraw(work, fair.units["d3"].actor, rows["d3"].id)
    fair.clock.advance(minutes=5)
    found = off(fair)
    assert (found.state, found.reason_en, found.called_off_at) == (State.CALLED_OFF, WHY.en, fair.clock.at)
    for row in fair.meetings():
        told = (row.state, row.reason, row.sequence)
        if row.id == declined.id:
            assert told == (MeetingState.DECLINED, "", 1)
        else:
            assert told == (MeetingState.CANCELLED, "events.called_off", 1)
            assert row.changed_at == fair.clock.at
    assert set(demands(fair).values()) == {"open"}
    told = {fair.units[name].actor.email for name in rows if name != "d3"}
    assert set(mails(fair)) == told, "who withdrew has nothing to hear"
    assert deeds(fair, "event.call_off") == [{"before": "published", "meetings": len(fair.meetings()) - 1}]


def test_calling_off_twice_is_once(fair):
    fair.move("registration")
    fair.register("s1", "supplier")
    off(fair)
    assert (off(fair, FLOOD).reason_zh, off(fair, Words("", "")).reason_zh) == (WHY.zh, WHY.zh)
    assert len(mails(fair)) == len(deeds(fair, "event.call_off")) == 1


def test_each_is_told_once_in_their_language_and_so_are_those_who_wait(fair):
    with fair.resources.write() as work:
        service.edit(work, fair.host, fair.slug, replace(fairs.WORDS, supplier_seats=1))
    fair.move("registration")
    fair.register("s1", "supplier")
    fair.register("s1", "demander", participants=("Somebody else",))
    assert fair.register("s2", "supplier").state == "waiting"
    with fair.resources.write() as work:
        reader = work.session.get_one(Person, fair.units["s2"].actor.person_id)
        reader.locale = "en"
        work.session.add(reader)
    off(fair)
    told = mails(fair)
    one, other = (fair.units[name].actor.email for name in ("s1", "s2"))
    assert set(told) == {one, other}
    assert (WHY.zh in told[one], WHY.en in told[one]) == (True, False)
    assert (WHY.zh in told[other], WHY.en in told[other]) == (False, True)


def test_a_reason_is_needed_and_only_the_host_may(fair):
    with pytest.raises(Malformed) as caught:
        off(fair, Words("", ""))
    assert [fault.field for fault in caught.value.fields] == ["reason_zh"]
    with pytest.raises(Malformed) as caught:
        off(fair, Words("x" * 501, ""))
    assert [fault.field for fault in caught.value.fields] == ["reason_en"]
    with fair.resources.write() as work, pytest.raises(NotFound):
        calling_off.call_off(work, fair.units["s1"].actor, fair.slug, WHY)
    assert fair.event().state == State.CALL


def test_what_is_over_is_not_called_off_and_a_draft_is_deleted_instead(fair):
    fair.published()
    fair.go_live()
    fair.move("closed")
    with pytest.raises(Closed, match="The event is over"):
        off(fair)
    fair.move("live")
    assert off(fair).state == State.CALLED_OFF, "closed by mistake"
    with fair.resources.write() as work:
        draft = service.create(work, fair.host, organization_id=min(fair.host.posting_ids), words=fairs.WORDS).slug
    with fair.resources.write() as work, pytest.raises(Refused, match="delete it instead"):
        calling_off.call_off(work, fair.host, draft, WHY)


def test_what_was_held_stays_and_so_do_its_deals(fair):
    rows = fair.published()
    fair.go_live(minutes=1)
    held, open_end = [one for one in fair.meetings() if one.slot == 0][:2]
    name = next(key for key, one in rows.items() if one.id == held.supplier_id)
    with fair.resources.write() as work:
        day.state_outcome(work, fair.units[name].actor, held.id, "intent")
    off(fair)
    states = {one.id: one.state for one in fair.meetings()}
    assert states[held.id] == MeetingState.HELD
    assert states[open_end.id] == MeetingState.PROPOSED, "it had begun"
    assert {state for id, state in states.items() if id not in {held.id, open_end.id}} <= {
        MeetingState.CANCELLED, MeetingState.PROPOSED,
    }  # fmt: skip
    assert all(one.state == MeetingState.CANCELLED for one in fair.meetings() if one.slot > 0)
    with fair.resources.read() as work:
        (deal,) = work.session.exec(select(Deal)).all()
        mine = own_pages.mine(work, fair.units[name].actor, fair.slug)
    assert deal.key in {one.deal for one in mine.timetables[0].meetings}
    assert not any(one.begun or one.answerable for one in mine.timetables[0].meetings)


def test_an_event_that_never_began_is_called_off_whole_after_its_day(fair):
    fair.published()
    fair.clock.at += timedelta(days=10)
    off(fair)
    assert {one.state for one in fair.meetings()} == {MeetingState.CANCELLED}


def test_subscribed_calendars_drop_every_meeting(fair):
    rows = fair.published()
    off(fair)
    with fair.resources.read() as work:
        event = fair.event()
        meetings = own_pages.meetings_of(work, event, rows["s1"])
        data = calendar.calendar(work.settings, event, meetings, lambda one: f"D{one.demander_id}", "en", work.now)
    entries = Calendar.from_ical(data).walk("VEVENT")
    assert entries
    assert {(str(one["status"]), one["sequence"]) for one in entries} == {("CANCELLED", 1)}


def test_nothing_more_is_done_at_an_event_that_was_called_off(fair):
    rows = fair.published()
    repair = fair.ask_repair(rows["d1"])
    fair.compute(repair)
    meeting, party, mine = fair.meetings()[0], fair.units["s1"].actor, rows["s1"].id
    own = next(one for one in fair.meetings() if one.supplier_id == mine)
    off(fair)
    fair.clock.at = fair.clock.at.replace(day=20, hour=1, minute=1)
    wanted = fair.wanted("s1", "demander")
    refused = (
        lambda work: registering.register(work, party, fair.slug, wanted),
        lambda work: registering.change(work, party, mine, fair.wanted("s1", "supplier")),
        lambda work: registering.withdraw(work, party, mine),
        lambda work: registering.rejoin(work, party, mine),
        lambda work: wishes.say(work, party, mine, {rows["d1"].id: "1"}),
        lambda work: day.answer(work, party, own.id, comes=True),
        lambda work: day.state_outcome(work, party, own.id, "none"),
        lambda work: day.mark(work, fair.host, fair.slug, meeting.id, held=True),
        lambda work: day.check_in(work, fair.host, fair.slug, mine, arrived=True),
        lambda work: day.check_in_by_code(work, fair.host, fair.slug, rows["s1"].code),
        lambda work: service.edit(work, fair.host, fair.slug, fairs.WORDS),
        lambda work: service.move(work, fair.host, fair.slug, "live"),
        lambda work: scheduling.ask(work, fair.host, fair.slug, method="plan"),
        lambda work: scheduling.ask_repair(work, fair.host, fair.slug, gone=[]),
        lambda work: scheduling.publish(work, fair.host, fair.slug, 1),
        lambda work: scheduling.apply(work, fair.host, fair.slug, repair),
        lambda work: calling_off.delete(work, fair.host, fair.slug),
    )
    before = fair.meetings()
    for deed in refused:
        with pytest.raises(Closed, match="was called off"), fair.resources.write() as work:
            deed(work)
    assert fair.meetings() == before


def test_the_desk_says_beforehand_what_will_happen(fair):
    fair.published()
    with fair.resources.read() as work:
        said = desk_pages.desk(work, fair.host, fair.slug).calling_off
    assert (said.told, said.meetings) == (6, len(fair.meetings()))
    off(fair)
    with fair.resources.read() as work:
        after = desk_pages.desk(work, fair.host, fair.slug)
        own = own_pages.mine(work, fair.units["s1"].actor, fair.slug)
    assert (after.calling_off, after.steps, after.head.called_off) == (None, (), WHY)
    assert own.head.called_off == WHY
    assert not any((own.timetables[0].can_change, own.timetables[0].can_withdraw, own.timetables[0].can_rejoin))


# Drafts


def test_a_draft_is_deleted_and_its_address_is_free_again(fair):
    with fair.resources.write() as work:
        stranger, _ = factories.organizer(work)
        home = min(fair.host.posting_ids)
        slug = service.create(work, fair.host, organization_id=home, words=fairs.WORDS).slug
    with fair.resources.write() as work, pytest.raises(NotFound):
        calling_off.delete(work, stranger, slug)
    with fair.resources.write() as work:
        calling_off.delete(work, fair.host, slug)
    with fair.resources.write() as work, pytest.raises(NotFound):
        calling_off.delete(work, fair.host, slug)
    assert deeds(fair, "event.delete") == [{"slug": slug}]
    with fair.resources.write() as work:
        assert service.create(work, fair.host, organization_id=home, words=fairs.WORDS).slug == slug


def test_what_anybody_has_relied_on_is_not_deleted(fair):
    with fair.resources.write() as work, pytest.raises(Refused, match="Only drafts"):
        calling_off.delete(work, fair.host, fair.slug)
    fair.move("registration")
    fair.register("s1", "supplier")
    for state in ("call", "draft"):
        fair.move(state)
    with fair.resources.write() as work, pytest.raises(Refused, match="have registered"):
        calling_off.delete(work, fair.host, fair.slug)
    with fair.resources.read() as work:
        assert work.session.exec(select(func.count()).select_from(Registration)).one() == 1


# The list


def listed(fair, actor, **asked):
    with fair.resources.read() as work:
        return pages.listing(work, actor, pages.Asked(**asked))


def test_the_list_is_paged_in_its_order(fair, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    days = {
        "past": "2026-11-01",
        "off": "2026-12-22",
        "long-off": "2026-11-03",
        "later": "2026-12-24",
        "older": "2026-10-01",
    }
    states = {"past": State.CLOSED, "older": State.FOLLOW_UP, "off": State.CALLED_OFF, "long-off": State.CALLED_OFF}
    with fair.resources.write() as work:
        host, home = factories.organizer(work)
        for slug, first in days.items():
            work.session.add(
                Event(
                    slug=slug, organization_id=home, state=states.get(slug, State.CALL), days=[first], first_day=first,
                    last_day=first, created_at=work.now, reason_en="Because.",
                )
            )  # fmt: skip
        work.session.add(Event(slug="draft", organization_id=home, created_at=work.now))
    seen = [listed(fair, fair.host, number=number) for number in (1, 2, 3, 4)]
    parts = [[[card.slug for card in part] for part in (one.upcoming, one.called_off, one.past)] for one in seen]
    assert parts == [
        [[fair.slug, "later"], [], []], [[], ["off"], ["long-off"]], [[], [], ["past", "older"]], [[], [], []],
    ]  # fmt: skip
    assert {(one.total, one.pages) for one in seen} == {(6, 3)}
    (card,) = seen[1].called_off
    assert card.called_off == Words("Because.", "")
    assert {card.called_off for card in (*seen[0].cards, *seen[2].cards)} == {None}
    monkeypatch.setattr(pages, "PAGE_SIZE", 30)
    own = listed(fair, host, hosted=True)
    assert {card.slug for card in own.cards} == {*days, "draft"}
    assert not {card.slug for card in listed(fair, fair.host, hosted=True).cards} & {*days, "draft"}
    header, table = pages.list_table(own, "en")
    assert {row[0]: row[header.index("called_off")] for row in table}["off"] == "Because."
