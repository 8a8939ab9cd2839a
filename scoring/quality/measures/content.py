"""Whether texts are clean, and whether anything tells who people are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from scoring.quality import issues, personal
from scoring.quality.check import Measured, counted_bad
from scoring.quality.evidence import Evidence
from scoring.quality.personal import ColumnFinding
from scoring.quality.personal.anonymity import k_anonymity
from scoring.quality.text import clean_texts, text_signals
from scoring.sorting import BoolArray


def clean(seen: Evidence) -> Measured | None:
    """Q15: of the texts that are there, those that pass every rule of cleanliness; of very many, a sample. Missing ones are
    completeness's (Q7), and not counted twice.
    """
    if seen.roles.text is None:
        return None
    rows = seen.sample[~seen.empty[seen.sample]]
    if not len(rows):
        return None
    texts = seen.table[seen.roles.text].gather(rows).cast(pl.String, strict=False)
    filled = int(np.count_nonzero(~seen.empty))
    found = clean_texts(text_signals(texts), population=filled)
    parts = [
        issues.at(rows[one.rows], one.rule.key, column=seen.roles.text, values=texts.gather(one.rows))
        for one in found.outcomes
        if len(one.rows)
    ]
    share = found.clean
    return Measured(
        share.value, share.low, share.high, share.of, share.of - share.count, issues=issues.joined(parts),
        details={"codes": {code: one.value for code, one in found.by_code.items() if one.of}, "sample": len(rows) < filled},
    )  # fmt: skip


def personal_information(seen: Evidence) -> Measured | None:
    """Q5: records that hold what names a person by itself, such as an identity or telephone number, or, where a challenge names
    quasi-identifiers, that share their combination of these with too few others.

    A record counts once. Copies count as records in a group: where nothing else is asked for, equal rows may be different people.
    """
    if not seen.rows:
        return None
    counts = personal.count(seen.table)
    found = [one for one in personal.judge(counts) if one.verdict != "chance"]
    direct = personal.direct_rows_of(seen.table, found).to_numpy()
    few, details = _few_alike(seen)
    parts = [part for column in dict.fromkeys(one.column for one in found) for part in _places(seen, column, found)]
    if details:
        parts.append(issues.at(np.flatnonzero(few), "few_alike", column=", ".join(details["quasi_identifiers"])))
    return counted_bad(
        int((direct | few).sum()), seen.rows, issues=issues.joined(parts),
        details={"columns": [{"column": one.column, "kind": one.kind, "verdict": one.verdict} for one in found], **details},
    )  # fmt: skip


def _few_alike(seen: Evidence) -> tuple[BoolArray, dict[str, Any]]:
    """(n,) which records are in a group of fewer than the challenge asks for (k-anonymity); details are empty where it asks nothing."""
    reference = seen.reference
    names = [name for name in (reference.quasi_identifiers if reference else ()) if name in seen.table.columns]
    if reference is None or not names:
        return np.zeros(seen.rows, np.bool_), {}
    k = k_anonymity(seen.table, names).k
    few = seen.table.select((pl.len().over(names) < reference.least_group).alias("few"))["few"].to_numpy()
    return few, {"quasi_identifiers": names, "smallest_group": k, "least_group": reference.least_group}


def _places(seen: Evidence, column: str, found: Sequence[ColumnFinding]) -> list[pl.DataFrame]:
    """Where the kinds stand in a column; the values themselves are never copied."""
    hits = personal.find(seen.table[column], title=column)
    kinds = [one.kind for one in found if one.column == column]
    rows = {kind: hits.filter(hits["kind"] == kind)["row"].unique().sort().to_numpy() for kind in kinds}
    return [issues.at(places, f"personal:{kind}", column=column) for kind, places in rows.items()]
