"""Numbers to coordinates: what must hold for any numbers, and what a few well-known ones give."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ui.charts import Series, axis, histogram, rail, span, step_chart, time_axis

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
numbers = st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-12)
directions = st.sampled_from(["max", "min"])


def labels(ticks):
    return [tick.label for tick in ticks]


@given(st.lists(numbers, min_size=1, max_size=40), directions)
def test_every_axis_can_be_drawn(values, direction):
    made = axis(values, direction=direction)
    places = [tick.at for tick in made.ticks] + list(made.minor)
    assert made.low < made.high
    assert 1 <= len(made.ticks) <= 6
    assert all(0 <= place <= 100 for place in places)
    assert places[: len(made.ticks)] == sorted(places[: len(made.ticks)])
    assert len(set(labels(made.ticks))) == len(made.ticks), "two ticks with one label say nothing"


@given(st.lists(numbers, min_size=1, max_size=40), directions)
def test_dots_keep_their_order_and_the_better_side(values, direction):
    made = axis(values, direction=direction)
    dots = [rail(made, value).dot for value in sorted(values)]
    assert dots == sorted(dots)
    best = max(values) if direction == "max" else min(values)
    assert rail(made, best).off is None, "the best is never off the axis"
    assert made.better == ("right" if direction == "max" else "left")


@given(st.lists(numbers, min_size=1, max_size=40), directions, numbers)
def test_what_is_off_is_said_to_be_off(values, direction, value):
    made = axis(values, direction=direction)
    off = rail(made, value).off
    hair = 1e-6 * (made.high - made.low)
    assert off == ("left" if value < made.low - hair else "right" if value > made.high + hair else None)


def test_an_interval_lies_around_its_dot():
    made = axis([0.70, 0.75], direction="max")
    drawn = rail(made, 0.72, 0.71, 0.73)
    assert drawn.low < drawn.dot < drawn.high
    assert math.isclose(drawn.dot - drawn.low, drawn.high - drawn.dot, abs_tol=0.02)
    assert rail(made, 0.72).low is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.7041, 0.7412], ["0.71", "0.72", "0.73", "0.74"]),
        ([78.6, 90.8], ["80", "85", "90"]),
        ([0, 1], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([-3, 3], ["−2", "0", "2"]),
        ([12000, 48000], ["10,000", "20,000", "30,000", "40,000", "50,000"]),
        ([0.71234, 0.71240], ["0.71236", "0.71240"]),
        ([2.1e-9, 2.9e-9], ["2.4×10⁻⁹", "2.8×10⁻⁹"]),
        ([3e9, 9e9], ["4×10⁹", "6×10⁹", "8×10⁹"]),
    ],
)
def test_ticks_are_round_and_read_well(values, expected):
    found = labels(axis(values, direction="max").ticks)
    assert found == expected


def test_one_team_and_equal_teams_get_room():
    for values in ([0.5], [0.5, 0.5, 0.5], [0.0], [-7.0, -7.0]):
        made = axis(values, direction="max")
        assert made.low < values[0] < made.high
        assert 20 < rail(made, values[0]).dot < 80


def test_a_straggler_does_not_squeeze_the_others():
    values = [12.3, 12.6, 13.9, 14.0, 15.2, 96.4]
    made = axis(values, direction="min")
    assert made.high < 20
    assert [rail(made, value).off for value in values] == [None] * 5 + ["right"]
    far_ahead = axis(values, direction="max")
    assert far_ahead.high > 96, "who is far ahead stays on the axis"


def test_minor_ticks_divide_the_labelled_ones():
    made = axis([78.0, 92.0], direction="max")
    assert {tick.at for tick in made.ticks} <= set(made.minor)
    assert len(made.minor) > len(made.ticks)


@given(st.integers(0, 2_000_000_000), st.integers(1, 400_000_000))
def test_time_lines_of_any_length_have_few_ticks_inside(start, seconds):
    begin = datetime.fromtimestamp(start, UTC)
    end = begin + timedelta(seconds=seconds)
    made = time_axis(begin, end, now=end + timedelta(days=1), zone=SHANGHAI)
    places = [tick.at for tick in made.ticks]
    assert len(places) <= 6
    assert all(3 <= place <= 97 for place in places)
    assert places == sorted(places)
    assert made.now is None


def test_a_time_line_counts_days_of_its_zone():
    made = time_axis(START, START + timedelta(days=4), now=START - timedelta(1), zone=SHANGHAI)
    assert labels(made.ticks) == ["10-13", "10-14", "10-15", "10-16"]
    assert made.ticks[0].at == made.at(datetime(2026, 10, 13, tzinfo=SHANGHAI))


def test_the_word_now_gets_room():
    now = datetime(2026, 10, 14, 1, tzinfo=SHANGHAI)
    made = time_axis(START, START + timedelta(days=4), now=now, zone=SHANGHAI)
    assert made.now == made.at(now)
    assert "10-14" not in labels(made.ticks)


def test_a_day_of_23_hours_moves_no_tick():
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 27, tzinfo=berlin)
    made = time_axis(begin, begin + timedelta(days=5), now=begin - timedelta(1), zone=berlin)
    for tick, day in zip(made.ticks, range(27, 33), strict=False):
        assert tick.at == made.at(datetime(2026, 3, 27, tzinfo=berlin) + timedelta(days=day - 27))


@pytest.mark.parametrize(("first", "last", "state"), [(-5, -1, "past"), (-1, 1, "now"), (1, 3, "next")])
def test_windows_know_where_they_stand(first, last, state):
    line = time_axis(START - timedelta(days=9), START + timedelta(days=9), now=START, zone=SHANGHAI)
    window = span(line, START + timedelta(days=first), START + timedelta(days=last), now=START)
    assert window.state == state
    assert window.start < window.end


def points(*pairs):
    return [(START + timedelta(days=day), score) for day, score in pairs]


def chart(series, direction="max", **more):
    end = START + timedelta(days=10)
    return step_chart(series, start=START, end=end, zone=SHANGHAI, direction=direction, **more)


def test_lines_step_only_to_something_better():
    made = chart([Series("a", points((5, 0.6), (1, 0.5), (2, 0.4), (3, 0.55)))])
    (line,) = made.lines
    assert line.path.startswith("M100 ")
    assert line.path.count("H") == 3, "0.5, 0.55, 0.6, then on to the end"
    assert line.path.endswith("H1000")
    falling = chart([Series("a", points((1, 0.5), (2, 0.4), (3, 0.55)))], "min")
    assert falling.lines[0].path.count("V") == 1


@given(
    st.lists(st.lists(st.tuples(st.floats(0, 10), numbers), min_size=1, max_size=8), min_size=1, max_size=9), directions
)
def test_step_charts_of_any_numbers_have_readable_ends(runs, direction):
    made = chart([Series(str(i), points(*run)) for i, run in enumerate(runs)], direction)
    ends = sorted(line.label_y for line in made.lines)
    assert all(lower - upper >= 16.9 for upper, lower in pairwise(ends)), "labels overlap"
    assert all(-0.01 <= line.end_y <= made.height + 0.01 for line in made.lines)
    assert [line.hue for line in made.lines] == [2, 3, 4, 5, 0, 0, 0, 0, 0][: len(runs)]


def test_mine_takes_the_accent_and_leaves_the_others_theirs():
    made = chart([Series(name, points((1, 0.5)), mine=name == "b") for name in "abc"])
    assert [line.hue for line in made.lines] == [2, 1, 3]


def test_dots_beyond_the_axis_are_counted_not_drawn():
    made = chart([Series("a", points((1, 0.70), (2, 0.74)))], dots=points((1, 0.70), (2, 0.74), (3, 0.1)))
    assert (len(made.dots), made.hidden) == (2, 1)


def test_both_ends_of_the_time_are_labelled():
    made = chart([Series("a", points((1, 0.7)))])
    assert (made.x_ticks[0].label, made.x_ticks[-1].label) == ("10-12", "10-22")
    assert (made.x_ticks[0].anchor, made.x_ticks[-1].anchor) == ("start", "end")


def test_notes_outside_the_time_are_left_out():
    made = chart(
        [Series("a", points((1, 0.7)))], notes=[*points((2, "in"), (9, "late")), (START - timedelta(1), "out")]
    )
    assert [(note.text, note.anchor) for note in made.notes] == [("in", "start"), ("late", "end")]


@given(st.lists(numbers, min_size=1, max_size=60))
def test_histograms_lose_nobody(values):
    made = histogram(values, mark=values[0])
    assert sum(bar.count for bar in made.bars) == made.total == len(values)
    assert sum(bar.mine for bar in made.bars) == 1
    assert all(bar.height >= 0 for bar in made.bars)
    assert all(math.isclose(bar.y + bar.height, made.height, abs_tol=0.02) for bar in made.bars), "bars stand on zero"
    assert len(made.bars) <= 18


def test_bins_hold_their_lower_edge():
    made = histogram([0.0, 0.1, 0.2, 0.3, 0.3, 1.6])
    assert [(bar.low, bar.count) for bar in made.bars if bar.count] == [
        ("0.0", 1), ("0.1", 1), ("0.2", 1), ("0.3", 2), ("1.5", 1)
    ]  # fmt: skip


def test_only_finite_numbers_are_drawn():
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            axis([0.5, value], direction="max")
        with pytest.raises(ValueError, match="finite"):
            histogram([0.5, value])
