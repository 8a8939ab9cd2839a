"""What a right label costs, and which items deserve one more."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.agreement.consensus import Consensus
from scoring.agreement.labels import Labels
from scoring.agreement.shares import wilson
from scoring.sorting import FloatArray, IntArray

_CANDIDATES: Final = 16  # classes of an item that may turn out to be the best; all others together hardly ever do
_CELLS: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Cost:
    """What was paid for each item whose class is right in the end. An end is infinite where not one may be right.

    value       money for a right item
    low, high   where it lies, as far as the gold items tell
    accuracy    the share of items that are right
    measured    True: accuracy on gold items; False: the mean certainty of the consensus, which has no interval
    """

    value: float
    low: float
    high: float
    accuracy: float
    measured: bool


def cost_per_right_item(
    paid: float, items: int, *, right: int = 0, gold: int = 0, certainty: float = 0.0, level: float = 0.95
) -> Cost:
    """Money divided by the right items that it has bought.

    paid        for all labels together, 0 or more
    items       how many items have a consensus
    right       gold items whose consensus is right, of `gold`; the consensus must be made without knowing them
    certainty   the mean certainty of the consensus, used where there is no gold

    >>> found = cost_per_right_item(300.0, 1000, right=96, gold=100)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.3125, 0.3048, 0.3327)
    """
    if not (0 <= right <= gold and 0 <= certainty <= 1 and paid >= 0 and items > 0):
        raise ValueError("0 ≤ right ≤ gold, 0 ≤ certainty ≤ 1, paid ≥ 0 and items > 0")
    accuracy = low = high = certainty
    if gold:
        accuracy, (low, high) = right / gold, (float(end) for end in wilson(right, gold, level))
    each = paid / items
    return Cost(_over(each, accuracy), _over(each, high), _over(each, low), accuracy, gold > 0)


@dataclass(frozen=True, slots=True, eq=False)
class NextLabels:
    """Items in the order in which one more label helps most.

    items       (n,) int64 item codes
    gain        (n,) float64 by how much the probability of a right class is expected to rise; 0 where one more label could
                not change the decision
    certainty   (n,) float64 what it is now
    """

    items: IntArray
    gain: FloatArray
    certainty: FloatArray


def next_labels(
    labels: Labels, consensus: Consensus, *, count: int | None = None, annotator: int | None = None
) -> NextLabels:
    """Which items to give to one more annotator.

    count       how many to list; None: all but the gold items
    annotator   position of the one who would label; None: the average annotator. Items that this one has labelled are left out

    The gain is Σ_l max_c p(c) P(says l | c) - max_c p(c): the expected value of one observation for choosing a class (Raiffa
    and Schlaifer 1961, Applied Statistical Decision Theory, chapter 4). It looks one label ahead. With more than 16 classes only
    the 16 most probable of an item can win in this sum, so it may be a little too small. Equal gains: the less certain first.

    >>> from scoring.agreement.consensus import dawid_skene
    >>> seen = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 1, 1])
    >>> next_labels(seen, dawid_skene(seen, 2), count=1).items.tolist()
    [3]
    """
    confusion = consensus.habits.pooled_confusion if annotator is None else consensus.habits.confusion(annotator)
    open_ = ~consensus.clamped
    if annotator is not None:
        open_[labels.item[labels.annotator == annotator]] = False
    places = np.flatnonzero(open_)
    gain, certainty = np.empty(len(places)), consensus.certainty[places]
    kept = min(_CANDIDATES, len(confusion))
    step = max(1, _CELLS // (kept * len(confusion)))
    for start in range(0, len(places), step):
        posterior = consensus.posterior[places[start : start + step]]
        likely = np.argpartition(-posterior, kept - 1, axis=1)[:, :kept]
        joint = np.take_along_axis(posterior, likely, axis=1)[:, :, None] * confusion[likely]
        gain[start : start + step] = joint.max(axis=1).sum(axis=1)
    gain = np.maximum(gain - certainty, 0)
    gain[gain < 1e-12] = 0.0  # rounding
    order = np.lexsort((places, certainty, -gain))[:count]
    return NextLabels(labels.items[places[order]], gain[order], certainty[order])


def _over(money: float, share: float) -> float:
    return money / share if share > 0 else (0.0 if money == 0 else np.inf)
