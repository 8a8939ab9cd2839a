"""Everything that can be wrong with a label file, told at once and with its place."""

import gzip
import io
import json
import zipfile

import polars as pl
import pytest

from challenges.annotation_messages import ANNOTATION_EXPECTED, ANNOTATION_HINTS, ANNOTATION_MESSAGES
from challenges.annotation_preparation import prepare
from challenges.intake_messages import template
from scoring.agreement.simulate import average, careful
from tests.challenges.annotation.jobs import CLASSES, Job, handed, ids, packed, table, truth_of

LABELS = {"classes": CLASSES, "seconds": "seconds"}


def errors(report):
    return {(one.id, one.column): one for one in report.findings if one.level == "error"}


def sound(count=6):
    names = ids(count)
    return [[name, who, "shirt", "4.5"] for name in names for who in ("ann", "bob")]


def text(rows, heading="item,annotator,label,seconds"):
    return "\n".join([heading, *(",".join(row) for row in rows)]) + "\n"


@pytest.fixture
def made(job):
    return job(6, gold=range(6), per_item=2, truth=truth_of(6) * 0, labels=LABELS)


def as_parquet(frame):
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


def zipped(name, data):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return held.getvalue()


def test_every_format_and_packing_says_the_same(job):
    made = job(300, labels=LABELS)
    frame = handed(made.truth, [average(4)] * 4)
    csv, lines = frame.write_csv(), "\n".join(json.dumps(row) for row in frame.iter_rows(named=True))
    files = {
        "a.csv": csv.encode(),
        "a.tsv": frame.write_csv(separator="\t").encode(),
        "a.jsonl": lines.encode(),
        "a.parquet": as_parquet(frame),
        "a.csv.gz": gzip.compress(csv.encode()),
        "a.zip": zipped("a.csv", csv),
        "b.zip": zipped("a.parquet", as_parquet(frame.with_columns(pl.col("label").cast(pl.Categorical)))),
        "quoted.csv": frame.write_csv(quote_style="always").encode(),
        "gb.csv": csv.replace("a0", "甲").encode("gb18030"),
    }
    found = {name: made.hand_in(data, name) for name, data in files.items()}
    assert {report.outcome for report in found.values()} == {"scored"}
    assert all(report.scores == found["a.csv"].scores for report in found.values())
    assert "甲" in {one.name for one in made.report().annotators}


def test_ids_that_are_numbers_are_found_however_they_are_written(tmp_path):
    numbers = [i * 37 % 1009 for i in range(40)]
    gold = table(item=numbers[:20], label=[CLASSES[i % 4] for i in range(20)])
    package = packed(tmp_path / "numbers", table(item=numbers), gold, per_item=1)
    prepare(package, tmp_path / "prepared")
    (tmp_path / "scratch").mkdir()
    numbered = Job(tmp_path / "prepared", tmp_path / "scratch", truth_of(40))
    rows = table(item=numbers, annotator=[7] * 40, label=[CLASSES[i % 4] for i in range(40)])
    plain = numbered.hand_in(rows)
    assert plain.outcome == "scored", plain.findings
    as_float = numbered.hand_in(as_parquet(rows.with_columns(pl.col("item").cast(pl.Float64))), "a.parquet")
    assert as_float.scores == plain.scores
    assert numbered.report().annotators[0].name == "7"


def test_all_faults_are_told_at_once_with_their_places(made):
    rows = sound()
    rows[0][2] = "shrit"  # row 1
    rows[3][1] = ""  # row 4
    rows[5][2] = " "  # row 6
    rows[6][0] = "nowhere"  # row 7: the item has one label left
    rows[8][0] = ""  # row 9: and so has this one
    rows[10][3] = "-1"  # row 11
    rows.append([*rows[0][:2], "coat", ""])  # row 13: ann again
    report = made.hand_in(text(rows))
    assert report.outcome == "refused"
    assert report.scores == ()
    assert not (made.scratch / "out" / "annotation.json").exists()
    found = errors(report)
    places = {key: [(one.row, one.value) for one in finding.examples] for key, finding in found.items()}
    names = ids(6)
    assert places == {
        ("intake.class_unknown", "label"): [(1, "shrit")],
        ("intake.value_empty", "annotator"): [(4, "")],
        ("intake.value_empty", "label"): [(6, " ")],
        ("annotation.item_unknown", "item"): [(7, "nowhere")],
        ("annotation.item_empty", "item"): [(9, "")],
        ("intake.out_of_range", "seconds"): [(11, "-1")],
        ("annotation.twice", "item"): [(13, names[0])],
        ("annotation.too_few", "item"): [(None, names[3]), (None, names[4])],
    }
    assert found["intake.class_unknown", "label"].examples[0].params == {"line": 2, "nearest": "shirt"}
    assert found["annotation.twice", "item"].examples[0].params == {"line": 14, "first_row": 1}
    assert found["annotation.too_few", "item"].examples[0].params == {"labels": 1}
    listed = [(one["finding"], one["row"], one["value"]) for one in made.listed()]
    assert ("annotation.twice", "13", names[0]) in listed
    assert ("annotation.too_few", "", names[3]) in listed


def test_items_without_any_label_are_named(made):
    report = made.hand_in(text(sound()[:8]))
    assert [one.value for one in errors(report)["annotation.unlabelled", "item"].examples] == ids(6)[4:]


def test_missing_columns_are_named_and_the_rest_is_still_read(made):
    rows = [[row[0], row[2]] for row in sound()]
    rows[2][1] = "hat"
    report = made.hand_in(text(rows, "item,label"))
    assert errors(report).keys() == {("intake.column_missing", None), ("intake.class_unknown", "label")}
    report = made.hand_in(text([row[1:3] for row in sound()], "annotator,label"))
    assert errors(report).keys() == {("intake.column_missing", None)}
    assert [one.column for one in errors(report)["intake.column_missing", None].examples] == ["item"]


def test_the_time_of_a_label_need_not_be_said(made):
    assert made.hand_in(text([row[:3] for row in sound()], "item,annotator,label")).outcome == "scored"
    assert {one.seconds for one in made.report().annotators} == {None}
    rows = sound()
    rows[0][3] = ""
    rows[2][3] = "8.5"
    assert made.hand_in(text(rows)).outcome == "scored"
    assert {one.name: one.seconds for one in made.report().annotators} == {"ann": 4.5, "bob": 4.5}


def test_ragged_rows_are_told_once_and_their_neighbours_are_read(made):
    rows = sound()
    rows[1] = rows[1][:2]
    rows[4] = [*rows[4], "more"]
    rows[7][2] = "hat"
    report = made.hand_in(text(rows))
    found = errors(report)
    assert found.keys() == {("intake.row_ragged", None), ("intake.class_unknown", "label")}
    assert [one.row for one in found["intake.row_ragged", None].examples] == [2, 5]
    assert [one.row for one in found["intake.class_unknown", "label"].examples] == [8]


def test_names_are_compared_without_outer_spaces(made):
    rows = sound()
    rows[1][1] = " ann "
    assert ("annotation.twice", "item") in errors(made.hand_in(text(rows)))


def test_the_quick_reading_says_the_same_as_the_exact_one(made):
    plain = text([*sound(), [*sound()[0][:2], "coat", "1"]])
    quoted = plain.replace("ann", '"ann"')
    assert made.hand_in(plain).findings == made.hand_in(quoted).findings


@pytest.mark.slow
def test_a_file_is_the_same_in_blocks_of_any_size(job, monkeypatch):
    made = job(60, labels=LABELS)
    frame = handed(made.truth, [average(4)] * 4).sample(fraction=1, shuffle=True, seed=2)
    whole = made.hand_in(frame)
    faulty = frame.clone()
    faulty[[7, 70, 177], "label"] = "hat"
    faulty[100, "annotator"] = ""
    told = made.hand_in(faulty).findings
    assert [one.count for one in told] == [3, 1]
    for size in (1, 7, 64):
        monkeypatch.setattr("challenges.intake.limits.BLOCK", size)
        for data, name in ((frame.write_csv(quote_style="always"), "a.csv"), (as_parquet(frame), "a.parquet")):
            assert made.hand_in(data, name).scores == whole.scores
        assert made.hand_in(faulty).findings == told


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "a.csv", "intake.file_empty"),
        (b"item,annotator,label,seconds\n", "a.csv", "intake.no_rows"),
        (b"PK\x03\x04 broken", "a.zip", "intake.archive_broken"),
        (b"\x1f\x8b\x08\x00broken", "a.csv.gz", "intake.archive_broken"),
        (b"PAR1 and no end", "a.parquet", "intake.parquet_cut"),
        (b"[1, 2]", "a.json", "intake.json_array"),
        (zipped("a.csv.gz", gzip.compress(b"x,y\n1,2\n")), "a.zip", "intake.archive_nested"),
        (b"item\0annotator\n", "a.csv", "intake.nul"),
        (b"\x80\x04pickle", "a.pkl", "intake.wrong_kind"),
        (b'item,annotator,label\n"i0,a,b\n', "a.csv", "intake.quote_open"),
    ],
)
def test_files_that_are_no_tables_are_refused(made, data, name, message):
    report = made.hand_in(data, name)
    assert report.outcome == "refused"
    assert message in {one.id for one in report.findings}


@pytest.mark.parametrize("column", ["item", "annotator", "label", "seconds"])
def test_columns_of_a_strange_type_are_told_once(made, column):
    names = ids(6) * 2
    frame = table(item=names, annotator=["a"] * 6 + ["b"] * 6, label=["shirt"] * 12, seconds=[1.0] * 12)
    strange = frame.with_columns(pl.Series(column, [[1]] * 12))
    report = made.hand_in(as_parquet(strange), "a.parquet")
    assert [one.id for one in report.findings if one.column == column] == ["intake.column_type"]
    assert report.outcome == "refused"


@pytest.mark.slow
def test_bytes_of_any_kind_are_refused_and_never_raise(made):
    whole = text(sound()).encode()
    for place in range(0, len(whole), 7):
        for byte in (b"\xff", b'"', b",", b"\n"):
            report = made.hand_in(whole[:place] + byte + whole[place + 1 :])
            assert report.outcome in {"scored", "refused"}


def test_a_file_of_too_many_rows_is_not_read_to_its_end(made, monkeypatch):
    monkeypatch.setattr("challenges.intake.limits.SPARE_ROWS", 0)
    report = made.hand_in(text(sound() * 3))
    assert "intake.rows_many" in {one.id for one in report.findings}


def test_every_finding_of_a_file_has_its_words(made):
    rows = sound()
    rows[6][0], rows[8][0] = "nowhere", ""
    rows = [*rows[:-2], rows[0]]
    report = made.hand_in(text(rows))
    ours = [one for one in report.findings if one.id.startswith("annotation.")]
    assert len(ours) == 5
    for one in ours:
        fields = {**one.model_dump(), **one.params}
        assert template(ANNOTATION_MESSAGES, one.id, fields)
        for example in one.examples:
            if one.id in ANNOTATION_EXPECTED:
                assert template(ANNOTATION_EXPECTED, one.id, {**fields, **example.params})
        if one.id in ANNOTATION_HINTS:
            assert template(ANNOTATION_HINTS, one.id, fields)


def test_careful_people_pass(job):
    made = job(300)
    assert made.hand_in(handed(made.truth, [careful(4)] * 3), scoring=False).outcome == "accepted"
