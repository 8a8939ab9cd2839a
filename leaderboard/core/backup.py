"""A consistent backup while the server runs, the same for both engines, so that it is also the way from one to the other.

Every table is read in one snapshot and written to a SQLite file; stored files never change once a row names them, so
copying them after the snapshot loses nothing. The archive is a plain tar: ``manifest.json`` (schema, counts, digests),
``database.sqlite3``, ``files/…`` and the secret that signs links.
"""

import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
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
    database = Database(settings.database_address)
    have, want = schema_versions(database)
    if have != want:
        raise BackupRefused("the database does not have this program's schema: run jiebang migrate first")
    partial = out.with_name(f".{out.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
            copy = Path(scratch) / "database.sqlite3"
            counts = _dump(database, copy)
            with tarfile.open(partial, "w") as archive:
                summary = _write(archive, settings, copy, counts, have)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
        database.dispose()
    return summary


def _dump(database: Database, copy: Path) -> dict[str, int]:
    address = f"sqlite:///{copy}"
    migrate(address)
    target = create_engine(address)
    source = (
        database.engine.execution_options(isolation_level="REPEATABLE READ")
        if not database.is_sqlite
        else database.engine
    )
    with source.connect() as reading, target.begin() as writing:
        writing.execute(text("PRAGMA foreign_keys=OFF"))
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


def _write(archive: tarfile.TarFile, settings: Settings, copy: Path, counts: dict[str, int], schema: Any) -> Summary:
    root = settings.data_dir / "files"
    members = [("database.sqlite3", copy)]
    members += [(f"files/{path.relative_to(root)}", path) for path in sorted(root.rglob("*")) if path.is_file()]
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
    with tempfile.NamedTemporaryFile() as file:
        file.write(json.dumps(manifest, indent=1).encode())
        file.flush()
        archive.add(file.name, "manifest.json")
    return Summary(sum(counts.values()), len(members), total)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return _hash(file)


def _hash(file: IO[bytes]) -> str:
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def restore(settings: Settings, source: Path) -> Summary:
    """Puts an archive into an empty installation (its database on either engine). Raises BackupRefused."""
    migrate(settings.database_address)
    database = Database(settings.database_address)
    try:
        _refuse_used(database, settings)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            manifest = _unpacked(source, folder)
            have, _ = schema_versions(database)
            if list(have) != manifest["schema"]:
                raise BackupRefused(
                    f"the backup has schema {manifest['schema']}, this program {list(have)}: restore it with"
                    f" jiebang {manifest['program']}, then update"
                )
            counts = _load(database, folder / "database.sqlite3")
            if counts != manifest["rows"]:
                raise BackupRefused("the restored tables do not have the rows that the manifest states")
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
        raise BackupRefused(f"{source} is not a backup: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"{source} is not a backup of a form that this program knows")
    damaged = [name for name, digest in manifest["sha256"].items() if not _is(folder / name, digest)]
    if damaged:
        raise BackupRefused(f"the backup is damaged: {', '.join(damaged[:5])}")
    return manifest


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and _digest(path) == digest


def _load(database: Database, copy: Path) -> dict[str, int]:
    source = create_engine(f"sqlite:///{copy}")
    engine = database.engine.execution_options(jiebang_write=True)
    with source.connect() as reading, engine.begin() as writing:
        counts = {table.name: _copy(reading, writing, table) for table in SQLModel.metadata.sorted_tables}
        if not database.is_sqlite:
            _advance_sequences(writing)
    source.dispose()
    return counts


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
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    moved = 0
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            target = settings.data_dir / "files" / path.relative_to(folder / "files")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _move(path, target)
            moved += 1
    if (folder / "secret").exists():
        _move(folder / "secret", settings.data_dir / "secret")
        (settings.data_dir / "secret").chmod(0o600)
    return moved


def _move(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(BLOCK):
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
