"""The texts of a new package: two READMEs, the script of the baseline, and the lines about files, from what is in the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as resources
from string import Template
from typing import Any, Literal

import polars as pl

from challenges.association import as_numbers
from challenges.definition import Definition
from challenges.guess import Guess, labels
from scoring.metrics import METRICS

SAMPLE = "public/sample_submission.csv"
BASELINE = "baseline/constant.csv"
SCRIPT = "baseline/constant.py"
MOST_COLUMNS = 60
LONGEST_EXAMPLE = 40
Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Starter:
    """A new challenge as data: rows to learn from and rows kept back, both with ids and answers."""

    guess: Guess
    id: str
    train: pl.DataFrame
    held: pl.DataFrame
    suffix: Literal["csv", "parquet"]

    @property
    def answers(self) -> str:
        """Where the answers are."""
        return f"answers/answers.{self.suffix}"

    def path(self, name: Literal["train", "test"]) -> str:
        """Where the data for teams is."""
        return f"public/{name}.{self.suffix}"

    def sample(self) -> pl.DataFrame:
        """A submission of the right form that says nothing."""
        column = self.guess.column
        nothing: Mapping[str, Any] = {"probability": 0.5, "class": next(iter(column.classes), ""), "number": 0.0}
        return self._same_for_all(nothing[column.type])

    def baseline(self) -> pl.DataFrame:
        """The best constant answer: the share of the class asked about, the commonest class, or the mean."""
        known = self.train[self.guess.target]
        match self.guess.column.type:
            case "probability":
                return self._same_for_all((labels(known) == self.guess.column.of).mean())
            case "class":
                return self._same_for_all(labels(known).mode().sort()[0])
            case _:
                return self._same_for_all(known.cast(pl.Float64).mean())

    def _same_for_all(self, answer: Any) -> pl.DataFrame:
        return self.held.select(self.id, pl.lit(answer).alias(self.guess.column.name))


def summary(starter: Starter) -> dict[str, str]:
    """One sentence for lists."""
    target, count = starter.guess.target, starter.train.width - 2
    return {"en": f"Predict {target} from {count} columns.", "zh": f"根据 {count} 列数据预测 {target}。"}


def files(starter: Starter) -> list[dict[str, str]]:
    """The entries of `data.files`."""
    return [
        {"path": starter.path("train"), "role": "train"},
        {"path": starter.path("test"), "role": "test"},
        {"path": SAMPLE, "role": "sample-submission"},
    ]


def texts(starter: Starter, definition: Definition) -> dict[str, str]:
    """The READMEs and the script by their path."""
    return {
        "README.en.md": _readme(starter, definition, "en"),
        "README.zh.md": _readme(starter, definition, "zh"),
        SCRIPT: _script(starter),
    }


def _template(name: str) -> Template:
    return Template((resources("challenges") / "starter" / name).read_text("utf-8"))


def _readme(starter: Starter, definition: Definition, language: Language) -> str:
    words, guess = _WORDS[language], starter.guess
    about = guess.column.name, guess.target, guess.column.of, ", ".join(f"`{name}`" for name in guess.column.classes)
    return _template(f"README.{language}.md").substitute(
        title=getattr(definition.title, language),
        summary=getattr(definition.summary, language),
        files=_files(starter, words),
        columns=_columns(starter, words),
        source=definition.data.source,
        licence=definition.data.licence,
        test_rows=starter.held.height,
        id=starter.id,
        column=guess.column.name,
        asked=words[guess.column.type].format(*about),
        sample=starter.sample().head(3).write_csv().strip(),
        scores=_scores(definition, language),
        public_share=f"{definition.answers.split.public:.0%}" if definition.answers else "",
        per_day=definition.limits.per_day,
        total=definition.limits.total,
        picked=definition.board.final.picked,
        ties=words["then"].join(_tie(tie, definition, language) for tie in definition.board.ties),
    )


def _files(starter: Starter, words: Mapping[str, str]) -> str:
    rows = {"train": starter.train.height, "test": starter.held.height}
    lines = [
        f"| [{starter.path(name)}]({starter.path(name)}) | {rows[name]} | {words[name]} |" for name in ("train", "test")
    ]
    return "\n".join([*lines, f"| [{SAMPLE}]({SAMPLE}) | {starter.held.height} | {words['sample']} |"])


def _columns(starter: Starter, words: Mapping[str, str]) -> str:
    lines = []
    for column in starter.train.iter_columns():
        known = column.drop_nulls()
        example = str(known[0]) if len(known) else ""
        short = example if len(example) <= LONGEST_EXAMPLE else f"{example[: LONGEST_EXAMPLE - 1]}…"
        cells = (_cell(f"`{column.name}`"), words[_kind(column)], _cell(short))
        lines.append(f"| {' | '.join(cells)} |")
    if len(lines) > MOST_COLUMNS:
        more = words["more"].format(len(lines) - MOST_COLUMNS)
        lines = [*lines[:MOST_COLUMNS], f"| … | {more} | |"]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text that cannot break out of a cell of a Markdown table."""
    return (
        "".join(c if c.isprintable() else " " for c in text)
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("<", "&lt;")
    )


def _kind(column: pl.Series) -> str:
    if column.dtype == pl.Boolean:
        return "boolean"
    if column.dtype.is_temporal():
        return "time"
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        return "nested"
    return "text" if as_numbers(column) is None else "figure"


def _scores(definition: Definition, language: Language) -> str:
    words = _WORDS[language]
    first = words["ranks"]
    lines = []
    for score in definition.scores:
        metric = METRICS[score.metric]
        title, explanation = (metric.title, metric.explanation) if language == "en" else _METRICS_ZH[metric.key]
        lines.append(f"- **{title}**{first}{words['colon']}{explanation}")
        first = ""
    return "\n".join(lines)


def _tie(tie: str, definition: Definition, language: Language) -> str:
    metric = next((METRICS[score.metric] for score in definition.scores if score.key == tie), None)
    if metric is None:
        return _WORDS[language]["earliest"]
    return metric.title if language == "en" else _METRICS_ZH[metric.key][0]


def _script(starter: Starter) -> str:
    guess, target = starter.guess, starter.guess.target
    known = starter.train[target]
    column = f"train[{target!r}]"
    classes = f"{column}.cast(pl.Int64).cast(pl.String)" if known.dtype.is_float() else f"{column}.cast(pl.String)"
    if known.dtype == pl.Boolean:
        classes = f"{column}.cast(pl.Int8).cast(pl.String)"
    answer = {
        "probability": f"({classes} == {guess.column.of!r}).mean()",
        "class": f"{classes}.mode().sort()[0]",
        "number": f"{column}.cast(pl.Float64).mean()",
    }[guess.column.type]
    return _template("constant.py.txt").substitute(
        read=f"pl.read_{starter.suffix}",
        options=", infer_schema=False" if starter.suffix == "csv" else "",
        train=starter.path("train"),
        test=starter.path("test"),
        answer=answer,
        id=repr(starter.id),
        column=repr(guess.column.name),
    )


_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "train": "rows to learn from, with answers",
        "test": "rows to predict, without answers",
        "sample": "a submission of the right form",
        "text": "text",
        "figure": "number",
        "boolean": "true or false",
        "time": "time",
        "nested": "list or record",
        "more": "and {} more",
        "probability": "the probability that `{1}` is `{2}`, from 0 to 1",
        "class": "the predicted `{1}`, one of {3}",
        "number": "the predicted `{1}`, a number",
        "ranks": " (ranks)",
        "colon": ": ",
        "then": ", then ",
        "earliest": "the earlier submission",
    },
    "zh": {
        "train": "用于训练，含答案",
        "test": "待预测，不含答案",
        "sample": "格式正确的提交样例",
        "text": "文本",
        "figure": "数值",
        "boolean": "是或否",
        "time": "时间",
        "nested": "列表或记录",
        "more": "另有 {} 列",
        "probability": "`{1}` 为 `{2}` 的概率，取值 0 到 1",
        "class": "预测的 `{1}`，取值为 {3} 之一",
        "number": "预测的 `{1}`，数值",
        "ranks": "（决定排名）",
        "colon": "：",
        "then": "、",
        "earliest": "提交时间（早者在前）",
    },
}

_METRICS_ZH: Mapping[str, tuple[str, str]] = {
    "roc_auc": ("ROC AUC", "随机取一个正例和一个反例，正例得分更高的概率，相同算一半。0.5 相当于随机猜测，1 为完美。"),
    "log_loss": ("对数损失", "对真实类别所给概率 p 的 −ln(p) 的平均值。0 为完美，越有把握地答错，代价越大。"),
    "f1_macro": ("宏平均 F1", "F1 兼顾精确率与召回率；先对每个类别分别计算，再取平均，各类别同等重要。"),
    "accuracy": ("准确率", "预测类别正确的行所占的比例。"),
    "rmse": ("均方根误差", "误差的典型大小，单位与目标相同；大的误差比在平均绝对误差中更受重视。"),
    "mae": ("平均绝对误差", "预测平均偏离多少，单位与目标相同。"),
}
"""The metrics that `challenges.guess` may choose, for READMEs in Chinese: title and explanation."""
