"""The table of labels: checked, sorted, the same for any order of rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.agreement.joins import count_pairs, pairs_in_groups
from scoring.agreement.labels import Labels, count_votes, dense

FAR = st.integers(-(2**62), 2**62)
ROWS = st.lists(st.tuples(FAR | st.integers(0, 5), FAR | st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=40)


def distinct(rows):
    return list({(item, annotator): (item, annotator, label) for item, annotator, label in rows}.values())


@settings(max_examples=50)
@given(rows=ROWS, seed=st.integers(0, 9))
def test_the_table_holds_every_row_and_does_not_depend_on_their_order(rows, seed):
    rows = distinct(rows)
    table = Labels.from_rows(*zip(*rows, strict=True))
    back = zip(
        table.items[table.item].tolist(),
        table.annotators[table.annotator].tolist(),
        table.label.tolist(),
        strict=True,
    )
    assert list(back) == sorted(rows)
    assert [rows[place] for place in table.order] == sorted(rows)
    shuffled = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]
    other = Labels.from_rows(*zip(*shuffled, strict=True))
    for name in ("items", "annotators", "item", "annotator", "label"):
        assert getattr(table, name).tobytes() == getattr(other, name).tobytes()


@settings(max_examples=50)
@given(rows=ROWS)
def test_votes_are_counted(rows):
    rows = distinct(rows)
    table = Labels.from_rows(*zip(*rows, strict=True))
    votes = count_votes(table)
    slow: dict[tuple[int, int], int] = {}
    for item, _, label in rows:
        slow[item, label] = slow.get((item, label), 0) + 1
    found = {
        (int(table.items[item]), int(votes.values[value])): int(count)
        for item, value, count in zip(votes.item, votes.value, votes.count, strict=True)
    }
    assert found == slow
    assert (votes.item[votes.of_row] == table.item).all()
    assert (votes.values[votes.value[votes.of_row]] == table.label).all()


@given(codes=st.lists(FAR | st.integers(-5, 5), min_size=1, max_size=50))
def test_dense_positions(codes):
    distinct_codes, position = dense(np.array(codes))
    assert distinct_codes.tolist() == sorted(set(codes))
    assert distinct_codes[position].tolist() == codes


@given(
    left=st.lists(st.integers(0, 5), max_size=30),
    right=st.lists(st.integers(0, 5), max_size=30).map(sorted),
)
def test_pairs_of_groups_are_all_pairs(left, right):
    ours, theirs = np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)
    found = [pair for a, b in pairs_in_groups(ours, theirs, 6) for pair in zip(a.tolist(), b.tolist(), strict=True)]
    assert found == [(i, j) for i, one in enumerate(left) for j, other in enumerate(right) if one == other]
    assert count_pairs(ours, theirs, 6) == len(found)


def test_pairs_come_in_blocks_of_bounded_size():
    group = np.repeat(np.arange(3), 1500)
    sizes = [len(a) for a, _ in pairs_in_groups(group, group, 3)]
    assert sum(sizes) == 3 * 1500**2
    assert len(sizes) > 3
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (([], [], []), "no labels"),
        (([1, 2, 1], [5, 5, 5], [0, 0, 1]), "1 labels are given twice .* in row 2"),
        (([1, 2, 1, 1], [5, 5, 5, 5], [0, 0, 1, 1]), "2 labels are given twice .* in row 2"),
        (([1, 2], [5, 5], [0, -1]), "1 labels are below 0, the first in row 1"),
        (([1, 2], [5, 5], [np.inf, np.nan]), "2 labels are not finite .* in row 0"),
    ],
)
def test_what_cannot_be_a_table_is_refused_in_words(rows, words):
    with pytest.raises(ValueError, match=words):
        Labels.from_rows(*rows)


def test_arrays_of_a_wrong_kind_are_mistakes_of_the_caller():
    with pytest.raises(TypeError):
        Labels.from_rows([1.5], [1], [0])
    with pytest.raises(TypeError):
        Labels.from_rows([1], [1], ["cat"])
    with pytest.raises(TypeError):
        Labels.from_rows([[1]], [1], [0])
    with pytest.raises(ValueError, match="1, 2 and 1 rows"):
        Labels.from_rows([1], [1, 2], [0])
    with pytest.raises(ValueError, match="above 2147483647"):
        Labels.from_rows([1], [1], [2**31])


def test_classes_are_asked_for_by_name():
    table = Labels.from_rows([1, 2], [1, 1], [0, 4])
    assert table.classes(5).tolist() == [0, 4]
    with pytest.raises(ValueError, match="1 labels name a class that does not exist, the first is class number 4"):
        table.classes(4)
    with pytest.raises(ValueError, match="measurements"):
        Labels.from_rows([1], [1], [0.5]).classes()


def test_codes_are_found_again():
    table = Labels.from_rows([30, 10, 30], [7, 7, 9], [0, 1, 2])
    assert table.positions(np.array([30, 11, 10, 99, -5])).tolist() == [1, -1, 0, -1, -1]
    assert table.label[table.of_annotator(7)].tolist() == [1, 0]
    assert table.of_annotator(8).tolist() == []
    assert table.of_annotator(99).tolist() == []
    assert table.per_item.tolist() == [1, 2]
