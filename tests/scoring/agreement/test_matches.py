"""Spans, boxes, tags and texts against gold: slow clear versions, edges, and answers that try to cheat."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.agreement import boxes as box_module
from scoring.agreement.boxes import THRESHOLDS, Boxes, match, mean_average_precision, overlap
from scoring.agreement.matches import Matches, Score, as_codes, f1, jaccard, precision, recall, with_interval
from scoring.agreement.matching import one_to_one
from scoring.agreement.sets import Tags, compare
from scoring.agreement.spans import Spans, exact, relaxed
from scoring.agreement.texts import LONGEST, edit_similarity

# one to one


def slow_greedy(pairs):
    """The best pair, then the best that shares no side with it, and so on."""
    chosen = []
    for worth, place, left, right in sorted((-w, place, a, b) for place, (a, b, w) in enumerate(pairs)):
        if all(left != a and right != b for _, _, a, b in chosen):
            chosen.append((worth, place, left, right))
    return {place for _, place, _, _ in chosen}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.5, 0.6, 0.7, 0.9])), max_size=25))
def test_one_to_one_is_greedy(pairs):
    pairs = list({(a, b): (a, b, w) for a, b, w in pairs}.values())
    left, right, worth = (np.array(column) for column in zip(*pairs, strict=True)) if pairs else ([], [], [])
    found = one_to_one(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64), np.array(worth, dtype=float))
    assert set(np.flatnonzero(found).tolist()) == slow_greedy(pairs)


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-2, 2), st.integers(0, 2**62)), max_size=20))
def test_codes_are_equal_where_rows_are(rows):
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.empty(0)] * 3
    codes = as_codes(*columns)
    for (i, a), (j, b) in itertools.combinations(enumerate(rows), 2):
        assert (codes[i] == codes[j]) == (a == b)
        if a < b:
            assert codes[i] < codes[j]


# spans


SPANS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(1, 5), st.integers(0, 1)), max_size=12, unique=True
).map(lambda rows: [(item, start, start + length, label) for item, start, length, label in rows])


def spans(rows):
    return Spans.from_rows(*zip(*rows, strict=True)) if rows else Spans.from_rows([], [], [], [])


@settings(max_examples=50)
@given(truth=SPANS, answer=SPANS)
def test_exact_spans_are_set_intersections(truth, answer):
    found = exact(spans(truth), spans(answer), 3)
    for item in range(3):
        ours, theirs = ({row for row in rows if row[0] == item} for rows in (truth, answer))
        assert (found.hits[item], found.given[item], found.true[item]) == (len(ours & theirs), len(theirs), len(ours))


@settings(max_examples=50)
@given(truth=SPANS, answer=SPANS)
def test_relaxed_spans_place_by_place(truth, answer):
    found = relaxed(spans(truth), spans(answer), 3)
    ordered = [sorted(rows, key=lambda row: (row[0], row[3], row[1], row[2])) for rows in (truth, answer)]
    pairs = []
    for (i, one), (j, other) in itertools.product(enumerate(ordered[0]), enumerate(ordered[1])):
        if (one[0], one[3]) == (other[0], other[3]):
            ours, theirs = set(range(one[1], one[2])), set(range(other[1], other[2]))
            share = len(ours & theirs) / len(ours | theirs)
            if share >= 0.5:
                pairs.append((i, j, share))
    hits = np.zeros(3)
    for place in slow_greedy(pairs):
        hits[ordered[0][pairs[place][0]][0]] += 1
    assert found.hits.tolist() == hits.tolist()
    assert (found.hits >= exact(spans(truth), spans(answer), 3).hits).all()


@settings(max_examples=50)
@given(truth=SPANS, answer=SPANS, seed=st.integers(0, 3))
def test_rows_of_spans_do_not_matter(truth, answer, seed):
    rng = np.random.default_rng(seed)
    mixed = [[rows[place] for place in rng.permutation(len(rows))] for rows in (truth, answer)]
    one, other = relaxed(spans(truth), spans(answer), 3), relaxed(spans(mixed[0]), spans(mixed[1]), 3)
    assert one.hits.tolist() == other.hits.tolist()


def test_one_span_over_everything_wins_nothing():
    truth = spans([(0, place, place + 3, 0) for place in range(0, 60, 6)])
    cheat = spans([(0, 0, 60, 0)])
    assert f1(relaxed(truth, cheat, 1)).value == 0
    every = spans([(0, a, b, 0) for a in range(60) for b in range(a + 1, 61)])
    assert f1(exact(truth, every, 1)).value < 0.02


def test_spans_that_are_none():
    with pytest.raises(ValueError, match=r"2 spans or boxes do not end after they start.*row 1"):
        spans([(0, 0, 3, 0), (0, 3, 3, 0), (0, -1, 2, 0)])
    with pytest.raises(ValueError, match="1 entries come twice in the same item, the first in row 2"):
        spans([(0, 0, 3, 0), (0, 0, 3, 1), (0, 0, 3, 0)])
    with pytest.raises(ValueError, match="numbered from 0 to 0"):
        exact(spans([(1, 0, 3, 0)]), spans([]), 1)
    with pytest.raises(ValueError, match="nothing to find"):
        f1(exact(spans([]), spans([(0, 0, 3, 0)]), 1))
    with pytest.raises(ValueError, match="overlap"):
        relaxed(spans([]), spans([]), 1, overlap=0)
    with pytest.raises(ValueError, match="as many rows"):
        Spans.from_rows([0], [0], [1], [0, 1])


def test_too_many_pairs_are_refused_before_they_are_made():
    ends = np.arange(1, 10_001)
    many = Spans.from_rows(np.zeros(10_000), np.zeros(10_000), ends, np.zeros(10_000))
    with pytest.raises(ValueError, match="100000000 pairs of spans or boxes"):
        relaxed(many, many, 1)


# boxes


def slow_overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    inside = max(width, 0) * max(height, 0)
    return inside / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inside)


def scene(seed, images=6, classes=3, noise=2.0):
    """Boxes of a truth, and answers: moved, missed, invented, with scores."""
    rng = np.random.default_rng(seed)
    count = images * 5
    corner, size = rng.uniform(0, 60, (count, 2)), rng.uniform(10, 40, (count, 2))
    item, label = rng.integers(0, images, count), rng.integers(0, classes, count)
    true = np.hstack([corner, corner + size])
    moved = true + rng.normal(0, noise, (count, 4))
    kept = (rng.random(count) < 0.85) & (moved[:, 2] > moved[:, 0]) & (moved[:, 3] > moved[:, 1])
    extra = true[::3] + np.array([3, -4, 8, 5])
    answer = np.vstack([moved[kept], extra])
    labels = np.concatenate([label[kept], rng.integers(0, classes, len(extra))])
    items = np.concatenate([item[kept], item[::3]])
    scores = np.round(rng.random(len(answer)), 1)  # with ties
    return (item, label, true), (items, labels, answer, scores)


def slow_map(truth, answer, images):
    """COCO's rules, box by box. Equal scores: by image, then corners."""
    item, label, true = truth
    items, labels, corners, scores = answer
    values = []
    for one in sorted(set(label.tolist())):
        total = int((label == one).sum())
        order = sorted(np.flatnonzero(labels == one), key=lambda i: (-scores[i], items[i], *corners[i]))
        for threshold in THRESHOLDS:
            taken, hits = set(), []
            for i in order:
                candidates = [
                    (slow_overlap(true[t], corners[i]), t)
                    for t in np.flatnonzero((item == items[i]) & (label == one))
                    if t not in taken
                ]
                best = max(candidates, default=(0, -1))
                hits.append(best[0] >= threshold - 1e-10)
                if hits[-1]:
                    taken.add(best[1])
            found = np.cumsum(hits)
            points = [
                (found[k] / total, max(found[m] / (m + 1) for m in range(k, len(hits)))) for k in range(len(hits))
            ]
            read = [next((p for r, p in points if r >= step / 100), 0.0) for step in range(101)]
            values.append(np.mean(read))
    return float(np.mean(values))


@pytest.mark.parametrize("seed", range(5))
def test_map_by_the_rules_of_coco_one_box_after_the_other(seed):
    truth, answer = scene(seed)
    found = mean_average_precision(Boxes.from_rows(*truth), Boxes.from_rows(*answer), 6)
    assert found.value == pytest.approx(slow_map(truth, answer, 6), abs=1e-12)
    assert 0 <= found.low < found.value < found.high <= 1


@pytest.mark.parametrize("seed", range(4))
def test_matched_boxes_done_slowly(seed):
    truth, answer = scene(seed)
    ours, theirs = Boxes.from_rows(*truth), Boxes.from_rows(*answer)
    hits = np.zeros(6)
    for threshold in THRESHOLDS:
        pairs = [
            (t, g, slow_overlap(ours.corners[t], theirs.corners[g]))
            for t in range(len(ours.item))
            for g in range(len(theirs.item))
            if (ours.item[t], ours.label[t]) == (theirs.item[g], theirs.label[g])
        ]
        pairs = [pair for pair in pairs if pair[2] >= threshold]
        for place in slow_greedy(pairs):
            hits[ours.item[pairs[place][0]]] += 0.1
    found = match(ours, theirs, 6)
    assert found.hits == pytest.approx(hits)
    assert found.true.sum() == len(truth[0])


def test_perfect_boxes_are_perfect_and_worse_ones_worse():
    truth, _ = scene(1, images=40)
    ours = Boxes.from_rows(*truth)
    perfect = mean_average_precision(ours, Boxes.from_rows(*truth, np.ones(len(truth[0]))), 40)
    assert (perfect.value, perfect.high) == (1, 1)
    assert 0.8 < perfect.low < 1
    assert f1(match(ours, ours, 40)).value == pytest.approx(1)
    scores = [mean_average_precision(ours, Boxes.from_rows(*scene(1, 40, noise=n)[1]), 40).value for n in (0.1, 2, 6)]
    assert scores == sorted(scores, reverse=True)
    none = mean_average_precision(ours, Boxes.from_rows([], [], []), 40)
    assert none.value == 0


def test_the_same_box_many_times_wins_nothing():
    truth, answer = scene(2)
    once = mean_average_precision(Boxes.from_rows(*truth), Boxes.from_rows(*answer), 6).value
    spread = [np.repeat(column, 5, axis=0) for column in answer]
    spread[2] = spread[2] + np.tile(np.arange(5) * 1e-6, len(answer[0]))[:, None]
    often = mean_average_precision(Boxes.from_rows(*truth), Boxes.from_rows(*spread), 6).value
    assert often <= once + 1e-12
    assert f1(match(Boxes.from_rows(*truth), Boxes.from_rows(*spread), 6)).value < 0.5


def test_only_the_hundred_surest_boxes_of_a_class_and_image_count():
    true = Boxes.from_rows([0], [0], [[0, 0, 10, 10]])
    wrong = np.array([[20 + i, 20, 30 + i, 30] for i in range(100)])
    late = Boxes.from_rows([0] * 101, [0] * 101, np.vstack([wrong, [[0, 0, 10, 10]]]), [*[0.9] * 100, 0.1])
    assert mean_average_precision(true, late, 1).value == 0
    early = Boxes.from_rows([0] * 101, [0] * 101, np.vstack([wrong, [[0, 0, 10, 10]]]), [*[0.9] * 100, 0.95])
    assert mean_average_precision(true, early, 1) == Score(1.0, 0.0, 1.0)


@pytest.mark.slow
def test_the_interval_of_map_is_as_wide_as_the_score_varies():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(40):
        truth, answer = scene(int(rng.integers(10**9)), images=60)
        found.append(mean_average_precision(Boxes.from_rows(*truth), Boxes.from_rows(*answer), 60))
    error = np.mean([one.high - one.low for one in found]) / (2 * 1.96)
    assert 0.85 < error / np.std([one.value for one in found]) < 1.4


def test_boxes_that_are_none():
    for corners in ([0, 0, 0, 5], [5, 0, 4, 5], [0, 0, np.nan, 5], [0, 0, np.inf, 5], [0, 0, 1e-200, 1e-200]):
        with pytest.raises(ValueError, match="1 spans or boxes do not end after they start"):
            Boxes.from_rows([0], [0], [corners])
    with pytest.raises(ValueError, match="come twice"):
        Boxes.from_rows([0, 0], [0, 0], [[0, 0, 1, 1]] * 2)
    with pytest.raises(ValueError, match="as many rows"):
        Boxes.from_rows([0, 1], [0, 0], [[0, 0, 1, 1]])
    with pytest.raises(ValueError, match="nothing to find"):
        mean_average_precision(Boxes.from_rows([], [], []), Boxes.from_rows([0], [0], [[0, 0, 1, 1]]), 1)
    with pytest.raises(ValueError, match="numbered from 0 to 0"):
        match(Boxes.from_rows([1], [0], [[0, 0, 1, 1]]), Boxes.from_rows([], [], []), 1)
    assert box_module.THRESHOLDS == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_overlap_of_two_boxes_cell_by_cell(one, other):
    a, b = ([min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]) + 1, max(c[1], c[3]) + 1] for c in (one, other))
    cells = [{(x, y) for x in range(c[0], c[2]) for y in range(c[1], c[3])} for c in (a, b)]
    share = len(cells[0] & cells[1]) / len(cells[0] | cells[1])
    assert overlap(np.array([a], float), np.array([b], float))[0] == pytest.approx(share)


# tags


TAGS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=15, unique=True)


def tags(rows):
    return Tags.from_rows(*zip(*rows, strict=True)) if rows else Tags.from_rows([], [])


@settings(max_examples=50)
@given(truth=TAGS, answer=TAGS)
def test_tags_are_sets(truth, answer):
    found = compare(tags(truth), tags(answer), 4)
    shares = []
    for item in range(4):
        ours, theirs = ({label for at, label in rows if at == item} for rows in (truth, answer))
        assert (found.hits[item], found.given[item], found.true[item]) == (len(ours & theirs), len(theirs), len(ours))
        shares.append(len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0)
    assert jaccard(found).value == pytest.approx(np.mean(shares))


def test_tags_that_are_none():
    with pytest.raises(ValueError, match="come twice"):
        tags([(0, 1), (0, 1)])
    with pytest.raises(ValueError, match="numbered from 0 to 1"):
        compare(tags([(2, 1)]), tags([]), 2)
    with pytest.raises(ValueError, match="as many rows"):
        Tags.from_rows([0], [0, 1])


# scores of matches


def test_scores_of_counts_and_their_intervals():
    found = Matches(np.array([3.0, 1, 0, 2] * 10), np.array([4.0, 1, 1, 3] * 10), np.array([3.0, 2, 1, 2] * 10))
    assert precision(found).value == pytest.approx(60 / 90)
    assert recall(found).value == pytest.approx(60 / 80)
    assert f1(found).value == pytest.approx(2 * 60 / 170)
    nothing = Matches(np.zeros(2), np.zeros(2), np.ones(2))
    assert (precision(nothing).value, recall(nothing).value, f1(nothing).value) == (0, 0, 0)
    whole = with_interval(f1(Matches(np.ones(50), np.ones(50), np.ones(50))))
    assert (whole.value, whole.high) == (1, 1)
    assert whole.low == pytest.approx(50 / (50 + 1.96**2), abs=1e-3)
    assert with_interval(f1(Matches(np.ones(1), np.ones(1), np.ones(1)))) == Score(1.0, 0.0, 1.0)
    flat = with_interval(f1(Matches(np.ones(30), np.full(30, 2.0), np.full(30, 2.0))))
    assert flat.low < 0.5 < flat.high  # the same in every item is not certainty


def test_the_interval_of_f1_is_the_ratio_of_sums_done_by_resampling():
    rng = np.random.default_rng(0)
    true, given_ = rng.integers(0, 6, 300).astype(float), rng.integers(0, 6, 300).astype(float)
    hits = np.floor(np.minimum(true, given_) * rng.random(300))
    form = f1(Matches(hits, given_, true))
    picks = rng.integers(0, 300, (4000, 300))
    values = 2 * hits[picks].sum(axis=1) / (given_ + true)[picks].sum(axis=1)
    assert math.sqrt(float((form.terms**2).sum())) == pytest.approx(values.std(), rel=0.05)


# texts


def slow_distance(a, b):
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


@settings(max_examples=150)
@given(st.text("ab好\U0001f600", max_size=30), st.text("ab好\U0001f600", max_size=30))
def test_edit_similarity_by_the_table(a, b):
    longest = max(len(a), len(b), 1)
    expected = 1 - slow_distance(a, b) / longest
    assert edit_similarity([a, b], [b, a]).tolist() == pytest.approx([expected] * 2)


def test_long_texts_are_cut_and_cheap():
    rng = np.random.default_rng(0)
    a, b = ("".join(rng.choice(list("abcd"), 300)) for _ in range(2))
    assert edit_similarity([a], [b])[0] == pytest.approx(1 - slow_distance(a, b) / 300)
    assert edit_similarity(["x" * LONGEST + "tail"], ["x" * LONGEST + "other"]).tolist() == [1.0]
    assert edit_similarity(["x" * 10**6], ["y" * 10**6]).tolist() == [0.0]
    with pytest.raises(ValueError, match="1 texts need as many answers"):
        edit_similarity(["a"], [])
