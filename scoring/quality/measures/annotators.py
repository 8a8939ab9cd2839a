"""Whether several annotators agree on the labels."""

from typing import Final

import numpy as np
import polars as pl

from scoring.agreement.coefficients import krippendorff_alpha
from scoring.agreement.labels import Labels
from scoring.errors import ScoringError
from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names

KINDS_OF_ANNOTATORS: Final = ("普通标注员", "专业标注员", "行业领域专家", "其他")
"""What TC609 records say instead of who it was: with these alone nobody can be told from others."""


def agreement(seen: Evidence) -> Measured | None:
    """A7: Krippendorff's α of the labels that several annotators gave to the same item, one record for each label.

    Records with the same id are about one item. The same label of the same annotator for the same item counts once, so copies earn
    nothing; two different ones of them disagree like those of two people.
    """
    if seen.roles.annotator is None or seen.roles.id is None or seen.labels is None:
        return None
    given = pl.DataFrame(
        {
            "row": np.arange(seen.rows),
            "item": as_names(seen.table[seen.roles.id]),
            "annotator": as_names(seen.table[seen.roles.annotator]),
            "label": seen.labels,
        }
    ).drop_nulls()
    if not given.height or given["annotator"].is_in(KINDS_OF_ANNOTATORS).all():
        return None
    votes = given.unique(["item", "annotator", "label"], keep="any")
    try:
        found = krippendorff_alpha(_labels(votes))
    except ScoringError:  # nobody labelled what another did, or all labels are the same
        return None
    disputed = votes.group_by("item").agg(pl.col("label").n_unique().alias("labels")).filter(pl.col("labels") > 1)
    rows = given.filter(pl.col("item").is_in(disputed["item"].implode()))["row"].to_numpy()
    return Measured(
        found.value, found.low, found.high, found.labels, disputed.height,
        issues=issues.at(rows, "annotators_disagree", column=seen.roles.label, values=seen.labels.gather(rows)),
        details={"items": found.items, "disputed": disputed.height, "annotators": given["annotator"].n_unique()},
    )  # fmt: skip


def _labels(votes: pl.DataFrame) -> Labels:
    codes = votes.select(
        pl.col("item").rank("dense").alias("item"),
        pl.struct("annotator", "label").rank("dense").alias("vote"),  # so that who contradicts himself is two
        (pl.col("label").rank("dense") - 1).alias("label"),
    ).cast(pl.Int64)
    return Labels.from_rows(*(codes[name].to_numpy() for name in ("item", "vote", "label")))
