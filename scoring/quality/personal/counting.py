"""How much personal information a table holds: counts that shards add up, and what they say about each column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import numpy as np
import polars as pl
from scipy.special import betainc

from scoring.quality.personal.candidates import Candidates
from scoring.quality.personal.finding import as_texts, search
from scoring.quality.personal.kinds import KINDS
from scoring.quality.personal.reading import IntArray, Reading

Verdict = Literal["certain", "possible", "chance"]
SURE: Final = 1e-6  # 100 columns of 20 kinds make 0.2 % false alarms
UNEVEN: Final = 1.5  # numbers that people hand out are no random digits: so much more often they may pass by chance


@dataclass(frozen=True, slots=True)
class Tally:
    """One kind in one column: cells with a hit, strings of the outer form (candidates), hits among these."""

    cells: int
    formed: int
    passed: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.cells + other.cells, self.formed + other.formed, self.passed + other.passed)


@dataclass(frozen=True, slots=True)
class Counts:
    """Personal information in the rows seen so far; whole numbers, so that shards merge in any order to the same.

    rows          rows
    direct_rows   rows in which any column has a hit that names a person by itself; see also `direct_rows_of`
    filled        cells that are not null, by column
    tallies       by column and kind; only where there is a candidate
    """

    rows: int = 0
    direct_rows: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    tallies: Mapping[tuple[str, str], Tally] = field(default_factory=dict)

    def merge(self, other: "Counts") -> "Counts":
        """The counts of both, of disjoint rows. `Counts()` is nothing."""
        columns = sorted({*self.filled, *other.filled})
        pairs = sorted({*self.tallies, *other.tallies})
        none = Tally(0, 0, 0)
        return Counts(
            self.rows + other.rows,
            self.direct_rows + other.direct_rows,
            {column: self.filled.get(column, 0) + other.filled.get(column, 0) for column in columns},
            {pair: self.tallies.get(pair, none) + other.tallies.get(pair, none) for pair in pairs},
        )


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """What the counts say of one kind in one column that has hits.

    share      cells with a hit of the cells that are not null
    expected   hits that chance alone would give among the candidates: formed times the kind's chance
    p_value    exact binomial P(at least so many hits among so many candidates) if each passed by chance, with the chance
               taken 1.5 times, as the digits of order numbers are not random; 0 where it is below about 1e-300
    verdict    certain: p_value ≤ 1e-6. chance: more than 0.05, and the candidates are so many that real ones would have shown
               (if all had passed, the p-value were ≤ 1e-6). possible: between, or too few candidates to tell, as one
               telephone number in a text; to be treated as personal
    """

    column: str
    kind: str
    direct: bool
    cells: int
    share: float
    formed: int
    passed: int
    expected: float
    p_value: float
    verdict: Verdict


def count(frame: pl.DataFrame, columns: Sequence[str] | None = None, *, today: date | None = None) -> Counts:
    """The counts of some columns, or all, of a table; which types are read, and TypeError, as in `find`.

    >>> judge(count(pl.DataFrame({"tel": [13800138000 + number for number in range(9)]})))[0].verdict
    'certain'
    """
    filled: dict[str, int] = {}
    tallies: dict[tuple[str, str], Tally] = {}
    direct = np.zeros(frame.height, dtype=np.bool_)
    for column in sorted(frame.columns if columns is None else columns):
        filled[column] = frame.height - frame[column].null_count()
        for kind, (rows, formed) in _counted(frame[column], column, today).items():
            tallies[column, kind] = Tally(len(np.unique(rows)), formed, len(rows))
            direct[rows] |= KINDS[kind].direct
    return Counts(frame.height, int(direct.sum()), filled, dict(sorted(tallies.items())))


def _counted(column: pl.Series, title: str, today: date | None) -> dict[str, tuple[IntArray, int]]:
    """Of each kind with a candidate: the row (h,) of every hit, and how many candidates there are."""
    hits: dict[str, list[IntArray]] = {}
    formed: dict[str, int] = {}
    for reading, found in search(as_texts(column, title), today=today, title=title):
        for kind, candidates in found.items():
            if len(candidates.start):
                hits.setdefault(kind, []).append(_rows(reading, candidates))
                formed[kind] = formed.get(kind, 0) + len(candidates.start)
    return {kind: (np.concatenate(rows), formed[kind]) for kind, rows in hits.items()}


def _rows(reading: Reading, candidates: Candidates) -> IntArray:
    return reading.rows[reading.text_of(candidates.start[candidates.accepted])]


def judge(counts: Counts) -> tuple[ColumnFinding, ...]:
    """What each column holds, of every kind with a hit; by column, and in the order of `KINDS`.

    The candidates are taken as independent. A column that repeats one number many times is not, and can seem certain.
    """
    place = {kind: index for index, kind in enumerate(KINDS)}
    pairs = sorted(counts.tallies, key=lambda pair: (pair[0], place[pair[1]]))
    return tuple(_finding(counts, *pair) for pair in pairs if counts.tallies[pair].passed)


def _finding(counts: Counts, column: str, kind: str) -> ColumnFinding:
    tally, record = counts.tallies[column, kind], KINDS[kind]
    p_value = at_least(tally.passed, tally.formed, record.chance)
    return ColumnFinding(
        column,
        kind,
        record.direct,
        tally.cells,
        tally.cells / counts.filled[column],
        tally.formed,
        tally.passed,
        tally.formed * record.chance,
        p_value,
        _verdict(p_value, at_least(tally.formed, tally.formed, record.chance)),
    )


def _verdict(p_value: float, smallest: float) -> Verdict:
    if p_value <= SURE:
        return "certain"
    return "chance" if p_value > 0.05 and smallest <= SURE else "possible"


def at_least(passed: int, formed: int, chance: float) -> float:
    """P(X ≥ passed) for X binomial (formed, 1.5 · chance): the regularized incomplete beta function I_p(k, n - k + 1)."""
    return 1.0 if passed == 0 else float(betainc(passed, formed - passed + 1, min(1.0, UNEVEN * chance)))


def direct_rows_of(frame: pl.DataFrame, findings: Iterable[ColumnFinding], *, today: date | None = None) -> pl.Series:
    """(rows,) Boolean: which rows hold a hit of a direct kind in a column where it is not judged to be chance.

    `Counts.direct_rows` cannot know the verdicts, and counts the hits of chance too; this second reading of the columns
    concerned does not. Its sum adds up over shards.
    """
    real: dict[str, set[str]] = {}
    for finding in findings:
        if finding.direct and finding.verdict != "chance":
            real.setdefault(finding.column, set()).add(finding.kind)
    rows = np.zeros(frame.height, dtype=np.bool_)
    for column in sorted(real):
        for reading, found in search(as_texts(frame[column], column), today=today, title=column):
            for kind in real[column]:
                rows[_rows(reading, found[kind])] = True
    return pl.Series("direct", rows)
