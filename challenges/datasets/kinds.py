"""What kind of file something is: told by its first bytes, and by its name only where the bytes are plain text."""

from pathlib import PurePosixPath
from typing import Final

from challenges.intake.unpacking import _SIGNATURES as WRONG_KINDS

TABLES: Final = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
"""Endings of tables that are read, each also with .gz behind it."""
IMAGES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
SOUNDS: Final = (".wav",)
UNREAD_MEDIA: Final = (
    ".bmp",
    ".tif",
    ".tiff",
    ".svg",
    ".heic",
    ".mp3",
    ".flac",
    ".ogg",
    ".m4a",
    ".aac",
    ".mp4",
    ".avi",
    ".mov",
)
"""Endings of images, sounds and videos that nothing here can read."""
TEXTS: Final = (".txt", ".md")
PROGRAMS: Final = frozenset({"pickle", "ELF", "Windows .exe"})
"""Kinds that run when they are opened; they are refused although nothing here would open them."""
OFFICE: Final = (".xlsx", ".docx", ".pptx", ".ods", ".odt")

_MEDIA_TYPES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftyp", "video/mp4"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"%PDF", "application/pdf"),
)
_TEXT_TYPES: Final = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".md": "text/markdown",
    ".toml": "application/toml",
    ".txt": "text/plain",
}
_NAMED: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".wav": "audio/wav",
}
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13})


def suffix(path: str) -> str:
    """The ending of a name in small letters, as if .gz were not there.

    >>> suffix("data/Train.CSV.gz")
    '.csv'
    """
    name = PurePosixPath(path.lower()).name
    return PurePosixPath(name.removesuffix(".gz")).suffix


def media_type(head: bytes, path: str) -> str:
    """The media type of a file whose first bytes are `head`."""
    for offset, magic, found in _MEDIA_TYPES:
        if head[offset : offset + len(magic)] == magic:
            return found
    if any(byte in _CONTROLS for byte in head):
        return "application/octet-stream"
    return _TEXT_TYPES.get(PurePosixPath(path.lower()).suffix, "text/plain")


def program(head: bytes) -> str | None:
    """The kind of program or pickle that `head` begins, if it does."""
    for offset, magic, kind in WRONG_KINDS:
        if kind in PROGRAMS and head[offset : offset + len(magic)] == magic:
            return kind
    return None


def misnamed(path: str, found: str) -> bool:
    """Whether the name of an image or sound says another kind than its bytes.

    >>> misnamed("a.png", "image/jpeg"), misnamed("a.png", "image/png"), misnamed("a.csv", "text/plain")
    (True, False, False)
    """
    said = _NAMED.get(PurePosixPath(path.lower()).suffix)
    return said is not None and said != found
