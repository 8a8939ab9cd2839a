"""Rows of a table that agree but for a column or two: copies whose id, unit or last digits were changed."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.duplicates.buckets import TableKeys, link, link_across
from scoring.quality.duplicates.canonical import canonical, chosen
from scoring.quality.duplicates.exact import different, value_codes
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.hashing import HashArray, mix, salts
from scoring.sorting import BoolArray, FloatArray, IntArray

MOST_DIFFERING: Final = 4
READ: Final = "read"
"""The field of a column of structs that holds what could be read of it: floats in it agree as those of a column of floats do."""
_MOST_TABLES, _FEWEST_TABLES = 128, 32  # of one grid
_PIVOTS: Final = 2  # turns of a crowded bucket: what is in it agrees in little
_KEYS: Final = 3_000_000  # of all its tables, where that leaves enough of them
_GRIDS: Final = 2
_WIDTH: Final = 16  # tolerances in one cell of a grid
_OFTEN: Final = 0.01  # of the rows: copies that differ in the same columns
_MARGIN: Final = 7.0  # bits: chance gives a partner to less than 1 % of the rows
_BITS_PER_UNIT: Final = 8  # information is kept in eighths of a bit
_PAIRS_AT_ONCE: Final = 1 << 15
_SAMPLE: Final = 20_000
_SUPPORT: Final = 500  # agreeing pairs that columns need to say something about another
_OTHERS: Final = 16
_TOGETHER: Final = 3


def near_rows(
    frame: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    differing: int = 1,
    tolerance: float = 1e-3,
    seed: int = 0,
) -> Groups:
    """Groups of rows that hang together over pairs that agree in all but `differing` columns.

    columns     the columns that count, all by default; leave out what differs in every copy anyway (an id) to look further
    differing   1 … 4: in how many of them a copy may differ, by any amount: a changed id, another unit, a missing value
    tolerance   0 … 0.1: floats agree when they differ by at most this share of the larger; all else agrees when `canonical`
                makes it equal. Null agrees with null.

    Agreeing is proof only where it is unlikely: the columns in which a pair agrees must hold so many bits that a row finds a
    partner by chance in less than 1 of 100 cases: log2(N · choices of as many columns as the pair differs in) + 7, and one more
    for each column beyond the first. A value held by the share p of the rows counts -log2 p bits, less where the column follows
    from others (`_Cells.weigh`); both are learned from one row of each group found so far, so that copies do not make themselves
    look likely. So a table of a few yes-no columns has no near duplicates. Where many copies differ in the same columns, others
    that do need less (`_Cells.expect_alike`). Where rows repeat for a reason (a second order of the same customer, the same flight
    each day), near rows are natural, the more of them the more columns may differ: compare with the rate of the raw data.

    Each pair that can be the same is proposed: for all choices of columns (or, of more than 128 choices, fewer where there are many
    rows, blocks of columns) to leave out, by the hash of the others; floats by their place in two grids of 16 tolerances, so that
    a copy is passed over only where more columns than may differ lie across an edge, in both grids. `buckets` bounds crowded keys.
    Memory: 13 to 29 bytes for each cell. ValueError for other numbers, for fewer columns than differing + 1, and from `canonical`.

    >>> rows = [(row, f"name {row}", row * 1.1, row % 7) for row in range(1, 200)]
    >>> copies = [(5000 + row, f"name {row}", row * 1.1000001, row % 7) for row in (3, 50)]
    >>> near_rows(pl.DataFrame(rows + copies, schema=["id", "name", "weight", "day"], orient="row")).first[-2:].tolist()
    [2, 49]
    """
    names = _counting(frame, columns, differing)
    cells = _Cells(canonical(frame, names), differing, tolerance, seed)
    every = np.arange(len(cells.rows))
    cells.differing = cells.provable()
    roots = every if cells.differing < 0 else cells.linked(every)
    possible = together = _in_groups(roots)
    for dependent in (False, True):
        if len(together):
            cells.weigh(np.unique(roots), dependent=dependent)
            roots = every.copy()
            roots[together] = cells.linked(together)
        together = _in_groups(roots)
    if cells.expect_alike(roots):
        roots[possible] = cells.linked(possible)
    first = np.empty(frame.height, dtype=np.int64)
    first[:] = cells.rows[roots][cells.place]
    return Groups.of(first)


def _in_groups(roots: IntArray) -> IntArray:
    """The rows that are not by themselves, where those of a group have the same root."""
    return np.flatnonzero(np.bincount(roots, minlength=len(roots))[roots] > 1)


def contained_rows(
    mine: pl.DataFrame, other: pl.DataFrame, *, differing: int = 1, tolerance: float = 1e-3, seed: int = 0
) -> BoolArray:
    """Which of my rows (n,) agree, as `near_rows` verifies, with a row of the other set, in my columns: (n,) bool."""
    names = _counting(mine, None, differing)
    both = pl.concat([canonical(mine, names), canonical(other, names)], how="vertical_relaxed")
    cells = _Cells(both, differing, tolerance, seed)
    theirs = np.zeros(len(cells.rows), dtype=np.bool_)
    theirs[cells.place[mine.height :]] = True
    found = link_across(cells.tables(), ~theirs, cells.same)
    for dependent in (False, True):
        if found.any():
            cells.weigh(np.flatnonzero(~found), dependent=dependent)
            found = link_across(cells.tables(), ~theirs, cells.same)
    found |= theirs
    return found[cells.place[: mine.height]]


def _counting(frame: pl.DataFrame, columns: Sequence[str] | None, differing: int) -> list[str]:
    names = chosen(frame, columns)
    if not 1 <= differing <= MOST_DIFFERING:
        raise ValueError(f"Near rows may differ in 1 to {MOST_DIFFERING} columns, not in {differing}.")
    if len(names) <= differing:
        raise ValueError(f"Rows of {len(names)} columns cannot be compared when {differing} may differ.")
    return names


class _Cells:
    """The different rows of a canonical table, cell by cell.

    rows         (n,) int64: the first row of each different row, in the order of their hashes
    place        (rows,) int64: where each row of the table is among them
    codes        (n, columns) uint64: equal for equal values
    numbers      float64 (n,) of each float column, NaN where null
    information  (n, columns) uint8: eighths of a bit that agreeing in the value is worth; 0 until `weigh` is asked
    needed       (differing + 1,) eighths of a bit in which a pair must agree that differs in so many columns
    patterns     (p,) uint64, ascending: columns in which many copies differ, and spared (p,): what a pair that does needs less
    """

    def __init__(self, table: pl.DataFrame, differing: int, tolerance: float, seed: int) -> None:
        if not 0 <= tolerance <= 0.1:
            raise ValueError(f"The tolerance is {tolerance}; it must be from 0 to 0.1.")
        self.tolerance, self.differing, self.seed = tolerance, differing, seed
        codes = [value_codes(table[name], seed) for name in table.columns]
        whole = np.zeros(table.height, dtype=np.uint64)
        for code, salt in zip(codes, salts(seed, len(codes)), strict=True):
            whole += mix(code ^ salt)
        self.rows = different(whole)
        self.place = np.searchsorted(whole[self.rows], whole)
        self.codes = np.stack([code[self.rows] for code in codes], axis=1)
        read = [_read(table[name]) for name in table.columns]
        self.numbers = {
            column: values.gather(self.rows).fill_null(np.nan).to_numpy()
            for column, values in enumerate(read)
            if values.dtype == pl.Float64 and tolerance
        }
        self.needed = np.zeros(differing + 1)
        self.patterns, self.spared = np.empty(0, dtype=np.uint64), np.empty(0)
        self.information = np.zeros(self.codes.shape, dtype=np.uint8)

    def tables(self) -> Iterator[TableKeys]:
        """Keys of all columns but some, in each grid."""
        for grid in range(_GRIDS if self.numbers else 1):
            cells = list(self._salted(grid))
            total = np.zeros(len(self.rows), dtype=np.uint64)
            for cell in cells:
                total += cell
            for block in _left_out(len(cells), self.differing, _tables(len(self.rows))):
                rest = total.copy()
                for column in block:
                    rest -= cells[column]
                yield (mix(rest) >> np.uint64(32)).astype(np.uint32)

    def linked(self, rows: IntArray) -> IntArray:
        """The lowest of these rows (m,) that each of them hangs together with, over pairs among them: (m,) int64."""
        found = link(
            (keys[rows] for keys in self.tables()),
            len(rows),
            lambda one, other: self.same(rows[one], rows[other]),
            pivots=_PIVOTS,
        )
        return rows[found]

    def same(self, one: IntArray, other: IntArray) -> BoolArray:
        """Whether the pairs agree in enough columns, and by more than chance."""
        same = np.zeros(len(one), dtype=np.bool_)
        for start in range(0, len(one), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            same[part] = self._verified(one[part], other[part])
        return same

    def provable(self) -> int:
        """In how many columns, at most `differing`, a pair may differ and still agree in enough, if it agrees in all that the rows
        hold that hold most; -1: whatever agrees may be chance. Copies hardly blur that: they repeat the rare as often as the common.
        """
        if len(self.rows) < 2:
            return -1
        information, needed = self._weighed(np.arange(len(self.rows)), [1.0] * self.codes.shape[1])
        return int(np.flatnonzero(needed <= information.sum(axis=1).max()).max(initial=-1))

    def weigh(self, unlike: IntArray, *, dependent: bool) -> None:
        """Learn from rows that are no copies of each other what agreeing in a value is worth, and how much is needed.

        `dependent`: for columns that follow from others, the bits of a value are multiplied by -log2 P(agree | up to three others agree) /
        -log2 P(agree), over pairs of a sample of 20 000 rows; the others have fewer bits and enough agreeing pairs together,
        and are chosen one after the other.
        """
        sample = unlike[:_SAMPLE]  # rows are in the order of their hashes
        columns = [codes[sample] for codes in self._numbered]
        kept = _kept_information(columns) if dependent else [1.0] * len(columns)
        self.information, self.needed = self._weighed(unlike, kept)

    def expect_alike(self, roots: IntArray) -> bool:
        """Learn from copies found, by the lowest row of the group of each (n,), in which columns copies differ; whether there is any.

        Where at least one row of a hundred differs from its original in the same columns, another such pair is no longer one of as many
        as there are choices of columns: the choice counts as little as it is usual among the copies.
        """
        copies = np.flatnonzero(roots != np.arange(len(roots)))
        agree = self._agreeing(copies, roots[copies])
        differ = np.count_nonzero(~agree, axis=1)
        near = differ <= self.differing
        self.patterns, first, counts = np.unique(self._pattern(agree[near]), return_index=True, return_counts=True)
        choices = np.array([comb(self.codes.shape[1], int(count)) for count in differ[near][first]], np.float64)
        often = counts >= _OFTEN * len(roots)
        self.patterns = self.patterns[often]
        self.spared = np.maximum(np.log2(choices * counts / max(counts.sum(), 1))[often], 0.0) * _BITS_PER_UNIT
        return bool(often.any())

    def _weighed(self, unlike: IntArray, kept: list[float]) -> tuple[npt.NDArray[np.uint8], FloatArray]:
        counts = np.maximum(np.arange(self.differing + 1), 1)
        choices = np.array([comb(self.codes.shape[1], int(count)) for count in counts], np.float64)
        needed = (np.log2(len(self.rows) * choices) + _MARGIN + counts - 1) * _BITS_PER_UNIT
        information = np.empty(self.codes.shape, dtype=np.uint8)
        for column, (codes, share) in enumerate(zip(self._numbered, kept, strict=True)):
            counts = np.maximum(np.bincount(codes[unlike], minlength=int(codes.max()) + 1), 1)
            bits = -np.log2(counts / len(unlike)) * _BITS_PER_UNIT * share
            information[:, column] = np.minimum(bits, 255).astype(np.uint8)[codes]
        return information, needed

    @cached_property
    def _numbered(self) -> list[npt.NDArray[np.int32]]:
        """Codes (n,) from 0 on of each column, equal in the same cell of the first grid."""
        return [np.unique(codes, return_inverse=True)[1].astype(np.int32) for codes in self._grid(0)]

    def _verified(self, one: IntArray, other: IntArray) -> BoolArray:
        agree = self._agreeing(one, other)
        differ = np.count_nonzero(~agree, axis=1)
        information = np.where(agree, self.information[one], 0).sum(axis=1).astype(np.float64)
        if len(self.patterns):
            pattern = self._pattern(agree)
            place = np.minimum(np.searchsorted(self.patterns, pattern), len(self.patterns) - 1)
            information += np.where(self.patterns[place] == pattern, self.spared[place], 0.0)
        verified: BoolArray = (differ <= self.differing) & (
            information >= self.needed[np.minimum(differ, self.differing)]
        )
        return verified

    def _agreeing(self, one: IntArray, other: IntArray) -> BoolArray:
        """(m, columns) where pairs agree."""
        agree: BoolArray = self.codes[one] == self.codes[other]
        for column, numbers in self.numbers.items():
            agree[:, column] |= _close(numbers[one], numbers[other], self.tolerance)
        return agree

    def _pattern(self, agree: BoolArray) -> HashArray:
        """(m,) equal for pairs that differ in the same columns."""
        pattern: HashArray = np.where(agree, np.uint64(0), salts(self.seed, agree.shape[1])).sum(
            axis=1, dtype=np.uint64
        )
        return pattern

    def _grid(self, grid: int) -> Iterator[HashArray]:
        for column, codes in enumerate(self.codes.T):
            numbers = self.numbers.get(column)
            yield codes if numbers is None else _on_grid(numbers, codes, self.tolerance, grid)

    def _salted(self, grid: int) -> Iterator[HashArray]:
        for codes, salt in zip(self._grid(grid), salts(self.seed, self.codes.shape[1]), strict=True):
            yield mix(codes ^ salt)


def _read(values: pl.Series) -> pl.Series:
    kind = values.dtype
    held = isinstance(kind, pl.Struct) and any(field.name == READ for field in kind.fields)
    return values.struct.field(READ) if held else values


def _on_grid(numbers: FloatArray, codes: HashArray, tolerance: float, grid: int) -> HashArray:
    """Codes (n,) equal for numbers in the same cell of a grid that is even in the logarithm; 0 and null keep their own.

    The logarithm may differ in its last bit between machines, which moves a number across an edge once in 10¹² cases.
    """
    size = np.abs(numbers)
    usual = np.isfinite(size) & (size > 0)
    steps = np.log(np.where(usual, size, 1.0)) / np.log1p(tolerance * _WIDTH) + grid / _GRIDS
    cells = np.floor(steps).astype(np.int64).view(np.uint64) << np.uint64(1) | (numbers < 0)
    return np.where(usual, mix(cells), codes)


def _close(one: FloatArray, other: FloatArray, tolerance: float) -> BoolArray:
    with np.errstate(invalid="ignore", over="ignore"):
        close: BoolArray = np.abs(one - other) <= tolerance * np.maximum(np.abs(one), np.abs(other))
    return close & np.isfinite(one) & np.isfinite(other)


def _kept_information(columns: Sequence[npt.NDArray[np.integer]]) -> list[float]:
    """How much of each column's information the others leave: 0 … 1. The columns are codes (n,) of the same rows."""
    pairs = [_agreeing(codes) for codes in columns]
    every = len(columns[0]) * (len(columns[0]) - 1) / 2
    kept = [1.0] * len(columns)
    others: list[npt.NDArray[np.integer]] = []
    for column in sorted(range(len(columns)), key=lambda column: -pairs[column]):
        if 0 < pairs[column] < every:
            share = _share_given(others, columns[column], pairs[column] / every)
            kept[column] = float(np.log2(share) / np.log2(pairs[column] / every))
        if len(others) < _OTHERS:
            others.append(columns[column])
    return kept


def _agreeing(codes: npt.NDArray[np.integer]) -> float:
    """How many pairs of rows have equal codes (n,)."""
    counts = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1)).sum() / 2)


def _share_given(others: Sequence[npt.NDArray[np.integer]], codes: npt.NDArray[np.integer], alone: float) -> float:
    """The share of pairs that agree in a column among those that agree in up to three others, at least `alone`.

    Of the best others, found one after the other; less three standard errors, because the best of many looks too good.
    """
    width = int(codes.max()) + 1
    given = np.zeros(len(codes), dtype=np.int64)
    best = alone
    for _ in range(_TOGETHER):
        joined = [np.unique(given * (int(other.max()) + 1) + other, return_inverse=True)[1] for other in others]
        pairs = [_agreeing(group) for group in joined]
        both = [
            _agreeing(group * width + codes) if most >= _SUPPORT else 0.0
            for group, most in zip(joined, pairs, strict=True)
        ]
        shares = [(agree - 3 * np.sqrt(agree)) / max(most, 1.0) for agree, most in zip(both, pairs, strict=True)]
        if max(shares, default=0.0) <= best:
            break
        best = max(shares)
        given = joined[shares.index(best)]
    return best


def _tables(rows: int) -> int:
    """How many tables one grid may have: time goes with their keys."""
    return min(max(_KEYS // max(rows, 1), _FEWEST_TABLES), _MOST_TABLES)


def _left_out(columns: int, differing: int, most: int) -> Iterator[list[int]]:
    """All choices of `differing` blocks of columns: blocks are single columns while there are at most `most` choices."""
    blocks = columns
    while comb(blocks, differing) > most:
        blocks -= 1
    edges = np.linspace(0, columns, blocks + 1).astype(int)
    for out in combinations(range(blocks), differing):
        yield [column for block in out for column in range(int(edges[block]), int(edges[block + 1]))]
