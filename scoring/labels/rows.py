"""An order of rows that their content decides, so that no result depends on the order in which a file lists them."""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]
Features: TypeAlias = Any  # (n, d) float32 array, or scipy CSR matrix (which has no types)

_FURTHEST: Final = 1e6  # larger values count as this: squares and sums of them are far from infinite


def usable(features: Features) -> Features:
    """Features as float32, dense (n, d) or CSR; NaN is 0, values beyond ±10⁶ are cut. ValueError for other shapes."""
    if sparse.issparse(features):
        table = sparse.csr_matrix(features, dtype=np.float32, copy=True)
        table.sum_duplicates()
        table.data = _finite(table.data)
        table.eliminate_zeros()
        return table
    dense = np.asarray(features, dtype=np.float32)
    if dense.ndim != 2 or dense.shape[1] == 0:
        raise ValueError(f"features are a table of numbers with at least one column, not {dense.shape}")
    return _finite(dense)


def _finite(values: Float32Array) -> Float32Array:
    found: Float32Array = np.clip(np.nan_to_num(values), -_FURTHEST, _FURTHEST) + np.float32(0)  # no -0.0
    return found


def keys(features: Features, seed: int) -> KeyArray:
    """(n,) 64-bit hashes of the rows of usable features: equal rows have equal keys, others differ but for 1 in 10¹⁹ pairs."""
    stir = np.uint64(seed % 2**64)
    if sparse.issparse(features):
        cells = _mixed(features.indices.astype(np.uint64) << np.uint64(32) | features.data.view(np.uint32))
        sums = np.concatenate(
            [np.zeros(1, np.uint64), np.cumsum(cells, dtype=np.uint64)]
        )  # wraps round, which is meant
        return _mixed(sums[features.indptr[1:]] - sums[features.indptr[:-1]] + stir)
    found = np.full(len(features), stir, dtype=np.uint64)
    for column in features.T:
        found = _mixed(found ^ np.ascontiguousarray(column).view(np.uint32))
    return found


def _mixed(values: KeyArray) -> KeyArray:
    """SplitMix64's output function: Steele, Lea and Flood 2014 (doi:10.1145/2714064.2660195)."""
    with np.errstate(over="ignore"):
        stirred = values + np.uint64(0x9E3779B97F4A7C15)
        stirred = (stirred ^ (stirred >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        stirred = (stirred ^ (stirred >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(stirred ^ (stirred >> np.uint64(31)), dtype=np.uint64)


def shuffled(content: KeyArray, labels: npt.NDArray[np.integer]) -> IntArray:
    """(n,) row numbers in an order that looks random, the first of which are a uniform sample of the rows.

    It depends on content and labels only: copies of a row are told apart by counting them. Between equal rows with different
    labels the lower code comes first, the one place where the names of classes matter.
    """
    order = np.lexsort((labels, content))
    content, labels = content[order], labels[order]
    place = np.arange(len(order))
    start = np.concatenate([np.ones(1, dtype=bool), (content[1:] != content[:-1]) | (labels[1:] != labels[:-1])])
    copy = place - np.maximum.accumulate(np.where(start, place, 0))
    return order[np.lexsort((labels, _mixed(content + _mixed(copy.astype(np.uint64)))))]


def folded(labels: npt.NDArray[np.integer], together: npt.NDArray[np.integer], order: IntArray, folds: int) -> IntArray:
    """(n,) the fold 0 … folds - 1 of each row: rows of one `together` stay in one fold, classes are spread evenly.

    Groups are dealt out class by class (the class of a group is that of its first row), in the order of the rows `order`.
    """
    first, group = np.unique(together[order], return_index=True, return_inverse=True)[1:]
    of_group = np.empty(len(first), dtype=np.int64)
    of_group[np.lexsort((first, labels[order][first]))] = np.arange(len(first)) % folds
    found = np.empty(len(order), dtype=np.int64)
    found[order] = of_group[group]
    return found


def renamed(labels: npt.NDArray[np.integer], order: IntArray, classes: int) -> tuple[IntArray, IntArray]:
    """Codes that do not depend on how classes are named: by first occurrence in `order`. Also (k,) the old code of each new one."""
    present, first = np.unique(labels[order], return_index=True)
    absent = np.setdiff1d(np.arange(classes), present)
    names = np.concatenate([present[np.argsort(first)], absent]).astype(np.int64)
    new = np.empty(classes, dtype=np.int64)
    new[names] = np.arange(classes)
    return new[labels], names
