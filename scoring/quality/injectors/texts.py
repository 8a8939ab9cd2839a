"""Texts that are cut off, were read in the wrong encoding, or say who somebody is."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality.evidence import Evidence
from scoring.quality.injectors.people import Maker
from scoring.quality.injectors.planting import IntArray, Planted, first, put, strings

WRITTEN_AND_READ: Final = (("utf-8", "latin-1"), ("utf-8", "cp1252"), ("utf-8", "gbk"), ("gbk", "latin-1"))
SHORTEST: Final = 20
"""Characters that a text needs to be cut off in."""


def _long_texts(seen: Evidence, shortest: int) -> IntArray:
    lengths = seen.table[str(seen.roles.text)].cast(pl.String).str.len_chars().fill_null(0)
    return np.flatnonzero((lengths >= shortest).to_numpy())


def mojibake(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Texts were written in one encoding and read in another. Those that come out as they were are not counted."""
    name, places = str(seen.roles.text), _long_texts(seen, 1)
    if not len(places):
        return None
    pairs = rng.integers(0, len(WRITTEN_AND_READ), seen.rows)
    picked = np.sort(places[first(rng, len(places), severity * seen.rows)])
    before = seen.table[name].gather(picked).to_list()
    after = [_misread(text, *WRITTEN_AND_READ[pairs[row]]) for row, text in zip(picked, before, strict=True)]
    rows = picked[[one != other for one, other in zip(before, after, strict=True)]]
    if not len(rows):
        return None
    return Planted(put(seen.table, name, picked, pl.Series(after, dtype=pl.String)), rows, len(rows) / seen.rows)


def _misread(text: str, written: str, read: str) -> str:
    return text.encode(written, errors="replace").decode(read, errors="replace")


def truncated(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Texts end after 30 to 70 % of their characters, wherever that is."""
    name, places = str(seen.roles.text), _long_texts(seen, SHORTEST)
    if not len(places):
        return None
    left = rng.uniform(0.3, 0.7, seen.rows)
    rows = np.sort(places[first(rng, len(places), severity * seen.rows)])
    texts = seen.table[name].gather(rows).to_list()
    cut = [text[: int(left[row] * len(text))] for row, text in zip(rows, texts, strict=True)]
    return Planted(put(seen.table, name, rows, pl.Series(cut, dtype=pl.String)), rows, len(rows) / seen.rows)


def personal(seen: Evidence, severity: float, rng: np.random.Generator, *, make: Maker) -> Planted | None:
    """Made-up but well-formed personal data at the end of what a cell says."""
    columns = strings(seen)
    name, seeds = columns[rng.integers(len(columns))], rng.integers(2**31, size=seen.rows)
    rows = np.sort(first(rng, seen.rows, severity * seen.rows))
    said = [make(np.random.default_rng(seeds[row])) for row in rows]
    texts = seen.table[name].gather(rows).fill_null("") + " " + pl.Series(said)
    return Planted(put(seen.table, name, rows, texts), rows, len(rows) / seen.rows)
