"""Where files live. A key such as ``submissions/12/17.csv`` names a file that never changes once it is there."""

import os
import re
import shutil
from pathlib import Path
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
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        try:
            os.link(source, place)  # fails when the key is taken, which a rename would not
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            self._copy(source, place)  # another file system
        source.unlink()
        _sync_folder(place.parent)

    @staticmethod
    def _copy(source: Path, place: Path) -> None:
        partial = place.with_name(f".{place.name}.{os.getpid()}")
        shutil.copyfile(source, partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.link(partial, place)
        partial.unlink()

    def path(self, key: str) -> Path:
        place = self._place(key)
        if not place.is_file():
            raise FileNotFoundError(key)
        return place

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
