"""Records that are there more than once."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality.evidence import Evidence
from scoring.quality.injectors.planting import IntArray, Planted, features, first, put

EDITED: Final = 0.05
"""Of the characters of a near copy, at least one."""


def appended(table: pl.DataFrame, more: pl.DataFrame, id_column: str | None) -> pl.DataFrame:
    """The table with further records, whose ids are new ones."""
    if id_column is not None:
        ids, places = table[id_column], pl.Series(range(1, more.height + 1))
        fresh = places + int(str(ids.max())) if ids.dtype.is_integer() else "more-" + places.cast(pl.String)
        more = more.with_columns(fresh.cast(ids.dtype).alias(id_column))
    return pl.concat([table, more])


def _sources(seen: Evidence, severity: float, rng: np.random.Generator) -> IntArray:
    """Rows to copy, each once, so that the copies are the share `severity` of the longer table."""
    return first(rng, seen.rows, min(seen.rows, seen.rows * severity / (1 - severity)))


def _with_copies(seen: Evidence, copies: pl.DataFrame) -> Planted:
    rows = np.arange(seen.rows, seen.rows + copies.height)
    return Planted(appended(seen.table, copies, seen.roles.id), rows, copies.height / (seen.rows + copies.height))


def exact_copies(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records that are there already, under ids of their own."""
    return _with_copies(seen, seen.table[_sources(seen, severity, rng)])


def near_texts(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records whose text is that of another with one character in twenty left out, replaced or put in."""
    name = str(seen.roles.text)
    seeds, rows = rng.integers(2**31, size=seen.rows), _sources(seen, severity, rng)
    texts = seen.table[name].fill_null("").to_list()
    letters = "".join(texts[:200]) or "的"
    edited = [_edited(texts[row], letters, np.random.default_rng(seeds[row])) for row in rows]
    return _with_copies(seen, seen.table[rows].with_columns(pl.Series(name, edited)))


def _edited(text: str, letters: str, rng: np.random.Generator) -> str:
    characters = list(text)
    for place in first(rng, len(text), EDITED * len(text)):
        other = letters[rng.integers(len(letters))]
        characters[place] = ("", other, characters[place] + other)[rng.integers(3)]
    return "".join(characters)


def near_rows(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records that are another one with its numbers rounded to four figures and another value in one column."""
    columns = features(seen)
    if seen.roles.text is not None or len(columns) < 4:
        return None
    rows, others = _sources(seen, severity, rng), rng.permutation(seen.rows)
    lots = rng.random((seen.rows, len(columns)))[rows]
    copies, given = seen.table[rows], seen.table[others[rows]]
    copies = copies.with_columns(pl.col(name).round_sig_figs(4) for name in columns if copies.schema[name].is_float())
    unlike = np.column_stack([copies[name].ne_missing(given[name]).to_numpy() for name in columns])
    place = np.where(unlike, lots, -1).argmax(axis=1)
    for at, name in enumerate(columns):
        changed = np.flatnonzero((place == at) & unlike[:, at])
        copies = put(copies, name, changed, given[name].gather(changed))
    return _with_copies(seen, copies)
