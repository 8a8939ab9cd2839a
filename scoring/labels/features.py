"""Columns as numbers that a linear model, a kernel model and trees can all read: only what the check of labels needs.

The same frame gives the same numbers, whatever the number of threads. Nothing depends on labels, so a feature cannot leak one.
"""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from scoring.labels.rows import Features, Float32Array
from scoring.one_thread import one_thread

Kind = Literal["number", "category", "date", "text", "image"]

MOST_CATEGORIES: Final = 64  # of one column; rarer values share one feature
MOST_CHARACTERS: Final = 1000  # of one text; the rest is not read
TEXT_FEATURES: Final = 1 << 16  # hashed n-grams of 1 to 3 characters, of one column
COMPONENTS: Final = 60  # of one image column
FITTED_IMAGES: Final = 5000  # from which the components are found
MOST_PIXELS: Final = 4096  # of one image; a larger one is first averaged over runs of neighbouring values
_FAR: Final = 10.0  # robust deviations from the middle; what is farther counts as this


def features_of(frame: pl.DataFrame, kinds: Mapping[str, Kind] | None = None) -> Features:
    """(n, d) float32 features of the named columns, in their order; all of the frame's by their types where none are named.

    number     (value - median) / interquartile range (mean distance from the median where that is 0), cut at ±10; missing, NaN
               and infinite are 0, with a flag beside
    category   one 0/1 feature for each of the 64 most frequent values, one for all others, one for missing
    date       the day as a number, and sine and cosine of its place in the year and the week (and of the hour in the day)
    text       TF-IDF of 1 to 3 neighbouring characters (any script needs no segmenter), hashed to 65,536, first 1000 characters
    image      a column of arrays or lists of one length: 60 principal components, found on at most 5000 evenly spread images

    Dense, or scipy CSR where a text is among them. By type: numbers and Booleans are numbers, dates are dates, arrays and lists
    are images, a string column with more than 64 distinct values and 12 characters on average is text, others are categories.

    Memory: n · d · 4 bytes dense; text about 8 bytes for each of up to 3000 n-grams of a row.
    ValueError: no column, a column of another kind than said, or images of different sizes.

    >>> features_of(pl.DataFrame({"a": [1.0, 2.0, None], "b": ["x", "y", "x"]})).tolist()
    [[-1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]]
    """
    chosen = kinds if kinds is not None else {column.name: kind_of(column) for column in frame}
    if not chosen or not len(frame):
        raise ValueError("features need at least one column and one row")
    with one_thread():
        parts = [_part(frame[name], kind) for name, kind in chosen.items()]
    if any(sparse.issparse(part) for part in parts):
        return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(part) for part in parts], dtype=np.float32))
    return np.hstack(parts).astype(np.float32)


def kind_of(column: pl.Series) -> Kind:
    """How a column is read when nothing is said; see `features_of`."""
    if column.dtype.is_numeric() or column.dtype in {pl.Boolean, pl.Null}:
        return "number"
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        return "date"
    if isinstance(column.dtype, pl.Array | pl.List):
        return "image"
    if column.dtype == pl.String and column.n_unique() > MOST_CATEGORIES:
        length = column.str.len_chars().mean()
        return "text" if isinstance(length, float) and length > 12 else "category"
    return "category"


def _part(column: pl.Series, kind: Kind) -> Features:
    try:
        return _MAKERS[kind](column.alias("value"))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"column {column.name} of type {column.dtype} cannot be read as {kind}") from error


def _number(column: pl.Series) -> Float32Array:
    values = column.cast(pl.Float64).to_numpy().astype(np.float64)
    return _scaled(values, np.isfinite(values))


def _scaled(values: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]) -> Float32Array:
    """(n, 1) robustly scaled values, or (n, 2) with a flag of missing ones beside."""
    scaled = np.zeros(len(values))
    if known.any():
        inside = values[known] / 4  # so that no difference is infinite
        low, middle, high = np.quantile(inside, [0.25, 0.5, 0.75])
        width = high - low or float(np.sum(np.abs(inside - middle) / len(inside)))
        with np.errstate(over="ignore"):
            scaled[known] = np.clip((inside - middle) / width, -_FAR, _FAR) if width else 0
    return np.column_stack([scaled] if known.all() else [scaled, ~known]).astype(np.float32)


def _category(column: pl.Series) -> Float32Array:
    text = column.cast(pl.String)
    counts = text.drop_nulls().value_counts(name="count")
    top = counts.sort(["count", "value"], descending=[True, False])["value"].head(MOST_CATEGORIES)
    codes = text.replace_strict(top, np.arange(len(top)), default=len(top), return_dtype=pl.Int64)
    found = codes.to_numpy().astype(np.int64)
    found[text.is_null().to_numpy()] = len(top) + 1
    table: Float32Array = np.eye(len(top) + 2, dtype=np.float32)[found]
    return table[:, table.any(axis=0)]


def _date(column: pl.Series) -> Float32Array:
    moments = column.cast(pl.Datetime("us"))
    known = moments.is_not_null().to_numpy()
    turns = [(moments.dt.ordinal_day() - 1) / 365.25, (moments.dt.weekday() - 1) / 7]
    if column.dtype != pl.Date:
        turns.append((moments.dt.hour() * 60.0 + moments.dt.minute()) / 1440)
    angles = [2 * np.pi * turn.cast(pl.Float64).fill_null(0).to_numpy() for turn in turns]
    day = moments.dt.epoch("us").cast(pl.Float64).fill_null(0).to_numpy() / 86_400e6
    circle = [wave(angle) * known for angle in angles for wave in (np.sin, np.cos)]
    return np.column_stack([_scaled(day, known), *circle]).astype(np.float32)


def _text(column: pl.Series) -> sparse.csr_matrix:
    texts = column.cast(pl.String).fill_null("").str.normalize("NFKC").str.to_lowercase().str.head(MOST_CHARACTERS)
    grams = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=TEXT_FEATURES, alternate_sign=False, norm=None, dtype=np.float32
    )
    return sparse.csr_matrix(TfidfTransformer(sublinear_tf=True).fit_transform(grams.transform(texts.to_list())))


def _image(column: pl.Series) -> Float32Array:
    pixels = _averaged(_pixels(column))
    step = -(-len(pixels) // FITTED_IMAGES)
    fitted = pixels[::step]
    components = min(COMPONENTS, *fitted.shape)
    model = PCA(components, svd_solver="randomized", random_state=0).fit(fitted)
    found: Float32Array = model.transform(pixels).astype(np.float32)
    return found


def _pixels(column: pl.Series) -> Float32Array:
    """(n, p) from lists or arrays of p numbers; a missing image, NaN and infinities are 0."""
    lengths = column.list.len() if isinstance(column.dtype, pl.List) else column.arr.len()
    if lengths.drop_nulls().n_unique() != 1 or not lengths.max():
        raise ValueError("images of one column are of one size, and not empty")
    size = int(lengths.drop_nulls()[0])
    rows = column.is_not_null().to_numpy()
    pixels = np.zeros((len(column), size), dtype=np.float32)
    inside = column.drop_nulls().explode().cast(pl.Float32).fill_null(0).to_numpy()
    pixels[rows] = np.nan_to_num(inside, posinf=0, neginf=0).reshape(-1, size)
    return pixels / max(float(np.abs(pixels).max()), 1e-30)


def _averaged(pixels: Float32Array) -> Float32Array:
    """At most 4096 values of each row: means of neighbouring ones; a rest that fills no run is left out."""
    run = -(-pixels.shape[1] // MOST_PIXELS)
    whole = pixels.shape[1] // run * run
    means: Float32Array = pixels[:, :whole].reshape(len(pixels), -1, run).mean(axis=2)
    return means


_MAKERS: Final = {"number": _number, "category": _category, "date": _date, "text": _text, "image": _image}
