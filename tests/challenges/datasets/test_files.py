"""Whatever is handed in: nothing outside it is read, nothing grows without measure, and every reason is told at once."""

import gzip
import hashlib
import os
import stat
import struct
import zipfile
import zlib

import pytest

from challenges.datasets import DatasetRefused, Limits, open_dataset
from tests.challenges.datasets.handed import checked, errors, ids, said, the, zipped

pytestmark = pytest.mark.hostile
CSV = "id,x\n1,a\n2,b\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


def refused(path, limits=None):
    with pytest.raises(DatasetRefused) as refusal:
        open_dataset(path, limits=limits)
    return checked(refusal.value.findings)


def written(path, data):
    path.write_bytes(data)
    return path


def member(name, data=b"id,x\n1,a\n", **attributes):
    info = zipfile.ZipInfo(name)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, data


def archive(path, *members):
    with zipfile.ZipFile(path, "w") as packed:
        for info, data in members:
            packed.writestr(info, data)
    return path


def test_what_is_not_there(tmp_path):
    assert errors(refused(tmp_path / "nothing")) == ["dataset.nothing_there"]
    assert errors(refused(tmp_path)) == ["dataset.empty"]
    (tmp_path / ".hidden").write_text("x")
    assert errors(refused(tmp_path)) == ["dataset.empty"]


def test_files_are_told_with_size_hash_and_kind(counter):
    files = {"a.csv": CSV, "notes/figure.png": PNG, "README.md": "# Scale\n2 rows"}
    found = {file.path: file for file in counter.open(files).files}
    assert {path: (file.bytes, file.media_type) for path, file in found.items()} == {
        "README.md": (14, "text/markdown"),
        "a.csv": (len(CSV), "text/csv"),
        "notes/figure.png": (38, "image/png"),
    }
    assert found["a.csv"].sha256 == hashlib.sha256(CSV.encode()).hexdigest()


def test_files_that_are_no_part_of_it_are_named_and_left_alone(counter):
    bundle = counter.open({"a.csv": CSV, "clean.py": "import os", "LICENSE": "MIT", "report.pdf": b"%PDF-1.7"})
    finding = the(bundle.findings, "dataset.files_unread")
    assert [example.value for example in finding.examples] == ["clean.py", "report.pdf"]


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "a/../../b.csv", "C:\\a.csv", "a\\..\\b.csv", "a" * 201 + ".csv", "a\x07.csv"]
)
def test_names_in_archives_stay_inside(tmp_path, name):
    findings = refused(archive(tmp_path / "a.zip", member(name), member("b.csv")))
    assert "package.zip_name" in errors(findings)


def test_every_fault_of_an_archive_is_told_at_once(tmp_path):
    link = member("link", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16, create_system=3)
    device = member("pipe", b"", external_attr=(stat.S_IFIFO | 0o666) << 16, create_system=3)
    twice = (member("A.csv"), member("a.CSV"))
    findings = refused(archive(tmp_path / "a.zip", link, device, *twice, member("../x")))
    assert {*errors(findings)} == {
        "package.zip_link",
        "package.zip_special",
        "package.zip_name_twice",
        "package.zip_name",
    }


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path):
    secret = written(tmp_path / "secret.csv", b"id,secret\n1,x\n")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text(CSV)
    (folder / "b.csv").symlink_to(secret)
    (folder / "deep").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe.csv")
    findings = refused(folder)
    assert [example.value for example in the(findings, "dataset.file_is_link").examples] == ["b.csv", "deep"]
    assert the(findings, "dataset.file_is_special").examples[0].value == "pipe.csv"


def test_a_name_that_other_systems_cannot_hold(tmp_path):
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "b:c.csv").write_text(CSV)
    assert errors(refused(tmp_path)) == ["dataset.file_name"]


def test_more_files_than_allowed(counter):
    files = {f"texts/{number}.txt": "x" for number in range(30)}
    finding = the(counter.refused(files, Limits(files=29)), "dataset.files_many")
    assert finding.params["most"] == 29
    assert counter.open(files, Limits(files=30)).table.height == 30


def test_a_directory_of_a_million_entries_is_not_listed(tmp_path):
    entry = (
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"a.csv"
    )
    directory = entry * 500_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 4, 0)
    path = written(tmp_path / "a.zip", b"PK\x03\x04" + directory + end)
    assert errors(refused(path)) == ["dataset.files_many"]


def test_zip_bombs_are_refused_before_they_are_unpacked(tmp_path):
    path = written(tmp_path / "a.zip", zipped({"a.csv": "id,x\n" + "0,0\n" * 20_000_000}))
    assert path.stat().st_size < 200_000
    finding = the(refused(path), "dataset.too_large")
    assert finding.params["bytes"] == 80_000_005
    assert finding.params["most"] == 64 * 2**20


def test_ten_gigabytes_that_an_archive_only_declares(tmp_path):
    data = bytearray(zipped({"a.csv": CSV}))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 4_000_000_000)
    assert errors(refused(written(tmp_path / "a.zip", bytes(data)))) == ["dataset.too_large"]


def test_an_archive_that_holds_more_than_it_declares(tmp_path):
    data = bytearray(zipped({"a.csv": "id,x\n" + "1,a\n" * 1000}))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 9)
    findings = refused(written(tmp_path / "a.zip", bytes(data)))
    assert "intake.archive_broken" in errors(findings)


@pytest.mark.parametrize("cut", [10, 60])
def test_an_archive_that_was_cut_short(tmp_path, cut):
    findings = refused(written(tmp_path / "a.zip", zipped({"a.csv": CSV})[:-cut]))
    assert errors(findings)[0] in {"package.zip_damaged", "intake.archive_broken"}


def test_damaged_members_are_each_named(tmp_path):
    data = bytearray(zipped({"a.csv": CSV * 50, "b.csv": CSV * 50}))
    for at in (data.index(b"a.csv") + 12, data.index(b"b.csv") + 12):
        data[at] ^= 0xFF
    findings = refused(written(tmp_path / "a.zip", bytes(data)))
    assert {finding.file for finding in findings if finding.id == "intake.archive_broken"} == {"a.csv", "b.csv"}


def test_encrypted_members(tmp_path):
    data = bytearray(zipped({"a.csv": CSV}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert errors(refused(written(tmp_path / "a.zip", bytes(data)))) == ["package.zip_encrypted"]


def test_other_compressions(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("a.csv", CSV)
    assert errors(refused(path)) == ["package.zip_method"]


def test_gzip_bombs_stop_at_the_limit(refuse_file):
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(engine.compress(b"0,0\n" * 2**18) for _ in range(80)) + engine.flush()
    assert len(data) < 200_000
    assert errors(refuse_file("a.csv.gz", data)) == ["intake.expands"]


@pytest.mark.parametrize("inner", [zipped({"x.csv": CSV}), gzip.compress(CSV.encode())], ids=["zip", "gzip"])
def test_archives_in_archives_stay_closed(tmp_path, inner):
    findings = refused(written(tmp_path / "a.zip", zipped({"inner.csv": inner, "b.csv": CSV})))
    assert {*errors(findings)} & {"dataset.archive_inside", "intake.archive_nested"}
    assert errors(refused(written(tmp_path / "b.csv.gz", gzip.compress(inner)))) == ["intake.archive_nested"]


def test_a_zip_in_a_folder_is_not_opened(folder):
    findings = folder.refused({"a.csv": CSV, "images.zip": zipped({"x.png": PNG})})
    assert the(findings, "dataset.archive_inside").examples[0].value == "images.zip"


PROGRAMS = {"pickle": b"\x80\x04\x95\0\0\0", "elf": b"\x7fELF\x02\x01\x01", "exe": b"MZ\x90\0"}


@pytest.mark.parametrize("data", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_are_refused_whatever_they_are_called(counter, data):
    findings = counter.refused({"a.csv": CSV, "labels.csv.bak": data})
    assert the(findings, "dataset.program").examples[0].value == "labels.csv.bak"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.csv", b"SQLite format 3\0", "SQLite"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.parquet", b"\x89HDF\r\n", "HDF5"),
        ("a.csv", b"<html>", "HTML"),
    ],
)
def test_other_kinds_of_files(refuse_file, name, data, kind):
    assert the(refuse_file(name, data), "intake.wrong_kind").params["found"] == kind


def test_spreadsheets_are_named_as_such(refuse_file):
    book = zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})
    assert the(refuse_file("Book.XLSX", book), "intake.wrong_kind").params["found"] == "Office .XLSX"


def test_nothing_that_is_known(counter):
    finding = the(counter.refused({"a.xyz": b"\0\1", "b.xyz": b"\0\1", "c.R": "x <- 1"}), "dataset.no_layout")
    assert finding.params["found"] == "2 .xyz, 1 .r"
    assert "Croissant" in said(finding)


def test_names_that_say_another_kind_are_warned_of(counter):
    bundle = counter.open({"cat/a.png": b"\xff\xd8\xff" + bytes(30), "dog/b.png": PNG})
    assert [example.value for example in the(bundle.findings, "dataset.kind_differs").examples] == ["cat/a.png"]


def test_large_images_are_refused_by_name(counter):
    findings = counter.refused({"cat/a.png": PNG, "dog/b.png": PNG + bytes(100)}, Limits(media_bytes=50))
    assert [f.file for f in findings if f.id == "dataset.file_large"] == ["dog/b.png"]


def test_what_people_are_shown_cannot_move_their_cursor(tmp_path):
    name = "evil\u202ecsv.txt"
    findings = refused(archive(tmp_path / "a.zip", member(name), member("b.csv")))
    assert "package.zip_name" in ids(findings)


def test_files_deep_down(tmp_path):
    path = "/".join("abcdefghijklmnopqrstuvwxyz") + "/a.csv"
    bundle = open_dataset(archive(tmp_path / "a.zip", member(path)))
    assert bundle.table.rows() == [("1", "a")]


def test_only_the_path_itself_is_read(tmp_path):
    """Neither neighbours of a single file nor anything above a folder is ever opened."""
    (tmp_path / "README.md").write_text("# Licence\nMIT")
    (tmp_path / "dataset.toml").write_text("nonsense")
    bundle = open_dataset(written(tmp_path / "a.csv", CSV.encode()))
    assert [file.path for file in bundle.files] == ["a.csv"]
    assert bundle.provenance.licences == ()
