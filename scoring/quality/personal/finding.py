"""Where personal information is in a column: the one search that counting and masking rest on."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from scoring.quality.personal import numbers, words
from scoring.quality.personal.candidates import Candidates, together
from scoring.quality.personal.figures import DigitRuns
from scoring.quality.personal.kinds import KINDS
from scoring.quality.personal.reading import BoolArray, IntArray, Reading, readings
from scoring.quality.personal.titles import named_by

_Seeker = Callable[[Reading, DigitRuns, date | None], Candidates]
_SEEKERS: Final[Mapping[str, _Seeker]] = MappingProxyType(
    {
        "email": lambda reading, _, __: words.email(reading),
        "ipv6": lambda reading, _, __: words.ipv6(reading),
        "iban": lambda reading, _, __: words.iban(reading),
        "identity": lambda _, runs, today: numbers.identity(runs, today),
        "credit_code": lambda reading, _, __: words.credit_code(reading),
        "mobile": lambda _, runs, __: numbers.mobile(runs),
        "landline": lambda _, runs, __: numbers.landline(runs),
        "identity_15": lambda _, runs, __: numbers.identity_15(runs),
        "bank_card": lambda _, runs, __: numbers.bank_card(runs),
        "payment_card": lambda _, runs, __: numbers.payment_card(runs),
        "social_security_us": lambda _, runs, __: numbers.social_security_us(runs),
        "military": lambda _, runs, __: numbers.military(runs),
        "plate": lambda reading, _, __: words.plate(reading),
        "passport": lambda reading, _, __: words.passport(reading),
        "ipv4": lambda _, runs, __: numbers.ipv4(runs),
        "coordinates": lambda _, runs, __: numbers.coordinates(runs),
        "wechat": lambda reading, runs, _: together(words.wechat(reading), numbers.wechat_number(runs)),
        "qq": lambda _, runs, __: numbers.qq(runs),
        "international_phone": lambda _, runs, __: numbers.international_phone(runs),
    }
)
_KIND: Final = pl.Enum(list(KINDS))
_ALL_KINDS: Final = pl.Series(list(KINDS), dtype=_KIND)
SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row": pl.UInt32,
    "kind": _KIND,
    "start": pl.UInt32,
    "stop": pl.UInt32,
}
_NARROW: Final = {pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32}  # cannot be compared with 11 digits
_EXACT_FLOAT: Final = 2**53
_SHORTEST_NAMED, _SHORTEST = 10_000, 10_000_000_000  # smallest number with 5 digits, and with 11


def find(texts: pl.Series, *, today: date | None = None, title: str = "") -> pl.DataFrame:
    """Every piece of personal information in a column.

    texts   strings, categories, lists of strings or numbers; null is nothing. Whole numbers are read as their digits (floats
            only up to 2^53, beyond which digits are lost), and positions count in them. Truth values and times hold nothing;
            TypeError for other types
    today   birth dates after it are none; None: dates up to 2099 pass
    title   the column's name: whole cells below “QQ”, “护照号” or “lat” need no such word of their own

    Returns row (UInt32, from 0), kind (Enum of `KINDS`), start and stop (UInt32, in characters of the text as it is, stop
    excluded), ordered by row and start, never overlapping: the kind that `KINDS` lists first keeps its place. Time grows with the
    length of the texts alone; some million characters are held at once, in at most 100 bytes each. Longer texts are cut at
    pauses, where there are any; what lies across another cut is lost.

    >>> find(pl.Series(["电话138-0013-8000", None, "ok"])).rows()
    [(0, 'mobile', 2, 15)]
    """
    column = as_texts(texts, title)
    parts = [_table(reading, kinds) for reading, kinds in search(column, today=today, title=title)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


def search(
    texts: pl.Series, *, today: date | None = None, title: str = ""
) -> Iterator[tuple[Reading, dict[str, Candidates]]]:
    """The column in parts, and in each the candidates of every kind that overlap no hit of a kind before it."""
    for reading in readings(texts, title):
        runs = DigitRuns(reading)
        taken = _Taken()
        found = {}
        for kind in KINDS:
            free = taken.free(_SEEKERS[kind](reading, runs, today))
            taken.add(free.where(free.accepted))
            found[kind] = free
        yield reading, found


class _Taken:
    """Where hits are: disjoint, ascending."""

    def __init__(self) -> None:
        self._start: IntArray = np.zeros(0, dtype=np.int64)
        self._stop: IntArray = np.zeros(0, dtype=np.int64)

    def free(self, candidates: Candidates) -> Candidates:
        """Candidates in order that overlap nothing taken; of those accepted, none that overlaps one before it."""
        if not len(candidates.start):
            return candidates
        order = np.lexsort((-candidates.stop, candidates.start))
        sorted_ = candidates.where(order)
        open_ = sorted_.where(~self._covers(sorted_))
        reach = np.maximum.accumulate(np.where(open_.accepted, open_.stop, 0))
        overlaps = open_.start < np.append(0, reach[:-1])[: len(reach)]
        return open_.where(~overlaps)

    def _covers(self, candidates: Candidates) -> BoolArray:
        if not len(self._start):
            return np.zeros(len(candidates.start), dtype=np.bool_)
        before = np.searchsorted(self._start, candidates.stop) - 1  # the last that begins before the candidate stops
        return (before >= 0) & (self._stop[np.maximum(before, 0)] > candidates.start)

    def add(self, hits: Candidates) -> None:
        if not len(hits.start):
            return
        order = np.argsort(np.concatenate([self._start, hits.start]), kind="stable")
        self._start = np.concatenate([self._start, hits.start])[order]
        self._stop = np.concatenate([self._stop, hits.stop])[order]


def _table(reading: Reading, found: Mapping[str, Candidates]) -> pl.DataFrame:
    hits = {kind: candidates.where(candidates.accepted) for kind, candidates in found.items()}
    start = np.concatenate([one.start for one in hits.values()])
    stop = np.concatenate([one.stop for one in hits.values()])
    kind = np.repeat(np.arange(len(hits), dtype=np.uint32), [len(one.start) for one in hits.values()])
    order = np.argsort(start, kind="stable")
    text = reading.text_of(start[order])
    columns = {
        "row": reading.rows[text],
        "kind": _ALL_KINDS.gather(kind[order]),
        "start": start[order] - reading.first[text] + reading.offsets[text],
        "stop": stop[order] - reading.first[text] + reading.offsets[text],
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def as_texts(column: pl.Series, title: str = "") -> pl.Series:
    """A column as strings (n,), null where a cell cannot hold personal information.

    Lists of strings are read one below the other. TypeError for other nested and for binary columns. Numbers that are too short
    to identify anyone become null before they are written out.
    """
    dtype = column.dtype
    if dtype == pl.String:
        return column
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype.is_decimal():
        return column.cast(pl.String)
    if dtype == pl.List(pl.String):
        return column.list.join("\n", ignore_nulls=True)
    if dtype.is_float():
        return _float_texts(column, title)
    if dtype.is_integer():
        return _integer_texts(column, title)
    if isinstance(dtype, pl.Boolean | pl.Null) or dtype.is_temporal():
        return pl.repeat(None, len(column), dtype=pl.String, eager=True)
    raise TypeError(
        f"the column {column.name!r} holds {dtype}; personal information is looked for in texts and numbers"
    )


def _integer_texts(column: pl.Series, title: str) -> pl.Series:
    least = _SHORTEST_NAMED if named_by(title) else _SHORTEST
    if column.dtype in _NARROW:
        column = column.cast(pl.Int64)
    return column.set(~(column >= least).fill_null(value=False), None).cast(pl.String)


def _float_texts(column: pl.Series, title: str) -> pl.Series:
    if "coordinates" in named_by(title):
        return column.cast(pl.String)
    whole = (column.floor() == column) & (column.abs() < _EXACT_FLOAT)
    return _integer_texts(column.set(~whole.fill_null(value=False), None).cast(pl.Int64), title)
