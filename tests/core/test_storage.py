"""Stored files are durable, never overwritten, and nowhere but in their folder."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.core.storage import FolderStorage


@pytest.fixture
def storage(tmp_path):
    return FolderStorage(tmp_path / "files")


@pytest.fixture
def source(tmp_path):
    def make(data=b"content"):
        path = tmp_path / "incoming"
        path.write_bytes(data)
        return path

    return make


def test_a_file_is_taken_over(storage, source):
    path = source()
    storage.put("submissions/1/2.csv", path)
    assert not path.exists()
    assert storage.path("submissions/1/2.csv").read_bytes() == b"content"


def test_nothing_is_ever_overwritten(storage, source):
    storage.put("a/b", source(b"first"))
    second = source(b"second")
    with pytest.raises(FileExistsError):
        storage.put("a/b", second)
    assert storage.path("a/b").read_bytes() == b"first"
    assert second.read_bytes() == b"second"  # still the caller's


def test_what_is_not_there(storage, source):
    with pytest.raises(FileNotFoundError):
        storage.path("a/b")
    storage.put("a/b", source())
    with pytest.raises(FileNotFoundError):
        storage.path("a")  # a folder is no file
    storage.delete("a/b")
    storage.delete("a/b")
    with pytest.raises(FileNotFoundError):
        storage.path("a/b")


def test_only_this_user_may_look(storage, source):
    storage.put("a/b/c", source())
    for folder in ("", "a", "a/b"):
        assert stat.S_IMODE((storage.root / folder).stat().st_mode) == 0o700


TRICKS = [
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "",
    ".",
    "..",
    "a/.",
    "a/.hidden",
    "-rf",
    "a\0b",
    "a\nb",
    "a b",
    "ä",
    "a/",
    "~x",
]


@pytest.mark.parametrize("key", TRICKS)
def test_keys_with_tricks_are_refused(storage, source, key):
    path = source()
    for act in (lambda: storage.put(key, path), lambda: storage.path(key), lambda: storage.delete(key)):
        with pytest.raises(ValueError, match="not a storage key"):
            act()
    assert path.exists()


@given(key=st.text(max_size=30))
def test_no_key_leads_out(key):
    storage = FolderStorage(Path("/srv/files"))
    try:
        place = storage._place(key)
    except ValueError:
        return
    assert os.path.normpath(place).startswith("/srv/files/")


def test_bytes_are_on_disk_before_their_name_and_names_before_we_return(storage, source, monkeypatch):
    """A power cut at any moment leaves either nothing or the whole file under its key."""
    told = []
    real_sync, real_link, real_unlink = os.fsync, os.link, type(storage.root).unlink

    def name_of(descriptor):
        return Path(f"/proc/self/fd/{descriptor}").readlink().name

    monkeypatch.setattr(os, "fsync", lambda fd: told.append(("sync", name_of(fd))) or real_sync(fd))
    monkeypatch.setattr(os, "link", lambda a, b: told.append(("link", b.name)) or real_link(a, b))
    monkeypatch.setattr(
        type(storage.root), "unlink", lambda self, **how: told.append(("unlink", self.name)) or real_unlink(self, **how)
    )
    parent = storage.root.parent.name
    storage.put("a/b.csv", source())
    assert told == [
        ("sync", parent),  # the new folders
        ("sync", "files"),
        ("sync", "incoming"),
        ("link", "b.csv"),
        ("unlink", "incoming"),
        ("sync", "a"),
    ]


def test_from_another_file_system_it_is_copied_and_no_piece_is_left(storage, source, monkeypatch):
    real = os.link

    def link(a, b):
        if a.name == "incoming":
            raise OSError(errno.EXDEV, "another file system")
        real(a, b)

    monkeypatch.setattr(os, "link", link)
    storage.put("a/b", source(b"first"))
    with pytest.raises(FileExistsError):
        storage.put("a/b", source(b"second"))
    assert storage.path("a/b").read_bytes() == b"first"
    assert [path.name for path in (storage.root / "a").iterdir()] == ["b"]
