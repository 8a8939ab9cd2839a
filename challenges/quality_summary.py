"""From an assessment to the report that people and programs read."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl

from challenges.quality import (
    MOST_COLUMNS,
    MOST_EXAMPLES,
    MOST_KINDS,
    MOST_TOP,
    ColumnFound,
    IssueExample,
    IssueKind,
    MeasureFound,
    QualityReport,
    Scale,
)
from scoring.quality import personal
from scoring.quality.assessment import Assessment
from scoring.quality.evidence import Evidence
from scoring.quality.profile.result import ColumnProfile, Scalar

SCORER: Final = "2"
"""Goes up when the same dataset would get another report."""
SHOWN: Final = 60


def summarized(
    seen: Evidence, found: Assessment, *, name: str, layout: str, preset: str, seconds: Mapping[str, float]
) -> QualityReport:
    """See `challenges.quality.assessed`."""
    kinds = tuple(_kinds(found.issues))
    return QualityReport(
        name=name[:200],
        layout=layout,
        rows=seen.rows,
        roles=asdict(seen.roles),
        measured_with="hidden parts" if seen.reference is not None and seen.reference.hides else "the dataset alone",
        preset=preset,
        measures=tuple(_measures(found)),
        blocks={block: Scale.of(points) for block, points in found.result.blocks.items()},
        composite=Scale.of(found.result.composite),
        grade=found.result.grade,
        passed=found.result.passed and not found.failed,
        gates_failed=found.failed,
        documentation={group: dict(items) for group, items in (seen.documentation or {}).items()},
        issues=kinds[:MOST_KINDS],
        issues_in_all=found.issues.height,
        columns=tuple(column_found(column) for column in seen.profile.columns[:MOST_COLUMNS]),
        columns_in_all=seen.table.width,
        made_with={"scorer": SCORER, "seed": seen.seed, "numpy": np.__version__, "polars": pl.__version__},
        seconds={key: round(value, 3) for key, value in seconds.items()},
    )


def masked(texts: pl.Series) -> pl.Series:
    """The texts with personal data masked; null stays null."""
    shown = texts.cast(pl.String, strict=False)
    return personal.mask(shown, personal.find(shown))


def _measures(found: Assessment) -> Iterator[MeasureFound]:
    for key, measured in found.measured.items():
        yield MeasureFound(
            key=key,
            value=measured.value,
            low=measured.low,
            high=measured.high,
            checked=measured.checked,
            bad=measured.bad,
            points=Scale.of(found.result.points[key]),
            weight=found.result.weights.get(key, 0.0),
            recoverable=found.result.recoverable.get(key, 0.0),
            gate=found.gates.get(key),
            passed=key not in found.failed,
            details=dict(measured.details),
        )


def _kinds(issues: pl.DataFrame) -> Iterator[IssueKind]:
    """Issues by check, code and column, in the order in which they come, with the first few of each."""
    groups = issues.group_by("check", "code", "column", maintain_order=True)
    for row in groups.agg(
        pl.len().alias("count"), pl.exclude("check", "code", "column").head(MOST_EXAMPLES)
    ).to_dicts():
        values, suggestions = (masked(pl.Series(row[part], dtype=pl.String)) for part in ("value", "suggestion"))
        yield IssueKind(
            check=row["check"],
            code=row["code"][:200],
            column=None if row["column"] is None else row["column"][:200],
            count=row["count"],
            examples=tuple(
                IssueExample(
                    row=None if number is None else number + 1,
                    value=_short(value),
                    suggestion=_short(suggestion),
                    confidence=confidence,
                )
                for number, value, suggestion, confidence in zip(
                    row["row"], values, suggestions, row["confidence"], strict=True
                )
            ),
        )


def column_found(column: ColumnProfile) -> ColumnFound:
    """A column at a glance; personal data in its values is masked."""
    low, middle, high = _ends(column)
    names, bars = _bars(column)
    shown = masked(pl.Series([low, middle, high, *names], dtype=pl.String)).to_list()
    return ColumnFound(
        name=column.name[:200],
        kind=column.kind,
        filled=column.rows - column.nulls,
        missing=column.nulls,
        distinct=column.distinct,
        low=_short(shown[0]),
        middle=_short(shown[1]),
        high=_short(shown[2]),
        names=tuple(_short(name) or "" for name in shown[3:]),
        bars=bars,
    )


def _ends(column: ColumnProfile) -> tuple[str | None, str | None, str | None]:
    """Smallest, middle and largest value, of texts their lengths."""
    if column.text is not None:
        return str(column.text.shortest), str(column.text.length_quantiles[3]), str(column.text.longest)
    middle: Scalar | None = None
    if column.number is not None and column.number.quantiles:
        middle = column.number.quantiles[3]
    elif column.date is not None and column.date.quantiles:
        middle = column.date.quantiles[3]
    low, middle_text, high = (_plain(value) for value in (column.smallest, middle, column.largest))
    return low, middle_text, high


def _bars(column: ColumnProfile) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The commonest values where a few make up the column, else a histogram of numbers, lengths or months."""
    few = 1 < column.distinct <= MOST_TOP or (column.text is not None and column.distinct < column.rows / 20)
    if few and column.top:
        top = column.top[:MOST_TOP]
        return tuple(str(_plain(one.value)) for one in top), tuple(one.count for one in top)
    if column.number is not None:
        return (), column.number.histogram.counts
    if column.text is not None:
        return (), column.text.lengths.counts
    if column.date is not None:
        return (), tuple(column.date.months.values())[-32:]
    return (), ()


def _plain(value: Scalar | None) -> str | None:
    if value is None:
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
