"""When and where by themselves: the colouring and the tables."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.events.timetable.colouring import coloured
from leaderboard.events.timetable.seating import seated

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(10, 19)), unique=True, max_size=60)


@given(EDGES, st.integers(0, 3))
def test_a_colouring_is_proper_and_even(edges, spare):
    degrees = Counter(end for edge in edges for end in edge)
    colours = max(degrees.values(), default=1) + spare
    found = coloured(edges, 20, colours)
    taken = [(end, colour) for edge, colour in zip(edges, found, strict=True) for end in edge]
    assert len(set(taken)) == len(taken)
    load = Counter(found)
    assert not edges or max(load.values()) - min(load[colour] for colour in range(colours)) <= 1


@given(EDGES, st.integers(0, 2))
def test_every_meeting_has_a_table_of_its_own(edges, spare):
    degrees = Counter(end for edge in edges for end in edge)
    colours = max(degrees.values(), default=1)
    placed = [
        (slot, f"s{first}", f"d{second}")
        for (first, second), slot in zip(edges, coloured(edges, 20, colours), strict=True)
    ]
    tables = max(Counter(slot for slot, _, _ in placed).values(), default=1) + spare
    found = seated(placed, tables)
    assert sorted((one.slot, *one.pair) for one in found) == sorted(placed)
    assert len({(one.slot, one.table) for one in found}) == len(found)
    assert all(0 <= one.table < tables for one in found)


def test_whoever_meets_twice_running_keeps_the_table():
    found = seated([(0, "a", "x"), (0, "b", "y"), (1, "b", "x"), (2, "b", "z"), (2, "a", "x")], tables=2)
    at = {(one.slot, one.supplier): one.table for one in found}
    assert at[0, "b"] == at[1, "b"] == at[2, "b"]


def test_given_tables_stay():
    found = seated([(0, "a", "x"), (0, "b", "y")], tables=3, kept={(0, "b", "y"): 0})
    assert {one.supplier: one.table for one in found} == {"b": 0, "a": 1}
