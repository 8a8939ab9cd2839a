"""Whether the content is of the sector that it is said to be of."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.sectors import listed
from scoring.quality.shares import share_of
from scoring.quality.text.safety import find_words

MOST: Final = 2_000
"""Texts that are read; more would hardly make a share surer."""
MOST_VALUES: Final = 50
"""Different values of a column of a table that are read beside its name: so the names are not drowned."""
FEWEST: Final = 20
"""Votes; from fewer nothing is told."""
EVERYTHING: Final = 10**9
"""What the votes are taken as drawn from: all that might be written of the sector."""


def type_consistency(seen: Evidence) -> Measured | None:
    """Q12: of the texts that hold words of any sector, those that hold at least as many different ones of a declared sector as
    of any other. Texts are those of records; without a text column, names of columns and different values in them.

    Texts without such a word abstain; with fewer than `FEWEST` votes nothing is told. Whether content is common or expert knowledge
    (通识, 行业通识, 行业专识) is left out: how many records hold words of a sector says more about the list of words than about
    the records.
    """
    sectors = seen.reference.sectors if seen.reference else ()
    units = _units(seen) if sectors else None
    if units is None or not units.height:
        return None
    counts = _counts(units["text"])
    best = counts.group_by("unit").agg(
        pl.col("words").max().alias("most"),
        pl.col("words").filter(pl.col("sector").is_in(sectors)).max().fill_null(0).alias("own"),
        pl.col("sector").sort_by("words", "sector", descending=[True, False]).first().alias("other"),
    )
    if best.height < FEWEST:
        return None
    against = best.filter(pl.col("own") < pl.col("most")).sort("unit")
    share = share_of(best.height - against.height, best.height, population=EVERYTHING)
    votes = counts.filter(pl.col("words") == pl.col("words").max().over("unit"))["sector"].value_counts(name="texts")
    return Measured(
        share.value, share.low, share.high, best.height, against.height, issues=_listed(seen, units, against),
        details={"texts": units.height, "votes": dict(votes.sort("texts", "sector", descending=[True, False]).iter_rows())},
    )  # fmt: skip


def _units(seen: Evidence) -> pl.DataFrame:
    """What may vote, with the row (null where it is none's) and the column that it stands in."""
    if seen.roles.text is not None:
        rows = seen.sample[seen.distinct[seen.sample]]
        texts = seen.table[seen.roles.text].gather(rows).cast(pl.String, strict=False)
        return _drawn(pl.DataFrame({"text": texts, "row": rows}), MOST, seen.seed).with_columns(
            pl.lit(seen.roles.text).alias("column")
        )
    columns = seen.content if seen.rows else ()
    parts = [
        pl.DataFrame({"text": list(columns), "column": list(columns)}, schema={"text": pl.String, "column": pl.String})
    ]
    for name in columns:
        if seen.profile.column(name).kind == "text":
            values = seen.table[name].gather(seen.sample).cast(pl.String, strict=False).unique()
            parts.append(
                _drawn(pl.DataFrame({"text": values}), MOST_VALUES, seen.seed).with_columns(column=pl.lit(name))
            )
    return pl.concat(parts).with_columns(pl.lit(None, pl.Int64).alias("row"))


def _drawn(texts: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    """At most so many lines, by the hash of their text."""
    there = texts.drop_nulls("text")
    order = np.argsort(exact.row_hashes(there, ["text"], seed=seed + 1), kind="stable")[:most]
    return there[order]


def _counts(texts: pl.Series) -> pl.DataFrame:
    """unit, sector, words: how many different words of the sector a text holds, where it holds any."""
    forms = listed()
    hits = find_words(texts, [form for form, _ in forms]).hits.filter(~pl.col("disguised"))
    table = pl.DataFrame(
        {
            "word": np.arange(len(forms)),
            "sector": [form.category for form, _ in forms],
            "of": [word for _, word in forms],
        }
    )
    return (
        hits.join(table, on="word")
        .group_by(pl.col("row").alias("unit"), "sector")
        .agg(pl.col("of").n_unique().alias("words"))
    )


def _listed(seen: Evidence, units: pl.DataFrame, against: pl.DataFrame) -> pl.DataFrame:
    """Records, or columns as a whole, whose words are of another sector, with that sector."""
    found = units[against["unit"].to_numpy()].with_columns(against["other"].alias("other"))
    if seen.roles.text is not None:
        return issues.at(found["row"].to_numpy(), "sector_other", column=seen.roles.text, values=found["other"])
    columns = found.group_by("column").agg(pl.col("other").mode().sort().first()).sort("column")
    named = [
        issues.about_column(column, "sector_other").with_columns(pl.lit(other).alias("value"))
        for column, other in columns.iter_rows()
    ]
    return issues.joined(named)
