"""A consistent backup while the server runs, the same for both engines, so that it is also the way from one to the other.

Every table is read in one snapshot and written to a SQLite file. Stored files never change, but come and go: they are
linked into the backup's own folder before the snapshot and once more after it, so whatever a row of the snapshot names is
there. The archive is a plain tar that only its owner can read: ``manifest.json`` (schema, counts, digests),
``database.sqlite3``, ``files/…`` and the secret that signs links.
"""

import contextlib
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Table, create_engine, func, insert, inspect, select, text
from sqlmodel import SQLModel

from leaderboard import __version__
from leaderboard.core.database import Database, migrate, schema_versions
from leaderboard.core.settings import Settings

FORMAT: Final = "jiebang-backup/1"
ROWS_AT_ONCE: Final = 2_000
BLOCK: Final = 1 << 20


class BackupRefused(Exception):
    """Why nothing was written or restored; a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an archive holds."""

    rows: int
    files: int
    bytes: int


def backup(settings: Settings, out: Path) -> Summary:
    """Writes the archive; ``out`` must not be there yet. Raises BackupRefused."""
    if out.exists():
        raise BackupRefused(f"{out} is there already")
    if not out.parent.is_dir():
        raise BackupRefused(f"there is no folder {out.parent}")
    if not settings.data_dir.is_dir():
        raise BackupRefused(f"there is no data folder {settings.data_dir}: set JIEBANG_DATA_DIR")
    database = Database(settings.database_address)
    partial = out.with_name(f".{out.name}.partial")
    try:
        have, want = schema_versions(database)
        if have != want:
            raise BackupRefused("the database does not have this program's schema: run jiebang migrate first")
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".backup-") as scratch:
            copy, files = Path(scratch) / "database.sqlite3", Path(scratch) / "files"
            counts = _dump(database, copy, link=lambda: _link(settings.data_dir / "files", files))
            with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                with tarfile.open(fileobj=file, mode="w") as archive:
                    summary = _write(archive, settings, Path(scratch), counts, have)
                file.flush()
                os.fsync(file.fileno())
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
        database.dispose()
    return summary


def _link(source: Path, target: Path) -> None:
    """Gives every stored file a second name, so that it outlives its deletion while the archive is written."""
    target.mkdir(exist_ok=True)
    for entry in os.scandir(source) if source.is_dir() else ():
        place = target / entry.name
        if entry.is_dir(follow_symlinks=False):
            _link(Path(entry.path), place)
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith(".") and not place.exists():
            # Deleted meanwhile: by a row that the snapshot does not have, or that the first round has caught.
            with contextlib.suppress(FileNotFoundError):
                os.link(entry.path, place)


def _dump(database: Database, copy: Path, *, link: Callable[[], None]) -> dict[str, int]:
    """Copies every table; ``link`` is called right before the snapshot and as soon as it stands.

    Nothing slow comes in between: a file that is stored and deleted again in that time would be in neither round.
    """
    address = f"sqlite:///{copy}"
    migrate(address)
    target = create_engine(address)
    source = (
        database.engine.execution_options(isolation_level="REPEATABLE READ")
        if not database.is_sqlite
        else database.engine
    )
    with source.connect() as reading, target.begin() as writing:
        reading.execute(text("SELECT 1"))  # connected: only now does the clock run
        reading.rollback()
        link()
        reading.execute(text("SELECT version_num FROM alembic_version"))
        link()
        counts = {table.name: _copy(reading, writing, table) for table in SQLModel.metadata.sorted_tables}
    target.dispose()
    return counts


def _copy(reading: Connection, writing: Connection, table: Table) -> int:
    copied = 0
    for rows in _blocks(reading, table):
        writing.execute(insert(table), rows)
        copied += len(rows)
    return copied


def _blocks(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    result = reading.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
    for block in result.mappings().partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in block]


def _write(archive: tarfile.TarFile, settings: Settings, folder: Path, counts: dict[str, int], schema: Any) -> Summary:
    members = [(str(path.relative_to(folder)), path) for path in sorted(folder.rglob("*")) if path.is_file()]
    if settings.secret_key is None:
        assert settings.secret
        members.append(("secret", settings.data_dir / "secret"))
    digests: dict[str, str] = {}
    total = 0
    for name, path in members:
        digests[name] = _digest(path)
        archive.add(path, name, recursive=False)
        total += path.stat().st_size
    manifest = {
        "format": FORMAT,
        "program": __version__,
        "schema": list(schema),
        "rows": counts,
        "sha256": digests,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    archive.add(folder / "manifest.json", "manifest.json")
    files = sum(name.startswith("files/") for name, _ in members)
    return Summary(sum(counts.values()), files, total)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return _hash(file)


def _hash(file: IO[bytes]) -> str:
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def restore(settings: Settings, source: Path) -> Summary:
    """Puts an archive into an empty installation (its database on either engine). Raises BackupRefused.

    The rows are committed last: whatever goes wrong, the database stays empty.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as scratch:
        folder = Path(scratch)
        manifest = _unpacked(source, folder)
        migrate(settings.database_address)
        database = Database(settings.database_address)
        try:
            _refuse_used(database, settings)
            have, _ = schema_versions(database)
            if list(have) != manifest["schema"]:
                raise BackupRefused(
                    f"the backup has schema {manifest['schema']}, this program {list(have)}: restore it with"
                    f" jiebang {manifest['program']}, then update"
                )
            with _loaded(database, folder / "database.sqlite3") as counts:
                if counts != manifest["rows"]:
                    raise BackupRefused("the archive's tables do not have the rows that its manifest states")
                files = _place(settings, folder)
        finally:
            database.dispose()
    return Summary(sum(counts.values()), files, source.stat().st_size)


def _refuse_used(database: Database, settings: Settings) -> None:
    with database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if connection.execute(select(func.count()).select_from(table)).scalar_one():
                raise BackupRefused(f"this installation is in use: its table {table.name} has rows")
    files = settings.data_dir / "files"
    if files.exists() and any(files.iterdir()):
        raise BackupRefused(f"this installation is in use: there are files in {files}")


def _unpacked(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BackupRefused(f"{source} is not a whole backup: {error}") from error
    known = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    if not known or not {"program", "schema", "rows", "sha256"} <= manifest.keys():
        raise BackupRefused(f"{source} is not a backup of a form that this program knows")
    damaged = [name for name, digest in manifest["sha256"].items() if not _is(folder / name, digest)]
    if damaged:
        raise BackupRefused(f"the backup is damaged: {', '.join(damaged[:5])}")
    return manifest


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and _digest(path) == digest


@contextlib.contextmanager
def _loaded(database: Database, copy: Path) -> Iterator[dict[str, int]]:
    """The rows, in a transaction that is committed when the block ends without an error."""
    source = create_engine(f"sqlite:///{copy}")
    engine = database.engine.execution_options(jiebang_write=True)
    try:
        with source.connect() as reading, engine.begin() as writing:
            counts = {table.name: _copy(reading, writing, table) for table in SQLModel.metadata.sorted_tables}
            if not database.is_sqlite:
                _advance_sequences(writing)
            yield counts
    finally:
        source.dispose()


def _advance_sequences(writing: Connection) -> None:
    """The next id comes after those that were restored."""
    quote = inspect(writing).dialect.identifier_preparer.quote
    for table in SQLModel.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            name, key = quote(table.name), quote(column.name)
            writing.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', '{column.name}'),"  # noqa: S608 - our own names
                    f" coalesce(max({key}), 0) + 1, false) FROM {name}"
                )
            )


def _place(settings: Settings, folder: Path) -> int:
    moved = 0
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            target = settings.data_dir / "files" / path.relative_to(folder / "files")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _move(path, target)
            moved += 1
    if (folder / "secret").exists():
        (folder / "secret").chmod(0o600)
        _move(folder / "secret", settings.data_dir / "secret")
    return moved


def _move(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.rename(target)
