"""Runs every benchmark in turn and writes docs/benchmarks.md: what was claimed, what was found, on what machine.

    python benchmarks/all.py [--quick] [--only NAME …]

Every program draws its data from seeds of its own, so that a second run measures the same work.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parent / "docs" / "benchmarks.md"
NO_PROGRAMS = {"all", "measure", "filled", "real_sets", "scorecard", "scorecard_figures"}
LIBRARIES = ("numpy", "polars", "scikit-learn", "pandas", "fastapi", "uvicorn", "sqlalchemy")
LINE = re.compile(
    r"RATIO (?P<name>\S+) = (?P<found>\S+) \(goal (?P<goal>[<>]= \S+); ours (?P<ours>\S+) (?P<unit>\S+),"
    r" (?P<side>peer|limit) (?P<other>\S+) \S+\)"
)


@dataclass(frozen=True)
class Result:
    """One program's output."""

    name: str
    lines: tuple[str, ...]
    seconds: float


def programs(only: list[str]) -> list[Path]:
    found = sorted(path for path in HERE.glob("*.py") if path.stem not in NO_PROGRAMS)
    unknown = set(only) - {path.stem for path in found}
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(p.stem for p in found)}.")
    return [path for path in found if not only or path.stem in only]


def run(path: Path, *, quick: bool) -> Result:
    """The program's output, shown while it runs. Exits when it fails: half a page of figures is worse than none."""
    print(f"== {path.stem}", flush=True)
    began = time.monotonic()
    command = [sys.executable, str(path), *(["--quick"] if quick else [])]
    lines = []
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    if process.returncode:
        sys.exit(f"{path.stem} failed")
    return Result(path.stem, tuple(lines), time.monotonic() - began)


def machine() -> str:
    """Cores, processor, memory, system and versions; nothing that names the place."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{cores} cores of {_processor()}, {memory:.0f} GB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, {versions}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "an unnamed processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "an unnamed processor"
    )


def page(sections: Mapping[str, str], *, quick: bool) -> str:
    """The whole page; ``sections`` by the name of their program."""
    text = [
        "# Benchmarks",
        "",
        (
            "Written by `make bench`. Each line compares two sides that ran in turn in one run: a named peer (how many times"
            " less we spend) or a limit (how many times more we spend than the least possible). CPU-s are CPU seconds of all"
            " threads, because machines are shared; the programs in `benchmarks/` say what each side is."
        ),
        "",
        f"Machine: {machine()}",
        "",
        f"Data: {'small (--quick)' if quick else 'full size'}.",
    ]
    for name in sorted(sections):
        text += ["", f"## {name}", "", sections[name]]
    return "\n".join(text) + "\n"


def section(result: Result) -> str:
    """What one program printed, its claims as a table."""
    notes = [line for line in result.lines if line and not line.startswith("RATIO ")]
    text = [f"Measured on {datetime.now(UTC):%Y-%m-%d}.", ""]
    text += [f"{note}  " for note in notes] + ([""] if notes else [])
    text += ["| claim | found | goal | ours | against | met |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    text += [_row(match) for line in result.lines if (match := LINE.fullmatch(line))]
    return "\n".join(text)


def written() -> dict[str, str]:
    """The sections that the page has by now."""
    parts = OUT.read_text(encoding="utf-8").split("\n## ")[1:]
    return {name: text.strip("\n") for name, _, text in (part.partition("\n\n") for part in parts)}


def _row(match: re.Match[str]) -> str:
    sign, _, wanted = match["goal"].partition(" ")
    found, goal = float(match["found"]), float(wanted)
    met = found >= goal if sign == ">=" else found <= goal
    words = {">=": "at least", "<=": "at most"}[sign]
    unit = match["unit"]
    return (
        f"| {match['name']} | {found:,.4g}× | {words} {goal:,.4g}× | {match['ours']} {unit} |"
        f" {match['side']} {match['other']} {unit} | {'yes' if met else '**no**'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller data: minutes, not an hour")
    parser.add_argument("--only", nargs="*", default=[], help="names of programs; the others keep what is written")
    asked = parser.parse_args()
    sections = {path.stem: section(run(path, quick=asked.quick)) for path in programs(asked.only)}
    kept = written() if asked.only else {}
    OUT.write_text(page({**kept, **sections}, quick=asked.quick), encoding="utf-8")
    print(f"written: docs/{OUT.name}")


if __name__ == "__main__":
    main()
