"""What a dishonest participant would try on the shipped data, and finds closed; and what the READMEs promise about it."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

TRUTH = {"flight-delays": "late", "shuttle-anomalies": "anomaly", "fashion-items": "label"}


def auc(score, positive) -> float:
    ranks = rankdata(np.asarray(score, dtype=float))
    positive = np.asarray(positive, dtype=bool)
    wins = ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    return float(wins / (positive.sum() * (~positive).sum()))


def test_the_test_the_answers_and_the_sample_have_the_same_rows_once(folder, table):
    ids = table(folder.name, "public/test.parquet")["id"]
    assert ids.is_unique().all()
    assert ids.to_list() == table(folder.name, "answers/answers.parquet")["id"].to_list()
    assert ids.to_list() == table(folder.name, "public/sample_submission.csv")["id"].to_list()
    assert ids.str.contains(r"^[fir][0-9a-f]{8}$").all(), "an id that begins with a letter survives every spreadsheet"


def test_the_ids_tell_neither_the_truth_nor_the_split(folder, table):
    answers = table(folder.name, "answers/answers.parquet")
    order = answers["id"].rank()
    truth = answers[TRUTH[folder.name]]
    for positive in (answers["usage"] == "public", *(truth == value for value in truth.unique())):
        fewer = min(positive.sum(), (~positive).sum())
        assert abs(auc(order, positive) - 0.5) < 4 * np.sqrt(1 / (12 * fewer)) + 1 / len(answers)


def test_the_split_leaves_enough_on_both_sides(folder, table):
    usage = table(folder.name, "answers/answers.parquet")["usage"]
    assert set(usage.unique()) == {"public", "private"}
    assert 0.25 < (usage == "public").mean() < 0.35


def test_flights_of_the_test_come_after_those_of_the_train(table):
    train, test = table("flight-delays", "public/train.parquet"), table("flight-delays", "public/test.parquet")
    assert train["date"].max().isoformat() == "2013-09-30"
    assert test["date"].min().isoformat() == "2013-10-01"


def test_flights_hold_nothing_that_is_known_only_after_boarding(table):
    train, test = table("flight-delays", "public/train.parquet"), table("flight-delays", "public/test.parquet")
    assert set(train.columns) - set(test.columns) == {"late"}
    assert not {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"} & set(train.columns)
    key = ["date", "departs", "origin", "carrier", "flight_number"]
    assert test.select(key).is_unique().all()


def test_whole_days_are_public_or_private_and_alike(table):
    answers = table("flight-delays", "answers/answers.parquet")
    days = answers.group_by("date").agg(pl.col("usage").n_unique(), pl.len())
    assert (days["usage"] == 1).all()
    share = dict(answers.group_by("usage").agg(pl.col("late").mean()).iter_rows())
    assert abs(share["public"] - share["private"]) < 0.03


@pytest.mark.parametrize("slug", ["flight-delays", "shuttle-anomalies"])
def test_no_single_feature_gives_the_answer(slug, table):
    test, truth = table(slug, "public/test.parquet"), table(slug, "answers/answers.parquet")[TRUTH[slug]]
    for feature in test.drop("id").iter_columns():
        values = (
            feature.rank().fill_null(0) if feature.dtype != pl.String else feature.cast(pl.Categorical).to_physical()
        )
        alone = auc(values, truth == 1)
        assert max(alone, 1 - alone) < 0.95, feature.name


def test_routine_readings_only_and_none_twice(table):
    train, test = table("shuttle-anomalies", "public/train.parquet"), table("shuttle-anomalies", "public/test.parquet")
    answers = table("shuttle-anomalies", "answers/answers.parquet")
    rows = pl.concat([train, test.drop("id")])
    assert rows.is_unique().all()
    assert answers["anomaly"].sum() == 800
    assert answers.filter(pl.col("anomaly") == 0)["state"].unique().sort().to_list() == ["high", "rad_flow"]
    shares = answers.group_by("state").agg((pl.col("usage") == "public").mean().alias("public"), pl.len())
    assert (abs(shares["public"] - 0.3) * shares["len"] <= 0.5 + 1e-9).all()


def test_the_nine_channels_are_tied_as_the_readme_says(table):
    v = table("shuttle-anomalies", "public/test.parquet")
    for left in (v["v7"] - (v["v3"] - v["v1"]), v["v8"] - (v["v3"] - v["v5"]), v["v9"] - (v["v8"] - v["v7"])):
        assert left.abs().max() <= 2


def test_no_image_is_there_twice_and_classes_are_even(table):
    train, test = table("fashion-items", "public/train.parquet"), table("fashion-items", "public/test.parquet")
    images = np.vstack([train["image"].to_numpy(), test["image"].to_numpy()])
    assert images.shape == (10_000, 784)
    assert images.dtype == np.uint8
    assert len(np.unique(images, axis=0)) == len(images)
    answers = table("fashion-items", "answers/answers.parquet")
    assert train["label"].value_counts()["count"].to_list() == [600] * 10
    counts = answers.group_by("label", "usage").len()
    assert set(counts.select("usage", "len").iter_rows()) == {("public", 120), ("private", 280)}


def test_the_split_is_the_one_that_the_build_scripts_describe(table, script):
    flights = table("flight-delays", "answers/answers.parquet")
    rows = flights.to_pandas().assign(date=flights["date"].to_list(), month=flights["date"].dt.month().to_list())
    assert script("flight-delays", "build.py").usage(rows).tolist() == flights["usage"].to_list()
    items = table("fashion-items", "answers/answers.parquet").to_pandas()
    assert script("fashion-items", "build.py").usage(items).tolist() == items.usage.tolist()
