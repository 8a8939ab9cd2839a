"""Who gave which label to which item: the one table that everything about agreement starts from."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.errors import ScoringError
from scoring.sorting import FloatArray, IntArray

ClassArray = npt.NDArray[np.int32]
_LARGEST_CLASS: Final = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Labels sorted by item, then annotator, with dense positions in place of codes. Made by `from_rows`.

    items        (n,) int64 codes of the items, ascending
    annotators   (m,) int64 codes of the annotators, ascending
    item         (r,) int64 position 0 … n - 1 of each label's item, ascending
    annotator    (r,) int64 position 0 … m - 1 of each label's annotator
    label        (r,) int32 classes from 0, or finite float64 measurements
    order        (r,) int64 the row of each label in the arrays that were given, to bring further columns into line
    """

    items: IntArray
    annotators: IntArray
    item: IntArray
    annotator: IntArray
    label: ClassArray | FloatArray
    order: IntArray

    @classmethod
    def from_rows(cls, items: Any, annotators: Any, labels: Any) -> "Labels":
        """One row for each given label, in any order; a label that is missing is a row that is missing.

        items, annotators   (r,) any integers
        labels              (r,) integers from 0 (classes) or finite floats (measurements)

        Refused: no rows, the same annotator twice on an item, classes below 0, NaN and infinity. ValueError and TypeError:
        arrays of a wrong shape or kind. The order of the rows never matters: the table is the same, byte for byte.

        >>> found = Labels.from_rows([7, 5, 7], [1, 1, 2], [0, 1, 0])
        >>> found.items.tolist(), found.item.tolist(), found.annotator.tolist(), found.label.tolist()
        ([5, 7], [0, 1, 1], [0, 0, 1], [1, 0, 0])
        """
        item_codes, annotator_codes = _codes(items, "items"), _codes(annotators, "annotators")
        values = _values(labels)
        if not len(item_codes) == len(annotator_codes) == len(values):
            raise ValueError(
                f"items, annotators and labels have {len(item_codes)}, {len(annotator_codes)} and {len(values)} rows"
            )
        if not len(values):
            raise ScoringError("agreement.no_labels")
        known_items, item = dense(item_codes)
        known_annotators, annotator = dense(annotator_codes)
        key = item * len(known_annotators) + annotator
        order = np.argsort(key, kind="stable")
        key = key[order]
        repeated = np.flatnonzero(key[1:] == key[:-1])
        if len(repeated):
            row = int(np.maximum(order[repeated], order[repeated + 1]).min())
            raise ScoringError("agreement.twice", count=len(repeated), row=row)
        return cls(known_items, known_annotators, item[order], annotator[order], values[order], order)

    @property
    def per_item(self) -> IntArray:
        """(n,) how many labels each item has, at least 1."""
        return np.bincount(self.item, minlength=len(self.items))

    def classes(self, count: int | None = None) -> ClassArray:
        """(r,) the labels as classes 0 … count - 1; refused if they are measurements or a class is not below `count`."""
        if self.label.dtype != np.int32:
            raise ScoringError("agreement.not_classes")
        found: ClassArray = self.label.astype(np.int32, copy=False)
        beyond = 0 if count is None else int(np.count_nonzero(found >= count))
        if beyond:
            raise ScoringError("agreement.unknown_class", count=beyond, largest=int(found.max()), classes=count or 0)
        return found

    def positions(self, codes: IntArray) -> IntArray:
        """(c,) the position of each item code, -1 for items without labels."""
        place = np.minimum(np.searchsorted(self.items, codes), len(self.items) - 1)
        return np.where(self.items[place] == codes, place, -1)

    def of_annotator(self, code: int) -> IntArray:
        """The rows of one annotator, ascending by item; empty if the code is unknown."""
        place = int(np.searchsorted(self.annotators, code))
        if place == len(self.annotators) or self.annotators[place] != code:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.annotator == place)


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """How often each value was given to each item, without the pairs that never occur; sorted by item, then value.

    item     (d,) int64 position of the item
    value    (d,) int64 position of the value in `values`
    count    (d,) int64, at least 1
    values   (v,) the distinct values, ascending
    of_row   (r,) int64 for each label its place in these arrays
    """

    item: IntArray
    value: IntArray
    count: IntArray
    values: ClassArray | FloatArray
    of_row: IntArray


def count_votes(labels: Labels) -> Votes:
    """Count the labels of each item by value.

    >>> votes = count_votes(Labels.from_rows([1, 1, 1], [1, 2, 3], [4, 0, 4]))
    >>> votes.values[votes.value].tolist(), votes.count.tolist()
    ([0, 4], [1, 2])
    """
    values: ClassArray | FloatArray
    if labels.label.dtype == np.int32:
        codes, value = dense(labels.label.astype(np.int64))
        values = codes.astype(np.int32)
    else:
        values, value = np.unique(labels.label.astype(np.float64, copy=False), return_inverse=True)
    keys, of_row = dense(labels.item * len(values) + value)
    return Votes(keys // len(values), keys % len(values), np.bincount(of_row), values, of_row)


def dense(codes: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct codes, ascending, and for each code its position among them.

    >>> dense(np.array([30, 10, 30]))
    (array([10, 30]), array([1, 0, 1]))
    """
    lowest, highest = int(codes.min()), int(codes.max())
    if highest - lowest > 4 * len(codes) + 1024:
        distinct, position = np.unique(codes, return_inverse=True)
        return distinct, position
    shifted = codes - lowest  # codes that are nearly dense need no sort
    present = np.zeros(highest - lowest + 1, dtype=np.bool_)
    present[shifted] = True
    return np.flatnonzero(present) + lowest, (np.cumsum(present) - 1)[shifted]


def _codes(given: Any, name: str) -> IntArray:
    codes = np.asarray(given)
    if codes.ndim != 1 or (codes.dtype.kind not in "iu" and len(codes)):
        raise TypeError(f"{name} must be integers in one dimension; got {codes.dtype} {codes.shape}")
    return codes.astype(np.int64)


def _values(given: Any) -> ClassArray | FloatArray:
    values = np.asarray(given)
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        raise TypeError(f"labels must be integers or floats in one dimension; got {values.dtype} {values.shape}")
    if values.dtype.kind == "f":
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise ScoringError("agreement.not_finite", count=len(bad), row=int(bad[0]))
        return values.astype(np.float64) + 0.0  # -0.0 is 0.0
    bad = np.flatnonzero(values < 0)
    if len(bad):
        raise ScoringError("agreement.negative", count=len(bad), row=int(bad[0]))
    if len(values) and int(values.max()) > _LARGEST_CLASS:
        raise ValueError(f"a class number is above {_LARGEST_CLASS}")
    return values.astype(np.int32)
