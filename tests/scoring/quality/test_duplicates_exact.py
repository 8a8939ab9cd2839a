"""Equal rows, contradictions, and what groups say about themselves."""

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from scoring.quality.duplicates.exact import contradictions, exact, row_hashes
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.links import Links

few = st.lists(st.integers(0, 6), max_size=40)


@given(few)
def test_groups_are_those_of_a_dictionary(values):
    groups = exact(np.array(values, dtype=np.uint64))
    first = [values.index(value) for value in values]
    counts = Counter(values)
    assert groups.first.tolist() == first
    assert groups.sizes.tolist() == [counts[value] for value in values]
    assert (groups.rows, groups.distinct, groups.copies) == (len(values), len(counts), len(values) - len(counts))
    assert groups.rate == (1 - len(counts) / len(values) if values else 0) or groups.rate == pytest.approx(
        1 - len(counts) / len(values)
    )
    repeated = sorted(((values.index(v), n) for v, n in counts.items() if n > 1), key=lambda pair: (-pair[1], pair[0]))
    assert groups.largest(3) == repeated[:3]


def test_a_table_with_equal_rows():
    frame = pl.DataFrame({"name": ["a", "b", " a", "a", "B"], "value": [1.0, 2.0, 1.0, None, 2.0]})
    groups = exact(row_hashes(frame))
    assert groups.first.tolist() == [0, 1, 0, 3, 4]
    assert groups.kept.tolist() == [True, True, False, True, True]
    assert groups.rate == 0.2


def test_a_hundred_thousand_equal_rows_and_no_rows():
    groups = exact(row_hashes(pl.DataFrame({"a": ["x"] * 100_000})))
    assert (groups.distinct, groups.copies, groups.largest(2)) == (1, 99_999, [(0, 100_000)])
    empty = exact(row_hashes(pl.DataFrame({"a": []})))
    assert (empty.rows, empty.distinct, empty.rate, empty.largest(2), empty.sizes.tolist()) == (0, 0, 0, [], [])


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["cat", "dog", "cow", " cat", None])), max_size=30))
def test_contradictions_are_those_of_a_slow_count(rows):
    found = contradictions(
        np.array([row for row, _ in rows], dtype=np.uint64), pl.Series([label for _, label in rows], dtype=pl.String)
    )
    groups = defaultdict(list)
    for row, label in rows:
        if label is not None:
            groups[row].append(label.strip())
    assert found.rows.tolist() == [label is not None and len(set(groups[row])) > 1 for row, label in rows]
    assert found.grouped == sum(len(labels) for labels in groups.values() if len(labels) > 1)
    assert found.fewest == sum(len(labels) - max(Counter(labels).values()) for labels in groups.values())
    assert found.rate == (sum(found.rows) / found.grouped if found.grouped else 0)


def test_contradictions_of_near_duplicates_and_numbers():
    groups = Groups.of(np.array([0, 0, 1]))
    assert contradictions(groups.first, pl.Series([1.0, 1.0 + 1e-16, 5.0])).count == 0
    assert contradictions(groups.first, pl.Series([1, 2, 5])).count == 2
    with pytest.raises(ValueError, match="2 labels for 3 rows"):
        contradictions(groups.first, pl.Series([1, 2]))


@given(
    st.integers(1, 30), st.lists(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=20), max_size=5)
)
def test_links_hang_together_as_a_graph_does(size, batches):
    links, edges = Links(size), []
    for batch in batches:
        pairs = np.array([(a % size, b % size) for a, b in batch], dtype=np.int64).reshape(-1, 2)
        links.join(pairs[:, 0], pairs[:, 1])
        edges.append(pairs)
    every = np.concatenate([*edges, np.empty((0, 2), dtype=np.int64)])
    graph = coo_matrix((np.ones(len(every)), (every[:, 0], every[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    lowest = [int(np.flatnonzero(labels == label)[0]) for label in labels]
    assert links.roots().tolist() == lowest


def test_a_long_chain_is_one_group():
    links = Links(200_000)
    links.join(np.arange(199_999), np.arange(1, 200_000))
    assert not links.roots().any()
