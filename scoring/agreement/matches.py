"""What was found, item by item: the counts behind precision, recall and F1 of spans, boxes and label sets."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.agreement.labels import dense
from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray
from scoring.uncertainty import Range, RowTerms, Units, estimate


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """For each item 0 … n - 1, float64 (n,): `hits` of what was `given` are among what is `true`."""

    hits: FloatArray
    given: FloatArray
    true: FloatArray


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 1 with its interval over items, low ≤ value ≤ high."""

    value: float
    low: float
    high: float


def f1(matches: Matches) -> RowTerms:
    """2 · hits / (given + true) over all items together; one term for each item (delta method), so items are what is drawn.

    Refused: a truth that holds nothing.

    >>> f1(Matches(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([1.0, 2.0]))).value
    0.5
    """
    return _ratio(2 * matches.hits, matches.given + matches.true, matches)


def recall(matches: Matches) -> RowTerms:
    """The share of what is true that was found, hits / true over all items together. Refused: a truth that holds nothing."""
    return _ratio(matches.hits, matches.true, matches)


def precision(matches: Matches) -> RowTerms:
    """The share of what was given that is true, hits / given over all items together; 0 where nothing was given. Refused: a truth that holds nothing."""
    if not matches.given.any():
        return _ratio(matches.hits, matches.true, matches)
    return _ratio(matches.hits, matches.given, matches)


def jaccard(matches: Matches) -> RowTerms:
    """The mean over items of hits / (given or true); 1 where both are empty.

    >>> jaccard(Matches(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([2.0, 0.0]))).value
    0.75
    """
    either = matches.given + matches.true - matches.hits
    shares = np.where(either > 0, matches.hits / np.maximum(either, 1), 1.0)
    value = float(shares.mean())
    terms = (shares - value) / np.sqrt(len(shares) * max(len(shares) - 1, 1))
    return RowTerms(value, terms, blind=not terms.any())


def with_interval(form: RowTerms, level: float = 0.95) -> Score:
    """The score and its interval; from 0 to 1 where there is a single item."""
    if len(form.terms) < 2:
        return Score(form.value, 0.0, 1.0)
    value, low, high, _ = estimate(form, Range(0, 1), Units(len(form.terms)), 0, level)
    return Score(value + 0.0, min(low, value) + 0.0, max(high, value) + 0.0)


def common(truth: IntArray, given: IntArray) -> tuple[BoolArray, BoolArray]:
    """Which of the truth's codes are among the given ones, and the other way round."""
    return np.isin(truth, given), np.isin(given, truth)


def as_codes(*columns: npt.NDArray[Any]) -> IntArray:
    """(r,) int64: equal for rows that are equal in every column.

    >>> as_codes(np.array([1, 1, 2]), np.array([5, 5, 5])).tolist()
    [0, 0, 1]
    """
    code = np.zeros(len(columns[0]), dtype=np.int64)
    if not len(code):
        return code
    for column in columns:
        values = np.unique(column, return_inverse=True)[1].astype(np.int64)
        code = dense(code * (int(values.max()) + 1) + values)[1]
    return code


def refuse_repeated(code: IntArray) -> None:
    """Refuse a row that is equal to an earlier one."""
    order = np.argsort(code, kind="stable")
    repeated = order[1:][code[order][1:] == code[order][:-1]]
    if len(repeated):
        raise ScoringError("agreement.repeated", count=len(repeated), row=int(repeated.min()))


def _ratio(over: FloatArray, under: FloatArray, matches: Matches) -> RowTerms:
    if not matches.true.any():
        raise ScoringError("agreement.nothing_true")
    items, total = len(over), float(under.sum())
    value = float(over.sum()) / total
    terms = (over - value * under) / total * np.sqrt(items / max(items - 1, 1))
    return RowTerms(value, terms, at_end=float(np.count_nonzero(under)), blind=not terms.any())
