"""Datasets of one table, or of several of the same columns."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.datasets import Limits
from challenges.datasets.limits import LONGEST_NAME
from challenges.datasets.tabular import read_table
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.unpacking import Body
from tests.challenges.datasets.handed import errors, ids, the, zipped

ROWS = [("1", " a ", "2.50"), ("2", "猫", ""), ("3", "NA", "x,y")]
NAMES = ["id", "label", "价格"]


def delimited(delimiter=",", end="\r\n"):
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator=end).writerows([NAMES, *ROWS])
    return held.getvalue()


def parquet(frame, **options):
    held = io.BytesIO()
    frame.write_parquet(held, **options)
    return held.getvalue()


CSV = delimited()
FRAME = pl.DataFrame(ROWS, schema=NAMES, orient="row")
LINES = "".join(json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False) + "\n" for row in ROWS)
FORMS = {
    "csv": ("a.csv", CSV.encode()),
    "byte order mark": ("a.csv", CSV.encode("utf-8-sig")),
    "gb18030": ("a.csv", CSV.encode("gb18030")),
    "utf-16": ("a.csv", CSV.encode("utf-16")),
    "newlines": ("a.csv", delimited(end="\n").encode()),
    "carriage returns": ("a.csv", delimited(end="\r").encode()),
    "blank lines": ("a.csv", ("\n\n" + delimited(end="\n\n")).encode()),
    "no newline at the end": ("a.csv", CSV.rstrip().encode()),
    "tabs": ("a.tsv", delimited("\t").encode()),
    "semicolons": ("a.csv", delimited(";").encode()),
    "bars": ("a.csv", delimited("|").encode()),
    "gzip": ("a.csv.gz", gzip.compress(CSV.encode())),
    "zip": ("a.zip", zipped({"deep/folder/a.csv": CSV})),
    "zip from a mac": ("a.zip", zipped({"a.csv": CSV, "__MACOSX/._a.csv": b"\0\5", ".DS_Store": b"\0"})),
    "json lines": ("a.jsonl", LINES.encode()),
    "json lines, blank ones between": ("a.jsonl", LINES.replace("\n", "\n\n").encode()),
    "parquet": ("a.parquet", parquet(FRAME)),
    "parquet, small row groups": ("a.parquet", parquet(FRAME, compression="zstd", row_group_size=1)),
    "parquet, dictionaries": ("a.parquet", parquet(FRAME.cast({"label": pl.Categorical}))),
    "gzip of parquet": ("a.parquet.gz", gzip.compress(parquet(FRAME))),
    "csv without an ending": ("upload", CSV.encode()),
    "csv named .txt": ("table.txt", CSV.encode()),
}


@pytest.mark.parametrize(("name", "data"), FORMS.values(), ids=FORMS)
def test_the_same_table_in_every_form(open_file, name, data):
    bundle = open_file(name, data)
    assert bundle.layout == "table"
    assert bundle.table.rows() == ROWS
    assert bundle.table.columns == NAMES
    assert bundle.table.schema == dict.fromkeys(NAMES, pl.String)
    (part,) = bundle.parts
    assert (part.start, part.rows) == (0, 3)
    assert bundle.place(2) == (part.path, 2)
    with pytest.raises(IndexError):
        bundle.place(3)


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("a.csv", CSV.encode("gb18030"), "intake.encoding"),
        ("a.csv", delimited(";").encode(), "intake.delimiter_semicolon"),
        ("a.csv", parquet(FRAME), "intake.name_differs"),
        ("a.parquet", CSV.encode(), "intake.name_differs"),
        ("a.csv", LINES.encode(), "intake.name_differs"),
    ],
)
def test_what_is_odd_is_noted(open_file, name, data, note):
    assert note in ids(open_file(name, data).findings)


def test_parquet_keeps_its_types_and_json_its_words(open_file):
    frame = pl.DataFrame(
        {"n": [1, None], "x": [0.5, float("nan")], "b": [True, False], "d": ["2026-01-02", None]}
    ).with_columns(pl.col("d").str.to_date())
    assert open_file("a.parquet", parquet(frame)).table.schema == frame.schema
    lines = '{"n": 1.50, "x": NaN, "b": true, "l": [1, {"k": "值"}], "z": null}\n{"n": 12345678901234567890}\n'
    table = open_file("a.jsonl", lines).table
    assert table.rows() == [
        ("1.50", "NaN", "true", '["1", {"k": "值"}]', None),
        ("12345678901234567890", None, None, None, None),
    ]


def test_nested_columns_of_parquet_are_kept_and_warned_of(open_file):
    bundle = open_file("a.parquet", parquet(pl.DataFrame({"id": [1, 2], "l": [[1], []], "s": [{"a": 1}, {"a": 2}]})))
    assert [example.value for example in the(bundle.findings, "dataset.columns_nested").examples] == ["l", "s"]
    assert bundle.table["l"].to_list() == [[1], []]


BROKEN = {
    "ragged rows": ("a,b\n1,2\n3\n4,5,6\n", "intake.row_ragged", {"count": 2}),
    "ragged rows, quoted": ('a,b\n"1",2\n3\n', "intake.row_ragged", {"count": 1}),
    "rows too short behind a plain file": ("a,b\n" + "1,2\n" * 1000 + "3\n", "intake.row_ragged", {"count": 1}),
    "a quote left open": ('a,b\n1,"2\n3,4\n', "intake.quote_open", {"line": 2}),
    "text behind a quote": ('a,b\n"1"x,2\n', "intake.row_quote", {"count": 1}),
    "no names": ("1,2\n3,4\n", "dataset.heading_none", {"line": 1}),
    "a name missing": ("a,,c\n1,2,3\n", "dataset.names_empty", {}),
    "a name twice": ("a,b,a\n1,2,3\n", "dataset.names_twice", {}),
    "a name twice but for spaces": ("a,b, a\n1,2,3\n", "dataset.names_twice", {}),
    "an endless name": ("a" * (LONGEST_NAME + 1) + ",b\n1,2\n", "dataset.names_long", {}),
    "an invisible name": ("a\x07,b\n1,2\n", "dataset.names_long", {}),
    "no rows": ("a,b\n", "dataset.no_rows", {}),
    "NUL": ("a,b\n1,\x002\n", "intake.nul", {"line": 2}),
    "an endless line": ("a,b\n1,2\n" + "x" * (2**20 + 1) + "\n", "intake.line_long", {"line": 3}),
    "an endless cell": ('a,b\n"' + "x\n" * 70_000 + '",2\n', "intake.quote_open", {}),
    "nothing": ("", "intake.file_empty", {}),
}


@pytest.fixture(scope="module", autouse=True)
def _a_process_that_reads_longer_cells_too() -> Iterator[None]:
    """The bound of Python's reader is one of the whole process: what else is read there must not move ours."""
    before = csv.field_size_limit(10_000_000)
    yield
    csv.field_size_limit(before)


@pytest.mark.parametrize(("data", "message", "more"), BROKEN.values(), ids=BROKEN)
def test_tables_that_are_broken(refuse_file, data, message, more):
    findings = refuse_file("a.csv", data)
    assert errors(findings) == [message]
    for name, value in more.items():
        assert getattr(the(findings, message), name) == value


@pytest.mark.parametrize(
    ("data", "message", "count"),
    [
        ('{"a": 1}\nnot json\n{"a": 1, "a": 2}\n[1]\n', "intake.row_json", 3),
        ('{"a": 1}\n' + "[" * 100_000 + "\n", "intake.row_json", 1),
        ('{"a": "\\ud83d"}\n{"a": 2}\n', "intake.row_json", 1),
        ("[{}]\n", "intake.json_array", 1),
        ('{"": 1}\n', "dataset.names_empty", 1),
        ('{"a": 1, "a ": 2}\n', "dataset.names_twice", 1),
    ],
)
def test_json_lines_that_are_broken(refuse_file, data, message, count):
    findings = refuse_file("a.jsonl", data)
    assert errors(findings) == [message]
    assert the(findings, message).count == count


def test_rows_of_json_may_differ_in_their_keys(open_file):
    table = open_file("a.jsonl", '{"a": 1}\n{"b": 2}\n{"c": 3, "a": 4}\n').table
    assert table.to_dict(as_series=False) == {"a": ["1", None, "4"], "b": [None, "2", None], "c": [None, None, "3"]}


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(rows=2), "dataset.rows_many"),
        (Limits(columns=2), "dataset.columns_many"),
        (Limits(cells=8), "dataset.cells_many"),
        (Limits(table_bytes=10), "dataset.file_large"),
    ],
)
@pytest.mark.parametrize("name", ["csv", "json lines", "parquet", "blank lines"])
def test_limits_hold_in_every_form(refuse_file, name, limits, message):
    assert errors(refuse_file(*FORMS[name], limits)) == [message]


@pytest.mark.parametrize(
    "data", [("a.jsonl", '{"a": "' + "x" * 50 + '"}\n'), ("a.parquet", parquet(pl.DataFrame({"a": ["", "x" * 50]})))]
)
def test_endless_texts_are_refused_with_their_row(refuse_file, data):
    finding = the(refuse_file(*data, Limits(cell_bytes=49)), "dataset.cell_long")
    assert finding.params["row"] == (1 if data[0] == "a.jsonl" else 2)


def test_a_parquet_dictionary_does_not_become_endless(refuse_file):
    frame = pl.DataFrame({"a": ["x" * 1000] * 20_000})
    data = parquet(frame)
    assert len(data) < 50_000
    assert errors(refuse_file("a.parquet", data, Limits(memory_bytes=2**20))) == ["dataset.memory_large"]


def test_parquet_that_unpacks_without_measure_is_not_unpacked(refuse_file):
    data = parquet(pl.DataFrame({"a": [0.0] * 1_000_000}), compression="zstd")
    assert len(data) < 100_000
    assert errors(refuse_file("a.parquet", data, Limits(small_bytes=10**6, expansion=2, cells=10**7))) == [
        "intake.parquet_expands"
    ]


TYPES = {
    "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    "decimal": pa.array([Decimal("1.5"), None], pa.decimal128(10, 2)),
    "bytes": pa.array([b"abc", None], pa.binary(3)),
    "time": pa.array([1, None], pa.time32("s")),
    "nothing": pa.nulls(2),
    "view": pa.array(["a", None], pa.string_view()),
    "fixed list": pa.array([[1, 2], None], pa.list_(pa.int64(), 2)),
    "small float": pa.array([1.5, None], pa.float16()),
    "zone": pa.array([datetime(2026, 1, 1, tzinfo=UTC), None], pa.timestamp("ns", "Asia/Shanghai")),
    "large integer": pa.array([2**63 + 1, None], pa.uint64()),
    "dictionary": pa.array([1, None]).dictionary_encode(),
}


@pytest.mark.parametrize("cells", TYPES.values(), ids=TYPES)
def test_types_of_parquet(open_file, cells):
    held = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "x": cells}), held)
    assert open_file("a.parquet", held.getvalue()).table.height == 2


@pytest.mark.parametrize("nested", [False, True])
def test_types_that_polars_cannot_hold_are_refused(refuse_file, nested):
    held = io.BytesIO()
    cells = pa.array([Decimal("1.5"), None], pa.decimal256(50, 2))
    pq.write_table(
        pa.table({"id": [1, 2], "x": pa.array([[Decimal("1.5")], None], pa.list_(cells.type)) if nested else cells}),
        held,
    )
    finding = the(refuse_file("a.parquet", held.getvalue()), "dataset.parquet_type")
    assert (finding.column, finding.params["found"]) == ("x", "decimal256(50, 2)")


@pytest.mark.parametrize("cut", [3, 20, -3, -9])
def test_lying_parquet_is_refused(refuse_file, cut):
    data = bytearray(parquet(FRAME))
    if cut > 0:
        data = data[: len(data) - cut]
    else:
        data[cut] ^= 0x55
    assert errors(refuse_file("a.parquet", bytes(data)))[0] in {"intake.parquet_cut", "intake.parquet_broken"}


def test_tables_of_the_same_columns_are_one(counter):
    files = {"part/b.csv": "id,x\n3,c\n", "part/a.csv": "id,x\n1,a\n2,b\n", "part/c.csv": "x,id\nd,4\n"}
    bundle = counter.open(files)
    assert bundle.table.rows() == [("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")]
    assert [part.rows for part in bundle.parts] == [2, 1, 1]
    assert bundle.place(2)[1] == 0
    assert bundle.place(2)[0].endswith("b.csv")
    assert {file.path for file in bundle.files} == {part.path for part in bundle.parts}


def test_tables_of_other_columns_are_refused_with_the_difference(counter):
    findings = counter.refused({"a.csv": "id,x\n1,a\n", "b.csv": "id,y\n1,a\n", "c.csv": "id\n1\n"})
    assert [(f.file, f.params["lacking"], f.params["beyond"]) for f in findings if f.level == "error"] == [
        ("b.csv", "x", "y"),
        ("c.csv", "x", "-"),
    ]


def test_types_that_differ_between_files(counter):
    one, two = pl.DataFrame({"x": [1]}), pl.DataFrame({"x": [1.5]})
    bundle = counter.open({"a.parquet": parquet(one), "b.parquet": parquet(two)})
    assert bundle.table["x"].to_list() == [1.0, 1.5]
    finding = the(bundle.findings, "dataset.types_differ")
    assert (finding.file, finding.column, finding.params["found"]) == ("b.parquet", "x", "Float64")
    clash = {"a.parquet": parquet(one), "b.parquet": parquet(pl.DataFrame({"x": [[1]]}))}
    assert errors(counter.refused(clash)) == ["dataset.types_clash"]


def test_every_broken_table_of_several_is_named(counter):
    findings = counter.refused({"a.csv": "id,x\n1\n", "b.csv": "id,id\n1,2\n", "c.csv": "id,x\n1,2\n"})
    assert {(f.file, f.id) for f in findings if f.level == "error"} == {
        ("a.csv", "intake.row_ragged"),
        ("b.csv", "dataset.names_twice"),
    }


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Cc", "Cs"]), max_size=6)


@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8), quoted=st.booleans())
def test_cells_are_what_the_csv_module_says(rows, quoted):
    """The swift and the exact reading against Python's own, cell by cell."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([["a", "b", "c"], *rows])
    table = read_table(Body("a.csv", held.getvalue().encode()), Limits(), Ledger())
    assert table.rows() == [tuple(row) for row in rows]


@given(st.text("a,\n\"1;\t '", max_size=40))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(text):
    data = "x,y\n" + text
    ledger = Ledger()
    try:
        table = read_table(Body("a.csv", data.encode()), Limits(), ledger)
    except Unreadable:
        return
    if ledger.errors or table.columns != ["x", "y"]:
        return
    expected = [tuple(row) for row in csv.reader(io.StringIO(data, newline=""), strict=True) if row][1:]
    assert table.rows() == expected
