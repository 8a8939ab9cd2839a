"""The pattern page: every part of the look once, fed with data that say of themselves that they are samples."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_
from leaderboard.ui import markdown
from leaderboard.ui.board import Board, Column, Divider, Row, Zone
from leaderboard.ui.charts import (
    Axis,
    Histogram,
    Rail,
    Series,
    Span,
    StepChart,
    TimeAxis,
    axis,
    histogram,
    rail,
    span,
    step_chart,
    time_axis,
)
from leaderboard.ui.findings import Example, FindingGroup
from leaderboard.ui.forms import Form
from leaderboard.ui.paging import Pager, Sort

Step = tuple[str, datetime | None, str, str]

TOKENS = (
    "bg", "surface", "sunken", "row", "ink", "muted", "accent", "up", "down", "warn", "gold", "silver", "bronze",
    "line", "line-strong", "s1", "s2", "s3", "s4", "s5",
)  # fmt: skip
SIZES = (28, 22, 18, 16, 15, 14, 13)

# zh, en, score, half of the interval, best and worst place, move, entries, hours since the latest, marks
_TEAMS = (
    ("样例·北江智采", "Sample Beijiang Sensing", 0.7412, 0.0061, 1, 2, 0, 21, 7),
    ("样例·海陆丰视觉", "Sample Hailufeng Vision", 0.7368, 0.0064, 1, 3, 1, 18, 17),
    ("样例·鼎湖标注联队", "Sample Dinghu Union", 0.7301, 0.0066, 2, 5, -1, 24, 5),
    ("样例·松山湖数据工坊", "Sample Songshan Lake Data Works", 0.7264, 0.0067, 3, 6, 2, 19, 2),
    ("样例·韩江质检", "Sample Hanjiang Inspection", 0.7240, 0.0068, 3, 7, 0, 15, 47),
    ("样例·DataForge湾区", "Sample DataForge Bay Area", 0.7240, 0.0071, 3, 7, 3, 17, 8),
    ("样例·罗浮山实验室", "Sample Luofu Lab", 0.7195, 0.0070, 5, 8, -2, 22, 68),
    ("样例·潮声数据", "Sample Chaosheng Data", 0.7152, 0.0072, 7, 9, -3, 20, 4),
    ("样例·梅关采集", "Sample Meiguan Collect", 0.7098, 0.0074, 8, 10, None, 6, 1),
    ("样例·端州影像", "Sample Duanzhou Imaging", 0.7041, 0.0076, 9, 10, -1, 8, 169),
)
_MINE = 3
_TIED = {4, 5}
_PRIZES: tuple[Zone, ...] = ("gold", "silver", "silver", "bronze", "bronze", "bronze")

_BRIEF = {
    "zh": """# 样例题面

用起飞时已知的信息，预测到达是否晚点超过15分钟。分数为 $\\mathrm{AUC} = P(s_+ > s_-)$。

## 数据

| 列 | 含义 | 缺失 |
| --- | --- | ---: |
| `flight` | 航班编号，主键 | 0 |
| `distance` | 航程，英里 | 12 |

训练集见[train.csv](public/train.csv)。
""",
    "en": """# A sample brief

Predict arrival delays over 15 minutes from what is known at departure, scored by $\\mathrm{AUC} = P(s_+ > s_-)$.

## Data

| column | meaning | missing |
| --- | --- | ---: |
| `flight` | number of the flight, the key | 0 |
| `distance` | distance in miles | 12 |

Training rows are in [train.csv](public/train.csv).
""",
}


@dataclass(frozen=True)
class PatternsPage:
    """Everything the pattern page shows; ``empty`` is a form before, ``refused`` a form after it was sent."""

    tokens: tuple[str, ...]
    sizes: tuple[int, ...]
    board: Board
    lower: Board
    waiting: Axis
    waiting_baseline: Rail
    chart: StepChart
    spread: Histogram
    spread_reached: int
    phases: TimeAxis
    windows: tuple[tuple[str, datetime, datetime, Span], ...]
    empty: Form
    refused: Form
    findings: tuple[FindingGroup, ...]
    steps: tuple[Step, ...]
    failed_steps: tuple[Step, ...]
    pager: Pager
    sort: Sort
    brief: Markup
    deadline: datetime
    digest: str


def patterns_page(locale: str, *, now: datetime, zone: str) -> PatternsPage:
    """Make the page's samples, the same for everyone apart from the language and the moment."""
    tz = ZoneInfo(zone)
    scores = [team[2] for team in _TEAMS]
    waiting = axis([0.0, 1.0], direction="max", name="waiting")
    phases, windows = _phases(locale, now, tz)
    spread = [0.708 + 0.016 * math.log((index + 1) / (138 - index)) for index in range(138)]  # a logistic law
    return PatternsPage(
        tokens=TOKENS,
        sizes=SIZES,
        board=_board(locale, now),
        lower=_lower_board(locale, now),
        waiting=waiting,
        waiting_baseline=rail(waiting, 0.5),
        chart=_chart(locale, now, tz),
        spread=histogram(spread, mark=scores[_MINE], lines=[(scores[5], _say(locale, "晋级线", "cut"))]),
        spread_reached=sum(score >= scores[5] for score in spread),
        phases=phases,
        windows=windows,
        empty=Form(),
        refused=_refused(locale),
        findings=_findings(locale),
        steps=_steps(locale, now),
        failed_steps=_failed_steps(locale, now),
        pager=Pager(previous="?before=x", next="?after=y", first=51, last=100, total=12840),
        sort=Sort("missing", descending=True),
        brief=markdown.render(_BRIEF[locale], files="/files/sample", table_label=_say(locale, "表格", "Table")),
        deadline=now + timedelta(days=18, hours=1, minutes=20),
        digest="9f2c41d07be3a51c88d0f6e2b7a9c4d3150e6f7a8b9c0d1e2f3a4b5c6d7e8f90",
    )


def _say(locale: str, zh: str, en: str) -> str:
    return zh if locale == "zh" else en


def _board(locale: str, now: datetime) -> Board:
    line = axis([end for team in _TEAMS for end in (team[2] - team[3], team[2] + team[3])], direction="max")
    columns = (Column("auc", "AUC", 4, "max"), Column("log_loss", _say(locale, "对数损失", "Log loss"), 3, "min"))
    rows: list[Row | Divider] = [*_teams(locale, now, line), _without_score(locale, now)]
    rows[6:6] = [_cut(locale)]
    rows[9:9] = [_baseline(locale, now, line)]
    sortable = frozenset({"auc", "log_loss", "move", "entries", "latest"})
    return Board(columns, line, tuple(rows), Sort("place"), sortable)


def _teams(locale: str, now: datetime, line: Axis) -> list[Row]:
    return [
        Row(
            team=_say(locale, zh, en),
            path="/patterns",
            scores=(value, 0.9 - value / 1.4),
            place=5 if index in _TIED else index + 1,
            shared=index in _TIED,
            best=best,
            worst=worst,
            rail=rail(line, value, value - half, value + half),
            low=value - half,
            high=value + half,
            move=move,
            new=move is None,
            entries=entries,
            latest=now - timedelta(hours=hours, minutes=11),
            mine=index == _MINE,
            zone=_PRIZES[index] if index < len(_PRIZES) else "",
            prize=(_say(locale, "一等奖", "First prize") if index == 0 else ""),
        )
        for index, (zh, en, value, half, best, worst, move, entries, hours) in enumerate(_TEAMS)
    ]


def _cut(locale: str) -> Divider:
    return Divider(
        _say(locale, "晋级线：前6名进入决赛。", "Cut: the top 6 go on to the final."),
        _say(
            locale,
            "第6与第7名相差0.0045，差的95%区间[−0.0021, 0.0109]含0，这条线上的先后尚不确定。",
            "6th and 7th differ by 0.0045; the 95% interval of the difference [−0.0021, 0.0109] holds 0, so the order "
            "at this line is not settled.",
        ),
    )


def _baseline(locale: str, now: datetime, line: Axis) -> Row:
    return Row(
        team=_say(locale, "样例·线性模型", "Sample linear model"),
        scores=(0.7128, 0.391),
        rail=rail(line, 0.7128, 0.7054, 0.7202),
        low=0.7054,
        high=0.7202,
        baseline=True,
        latest=now - timedelta(days=41),
    )


def _without_score(locale: str, now: datetime) -> Row:
    return Row(
        team=_say(locale, "样例·清远慧农", "Sample Qingyuan Agri"),
        scores=(None, None),
        entries=0,
        latest=now - timedelta(hours=25),
        note=_say(
            locale, "无有效得分：2次提交均在收件检查时退回", "no valid score: both submissions were refused at intake"
        ),
    )


def _lower_board(locale: str, now: datetime) -> Board:
    """Show an error measure, where less is better and one team is far beyond the axis."""
    values = (12.31, 12.62, 13.94, 14.05, 15.2, 96.4)
    line = axis([end for value in values for end in (value * 0.96, value * 1.04)], direction="min", name="lower")
    rows = tuple(
        Row(
            team=_say(locale, f"样例队伍{letter}", f"Sample team {letter}"),
            scores=(value,),
            place=index + 1,
            best=max(1, index),
            worst=min(6, index + 2),
            rail=rail(line, value, value * 0.96, value * 1.04),
            low=value * 0.96,
            high=value * 1.04,
            move=0,
            entries=3 + index,
            latest=now - timedelta(hours=3 * index + 1),
        )
        for index, (letter, value) in enumerate(zip("ABCDEF", values, strict=True))
    )
    return Board((Column("rmse", _say(locale, "均方根误差（千瓦）", "RMSE (kW)"), 2, "min"),), line, rows)


def _chart(locale: str, now: datetime, tz: ZoneInfo) -> StepChart:
    chance = random.Random(7)  # noqa: S311 - samples
    start = now - timedelta(days=41)
    series, dots = [], []
    for index, (zh, en, value, *_) in enumerate(_TEAMS[:6]):
        days = sorted(chance.uniform(0.6 + 0.4 * index, 40.8) for _ in range(22))
        reached = [value - 0.09 * math.exp(-day / (7 + 2 * index)) for day in days]
        points = [(start + timedelta(days=day), score) for day, score in zip(days, reached, strict=True)]
        series.append(
            Series(_say(locale, zh, en).removeprefix("样例·").removeprefix("Sample "), points, index == _MINE)
        )
        dots += [(when, score - chance.expovariate(90)) for when, score in points]
    notes = [(start + timedelta(days=22), _say(locale, "评分器v2，全部重评", "scorer v2, all re-scored"))]
    return step_chart(series, start=start, end=now, zone=tz, direction="max", dots=dots, notes=notes)


def _phases(
    locale: str, now: datetime, tz: ZoneInfo
) -> tuple[TimeAxis, tuple[tuple[str, datetime, datetime, Span], ...]]:
    names = (
        (_say(locale, "样例·报名", "Sample entry"), -41, -17),
        (_say(locale, "样例·初赛", "Sample preliminary"), -41, 18),
        (_say(locale, "样例·公示与申诉", "Sample publicity and appeals"), 19, 26),
        (_say(locale, "样例·决赛", "Sample final"), 27, 61),
    )
    dated = [(name, now + timedelta(days=first), now + timedelta(days=last)) for name, first, last in names]
    line = time_axis(dated[0][1], dated[-1][2], now=now, zone=tz, name="phases")
    return line, tuple((name, start, end, span(line, start, end, now=now)) for name, start, end in dated)


def _refused(locale: str) -> Form:
    values = {
        "team": _say(locale, "样例·松山湖数据工坊", "Sample Songshan Lake Data Works"),
        "code": "91441900MA4W2X7Q1",
    }
    return Form(
        {**values, "sector": "energy", "licence": "by-nc", "note": ""},
        (
            FieldError("code", N_("The unified credit code must have 18 characters; this has {count}."), {"count": 17}),
            FieldError("agree", N_("Accept the rules before you enter.")),
        ),
    )


def _findings(locale: str) -> tuple[FindingGroup, ...]:
    probability = _say(locale, "概率须在0与1之间", "a probability lies between 0 and 1")
    return (
        FindingGroup(
            "f-delayed",
            _say(locale, "不在0与1之间", "not between 0 and 1"),
            1031,
            column="delayed",
            hint=_say(locale, "多数像是百分数：除以100即可。", "Most look like per cent: divide by 100."),
            examples=(
                Example(18, "delayed", "73.5", probability),
                Example(19, "delayed", "-0.2", probability),
                Example(4402, "delayed", "", _say(locale, "必填", "required")),
                *(Example(4403 + 97 * count, "delayed", f"{40 + count}.5", probability) for count in range(8)),
            ),
        ),
        FindingGroup(
            "f-flight",
            _say(locale, "测试集里没有的编号", "ids that are not in the test set"),
            2,
            column="flight",
            level="warning",
            examples=(
                Example(512, "flight", "UA-1545", _say(locale, "最接近的编号：UA1545", "nearest id: UA1545")),
                Example(513, "flight", "<b>AA1141</b>", _say(locale, "不是编号", "no id")),
            ),
        ),
    )


def _steps(locale: str, now: datetime) -> tuple[Step, ...]:
    def before(seconds: int) -> datetime:
        return now - timedelta(seconds=seconds)

    return (
        (_say(locale, "已收到", "received"), before(64), "done", "4.2 MB"),
        (_say(locale, "收件检查", "checking"), before(61), "done", _say(locale, "没有问题", "no findings")),
        (
            _say(locale, "排队", "queued"),
            before(60),
            "now",
            _say(locale, "前面还有2份，通常40秒", "2 before it, usually 40 s"),
        ),
        (_say(locale, "评分", "scoring"), None, "todo", ""),
        (_say(locale, "已评分", "scored"), None, "todo", ""),
    )


def _failed_steps(locale: str, now: datetime) -> tuple[Step, ...]:
    return (
        (_say(locale, "已收到", "received"), now - timedelta(minutes=9), "done", ""),
        (_say(locale, "收件检查", "checking"), now - timedelta(minutes=9), "done", ""),
        (
            _say(locale, "我方故障", "failed on our side"),
            now - timedelta(minutes=2),
            "failed",
            _say(locale, "第2次重试，不占配额", "second retry, costs no quota"),
        ),
    )
