"""Flows: equal scale, nothing lost, inside the drawing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ui.flow import DIP, THIN, Link, Stage, flow

COUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=6)


def stages(counts):
    return [Stage(f"s{at}", f"Stage {at}", count, str(count)) for at, count in enumerate(counts)]


def ys(path):
    return [float(y) for y in re.findall(r"[MC ]-?[\d.]+ (-?[\d.]+)", path)]


@given(COUNTS)
def test_heights_are_proportional_and_centred(counts):
    drawn = flow(stages(counts), [], height=180)
    unit = 180 / max(1, *counts)
    for bar, count in zip(drawn.bars, counts, strict=True):
        assert bar.height == pytest.approx(max(THIN, count * unit) if count else 0, abs=0.06)
        assert bar.y + bar.height / 2 == pytest.approx(90, abs=0.11)
        assert 0 <= bar.x <= 97
    assert drawn.height == 180


@given(COUNTS, st.data())
def test_every_link_is_drawn_inside_the_drawing_at_the_scale_of_the_bars(counts, data):
    held = stages(counts)
    pairs = [(a, b) for a in range(len(counts)) for b in range(a + 1, len(counts))]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    links = [Link(f"s{a}", f"s{b}", data.draw(st.integers(0, min(counts[a], counts[b])))) for a, b in chosen]
    drawn = flow(held, links, height=180)
    assert {(band.link.start, band.link.end) for band in drawn.bands} == {(x.start, x.end) for x in links if x.count}
    unit = 180 / max(1, *counts)
    for band in drawn.bands:
        assert band.width == pytest.approx(max(THIN, band.link.count * unit), abs=0.06)
        assert all(y - band.width / 2 >= -0.1 and y + band.width / 2 <= drawn.height + 0.1 for y in ys(band.path))


def test_bands_of_one_bar_lie_below_each_other_and_one_that_leaves_stages_out_passes_below():
    drawn = flow(stages([10, 4, 5]), [Link("s0", "s2", 3), Link("s0", "s1", 4), Link("s1", "s2", 2)], height=100)
    direct, second, skipping = drawn.bands
    assert (direct.link.count, second.link.count, skipping.link.count) == (4, 2, 3)
    assert ys(direct.path)[0] == pytest.approx(20)  # 0 to 40 of the first bar
    assert ys(skipping.path)[0] == pytest.approx(55)  # 40 to 70
    assert max(ys(skipping.path)) >= 100 + DIP
    assert drawn.height > 100


def test_a_link_between_stages_that_are_not_there_is_a_fault():
    with pytest.raises(KeyError):
        flow(stages([1, 2]), [Link("s0", "s9", 1)])
