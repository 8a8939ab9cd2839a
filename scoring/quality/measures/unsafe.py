"""Whether records hold words that a challenge lists as unsafe."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.duplicates.overlap import FEWEST_ROWS
from scoring.quality.evidence import Evidence
from scoring.quality.reference import UnsafeWords
from scoring.quality.shares import share_of
from scoring.quality.text.safety import find_words

STEPS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""The rates that are told where the words are hidden: the first that is not below the true one, with the limit of the gate."""
USUAL: Final = 0.02
MOST_CATEGORIES: Final = 20


def safety(seen: Evidence) -> Measured | None:
    """Q4: records that hold a listed word in any column of text; of very many records, a sample.

    Where the words are hidden, no record is named and the rate is told in steps of `STEPS`, of at least 1000 records, so that
    nobody learns from single records which words are listed.
    """
    asked = seen.reference.unsafe if seen.reference else None
    columns = [one.name for one in seen.profile.columns if one.kind == "text"]
    if asked is None or not asked.words or not columns or not len(seen.sample):
        return None
    hits = pl.concat([_hits(seen.table[name].gather(seen.sample), asked) for name in columns])
    bad, looked = hits["place"].n_unique(), len(seen.sample)
    if asked.hidden:
        limit = (seen.reference.gates if seen.reference else {}).get("Q4", USUAL)
        steps = sorted({*STEPS, *([] if limit is None else [limit])})
        value = next(step for step in steps if bad / max(looked, FEWEST_ROWS) <= step)
        return Measured(value, value, value, looked, hidden=True)
    share = share_of(bad, looked, population=seen.rows)
    classes = (
        hits.unique(["place", "category"]).group_by("category").len().sort("len", "category", descending=[True, False])
    )
    return Measured(
        share.value, share.low, share.high, looked, bad, issues=issues.joined([_listed(seen, hits, name) for name in columns]),
        details={"categories": dict(classes.head(MOST_CATEGORIES).iter_rows()), "sample": looked < seen.rows},
    )  # fmt: skip


def _hits(cells: pl.Series, asked: UnsafeWords) -> pl.DataFrame:
    """One line for each cell and word: place among the cells, column, word, category. Equal cells are read once."""
    texts = cells.cast(pl.String, strict=False)
    different = texts.drop_nulls().unique().sort()
    hits = find_words(different, asked.words, asked.exceptions).hits
    found = hits.select(
        different.gather(hits["row"]).alias("text"),
        pl.Series("word", [asked.words[place].text for place in hits["word"]], dtype=pl.String),
        pl.Series("category", [asked.words[place].category for place in hits["word"]], dtype=pl.String),
    )
    placed = pl.DataFrame({"place": np.arange(len(texts)), "text": texts})
    return placed.join(found, on="text").select("place", pl.lit(cells.name).alias("column"), "word", "category")


def _listed(seen: Evidence, hits: pl.DataFrame, column: str) -> pl.DataFrame:
    """One issue for each cell: its words with their categories."""
    cells = (
        hits.filter(pl.col("column") == column)
        .sort("place", "word", "category")
        .group_by("place", maintain_order=True)
        .agg(pl.format("{} ({})", "word", "category").str.join(", ").alias("words"))
    )
    return issues.at(seen.sample[cells["place"].to_numpy()], "unsafe_word", column=column, values=cells["words"])
