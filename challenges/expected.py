"""`expected.json`: the scores that the baselines of a package must get, and running them to see whether they do.

    {"format": "jiebang-expected/1",
     "baselines": [{"path": "baseline/constant.csv", "scores": {"auc": {"public": 0.5, "private": 0.5}}}]}

With several tasks the keys of scores are `task/score`, and `path` is a zip or a folder with one file per task.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from challenges import run, values
from challenges.board_columns import board_columns
from challenges.contents import EXPECTED
from challenges.definition import Definition
from challenges.findings import Finding
from challenges.reading import Source, model_findings
from challenges.report import COMBINED, Report
from challenges.strict import Strict
from challenges.toml_lines import KeyPath

FORMAT = "jiebang-expected/1"
DIGITS_OF_COMBINED = 5
MOST_BYTES = 1 << 20

Split = Literal["public", "private"]
Scores = Mapping[str, Mapping[Split, float]]


class Baseline(Strict):
    """One submission below baseline/, and the scores it must get by key and split."""

    path: Annotated[str, AfterValidator(values.path)]
    scores: dict[str, dict[Split, float]] = Field(default_factory=dict)


class Expected(Strict):
    """The contents of an `expected.json`."""

    format: Literal["jiebang-expected/1"]
    baselines: Annotated[tuple[Baseline, ...], Field(strict=False, min_length=1)]


@dataclass(frozen=True)
class BaselineScores:
    """What a baseline got: `scores[key][split]`, empty when its file was refused."""

    path: str
    scores: Scores


def read(folder: Path) -> tuple[Expected | None, Source | None, tuple[Finding, ...]]:
    """The `expected.json` of a package that has one, with what is wrong with it."""
    data = (folder / EXPECTED).read_bytes()
    if len(data) > MOST_BYTES:
        return None, None, (Finding(id="package.json_too_large", file=EXPECTED, params={"most": MOST_BYTES // 1024}),)
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        return None, None, (Finding(id="package.json_damaged", file=EXPECTED, line=line),)
    source = Source.of_values(raw, EXPECTED)
    try:
        return Expected.model_validate(raw), source, ()
    except ValidationError as refused:
        return None, source, model_findings(source, refused)


def written(baselines: tuple[BaselineScores, ...]) -> str:
    """The text of an `expected.json` that asks for exactly these scores."""
    rows = [{"path": baseline.path, "scores": baseline.scores} for baseline in baselines]
    return json.dumps({"format": FORMAT, "baselines": rows}, indent=2, ensure_ascii=False) + "\n"


def score(folder: Path, prepared: Path, path: str) -> tuple[BaselineScores, tuple[Finding, ...]]:
    """Scores one baseline (a file, or a folder with one file per task) as any submission is scored."""
    source = folder / path
    with tempfile.TemporaryDirectory() as scratch:
        if source.is_dir():
            source = _zipped(source, Path(scratch))
        out = Path(scratch) / "out"
        out.mkdir()
        report = run.score(prepared, source, out, filename=source.name)
    errors = tuple(finding.model_copy(update={"file": path}) for finding in report.findings if finding.level == "error")
    if report.outcome != "scored":
        return BaselineScores(path, {}), (Finding(id="package.baseline_refused", file=path), *errors)
    return BaselineScores(path, _by_key(report)), ()


def findings(
    definition: Definition, source: Source, expected: Expected, scored: Mapping[str, BaselineScores]
) -> Iterator[Finding]:
    """Where the scores of the baselines differ from what they must be; `scored` is by path."""
    digits = {column.full_key: column.digits for column in board_columns(definition)}
    digits.setdefault(COMBINED, DIGITS_OF_COMBINED)
    for number, baseline in enumerate(expected.baselines):
        got = scored[baseline.path].scores if baseline.path in scored else {}
        if got:
            yield from _compare(source, ("baselines", number, "scores"), baseline.scores, got, digits)


def _compare(
    source: Source, at: KeyPath, expected: Scores, got: Scores, digits: Mapping[str, int]
) -> Iterator[Finding]:
    for key, splits in got.items():
        for split, value in splits.items():
            wanted = expected.get(key, {}).get(split)
            if wanted is None:
                if key != COMBINED:
                    yield source.finding(
                        "package.expected_missing", (*at, key, split), {"found": _shown(value, digits[key])}
                    )
            elif abs(wanted - value) > 10.0 ** -digits[key]:
                params = {"found": _shown(value, digits[key]), "expected": _shown(wanted, digits[key])}
                yield source.finding("package.expected_differs", (*at, key, split), dict(params))
    for key, splits in expected.items():
        for split in splits:
            if split not in got.get(key, {}):
                yield source.finding("package.expected_unknown", (*at, key, split), {"known": ", ".join(got)})


def _shown(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _by_key(report: Report) -> dict[str, dict[Split, float]]:
    scores: dict[str, dict[Split, float]] = {}
    for one in report.scores:
        scores.setdefault(f"{one.task}/{one.key}" if one.task else one.key, {})[one.split] = one.value
    return scores


def _zipped(folder: Path, scratch: Path) -> Path:
    target = scratch / f"{folder.name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            archive.write(file, file.name)
    return target
