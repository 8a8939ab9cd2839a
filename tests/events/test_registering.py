"""Who takes part, on both databases: seats, waiting, both sides, double clicks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from leaderboard.core.errors import Closed, Forbidden, Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.events import desk_pages, own_pages, preference_pages, registering, service
from leaderboard.events.models import Event, Registration
from leaderboard.events.slots import next_slot, slots_of
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow
from tests.events import fair as fairs
from tests.seasons import factories

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def rows(fair):
    with fair.resources.read() as work:
        return work.session.exec(select(Registration).order_by(Registration.id)).all()


def mails(fair):
    with fair.resources.read() as work:
        return [job.payload for job in work.session.exec(select(Job).where(Job.kind == "mail").order_by(Job.id))]


def withdraw(fair, name, row):
    with fair.resources.write() as work:
        return registering.withdraw(work, fair.units[name].actor, row.id)


def rejoin(fair, name, row):
    with fair.resources.write() as work:
        return registering.rejoin(work, fair.units[name].actor, row.id)


def seats(fair, **seats):
    with fair.resources.write() as work:
        service.edit(work, fair.host, fair.slug, replace(fairs.WORDS, **seats))


def test_more_want_to_come_than_there_are_seats(fair):
    seats(fair, supplier_seats=1)
    fair.move("registration")
    first, second, third = (fair.register(name, "supplier") for name in ("s1", "s2", "s3"))
    assert [first.state, second.state, third.state] == ["registered", "waiting", "waiting"]
    withdraw(fair, "s1", first)
    states = {row.id: row.state for row in rows(fair)}
    assert states == {first.id: "withdrawn", second.id: "registered", third.id: "waiting"}
    (mail,) = mails(fair)
    assert mail["to"] == fair.units["s2"].actor.email
    assert f"/events/{fair.slug}/mine" in mail["text"]
    fair.clock.advance(minutes=1)
    assert rejoin(fair, "s1", first).state == "waiting"
    withdraw(fair, "s2", second)
    states = {row.id: row.state for row in rows(fair)}
    assert states[third.id] == "registered", "who came back stands behind those who waited"


def test_the_last_seat_goes_to_one_of_those_who_want_it_at_once(fair):
    seats(fair, supplier_seats=1)
    fair.move("registration")
    with ThreadPoolExecutor(3) as clicks:
        made = list(clicks.map(lambda name: fair.register(name, "supplier").state, ("s1", "s2", "s3")))
    assert sorted(made) == ["registered", "waiting", "waiting"]


def test_registering_twice_makes_one_registration(fair):
    fair.move("registration")
    with ThreadPoolExecutor(4) as clicks:
        made = {row.id for row in clicks.map(lambda _: fair.register("s1", "supplier"), range(4))}
    assert len(made) == len(rows(fair)) == 1
    with pytest.raises(Refused, match="registered on this side already"):
        fair.register("s1", "supplier", most=2)


def test_an_organization_may_be_on_both_sides_but_no_person_at_two_tables(fair):
    fair.move("registration")
    fair.register("s1", "supplier", participants=("Lin Xiaolan", "Chen Bo"))
    with pytest.raises(Refused, match="Lin Xiaolan comes for the other side already") as caught:
        fair.register("s1", "demander", participants=("Lin Xiaolan",))
    assert [fault.field for fault in caught.value.fields] == ["participants"]
    assert fair.register("s1", "demander", participants=("Zhao Min",)).state == "registered"


def test_an_event_may_forbid_both_sides(fair):
    seats(fair, both_sides=False)
    fair.move("registration")
    row = fair.register("s1", "supplier")
    with pytest.raises(Refused, match="lets nobody be on both"):
        fair.register("s1", "demander")
    withdraw(fair, "s1", row)
    fair.register("s1", "demander")
    with pytest.raises(Refused, match="lets nobody be on both"):
        rejoin(fair, "s1", row)


def test_nobody_on_one_side_stops_the_event_with_a_plain_word(fair):
    fair.move("registration")
    fair.register("s1", "supplier")
    with pytest.raises(Refused, match="at least one supplier and one demander"):
        fair.move("preference")
    fair.register("d1", "demander")
    fair.move("preference")


def test_what_is_wrong_is_said_at_once(fair):
    fair.move("registration")
    with pytest.raises(Malformed) as caught:
        fair.register("s1", "supplier", participants=(), languages=(), free=(2,), least=3, most=9, things=(999,))
    assert {fault.field for fault in caught.value.fields} == {"participants", "languages", "free", "most", "things"}
    assert rows(fair) == []


def test_only_organizations_verified_far_enough_and_only_their_own_people(fair):
    seats(fair, verified=1)
    fair.move("registration")
    with pytest.raises(Refused, match="verification level 1 and above; yours has level 0"):
        fair.register("s1", "supplier")
    stranger = fair.units["s2"].actor
    with fair.resources.write() as work, pytest.raises(Forbidden):
        registering.register(work, stranger, fair.slug, fair.wanted("s1", "supplier"))


def test_a_registration_is_there_for_its_own_people_only(fair):
    fair.move("registration")
    row = fair.register("s1", "supplier")
    for verb in (registering.withdraw, registering.rejoin, registering.new_feed):
        with fair.resources.write() as work, pytest.raises(NotFound):
            verb(work, fair.units["s2"].actor, row.id)
        with fair.resources.write() as work, pytest.raises(NotFound):
            verb(work, fair.host, row.id)


def test_registration_ends_at_its_hour(fair):
    seats(fair, registration_ends="2026-12-16 12:00")
    fair.move("registration")
    fair.register("s1", "supplier")
    fair.clock.advance(days=2)
    with pytest.raises(Closed, match="not open"):
        fair.register("s2", "supplier")


def test_a_demand_that_comes_is_at_an_event_and_open_again_when_it_does_not(fair):
    def state():
        with fair.resources.read() as work:
            return work.session.get_one(DemandRow, fair.units["d1"].need).state

    fair.move("registration")
    row = fair.register("d1", "demander")
    assert state() == "in_event"
    withdraw(fair, "d1", row)
    assert state() == "open"
    rejoin(fair, "d1", row)
    assert state() == "in_event"


def test_a_registration_can_be_changed_until_the_timetable_is_made(fair):
    fair.move("registration")
    row = fair.register("s1", "supplier")
    fair.register("d1", "demander")
    with fair.resources.write() as work:
        changed = registering.change(
            work, fair.units["s1"].actor, row.id, fair.wanted("s1", "supplier", free=(0,), most=1)
        )
        assert (changed.free, changed.most) == ([0], 1)
    fair.move("preference")
    fair.move("scheduled")
    with fair.resources.write() as work, pytest.raises(Closed):
        registering.change(work, fair.units["s1"].actor, row.id, fair.wanted("s1", "supplier"))


def test_slots_stay_once_parties_rely_on_them(fair):
    fair.move("registration")
    fair.register("s1", "supplier")
    with pytest.raises(Refused, match="registered for these slots already"):
        seats(fair, starts=("09:00", "10:00"), breaks=())
    seats(fair, tables=5)
    assert fair.event().tables == 5


def test_more_seats_are_filled_by_those_who_wait(fair):
    seats(fair, supplier_seats=1)
    fair.move("registration")
    for name in ("s1", "s2", "s3"):
        fair.register(name, "supplier")
    seats(fair, supplier_seats=2)
    assert [row.state for row in rows(fair)] == ["registered", "registered", "waiting"]


def test_the_operator_registers_nobody_elses_organization(fair):
    fair.move("registration")
    with fair.resources.write() as work:
        operator = factories.person(work, "Ou Yang", role="operator")
    with fair.resources.write() as work, pytest.raises(Forbidden):
        registering.register(work, operator, fair.slug, fair.wanted("d1", "demander"))


def test_a_draft_and_no_event_at_all_have_the_same_answer(fair):
    with fair.resources.write() as work:
        draft = service.create(work, fair.host, organization_id=next(iter(fair.host.posting_ids)), words=fairs.WORDS)
        slug = draft.slug
    answers = []
    for name in (slug, "none-such"):
        with fair.resources.read() as work, pytest.raises(NotFound) as caught:
            service.event_for(work, fair.units["s1"].actor, name, "event.edit")
        answers.append((caught.value.id, caught.value.message))
    assert answers[0] == answers[1]


def test_an_open_demand_beside_a_blind_one_does_not_say_whose_both_are(resources, clock):
    fair = fairs.made(resources, clock, blind=True)
    fair.move("registration")
    unit = fair.units["d1"]
    with fair.resources.write() as work:
        shown = fairs.demand(work, unit.id, "d1-open")
    seller = fair.register("s1", "supplier")
    fair.register("d1", "demander", things=(unit.need, shown))
    fair.register("d2", "demander")
    fair.move("preference")
    with fair.resources.read() as work:
        page = preference_pages.preferences_page(work, fair.units["s1"].actor, seller.id)
        hidden, known = page.others
        assert (hidden.hidden, [thing.path for thing in hidden.things]) == (True, [])
        assert [thing.path for thing in known.things] == ["/demands/demand-d2"]


def test_who_registers_again_after_withdrawing_waits_behind_the_others(fair):
    seats(fair, supplier_seats=1)
    fair.move("registration")
    first = fair.register("s1", "supplier")
    withdraw(fair, "s1", first)
    fair.register("s2", "supplier")
    fair.clock.advance(minutes=1)
    third = fair.register("s3", "supplier")
    fair.clock.advance(minutes=1)
    again = fair.register("s1", "supplier")
    assert (again.id, again.state, again.withdrawn_at) == (first.id, "waiting", None)
    seats(fair, supplier_seats=2)
    states = {row.id: row.state for row in rows(fair)}
    assert (states[third.id], states[first.id]) == ("registered", "waiting")


def test_a_seat_that_became_free_while_the_timetable_was_made_is_filled_when_that_is_undone(fair):
    seats(fair, supplier_seats=1)
    fair.move("registration")
    first, second = fair.register("s1", "supplier"), fair.register("s2", "supplier")
    fair.register("d1", "demander")
    for state in ("preference", "scheduled"):
        fair.move(state)
    withdraw(fair, "s1", first)
    assert {row.id: row.state for row in rows(fair)}[second.id] == "waiting"
    fair.move("preference")
    assert {row.id: row.state for row in rows(fair)}[second.id] == "registered"


def test_demands_of_an_event_that_is_over_are_open_again(fair):
    fair.published()
    fair.go_live(minutes=1)
    fair.move("closed")
    with fair.resources.read() as work:
        states = {work.session.get_one(DemandRow, fair.units[name].need).state for name in ("d1", "d2", "d3")}
    assert states == {"open"}


def test_who_brings_nothing_any_more_is_told_and_does_not_come_back(fair):
    fair.move("registration")
    row = fair.register("s1", "supplier")
    with fair.resources.write() as work:
        work.session.get_one(ListingRow, fair.units["s1"].thing).state = "delisted"
    with fair.resources.read() as work:
        (mine,) = own_pages.mine(work, fair.units["s1"].actor, fair.slug).timetables
        (party,) = desk_pages.desk(work, fair.host, fair.slug).parties
    assert (mine.left, party.left) == (True, True)
    withdraw(fair, "s1", row)
    with pytest.raises(Refused, match="Nothing of what you brought"):
        rejoin(fair, "s1", row)


def test_the_mail_that_asks_for_preferences_says_until_when_and_goes_out_once(fair):
    seats(fair, preferences_end="2026-12-19 18:00")
    fair.move("registration")
    fair.register("s1", "supplier")
    gone = fair.register("s2", "supplier")
    fair.register("d1", "demander")
    withdraw(fair, "s2", gone)
    fair.move("preference")
    told = [mail for mail in mails(fair) if "志愿" in mail["subject"]]
    assert sorted(mail["to"] for mail in told) == sorted(fair.units[name].actor.email for name in ("s1", "d1"))
    assert all("2026-12-19 18:00 (Asia/Shanghai)" in mail["text"] for mail in told)
    fair.move("scheduled")
    fair.move("preference")
    assert len([mail for mail in mails(fair) if "志愿" in mail["subject"]]) == len(told)


@pytest.mark.parametrize(
    ("ends", "to", "word"), [("registration_ends", "registration", "registration"), ("preferences_end", "preference", "preferences")]
)  # fmt: skip
def test_nothing_opens_whose_end_has_passed(fair, ends, to, word):
    seats(fair, **{ends: "2026-12-16 12:00"})
    if to == "preference":
        fair.move("registration")
        fair.register("s1", "supplier")
        fair.register("d1", "demander")
    fair.clock.advance(days=2)
    with pytest.raises(Refused, match=f"The end of {word} has passed"):
        fair.move(to)


def test_no_event_begins_before_its_first_day(fair):
    fair.published()
    with pytest.raises(Refused, match="The first day is 2026-12-20"):
        fair.move("live")


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"preferences_end": "2026-12-01 12:00", "registration_ends": "2026-12-02 12:00"}, "preferences_end", "before registration"),
        ({"registration_ends": "2026-12-20 09:01"}, "registration_ends", "after the first slot"),
        ({"breaks": ("09:50",)}, "breaks", "one of the slots"),
        ({"zone": "Europe/Berlin", "days": ("2026-03-29",), "starts": ("01:50", "03:05"), "breaks": ()}, "starts", "clocks are changed"),
        ({"zone": "Europe/Berlin", "days": ("2026-03-29",), "starts": ("02:30",), "breaks": ()}, "starts", "does not exist"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_named_where_they_were_written(fair, changes, field, word):
    with pytest.raises(Malformed) as caught:
        seats(fair, **changes)
    assert [(fault.field, word in fault.message) for fault in caught.value.fields] == [(field, True)]


def test_slots_of_two_days_across_a_change_of_clocks():
    """Berlin goes back to winter time in the night between the two days."""
    words = replace(
        fairs.WORDS, zone="Europe/Berlin", days=("2026-10-24", "2026-10-25"), starts=("09:00", "23:40"), breaks=()
    )
    assert [*words.faults()] == []
    event = Event(slug="x", organization_id=1, created_at=NOW)
    words.write(event)
    slots = slots_of(event)
    assert [(slot.day, slot.start, slot.until, f"{slot.begins:%d %H:%M}") for slot in slots] == [
        ("2026-10-24", "09:00", "09:20", "24 07:00"),
        ("2026-10-24", "23:40", "00:00", "24 21:40"),
        ("2026-10-25", "09:00", "09:20", "25 08:00"),
        ("2026-10-25", "23:40", "00:00", "25 22:40"),
    ]
    assert next_slot(event, slots[1].begins) == 2
