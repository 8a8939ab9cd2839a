"""What makes no sense is refused, with everything that is wrong at once."""

import pickle
from math import inf, nan

import pytest

from leaderboard.events.timetable import (
    Aims,
    Hall,
    Meeting,
    Party,
    Timetable,
    TimetableError,
    Wish,
    plan,
    repair,
    stable,
)

GOOD = [Party("s", 2)], [Party("d", 2)], [Wish("s", "d", 1.0)], Hall(2, 2)


def findings(work):
    with pytest.raises(TimetableError) as caught:
        work()
    assert isinstance(caught.value, ValueError)
    return [one.id.removeprefix("timetable.") for one in caught.value.findings]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ((*GOOD[:3], Hall(0, 1)), ["slots"]),
        ((*GOOD[:3], Hall(2, 0)), ["tables"]),
        ((*GOOD[:3], Hall(2, 1, interpreters=-1)), ["interpreters"]),
        ((*GOOD[:3], Hall(2, 1, breaks=frozenset({2}))), ["break_outside"]),
        ((*GOOD[:3], Hall(2, 1, breaks=frozenset({0, 1}))), ["nobody_free"]),
        (([Party("s", 2, free=frozenset())], [Party("d", 2, free=frozenset())], *GOOD[2:]), ["nobody_free"]),
        (([Party("s", 2, free=frozenset({5}))], *GOOD[1:]), ["free_outside"]),
        (([Party("s", -1, -1)], *GOOD[1:]), ["least", "most"]),
        (([Party("s", 1, 2)], *GOOD[1:]), ["floor_above_most"]),
        (([Party("s", 1), Party("s", 2)], *GOOD[1:]), ["party_twice"]),
        (([Party("s", 1)], [Party("s", 1), Party("d", 1)], *GOOD[2:]), ["party_twice"]),
        ((*GOOD[:2], [Wish("t", "e", 1.0)], GOOD[3]), ["unknown_demander", "unknown_supplier"]),
        ((*GOOD[:2], [Wish("d", "s", 1.0)], GOOD[3]), ["unknown_demander", "unknown_supplier"]),
        ((*GOOD[:2], [Wish("s", "d", 1.0), Wish("s", "d", 2.0)], GOOD[3]), ["wish_twice"]),
        *(((*GOOD[:2], [Wish("s", "d", value)], GOOD[3]), ["value"]) for value in (0.0, -1.0, nan, inf, -inf, 1e101)),
        ((*GOOD[:2], [Wish("s", "d", 1.0, to_supplier=nan, to_demander=0.0)], GOOD[3]), ["value", "value"]),
    ],
)
def test_each_fault_is_found(event, expected):
    assert findings(lambda: plan(*event)) == expected
    assert findings(lambda: stable(*event)) == expected


@pytest.mark.parametrize(
    ("aims", "expected"),
    [
        (Aims(fairness=-0.1), "fairness"),
        (Aims(fairness=nan), "fairness"),
        (Aims(fairness=1e9), "fairness"),
        (Aims(longest_run=0), "longest_run"),
    ],
)
def test_aims_are_checked(aims, expected):
    assert findings(lambda: plan(*GOOD, aims=aims)) == [expected]


def test_all_faults_are_said_at_once_with_what_fills_their_sentences():
    with pytest.raises(TimetableError) as caught:
        plan([Party("s", 1, 3)], [Party("d", 1)], [Wish("s", "nobody", -2.0)], Hall(0, 0))
    found = {one.id: dict(one.params) for one in caught.value.findings}
    assert found == {
        "timetable.slots": {"slots": 0},
        "timetable.tables": {"tables": 0},
        "timetable.floor_above_most": {"party": "s", "least": 3, "most": 1},
        "timetable.unknown_demander": {"supplier": "s", "demander": "nobody"},
        "timetable.value": {"supplier": "s", "demander": "nobody", "name": "value", "value": -2.0},
    }
    assert pickle.loads(pickle.dumps(caught.value)).findings == caught.value.findings


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"gone": {"nobody"}}, ["unknown_party"]),
        ({"blocked": {("nobody", 0)}}, ["unknown_party"]),
        ({"blocked": {("s", 2)}}, ["blocked_outside"]),
        ({"now": 3}, ["now"]),
        ({"now": -1, "loss": nan}, ["loss", "now"]),
        ({"loss": 1.5}, ["loss"]),
    ],
)
def test_changes_are_checked(change, expected):
    assert findings(lambda: repair(plan(*GOOD), *GOOD, **change)) == expected


@pytest.mark.parametrize(
    ("meetings", "expected"),
    [
        ([Meeting(0, 0, "s", "other")], ["meeting_without_wish"]),
        ([Meeting(2, 0, "s", "d")], ["meeting_outside"]),
        ([Meeting(0, 2, "s", "d")], ["meeting_outside"]),
        ([Meeting(0, 0, "s", "d"), Meeting(0, 1, "s", "d")], ["booked_twice", "booked_twice", "met_twice"]),
        ([Meeting(0, 0, "s", "d"), Meeting(1, 0, "s", "d")], ["met_twice"]),
    ],
)
def test_old_meetings_are_checked(meetings, expected):
    assert findings(lambda: repair(Timetable(tuple(meetings)), *GOOD)) == expected


def test_a_very_high_cap_is_no_fault_and_floors_beyond_the_day_are_dropped():
    found = plan([Party("s", 10**30, 10**30)], *GOOD[1:])
    assert found.floors_dropped == ("s",)
    assert len(found.meetings) == 1
