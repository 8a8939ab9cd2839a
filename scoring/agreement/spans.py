"""Named entities and other marked spans of texts against gold, text by text."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.agreement.matches import Matches, as_codes, common, refuse_repeated
from scoring.agreement.matching import one_to_one, overlapping
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Marked spans, sorted by text, class, start and end. Made by `from_rows`.

    item         (s,) int64 number of the text, from 0
    start, end   (s,) int64 the first place, and the one after the last: 0 ≤ start < end
    label        (s,) int64 the class
    """

    item: IntArray
    start: IntArray
    end: IntArray
    label: IntArray

    @classmethod
    def from_rows(cls, item: Any, start: Any, end: Any, label: Any) -> "Spans":
        """One row for each span, in any order. Refused: spans that do not end after they start, the same span twice.

        Spans may overlap and nest.
        """
        columns = [np.asarray(column, dtype=np.int64) for column in (item, start, end, label)]
        if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
            raise ValueError("item, start, end and label need as many rows")
        texts, starts, ends, classes = columns
        bad = np.flatnonzero((starts < 0) | (ends <= starts))
        if len(bad):
            raise ScoringError("agreement.backwards", count=len(bad), row=int(bad[0]))
        refuse_repeated(as_codes(*columns))
        order = np.lexsort((ends, starts, classes, texts))
        return cls(texts[order], starts[order], ends[order], classes[order])


def exact(truth: Spans, given: Spans, items: int) -> Matches:
    """A hit has the same start, end and class: the entity-level score of CoNLL-2003 (Tjong Kim Sang and De Meulder 2003,
    arXiv:cs/0306050).

    items   how many texts there are

    >>> from scoring.agreement.matches import f1
    >>> truth = Spans.from_rows([0, 0], [0, 5], [3, 9], [1, 2])
    >>> f1(exact(truth, Spans.from_rows([0, 0], [0, 5], [3, 8], [1, 2]), 1)).value
    0.5
    """
    both = as_codes(*(np.concatenate(pair) for pair in zip(_columns(truth), _columns(given), strict=True)))
    found, _ = common(both[: len(truth.item)], both[len(truth.item) :])
    return _matches(truth, given, truth.item[found], items)


def relaxed(truth: Spans, given: Spans, items: int, overlap: float = 0.5) -> Matches:
    """A hit has the same class and shares at least `overlap` of all places that either of the two covers; one to one.

    items     how many texts there are
    overlap   above 0, up to 1; a share of the union, so one span over the whole text hits nothing

    The pair that overlaps most is taken first. Refused: more than 5e7 pairs of spans of the same class and text.

    >>> from scoring.agreement.matches import f1
    >>> truth = Spans.from_rows([0, 0], [0, 5], [3, 9], [1, 2])
    >>> f1(relaxed(truth, Spans.from_rows([0, 0], [0, 5], [3, 8], [1, 2]), 1)).value
    1.0
    """
    if not 0 < overlap <= 1:
        raise ValueError("overlap lies above 0 and up to 1")
    group = as_codes(*(np.concatenate(pair) for pair in ((truth.item, given.item), (truth.label, given.label))))
    of_truth, of_given = group[: len(truth.item)], group[len(truth.item) :]

    def shared(true: IntArray, other: IntArray) -> FloatArray:
        inside = np.minimum(truth.end[true], given.end[other]) - np.maximum(truth.start[true], given.start[other])
        both = truth.end[true] - truth.start[true] + given.end[other] - given.start[other]
        inside = np.maximum(inside, 0)
        share: FloatArray = inside / (both - inside)
        return share

    left, right, worth = overlapping(of_truth, of_given, len(group), shared, overlap)
    return _matches(truth, given, truth.item[left[one_to_one(left, right, worth)]], items)


def _columns(spans: Spans) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    return spans.item, spans.start, spans.end, spans.label


def _matches(truth: Spans, given: Spans, hit: IntArray, items: int) -> Matches:
    for spans in (truth, given):
        if len(spans.item) and not 0 <= spans.item[0] <= spans.item[-1] < items:
            raise ValueError(f"texts are numbered from 0 to {items - 1}")
    return Matches(sums_by(hit, items), sums_by(given.item, items), sums_by(truth.item, items))
