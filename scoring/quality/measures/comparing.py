"""Other frames beside the dataset: what a challenge gives to everybody, or hides."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from scoring.quality.conformity import DTYPES, read
from scoring.quality.evidence import Evidence, Roles

_KIND_OF: Final = {dtype: kind for kind, dtype in DTYPES.items()}


def shared(seen: Evidence, frame: pl.DataFrame, *, without: Sequence[str | None] = ()) -> list[str]:
    """The columns of content that both have and whose values can be compared, in the order of the dataset."""
    typed = seen.typed
    return [
        name
        for name in seen.content
        if name in frame.columns
        and name not in without
        and not any(kind.is_nested() or kind == pl.Binary for kind in (typed.schema[name], frame.schema[name]))
    ]


def read_alike(seen: Evidence, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of another frame, each value read as the dataset's column of that name is; null where it is no such value."""
    kinds = {name: _KIND_OF.get(seen.typed.schema[name]) for name in columns}
    return pl.DataFrame([frame[name] if kind is None else read(frame[name], kind) for name, kind in kinds.items()])


def one_writing(seen: Evidence, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of any frame as texts, with one writing for each value that the schema gives a type, whatever its constraints; what is no
    such value as it is written. So equal records have equal texts, in frames of which one holds defects and the other none.
    """
    alike = Evidence(frame.select(columns), Roles(), seen.schema).comparable
    return alike.select(
        pl.coalesce(pl.col(name).struct.unnest().cast(pl.String)).alias(name)
        if isinstance(kind, pl.Struct)
        else pl.col(name).cast(pl.String, strict=False)
        for name, kind in alike.schema.items()
    )


def as_names(cells: pl.Series) -> pl.Series:
    """Ids, codes or names as text without blanks at the ends, null where there is none; 7.0 is "7".

    >>> as_names(pl.Series([" a", "", None])).to_list(), as_names(pl.Series([7.0, 7.5])).to_list()
    (['a', None, None], ['7', '7.5'])
    """
    texts = read(cells, "string").str.strip_chars()
    if cells.dtype.is_float():
        whole = read(cells, "integer").cast(pl.String)
        texts = whole.zip_with(whole.is_not_null(), texts)
    return texts.set(texts == "", None)
