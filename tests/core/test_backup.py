"""An archive holds everything as of one moment, goes into either engine, and is refused when it is not whole."""

import io
import json
import stat
import tarfile
import threading
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from leaderboard import wiring
from leaderboard.core.backup import BackupRefused, backup, restore
from leaderboard.core.database import Database, migrate
from leaderboard.core.settings import Settings
from leaderboard.rankings import rebuild
from leaderboard.rankings.boards import Asked, board_lines
from leaderboard.submissions.models import Submission

pytestmark = pytest.mark.slow  # together: each migrates one or two databases of its own

ENGINES = ["sqlite", "postgresql"]
on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


def store(resources, key, data):
    source = resources.settings.data_dir / "incoming"
    source.write_bytes(data)
    resources.storage.put(key, source)


@pytest.fixture
def full(harbour):
    """An installation with a board and files."""
    harbour.hand_in("龙舟队", 0.81)
    harbour.hand_in("b", 0.79)
    harbour.hand_in("reference", 0.5, baseline=True)
    store(harbour.resources, "submissions/1/1.csv", b"id,high\n1,0.5\n")
    store(harbour.resources, "packages/tides.zip", b"\x00" * 70_000)
    assert harbour.resources.settings.secret
    return harbour


@pytest.fixture
def archive(full, tmp_path):
    path = tmp_path / "backup.tar"
    backup(full.resources.settings, path)
    return path


@pytest.fixture(params=ENGINES)
def empty(request, tmp_path) -> Settings:
    """The settings of an installation that has nothing yet, on each engine."""
    address = f"sqlite:///{tmp_path / 'other' / 'jiebang.sqlite3'}"
    if request.param == "postgresql":
        address = request.getfixturevalue("another_postgresql")
    return Settings(_env_file=None, data_dir=tmp_path / "other", database_url=address)


@pytest.fixture
def another_postgresql(request):
    from tests.conftest import _administer, _sqlalchemy_address

    uri, _ = request.getfixturevalue("_postgresql_template")
    name = f"restored_{id(request)}"
    _administer(uri, f"CREATE DATABASE {name}")
    yield _sqlalchemy_address(uri, name)
    _administer(uri, f"DROP DATABASE {name} WITH (FORCE)")


def everything(resources):
    with resources.read() as work:
        return {
            table.name: sorted(said(tuple(row)) for row in work.session.execute(table.select()))
            for table in SQLModel.metadata.sorted_tables
        }


def said(row):
    """One text for equal rows: PostgreSQL keeps the keys of JSON in an order of its own."""
    return json.dumps(row, sort_keys=True, default=repr)


def test_what_is_restored_is_what_was_there(full, archive, empty):
    summary = restore(empty, archive)
    restored = wiring.build(empty, clock=full.clock)
    try:
        assert everything(restored) == everything(full.resources)
        assert summary.files == 2
        assert restored.storage.path("submissions/1/1.csv").read_bytes() == b"id,high\n1,0.5\n"
        assert empty.secret == full.resources.settings.secret
        with restored.read() as work:
            assert rebuild.check(work) == []
            lines, _ = board_lines(work.session, full.phase_id, Asked(), now=work.now)
            assert [(line.team, line.place) for line in lines] == [("龙舟队", 1), ("b", 2), ("reference", None)]
        full.resources = restored  # life goes on: new rows get numbers of their own
        assert full.hand_in("b", 0.9) == 4
    finally:
        restored.database.dispose()


@on_sqlite
def test_a_backup_of_a_restored_installation_has_the_same_content(archive, empty, tmp_path):
    restore(empty, archive)
    backup(empty, tmp_path / "again.tar")
    first, second = (manifest(path) for path in (archive, tmp_path / "again.tar"))
    assert first["rows"] == second["rows"]
    assert {name: digest for name, digest in first["sha256"].items() if name != "database.sqlite3"} == {
        name: digest for name, digest in second["sha256"].items() if name != "database.sqlite3"
    }


def manifest(path):
    with tarfile.open(path) as archive:
        return json.load(archive.extractfile("manifest.json"))


@on_sqlite
def test_only_its_owner_may_read_an_archive(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_a_backup_beside_a_writer_is_of_one_moment(full, tmp_path):
    """Every row of the archive has its file, and every board equals its submissions, while both keep coming and going."""
    resources, stop, failures = full.resources, threading.Event(), []

    def write() -> None:
        number, made = 0, []
        while not stop.is_set():
            number += 1
            key = f"submissions/busy/{number}.csv"
            store(resources, key, str(number).encode())
            made.append((full.hand_in(f"team {number % 5}", 0.5 + number % 40 / 100), key))
            name(made[-1][0], key)
            if len(made) > 8:
                submission, key = made.pop(0)
                full.withdraw(submission)
                name(submission, "none")
                resources.storage.delete(key)

    def name(submission: int, key: str) -> None:
        with resources.write() as work:
            row = work.session.get_one(Submission, submission)
            row.storage_key = key
            work.session.add(row)

    def guarded() -> None:
        try:
            write()
        except BaseException as error:
            failures.append(error)
            raise

    writer = threading.Thread(target=guarded)
    writer.start()
    try:
        for number in range(3):
            backup(resources.settings, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    assert failures == []
    for number in range(3):
        check_whole(full, tmp_path, tmp_path / f"{number}.tar")


def check_whole(full, tmp_path, path):
    settings = Settings(_env_file=None, data_dir=tmp_path / f"restored-{path.stem}")
    restore(settings, path)
    restored = wiring.build(settings, clock=full.clock)
    with restored.read() as work:
        assert rebuild.check(work) == []
        for key in work.session.exec(select(Submission.storage_key).where(Submission.storage_key.like("%busy%"))):
            assert restored.storage.path(key).is_file()
    restored.database.dispose()


# Refusals


def refused(act, words):
    with pytest.raises(BackupRefused, match=words):
        act()


def untouched(settings):
    database = Database(settings.database_address)
    with database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            assert connection.execute(table.select()).first() is None
    database.dispose()
    files = settings.data_dir / "files"
    assert not files.exists() or not any(files.rglob("*"))


@on_sqlite
def test_refused_to_write_over_something(full, archive):
    refused(lambda: backup(full.resources.settings, archive), "there already")


@on_sqlite
def test_refused_to_write_nowhere(full, tmp_path):
    refused(lambda: backup(full.resources.settings, tmp_path / "no" / "b.tar"), "no folder")


def test_refused_to_back_up_nothing(tmp_path):
    nowhere = Settings(_env_file=None, data_dir=tmp_path / "nowhere")
    refused(lambda: backup(nowhere, tmp_path / "b.tar"), "no data folder")
    assert not (tmp_path / "nowhere").exists()


def test_refused_to_back_up_an_old_schema(tmp_path):
    old = Settings(_env_file=None, data_dir=tmp_path / "old")
    old.data_dir.mkdir()
    refused(lambda: backup(old, tmp_path / "b.tar"), "jiebang migrate")
    assert not list(tmp_path.glob("*.tar"))
    assert not list(tmp_path.glob(".*partial"))


@on_sqlite
def test_refused_an_installation_in_use(full, archive):
    refused(lambda: restore(full.resources.settings, archive), "in use")


@on_sqlite
def test_refused_files_without_rows(archive, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "other")
    (settings.data_dir / "files" / "a").mkdir(parents=True)
    refused(lambda: restore(settings, archive), "there are files")


@pytest.mark.parametrize("position", [0.3, 0.6, 0.97])
@on_sqlite
def test_refused_a_damaged_archive(archive, tmp_path, position):
    data = bytearray(archive.read_bytes())
    at = int(len(data.rstrip(b"\0")) * position)
    data[at : at + 8] = bytes(255 - byte for byte in data[at : at + 8])
    settings = other(archive, tmp_path, bytes(data))
    refused(lambda: restore(settings, archive), "damaged|not a whole backup|not a backup")
    migrate(settings.database_address)
    untouched(settings)


@on_sqlite
def test_refused_an_archive_that_was_cut_off(archive, tmp_path):
    data = archive.read_bytes()
    settings = other(archive, tmp_path, data[: len(data) // 2])
    refused(lambda: restore(settings, archive), "damaged|not a whole backup|not a backup")


@on_sqlite
def test_refused_something_else(archive, tmp_path):
    settings = other(archive, tmp_path, b"PK\x03\x04 a zip")
    refused(lambda: restore(settings, archive), "not a whole backup")


def test_refused_no_file_at_all(tmp_path):
    refused(lambda: restore(Settings(_env_file=None, data_dir=tmp_path / "o"), tmp_path / "no.tar"), "No such file")


@on_sqlite
def test_refused_another_schema_or_form(archive, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "other")
    for change, words in [
        ({"schema": ["0000"]}, "restore it with"),
        ({"format": "other/9"}, "form that this program"),
    ]:
        changed = rewritten(archive, tmp_path / f"{words[:4]}.tar", change)
        refused(lambda changed=changed: restore(settings, changed), words)
    untouched(settings)


@on_sqlite
def test_refused_rows_that_are_not_what_the_manifest_says(archive, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "other")
    rows = manifest(archive)["rows"]
    changed = rewritten(archive, tmp_path / "rows.tar", {"rows": {**rows, "submission": 999}})
    refused(lambda: restore(settings, changed), "do not have the rows")
    untouched(settings)


def other(archive: Path, tmp_path: Path, data: bytes) -> Settings:
    archive.write_bytes(data)
    return Settings(_env_file=None, data_dir=tmp_path / "other")


def rewritten(source, target, change):
    """The archive with another manifest."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()
            if member.name == "manifest.json":
                data = json.dumps({**json.loads(data), **change}).encode()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target
