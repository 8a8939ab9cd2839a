"""A small sound package that each test may spoil in its own way."""

import json
from pathlib import Path

import pytest

from challenges.reading import read

DEFINITION = """\
format   = "jiebang/1"
slug     = "late-trains"
version  = "1.0.0"
kind     = "prediction"
sector   = "transport"
task     = "binary-classification"
modality = ["table"]

[title]
en = "Which trains will be late?"
zh = "哪些列车会晚点？"
[summary]
en = "Predict delays from what is known at departure."
zh = "用发车时已知的信息预测晚点。"

[data]
licence  = "CC0-1.0"
source   = "Made up for a test"
personal = "none"
[[data.files]]
path = "public/train.csv"
role = "train"
[[data.files]]
path = "public/test.csv"
role = "test"

[submission]
formats = ["csv", "parquet"]
max_mb  = 5
id      = "train"
[[submission.columns]]
name = "p_late"
type = "probability"
[[submission.columns]]
name = "p_soon"
type = "probability"
of   = "0"
sums_to_one_with = [
  "p_late",
]
[[submission.columns]]
name = "minutes"
type = "number"
min  = -30
max  = 600.5

[answers]
path  = "answers/arrivals.csv"
truth = ["late", "delay"]
split = { public = 0.4, seed = 7, stratify = "late" }

[[scores]]
key        = "auc"
metric     = "roc_auc"
truth      = "late"
prediction = "p_late"
digits     = 4
[[scores]]
key        = "mae"
metric     = "mae"
truth      = "delay"
prediction = "minutes"
[[scores]]
key        = "loss"
metric     = "log_loss"
truth      = "late"
prediction = ["p_soon", "p_late"]

[board]
ties  = ["mae", "earliest"]
final = { picked = 2, otherwise = "best public" }
[[board.lines]]
key   = "prize"
title = { en = "Prize", zh = "获奖线" }
upto  = 3

[limits]
per_day = 5
total   = 100
zone    = "Asia/Shanghai"

[[phases]]
key    = "preliminary"
opens  = 2026-12-01T09:00:00+08:00
closes = 2027-01-31T18:00:00+08:00
[[phases]]
key    = "final"
opens  = 2027-02-01T09:00:00+08:00
closes = 2027-02-28T18:00:00+08:00
total  = 10
"""

TASKS = (
    DEFINITION[: DEFINITION.index('id      = "train"')]
    + """
[[tasks]]
key = "north"
weight = 2
[tasks.submission]
id = "train"
columns = [{ name = "minutes", type = "number" }]
[tasks.answers]
path = "answers/north.csv"
truth = "delay"
split = { column = "usage" }
[[tasks.scores]]
key = "mae"
metric = "mae"
[[tasks]]
key = "south"
[tasks.submission]
id = "train"
columns = [{ name = "minutes", type = "number" }]
[tasks.answers]
path = "answers/south.csv"
truth = "delay"
split = { column = "usage" }
[[tasks.scores]]
key = "rmse"
metric = "rmse"
[[tasks.scores]]
key = "mae"
metric = "mae"
[board]
combine = "mean"
ties = ["south/mae", "earliest"]
"""
)


def rows(first: int, count: int) -> list[tuple[int, int, int]]:
    """(id, late, delay) of made-up trains; nothing about a train follows from its number."""
    made = [(number, number * 7919 % 101) for number in range(first, first + count)]
    return [(number, int(x > 70), x - 20) for number, x in made]


def csv(header: str, lines: list[tuple[object, ...]]) -> str:
    return "\n".join([header, *(",".join(map(str, line)) for line in lines)]) + "\n"


@pytest.fixture
def definition() -> str:
    """The text of a sound `challenge.toml`."""
    return DEFINITION


@pytest.fixture
def tasks_definition() -> str:
    """The text of a sound `challenge.toml` with two tasks."""
    return TASKS


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A sound package with one baseline."""
    folder = tmp_path / "late-trains"
    for name in ("public", "answers", "baseline"):
        (folder / name).mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION, "utf-8")
    (folder / "README.en.md").write_text("# Trains\n\nSee [the data](public/train.csv).\n", "utf-8")
    (folder / "README.zh.md").write_text("# 列车\n\n见[数据](public/train.csv)。\n", "utf-8")
    train, hidden = rows(1000, 300), rows(1, 200)
    shown = [(n, n * 31 % 17, late, delay) for n, late, delay in train]
    (folder / "public/train.csv").write_text(csv("train,speed,late,delay", shown), "utf-8")
    (folder / "public/test.csv").write_text(csv("train,speed", [(n, n * 31 % 17) for n, _, _ in hidden]), "utf-8")
    (folder / "answers/arrivals.csv").write_text(csv("train,late,delay", hidden), "utf-8")
    constant = [(n, 0.25, 0.75, 0) for n, _, _ in hidden]
    (folder / "baseline/constant.csv").write_text(csv("train,p_late,p_soon,minutes", constant), "utf-8")
    return folder


@pytest.fixture
def expect():
    """Writes an `expected.json` for the constant baseline."""

    def write(folder: Path, scores: dict[str, dict[str, float]], path: str = "baseline/constant.csv") -> None:
        text = {"format": "jiebang-expected/1", "baselines": [{"path": path, "scores": scores}]}
        (folder / "expected.json").write_text(json.dumps(text), "utf-8")

    return write


@pytest.fixture
def source(definition):
    """The sound definition, read."""
    return read(definition.encode()).source


@pytest.fixture(scope="session")
def definition_text() -> str:
    """As `definition`, for property tests, which cannot ask for it anew in each example."""
    return DEFINITION


@pytest.fixture(scope="session")
def tasks_text() -> str:
    """As `tasks_definition`, for property tests."""
    return TASKS
