"""Texts with the middle of their personal information starred, for samples and lists of findings that others may read."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from scoring.quality.personal.finding import as_texts, find
from scoring.quality.personal.kinds import KINDS
from scoring.quality.personal.reading import IS_ALNUM, BoolArray, ByteArray, IntArray, folded

_STAR: Final = ord("*")
_KEEP: Final = np.array([record.keep for record in KINDS.values()], dtype=np.int64)
_NOTHING: Final = np.zeros_like(_KEEP)
_EMAIL: Final = list(KINDS).index("email")
_PLACE: Final = ["row", "kind", "start", "stop"]


def mask(texts: pl.Series, hits: pl.DataFrame, *, today: date | None = None, title: str = "") -> pl.Series:
    """The texts, as strings of the same length in characters, with the hits masked.

    texts          the column that was searched
    hits           what `find` found in it, or a part of that
    today, title   as they were given to `find`

    Of each hit the first and last letters and digits stay that `PersonalKind.keep` says, if that is not all; the others become
    *, marks between them stay, and so does the domain of an address. What is left can by accident be a hit again, with what
    stands beside it: that is starred whole, until nothing is found that was not left out of `hits`. So masking what is masked
    changes nothing.

    >>> mask(pl.Series(["电话138-0013-8000"]), find(pl.Series(["电话138-0013-8000"]))).to_list()
    ['电话138-****-8000']
    """
    plain = texts if texts.dtype == pl.String else _written_out(texts, title)
    masked = _starred(plain, hits, _KEEP)
    rows = hits["row"].unique().sort()
    left_out: pl.DataFrame | None = None
    while len(rows):
        again = find(masked.gather(rows), today=today, title=title)
        again = again.with_columns(row=rows.gather(again["row"]))
        if len(again) and left_out is None:
            before = find(plain.gather(rows), today=today, title=title)
            left_out = before.with_columns(row=rows.gather(before["row"])).join(hits, on=_PLACE, how="anti")
        if left_out is not None:
            again = again.join(left_out, on=_PLACE, how="anti")
        masked = _starred(masked, again, _NOTHING)
        rows = again["row"].unique().sort()
    return masked


def _written_out(column: pl.Series, title: str) -> pl.Series:
    read = as_texts(column, title)
    return read.zip_with(read.is_not_null(), column.cast(pl.String)) if column.dtype != pl.List(pl.String) else read


def _starred(texts: pl.Series, hits: pl.DataFrame, keep: IntArray) -> pl.Series:
    """The texts with stars in the hits; keep (kinds, 2) characters at the ends."""
    if not len(hits):
        return texts
    rows, text = np.unique(hits["row"].to_numpy(), return_inverse=True)
    chosen = texts.gather(rows)
    bounds = np.append(0, np.cumsum(chosen.str.len_chars().to_numpy().astype(np.int64)))
    points = np.frombuffer(str(chosen.str.join("").item()).encode("utf-32-le"), dtype="<u4").copy()
    start, stop = (hits[name].to_numpy().astype(np.int64) + bounds[text] for name in ("start", "stop"))
    kind = hits["kind"].to_physical().to_numpy()
    at = np.repeat(start - np.append(0, np.cumsum(stop - start)[:-1]), stop - start) + np.arange((stop - start).sum())
    hit = np.repeat(np.arange(len(start)), stop - start)
    points[at[_hidden(folded(points[at]), hit, kind == _EMAIL, keep[kind])]] = _STAR
    return texts.clone().scatter(rows, _strings(points, bounds))


def _hidden(characters: ByteArray, hit: IntArray, email: BoolArray, keep: IntArray) -> BoolArray:
    """(c,) which characters of the hits become stars.

    characters, hit   (c,) folded, and the hit of each, ascending
    email, keep       (h,) whether a hit is an e-mail address; (h, 2) how many to keep
    """
    domain = email[hit] & (_rank(characters == ord("@"), hit, len(email)) > 0)
    counted = IS_ALNUM[characters] & ~domain
    rank = _rank(counted, hit, len(email))
    total = np.bincount(hit, weights=counted, minlength=len(email)).astype(np.int64)
    first, last = np.where(total[:, None] > keep.sum(axis=1, keepdims=True), keep, 0).T
    return np.asarray(counted & (rank > first[hit]) & (rank <= (total - last)[hit]))


def _rank(marks: BoolArray, hit: IntArray, hits: int) -> IntArray:
    """(c,) how many of the marked characters of its hit there are up to each."""
    running = np.cumsum(marks)
    begins = np.searchsorted(hit, np.arange(hits))
    ahead: IntArray = running[begins] - marks[begins]
    return np.asarray(running - ahead[hit])


def _strings(points: IntArray, bounds: IntArray) -> pl.Series:
    """The code points (c,), cut at the bounds (t + 1,)."""
    width = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000)  # of each in UTF-8
    offsets = np.append(0, np.cumsum(width))[bounds]
    written = points.tobytes().decode("utf-32-le").encode()
    buffers = pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(written)
    made = pl.from_arrow(pa.LargeStringArray.from_buffers(len(bounds) - 1, *buffers))
    assert isinstance(made, pl.Series)
    return made
