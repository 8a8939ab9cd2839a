"""Opening any one file for its own sake: what is made of it, and that no file makes it fall over."""

import io
import zipfile

import polars as pl
import pytest

from challenges.measuring import measure
from challenges.preview import ColumnsSeen, Preview
from challenges.quality import QualityReport
from challenges.report import Report
from tests import dataset_packages

TABLE = dataset_packages.written(dataset_packages.raw()[:80])


def measured(tmp_path, data, name="data.csv", *, roles=None, with_report=False, with_preview=False):
    file, out = tmp_path / "data", tmp_path / "out"
    out.mkdir(exist_ok=True)
    file.write_bytes(data)
    made = measure(file, out, filename=name, roles=roles or {}, with_report=with_report, with_preview=with_preview)
    assert Report.parse((out / "report.json").read_bytes()) == made
    return made, out


def zipped(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def test_a_table_is_described_measured_and_shown_in_part(tmp_path):
    made, out = measured(tmp_path, TABLE, with_report=True, with_preview=True)
    assert (made.outcome, made.rows) == ("accepted", 80)
    columns = ColumnsSeen.parse((out / "columns.json").read_bytes()).columns
    assert QualityReport.parse((out / "quality-report.json").read_bytes()).rows == 80
    shown = Preview.parse((out / "preview.json").read_bytes())
    assert [one.found.name for one in shown.columns] == [one.name for one in columns]
    assert len(shown.rows) == 80


def test_only_what_was_asked_for_is_made(tmp_path):
    _, out = measured(tmp_path, TABLE)
    assert {file.name for file in out.iterdir()} == {"report.json", "columns.json"}


def test_what_the_owner_says_of_a_column_goes_before_its_name(tmp_path):
    _, out = measured(tmp_path, b"id,what,mood\n" + b"".join(b"%d,text %d,good\n" % (n, n) for n in range(30)))
    before = {one.name: one.role for one in ColumnsSeen.parse((out / "columns.json").read_bytes()).columns}
    measured(tmp_path, (tmp_path / "data").read_bytes(), roles={"label": "mood", "text": "what"})
    after = {one.name: one.role for one in ColumnsSeen.parse((out / "columns.json").read_bytes()).columns}
    assert before == {"id": "id", "what": "", "mood": ""}
    assert after == {"id": "id", "what": "text", "mood": "label"}


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "data.csv", ""),
        (b"PAR1 but not really PAR1", "data.parquet", ""),
        (b"", "data.csv", ""),
        (b"a,b\n", "data.csv", "dataset.no_rows"),
        (b"not a zip", "data.zip", ""),
        (b'{"a": 1}\n{"a": ', "data.jsonl", ""),
        ((",".join(f"c{n}" for n in range(1_000_000)) + "\n").encode() * 2, "data.csv", ""),
        (zipped(data__csv=b"a,b\n" + b"0,0\n" * 60_000_000), "data.zip", ""),
        (zipped(**{"../../evil__csv": b"a\n1\n"}), "data.zip", ""),
    ],
    ids=[
        "picture",
        "false parquet",
        "empty",
        "header alone",
        "false zip",
        "cut lines",
        "million columns",
        "bomb",
        "way out",
    ],
)
def test_what_is_no_dataset_is_refused_with_a_reason(tmp_path, data, name, why):
    made, out = measured(tmp_path, data, name, with_report=True, with_preview=True)
    assert made.outcome == "refused"
    found = [one.id for one in made.findings if one.level == "error"]
    assert found
    assert why in {"", *found}
    assert not (out / "preview.json").exists()


def test_a_role_of_no_column_is_refused(tmp_path):
    made, _ = measured(tmp_path, TABLE, roles={"label": "nothing"})
    assert [one.id for one in made.findings] == ["quality.no_column"]


def test_lists_and_objects_are_measured_all_the_same(tmp_path):
    table = pl.DataFrame(
        {"n": list(range(40)), "list": [[1, n] for n in range(40)], "thing": [{"a": 1}] * 40, "raw": [b"x"] * 40}
    )
    written = io.BytesIO()
    table.write_parquet(written)
    made, out = measured(tmp_path, written.getvalue(), "data.parquet", with_report=True, with_preview=True)
    assert made.outcome == "accepted"
    shown = Preview.parse((out / "preview.json").read_bytes())
    hidden = {one.found.name: one.hidden for one in shown.columns}
    assert hidden == {"n": "", "list": "nested", "thing": "nested", "raw": "nested"}
