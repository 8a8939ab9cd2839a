"""What the locked-down child does with an uploaded package: unpack, check, compile, and take the public part out.

It reads a stranger's archive, so everything it writes stays below `out_dir`, and the platform believes only what
`challenges.admission.Admission.parse` lets through.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import challenges
from challenges import contents, tables
from challenges.admission import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_FILES,
    MOST_FINDINGS,
    MOST_ROWS,
    Admission,
    Baseline,
    Content,
    Preview,
    PublicFile,
    Zip,
)
from challenges.dataset_plan import RAW_POINTS
from challenges.definition import DataFile, Definition
from challenges.findings import Finding, PackageRefused
from challenges.package import Package

REPORT = "report.json"
PREVIEWED = frozenset({".csv", ".tsv", ".jsonl", ".parquet"})
LARGEST_PREVIEWED = 256 * 2**20


def check_and_compile(
    zip_path: Path, out_dir: Path, *, max_bytes: int, max_files: int, baselines: bool = True
) -> Admission:
    """Judges the package in `zip_path` as `challenges.check` would, and compiles it when it is sound.

    Writes `report.json` (an `Admission`) into `out_dir`, and for a sound package `public.zip`, `public/NNNN` (one per public
    file, in the order of the report) and `prepared/`. `max_bytes` and `max_files` limit what the archive may unpack to;
    `baselines`: as in `challenges.check`.
    Never raises for a bad package: its faults are the findings of outcome *refused*.
    """
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    folder = out_dir / "package"
    try:
        challenges.unpack(zip_path, folder, max_bytes=max_bytes, max_files=max_files)
        seconds["unpack"] = time.perf_counter() - started
        report = challenges.check(folder, baselines=baselines, prepared=out_dir / "prepared")
        seconds["check"] = time.perf_counter() - started
        found = tuple(report.findings)
        content = _content(folder, out_dir, report) if report.ok else None
        seconds["compile"] = time.perf_counter() - started
    except PackageRefused as refused:
        found, content = refused.findings, None
    outcome = "ready" if content is not None else "refused"
    admission = Admission(outcome=outcome, findings=found[:MOST_FINDINGS], content=content, seconds=seconds)
    (out_dir / REPORT).write_text(admission.model_dump_json(), encoding="utf-8")
    return admission


def _content(folder: Path, out_dir: Path, report: "challenges.CheckReport") -> Content:
    """Compiles a sound package into `out_dir`."""
    package = challenges.load(folder)
    packed = challenges.pack(folder, out_dir / "packed")
    shutil.move(packed.public, out_dir / "public.zip")
    prepared = out_dir / "prepared"
    public = contents.survey(folder).below("public/")
    return Content(
        definition=package.definition.model_dump(mode="json"),
        digest=packed.digest,
        scoring_digest=scoring_digest(package),
        readme_en=package.readme("en"),
        readme_zh=package.readme("zh"),
        files=tuple(_public_files(package, public[:MOST_FILES], out_dir)),
        more_files=max(0, len(public) - MOST_FILES),
        public=Zip(size=(out_dir / "public.zip").stat().st_size, sha256=contents.file_digest(out_dir / "public.zip")),
        prepared=tuple(sorted(p.relative_to(prepared).as_posix() for p in prepared.rglob("*") if p.is_file())),
        baselines=tuple(Baseline(path=baseline.path, scores=baseline.scores) for baseline in report.baselines),
        raw_points=json.loads((prepared / RAW_POINTS).read_bytes()) if (prepared / RAW_POINTS).is_file() else None,
    )


def scoring_digest(package: Package) -> str:
    """The sha-256 over all that scores and places come from: answers, their reading, metrics, digits, ties, combination.

    Two versions of a package with the same one give every submission the same scores and the same order.
    """
    definition = package.definition
    dumped = definition.model_dump(mode="json", include={"submission", "board"})
    said = {
        "parts": [part.model_dump(mode="json", exclude={"title"}) for part in definition.parts],
        "combine": dumped["board"]["combine"],
        "ties": dumped["board"]["ties"],
        "columns": dumped["submission"]["columns"],
    }
    if definition.kind != "prediction":
        own = {"kind", "dataset", "annotation"} | ({"sector"} if definition.kind == "dataset" else set())
        said = definition.model_dump(mode="json", include=own) | {"ties": said["ties"]}
    files = contents.survey(package.folder).sizes
    read = [name for _, name in contents.read_files(definition)]
    answers = {
        path: contents.file_digest(package.folder / path)
        for path in files
        if path in read or path.startswith(tuple(name for name in read if name.endswith("/")))
    }
    return hashlib.sha256(json.dumps([said, answers], sort_keys=True).encode()).hexdigest()


def _public_files(package: Package, paths: tuple[str, ...], out_dir: Path) -> Iterator[PublicFile]:
    (out_dir / "public").mkdir()
    definition = package.definition
    for number, path in enumerate(paths):
        stored = f"public/{number:04d}"
        place = out_dir / stored
        shutil.move(package.folder / path, place)
        listed = _listed(definition, path)
        rows, preview = _preview(place, path) if definition.data.personal == "none" else (None, None)
        yield PublicFile(
            path=path,
            stored=stored,
            size=place.stat().st_size,
            sha256=contents.file_digest(place),
            role=listed.role if listed else None,
            about_en=listed.about.en if listed and listed.about else None,
            about_zh=listed.about.zh if listed and listed.about else None,
            rows=rows,
            preview=preview,
        )


def _listed(definition: Definition, path: str) -> DataFile | None:
    """The entry of `data.files` that names the file, or the folder it lies in."""
    exact = (file for file in definition.data.files if file.path == path)
    within = (file for file in definition.data.files if file.path.endswith("/") and path.startswith(file.path))
    return next(exact, None) or next(within, None)


def _preview(place: Path, path: str) -> tuple[int | None, Preview | None]:
    """(rows, first rows) of a table; (None, None) for other files, and for tables that are large or cannot be read.

    Whether data files must be readable is `challenges.check`'s to say, and it has spoken by now.
    """
    if Path(path).suffix not in PREVIEWED or place.stat().st_size > LARGEST_PREVIEWED:
        return None, None
    named = place.with_name(f"{place.name}{Path(path).suffix}")  # the reader goes by the suffix
    place.rename(named)
    try:
        table = tables.read(named)
    except (OSError, ValueError, PackageRefused, pl.exceptions.PolarsError):
        return None, None
    finally:
        named.rename(place)
    shown = table.head(MOST_ROWS)[:, :MOST_COLUMNS]
    flat = [name for name, kind in shown.schema.items() if not kind.is_nested() and kind not in {pl.Binary, pl.Object}]
    shown = shown.with_columns(pl.col(flat).cast(pl.String))  # a float32 is shown in its own digits, not as a float64
    rows = tuple(tuple(None if cell is None else str(cell)[:LONGEST_CELL] for cell in row) for row in shown.iter_rows())
    columns = tuple(name[:LONGEST_CELL] for name in shown.columns)
    return table.height, Preview(columns=columns, rows=rows, columns_more=table.width - len(columns))


__all__ = ["Finding", "check_and_compile", "scoring_digest"]
