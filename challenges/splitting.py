"""A seeded split that is the same on every machine, with every library, and whatever rows come later.

Each unit (a row's id, or its group) has a number u in [0, 1) of its own: the first 8 bytes of BLAKE2b over its text, keyed by
the seed. No order of rows and no random generator takes part.

- share alone: a unit is public when u < share. Adding rows never moves another row.
- `stratify`: in every stratum the round(share · n) rows of least u are public. Adding a row can move only the rows next to
  that cut.
- `group`: u is the group's, so its rows stay together.
- both: groups are taken in the order of u; each is public that brings the strata closer to their shares of the rows up to it.
  Here a new group can move others, as no split could keep the shares otherwise.
"""

from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

PERSON = b"jiebang/split/1"
Mask = NDArray[np.bool_]


def draw(
    ids: pl.Series, *, share: float, seed: int, stratify: pl.Series | None = None, group: pl.Series | None = None
) -> Mask:
    """Which rows are public: (n,) truth values for n ids (text). `stratify` and `group` (text, no nulls) have n values too.

    >>> draw(pl.Series(["a", "b", "c", "d"]), share=0.5, seed=7).tolist()
    [True, False, False, False]
    """
    units = ids if group is None else group
    names = units.unique(maintain_order=True)
    numbers = uniform(names.to_list(), seed)
    of_row = names.to_frame("unit").with_row_index("place")
    joined = units.to_frame("unit").join(of_row, on="unit", how="left", maintain_order="left")["place"]
    place: NDArray[np.int64] = joined.cast(pl.Int64).to_numpy()
    u: NDArray[np.float64] = numbers[place]
    if stratify is None:
        return u < share
    strata = stratify.rank("dense").to_numpy().astype(np.int64) - 1
    if group is None:
        return _lowest(u, strata, share)
    return _nearest_shares(numbers, place, strata, share)[place]


def uniform(texts: list[str], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each text.

    >>> uniform(["a", "b"], 7).round(6).tolist()
    [0.474544, 0.817416]
    """
    key = seed.to_bytes(8, "big")
    digests = b"".join(blake2b(text.encode(), digest_size=8, key=key, person=PERSON).digest() for text in texts)
    whole = np.frombuffer(digests, ">u8").astype(np.uint64) >> np.uint64(11)  # the 53 bits that a float64 holds exactly
    return whole.astype(np.float64) * np.float64(2.0**-53)


def _lowest(u: NDArray[np.float64], strata: NDArray[np.int64], share: float) -> Mask:
    order = np.lexsort((u, strata))
    counts = np.bincount(strata)
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(u), np.int64)
    rank[order] = np.arange(len(u)) - starts[strata[order]]
    wanted = np.floor(share * counts + 0.5)
    public: Mask = rank < wanted[strata]
    return public


def _nearest_shares(u: NDArray[np.float64], of_row: NDArray[np.int64], strata: NDArray[np.int64], share: float) -> Mask:
    """Which groups are public: in the order of `u`, each that lowers the sum over strata of (share due so far - share given)²."""
    kinds = int(strata.max()) + 1
    cells, counts = np.unique(of_row * kinds + strata, return_counts=True)
    starts = np.searchsorted(cells, np.arange(len(u) + 1) * kinds)
    totals = np.bincount(strata, minlength=kinds)
    due = np.zeros(kinds)
    public = np.zeros(len(u), bool)
    for one in np.argsort(u, kind="stable"):
        part = slice(starts[one], starts[one + 1])
        kind = cells[part] % kinds
        part_of = counts[part] / totals[kind]
        due[kind] += share * part_of
        if (part_of * (2 * due[kind] - part_of)).sum() > 0:
            public[one] = True
            due[kind] -= part_of
    return public
