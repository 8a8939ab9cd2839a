"""Features that give the target away."""

import numpy as np
import polars as pl
import pytest

from scoring.utility import Refused, scan
from tests.scoring.utility.made import table


def signs(train, test, **settings):
    found = scan(train, test, **{"target": "bought", "metric": "roc_auc", "ignore": ["price"], **settings})
    return {(leak.column, leak.sign): leak for leak in found}


def test_an_honest_table_shows_no_sign():
    assert signs(table(1500, 1), table(1500, 2)) == {}


@pytest.mark.parametrize(
    "column",
    [
        pl.col("bought").cast(pl.Float64),
        -pl.col("bought").cast(pl.Float64) + pl.col("x") / 100,
        pl.when(pl.col("bought") == 1).then(pl.lit("gold")).otherwise(pl.lit("iron")),
        pl.when(pl.col("bought") == 1).then(pl.col("x").round(0).cast(pl.String)).otherwise(pl.lit("z")),
        pl.when(pl.col("bought") == 1).then(None).otherwise("x"),
    ],
)
def test_a_copy_of_the_target_is_found_in_any_form(column):
    train, test = (table(1500, seed).with_columns(column.alias("copy")) for seed in (1, 2))
    leak = signs(train, test)["copy", "gives-away"]
    assert leak.train > 0.99
    assert leak.test > 0.99
    assert "“copy” alone predicts" in leak.sentence


def test_a_label_planted_in_a_submission_alone_shows_both_numbers():
    train = table(1500, 1).with_columns(idle=pl.col("bought") * 1.0)
    leak = signs(train, table(1500, 2))["idle", "gives-away"]
    assert leak.train > 0.99
    assert leak.test < 0.7


def test_identifiers_that_occur_once_are_no_leak():
    frames = [table(1500, seed).with_columns(id=pl.int_range(pl.len()).cast(pl.String) + f" {seed}") for seed in (1, 2)]
    assert ("id", "gives-away") not in signs(*frames)


def test_groups_that_share_one_target_are():
    frames = []
    for seed in (1, 2):
        frame = table(1500, seed)
        patient = np.arange(1500) % 200 * 2 + frame["bought"].to_numpy()
        frames.append(frame.with_columns(patient=pl.Series(patient).cast(pl.String)))
    assert ("patient", "gives-away") in signs(*frames)


def test_numbers_that_follow_the_target_are_found():
    train, test = (table(1500, seed).with_columns(twice=pl.col("price") * 2) for seed in (1, 2))
    assert ("twice", "gives-away") in signs(train, test, target="price", metric="rmse", ignore=["bought"])


def test_absent_and_shifted_columns_are_named():
    train, test = table(1500, 1), table(1500, 2).drop("z").with_columns(pl.col("x") + 1)
    assert set(signs(train, test)) == {("z", "absent"), ("x", "differs")}


def test_labels_in_texts_are_found():
    rng = np.random.default_rng(0)
    label = rng.choice(["shirt", "coat", "bag"], 400)
    frame = pl.DataFrame(
        {
            "title": [f"A fine {one.upper()}, number {i} of the whole large catalogue" for i, one in enumerate(label)],
            "note": [f"shirt or coat or bag: see the next page, please, number {i}" for i in range(400)],
            "y": label,
        }
    )
    found = signs(frame, frame, target="y", metric="accuracy")
    assert set(found) == {("title", "label-text")}
    assert found["title", "label-text"].train == 1


def test_refusals():
    with pytest.raises(Refused, match="“sold” is missing"):
        signs(table(100, 1), table(100, 2), target="sold")
    with pytest.raises(Refused, match="Only 30 rows"):
        signs(table(30, 1), table(100, 2))
