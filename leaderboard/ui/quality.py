"""What a quality report shows: the rows that the macros of ``templates/ui/quality.html`` draw. Numbers to places; knows no HTML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor

from challenges.datasets.items import ITEMS
from challenges.quality import ColumnFound, IssueKind, MeasureFound, QualityReport, Scale
from leaderboard.core.i18n import N_
from leaderboard.ui.axes import Axis, Rail, Tick, rail, rounded, turned_in
from leaderboard.ui.charts import Bar
from scoring.quality.check import Check
from scoring.quality.checks import CHECKS
from scoring.quality.rubric import BLOCKS, GRADES, PARTS, PRESETS, Block
from scoring.quality.wording import sentence

BLOCK_TITLES = {
    "documentation": N_("Documentation"),
    "quality": N_("Data quality"),
    "application": N_("Use by models"),
}
LAYOUTS = {
    "table": N_("Table"),
    "datapackage": N_("Frictionless data package"),
    "croissant": N_("Croissant"),
    "tc609": N_("TC609 records"),
    "images": N_("Images"),
    "audio": N_("Sounds"),
    "coco": N_("COCO images"),
    "texts": N_("Texts"),
}
COLUMN_KINDS = {
    "number": N_("decimal number"),
    "integer": N_("whole number"),
    "unsigned": N_("whole number"),
    "boolean": N_("true or false"),
    "text": N_("text"),
    "nested": N_("nested"),
    "date": N_("date"),
    "datetime": N_("moment"),
}
STAGES = {
    "open": N_("Opening the files"),
    "judge": N_("Judging the labels"),
    "gates": N_("Passing the gates"),
    "train": N_("Training the reference models"),
    "report": N_("Writing the report"),
}
_SHOWN_SECONDS = 0.05
_LEAST = 50.0
_BAR_HEIGHT = 26.0


@dataclass(frozen=True)
class Rung:
    """A grade's stretch of the ladder, in per cent; ``label`` is the bound it begins at."""

    grade: str
    start: float
    end: float
    label: str
    reached: bool


@dataclass(frozen=True)
class BlockRow:
    title: str
    code: str
    weight: float
    score: Scale
    rail: Rail
    short: float
    """Points that are missing to the pass line; 0 or less: it is reached."""
    to_win: float
    """Points of the composite if everything in the block were perfect."""


@dataclass(frozen=True)
class FixRow:
    check: Check
    recoverable: float
    bar: float
    count: int
    anchor: str | None


@dataclass(frozen=True)
class MeasureRow:
    check: Check
    found: MeasureFound
    rail: Rail
    exact: bool
    anchor: str | None
    median: float | None
    """Where on the axis the middle team is."""
    raw: float | None
    """Where on the axis the raw bundle is."""


@dataclass(frozen=True)
class IssueGroup:
    """Issues of one kind; ``words`` and ``params`` are the sentence that says what is wrong."""

    check: Check
    words: str
    params: dict[str, str]
    kind: IssueKind


@dataclass(frozen=True)
class IssueSection:
    """All kinds of issues that one check found."""

    anchor: str
    check: Check
    groups: tuple[IssueGroup, ...]


@dataclass(frozen=True)
class ColumnRow:
    found: ColumnFound
    kind: str
    bars: tuple[Bar, ...]
    height: float = _BAR_HEIGHT


@dataclass(frozen=True)
class QualityPage:
    """A whole report. ``styles`` and ``sprite`` are the style element and the icons of a page that stands alone."""

    report: QualityReport
    layout: str
    preset: str
    pass_line: float
    axis: Axis
    pass_at: float
    rungs: tuple[Rung, ...]
    ladder: Rail
    next_grade: str | None
    next_bound: float
    next_block: float
    held_back: tuple[tuple[str, float], ...]
    """The blocks that the next grade asks more of, with their score, never rounded up to what is asked."""
    blocks: tuple[BlockRow, ...]
    fixes: tuple[FixRow, ...]
    measures: tuple[MeasureRow, ...]
    gates: tuple[MeasureRow, ...]
    told: tuple[MeasureRow, ...]
    """What carries neither points nor a gate, and is worth knowing."""
    not_measured: tuple[Check, ...]
    sections: tuple[IssueSection, ...]
    columns: tuple[ColumnRow, ...]
    documentation: tuple[tuple[Check, tuple[tuple[str, bool, str], ...]], ...]
    """By measure: each item, whether it is answered, and why not (empty: it is, or nobody said)."""
    stages: tuple[tuple[str, float], ...]
    """What took how many seconds, the longest first."""
    has_field: bool
    has_raw: bool
    styles: str = ""
    sprite: str = ""


def quality_page(
    report: QualityReport,
    *,
    styles: str = "",
    sprite: str = "",
    field: Mapping[str, float] | None = None,
    raw: Mapping[str, float] | None = None,
) -> QualityPage:
    """Lays a report out for its page. ``field`` and ``raw``: the points of the middle team and of the raw bundle, by measure."""
    points = _axis()
    titles = {item.key: item.title for item in ITEMS}
    why = {(kind.check, kind.column): sentence(kind.code)[0] for kind in report.issues}
    preset = PRESETS[report.preset]
    anchors = {kind.check: f"issues-{kind.check.lower()}" for kind in report.issues}
    rows = tuple(_measure(one, points, anchors, field or {}, raw or {}) for one in report.measures)
    reached = next((place for place, (name, _, _) in enumerate(GRADES) if name == report.grade), len(GRADES))
    following = GRADES[reached - 1] if reached else None
    return QualityPage(
        report=report,
        layout=LAYOUTS.get(report.layout, report.layout),
        preset=preset.title,
        pass_line=preset.pass_line,
        axis=points,
        pass_at=points.at(preset.pass_line),
        rungs=tuple(_rungs(report.grade)),
        ladder=_on_whole_ladder(report.composite),
        next_grade=following[0] if following else None,
        next_bound=following[1] if following else 0.0,
        next_block=following[2] if following else 0.0,
        held_back=tuple(_held_back(report, following[2] if following else 0.0)),
        blocks=tuple(_blocks(report, points, preset.pass_line)),
        fixes=_fixes(report, anchors),
        measures=tuple(sorted((row for row in rows if row.found.weight), key=lambda row: row.found.points.value)),
        gates=tuple(row for row in rows if row.found.gate is not None),
        told=tuple(row for row in rows if row.found.gate is None and not row.found.weight),
        not_measured=tuple(
            check
            for key, check in CHECKS.items()
            if key not in {one.key for one in report.measures} and not check.may_gate
        ),
        sections=tuple(_sections(report, anchors)),
        columns=tuple(column_row(column) for column in report.columns),
        documentation=tuple(
            (
                CHECKS[key],
                tuple((titles.get(item, item), answered, why.get((key, item), "")) for item, answered in items.items()),
            )
            for key, items in report.documentation.items()
            if key in CHECKS
        ),
        stages=_stages(report),
        has_field=bool(field),
        has_raw=bool(raw),
        styles=styles,
        sprite=sprite,
    )


def _stages(report: QualityReport) -> tuple[tuple[str, float], ...]:
    found = sorted(report.seconds.items(), key=lambda stage: -stage[1])
    return tuple((stage_title(key) or key, seconds) for key, seconds in found if seconds >= _SHOWN_SECONDS)


def stage_title(key: str) -> str | None:
    """What a step of the work on a dataset is called, in English; None where it is not known."""
    return CHECKS[key].title if key in CHECKS else STAGES.get(key)


def _axis() -> Axis:
    made = Axis(0, 100, (), (), "right", "points")
    ticks = tuple(turned_in(Tick(made.at(value), f"{value}")) for value in (0, 25, 50, 75, 100))
    return Axis(0, 100, ticks, (), "right", "points")


def _on_ladder(value: float) -> float:
    return rounded(100 * (max(value, _LEAST) - _LEAST) / (100 - _LEAST))


def _on_whole_ladder(scale: Scale) -> Rail:
    return Rail(_on_ladder(scale.value), _on_ladder(scale.low), _on_ladder(scale.high))


def _rungs(reached: str) -> list[Rung]:
    bounds = [_LEAST, *(bound for _, bound, _ in reversed(GRADES)), 100.0]
    names = ["C", *(name for name, _, _ in reversed(GRADES))]
    return [
        Rung(name, _on_ladder(low), _on_ladder(high), f"{low:g}", name == reached)
        for name, low, high in zip(names, bounds, bounds[1:], strict=False)
    ]


def _held_back(report: QualityReport, least: float) -> Iterator[tuple[str, float]]:
    for block in BLOCKS:
        score = report.blocks.get(block)
        if score is not None and score.value < least:
            yield BLOCK_TITLES[block], floor(score.value * 100) / 100


def _blocks(report: QualityReport, points: Axis, pass_line: float) -> list[BlockRow]:
    weights: dict[Block, float] = dict.fromkeys(BLOCKS, 0.0)
    of_part = {key: part.block for part in PARTS.values() for key in part.measures}
    for one in report.measures:
        if one.weight:
            weights[of_part[one.key]] += one.weight
    return [
        BlockRow(
            title=BLOCK_TITLES[block],
            code=code,
            weight=weights[block],
            score=score,
            rail=rail(points, score.value, score.low, score.high),
            short=pass_line - score.value,
            to_win=weights[block] * (100 - score.value) / 100,
        )
        for block, code in BLOCKS.items()
        if (score := report.blocks.get(block)) is not None
    ]


def _fixes(report: QualityReport, anchors: dict[str, str]) -> tuple[FixRow, ...]:
    found = sorted((one for one in report.measures if one.recoverable >= 0.05), key=lambda one: -one.recoverable)
    most = max((one.recoverable for one in found), default=1.0)
    return tuple(
        FixRow(
            check=CHECKS[one.key],
            recoverable=one.recoverable,
            bar=rounded(100 * one.recoverable / most),
            count=one.bad or 0,
            anchor=anchors.get(one.key),
        )
        for one in found
    )


def _measure(
    one: MeasureFound, points: Axis, anchors: dict[str, str], field: Mapping[str, float], raw: Mapping[str, float]
) -> MeasureRow:
    return MeasureRow(
        check=CHECKS[one.key],
        found=one,
        rail=rail(points, one.points.value, one.points.low, one.points.high),
        exact=one.low == one.high,
        anchor=anchors.get(one.key),
        median=points.at(field[one.key]) if one.key in field else None,
        raw=points.at(raw[one.key]) if one.key in raw else None,
    )


def _sections(report: QualityReport, anchors: dict[str, str]) -> list[IssueSection]:
    sections: dict[str, list[IssueGroup]] = {}
    for kind in report.issues:
        words, params = sentence(kind.code)
        sections.setdefault(kind.check, []).append(IssueGroup(CHECKS[kind.check], words, params, kind))
    return [IssueSection(anchors[key], CHECKS[key], tuple(groups)) for key, groups in sections.items()]


def column_row(found: ColumnFound) -> ColumnRow:
    """A column with its distribution as bars."""
    return ColumnRow(found, COLUMN_KINDS.get(found.kind, found.kind), _bars(found.bars))


def _bars(counts: tuple[int, ...]) -> tuple[Bar, ...]:
    if not counts or not max(counts):
        return ()
    each, unit = 100 / len(counts), _BAR_HEIGHT / max(counts)
    return tuple(
        Bar(
            x=rounded(place * each + each * 0.04),
            width=rounded(each * 0.92),
            y=rounded(_BAR_HEIGHT - unit * count),
            height=rounded(unit * count),
            low="",
            high="",
            count=count,
            mine=False,
        )
        for place, count in enumerate(counts)
    )
