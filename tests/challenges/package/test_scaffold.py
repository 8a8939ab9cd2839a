"""A new package from a labelled table: sound at once, honest about what it could not know."""

import runpy

import numpy as np
import polars as pl
import pytest

import challenges
from challenges.findings import PackageRefused
from challenges.guess import guess, labels
from challenges.strict import Words

SAID = {
    "slug": "pumps",
    "title": Words(en="Which pumps fail?", zh="哪些水泵会坏？"),
    "sector": "manufacturing",
    "licence": "CC-BY-4.0",
    "source": "Made up for a test",
}


@pytest.fixture
def table():
    rng = np.random.default_rng(4)
    heat = rng.normal(size=400)
    return pl.DataFrame(
        {
            "heat": heat,
            "site": rng.choice(["north | a", "south", "<b>"], 400),
            "broken": (heat + rng.normal(size=400) > 1).astype(int),
            "state": rng.choice(["好", "worn", "gone"], 400),
            "hours": heat * 3 + rng.normal(size=400),
        }
    )


def save(table, path):
    {".csv": table.write_csv, ".parquet": table.write_parquet, ".jsonl": table.write_ndjson}[path.suffix](path)
    return path


@pytest.mark.parametrize(
    ("suffix", "target", "task", "type", "first"),
    [
        (".csv", "broken", "binary-classification", "probability", "roc_auc"),
        (".parquet", "broken", "binary-classification", "probability", "roc_auc"),
        (".jsonl", "state", "multiclass-classification", "class", "f1_macro"),
        (".csv", "hours", "regression", "number", "rmse"),
    ],
)
def test_a_table_becomes_a_sound_package(tmp_path, table, suffix, target, task, type, first):
    data = save(table, tmp_path / f"pumps{suffix}")
    package = challenges.new(tmp_path / "out", data, target=target, seed=8, **SAID)
    report = challenges.check(package.folder)
    assert report.ok
    assert {finding.id for finding in report.findings if finding.level == "warning"} == {"package.readme_prompt"}
    definition = package.definition
    assert (definition.task, definition.scores[0].metric) == (task, first)
    (column,) = definition.submission.columns
    assert column.type == type
    (baseline,) = report.baselines
    assert set(baseline.scores) == {score.key for score in definition.scores}


def test_the_rows_kept_back_have_no_answers_in_public(tmp_path, table):
    package = challenges.new(tmp_path / "out", save(table, tmp_path / "t.parquet"), target="broken", seed=8, **SAID)
    train, test = (pl.read_parquet(package.folder / f"public/{name}.parquet") for name in ("train", "test"))
    answers = pl.read_parquet(package.folder / "answers/answers.parquet")
    assert (train.height, test.height, answers.height) == (300, 100, 100)
    assert test.columns == ["id", "heat", "site", "state", "hours"]
    assert train.columns == ["id", "heat", "site", "broken", "state", "hours"]
    whole = pl.concat([train.drop("id"), test.join(answers, on="id").drop("id").select(train.columns[1:])])
    assert whole.sort("heat").equals(table.sort("heat"))
    assert set(test["id"]).isdisjoint(train["id"])
    both = answers["broken"].mean(), train["broken"].mean()
    assert both[0] == pytest.approx(both[1], abs=0.01)


def test_a_seed_makes_it_again_and_none_makes_another(tmp_path, table):
    data = save(table, tmp_path / "t.csv")
    digests = [
        challenges.new(tmp_path / str(number), data, target="broken", seed=seed, **SAID).digest
        for number, seed in enumerate([1, 1, None])
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("target", "suffix"), [("broken", ".csv"), ("broken", ".parquet"), ("state", ".parquet"), ("hours", ".csv")]
)
def test_the_script_makes_the_baseline_again(tmp_path, table, target, suffix):
    data = save(table.with_columns(broken=pl.col("broken") == 1), tmp_path / f"t{suffix}")
    package = challenges.new(tmp_path / "out", data, target=target, seed=8, **SAID)
    baseline = package.folder / "baseline/constant.csv"
    before = baseline.read_bytes()
    baseline.unlink()
    runpy.run_path(str(package.folder / "baseline/constant.py"))
    assert baseline.read_bytes() == before


def test_the_briefs_say_what_is_in_the_data(tmp_path, table):
    package = challenges.new(tmp_path / "out", save(table, tmp_path / "t.csv"), target="state", seed=8, **SAID)
    english, chinese = package.readme("en"), package.readme("zh")
    for text in (english, chinese):
        assert "CC-BY-4.0" in text
        assert "| `site` | " in text
        assert "`gone`, `worn`, `好`" in text
        assert "$" not in text
        assert "<b>" not in text
    assert "# Which pumps fail?" in english
    assert "# 哪些水泵会坏？" in chinese
    assert "Macro F1" in english
    assert "宏平均 F1" in chinese
    assert "At most 5 submissions a day and 200 in all." in english


def test_a_second_table_is_the_test_data(tmp_path, table):
    data, test = save(table.head(300), tmp_path / "a.csv"), save(table.tail(100), tmp_path / "b.csv")
    package = challenges.new(tmp_path / "out", data, test=test, target="broken", seed=8, **SAID)
    assert pl.read_csv(package.folder / "public/test.csv").height == 100
    lacking = save(table.tail(100).drop("heat"), tmp_path / "c.csv")
    with pytest.raises(PackageRefused) as refused:
        challenges.new(tmp_path / "more", data, test=lacking, target="broken", **SAID)
    assert [(f.id, f.file, f.column) for f in refused.value.findings] == [("new.no_column", "c.csv", "heat")]


def test_a_licence_of_ones_own_comes_along(tmp_path, table):
    (tmp_path / "terms.txt").write_text("Ask first.")
    said = SAID | {"licence": "custom", "licence_file": tmp_path / "terms.txt"}
    package = challenges.new(tmp_path / "out", save(table, tmp_path / "t.csv"), target="hours", **said)
    assert (package.folder / package.definition.data.licence_file).read_text() == "Ask first."


@pytest.mark.parametrize(
    ("change", "message", "key"),
    [
        ({"slug": "Pumps!"}, "package.not_a_slug", "slug"),
        ({"sector": "pumping"}, "package.not_listed", "sector"),
        ({"licence": "free"}, "package.licence_unknown", "data.licence"),
        ({"personal": "some"}, "package.not_one_of", "data.personal"),
        ({"licence": "custom"}, "package.licence_file_missing", "data.licence_file"),
    ],
)
def test_a_wrong_answer_leaves_nothing_behind(tmp_path, table, change, message, key):
    data = save(table, tmp_path / "t.csv")
    with pytest.raises(PackageRefused) as refused:
        challenges.new(tmp_path / "out", data, target="broken", **SAID | change)
    assert [(f.id, f.key) for f in refused.value.findings if f.level == "error"] == [(message, key)]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_nothing_is_written_over(tmp_path, table):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError):
        challenges.new(tmp_path / "out", save(table, tmp_path / "t.csv"), **SAID)


NUMBERS = list(range(60))


@pytest.mark.parametrize(
    ("columns", "target", "id", "task"),
    [
        ({"name": [f"n{i}" for i in NUMBERS], "y": [i % 2 for i in NUMBERS]}, "y", "name", "binary-classification"),
        (
            {"x": [i % 7 for i in NUMBERS], "pump_id": NUMBERS, "last": [i % 3 for i in NUMBERS]},
            "last",
            "pump_id",
            "multiclass-classification",
        ),
        ({"label": ["a", "b"] * 30, "x": [i / 3 for i in NUMBERS]}, "label", None, "binary-classification"),
        ({"x": [i % 7 for i in NUMBERS], "price": [i * 1.5 for i in NUMBERS]}, "price", None, "regression"),
        (
            {"x": [i % 7 for i in NUMBERS], "count": [str(i) for i in NUMBERS]},
            "x",
            "count",
            "multiclass-classification",
        ),
        ({"x": ["a"] * 60, "age": [i % 30 for i in NUMBERS]}, "age", None, "regression"),
    ],
)
def test_what_a_table_is_about_is_guessed(columns, target, id, task):
    guessed = guess(pl.DataFrame(columns), "t.csv", target=None, id=id if target == "x" else None)
    assert (guessed.target, guessed.id, guessed.task) == (target, id, task)


def test_the_class_asked_about_means_yes_or_is_the_rarer_one():
    def asked(values):
        return guess(pl.DataFrame({"x": NUMBERS, "y": values}), "t", target="y", id=None).column.of

    assert asked(["Yes", "No", "No"] * 20) == "Yes"
    assert asked(["No", "Yes", "Yes"] * 20) == "Yes"
    assert asked(["cat", "dog", "dog"] * 20) == "cat"
    assert asked([True, True, False] * 20) == "1"
    assert asked([1.0, 0.0, 0.0] * 20) == "1"
    assert labels(pl.Series([1.0, 2.0])).to_list() == ["1", "2"]
    assert labels(pl.Series([1.5, 2.0])).to_list() == ["1.5", "2.0"]


@pytest.mark.parametrize(
    ("columns", "options", "message", "column"),
    [
        ({"x": [1], "y": [2]}, {}, "new.too_small", None),
        ({"x": NUMBERS, "y": NUMBERS}, {"target": "z"}, "new.no_column", "z"),
        ({"x": [1] * 60, "y": NUMBERS}, {"id": "x"}, "new.id_not_unique", "x"),
        ({"x": NUMBERS, "y": NUMBERS}, {"id": "x", "target": "x"}, "new.target_is_id", "x"),
        ({"x": NUMBERS, "y": [None, *NUMBERS[1:]]}, {}, "new.target_missing", "y"),
        ({"x": NUMBERS, "y": [3] * 60}, {}, "new.target_constant", "y"),
        ({"x": NUMBERS, "y": [f"text {i}" for i in NUMBERS]}, {"id": "x"}, "new.target_unclear", "y"),
        ({"x": NUMBERS, "y": [[i] for i in NUMBERS]}, {"id": "x"}, "new.target_unclear", "y"),
    ],
)
def test_a_table_that_says_nothing_is_refused(columns, options, message, column):
    with pytest.raises(PackageRefused) as refused:
        guess(pl.DataFrame(columns), "t.csv", **{"target": None, "id": None} | options)
    (finding,) = refused.value.findings
    assert (finding.id, finding.column, finding.file) == (message, column, "t.csv")


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(PackageRefused) as refused:
        challenges.look(tmp_path / "t.xlsx")
    assert refused.value.findings[0].id == "package.table_unreadable"
