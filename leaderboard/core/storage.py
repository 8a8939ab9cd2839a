"""Where files live. A key such as ``submissions/12/17.csv`` names a file that never changes once it is there."""

import os
import re
import shutil
from pathlib import Path
from secrets import token_hex
from typing import Protocol

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class Storage(Protocol):
    """Three verbs; keys are made by this program, never by users."""

    def put(self, key: str, source: Path) -> None:
        """Takes over the file at ``source`` (which is gone afterwards); durable when this returns.

        Raises FileExistsError when the key is taken: stored files are never overwritten.
        """
        ...

    def path(self, key: str) -> Path:
        """A local, read-only path with the file's bytes. Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None:
        """Removes the file; nothing happens where there is none."""
        ...


class FolderStorage:
    """Files in one folder, readable by this process's user alone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key!r}")
        return self.root / key

    def put(self, key: str, source: Path) -> None:
        place = self._place(key)
        self._make(place.parent)
        _sync(source)  # before it has its name: a name never stands for bytes that a power cut can take
        try:
            os.link(source, place)  # fails when the key is taken, which a rename would not
        except FileExistsError:
            raise
        except OSError:
            self._copy(source, place)  # another file system
        source.unlink()
        _sync(place.parent)

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self.root:
            self._make(folder.parent)
            folder.mkdir(exist_ok=True, mode=0o700)
        else:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(folder.parent)

    @staticmethod
    def _copy(source: Path, place: Path) -> None:
        partial = place.with_name(f".{place.name}.{token_hex(6)}")
        try:
            shutil.copyfile(source, partial)
            _sync(partial)
            os.link(partial, place)
        finally:
            partial.unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        place = self._place(key)
        if not place.is_file():
            raise FileNotFoundError(key)
        return place

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Has the disk keep a file's bytes, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
