"""From an answers file and an upload to the numbers of the board."""

import base64
import io
import json
import zipfile

import numpy as np
import polars as pl
import pytest

from challenges import run
from scoring import Lists, evaluate

USAGE = ["public", "private"] * 30
CHANCE = np.random.default_rng(11)


def make(challenge_in, tmp_path, truth, columns, scores, **answers):
    names = [name for name in truth if name not in {"id", "usage", "g"}]
    return challenge_in(
        tmp_path / "package",
        pl.DataFrame(truth),
        submission={"id": "id", "columns": columns},
        answers={"path": "answers/truth.parquet", "truth": names, "split": {"column": "usage"}} | answers,
        scores=scores,
    )


def half(values, split):
    return np.asarray(values)[np.array(USAGE) == split]


def test_numbers_of_several_kinds_are_those_of_scoring(challenge_in, tmp_path):
    value, label = CHANCE.normal(size=60), CHANCE.integers(0, 3, 60)
    shares = CHANCE.dirichlet([1, 1, 1], 60)
    guess = value + CHANCE.normal(size=60)
    names = ["lo", "mid", "hi"]
    parts = [
        {
            "name": f"p_{name}",
            "type": "probability",
            "of": name,
            "sums_to_one_with": [f"p_{n}" for n in names if n != name],
        }
        for name in names
    ]
    groups = [i // 5 for i in range(60)]
    challenge = make(
        challenge_in,
        tmp_path,
        {"id": range(60), "value": value, "label": [names[i] for i in label], "usage": USAGE, "g": groups},
        [*parts, {"name": "guess", "type": "number"}, {"name": "best", "type": "class", "classes": names[::-1]}],
        [
            {"key": "rmse", "metric": "rmse", "truth": "value", "prediction": "guess", "group": "g"},
            {"key": "loss", "metric": "log_loss", "truth": "label", "prediction": [f"p_{n}" for n in names]},
            {"key": "f1", "metric": "f1_macro", "truth": "label", "prediction": "best"},
        ],
    )
    best = shares.argmax(axis=1)
    table = pl.DataFrame(
        {
            "id": range(60),
            **{f"p_{name}": shares[:, i] for i, name in enumerate(names)},
            "guess": guess,
            "best": [names[i] for i in best],
        }
    )
    report = challenge.hand_in(table.sample(fraction=1, shuffle=True, seed=3).write_csv())
    assert report.outcome == "scored", report.findings
    found = {(one.key, one.split): one for one in report.scores}
    for split in ("public", "private"):
        expected = {
            "rmse": evaluate("rmse", half(value, split), half(guess, split), groups=half(groups, split)),
            "loss": evaluate("log_loss", half(label, split), half(shares, split)),
            "f1": evaluate("f1_macro", 2 - half(label, split), 2 - half(best, split)),
        }
        for key, estimate in expected.items():
            one = found[key, split]
            assert (one.value, one.low, one.high) == (estimate.value, estimate.low, estimate.high)
        spread = np.frombuffer(base64.b64decode(report.spreads[split]), "<f4")
        assert sorted(spread.tolist()) == sorted(expected["rmse"].spread.tolist())  # one entry for each group


@pytest.mark.parametrize("write", [" ".join, ",".join, "|".join, json.dumps], ids=["space", "comma", "bar", "json"])
def test_lists_are_matched_by_item(challenge_in, tmp_path, write):
    relevant = [[f"item {i}", f"item {i + 1}"] for i in range(60)]
    given = [[f"item {i + 1}", "elsewhere", f"item {i}"] if i % 3 else ["nowhere"] for i in range(60)]
    if write == " ".join:
        relevant, given = ([[x.replace(" ", "_") for x in row] for row in table] for table in (relevant, given))
    challenge = make(
        challenge_in,
        tmp_path,
        {"id": range(60), "relevant": [json.dumps(row) for row in relevant], "usage": USAGE},
        [{"name": "items", "type": "list", "max_length": 5}],
        [{"key": "map", "metric": "map_at_k", "options": {"k": 3}}],
    )
    rows = pl.DataFrame({"id": list(range(60))[::-1], "items": [write(row) for row in given[::-1]]})
    report = challenge.hand_in(rows.write_csv())
    assert report.outcome == "scored", report.findings
    # two of three queries find both of two items, at places 1 and 3
    hits = [(1 + 2 / 3) / 2 if i % 3 else 0.0 for i in range(60)]
    assert {one.split: one.value for one in report.scores} == pytest.approx(
        {split: half(hits, split).mean() for split in ("public", "private")}
    )
    held = io.BytesIO()
    rows.with_columns(items=pl.Series(given[::-1])).write_parquet(held)
    assert challenge.hand_in(held.getvalue(), "a.parquet").scores == report.scores


def test_codes_of_lists_are_shared_and_strangers_are_minus_one():
    from challenges.truths import code_lists, known_items

    truth = pl.Series([["b", "a"], ["c"]])
    items = known_items(truth)
    assert items.to_list() == ["a", "b", "c"]
    coded = code_lists(pl.Series([["c", "x"], [], ["a"]]), items)
    assert isinstance(coded, Lists)
    assert (coded.indptr.tolist(), coded.items.tolist()) == ([0, 2, 2, 3], [2, -1, 0])


@pytest.fixture
def two_tasks(challenge_in, tmp_path):
    def task(key, weight):
        return {
            "key": key,
            "weight": weight,
            "submission": {"id": "id", "columns": [{"name": "p", "type": "probability"}]},
            "answers": {"path": f"answers/{key}.csv", "truth": "y", "split": {"column": "usage"}},
            "scores": [{"key": "auc", "metric": "roc_auc"}],
        }

    def build(combine="mean"):
        tables = {
            f"{key}.csv": pl.DataFrame(
                {"id": range(size), "y": [0, 0, 1, 1] * (size // 4), "usage": ["public", "private"] * (size // 2)}
            )
            for key, size in (("north", 40), ("south", 80))
        }
        return challenge_in(
            tmp_path / "package", tables, tasks=[task("north", 1.0), task("south", 3.0)], board={"combine": combine}
        )

    return build


def zipped(files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def predictions(size, seed):
    chance = np.random.default_rng(seed)
    return "id,p\n" + "".join(f"{i},{chance.random():.6f}\n" for i in range(size))


def test_several_tasks_are_combined_by_their_weights(two_tasks):
    challenge = two_tasks()
    report = challenge.hand_in(zipped({"a/north.csv": predictions(40, 1), "a/south.csv": predictions(80, 2)}), "a.zip")
    assert (report.outcome, report.rows) == ("scored", 120)
    found = {(one.task, one.key, one.split): one for one in report.scores}
    for split in ("public", "private"):
        both, north, south = (
            found[key] for key in ((None, "combined", split), ("north", "auc", split), ("south", "auc", split))
        )
        assert both.value == pytest.approx((north.value + 3 * south.value) / 4)
        assert both.metric is None
        below = np.hypot(north.value - north.low, 3 * (south.value - south.low)) / 4
        assert both.value - both.low == pytest.approx(below)
        spread = np.array(report.spread(split))
        assert len(spread) == 20 + 40
    assert report.scores[0].key == "combined"


def test_ranks_are_combined_elsewhere(two_tasks):
    report = two_tasks("mean rank").hand_in(
        zipped({"north.csv": predictions(40, 1), "south.csv": predictions(80, 2)}), "a.zip"
    )
    assert {one.key for one in report.scores} == {"auc"}
    assert report.spreads == {}


def test_findings_of_several_files_are_told_apart(two_tasks):
    challenge = two_tasks()
    report = challenge.hand_in(zipped({"north.csv": predictions(39, 1), "souht.csv": "x"}), "a.zip")
    assert report.outcome == "refused"
    found = {finding.id: finding for finding in report.findings}
    assert found["intake.ids_missing"].file == "north.csv"
    assert found["intake.task_missing"].examples[0].params == {"task": "south"}
    assert found["intake.task_unknown"].examples[0].params == {"nearest": "south"}
    assert [f.id for f in challenge.hand_in(predictions(40, 1)).findings] == ["intake.zip_expected"]


def test_one_unreadable_file_hides_no_finding_in_another(two_tasks):
    files = {"north.csv": b"\x89PNG\r\n", "south.csv": predictions(79, 1)}
    found = {finding.id for finding in two_tasks().hand_in(zipped(files), "a.zip").findings}
    assert found == {"intake.wrong_kind", "intake.ids_missing", "intake.row_count"}


def test_what_scoring_refuses_is_the_files_fault(challenge_in, tmp_path):
    challenge = make(
        challenge_in,
        tmp_path,
        {"id": range(60), "value": [1e300, -1e300] * 30, "usage": ["public"] * 30 + ["private"] * 30},
        [{"name": "guess", "type": "number"}],
        [{"key": "rmse", "metric": "rmse"}],
    )
    report = challenge.hand_in("id,guess\n" + "".join(f"{i},-1e300\n" for i in range(60)))
    assert report.outcome == "refused"
    assert {finding.id for finding in report.findings} == {"scoring.overflow"}
    assert report.scores == ()


def test_offline_leaves_nothing_behind(flights, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = flights.scratch / "mine.csv"
    file.write_text("flight,delayed\n" + "".join(f"{i},0.{i}\n" for i in range(101, 113)))
    report = run.score_offline(flights.package, file)
    assert report.outcome == "scored"
    assert list(tmp_path.iterdir()) == []
    assert report.made_with["package"] == flights.package.digest
