"""The frozen features: how a column becomes numbers that a reference model can read.

Everything that is fitted (bin edges, known categories, principal components) is fitted once on the **organizer's reference**
(the curated set) and never again:

- not on the hidden test, of which only the names of its columns are used: nothing about the answers can flow into a model;
- not on a submission, or its maker could move the bins: with bins of its own, a column in another unit, or cut off at a
  convenient value, would look like a sound one. With frozen bins a value a thousand times too large lies in the last bin,
  the model learns the wrong thing, and the hidden test shows it. Two submissions also differ by their rows alone.

Only columns that both the reference and the hidden test hold are read, so a column with the label in it is of no use unless
the hidden test has it too (`scoring.utility.leaks` looks for that). Values that cannot be read (text among numbers, NaN,
infinity, a null) are "missing", which has a bin of its own.

Caps: 200 columns; 32 bins, fewer where a bin would have less than 50 rows of the reference; the 61 most frequent categories (one column for all others: ten thousand categories cost no more than
sixty); ten million characters of text over all rows of the reference, 32 to 512 of each text, in 2¹⁵ hashed n-grams; images are
averaged down to at most 1,024 values and 64 components.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from scoring.utility.models import Features, Kind
from scoring.utility.pictures import Pictures, pixels
from scoring.utility.refusals import Refused
from scoring.utility.rows import Hashes, hash_numbers, hash_texts, hash_vectors, joined
from scoring.utility.texts import ngrams

MOST_COLUMNS: Final = 200
MOST_BINS, FEWEST_BINS = 32, 4
ROWS_IN_A_BIN: Final = 50  # of the reference; a small reference gets fewer bins
CATEGORIES: Final = 61
LONGEST_CATEGORY: Final = 200  # characters; a longer one is cut
_LONG_TEXT: Final = 40  # characters in the mean: a column of strings is text from here on
_ALL_CHARACTERS: Final = 10_000_000
_SHORTEST_CUT, _LONGEST_CUT = 32, 512
_NAMED_AT_MOST: Final = 5  # missing columns in one sentence

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers or dates. Code 0 is missing; code 1 + i lies between edges i - 1 and i."""

    edges: npt.NDArray[np.float64]
    temporal: bool

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.edges) + 2


@dataclass(frozen=True, slots=True)
class Categories:
    """A column of categories. Code 0 is missing, 1 any that is not known, 2 + i the i-th most frequent."""

    known: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.known) + 2


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows as the models see them, n of them.

    codes        (n, c) uint8, one column for each number or category column in the order of their names
    sizes        (c,) how many codes each has
    ngrams       sparse float64 (n, 32768), rows of length one; None without text
    components   float64 (n, p); None without images
    hashes       (n,) uint64 of what the row holds
    """

    codes: Codes
    sizes: tuple[int, ...]
    ngrams: Any
    components: Any
    hashes: Hashes

    def view(self, features: Features, rows: npt.NDArray[np.intp]) -> Any:
        """The given rows as a model with these features takes them."""
        if features == "ngrams":
            return self.ngrams[rows]
        if features == "components":
            return self.components[rows]
        return self.codes[rows] if features == "codes" else indicators(self.codes[rows], self.sizes)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The fitted features of a challenge; `encode` is all that happens to a submission."""

    table: Mapping[str, Numbers | Categories]
    texts: tuple[str, ...]
    characters: int
    images: Mapping[str, Pictures] = field(default_factory=dict)

    @property
    def kinds(self) -> set[Kind]:
        """The kinds of columns there are."""
        kinds: set[Kind] = {_kind_of(column) for column in self.table.values()}
        if self.texts:
            kinds.add("text")
        if self.images:
            kinds.add("image")
        return kinds

    @property
    def names(self) -> list[str]:
        """The columns that are read."""
        return [*self.table, *self.texts, *self.images]

    def encode(self, frame: pl.DataFrame) -> Encoded:
        """Rows as the models see them. Refused: a missing column, images of another size."""
        hashes, codes, images = self._read(frame)
        grams = ngrams([as_texts(frame[name]) for name in self.texts], self.characters) if self.texts else None
        components = [self.images[name].components(values) for name, values in images.items()]
        sizes = tuple(column.size for column in self.table.values())
        return Encoded(codes, sizes, grams, np.hstack(components) if components else None, hashes)

    def hashes(self, frame: pl.DataFrame) -> Hashes:
        """(n,) what each row holds, without the work for the models."""
        return self._read(frame)[0]

    def _read(self, frame: pl.DataFrame) -> tuple[Hashes, Codes, dict[str, npt.NDArray[np.float32]]]:
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            shown = ", ".join(f"“{name}”" for name in missing[:_NAMED_AT_MOST])
            more = len(missing) - _NAMED_AT_MOST
            raise Refused("utility.missing_columns", columns=f"{shown} (+{more})" if more > 0 else shown)
        hashes = {}
        codes = np.zeros((frame.height, len(self.table)), dtype=np.uint8)
        for place, (name, column) in enumerate(self.table.items()):
            codes[:, place], hashes[name] = _coded(frame[name], column)
        for name in self.texts:
            hashes[name] = hash_texts(as_texts(frame[name]))
        images = {name: pixels(frame[name], pictures.width) for name, pictures in self.images.items()}
        for name, values in images.items():
            hashes[name] = hash_vectors(values)
        return joined(hashes, frame.height), codes, images


def kinds_of(reference: pl.DataFrame, test: pl.DataFrame, without: Iterable[str]) -> dict[str, Kind]:
    """What kind each column is that both frames hold: by type, and for strings by their length in the reference."""
    left_out = set(without)
    shared = [name for name in sorted(reference.columns) if name in test.columns and name not in left_out]
    found = {name: _kind(reference[name]) for name in shared}
    return {name: kind for name, kind in found.items() if kind}


def fitted(reference: pl.DataFrame, columns: Mapping[str, Kind]) -> Pipeline:
    """The features of these columns, fitted on the reference."""
    if not columns:
        raise Refused("utility.no_features")
    if len(columns) > MOST_COLUMNS:
        raise Refused("utility.columns", count=len(columns), most=MOST_COLUMNS)
    table: dict[str, Numbers | Categories] = {}
    images = {}
    for name in sorted(columns):
        if columns[name] == "number":
            table[name] = _fitted_numbers(reference[name])
        elif columns[name] == "category":
            table[name] = _fitted_categories(reference[name])
        elif columns[name] == "image":
            images[name] = Pictures.fitted(reference[name])
    texts = tuple(name for name in sorted(columns) if columns[name] == "text")
    cut = _ALL_CHARACTERS // max(reference.height * max(len(texts), 1), 1)
    return Pipeline(table, texts, min(max(cut, _SHORTEST_CUT), _LONGEST_CUT), images)


def indicators(codes: Codes, sizes: tuple[int, ...]) -> Any:
    """Sparse 0/1 (n, Σ sizes): one column for each code of each column."""
    rows, columns = codes.shape
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    places = (codes + starts).ravel()
    ends = np.arange(0, rows * columns + 1, columns, dtype=np.int32)
    return sparse.csr_matrix((np.ones(places.size), places, ends), shape=(rows, int(np.sum(sizes))))


def as_numbers(column: pl.Series, *, temporal: bool) -> npt.NDArray[np.float64]:
    """(n,) float64, NaN where there is no finite number; dates are microseconds since 1970, times of day since midnight."""
    dtype = column.dtype
    if dtype.is_nested() or dtype in {pl.Binary, pl.Object, pl.Categorical, pl.Enum}:
        return np.full(len(column), np.nan)
    if dtype == pl.String:
        column = column.str.strip_chars()
        if temporal:
            column = _dates(column)
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us"))
    elif isinstance(column.dtype, pl.Datetime):
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if column.dtype.time_zone else column
        column = column.cast(pl.Datetime("us"))
    if column.dtype.is_temporal():
        column = column.to_physical()
    numbers = np.array(column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy(), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _dates(texts: pl.Series) -> pl.Series:
    """Dates and times in the forms of ISO 8601; null for others. An offset is turned into UTC."""
    found = texts.str.to_datetime("%+", strict=False, time_unit="us").dt.replace_time_zone(None)
    for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"):
        found = found.fill_null(texts.str.to_datetime(form, strict=False, time_unit="us"))
    return found.fill_null(texts.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")))


def as_texts(column: pl.Series) -> pl.Series:
    """Strings without blanks at their ends; whole numbers read the same whatever their type; null where there is nothing."""
    if column.dtype.is_nested() or column.dtype in {pl.Binary, pl.Object}:
        return pl.Series(column.name, [None] * len(column), dtype=pl.String)
    if column.dtype.is_float():
        column = column.cast(pl.String).str.strip_suffix(".0")
    return column.cast(pl.String, strict=False).str.strip_chars().replace("", None)


def _kind_of(column: Numbers | Categories) -> Kind:
    return "number" if isinstance(column, Numbers) else "category"


def _kind(column: pl.Series) -> Kind | None:
    dtype = column.dtype
    if isinstance(dtype, (pl.List, pl.Array)):
        return "image"
    if dtype.is_numeric() or dtype.is_temporal():
        return "number"
    if dtype == pl.Boolean or dtype in {pl.Categorical, pl.Enum}:
        return "category"
    if dtype == pl.String:
        mean = column.str.len_chars().mean()
        return "text" if isinstance(mean, float) and mean >= _LONG_TEXT else "category"
    return None


def _fitted_numbers(column: pl.Series) -> Numbers:
    temporal = column.dtype.is_temporal()
    values = as_numbers(column, temporal=temporal)
    values = np.sort(values[~np.isnan(values)])
    if not len(values):
        return Numbers(np.empty(0), temporal)
    bins = min(max(len(values) // ROWS_IN_A_BIN, FEWEST_BINS), MOST_BINS)
    cuts = values[(np.arange(1, bins) * len(values)) // bins]  # values that occur: no arithmetic that could round
    return Numbers(np.unique(cuts[cuts > values[0]]), temporal)


def _fitted_categories(column: pl.Series) -> Categories:
    values = as_texts(column).str.slice(0, LONGEST_CATEGORY).drop_nulls()
    counts = values.alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    return Categories(tuple(counts["value"].head(CATEGORIES).to_list()))


def _coded(values: pl.Series, column: Numbers | Categories) -> tuple[Codes, Hashes]:
    if isinstance(column, Numbers):
        numbers = as_numbers(values, temporal=column.temporal)
        codes = np.searchsorted(column.edges, numbers, side="right") + 1
        return np.where(np.isnan(numbers), 0, codes).astype(np.uint8), hash_numbers(numbers)
    texts = as_texts(values).str.slice(0, LONGEST_CATEGORY)
    known = {text: place + 2 for place, text in enumerate(column.known)}
    placed = (
        texts.replace_strict(known, default=1, return_dtype=pl.UInt8) if known else texts.is_not_null().cast(pl.UInt8)
    )
    return placed.set(texts.is_null(), 0).to_numpy(), hash_texts(texts)
