"""Verbs of whoever runs an installation: migrate, serve, backup, restore, rebuild, doctor."""

import contextlib
import signal
import socket
import time

import httpx
import pytest
from sqlalchemy import create_engine, text

from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.exchange.relevance.semantic import installed_embedders
from leaderboard.rankings.models import Standing
from tests.rankings.conftest import harbour

__all__ = ["harbour"]
on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@pytest.fixture
def installed(jiebang, harbour):
    """The command pointed at an installation with a board."""
    harbour.hand_in("a", 0.7)
    harbour.hand_in("b", 0.8)
    settings: Settings = harbour.resources.settings
    jiebang.environment.update(JIEBANG_DATA_DIR=str(settings.data_dir), JIEBANG_DATABASE_URL=settings.database_address)
    return jiebang


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_migrate_makes_the_database_and_can_be_run_again(jiebang):
    for _ in range(2):
        done = jiebang("migrate")
        assert (done.code, done.out) == (0, "The database has the newest schema.\n")
    assert (jiebang.folder / "var" / "jiebang.sqlite3").is_file()
    assert "最新" in jiebang("migrate", JIEBANG_LANG="zh").out


@on_sqlite
def test_rebuild_finds_tampering_and_mends_it(installed, harbour):
    assert installed("rebuild", "--check").code == 0
    resources: Resources = harbour.resources
    with resources.write() as work:
        work.session.get_one(Standing, (harbour.phase_id, harbour.teams["a"])).weakness = -0.99
    found = installed("rebuild", "--check")
    assert found.code == 1
    assert "slices" in found.out
    assert installed("rebuild").code == 0
    assert installed("rebuild", "--check").code == 0


def test_backup_and_restore(installed, tmp_path):
    archive = tmp_path / "backup.tar"
    made = installed("backup", archive)
    assert made.code == 0, made.err
    assert archive.is_file()
    assert installed("backup", archive).code == 1  # never over something
    used = installed("restore", archive)
    assert (used.code, "in use" in used.err) == (1, True)
    empty = {"JIEBANG_DATA_DIR": str(tmp_path / "other"), "JIEBANG_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    assert installed("restore", archive, **empty).code == 0
    assert installed("rebuild", "--check", **empty).code == 0
    archive.write_bytes(archive.read_bytes()[:5_000])
    damaged = installed("restore", archive, **{**empty, "JIEBANG_DATABASE_URL": f"sqlite:///{tmp_path / 'third.db'}"})
    assert damaged.code == 1


def test_a_database_that_is_away_is_said_in_a_sentence(jiebang, tmp_path):
    away = "postgresql+psycopg://jiebang:hush@127.0.0.1:1/none"
    for verb in (["migrate"], ["rebuild", "--check"]):
        done = jiebang(*verb, JIEBANG_DATABASE_URL=away)
        assert done.code == 1
        assert "jiebang doctor" in done.err
        assert "hush" not in done.err


class TestDoctor:
    def signs(self, jiebang, **environment):
        return {one["what"]: one["state"] for one in jiebang("doctor", "--json", **environment).json}

    def wrong(self, jiebang, **environment):
        return [what for what, state in self.signs(jiebang, **environment).items() if state == "wrong"]

    def test_a_sound_installation(self, jiebang):
        jiebang("migrate")
        done = jiebang("doctor")
        assert done.code == 0, done.out
        assert "✓" in done.out
        assert "✗" not in done.out
        assert jiebang("doctor", JIEBANG_LANG="zh").out != done.out

    def test_how_the_exchange_compares(self, jiebang):
        (said,) = [what for what in self.signs(jiebang) if what.startswith("The exchange compares")]
        assert ("meanings" in said) == bool(installed_embedders())

    def test_an_old_schema(self, jiebang):
        (fault,) = self.wrong(jiebang)
        assert "jiebang migrate" in fault

    def test_a_database_that_is_away(self, jiebang):
        faults = self.wrong(jiebang, JIEBANG_DATABASE_URL="postgresql+psycopg://jiebang:hush@127.0.0.1:1/none")
        assert any("JIEBANG_DATABASE_URL" in fault for fault in faults)
        assert not any("hush" in fault for fault in faults)

    def test_a_mail_server_that_is_dead(self, jiebang):
        jiebang("migrate")
        faults = self.wrong(jiebang, JIEBANG_SMTP_URL="smtp://me:hush@127.0.0.1:1")
        assert [fault for fault in faults if "127.0.0.1:1" in fault]
        assert not any("hush" in fault for fault in faults)

    def test_addresses_that_people_cannot_use(self, jiebang):
        jiebang("migrate")
        assert any("not an address" in fault for fault in self.wrong(jiebang, JIEBANG_BASE_URL="jiebang.example"))
        assert any("HTTPS" in fault for fault in self.wrong(jiebang, JIEBANG_BASE_URL="http://jiebang.example"))

    def test_a_data_folder_that_is_a_file(self, jiebang):
        place = jiebang.folder / "occupied"
        place.write_text("x")
        faults = self.wrong(jiebang, JIEBANG_DATA_DIR=str(place))
        assert any("JIEBANG_DATA_DIR" in fault for fault in faults)

    def test_a_secret_that_others_can_read(self, jiebang):
        jiebang("migrate")
        secret = jiebang.folder / "var" / "secret"
        secret.write_text("s")
        secret.chmod(0o644)
        assert any("chmod 600" in fault for fault in self.wrong(jiebang))


class TestServe:
    def started(self, jiebang, *arguments):
        port = free_port()
        running = jiebang.start("serve", "--port", port, "--workers", 0, *arguments)
        for _ in range(2400):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=120)
                return running, port
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    @on_sqlite
    def test_it_ends_in_order_also_while_a_board_is_being_watched(self, installed, number):
        running, port = self.started(installed)
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
            client.stream("GET", "/en/challenges/tides/board/events?phase=open") as stream,
        ):
            lines = stream.iter_lines()
            next(lines)
            running.send_signal(number)
            list(lines)  # the stream ends as it should: a cut line would raise
        _, err = running.communicate(timeout=120)
        assert running.returncode == 0, err
        assert "Traceback" not in err

    def test_a_taken_port_is_said(self, jiebang):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = jiebang("serve", "--port", taken.getsockname()[1])
        assert done.code == 1
        assert "--port" in done.err


@pytest.fixture
def _tampered(installed):
    """An installation whose database claims another schema."""
    engine = create_engine(installed.environment["JIEBANG_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'unknown'"))
    engine.dispose()


@on_sqlite
@pytest.mark.usefixtures("_tampered")
def test_a_backup_of_another_schema_is_refused(installed, tmp_path):
    done = installed("backup", tmp_path / "b.tar")
    assert done.code == 1
    assert "migrate" in done.err
    assert not (tmp_path / "b.tar").exists()
