"""Archives: the same bytes for the same package, nothing hidden in the public one, no harm from a stranger's."""

import io
import os
import stat
import struct
import warnings
import zipfile

import pytest

import challenges
from challenges import packing
from challenges.findings import PackageRefused

pytestmark = pytest.mark.hostile


def refusals(archive, folder, **limits):
    with pytest.raises(PackageRefused) as refused:
        challenges.unpack(archive, folder, **limits)
    assert not folder.exists()
    assert not list(folder.parent.glob(".unpacking-*"))
    return {finding.id: finding for finding in refused.value.findings}


@pytest.fixture
def zipped(tmp_path):
    """Writes an archive from (name or ZipInfo, bytes)."""

    def write(*entries, name="sent.zip", method=zipfile.ZIP_DEFLATED):
        path = tmp_path / name
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
            warnings.simplefilter("ignore")  # of the same name twice, which is the point
            for entry, data in entries:
                archive.writestr(entry, data)
        return path

    return write


def test_there_and_back_again(package, tmp_path):
    packed = challenges.pack(package, tmp_path / "out")
    assert packed.full.name == "late-trains-1.0.0.zip"
    assert packed.public.name == "late-trains-1.0.0-public.zip"
    challenges.unpack(packed.full, tmp_path / "back")
    assert challenges.load(tmp_path / "back").digest == packed.digest == challenges.load(package).digest


def test_the_same_package_gives_the_same_bytes(package, tmp_path):
    first = challenges.pack(package, tmp_path / "one")
    for path in package.rglob("*"):
        os.utime(path, (10**9, 10**9))
    (package / "challenge.toml").chmod(0o600)
    (package / ".DS_Store").write_text("x")
    second = challenges.pack(package, tmp_path / "two")
    assert first.full.read_bytes() == second.full.read_bytes()
    assert first.public.read_bytes() == second.public.read_bytes()


def test_the_public_archive_holds_nothing_hidden(package, tmp_path, expect):
    expect(package, {"auc": {"public": 0.5}})
    hidden = [path for path in package.rglob("*") if path.is_file() and path.parent.name in {"answers", "baseline"}]
    hidden += [package / "expected.json", package / "challenge.toml"]
    secrets = {path.read_bytes() for path in hidden}
    with zipfile.ZipFile(challenges.pack(package, tmp_path / "out").public) as archive:
        assert archive.namelist() == ["README.en.md", "README.zh.md", "public/test.csv", "public/train.csv"]
        assert secrets.isdisjoint(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("hidden", ["answers/arrivals.csv", "baseline/constant.csv", "expected.json"])
def test_a_copy_of_a_hidden_file_is_not_packed(package, tmp_path, expect, hidden):
    expect(package, {})
    (package / "public/innocent.bin").write_bytes((package / hidden).read_bytes())
    with pytest.raises(PackageRefused) as refused:
        challenges.pack(package, tmp_path / "out")
    (finding,) = refused.value.findings
    assert (finding.id, finding.file, finding.params) == (
        "package.leak_same_file",
        "public/innocent.bin",
        {"hidden": hidden},
    )
    assert not (tmp_path / "out").exists()


def test_a_package_with_errors_is_not_packed(package, tmp_path):
    (package / "README.zh.md").unlink()
    with pytest.raises(PackageRefused):
        challenges.pack(package, tmp_path / "out")


def test_a_package_in_a_folder_is_found_and_what_systems_add_left_out(package, tmp_path, zipped):
    files = [
        (f"./my trains/{p.relative_to(package).as_posix()}", p.read_bytes()) for p in package.rglob("*") if p.is_file()
    ]
    extra = [("my trains/", b""), ("my trains/.DS_Store", b"x"), ("__MACOSX/my trains/._challenge.toml", b"x")]
    challenges.unpack(zipped(*extra, *files), tmp_path / "back")
    assert challenges.load(tmp_path / "back").digest == challenges.load(package).digest
    assert not list((tmp_path / "back").rglob(".*"))


def test_names_written_in_gb18030_are_read(tmp_path, zipped):
    raw = zipped(("public/AAAA.csv", b"1"), ("challenge.toml", b"2")).read_bytes()
    archive = tmp_path / "gbk.zip"
    archive.write_bytes(raw.replace(b"AAAA", "数据".encode("gb18030")))
    challenges.unpack(archive, tmp_path / "back")
    assert (tmp_path / "back/public/数据.csv").read_bytes() == b"1"


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a//b",
        "a/./b",
        "a\\..\\evil",
        "C:\\evil",
        "c:evil",
        "nul\x07",
        "a/b ",
        "a." * 120,
        "x" * 300,
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path, zipped, name):
    found = refusals(zipped(("challenge.toml", b""), (name, b"x")), tmp_path / "in" / "back")
    assert found["package.zip_name"].value == name[:200]
    assert [path.name for path in tmp_path.rglob("*evil*")] == []


def entry(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def test_links_and_devices_are_refused_all_at_once(tmp_path, zipped):
    archive = zipped(
        (entry("link", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (entry("pipe", stat.S_IFIFO | 0o644), b""),
        (entry("device", stat.S_IFCHR | 0o644), b""),
        ("../up", b""),
    )
    found = refusals(archive, tmp_path / "back")
    assert set(found) == {"package.zip_link", "package.zip_special", "package.zip_name"}
    assert found["package.zip_special"].count == 2
    assert [example.value for example in found["package.zip_special"].examples] == ["pipe", "device"]


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a.csv", "A.csv"), ("a", "a/b"), ("a/b/c", "a/b"), ("Ordner/x", "ORDNER")]
)
def test_names_that_would_write_over_each_other_are_refused(tmp_path, zipped, names):
    assert set(refusals(zipped(*((name, b"x") for name in names)), tmp_path / "back")) == {"package.zip_name_twice"}


def test_the_size_and_number_of_files_are_limited_before_anything_is_written(tmp_path, zipped):
    bomb = zipped(("a", bytes(3_000_000)), ("b", bytes(3_000_000)))
    assert bomb.stat().st_size < 10_000
    found = refusals(bomb, tmp_path / "back", max_bytes=5_000_000)
    assert found["package.zip_too_large"].params == {"bytes": 6_000_000, "most": 5_000_000}
    many = zipped(*((f"f{number}", b"") for number in range(30)), name="many.zip")
    assert refusals(many, tmp_path / "back", max_files=20)["package.too_many_files"].params["count"] == 30
    challenges.unpack(bomb, tmp_path / "back", max_bytes=6_000_000)


def lie_about_size(raw: bytes, declared: int) -> bytes:
    """The archive with another size of the first file in both of its headers."""
    central = raw.index(b"PK\x01\x02")
    raw = raw[:22] + struct.pack("<I", declared) + raw[26:]
    return raw[: central + 24] + struct.pack("<I", declared) + raw[central + 28 :]


@pytest.mark.parametrize("declared", [10, 1_000_001])
def test_a_size_that_is_a_lie_is_found_out(tmp_path, zipped, declared):
    archive = tmp_path / "lie.zip"
    archive.write_bytes(lie_about_size(zipped(("challenge.toml", bytes(1_000_000))).read_bytes(), declared))
    assert set(refusals(archive, tmp_path / "back", max_bytes=2_000_000)) == {"package.zip_damaged"}


def test_files_that_share_their_bytes_count_as_many_times_as_they_unpack(tmp_path, zipped):
    """Entries of the directory that all point at one small, well compressed file."""
    raw = zipped(("a", bytes(1_000_000))).read_bytes()
    central, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    record = raw[central:end]
    records = b"".join(record[:-1] + bytes([65 + number]) for number in range(20))
    tail = bytearray(raw[end:])
    struct.pack_into("<HHII", tail, 8, 20, 20, len(records), central)
    archive = tmp_path / "shared.zip"
    archive.write_bytes(raw[:central] + records + bytes(tail))
    assert "package.zip_too_large" in refusals(archive, tmp_path / "back", max_bytes=5_000_000)


def test_a_directory_without_end_is_not_even_listed(tmp_path, zipped, monkeypatch):
    archive = zipped(*((f"{number}", b"") for number in range(500)))
    monkeypatch.setattr(zipfile, "ZipFile", None)  # listing it would be the harm
    assert set(refusals(archive, tmp_path / "back", max_files=40)) == {"package.zip_long_directory"}


def test_large_archives_are_measured_by_their_large_record(tmp_path, zipped, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 9)  # so that few files already make it a large archive
    archive = zipped(*((f"{number}", b"") for number in range(500)))
    assert b"PK\x06\x06" in archive.read_bytes()[-200:]
    challenges.unpack(archive, tmp_path / "all")
    assert set(refusals(archive, tmp_path / "back", max_files=499)) == {"package.too_many_files"}
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert set(refusals(archive, tmp_path / "back", max_files=40)) == {"package.zip_long_directory"}
    raw = bytearray(archive.read_bytes())
    struct.pack_into("<Q", raw, len(raw) - 22 - 12, 5)
    archive.write_bytes(raw)
    assert set(refusals(archive, tmp_path / "back")) == {"package.zip_damaged"}


def test_locked_and_oddly_compressed_files_are_refused(tmp_path, zipped):
    raw = bytearray(zipped(("a", b"x")).read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[6] |= 1
    raw[central + 8] |= 1
    locked = tmp_path / "locked.zip"
    locked.write_bytes(raw)
    assert set(refusals(locked, tmp_path / "back")) == {"package.zip_encrypted"}
    odd = zipped(("a", b"x" * 100), name="odd.zip", method=zipfile.ZIP_LZMA)
    assert set(refusals(odd, tmp_path / "back")) == {"package.zip_method"}


def test_what_is_no_archive_or_a_piece_of_one_is_refused(tmp_path, zipped):
    whole = zipped(*((f"f{number}", os.urandom(50)) for number in range(20))).read_bytes()
    sent = tmp_path / "x.zip"
    for data, message in [
        (b"", "package.not_a_zip"),
        (b"id,p\n1,2\n", "package.not_a_zip"),
        (whole[:-30], "package.zip_damaged"),
    ]:
        sent.write_bytes(data)
        assert set(refusals(sent, tmp_path / "back")) == {message}


def test_flipped_bytes_never_make_it_stumble(tmp_path, zipped):
    whole = zipped(("challenge.toml", b"a = 1\n" * 50), ("public/a", os.urandom(40))).read_bytes()
    sent = tmp_path / "x.zip"
    for position in range(len(whole)):
        data = bytearray(whole)
        data[position] ^= 0xFF
        sent.write_bytes(data)
        folder = tmp_path / f"back{position}"
        try:
            challenges.unpack(sent, folder)
        except PackageRefused:
            assert not folder.exists()
        else:
            inside = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
            assert all(".." not in path.parts for path in inside)


def test_nothing_is_written_over(tmp_path, zipped):
    folder = tmp_path / "back"
    folder.mkdir()
    with pytest.raises(FileExistsError):
        challenges.unpack(zipped(("a", b"x")), folder)


def test_a_file_that_goes_on_beyond_its_size_is_cut_off():
    sink = io.BytesIO()
    with pytest.raises(zipfile.BadZipFile):
        packing._copy(io.BytesIO(bytes(100)), sink, 99)
    assert len(sink.getvalue()) <= 99
