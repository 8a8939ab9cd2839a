"""Why somebody got nothing: the names are checked against the input alone, not against the way they were found."""

from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.events.timetable import Hall, Party, Wish, plan, repair, stable
from tests.events.timetable.instances import events, free_slots


def assert_cut(proof, suppliers, demanders, wishes, hall):
    """No timetable gives `rivals` more than `possible` meetings: what `wanted` can take, and their wishes elsewhere."""
    parties = {party.key: party for party in [*suppliers, *demanders]}
    free = {key: free_slots(party, hall) for key, party in parties.items()}
    meetable = [{one.supplier, one.demander} for one in wishes if free[one.supplier] & free[one.demander]]
    rivals, wanted = set(proof.rivals), set(proof.wanted)
    assert proof.party in rivals
    room = sum(min(parties[key].most, len(free[key])) for key in wanted)
    elsewhere = sum(len(pair & rivals) == 1 and not pair & wanted for pair in meetable)
    assert room + elsewhere == proof.possible < proof.needed
    if proof.reason == "timetable.floors_collide":
        assert proof.needed == sum(parties[key].least for key in rivals)


@given(events(blocked=True, floors=True), st.sampled_from([plan, stable]))
@settings(max_examples=150)
def test_reasons_are_true(event, way):
    suppliers, demanders, wishes, hall = event
    found = way(*event, rounds=10)
    parties = {party.key: party for party in [*suppliers, *demanders]}
    met = {key: sum(key in one.pair for one in found.meetings) for key in parties}
    lacking = {key for key, party in parties.items() if met[key] < party.least or (met[key] == 0 < party.most)}
    assert {one.party for one in found.unserved} == lacking
    for one in found.unserved:
        assert (one.got, one.least) == (met[one.party], parties[one.party].least)
        wished = {(wish.supplier, wish.demander) for wish in wishes if one.party in (wish.supplier, wish.demander)}
        partners = {key for pair in wished for key in pair} - {one.party}
        mine = free_slots(parties[one.party], hall)
        match one.reason:
            case "timetable.no_wishes":
                assert not wished
            case "timetable.never_free":
                assert not mine
            case "timetable.no_slot_in_common":
                assert set(one.wanted) == partners
                assert not any(free_slots(parties[key], hall) & mine for key in partners)
            case "timetable.too_few_slots":
                assert one.possible == min(len(mine), parties[one.party].most) < one.needed == one.least
            case "timetable.crowded" | "timetable.floors_collide":
                assert_cut(one, *event)
            case "timetable.hall_full":
                assert len(found.meetings) == hall.tables * len(
                    {slot for party in parties.values() for slot in free_slots(party, hall)}
                )
            case "timetable.no_time_found":
                assert all(met[key] < parties[key].most for key in one.wanted)
            case reason:
                assert reason in {"timetable.would_displace", "timetable.floors_fill_the_hall"}


@given(events(floors=True))
@settings(max_examples=80)
def test_a_dropped_floor_is_always_proved(event):
    found = plan(*event)
    reasons = {one.party: one.reason for one in found.unserved}
    for key in found.floors_dropped:
        assert reasons[key] in {
            "timetable.floors_collide",
            "timetable.too_few_slots",
            "timetable.floors_fill_the_hall",
            "timetable.no_wishes",
            "timetable.no_slot_in_common",
        }


def test_two_floors_that_want_the_same_two_meetings_are_named_together():
    suppliers = [Party("a", 2, 2), Party("b", 2, 2), Party("c", 2, 1)]
    demanders = [Party("x", 1), Party("y", 1), Party("z", 2)]
    wishes = [Wish(one, two, 1.0) for one in "ab" for two in "xy"] + [Wish("c", "z", 1.0)]
    found = plan(suppliers, demanders, wishes, Hall(3, 3))
    assert len(found.floors_dropped) == 1
    proof = found.unserved[0]
    assert (proof.party,) == found.floors_dropped
    assert (proof.reason, proof.rivals, proof.wanted) == ("timetable.floors_collide", ("a", "b"), ("x", "y"))
    assert (proof.needed, proof.possible) == (4, 2)


def test_floors_that_need_more_tables_than_there_are():
    parties = [Party(f"s{n}", 1, 1) for n in range(3)], [Party(f"d{n}", 1) for n in range(3)]
    found = plan(*parties, [Wish(f"s{n}", f"d{n}", 1.0) for n in range(3)], Hall(1, 2))
    assert [one.reason for one in found.unserved if one.least] == ["timetable.floors_fill_the_hall"]


def test_somebody_left_out_in_favour_of_others_learns_who_would_have_to_change():
    wishes = [Wish("a", "x", 1.0), Wish("a", "y", 0.1), Wish("b", "x", 0.2)]
    found = plan([Party("a", 1), Party("b", 1)], [Party("x", 1), Party("y", 1)], wishes, Hall(1, 2))
    said = {one.party: (one.reason, one.rivals) for one in found.unserved}
    assert said["b"] == ("timetable.would_displace", ("a",))


def test_after_the_last_slot_nothing_more_is_promised():
    event = [Party("a", 2)], [Party("x", 2)], [Wish("a", "x", 1.0)], Hall(2, 1)
    before = plan([Party("a", 2)], [], [], Hall(2, 1))
    found = repair(before, *event, now=2)
    assert found.timetable.meetings == ()
    assert {one.reason for one in found.timetable.unserved} == {"timetable.never_free"}
    assert found.timetable.blocking_pairs == ()
