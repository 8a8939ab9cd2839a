"""What a file may look like and still be read, and what is said when it may not."""

import gzip
import io
import json
import zipfile
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

IDS = range(101, 113)
ROWS = [(flight, (flight % 10) / 10) for flight in IDS]
CSV = "flight,delayed\n" + "".join(f"{flight},{p}\n" for flight, p in ROWS)
FRAME = pl.DataFrame(ROWS, schema=["flight", "delayed"], orient="row")


def ids_of(report):
    return [finding.id for finding in report.findings]


def the(report, message):
    (found,) = [finding for finding in report.findings if finding.id == message]
    return found


def parquet(frame=FRAME, **options):
    held = io.BytesIO()
    frame.write_parquet(held, **options)
    return held.getvalue()


def zipped(*files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return held.getvalue()


def jsonl(rows=ROWS):
    return "".join(json.dumps({"flight": flight, "delayed": p}) + "\n" for flight, p in rows)


SAME = {
    "plain": ("a.csv", CSV.encode()),
    "no newline at the end": ("a.csv", CSV.rstrip().encode()),
    "windows line ends": ("a.csv", CSV.replace("\n", "\r\n").encode()),
    "old mac line ends": ("a.csv", CSV.replace("\n", "\r").encode()),
    "mixed line ends": ("a.csv", CSV.replace("\n", "\r\n", 4).encode()),
    "blank lines": ("a.csv", ("\n\n" + CSV.replace("\n", "\n\n")).encode()),
    "byte order mark": ("a.csv", CSV.encode("utf-8-sig")),
    "utf-16": ("a.csv", CSV.encode("utf-16")),
    "quoted": ("a.csv", "".join(",".join(f'"{c}"' for c in row.split(",")) + "\n" for row in CSV.split()).encode()),
    "columns the other way": ("a.csv", "".join(",".join(row.split(",")[::-1]) + "\n" for row in CSV.split()).encode()),
    "reversed": ("a.csv", ("flight,delayed\n" + "\n".join(CSV.split()[:0:-1])).encode()),
    "ids as decimals": ("a.csv", CSV.replace(",", ".0,").replace("flight.0", "flight").encode()),
    "spaces around cells": ("a.csv", CSV.replace(",", " , ").encode()),
    "tabs": ("a.tsv", CSV.replace(",", "\t").encode()),
    "json lines": ("a.jsonl", jsonl().encode()),
    "json lines, blank ones between": ("a.jsonl", jsonl().replace("\n", "\n\n").encode()),
    "json lines, numbers as text": ("a.jsonl", jsonl([(str(f), str(p)) for f, p in ROWS]).encode()),
    "parquet": ("a.parquet", parquet()),
    "parquet, ids as floats": ("a.parquet", parquet(FRAME.with_columns(pl.col("flight").cast(pl.Float64)))),
    "parquet, all as text": ("a.parquet", parquet(FRAME.select(pl.all().cast(pl.String)))),
    "parquet, zstd and small row groups": ("a.parquet", parquet(compression="zstd", row_group_size=5)),
    "parquet, decimals": ("a.parquet", parquet(FRAME.with_columns(pl.col("delayed").cast(pl.Decimal(9, 3))))),
    "gzip": ("a.csv.gz", gzip.compress(CSV.encode())),
    "two gzips in a row": ("a.csv.gz", gzip.compress(CSV[:50].encode()) + gzip.compress(CSV[50:].encode())),
    "gzip of parquet": ("a.parquet.gz", gzip.compress(parquet())),
    "zip": ("a.zip", zipped(("folder/a.csv", CSV))),
    "zip from a mac": ("a.zip", zipped(("a.csv", CSV), ("__MACOSX/._a.csv", b"\0\5"), (".DS_Store", b"\0"))),
}


@pytest.mark.parametrize(("filename", "data"), SAME.values(), ids=SAME)
def test_the_same_table_gets_the_same_score_in_every_form(flights, filename, data):
    plain = flights.hand_in(CSV)
    report = flights.hand_in(data, filename)
    assert report.outcome == "scored", report.findings
    assert report.scores == plain.scores
    assert report.spreads == plain.spreads
    assert report.rows == 12


@pytest.mark.parametrize(
    ("filename", "data", "notes"),
    [
        ("a.csv", CSV.encode("utf-16"), ["intake.encoding"]),
        ("a.csv", CSV.replace(",", "\t").encode(), ["intake.delimiter_tab"]),
        ("a.csv", CSV.replace(",", ";").encode(), ["intake.delimiter_semicolon"]),
        ("a.csv", CSV.replace(",", "|").encode(), ["intake.delimiter_bar"]),
        ("a.tsv", CSV.encode(), ["intake.delimiter_comma"]),
        ("a.csv", parquet(), ["intake.name_differs"]),
        ("a.csv", jsonl().encode(), ["intake.name_differs"]),
        ("a.parquet", CSV.encode(), ["intake.name_differs"]),
    ],
)
def test_what_was_understood_is_said(flights, filename, data, notes):
    report = flights.hand_in(data, filename)
    assert report.outcome == "scored"
    assert ids_of(report) == notes
    assert all(finding.level in {"note", "warning"} for finding in report.findings)


def test_a_type_that_cannot_be_read_is_named(flights):
    shares = pa.array([Decimal(1) / 4] * len(ROWS), pa.decimal256(60, 2))
    held = io.BytesIO()
    pq.write_table(pa.table({"flight": list(IDS), "delayed": shares}), held)
    report = flights.hand_in(held.getvalue(), "a.parquet")
    assert report.outcome == "refused"
    found = the(report, "intake.column_type")
    assert (found.column, found.params["expected"]) == ("delayed", "probability")
    assert found.params["found"].startswith("decimal256")


def test_gb18030_is_recognised(challenge_in, tmp_path):
    birds = challenge_in(
        tmp_path / "package",
        pl.DataFrame(
            {"编号": ["甲", "乙", "丙", "丁"], "鸟": ["鹭", "雀"] * 2, "usage": ["public"] * 2 + ["private"] * 2}
        ),
        submission={"id": "编号", "columns": [{"name": "鸟", "type": "class", "classes": ["鹭", "雀"]}]},
        answers={"path": "answers/truth.parquet", "truth": "鸟", "split": {"column": "usage"}},
        scores=[{"key": "accuracy", "metric": "accuracy"}],
    )
    text = "编号,鸟\n丁,雀\n丙,鹭\n乙,雀\n甲,鹭\n"
    report = birds.hand_in(text.encode("gb18030"))
    assert (report.outcome, ids_of(report)) == ("scored", ["intake.encoding"])
    assert report.findings[0].params == {"encoding": "GB18030"}
    assert {one.value for one in report.scores} == {1.0}
    wrong = birds.hand_in("编号,鸟\n丁,雀\n丙,鹭鸟\n乙,雀\n戊,鹭\n".encode("gb18030"))
    assert the(wrong, "intake.class_unknown").examples[0].value == "鹭鸟"
    assert the(wrong, "intake.class_unknown").examples[0].params == {"line": 3, "nearest": "鹭"}
    assert the(wrong, "intake.ids_unknown").examples[0].value == "戊"
    assert the(wrong, "intake.ids_missing").examples[0].value == "甲"


REFUSED = {
    "empty": ("a.csv", b"", "intake.file_empty"),
    "only blanks": ("a.csv", b"\n \n", "intake.file_empty"),
    "only a heading": ("a.csv", b"flight,delayed\n", "intake.no_rows"),
    "no heading": ("a.csv", CSV.partition("\n")[2].encode(), "intake.heading_none"),
    "latin-1": ("a.csv", CSV.encode() + b"113,caf\xe9\n", "intake.encoding_unknown"),
    "json array": ("a.json", json.dumps([{"flight": 101, "delayed": 0.5}]).encode(), "intake.json_array"),
    "json lines of numbers": ("a.jsonl", b"{\n1\n2\n", "intake.json_none"),
    "parquet cut short": ("a.csv", parquet()[:-8], "intake.parquet_cut"),
    "zip of two tables": ("a.zip", zipped(("a.csv", CSV), ("b.csv", CSV)), "intake.archive_several"),
    "empty zip": ("a.zip", zipped(), "intake.archive_empty"),
    "excel": ("a.xlsx", zipped(("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>")), "intake.wrong_kind"),
    "open quote": ("a.csv", CSV.replace("105,", '105,"').encode(), "intake.quote_open"),
}


@pytest.mark.parametrize(("filename", "data", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_says_why(flights, filename, data, message):
    report = flights.hand_in(data, filename)
    assert report.outcome == "refused"
    assert report.scores == ()
    assert message in ids_of(report)


def test_the_line_of_an_open_quote_is_named(flights):
    found = the(flights.hand_in(CSV.replace("105,", '105,"')), "intake.quote_open")
    assert found.line == 6


def test_a_quoted_newline_is_part_of_a_cell_and_lines_still_count(flights):
    report = flights.hand_in(CSV.replace("103,0.3", '103,"0.\n3"').replace("105,0.5", "105,x"))
    found = the(report, "intake.not_a_number")
    assert [(one.row, one.params["line"], one.value) for one in found.examples] == [
        (3, 4, "0.\ufffd3"),
        (5, 7, "x"),
    ]


def test_a_format_that_is_not_accepted_is_named_with_those_that_are(challenge_in, tmp_path):
    only = challenge_in(
        tmp_path / "package",
        pl.DataFrame({"id": [1, 2, 3, 4], "y": [0, 1, 0, 1], "usage": ["public", "public", "private", "private"]}),
        submission={"id": "id", "columns": [{"name": "p", "type": "probability"}], "formats": ["parquet"]},
        answers={"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}},
        scores=[{"key": "auc", "metric": "roc_auc"}],
    )
    report = only.hand_in("id,p\n1,0.5\n")
    assert ids_of(report) == ["intake.format_not_accepted"]
    assert report.findings[0].params == {"found": "csv", "accepted": "parquet"}


def test_a_row_with_stray_quotes_costs_only_itself(flights):
    report = flights.hand_in(CSV.replace("105,0.5", '105,"0.5"x').replace("108,0.8", "108,x"))
    found = {finding.id: finding for finding in report.findings}
    assert set(found) == {"intake.row_quote", "intake.not_a_number", "intake.ids_missing"}
    assert [(one.row, one.params["line"]) for one in found["intake.row_quote"].examples] == [(5, 6)]
    assert [(one.row, one.params["line"]) for one in found["intake.not_a_number"].examples] == [(8, 9)]
    assert report.rows == 12


def test_an_endless_cell_is_named_by_its_line(flights):
    found = the(flights.hand_in(CSV.replace("105,0.5", "105," + "5" * 200_000)), "intake.cell_long")
    assert found.line == 6


def test_a_heading_that_cannot_be_cut_is_said(flights):
    assert ids_of(flights.hand_in('flight,"delayed' + "x" * 200_000)) == ["intake.heading_broken"]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (pl.Series([True, False] * 6), "Boolean"),
        (pl.Series([[0.5]] * 12), "List(Float64)"),
        (pl.Series([{"p": 0.5}] * 12), "Struct({'p': Float64})"),
        (pl.Series([b"0.5"] * 12), "Binary"),
        (pl.date_range(pl.date(2026, 1, 1), pl.date(2026, 1, 12), eager=True), "Date"),
    ],
)
def test_a_column_of_another_type_is_named_once(flights, column, found):
    report = flights.hand_in(parquet(FRAME.with_columns(delayed=column)), "a.parquet")
    finding = the(report, "intake.column_type")
    assert (finding.column, finding.count, finding.params) == (
        "delayed",
        1,
        {"found": found, "expected": "probability"},
    )
    report = flights.hand_in(parquet(FRAME.with_columns(flight=column)), "a.parquet")
    assert the(report, "intake.column_type").column == "flight"


def test_nulls_and_nan_in_parquet_are_told_apart(flights):
    cells = pl.Series([0.1, None, float("nan"), float("inf")] * 3)
    report = flights.hand_in(parquet(FRAME.with_columns(delayed=cells)), "a.parquet")
    counts = {finding.id: finding.count for finding in report.findings}
    assert counts == {"intake.value_empty": 3, "intake.not_finite": 6}


def test_the_last_word_on_rows_is_their_number(flights):
    appended = CSV + CSV.partition("\n")[2]
    report = flights.hand_in(appended)
    assert the(report, "intake.row_count").params == {"found": 24, "expected": 12}
    repeated = the(report, "intake.ids_repeated")
    assert repeated.count == 12
    assert repeated.examples[0].params == {"first_row": 1, "line": 14}
