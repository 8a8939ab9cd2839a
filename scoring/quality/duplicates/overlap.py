"""How much of one set is in another: the raw bundle, a rival's submission, the public sample, the hidden test."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.duplicates.exact import row_hashes
from scoring.quality.duplicates.images import Prints, contained_images
from scoring.quality.duplicates.shingles import near_form
from scoring.quality.duplicates.tables import contained_rows
from scoring.quality.duplicates.texts import contained_forms
from scoring.sorting import BoolArray

FEWEST_ROWS: Final = 1000  # different rows for which a band is told
BANDS: Final = ((0.01, "below 1 %"), (0.1, "1 % to 10 %"), (0.5, "10 % to 50 %"), (np.inf, "50 % or more"))
TOO_FEW: Final = "too few rows to say"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What of my rows is in the other set. All are counts; no row is named.

    rows             my rows
    exact            those that are the same as a row of the other set
    near             those that are the same or nearly so
    different        my different rows
    different_near   those of them that are the same or nearly so
    """

    rows: int
    exact: int
    near: int
    different: int
    different_near: int

    @property
    def exact_share(self) -> float:
        """The share exact / rows, 0 … 1; 0 where there are no rows."""
        return self.exact / self.rows if self.rows else 0.0

    @property
    def share(self) -> float:
        """The share near / rows, 0 … 1. Novelty (A10) is 1 - share."""
        return self.near / self.rows if self.rows else 0.0

    @property
    def band(self) -> str:
        """What may be told about a hidden set: the band of the share of my *different* rows, and of at least 1000 of them.

        A band for few rows, or for many copies of one row, would tell whether that row is in the hidden set.
        """
        if self.different < FEWEST_ROWS:
            return TOO_FEW
        return band(self.different_near / self.different)


def band(share: float) -> str:
    """One of four coarse bands for a share from 0 to 1. ValueError outside.

    >>> band(0.0), band(0.01), band(0.4999), band(1.0)
    ('below 1 %', '1 % to 10 %', '10 % to 50 %', '50 % or more')
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A share is from 0 to 1, not {share}.")
    return next(words for limit, words in BANDS if share < limit)


def overlap(mine: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Overlap:
    """Of hashes (n,), (m,) of rows (`row_hashes` of the same columns with the same seed), or of anything else.

    >>> overlap(np.array([1, 1, 2, 3]), np.array([1, 4]))
    Overlap(rows=4, exact=2, near=2, different=3, different_near=1)
    """
    same = np.isin(mine, other)
    return _counted(mine, same, same)


def overlap_texts(mine: pl.Series, other: pl.Series, *, threshold: float = 0.5, seed: int = 0) -> Overlap:
    """Of texts: exact is the same near form, near a Jaccard index ≥ threshold to a single text of the other set."""
    forms, others = near_form(mine), near_form(other)
    near = contained_forms(forms, others, threshold=threshold, seed=seed)
    exact = forms.is_in(others.unique().implode()).fill_null(False).to_numpy() & near
    codes = forms.rank("dense").fill_null(0).to_numpy()
    return _counted(codes, exact, near)


def overlap_images(mine: Prints, other: Prints, *, distance: int = 8) -> Overlap:
    """Of images: exact is pixel for pixel, near as `near_images` says."""
    exact = np.isin(mine.pixels, other.pixels)
    return _counted(mine.pixels, exact, exact | contained_images(mine, other, distance=distance))


def overlap_rows(
    mine: pl.DataFrame, other: pl.DataFrame, *, differing: int = 1, tolerance: float = 1e-3, seed: int = 0
) -> Overlap:
    """Of tables with the same columns: exact by `row_hashes`, near as `near_rows` says."""
    hashes = row_hashes(mine, seed=seed)
    exact = np.isin(hashes, row_hashes(other, mine.columns, seed=seed))
    near = contained_rows(mine, other, differing=differing, tolerance=tolerance, seed=seed)
    return _counted(hashes, exact, exact | near)


def _counted(codes: npt.NDArray[np.generic], exact: BoolArray, near: BoolArray) -> Overlap:
    first = np.unique(codes, return_index=True)[1]
    return Overlap(
        len(codes),
        int(np.count_nonzero(exact)),
        int(np.count_nonzero(near)),
        len(first),
        int(np.count_nonzero(near[first])),
    )
