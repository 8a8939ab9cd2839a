"""Points, blocks, composite and grade: what a rubric may never do."""

from itertools import pairwise
from math import fsum, prod, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.quality import rubric
from scoring.quality.rubric import (
    BLOCKS,
    GRADES,
    PARTS,
    PRESETS,
    Points,
    chosen_weights,
    grade,
    judge,
    points,
    points_of,
)

MEASURES = [measure for part in PARTS.values() for measure in part.measures]
WEIGHTS = PRESETS["competition"].weights
DUPLICATES = ((0.0, 100.0), (0.01, 80.0), (0.1, 0.0))

exact = st.floats(0, 100).map(lambda value: Points(value, value, value))
spread = st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted).map(lambda x: Points(x[1], x[0], x[2]))
some = st.dictionaries(st.sampled_from(MEASURES), spread, min_size=1)


def everywhere(value: float) -> dict[str, Points]:
    return {key: Points(value, value, value) for key in MEASURES}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda one: one.key)
def test_presets_weigh_every_part_and_sum_to_100(preset):
    assert preset.weights.keys() == PARTS.keys()
    assert fsum(preset.weights.values()) == pytest.approx(100, abs=1e-9)


def test_blocks_of_the_presets():
    def blocks(key: str) -> list[float]:
        return [
            round(fsum(w for k, w in PRESETS[key].weights.items() if PARTS[k].block == block), 9) for block in BLOCKS
        ]

    assert blocks("competition") == [10, 45, 45]
    assert blocks("tc609") == [30, 40, 30]


def test_every_measure_is_in_one_part():
    assert len(MEASURES) == len(set(MEASURES))


def test_anchors_are_met_exactly_and_straight_between():
    assert [points(value, DUPLICATES) for value, _ in DUPLICATES] == [100, 80, 0]
    assert points(0.005, DUPLICATES) == pytest.approx(90)
    assert points(-1, DUPLICATES) == 100
    assert points(7, DUPLICATES) == 0


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_points_fall_where_anchors_fall(one: float, other: float):
    low, high = sorted((one, other))
    assert points(low, DUPLICATES) >= points(high, DUPLICATES)
    rising = tuple((value, 100 - score) for value, score in DUPLICATES)
    assert points(low, rising) <= points(high, rising)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_has_no_points(value: float):
    with pytest.raises(ValueError, match="finite"):
        points(value, DUPLICATES)


@pytest.mark.parametrize("anchors", [((0.0, 1.0),), ((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (1.0, 5.0), (2.0, 4.0))])
def test_anchors_of_another_form(anchors):
    with pytest.raises(ValueError, match="anchors"):
        points(0.5, anchors)


def test_an_interval_of_a_falling_measure_is_turned_round():
    assert points_of(0.01, 0.0, 0.1, DUPLICATES) == Points(80, 0, 100)


def test_a_dataset_that_is_the_same_everywhere_has_that_score():
    for value in (1.0, 40.0, 100.0):
        found = judge(everywhere(value), WEIGHTS)
        assert found.composite.value == pytest.approx(value)
        assert all(block.value == pytest.approx(value) for block in found.blocks.values())


def test_a_block_is_the_weighted_geometric_mean_of_its_measures():
    measured = {"A8": Points(50, 50, 50), "A4": Points(80, 80, 80)}
    found = judge(measured, WEIGHTS)
    expected = prod(value ** (WEIGHTS[part] / 24) for value, part in ((50, "utility"), (80, "scale")))
    assert found.blocks["application"].value == pytest.approx(expected)
    assert found.composite.value == pytest.approx(expected)
    assert found.weights == pytest.approx({"A8": 100 * 20 / 24, "A4": 100 * 4 / 24})
    assert not found.passed, "two blocks were not measured"


def test_a_zero_cannot_be_bought_back():
    found = judge(everywhere(100) | {"A8": Points(0, 0, 0)}, WEIGHTS)
    assert found.blocks["application"].value == pytest.approx(100 * (1 / 100) ** (20 / 45))


@given(some, st.sampled_from(MEASURES), st.floats(0, 100))
def test_more_points_never_lower_anything(measured, key, more):
    before = judge(measured, WEIGHTS)
    if key not in before.weights or more < measured[key].value:
        return
    after = judge({**measured, key: Points(more, more, more)}, WEIGHTS)
    assert after.composite.value >= before.composite.value - 1e-9
    for block, score in before.blocks.items():
        assert after.blocks[block].value >= score.value - 1e-9


@given(some)
def test_weights_of_what_is_there_sum_to_100_and_intervals_hold_their_value(measured):
    found = judge(measured, WEIGHTS)
    assert fsum(found.weights.values()) == pytest.approx(100)
    assert found.weights.keys() == measured.keys()
    for one in (found.composite, *found.blocks.values()):
        assert 0 <= one.low <= one.value + 1e-9
        assert one.value <= one.high + 1e-9 <= 100 + 1e-6


@given(some)
def test_recoverable_points_are_what_perfection_brings(measured):
    found = judge(measured, WEIGHTS)
    for key, won in found.recoverable.items():
        perfect = judge({**measured, key: Points(100, 100, 100)}, WEIGHTS)
        assert perfect.composite.value - found.composite.value == pytest.approx(won, abs=1e-9)


@given(some)
def test_without_sampling_there_is_no_interval(measured):
    sharp = {key: Points(one.value, one.value, one.value) for key, one in measured.items()}
    composite = judge(sharp, WEIGHTS).composite
    assert composite.low == pytest.approx(composite.value)
    assert composite.high == pytest.approx(composite.value)


def test_independent_errors_add_up_as_squares():
    """Where the composite is linear (two blocks of one measure each) the sides are known exactly."""
    weights = {**dict.fromkeys(PARTS, 0.0), "basic": 40.0, "utility": 60.0}
    measured = {"D1": Points(50, 40, 70), "A8": Points(50, 45, 90)}
    composite = judge(measured, weights).composite
    assert composite.value == pytest.approx(50)
    assert 50 - composite.low == pytest.approx(sqrt((0.4 * 10) ** 2 + (0.6 * 5) ** 2))
    assert composite.high - 50 == pytest.approx(sqrt((0.4 * 20) ** 2 + (0.6 * 40) ** 2))


def test_measures_that_only_gates_use_change_nothing():
    assert judge(everywhere(70) | {"Q5": Points(0, 0, 0)}, WEIGHTS).composite.value == pytest.approx(70)
    with pytest.raises(ValueError, match="nothing"):
        judge({"Q5": Points(0, 0, 0)}, WEIGHTS)


def test_grades_take_the_lower_bound_and_every_block():
    good = dict.fromkeys(BLOCKS, 95.0)
    assert [grade(bound, good) for bound in (92, 91.9, 84.9, 74.9, 59.9)] == ["AAA", "AA", "A", "B", "C"]
    assert grade(99, good | {"documentation": 89.9}) == "AA"
    assert grade(99, good | {"documentation": 69.9}) == "B"
    assert all(better[1] > worse[1] for better, worse in pairwise(GRADES))
    assert judge(everywhere(95) | {"A6": Points(95, 20, 100)}, WEIGHTS).grade != "AAA"
    assert judge(everywhere(95), WEIGHTS).grade == "AAA"


def test_the_pass_line_is_for_each_block():
    assert judge(everywhere(90.1), WEIGHTS).passed
    assert not judge(everywhere(99) | {"D1": Points(40, 40, 40)}, WEIGHTS).passed


def test_weights_may_be_moved_within_reach_if_the_sum_stays():
    moved = chosen_weights(PRESETS["competition"], {"uniqueness": 12, "utility": 16})
    assert (moved["uniqueness"], moved["utility"]) == (12, 16)
    with pytest.raises(ValueError, match="sum"):
        chosen_weights(PRESETS["competition"], {"uniqueness": 12})
    with pytest.raises(ValueError, match="more than"):
        chosen_weights(PRESETS["competition"], {"uniqueness": 19, "utility": 9})
    with pytest.raises(ValueError, match="more than"):
        chosen_weights(PRESETS["competition"], {"scale": -1, "utility": 25})
    with pytest.raises(KeyError):
        chosen_weights(PRESETS["competition"], {"beauty": 1})


def test_the_module_is_plain_python():
    assert not {"np", "numpy", "pl", "polars"} & vars(rubric).keys()
