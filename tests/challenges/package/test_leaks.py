"""What gives answers away is found, and what does not is left in peace."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import challenges
from challenges.association import auc, correlation, gain, tells


def warned(folder):
    report = challenges.check(folder, baselines=False)
    assert report.ok, report.findings
    leaks = [finding for finding in report.findings if finding.id.startswith("package.leak_")]
    assert all(finding.level == "warning" for finding in leaks)
    return {(finding.id, finding.file, finding.params.get("column")) for finding in leaks}


def list_file(folder, path, role):
    text = (folder / "challenge.toml").read_text("utf-8")
    entry = f'[[data.files]]\npath = "{path}"\nrole = "{role}"\n'
    (folder / "challenge.toml").write_text(text.replace("\n[submission]", f"\n{entry}\n[submission]"), "utf-8")


@pytest.fixture
def answers(package):
    return pl.read_csv(package / "answers/arrivals.csv")


def test_a_sound_package_gives_nothing_away(package):
    assert warned(package) == set()


def test_the_answers_themselves(package):
    (package / "public/extra.bin").write_bytes((package / "answers/arrivals.csv").read_bytes())
    assert warned(package) == {("package.leak_same_file", "public/extra.bin", None)}


def test_ids_and_answers_of_hidden_rows_in_another_file(package, answers):
    answers.select("train", was=pl.col("delay") * -2 + 1).sample(150, seed=1).write_parquet(
        package / "public/more.parquet"
    )
    assert warned(package) == {
        ("package.leak_ids", "public/more.parquet", "train"),
        ("package.leak_answers", "public/more.parquet", "was"),
    }


def test_hidden_rows_among_the_training_data(package, answers):
    train = pl.read_csv(package / "public/train.csv")
    few = answers.head(30).select(
        "train", speed=pl.lit(5, pl.Int64), late=pl.lit(0, pl.Int64), delay=pl.lit(3, pl.Int64)
    )
    pl.concat([train, few]).write_csv(package / "public/train.csv")
    assert warned(package) == {("package.leak_ids", "public/train.csv", "train")}


def test_the_target_under_another_name_in_the_test_data(package, answers):
    test = pl.read_csv(package / "public/test.csv").join(answers.select("train", status=pl.col("late") + 7), on="train")
    test.sample(fraction=1, shuffle=True, seed=1).write_csv(package / "public/test.csv")
    assert warned(package) == {("package.leak_answers", "public/test.csv", "status")}


def test_answers_row_by_row_without_ids(package, answers):
    answers.select(hint=pl.col("delay") / 10).write_csv(package / "public/hints.csv")
    assert warned(package) == {("package.leak_answers_by_row", "public/hints.csv", "hint")}


def test_a_copy_of_the_target_among_the_features(package):
    train = pl.read_csv(package / "public/train.csv").with_columns(
        words=pl.when(pl.col("late") == 1).then(pl.lit("yes")).otherwise(pl.lit("no")), hours=pl.col("delay") / 60
    )
    train.write_csv(package / "public/train.csv")
    found = warned(package)
    assert ("package.leak_target_copy", "public/train.csv", "words") in found
    assert ("package.leak_target_copy", "public/train.csv", "hours") in found
    assert ("package.leak_target_copy", "public/train.csv", "speed") not in found


def test_a_sample_submission_with_real_answers(package, answers):
    list_file(package, "public/sample.csv", "sample-submission")
    right = answers.select("train", p_late=pl.col("late") * 0.9, p_soon=1 - pl.col("late") * 0.9, minutes=pl.lit(0))
    right.write_csv(package / "public/sample.csv")
    assert warned(package) == {
        ("package.leak_sample", "public/sample.csv", "p_late"),
        ("package.leak_sample", "public/sample.csv", "p_soon"),
    }
    right.with_columns(p_late=0.5, p_soon=0.5).write_csv(package / "public/sample.csv")
    assert warned(package) == set()


@pytest.fixture
def by_column(package, answers):
    """Sets the split and the order of the test rows by hand."""

    def change(usage, order=None):
        text = (package / "challenge.toml").read_text("utf-8")
        share = 'split = { public = 0.4, seed = 7, stratify = "late" }'
        (package / "challenge.toml").write_text(text.replace(share, 'split = { column = "usage" }'), "utf-8")
        answers.with_columns(usage=usage).write_csv(package / "answers/arrivals.csv")
        if order is not None:
            pl.read_csv(package / "public/test.csv")[order].write_csv(package / "public/test.csv")

    return change


def test_a_split_that_follows_the_ids(package, answers, by_column):
    by_column(pl.when(pl.col("train") <= 80).then(pl.lit("public")).otherwise(pl.lit("private")))
    assert warned(package) == {
        ("package.leak_split_ids", None, "train"),
        ("package.leak_split_rows", "public/test.csv", None),
    }


def test_test_rows_in_the_order_of_the_truth(package, answers, by_column):
    drawn = np.random.default_rng(3).permutation(["public", "private"] * 100)
    by_column(pl.Series(drawn), order=answers["delay"].arg_sort().to_numpy())
    assert warned(package) == {("package.leak_truth_rows", "public/test.csv", None)}


def test_ids_in_the_order_of_the_truth(package, answers):
    ordered = answers.sort("delay").with_columns(train=pl.int_range(1, 201))
    ordered.sample(fraction=1, shuffle=True, seed=2).write_csv(package / "answers/arrivals.csv")
    test = pl.read_csv(package / "public/test.csv").sample(fraction=1, shuffle=True, seed=5)
    test.write_csv(package / "public/test.csv")
    assert warned(package) == {("package.leak_truth_ids", None, "train")}


def test_text_ids_and_lists_are_searched_as_well(package, answers, by_column):
    text = (package / "challenge.toml").read_text("utf-8")
    number = 'type = "number"\nmin  = -30\nmax  = 600.5'
    text = text.replace(number, 'type = "list"\nmax_length = 9').replace('metric     = "mae"', 'metric = "map_at_k"')
    (package / "challenge.toml").write_text(text, "utf-8")
    named = answers.with_columns(train=pl.format("T-{}", "train"), delay=pl.format("x{} y", "delay"))
    named.write_csv(package / "answers/arrivals.csv")
    named.select("train", x="late").write_csv(package / "public/more.csv")
    assert warned(package) == {
        ("package.leak_ids", "public/more.csv", "train"),
        ("package.leak_answers", "public/more.csv", "x"),
    }


def test_what_cannot_be_searched_is_said_so(package, monkeypatch):
    (package / "public/broken.parquet").write_bytes(b"PAR1 no")
    report = challenges.check(package, baselines=False)
    assert ("package.table_unreadable", "public/broken.parquet", "warning") in {
        (f.id, f.file, f.level) for f in report.findings
    }
    monkeypatch.setattr("challenges.leaks.MOST_BYTES", 100)
    report = challenges.check(package, baselines=False)
    assert {f.file for f in report.findings if f.id == "package.leak_not_searched"} == {
        "public/train.csv",
        "public/test.csv",
    }


SIDES = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3)), min_size=30, max_size=60)


@given(SIDES, st.booleans())
@settings(deadline=None, max_examples=40)
def test_telling_is_a_share_and_needs_no_names(pairs, classes):
    column, truth = pl.Series([a for a, _ in pairs]), np.array([float(b) for _, b in pairs])
    told = tells(column, truth, classes=classes)
    assert -1e-12 <= told <= 1 + 1e-12
    assert tells(column * 3 + 1, truth, classes=classes) == pytest.approx(told)
    assert tells(-column, truth, classes=classes) == pytest.approx(told)
    assert tells(column.cast(pl.String), truth, classes=classes) == pytest.approx(told)
    order = np.random.default_rng(0).permutation(len(truth))
    assert tells(column[order], truth[order], classes=classes) == pytest.approx(told)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=30, max_size=60).filter(lambda codes: len(set(codes)) > 1))
def test_a_copy_tells_everything_and_a_constant_nothing(codes):
    truth = np.array(codes, float)
    assert tells(pl.Series(codes), truth, classes=True) == pytest.approx(1)
    assert tells(pl.Series(codes), truth, classes=False) == pytest.approx(1)
    assert tells(pl.Series(codes).cast(pl.String) + "x", truth, classes=True) == pytest.approx(1)
    assert tells(pl.Series([7] * len(codes)), truth, classes=True) == 0
    assert tells(pl.Series(codes), np.ones(len(codes)), classes=True) == 0


def test_the_measures_agree_with_their_definitions():
    rng = np.random.default_rng(1)
    values, positive = rng.integers(0, 9, 200).astype(float), rng.random(200) < 0.3
    wins = (values[positive][:, None] > values[~positive]).mean() + 0.5 * (
        values[positive][:, None] == values[~positive]
    ).mean()
    assert auc(values, positive) == pytest.approx(wins)
    other = values + rng.normal(size=200)
    by_polars = pl.DataFrame({"a": values, "b": other}).select(pl.corr("a", "b", method="spearman")).item()
    assert correlation(values, other) == pytest.approx(by_polars)
    assert gain(pl.Series(["a"] * 6 + ["b"] * 4), np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 0.0])) == pytest.approx(
        (7 - 5) / (10 - 5)
    )
    assert gain(pl.Series(range(30)), np.array([0.0, 1.0] * 15)) == 0
    assert tells(pl.Series([None] * 15 + [1, 2] * 7), np.array([0.0, 1.0] * 14 + [1.0]), classes=True) == 0
