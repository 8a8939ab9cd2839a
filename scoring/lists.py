"""Metrics of ranked lists: one list of items for each query, best first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray
from scoring.uncertainty import RowTerms, row_mean

__all__ = ["Lists", "map_at_k", "ndcg_at_k"]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """n lists of item codes, one after the other.

    indptr   (n + 1,) int64, starts with 0, does not fall, ends with the number of items; list i is items[indptr[i]:indptr[i+1]]
    items    (m,) int64 codes shared by truth and prediction; -1 in a prediction is an item that the truth does not know
    gains    (m,) float64 ≥ 0, truth only: how relevant each item is; None: all 1
    """

    indptr: IntArray
    items: IntArray
    gains: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.indptr) - 1


def map_at_k(truth: Lists, prediction: Lists, k: int = 10) -> RowTerms:
    """The mean over queries of Σ (precision at each of the first k places that holds a relevant item) / min(k, relevant items).

    Every query needs a relevant item in the truth; gains above 0 mean relevant. An item that comes twice in a prediction is
    found once, its second place is a miss.

    >>> truth = Lists(np.array([0, 2, 3]), np.array([4, 5, 6]))
    >>> prediction = Lists(np.array([0, 3, 5]), np.array([4, 9, 5, 8, 6]))
    >>> round(map_at_k(truth, prediction, k=3).value, 6)  # the mean of (1/1 + 2/3) / 2 and (1/2) / 1
    0.666667
    """
    relevant = _relevant(truth)
    found = _find(truth, prediction, k)
    hits = (found.gains > 0).astype(np.float64)
    upto = np.cumsum(hits)
    first = np.flatnonzero(found.places == 0)
    before_query = np.repeat(upto[first] - hits[first], np.diff(np.append(first, len(hits))))
    precision = (upto - before_query) / (found.places + 1)
    gathered = np.bincount(found.queries, precision * hits, len(truth))
    return row_mean(gathered / np.minimum(relevant, k))


def ndcg_at_k(truth: Lists, prediction: Lists, k: int = 10) -> RowTerms:
    """The mean over queries of DCG / best possible DCG, with DCG = Σ gain / log2(place + 1) over the first k places (from 1).

    Every query needs an item with a gain above 0 in the truth. An item that comes twice in a prediction is found once.

    >>> truth = Lists(np.array([0, 2, 3]), np.array([4, 5, 6]), gains=np.array([3.0, 1.0, 1.0]))
    >>> prediction = Lists(np.array([0, 2, 3]), np.array([5, 4, 6]))
    >>> round(ndcg_at_k(truth, prediction, k=2).value, 6)
    0.898354
    """
    _relevant(truth)
    found = _find(truth, prediction, k)
    gathered = np.bincount(found.queries, found.gains / np.log2(found.places + 2), len(truth))
    queries = _query_of_each(truth)
    gains = _gains(truth)
    best_first = np.lexsort((-gains, queries))
    places = np.arange(len(gains)) - truth.indptr[queries]
    counted = np.where(places < k, gains[best_first] / np.log2(places + 2), 0.0)
    return row_mean(gathered / np.bincount(queries, counted, len(truth)))


@dataclass(frozen=True, slots=True)
class _Found:
    """The first k places of every prediction, query by query: query, place from 0, gain of what stands there (0: a miss)."""

    queries: IntArray
    places: IntArray
    gains: FloatArray


def _find(truth: Lists, prediction: Lists, k: int) -> _Found:
    queries = _query_of_each(prediction)
    places = np.arange(len(queries)) - prediction.indptr[queries]
    kept = places < k
    queries, places, items = queries[kept], places[kept], prediction.items[kept]
    span = int(max(truth.items.max(initial=0), items.max(initial=0))) + 2
    wanted = _query_of_each(truth) * span + truth.items
    given = (
        queries * span + items
    )  # an unknown item, -1, meets only the last code of the query before, which span keeps free
    sorting = np.argsort(wanted, kind="stable")
    at = np.minimum(np.searchsorted(wanted[sorting], given), max(len(wanted) - 1, 0))
    known = (wanted[sorting][at] == given) & _first_of_its_kind(given)
    return _Found(queries, places, np.where(known, _gains(truth)[sorting][at], 0.0))


def _first_of_its_kind(values: IntArray) -> BoolArray:
    first = np.zeros(len(values), dtype=np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _query_of_each(lists: Lists) -> IntArray:
    queries: npt.NDArray[np.int64] = np.repeat(np.arange(len(lists)), np.diff(lists.indptr))
    return queries


def _gains(truth: Lists) -> FloatArray:
    return np.ones(len(truth.items)) if truth.gains is None else truth.gains


def _relevant(truth: Lists) -> IntArray:
    """How many relevant items each query has; ScoringError if one has none."""
    counts = np.bincount(_query_of_each(truth)[_gains(truth) > 0], minlength=len(truth))
    if not counts.all():
        raise ScoringError("scoring.nothing_relevant", count=int((counts == 0).sum()), row=int((counts == 0).argmax()))
    return counts
