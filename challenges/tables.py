"""Reading an organizer's table whole. What teams hand in is read by `challenges.intake` instead, which trusts nothing."""

from pathlib import Path

import polars as pl

from challenges.findings import Finding, PackageRefused

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")


def read(path: Path) -> pl.DataFrame:
    """The table in a csv, tsv, jsonl or parquet file. Cells of csv and tsv stay text, empty ones are null.

    Raises PackageRefused when it cannot be read as what its suffix says.
    """
    try:
        match path.suffix:
            case ".csv" | ".tsv":
                separator = "," if path.suffix == ".csv" else "\t"
                return pl.read_csv(path, separator=separator, infer_schema=False)
            case ".jsonl":
                return pl.read_ndjson(path, infer_schema_length=None)
            case ".parquet":
                return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise _unreadable(path) from error
    raise _unreadable(path)


def _unreadable(path: Path) -> PackageRefused:
    params = {"known": ", ".join(SUFFIXES)}
    return PackageRefused((Finding(id="package.table_unreadable", file=path.name, params=dict(params)),))
