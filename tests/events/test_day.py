"""The day: check-in, answers, what came of meetings, and the numbers that are made public."""

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlmodel import select

from leaderboard.core.errors import Closed, Malformed, NotFound, Refused
from leaderboard.events import calendar, day, report
from leaderboard.events.slots import slots_of
from leaderboard.events.states import MeetingState
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.listings.models import ListingRow


def answer(fair, name, meeting, comes):
    with fair.resources.write() as work:
        return day.answer(work, fair.units[name].actor, meeting.id, comes=comes)


def state(fair, name, meeting, outcome):
    with fair.resources.write() as work:
        return day.state_outcome(work, fair.units[name].actor, meeting.id, outcome)


def of(fair, rows, meeting):
    """The names of the two sides."""
    known = {row.id: name for name, row in rows.items()}
    return known[meeting.supplier_id], known[meeting.demander_id]


def test_a_party_is_checked_in_by_its_code_or_from_the_list(fair):
    rows = fair.published()
    with fair.resources.write() as work:
        found = day.check_in_by_code(
            work, fair.host, fair.slug, f" {rows['s1'].code[:3].lower()} {rows['s1'].code[3:]} "
        )
        assert (found.id, found.arrived_at) == (rows["s1"].id, work.now)
        assert day.check_in(work, fair.host, fair.slug, rows["d1"].id, arrived=True).arrived_at == work.now
        assert day.check_in(work, fair.host, fair.slug, rows["d1"].id, arrived=False).arrived_at is None
    with fair.resources.write() as work, pytest.raises(Malformed) as caught:
        day.check_in_by_code(work, fair.host, fair.slug, "NOBODY")
    assert caught.value.fields[0].field == "code"
    with fair.resources.write() as work, pytest.raises(NotFound):
        day.check_in_by_code(work, fair.units["s1"].actor, fair.slug, rows["s1"].code)


def test_both_sides_confirm_and_either_declines(fair):
    rows = fair.published()
    meeting = fair.meetings()[0]
    supplier, demander = of(fair, rows, meeting)
    assert answer(fair, supplier, meeting, comes=True).state == MeetingState.PROPOSED
    assert answer(fair, demander, meeting, comes=True).state == MeetingState.CONFIRMED
    assert answer(fair, demander, meeting, comes=False).state == MeetingState.DECLINED
    again = answer(fair, demander, meeting, comes=True)
    assert (again.state, again.sequence) == (MeetingState.CONFIRMED, 3)
    stranger = next(name for name in fair.units if name not in {supplier, demander})
    with pytest.raises(NotFound):
        answer(fair, stranger, meeting, comes=True)


def test_who_belongs_to_both_sides_of_a_meeting_speaks_for_each(fair):
    rows = fair.published()
    meeting = fair.meetings()[0]
    supplier, demander = of(fair, rows, meeting)
    units = frozenset({fair.units[supplier].id, fair.units[demander].id})
    both = replace(fair.units[supplier].actor, organization_ids=units)

    def say(deed, side, *what, **how):
        with fair.resources.write() as work:
            return deed(work, both, meeting.id, *what, **how, side=side)

    with pytest.raises(Malformed) as caught:
        say(day.answer, None, comes=True)
    assert "for which side" in caught.value.fields[0].message
    assert say(day.answer, "demander", comes=True).state == MeetingState.PROPOSED
    done = say(day.answer, "supplier", comes=True)
    assert (done.state, done.supplier_answer, done.demander_answer) == (MeetingState.CONFIRMED, "yes", "yes")
    fair.go_live(minutes=1)
    say(day.state_outcome, "supplier", "none")
    done = say(day.state_outcome, "demander", "no_show")
    assert (done.supplier_outcome, done.demander_outcome) == ("none", "no_show")
    with fair.resources.write() as work, pytest.raises(NotFound):
        day.answer(work, fair.units[supplier].actor, meeting.id, comes=False, side="demander")


def test_a_declined_meeting_whose_place_was_given_away_does_not_come_back(fair):
    rows = fair.published()
    meeting = fair.meetings()[0]
    supplier, _ = of(fair, rows, meeting)
    answer(fair, supplier, meeting, comes=False)
    run = fair.compute(fair.ask_repair(loss=0.0))
    pair = [f"s{meeting.supplier_id}", f"d{meeting.demander_id}"]
    assert all(one[2:] != pair for one in run.result["meetings"]), "declined is declined"
    with fair.resources.write() as work:
        other = fair.meetings()[-1]
        moved = work.session.get_one(type(other), other.id)
        moved.slot, moved.seat = meeting.slot, meeting.seat
        work.session.add(moved)
    with pytest.raises(Refused, match="went to another meeting"):
        answer(fair, supplier, meeting, comes=True)


def test_each_side_says_for_itself_what_came_of_it(fair):
    rows = fair.published()
    meeting = fair.meetings()[0]
    supplier, demander = of(fair, rows, meeting)
    with pytest.raises(Closed, match="once it has begun"):
        state(fair, supplier, meeting, "none")
    fair.go_live(minutes=1)
    assert state(fair, supplier, meeting, "no_show").state == MeetingState.NO_SHOW
    held = state(fair, demander, meeting, "none")
    assert (held.state, held.supplier_outcome, held.demander_outcome) == (MeetingState.HELD, "no_show", "none")
    with pytest.raises(Malformed):
        state(fair, supplier, meeting, "marriage")
    with pytest.raises(Closed, match="until it begins"):
        answer(fair, supplier, meeting, comes=False)


def test_outcomes_of_both_sides_make_a_deal_mutual(fair):
    rows = fair.published()
    fair.go_live(minutes=1)
    meeting = fair.meetings()[0]
    supplier, demander = of(fair, rows, meeting)
    first = state(fair, demander, meeting, "sample")
    assert first.deal_id is not None
    second = state(fair, supplier, meeting, "intent")
    with fair.resources.read() as work:
        (deal,) = work.session.exec(select(Deal)).all()
    assert second.deal_id == first.deal_id == deal.id
    assert (deal.listing_id, deal.demand_id) == (fair.units[supplier].thing, fair.units[demander].need)
    assert deal.met_at is not None


def test_an_outcome_stands_where_no_deal_can_be(fair):
    rows = fair.published()
    fair.go_live(minutes=1)
    meeting = fair.meetings()[0]
    supplier, demander = of(fair, rows, meeting)
    with fair.resources.write() as work:
        row = work.session.get_one(ListingRow, fair.units[supplier].thing)
        row.state = "delisted"
        work.session.add(row)
    said = state(fair, demander, meeting, "intent")
    assert (said.demander_outcome, said.deal_id) == ("intent", None)


def test_the_host_marks_what_nobody_said(fair):
    fair.published()
    fair.go_live(minutes=1)
    meeting = fair.meetings()[0]
    for held, there in ((False, MeetingState.NO_SHOW), (True, MeetingState.HELD)):
        with fair.resources.write() as work:
            assert day.mark(work, fair.host, fair.slug, meeting.id, held=held).state == there
    later = fair.meetings()[-1]
    with fair.resources.write() as work, pytest.raises(Closed):
        day.mark(work, fair.host, fair.slug, later.id, held=True)


# Calendars


def test_calendars_get_stable_identities_and_are_told_of_changes(fair):
    rows = fair.published()

    def entries():
        event = fair.event()
        with fair.resources.read() as work:
            mine = [one for one in fair.meetings() if one.supplier_id == rows["s1"].id]
            data = calendar.calendar(work.settings, event, mine, lambda one: f"D; {one.demander_id},\n", "zh", work.now)
        assert all(len(line) <= 75 for line in data.split(b"\r\n"))
        return event, {str(one["uid"]): one for one in Calendar.from_ical(data).walk("VEVENT")}

    event, before = entries()
    assert before
    for one in before.values():
        assert (one["status"], one["sequence"]) == ("TENTATIVE", 0)
        assert one.decoded("dtstart") in {slot.begins for slot in slots_of(event)}
        assert one.decoded("dtend") - one.decoded("dtstart") == timedelta(minutes=20)
    number = fair.ask_repair(rows["d1"])
    fair.compute(number)
    fair.apply(number)
    _, after = entries()
    assert set(before) <= set(after)
    gone = [uid for uid, one in after.items() if one["status"] == "CANCELLED"]
    assert gone
    assert all(after[uid]["sequence"] == 1 for uid in gone)


# The report


def test_small_counts_are_not_made_public():
    assert report.masked({"none": 9, "sample": 4, "nda": 1, "intent": 0}) == {
        "none": 9, "sample": None, "nda": None, "intent": 0,
    }  # fmt: skip
    assert report.masked({"none": 2, "sample": 1}) == {"none": None, "sample": None}
    assert report.masked({"none": 3, "sample": 0}) == {"none": 3, "sample": 0}


def test_the_report_counts_what_happened(fair):
    rows = fair.published()
    fair.go_live(minutes=1)
    first, second = [one for one in fair.meetings() if one.slot == 0][:2]
    for name in of(fair, rows, first):
        state(fair, name, first, "none")
    state(fair, of(fair, rows, second)[0], second, "no_show")
    with fair.resources.read() as work:
        found = report.report_of(work, fair.event())
    assert (found.suppliers, found.demanders, found.held, found.no_show) == (3, 3, 1, 1)
    assert found.planned == len(fair.meetings())
    assert found.outcomes == {"none": None, "sample": 0, "nda": 0, "intent": 0, "no_show": None}
    assert found.figures["exact"]
