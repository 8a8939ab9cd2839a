"""Proposals to mend a dataset: a table that people can read, cut down to what they accept, and have applied.

    record   its number in the dataset, from 1
    act      "drop": leave the record out; "set": put `new` into `column`
    column, old, new, confidence, check

A patch is bound to the dataset by `old`: where another value stands there now, nothing is applied and every such place is named.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from challenges.findings import MOST_EXAMPLES, Example, Finding, PackageRefused
from scoring.quality.issues import DROP

SCHEMA: Final = pl.Schema(
    {
        "record": pl.Int64,
        "act": pl.String,
        "column": pl.String,
        "old": pl.String,
        "new": pl.String,
        "confidence": pl.Float32,
        "check": pl.String,
    }
)


def proposed(table: pl.DataFrame, issues: pl.DataFrame) -> pl.DataFrame:
    """The patch that an assessment proposes, in the order of records.

    table    the dataset as it was assessed
    issues   of `scoring.quality.assessment.Assessment`

    A record is dropped once, and cells of dropped records are left alone; of two proposals for a cell the first stands.
    """
    with_row = issues.filter(pl.col("suggestion").is_not_null() & pl.col("row").is_not_null())
    dropped = with_row.filter(pl.col("suggestion") == DROP).unique("row", keep="first", maintain_order=True)
    mended = with_row.filter((pl.col("suggestion") != DROP) & pl.col("column").is_in(table.columns))
    mended = mended.join(dropped.select("row"), on="row", how="anti").unique(
        ["row", "column"], keep="first", maintain_order=True
    )
    drops = dropped.select(
        (pl.col("row").cast(pl.Int64) + 1).alias("record"),
        pl.lit("drop").alias("act"),
        pl.lit(None, pl.String).alias("column"),
        pl.lit(None, pl.String).alias("old"),
        pl.lit(None, pl.String).alias("new"),
        "confidence",
        "check",
    )
    return pl.concat([drops, *_sets(table, mended)]).sort("record", maintain_order=True)


def _sets(table: pl.DataFrame, mended: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for (column,), part in mended.group_by(["column"], maintain_order=True):
        yield part.select(
            (pl.col("row").cast(pl.Int64) + 1).alias("record"),
            pl.lit("set").alias("act"),
            "column",
            _texts(table[str(column)]).gather(part["row"]).alias("old"),
            pl.col("suggestion").alias("new"),
            "confidence",
            "check",
        )


def _texts(cells: pl.Series) -> pl.Series:
    return cells.cast(pl.String, strict=False).fill_null("")


def applied(table: pl.DataFrame, patch: pl.DataFrame, *, file: str = "") -> pl.DataFrame:
    """The table with the patch applied. An empty `new` leaves the cell without a value.

    Raises PackageRefused, with every reason, for a patch of another form, of records or columns that are not there, of values
    that do not stand there, or that do not fit the column's type; the table is then left as it is.
    """
    found = [*_form(patch, file)]
    if not found:
        found = [*_places(table, patch, file)]
    if found:
        raise PackageRefused(tuple(found))
    for (column,), part in patch.filter(pl.col("act") == "set").group_by(["column"], maintain_order=True):
        name = str(column)
        values = pl.Series([new or None for new in part["new"]], dtype=pl.String)
        cells = table[name].clone()
        cells = cells.scatter((part["record"] - 1).to_list(), values.cast(cells.dtype, strict=False))
        table = table.with_columns(cells.alias(name))
    gone = patch.filter(pl.col("act") == "drop")["record"] - 1
    kept = pl.int_range(table.height, eager=True).is_in(gone.to_list()).not_()
    return table.filter(kept)


def _form(patch: pl.DataFrame, file: str) -> Iterator[Finding]:
    missing = [name for name in ("record", "act", "column", "old", "new") if name not in patch.columns]
    if missing:
        yield Finding(id="patch.columns", file=file, params={"missing": ", ".join(missing), "known": ", ".join(SCHEMA)})
        return
    if not patch["record"].dtype.is_integer():
        yield Finding(id="patch.no_number", file=file)
        return
    strange = patch.with_row_index("line", offset=2).filter(
        ~pl.col("act").is_in(["drop", "set"]).fill_null(value=False)
    )
    if strange.height:
        yield _finding("patch.act_unknown", strange, "act", file)


def _places(table: pl.DataFrame, patch: pl.DataFrame, file: str) -> Iterator[Finding]:
    lines = patch.with_row_index("line", offset=2)
    beyond = lines.filter(~pl.col("record").is_between(1, table.height).fill_null(value=False))
    if beyond.height:
        yield _finding("patch.no_record", beyond, "record", file, records=table.height)
    sets = lines.filter((pl.col("act") == "set") & pl.col("record").is_between(1, table.height))
    unknown = sets.filter(~pl.col("column").is_in(table.columns).fill_null(value=False))
    if unknown.height:
        yield _finding("patch.no_column", unknown, "column", file, known=", ".join(table.columns[:20]))
    for (column,), part in sets.filter(pl.col("column").is_in(table.columns)).group_by(["column"], maintain_order=True):
        cells = table[str(column)]
        now = _texts(cells).gather(part["record"] - 1)
        moved = part.filter(now != part["old"].fill_null(""))
        if moved.height:
            yield _finding("patch.other_value", moved, "old", file, column=str(column))
        new = pl.Series([value or None for value in part["new"]], dtype=pl.String)
        unfit = part.filter(new.cast(cells.dtype, strict=False).is_null() & new.is_not_null())
        if unfit.height:
            yield _finding("patch.unfit", unfit, "new", file, column=str(column), type=str(cells.dtype))


def _finding(message: str, lines: pl.DataFrame, part: str, file: str, **params: str | int) -> Finding:
    """A finding with the first lines of the patch (its heading is line 1) at which it holds."""
    head = lines.head(MOST_EXAMPLES)
    examples = tuple(
        Example(row=line - 1, column=part, value=None if value is None else str(value)[:60])
        for line, value in zip(head["line"], head[part], strict=True)
    )
    return Finding(
        id=message, file=file, line=int(lines["line"][0]), count=lines.height, params=dict(params), examples=examples
    )
