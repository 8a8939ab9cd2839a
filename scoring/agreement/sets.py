"""Several labels an item (tags, findings) against gold, item by item."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.agreement.matches import Matches, as_codes, common, refuse_repeated
from scoring.agreement.shares import sums_by
from scoring.sorting import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """One row for each label of an item. Made by `from_rows`.

    item    (s,) int64 number of the item, from 0
    label   (s,) int64 the class
    """

    item: IntArray
    label: IntArray

    @classmethod
    def from_rows(cls, item: Any, label: Any) -> "Tags":
        """In any order; an item without a row has no label. Refused: the same label twice on an item."""
        items, labels = np.asarray(item, dtype=np.int64), np.asarray(label, dtype=np.int64)
        if items.shape != labels.shape or items.ndim != 1:
            raise ValueError("item and label need as many rows")
        refuse_repeated(as_codes(items, labels))
        return cls(items, labels)


def compare(truth: Tags, given: Tags, items: int) -> Matches:
    """For each of `items` items how many of the given labels are true; then `matches.f1` or `matches.jaccard`.

    >>> from scoring.agreement.matches import f1, jaccard
    >>> found = compare(Tags.from_rows([0, 0, 1], [1, 2, 1]), Tags.from_rows([0, 1, 1], [1, 1, 3]), 2)
    >>> jaccard(found).value, round(f1(found).value, 4)
    (0.5, 0.6667)
    """
    for tags in (truth, given):
        if len(tags.item) and not 0 <= tags.item.min() <= tags.item.max() < items:
            raise ValueError(f"items are numbered from 0 to {items - 1}")
    code = as_codes(np.concatenate([truth.item, given.item]), np.concatenate([truth.label, given.label]))
    found, _ = common(code[: len(truth.item)], code[len(truth.item) :])
    return Matches(sums_by(truth.item[found], items), sums_by(given.item, items), sums_by(truth.item, items))
