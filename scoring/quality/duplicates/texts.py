"""Nearly the same text: MinHash proposes, the true Jaccard index of the shingles decides."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from scoring.quality.duplicates.buckets import TableKeys, blocks, link, link_across
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.minhash import Bands, band_keys, signatures
from scoring.quality.duplicates.shingles import near_form, shingles
from scoring.sorting import BoolArray, IntArray

LOWEST_THRESHOLD: Final = 0.3
_SIGNED_AT_ONCE: Final = 1 << 20  # shingles: 8 MB of codes
_VERIFIED_AT_ONCE: Final = 1 << 21  # shingles on both sides
_ESTIMATED_AT_ONCE: Final = 1 << 17  # pairs
_SAFE: Final = 3.3  # standard errors by which an estimate may lie below the threshold before a pair is let go
_DOUBTS: Final = 8  # after so many verifications in vain a text's estimates must lie as far above the threshold …
_REFUSALS: Final = 32  # … and after so many it is not compared further
_PIVOTS: Final = 4


def near_texts(texts: pl.Series, *, threshold: float = 0.5, seed: int = 0) -> Groups:
    """Groups of texts that hang together over pairs of Jaccard index ≥ `threshold`.

    texts       (n,) String; null and blank texts are like no other: what is missing is not a duplicate
    threshold   0.3 … 1, of the sets of shingles (`shingles`) of the near forms (`near_form`: the first 10 000 characters)
    seed        any whole number; draws the permutations

    Texts of the same near form are one. For the others, bands of MinHash minima propose pairs: a pair *at* the threshold is
    proposed with probability ≥ 0.995, one above it nearly always. Every pair that joins has been verified on its shingles,
    so none is false. Bounded for hostile texts: `buckets` says how many pairs a crowded band costs, and a text that failed 8
    verifications must look clearly nearer to be verified once more, and after 32 it is not compared further; that loses
    pairs only where many texts are almost alike but not alike enough (one template with different ends). Memory: about 300 bytes for each different text beside the texts. ValueError for another threshold.

    >>> near_texts(pl.Series(["屏幕清晰，运行流畅，推荐购买", "好", "屏幕清晰，运行很流畅，推荐购买！", "好。"])).first.tolist()
    [0, 1, 0, 1]
    """
    forms = near_form(texts)
    distinct, place = _distinct(forms)
    candidates = _Candidates(distinct, threshold, seed)
    roots = link(candidates.tables, len(distinct), candidates.same, pivots=_PIVOTS, finer=True)
    alone = len(distinct) + np.arange(len(texts))
    return Groups.of(np.where(place < 0, alone, np.append(roots, 0)[place]))


def contained_forms(mine: pl.Series, other: pl.Series, *, threshold: float = 0.5, seed: int = 0) -> BoolArray:
    """Which of my near forms (n,) are as near to one of the other set as `near_texts` asks: (n,) bool."""
    own = len(mine)
    distinct, place = _distinct(pl.concat([mine, other]))
    theirs = np.zeros(len(distinct), dtype=np.bool_)
    theirs[place[own:][place[own:] >= 0]] = True
    candidates = _Candidates(distinct, threshold, seed)
    found = theirs | link_across(candidates.tables, ~theirs, candidates.same)
    return np.append(found, False)[place[:own]]


def jaccard(one: pl.Series, other: pl.Series) -> npt.NDArray[np.float64]:
    """The true Jaccard index of the shingles of near forms, pair by pair: (m,) float64. None is null or empty.

    >>> jaccard(pl.Series(["一二三四五"]), pl.Series(["一二三四六"])).tolist()
    [0.5]
    """
    sets = _shingle_sets(pl.concat([one, other]))
    return _jaccard(sets[: len(one)], sets[len(one) :])


def _distinct(forms: pl.Series) -> tuple[pl.Series, IntArray]:
    """The different texts, sorted, so that nothing depends on the order of rows; each row's place, -1 if null or blank."""
    filled = pl.when(forms.str.len_bytes() > 0).then(forms)
    ranks = pl.select((filled.rank("dense").cast(pl.Int64) - 1).fill_null(-1)).to_series().to_numpy()
    distinct = forms.filter(forms.str.len_bytes() > 0).unique().sort()
    return distinct, ranks


class _Candidates:
    """The different texts with what proposes and verifies pairs of them.

    tables     (bands, n) uint32
    sketches   (n, permutations) uint8: the last byte of each minimum, enough to estimate a Jaccard index
    refused    (n,) int64: how many verifications each text has failed, at most _REFUSALS
    """

    def __init__(self, texts: pl.Series, threshold: float, seed: int) -> None:
        if not LOWEST_THRESHOLD <= threshold <= 1:
            raise ValueError(f"The threshold of near-duplicate texts is {threshold}; it must be from 0.3 to 1.")
        bands = Bands.reaching(threshold)
        self.texts, self.threshold = texts, threshold
        self.lengths = texts.str.len_chars().to_numpy().astype(np.int64)
        self.tables: TableKeys = np.empty((bands.count, len(texts)), dtype=np.uint32)
        self.sketches = np.empty((len(texts), bands.permutations), dtype=np.uint8)
        self.refused = np.zeros(len(texts), dtype=np.int64)
        for part in blocks(self.lengths, _SIGNED_AT_ONCE):
            signed = signatures(*shingles(texts[part]), bands.permutations, seed)
            self.tables[:, part] = band_keys(signed, bands)
            self.sketches[part] = signed & np.uint32(0xFF)
        margin = _SAFE * np.sqrt(threshold * (1 - threshold) / bands.permutations)
        bars = np.array([threshold - margin, min(threshold + margin, 1.0), np.inf]) * bands.permutations
        self.fewest_equal = bars.repeat([_DOUBTS, _REFUSALS - _DOUBTS, 1])

    def same(self, one: IntArray, other: IntArray) -> BoolArray:
        """Whether the pairs are verified."""
        same = np.zeros(len(one), dtype=np.bool_)
        hopeful = np.flatnonzero(self._promising(one, other))
        for part in blocks(self.lengths[one[hopeful]] + self.lengths[other[hopeful]], _VERIFIED_AT_ONCE):
            pairs = hopeful[part]
            same[pairs] = self._verified(one[pairs], other[pairs])
        np.add.at(self.refused, other[hopeful[~same[hopeful]]], 1)
        np.minimum(self.refused, _REFUSALS, out=self.refused)
        return same

    def _promising(self, one: IntArray, other: IntArray) -> BoolArray:
        promising = np.zeros(len(one), dtype=np.bool_)
        for start in range(0, len(one), _ESTIMATED_AT_ONCE):
            part = slice(start, start + _ESTIMATED_AT_ONCE)
            equal = self.sketches[one[part]] == self.sketches[other[part]]
            promising[part] = np.count_nonzero(equal, axis=1) >= self.fewest_equal[self.refused[other[part]]]
        return promising

    def _verified(self, one: IntArray, other: IntArray) -> BoolArray:
        needed, place = np.unique(np.concatenate([one, other]), return_inverse=True)
        sets = _shingle_sets(self.texts.gather(needed))
        indices = _jaccard(sets.gather(place[: len(one)]), sets.gather(place[len(one) :]))
        verified: BoolArray = indices >= self.threshold
        return verified


def _shingle_sets(texts: pl.Series) -> pl.Series:
    codes, offsets = shingles(texts)
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(codes))
    return pl.Series(pl.from_arrow(lists)).list.unique()


def _jaccard(one: pl.Series, other: pl.Series) -> npt.NDArray[np.float64]:
    shared, sizes, other_sizes = (
        counts.to_numpy().astype(np.float64)
        for counts in (one.list.set_intersection(other).list.len(), one.list.len(), other.list.len())
    )
    indices: npt.NDArray[np.float64] = shared / (sizes + other_sizes - shared)
    return indices
