"""What a repair may change: nothing that is past, little of what stands, and every old meeting is accounted for."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.events.timetable import Hall, Party, Wish, plan, repair
from tests.events.timetable.instances import assert_lawful, events


def day(suppliers=12, demanders=12, slots=6, tables=10):
    drawn = random.Random(2)
    left = [Party(f"s{number:02}", slots) for number in range(suppliers)]
    right = [Party(f"d{number:02}", slots) for number in range(demanders)]
    wishes = [Wish(one.key, two.key, drawn.uniform(0.2, 1)) for one in left for two in right if drawn.random() < 0.7]
    return left, right, wishes, Hall(slots, tables)


@st.composite
def changes(draw):
    event = draw(events(blocked=True, floors=True, limits=True))
    suppliers, demanders, _, hall = event
    keys = [party.key for party in [*suppliers, *demanders]]
    return event, {
        "gone": frozenset(draw(st.sets(st.sampled_from(keys), max_size=2))),
        "blocked": frozenset(
            draw(st.sets(st.tuples(st.sampled_from(keys), st.integers(0, hall.slots - 1)), max_size=3))
        ),
        "now": draw(st.integers(0, hall.slots)),
        "loss": draw(st.sampled_from([0.0, 0.1, 1.0])),
    }


@given(changes())
def test_laws_of_every_repair(drawn):
    event, change = drawn
    before = plan(*event, rounds=10)
    found = repair(before, *event, **change, rounds=10)
    now, gone, blocked = change["now"], change["gone"], change["blocked"]
    assert_lawful(found.timetable, *event)
    old = [*found.kept, *(one.before for one in found.moved), *(one.meeting for one in found.cancelled)]
    assert sorted(old) == list(before.meetings)
    assert sorted([*found.kept, *(one.after for one in found.moved), *found.added]) == list(found.timetable.meetings)
    assert {one for one in before.meetings if one.slot < now} <= set(found.kept)
    for one in found.timetable.meetings:
        if one.slot >= now:
            assert not gone & set(one.pair)
            assert not blocked & {(key, one.slot) for key in one.pair}
    assert all(one.after.slot >= now <= one.before.slot for one in found.moved)
    assert {one.meeting for one in found.cancelled if one.reason == "timetable.party_gone"} == {
        one for one in before.meetings if one.slot >= now and gone & set(one.pair)
    }


@pytest.mark.slow
@given(changes())
@settings(max_examples=50)
def test_when_any_loss_is_allowed_only_what_cannot_stay_changes(drawn):
    event, change = drawn
    before = plan(*event, rounds=10)
    found = repair(before, *event, **{**change, "loss": 1.0}, rounds=10)
    hit = {
        one
        for one in before.meetings
        if one.slot >= change["now"]
        and (change["gone"] & set(one.pair) or change["blocked"] & {(key, one.slot) for key in one.pair})
    }
    assert set(found.kept) == set(before.meetings) - hit
    assert not any(one.reason == "timetable.given_up" for one in found.cancelled)


@given(events(blocked=True, limits=True))
@settings(max_examples=40)
def test_without_a_change_nothing_changes_if_the_plan_was_the_best(event):
    before = plan(*event)
    found = repair(before, *event)
    assert set(before.meetings) == set(found.kept) or not before.exact
    assert found.timetable.worth >= before.worth - 1e-9


def test_freed_places_go_to_others_and_nobody_else_moves():
    event = day()
    before = plan(*event)
    found = repair(before, *event, gone={"s03"})
    freed = sum("s03" in one.pair for one in before.meetings)
    assert freed == len(found.cancelled) > 0
    assert len(found.kept) == len(before.meetings) - freed
    assert not found.moved
    assert found.added
    assert all("s03" not in one.pair for one in found.timetable.meetings)


def test_a_no_show_touches_only_what_is_still_to_come():
    event = day()
    before = plan(*event)
    found = repair(before, *event, gone={"d05"}, now=3)
    held = {one for one in before.meetings if one.slot < 3}
    assert {one for one in found.timetable.meetings if one.slot < 3} == held
    assert any("d05" in one.pair for one in held)
    assert not any("d05" in one.pair for one in found.timetable.meetings if one.slot >= 3)


def test_a_displaced_pair_meets_in_another_slot():
    event = [Party("s0", 3)], [Party("d0", 3)], [Wish("s0", "d0", 1.0)], Hall(3, 1)
    before = plan(*event)
    slot = before.meetings[0].slot
    found = repair(before, *event, blocked={("s0", slot)})
    assert [one.before for one in found.moved] == list(before.meetings)
    assert found.moved[0].after.slot != slot


def test_somebody_moves_only_when_too_much_would_be_lost():
    """d0 and s0 meet in the one slot in which s1 could meet d0, who comes into s1's wishes late."""
    suppliers, demanders, wishes = [Party("s0", 2), Party("s1", 2)], [Party("d0", 2)], [Wish("s0", "d0", 1.0)]
    before = plan(suppliers, demanders, wishes, Hall(2, 1))
    (old,) = before.meetings
    blocked = {("s1", 1 - old.slot)}
    event = suppliers, demanders, [*wishes, Wish("s1", "d0", 0.5)], Hall(2, 1)
    tolerant, strict = (repair(before, *event, blocked=blocked, loss=loss) for loss in (0.5, 0.1))
    assert tolerant.kept == (old,)
    assert not tolerant.added
    assert [one.before for one in strict.moved] == [old]
    assert [one.supplier for one in strict.added] == ["s1"]
    assert strict.timetable.exact
