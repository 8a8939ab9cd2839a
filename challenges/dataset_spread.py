"""How a dataset's composite varies with its usefulness, so that boards tell places from luck in pairs.

Usefulness alone is drawn: hidden rows and refits, which all submissions have in common. What else is counted has no error, and gold is
the same for everybody; the steps in which it is told are far wider than its effect on places.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from scoring.draws import Float32Array
from scoring.quality.rubric import Points, judge
from scoring.utility import Utility, compare, spread_of

USEFUL: Final = "A8"
_STEP: Final = 5.0  # points of usefulness over which the slope is taken, to both sides


def composite_spread(
    points: Mapping[str, Points], weights: Mapping[str, float], utility: Utility, raw: Utility, curated: Utility
) -> Float32Array:
    """(m,) float32, see `scoring.uncertainty`: products of two submissions' spreads are the covariance of their composites, to first order.

    points           of every measure
    utility          of the submission; `raw` and `curated` are the ends of the scale of A8

    Where usefulness is cut off at 0 or 100 the slope is that beside the end.
    """
    useful = points[USEFUL].value
    low, high = max(useful - _STEP, 0.0), min(useful + _STEP, 100.0)
    ends = [judge({**points, USEFUL: Points(end, end, end)}, weights).composite.value for end in (low, high)]
    slope = (ends[1] - ends[0]) / (high - low)
    scale = compare(curated, raw).value
    return np.asarray(slope * 100 / scale * spread_of(utility), np.float32)
