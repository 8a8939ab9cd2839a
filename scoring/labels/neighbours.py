"""How far labels agree with those of the most similar rows: too much of it is a sign of labels that a model gave."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from scoring.labels.probabilities import checked
from scoring.labels.rows import Features, keys, usable
from scoring.one_thread import one_thread

MOST_ROWS: Final = 5000
NEIGHBOURS: Final = 5
_WIDTH: Final = 1.96


@dataclass(frozen=True, slots=True)
class Agreement:
    """The mean share of a row's five nearest neighbours that bear its label, 0 … 1, with 95 % limits; how many rows counted.

    The limits treat rows as independent. Two versions of one dataset (a submission and the raw bundle) are compared by their
    values: people disagree with neighbours as often after honest work as before or more, a model that relabels hardly does.
    """

    value: float
    low: float
    high: float
    rows: int


def agreement_with_neighbours(features: Features, labels: npt.NDArray[np.integer], *, seed: int) -> Agreement:
    """Compare labels (n,) of codes 0 … k - 1 with those of the nearest rows by features (n, d), dense ones standardized.

    Of equal rows one counts, the one with the lowest label, so that copies do not agree with themselves; of more than 5000
    distinct rows those with the lowest hash of seed and content. Euclidean distance; among equally near rows the choice is open.
    A single distinct row agrees with nothing: 0, with limits 0 and 1. Time 5000² distances at most.

    ValueError: shapes or codes are not as said.

    >>> line = np.array([[0.0], [1.0], [2.0], [50.0], [51.0], [52.0], [53.0]], dtype=np.float32)
    >>> agreement_with_neighbours(line, np.zeros(7, dtype=int), seed=0).value
    1.0
    """
    features = usable(features)
    checked(features, labels, None)
    content = keys(features, seed)
    order = np.lexsort((labels, content))
    first = np.append(True, content[order][1:] != content[order][:-1])
    chosen = order[first][:MOST_ROWS]
    count = min(NEIGHBOURS, len(chosen) - 1)
    if count < 1:
        return Agreement(0.0, 0.0, 1.0, len(chosen))
    table = features[chosen]
    with one_thread():
        scaled = table if sparse.issparse(table) else StandardScaler().fit_transform(table)
        nearest = NearestNeighbors(n_neighbors=count, algorithm="brute", n_jobs=1).fit(scaled).kneighbors()[1]
    own = labels[chosen]
    shares = (own[nearest] == own[:, None]).mean(axis=1)
    value = float(shares.mean())
    margin = _WIDTH * float(shares.std()) / sqrt(len(shares))
    return Agreement(value, max(value - margin, 0.0), min(value + margin, 1.0), len(shares))
