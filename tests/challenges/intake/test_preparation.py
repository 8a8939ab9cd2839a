"""Answers become arrays, or are refused with everything that is wrong with them."""

import json

import numpy as np
import polars as pl
import pytest

from challenges.findings import PackageRefused
from challenges.plan import Plan

USAGE = ["public", "public", "private", "private", "ignored"]
GOOD = {"id": [5, 3, 9, 1, 7], "y": [0, 1, 1, 0, None], "g": ["a", "b", "a", "b", "a"], "usage": USAGE}


def make(challenge_in, tmp_path, *, changed=None, columns=None, scores=None, answers=None, **rest):
    return challenge_in(
        tmp_path / "package",
        pl.DataFrame(GOOD | (changed or {}), strict=False),
        submission={"id": "id", "columns": columns or [{"name": "p", "type": "probability"}]},
        answers={"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}} | (answers or {}),
        scores=scores or [{"key": "auc", "metric": "roc_auc", "prediction": "p"}],
        **rest,
    )


def refused(*args, **kwargs):
    with pytest.raises(PackageRefused) as caught:
        make(*args, **kwargs)
    assert all(finding.file == "answers/truth.parquet" for finding in caught.value.findings)
    return {finding.id: finding for finding in caught.value.findings}


def test_the_plan_holds_what_the_scorer_needs_and_no_more(challenge_in, tmp_path):
    challenge = make(challenge_in, tmp_path)
    plan = Plan.load(challenge.prepared)
    (task,) = plan.tasks
    assert (plan.package, plan.slug, plan.several) == (challenge.package.digest, "small", False)
    assert (task.rows, task.splits, task.ids.kind) == (5, {"public": 2, "private": 2}, "integer")
    assert "small" not in json.dumps(json.loads((challenge.prepared / "plan.json").read_text())["tasks"])
    assert np.load(challenge.prepared / task.folder / "truth-0-private.npy").tolist() == [1, 0]


def test_rows_that_are_ignored_need_an_id_and_count_for_nothing(challenge_in, tmp_path):
    challenge = make(challenge_in, tmp_path)
    one, other = (challenge.hand_in(f"id,p\n1,0.1\n3,0.9\n5,0.2\n7,{p}\n9,0.8\n") for p in (0, 1))
    assert one.scores == other.scores
    assert [f.id for f in challenge.hand_in("id,p\n1,0.1\n3,0.9\n5,0.2\n9,0.8\n").findings] == [
        "intake.row_count",
        "intake.ids_missing",
    ]


@pytest.mark.parametrize(
    ("changed", "message", "row"),
    [
        ({"id": [5, 3, 9, 3, 7]}, "answers.ids_repeated", 4),
        ({"id": [5, None, 9, 3, 7]}, "answers.ids_empty", 2),
        ({"usage": ["public", "Private", "private", "private", "ignored"]}, "answers.split_value", 2),
        ({"usage": ["public", None, "private", "private", "ignored"]}, "answers.split_value", 2),
        ({"y": [0, 1, None, 0, None]}, "intake.value_empty", 3),
    ],
)
def test_a_fault_is_placed(challenge_in, tmp_path, changed, message, row):
    found = refused(challenge_in, tmp_path, changed=changed)
    assert [one.row for one in found[message].examples] == [row]


def test_everything_is_said_at_once(challenge_in, tmp_path):
    found = refused(challenge_in, tmp_path, changed={"id": [5, None, 9, 9, 7]})
    assert set(found) == {"answers.ids_repeated", "answers.ids_empty"}
    found = refused(challenge_in, tmp_path / "b", answers={"truth": "z", "split": {"column": "half"}})
    assert set(found) == {"answers.no_column"}


def test_a_part_without_rows_is_refused(challenge_in, tmp_path):
    found = refused(challenge_in, tmp_path, changed={"usage": ["private"] * 5, "y": [0, 1, 1, 0, 1]})
    assert found["answers.split_empty"].params == {"split": "public"}


def test_answers_on_which_nobody_could_be_scored_are_refused(challenge_in, tmp_path):
    found = refused(challenge_in, tmp_path, changed={"y": [1, 1, 1, 0, None]})
    assert found["scoring.one_class"].key == "scores.0"
    assert found["scoring.one_class"].examples[0].params == {"split": "public"}


def test_truth_outside_the_classes_is_refused(challenge_in, tmp_path):
    columns = [{"name": "c", "type": "class", "classes": ["0", "2"]}]
    scores = [{"key": "f1", "metric": "f1_macro", "prediction": "c"}]
    found = refused(challenge_in, tmp_path, columns=columns, scores=scores)
    assert [one.value for one in found["intake.class_unknown"].examples] == ["1", "1"]


@pytest.mark.parametrize(
    "truth",
    [
        [0, 1, 1, 0, 1],
        [0.0, 1.0, 1.0, 0.0, 1.0],
        [False, True, True, False, True],
        ["0", "1", "1", "0", "1"],
        ["False", "True", "True", "false", "true"],
        ["no", "1", "1.0", "no", "no"],
    ],
)
def test_one_stands_for_true_in_every_spelling(challenge_in, tmp_path, truth):
    challenge = make(challenge_in, tmp_path, changed={"y": truth})
    folder = challenge.prepared / "task-0"
    assert [np.load(folder / f"truth-0-{split}.npy").tolist() for split in ("public", "private")] == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    "ids", [[5, 3, 9, 1, 7], [5.0, 3.0, 9.0, 1.0, 7.0], ["5", "3", "9", "1", "7"], [5, 3, 10**15, 1, 7]]
)
def test_whole_numbers_are_integer_ids_however_they_are_written(challenge_in, tmp_path, ids):
    challenge = make(challenge_in, tmp_path, changed={"id": ids})
    assert Plan.load(challenge.prepared).tasks[0].ids.kind == "integer"
    rows = "".join(f"{int(one)},0.{i}\n" for i, one in enumerate(ids))
    assert challenge.hand_in("id,p\n" + rows).outcome == "scored"


def test_leading_zeros_make_ids_text(challenge_in, tmp_path):
    challenge = make(challenge_in, tmp_path, changed={"id": ["05", "5", "9", "1", "7"]})
    assert Plan.load(challenge.prepared).tasks[0].ids.kind == "text"
    assert challenge.hand_in("id,p\n5,0.9\n05,0.1\n9,1\n1,0\n7,0\n").outcome == "scored"
