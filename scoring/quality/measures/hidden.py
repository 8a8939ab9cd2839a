"""What can only be told from hidden rows. No row may be named and no share told: values are the lower ends of coarse bands."""

from typing import Final

import polars as pl

from scoring import utility
from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.duplicates.exact import row_hashes
from scoring.quality.duplicates.overlap import BANDS, FEWEST_ROWS, Overlap, band, overlap, overlap_rows, overlap_texts
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import read_alike, shared
from scoring.quality.measures.repeats import WIDE

MOST_GROWTH: Final = 4.0
"""How many times more rows of the test than in raw data may be met by chance, in a dataset so many times as large."""


def contamination(seen: Evidence) -> Measured | None:
    """A9: how much of the hidden test is in the dataset, or of the dataset in the test, beyond what raw data already shares with it.

    Rows are compared by content without id and label, equal or nearly so; of texts, the texts. Columns that are empty in the test
    are left aside, or whoever knows its rows would fill them in. Two shares are taken, each of
    different rows, and of at least 1000, so that no band tells about single rows: dataset rows that are in the test, and
    test rows that are in the dataset. From the first the same share of raw data is taken off; from the second too, times as
    many as the dataset has more rows than raw data, for more rows meet more by chance. The larger rest counts, as the lower end of
    its band.

    Issues name columns that give the label away, which takes no hidden row to see.
    """
    reference = seen.reference
    if reference is None or reference.test is None or not reference.test.height or not seen.rows:
        return None
    text = seen.roles.text if seen.roles.text in reference.test.columns else None
    columns = [text] if text else shared(seen, reference.test, without=[seen.roles.label])
    if not columns or (seen.media is not None and text is None):
        return None  # names of files say nothing about what is in them
    test = read_alike(seen, reference.test, columns)
    columns = [
        name for name in columns if test[name].null_count() < test.height
    ]  # what the test hides tells nothing apart
    if not columns:
        return None
    mine, test = seen.typed.select(columns), test.select(columns)
    found = _shares(mine, test, seen.seed, text=text)
    if reference.raw is not None and set(columns) <= set(reference.raw.columns) and reference.raw.height:
        raw = read_alike(seen, reference.raw, columns)
        chance = _shares(raw, test, seen.seed, text=text)
        growth = min(max(found.rows / chance.rows, 1.0), MOST_GROWTH)
        excess = max(found.of_mine - chance.of_mine, found.of_test - growth * chance.of_test)
    else:
        excess = max(found.of_mine, found.of_test)
    excess = min(max(excess, 0.0), 1.0)
    value = max((limit for limit, _ in BANDS if limit <= excess), default=0.0)
    return Measured(value, value, value, seen.rows, issues=_giving_away(seen), details={"band": band(excess)})


class _Shares:
    """What two frames have in common: different rows of the first, and the shares of both."""

    def __init__(self, mine: Overlap, test: Overlap) -> None:
        self.rows = max(mine.different, 1)
        self.of_mine = mine.different_near / max(mine.different, FEWEST_ROWS)
        self.of_test = test.different_near / max(test.different, FEWEST_ROWS)


def _shares(mine: pl.DataFrame, test: pl.DataFrame, seed: int, *, text: str | None) -> _Shares:
    return _Shares(_overlap(mine, test, seed, text=text), _overlap(test, mine, seed, text=text))


def _overlap(one: pl.DataFrame, other: pl.DataFrame, seed: int, *, text: str | None) -> Overlap:
    if text is not None:
        return overlap_texts(one[text].cast(pl.String), other[text].cast(pl.String), seed=seed)
    if one.width >= WIDE:
        return overlap_rows(one, other, seed=seed)
    return overlap(row_hashes(one, seed=seed), row_hashes(other, seed=seed))


def _giving_away(seen: Evidence) -> pl.DataFrame:
    """Columns from which alone the label can be told almost perfectly, or that hold its text."""
    label = seen.roles.label
    if label is None:
        return issues.none()
    rows = seen.table[seen.sample]
    ignored = [name for name in (seen.roles.id, seen.roles.annotator) if name]
    try:
        leaks = utility.scan(rows, rows, target=label, metric="roc_auc", ignore=ignored)
    except utility.Refused:  # one class, too many, or too few records
        return issues.none()
    found = sorted({leak.column for leak in leaks if leak.sign in {"gives-away", "label-text"}})
    return issues.joined([issues.about_column(name, "gives_label_away") for name in found])
