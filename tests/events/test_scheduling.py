"""From wishes to a published timetable, and its repair; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import select

from leaderboard.core.errors import Closed, Malformed, NotFound, Refused
from leaderboard.core.jobs import Job, Leased
from leaderboard.core.ledger import LedgerLine
from leaderboard.events import run_pages, scheduling, seats, service, wishes
from leaderboard.events.models import Preference, TimetableRun
from leaderboard.events.states import MeetingState, State
from tests.events import fair as fairs
from tests.events.test_registering import mails, withdraw


def ready(fair, **of):
    """Everybody registered and preferences open; ``of``: changes to registrations by name."""
    fair.move("registration")
    rows = {
        name: fair.register(name, "supplier" if name[0] == "s" else "demander", **of.get(name, {}))
        for name in fair.units
    }
    fair.move("preference")
    return rows


def everybody_likes_everybody(fair, rows):
    for name, row in rows.items():
        others = [other for key, other in rows.items() if key[0] != name[0]]
        fair.prefer(row, {other.id: str(place) for place, other in enumerate(others, 1)})


def test_a_timetable_is_made_from_ranks_vetoes_and_matches(fair):
    with fair.resources.write() as work:
        fairs.matched(work, fair.units["d3"].need, fair.units["s3"].thing, 0.8)
    rows = ready(fair)
    fair.prefer(rows["s1"], {rows["d1"].id: "1", rows["d2"].id: "2"})
    fair.prefer(rows["d2"], {rows["s1"].id: "veto"})
    fair.move("scheduled")
    run = fair.compute(fair.ask())
    assert run.state == "done"
    met = {(one[2], one[3]) for one in run.result["meetings"]}
    assert met == {(f"s{rows['s1'].id}", f"d{rows['d1'].id}"), (f"s{rows['s3'].id}", f"d{rows['d3'].id}")}
    assert {one["party"]: one["reason"] for one in run.result["unserved"]} == {
        f"s{rows['s2'].id}": "timetable.no_wishes",
        f"d{rows['d2'].id}": "timetable.no_wishes",
    }
    assert run.figures["exact"]
    assert run.figures["served"] == pytest.approx(4 / 6)


def test_a_run_can_be_computed_again_from_what_it_kept(fair):
    rows = fair.published()
    number = fair.ask_repair(rows["s1"])
    repair = fair.compute(number)
    with fair.resources.read() as work:
        assert scheduling.replay(fair.run(work, 1))
    assert scheduling.replay(repair)
    repair.result = {**repair.result, "meetings": []}
    assert not scheduling.replay(repair)


def test_who_vetoed_whom_is_written_nowhere_else(fair):
    rows = ready(fair)
    fair.prefer(rows["d2"], {rows["s1"].id: "veto"})
    everything = [fair.compute]
    fair.move("scheduled")
    run = everything[0](fair.ask())
    pair = [f"s{rows['s1'].id}", f"d{rows['d2'].id}"]
    assert all([wish["supplier"], wish["demander"]] != pair for wish in run.input["wishes"])
    with fair.resources.read() as work:
        assert work.session.exec(select(Preference).where(Preference.veto)).one().place is None
        lines = work.session.exec(select(LedgerLine).where(LedgerLine.act == "event.prefer")).all()
    assert [line.detail for line in lines] == [{"registration": rows["d2"].id}]


def test_places_are_checked_all_at_once_and_can_be_changed(fair):
    rows = ready(fair)
    with pytest.raises(Malformed) as caught:
        fair.prefer(rows["s1"], {rows["d1"].id: "1", rows["d2"].id: "1", rows["d3"].id: "9"})
    assert sorted(fault.field for fault in caught.value.fields) == [f"place-{rows['d2'].id}", f"place-{rows['d3'].id}"]
    fair.prefer(rows["s1"], {rows["d1"].id: "1"})
    fair.prefer(rows["s1"], {rows["d2"].id: "veto"})
    with fair.resources.read() as work:
        said = wishes.preferences(work, rows["s1"].id)
    assert {id: (one.place, one.veto) for id, one in said.items()} == {rows["d2"].id: (None, True)}
    with fair.resources.write() as work, pytest.raises(NotFound):
        wishes.say(work, fair.units["s2"].actor, rows["s1"].id, {})
    fair.move("scheduled")
    with pytest.raises(Closed, match="until the deadline"):
        fair.prefer(rows["s1"], {})


def test_an_organization_on_both_sides_never_meets_itself(fair):
    fair.move("registration")
    supplier = fair.register("s1", "supplier")
    demander = fair.register("s1", "demander")
    other = fair.register("d1", "demander")
    fair.move("preference")
    fair.prefer(supplier, {demander.id: "1", other.id: "2"})
    fair.move("scheduled")
    run = fair.compute(fair.ask())
    assert [(one["supplier"], one["demander"]) for one in run.input["wishes"]] == [(f"s{supplier.id}", f"d{other.id}")]


def test_floors_that_blocked_slots_make_impossible_are_named(fair):
    rows = ready(fair, s1={"free": (0,), "least": 2})
    everybody_likes_everybody(fair, rows)
    fair.move("scheduled")
    run = fair.compute(fair.ask())
    assert run.state == "done"
    assert run.result["floors_dropped"] == [f"s{rows['s1'].id}"]
    (short,) = [one for one in run.result["unserved"] if one["party"] == f"s{rows['s1'].id}"]
    assert (short["reason"], short["needed"], short["possible"]) == ("timetable.too_few_slots", 2, 1)


def test_input_that_makes_no_sense_is_kept_as_findings(fair):
    ready(fair)
    fair.move("scheduled")
    number = fair.ask()
    with fair.resources.write() as work:
        run = fair.run(work, number)
        run.wanted = {"fairness": -1.0, "longest_run": None}
        work.session.add(run)
    failed = fair.compute(number)
    assert failed.state == "failed"
    assert [one["id"] for one in failed.findings] == ["timetable.fairness"]
    with pytest.raises(Refused, match="not ready"):
        fair.publish(number)


def test_interpreters_are_needed_where_two_have_no_language_in_common(fair):
    rows = ready(fair, s1={"languages": ("zh",)}, d1={"languages": ("en",)})
    everybody_likes_everybody(fair, rows)
    fair.move("scheduled")
    run = fair.compute(fair.ask())
    pairs = {(one["supplier"], one["demander"]) for one in run.input["wishes"] if one["interpreted"]}
    assert pairs == {(f"s{rows['s1'].id}", f"d{rows['d1'].id}")}


def test_somebody_withdraws_while_the_timetable_is_made(fair):
    rows = ready(fair)
    everybody_likes_everybody(fair, rows)
    fair.move("scheduled")
    number = fair.ask()
    with fair.resources.read() as work:
        id = fair.run(work, number).id
    real = scheduling.computed

    def computed(*given):
        withdraw(fair, "s1", rows["s1"])
        return real(*given)

    scheduling.computed = computed
    try:
        scheduling.compute(fair.resources, Leased(0, "", "", "", {"run": id}, 1, "w"))
    finally:
        scheduling.computed = real
    with pytest.raises(Refused, match="somebody has withdrawn"):
        fair.publish(number)
    again = fair.ask()
    run = fair.compute(again)
    assert all(one[2] != f"s{rows['s1'].id}" for one in run.result["meetings"])
    fair.publish(again)
    assert fair.event().state == State.PUBLISHED


def test_two_hosts_publish_at_once(fair):
    rows = ready(fair)
    everybody_likes_everybody(fair, rows)
    fair.move("scheduled")
    numbers = [fair.ask(), fair.ask("stable")]
    for number in numbers:
        fair.compute(number)

    def publish(number):
        try:
            fair.publish(number)
        except Refused as error:
            return error.id
        return "done"

    with ThreadPoolExecutor(2) as hosts:
        ended = sorted(hosts.map(publish, numbers))
    assert ended == ["done", "events.published_already"]
    event = fair.event()
    with fair.resources.read() as work:
        run = work.session.get_one(TimetableRun, event.run_id)
    assert len(fair.meetings()) == len(run.result["meetings"])
    assert publish(run.number) == "done", "the same again changes nothing"
    assert len(fair.meetings()) == len(run.result["meetings"])


def test_every_party_is_asked_whom_it_wants_to_meet_and_told_of_the_timetable(fair):
    fair.published()
    everybody = sorted(unit.actor.email for unit in fair.units.values())
    asked, told = (
        sorted(mail["to"] for mail in mails(fair) if mail["subject"].startswith(words))
        for words in ("请填报志愿", "日程已发布")
    )
    assert asked == told == everybody
    assert fair.event().revision == 1


def test_publishing_and_closing_need_few_statements_however_many_meet(fair, statements):
    rows = ready(fair)
    everybody_likes_everybody(fair, rows)
    fair.move("scheduled")
    number = fair.ask()
    fair.compute(number)
    with statements() as said:
        fair.publish(number)
    assert len(fair.meetings()) > 3
    assert sum("INTO event_meeting" in one for one in said) == 1
    fair.go_live()
    with statements() as said:
        fair.move("closed")
    registrations = [one for one in said if "FROM event_registration" in one]
    assert len(registrations) == 2, "what was brought here, and what is brought elsewhere"
    assert sum("FROM demand" in one and "demand.id IN" in one for one in said) == 1


def test_the_making_can_be_undone_until_it_is_published(fair):
    ready(fair)
    fair.move("scheduled")
    fair.compute(fair.ask())
    fair.move("preference")
    fair.move("scheduled")
    with pytest.raises(Refused, match="cannot be done from there"):
        fair.move("published")
    with fair.resources.write() as work, pytest.raises(NotFound):
        service.move(work, fair.units["s1"].actor, fair.slug, "preference")


def test_a_job_done_twice_changes_nothing(fair):
    ready(fair)
    fair.move("scheduled")
    number = fair.ask()
    first = fair.compute(number)
    fair.clock.advance(minutes=5)
    assert fair.compute(number).finished_at == first.finished_at
    with fair.resources.read() as work:
        assert (
            work.session.exec(select(Job).where(Job.kind == scheduling.TIMETABLE_JOB)).one().lane.startswith("event:")
        )


def test_a_no_show_at_nine_is_repaired_with_few_changes(fair):
    rows = fair.published()
    before = {(one.supplier_id, one.demander_id): one for one in fair.meetings()}
    fair.go_live(minutes=5)
    number = fair.ask_repair(rows["s1"])
    run = fair.compute(number)
    assert run.wanted["now"] == 1, "the slot at nine has begun"
    counted = sum(len(run.result[name]) for name in ("kept", "moved", "cancelled"))
    assert counted == len(before), "every meeting is accounted for"
    lost = [one for one in before.values() if one.supplier_id == rows["s1"].id and one.slot >= 1]
    assert len(run.result["cancelled"]) >= len(lost) > 0
    told = len(mails(fair))
    fair.apply(number)
    after = {(one.supplier_id, one.demander_id): one for one in fair.meetings()}
    for one in lost:
        again = after[one.supplier_id, one.demander_id]
        assert (again.state, again.reason) == (MeetingState.CANCELLED, "timetable.party_gone")
        assert again.sequence == one.sequence + 1
    past = [pair for pair, one in before.items() if one.slot == 0]
    assert past
    assert all(after[pair].state == MeetingState.PROPOSED and after[pair].slot == 0 for pair in past)
    assert len(mails(fair)) > told
    fair.apply(number)
    assert fair.event().revision == 2, "applied twice is applied once"


def test_a_preview_that_is_overtaken_is_refused(fair):
    rows = fair.published()
    first, second = fair.ask_repair(rows["s1"]), fair.ask_repair(rows["s2"])
    for number in (first, second):
        fair.compute(number)
    fair.apply(first)
    with pytest.raises(Refused, match="Make it once more"):
        fair.apply(second)
    third = fair.ask_repair(rows["s1"], rows["s2"])
    fair.compute(third)
    fair.go_live(minutes=50)
    with pytest.raises(Refused, match="a slot has begun"):
        fair.apply(third)


def test_who_withdraws_after_publication_is_gone_in_every_repair(fair):
    rows = fair.published()
    withdraw(fair, "d2", rows["d2"])
    number = fair.ask_repair()
    fair.compute(number)
    fair.apply(number)
    standing = {MeetingState.PROPOSED, MeetingState.CONFIRMED}
    assert all(one.state not in standing for one in fair.meetings() if one.demander_id == rows["d2"].id)


def test_who_comes_late_gets_meetings_again(fair):
    rows = fair.published()
    out = fair.ask_repair(rows["s1"])
    fair.compute(out)
    fair.apply(out)
    back = fair.ask_repair()
    fair.compute(back)
    fair.apply(back)
    with fair.resources.read() as work:
        assert seats.parties(work, fair.event())[0].gone_from is None
    standing = [
        one for one in fair.meetings() if one.supplier_id == rows["s1"].id and one.state == MeetingState.PROPOSED
    ]
    assert standing


def test_wishes_are_kept_within_their_limits(fair):
    ready(fair)
    fair.move("scheduled")
    for given in ({"method": "magic"}, {"fairness": -1.0}, {"longest_run": 0}):
        with fair.resources.write() as work, pytest.raises(Malformed):
            scheduling.ask(work, fair.host, fair.slug, **{"method": "plan", **given})
    with fair.resources.write() as work, pytest.raises(Refused, match="no published timetable"):
        scheduling.ask_repair(work, fair.host, fair.slug, gone=[])


def test_seats_for_nobody_are_no_event(fair):
    with fair.resources.write() as work, pytest.raises(Malformed) as caught:
        service.edit(work, fair.host, fair.slug, replace(fairs.WORDS, supplier_seats=0))
    assert [fault.field for fault in caught.value.fields] == ["supplier_seats"]


def test_a_timetable_whose_job_was_given_up_is_not_being_made_for_ever(fair):
    ready(fair)
    fair.move("scheduled")
    number = fair.ask()
    with fair.resources.write() as work:
        (job,) = work.session.exec(select(Job).where(Job.kind == scheduling.TIMETABLE_JOB))
        job.state = "dead"
        work.session.add(job)
    with fair.resources.read() as work:
        page = run_pages.runs(work, fair.host, fair.slug)
        assert ([row.state for row in page.runs], page.waiting, page.may_ask) == (["lost"], False, True)
        assert run_pages.run_page(work, fair.host, fair.slug, number).run.state == "lost"
    assert fair.compute(fair.ask()).state == "done"


def test_a_slow_worker_does_not_change_a_timetable_that_another_one_has_made(fair, monkeypatch):
    ready(fair)
    fair.move("scheduled")
    number, computed = fair.ask(), scheduling.computed

    def slowly(*given):
        monkeypatch.setattr(scheduling, "computed", computed)
        fair.compute(number)
        fair.publish(number)
        return {"result": {"meetings": []}, "figures": {}}

    monkeypatch.setattr(scheduling, "computed", slowly)
    run = fair.compute(number)
    assert run.figures
    assert len(run.result["meetings"]) == len(fair.meetings())


def test_the_same_asked_twice_is_made_once(fair):
    ready(fair)
    fair.move("scheduled")
    with ThreadPoolExecutor(3) as clicks:
        assert set(clicks.map(lambda _: fair.ask(fairness=0.5), range(3))) == {1}
    assert fair.ask(fairness=1.0) == 2
    fair.compute(1)
    assert fair.ask(fairness=0.5) == 3, "people may have changed since it was made"


def test_many_timetables_leave_room_for_repairs_on_the_day(fair, monkeypatch):
    monkeypatch.setattr(scheduling, "MOST_RUNS", 1)
    rows = fair.published()
    assert fair.ask_repair(rows["s1"]) == 2
    monkeypatch.setattr(scheduling, "MOST_REPAIRS", 1)
    fair.compute(2)
    with pytest.raises(Refused, match="has 1 timetables already"):
        fair.ask_repair(rows["s2"])


def test_a_host_who_lowers_places_and_meetings_gets_a_timetable_all_the_same(fair):
    rows = ready(fair)
    everybody_likes_everybody(fair, rows)
    with fair.resources.write() as work:
        service.edit(work, fair.host, fair.slug, replace(fairs.WORDS, ranks=1, most=1))
    fair.move("scheduled")
    run = fair.compute(fair.ask())
    assert run.state == "done"
    assert all(wish["to_supplier"] > 1 for wish in run.input["wishes"])
    assert {party["most"] for party in (*run.input["suppliers"], *run.input["demanders"])} == {1}
    assert len(run.result["meetings"]) == 3


def test_a_repair_says_beforehand_who_will_be_told(fair):
    rows = fair.published()
    number = fair.ask_repair(rows["d1"])
    fair.compute(number)
    with fair.resources.read() as work:
        told = {one.said("en") for one in run_pages.run_page(work, fair.host, fair.slug, number).told.names}
    before = len(mails(fair))
    fair.apply(number)
    people = {unit.actor.email: unit.name for unit in fair.units.values()}
    assert {people[one["to"]] for one in mails(fair)[before:]} == told
    assert "Unit d1" in told
