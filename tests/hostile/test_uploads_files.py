"""Files made to hurt: each gets a clear refusal, in bounded memory, and nothing of it is ever run or written to disk."""

import gzip
import io
import json
import pickle
import random
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenges import run
from challenges.definition import Definition
from challenges.package import Package
from challenges.preparation import prepare
from challenges.report import Report

pytestmark = pytest.mark.hostile

MIB = 2**20


def zip_up(data: bytes) -> bytes:
    """The same bytes at every import: workers of a parallel run must collect the same tests."""
    return gzip.compress(data, mtime=0)


CSV = b"id,p\n" + b"".join(b"%d,0.%d\n" % (i, i) for i in range(1, 9))
DEFINITION = {
    "format": "jiebang/1",
    "slug": "target",
    "version": "1.0.0",
    "kind": "prediction",
    "sector": "energy",
    "task": "binary-classification",
    "modality": ["table"],
    "title": {"en": "Target", "zh": "靶"},
    "summary": {"en": "Target.", "zh": "靶。"},
    "data": {
        "licence": "CC0-1.0",
        "source": "made up",
        "personal": "none",
        "files": [{"path": "public/x", "role": "test"}],
    },
    "submission": {
        "id": "id",
        "columns": [{"name": "p", "type": "probability"}],
        "formats": ["csv", "jsonl", "parquet"],
        "max_mb": 200,
    },
    "answers": {"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}},
    "scores": [{"key": "auc", "metric": "roc_auc"}],
}


class Target:
    """A prepared challenge of eight rows, and a folder in which nothing but the two results may appear."""

    def __init__(self, folder):
        (folder / "answers").mkdir()
        usage = ["public"] * 4 + ["private"] * 4
        truth = pl.DataFrame({"id": range(1, 9), "y": [0, 1] * 4, "usage": usage})
        truth.write_parquet(folder / "answers" / "truth.parquet")
        self.prepared, self.out, self.file = folder / "prepared", folder / "out", folder / "upload"
        prepare(Package(folder, Definition.model_validate(DEFINITION)), self.prepared)
        self.out.mkdir()

    def meet(self, data, filename="a.csv"):
        self.file.write_bytes(data)
        return self.meet_file(self.file, filename)

    def meet_file(self, file, filename="a.csv"):
        report = run.score(self.prepared, file, self.out, filename=filename)
        assert {path.name for path in self.out.iterdir()} == {run.REPORT, run.LISTING}
        assert Report.parse((self.out / run.REPORT).read_bytes()) == report
        return report

    def refuses(self, data, filename="a.csv"):
        """The ids of the errors."""
        report = self.meet(data, filename)
        assert report.outcome == "refused"
        return [finding.id for finding in report.findings if finding.level == "error"]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    target = Target(tmp_path_factory.mktemp("target"))
    target.meet(CSV)  # everything that is loaded late is loaded now
    target.meet(parquet(), "a.parquet")
    return target


def memory(field):
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field)]
    return int(line.split()[1]) * 1024


@contextmanager
def at_most(extra):
    """The body may use `extra` bytes more than are used now, at its peak."""
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    yield
    assert memory("VmHWM") - before <= extra


def parquet(table=None, **options):
    table = pa.table({"id": list(range(1, 9)), "p": [i / 10 for i in range(1, 9)]}) if table is None else table
    held = io.BytesIO()
    pq.write_table(table, held, **options)
    return held.getvalue()


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return held.getvalue()


def zeros(mib, wbits=31):
    packer = zlib.compressobj(9, wbits=wbits)
    block = bytes(MIB)
    return b"".join([*(packer.compress(block) for _ in range(mib)), packer.flush()])


# Archives


def test_a_gzip_of_zeros_is_left_when_it_outgrows_its_size(target):
    bomb = zeros(400)
    assert len(bomb) < MIB
    with at_most(150 * MIB):
        assert target.refuses(bomb, "a.csv.gz") == ["intake.expands"]


def test_a_zip_bomb_is_refused_by_what_it_says(target):
    with at_most(50 * MIB):
        assert target.refuses(zipped(("a.csv", bytes(100 * MIB))), "a.zip") == ["intake.expands"]


def test_a_zip_bomb_that_lies_about_its_size_is_refused_by_what_it_does(target):
    honest = zipped(("a.csv", bytes(100 * MIB)))
    lying = honest.replace((100 * MIB).to_bytes(4, "little"), (20).to_bytes(4, "little"))
    assert lying != honest
    with at_most(80 * MIB):
        assert set(target.refuses(lying, "a.zip")) <= {"intake.archive_broken", "intake.nul", "intake.expands"}


def test_ten_gigabytes_declared_are_not_believed(target):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.infolist()[0].file_size = 10 * 2**30
    with at_most(20 * MIB):
        assert target.refuses(held.getvalue(), "a.zip") == ["intake.expands"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(("a.zip", zipped(("a.csv", CSV)))), "intake.archive_nested"),
        (zipped(("a.csv.gz", zip_up(CSV))), "intake.archive_nested"),
        (zip_up(zipped(("a.csv", CSV))), "intake.archive_nested"),
        (zip_up(zip_up(CSV)), "intake.archive_nested"),
        (zipped(("../../a.csv", CSV)), "intake.archive_path"),
        (zipped(("..\\..\\a.csv", CSV)), "intake.archive_path"),
        (zipped(("/etc/cron.d/a.csv", CSV)), "intake.archive_path"),
        (zipped(("C:\\a.csv", CSV)), "intake.archive_path"),
        (zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA), "intake.archive_method"),
        (zipped(*((f"{i}.csv", CSV) for i in range(2000))), "intake.archive_many"),
        (zipped(*((f"{i:0200}.csv", b"") for i in range(10_000))), "intake.archive_many"),
        (zipped(("a.csv", CSV))[:-30], "intake.archive_broken"),
        (zip_up(CSV)[:-12], "intake.archive_broken"),
        (zip_up(CSV) + b"rubbish", "intake.archive_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_archive_that_is_no_plain_wrapping_is_refused(target, data, message):
    with at_most(60 * MIB):
        assert target.refuses(data, "a.zip") == [message]


def test_a_locked_zip_is_refused(target):
    data = bytearray(zipped(("a.csv", CSV)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    assert target.refuses(bytes(data), "a.zip") == ["intake.archive_locked"]


# Text


def test_a_million_columns(target):
    heading = b",".join(b"c%d" % i for i in range(1_000_000))
    with at_most(150 * MIB):
        assert target.refuses(heading + b"\n" + b"0," * 999_999 + b"0\n") == ["intake.line_long"]
        assert target.refuses(b"," * 900_000 + b"\n1,2\n") == ["intake.columns_many"]


def test_one_endless_line(target, tmp_path):
    file = tmp_path / "line"
    with file.open("wb") as held:
        held.write(b"id,p\n1,")
        for _ in range(150):
            held.write(b"1" * MIB)
    with at_most(200 * MIB):  # the file itself is mapped, and counted when it is looked through
        report = target.meet_file(file)
    assert [(f.id, f.line) for f in report.findings] == [("intake.line_long", 2)]


def test_lines_of_nothing_but_commas(target):
    line = b"," * 1_000_000 + b"\n"
    with at_most(250 * MIB):
        assert "intake.row_ragged" in target.refuses(b"id,p\n" + line * 30)


def test_a_quote_that_is_never_closed(target):
    with at_most(100 * MIB):
        assert "intake.quote_open" in target.refuses(b'id,p\n1,"' + b"0.5\n" * 2_000_000)


def test_a_file_of_quotes(target):
    with at_most(100 * MIB):
        target.refuses(b"id,p\n1," + b'"' * 900_000 + b"\n")


def test_more_rows_than_make_sense(target):
    with at_most(100 * MIB):
        assert "intake.rows_many" in target.refuses(b"id,p\n" + b"1,0.5\n" * 500_000)


def test_nul_bytes(target):
    assert target.refuses(CSV.replace(b"0.5", b"0\0.5")) == ["intake.nul"]
    assert target.refuses(bytes(5 * MIB)) == ["intake.nul"]


def test_a_cut_upload_names_the_missing_rows_and_the_cut_one(target):
    report = target.meet(CSV[:-12])
    assert {finding.id for finding in report.findings} >= {"intake.ids_missing", "intake.row_count"}


def test_names_of_columns_may_be_anything(target):
    names = ["=cmd()", "\x1b[31m", "\u202eevil", "x" * 100_000, "<script>"]
    text = ",".join(["id", "p", *names]) + "\n" + "".join(f"{i},0.5{',1' * len(names)}\n" for i in range(1, 9))
    report = target.meet(text.encode())
    (extra,) = report.findings
    assert (report.outcome, extra.id, extra.level, extra.count) == ("scored", "intake.column_extra", "warning", 5)
    for one in extra.examples:
        assert one.value is not None
        assert len(one.value) <= 81
        assert one.value.isprintable()


def test_cells_that_a_spreadsheet_would_run_are_listed_harmless(target):
    text = 'id,p\n1,"=HYPERLINK(""http://x"")"\n2,+1+1\n3,@SUM(1)\n4,-2\n5,"\t=1"\n'
    target.meet(text.encode())
    with gzip.open(target.out / run.LISTING, "rt") as lines:
        listed = lines.read()
    assert "'=HYPERLINK" in listed
    assert ",'+1+1\n" in listed
    assert ",'@SUM(1)\n" in listed
    assert ",-2\n" in listed
    assert '"\'\t=1"' in listed or ",'\t=1\n" in listed


@pytest.mark.parametrize(
    "filename", ["../../etc/passwd", "a\0.csv", "\u202e.csv", "x" * 10_000 + ".gz", "", "..", "\\\\host\\a"]
)
def test_file_names_are_only_words(target, filename):
    report = target.meet(CSV, filename)
    assert report.outcome == "scored"


# JSON


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"id":1,"p":' + b"[" * 100_000,
        b'{"id":1,"p":' + b"9" * 100_000 + b"}",
        b'{"id":1,"id":2,"p":0.5}',
        b'{"id":1,"p":{"p":{"p":0.5}}}',
        b'{"id":1,"p":"' + b"\\u0000" * 1000 + b'"}',
        b'{"id":1,"p":"\\ud800"}',
    ],
)
def test_odd_json(target, line):
    rest = b"".join(b'{"id":%d,"p":0.5}\n' % i for i in range(2, 9))
    with at_most(60 * MIB):
        errors = target.refuses(rest + line + b"\n", "a.jsonl")
    assert set(errors) <= {
        "intake.row_json",
        "intake.not_a_number",
        "intake.not_finite",
        "intake.ids_missing",
        "intake.row_count",
    }


# Parquet


def varint(value):
    value, out = value << 1, bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def test_parquet_that_claims_more_rows_than_it_has(target):
    count = 4097
    data = parquet(pa.table({"id": list(range(count)), "p": [0.5] * count}))
    assert varint(count) in data
    lying = data.replace(varint(count), varint(8191))
    with at_most(60 * MIB):
        assert set(target.refuses(lying, "a.parquet")) & {"intake.parquet_broken", "intake.parquet_expands"}


def test_parquet_with_a_page_that_claims_two_gigabytes(target):
    data = parquet(use_dictionary=False, compression="none")
    unpacked = varint(
        8 * 8 + 6
    )  # eight numbers and six bytes that say none is null; after PAR1 and the fields type and size
    assert data[4:].startswith(b"\x15\x00\x15" + unpacked)
    lying = data[:7] + varint(2**31 - 1) + data[7 + len(unpacked) :]
    with at_most(40 * MIB):
        assert target.refuses(lying, "a.parquet") == ["intake.parquet_expands"]


def test_parquet_whose_pages_unpack_to_a_gigabyte(target):
    table = pa.table({"id": list(range(1, 9)), "p": ["a" * (20 * MIB)] * 8})
    data = parquet(table, use_dictionary=False, compression="zstd")
    assert len(data) < MIB
    with at_most(60 * MIB):
        assert target.refuses(data, "a.parquet") == ["intake.parquet_expands"]


def test_parquet_whose_dictionary_says_a_long_text_once_for_all_rows(target):
    rows = 10_000
    words = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["a" * (10 * MIB)]))
    data = parquet(pa.table({"id": list(range(rows)), "p": words}), compression="zstd")
    assert len(data) < MIB
    with at_most(150 * MIB):
        assert "intake.cell_long" in target.refuses(data, "a.parquet")


def test_parquet_whose_texts_are_changes_of_the_text_before(target):
    table = pa.table({"id": list(range(1, 9)), "p": ["a" * MIB] * 8})
    data = parquet(table, use_dictionary=False, column_encoding={"p": "DELTA_BYTE_ARRAY", "id": "PLAIN"})
    with at_most(40 * MIB):
        assert target.refuses(data, "a.parquet") == ["intake.parquet_encoding"]


def test_parquet_with_lists_of_a_million(target):
    rows = 100
    table = pa.table({"id": list(range(rows)), "p": [[0.5] * 200_000] * rows})
    data = parquet(table, compression="zstd")
    with at_most(60 * MIB):
        assert target.refuses(data, "a.parquet") == ["intake.parquet_expands"]


def test_parquet_with_too_many_columns_or_rows(target):
    wide = parquet(pa.table({f"c{i}": [1] for i in range(3000)}))
    assert target.refuses(wide, "a.parquet") == ["intake.columns_many"]
    long = parquet(pa.table({"id": list(range(50_000)), "p": [0.5] * 50_000}))
    assert target.refuses(long, "a.parquet") == ["intake.rows_many"]


def test_parquet_with_a_footer_that_is_longer_than_the_file(target):
    data = parquet()
    assert target.refuses(data[:-8] + (2**31).to_bytes(4, "little") + b"PAR1", "a.parquet") == ["intake.parquet_broken"]
    assert target.refuses(b"PAR1PAR1", "a.parquet") == ["intake.parquet_cut"]


# Things that are no tables


class Trap:
    def __reduce__(self):
        return Path.write_text, (Path("/tmp/jiebang-trap-was-sprung"), "x")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pickle.dumps(Trap()), "pickle"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x7fELF" + bytes(60), "ELF"),
        (b"<!DOCTYPE html><html>sign in</html>", "HTML"),
        (b"\x93NUMPY\x01\x00", "NumPy .npy"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "zstd"),
    ],
)
def test_other_files_are_named_and_never_opened(target, data, found):
    report = target.meet(data)
    assert [(f.id, f.params) for f in report.findings] == [("intake.wrong_kind", {"found": found})]
    assert not Path("/tmp/jiebang-trap-was-sprung").exists()


# Anything at all

QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BROKEN = {
    "a.csv": CSV,
    "a.csv.gz": zip_up(CSV),
    "a.zip": zipped(("a.csv", CSV)),
    "a.jsonl": b"".join(b'{"id":%d,"p":0.5}\n' % i for i in range(1, 9)),
    "zstd.parquet": parquet(compression="zstd"),
    "plain.parquet": parquet(use_dictionary=False, compression="none"),
    "text.parquet": parquet(pa.table({"id": list("12345678"), "p": list("01010101")}), compression="none"),
    "list.parquet": parquet(pa.table({"id": range(8), "p": [[0.1] * i for i in range(8)]}), data_page_version="2.0"),
}


@QUICKLY
@given(data=st.binary(min_size=1, max_size=400))
def test_no_bytes_stop_intake(target, data):
    target.meet(data)
    target.meet(b"id,p\n" + data)


@pytest.mark.parametrize("filename", BROKEN)
def test_no_damage_stops_intake(target, filename):
    whole = BROKEN[filename]
    chance = random.Random(7)
    with at_most(150 * MIB):
        for _ in range(80):
            data = bytearray(whole[: chance.randrange(1, len(whole))] if chance.random() < 0.3 else whole)
            for _ in range(chance.randrange(4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            report = target.meet(bytes(data), filename)
            assert report.outcome in {"scored", "refused"}
            assert report.outcome == "scored" or any(f.level == "error" for f in report.findings)
            json.loads((target.out / run.REPORT).read_text())
