"""Hashes and sizes that descriptions state for files, held against the files themselves."""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from challenges.datasets.bundle import HashClaim
from challenges.datasets.desk import Desk
from challenges.datasets.holding import reading
from challenges.intake.ledger import Unreadable
from challenges.intake.unpacking import STEP
from challenges.values import is_inner_path

Algorithm = Literal["md5", "sha1", "sha256", "sha512", "bytes"]
LENGTHS: Final[dict[Algorithm, int]] = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
LISTS: Final = (
    "sha256sums",
    "sha256sums.txt",
    "checksums.sha256",
    "sha256sum.txt",
    "manifest-sha256.txt",
    "checksums.txt",
)
"""Names, in small letters, of lists as `sha256sum` writes them."""
_LINE: Final = re.compile(r"^\\?([0-9a-fA-F]{64})[ \t]+\*?(.+)$")
_SIZE: Final = re.compile(r"^(\d{1,15}(?:\.\d{1,6})?)\s?(?:([kKMGT]i?)?(?:B|bytes)?)$")
_UNITS: Final = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}


def claim(
    desk: Desk, path: str, written: Any, size: Any, where: str, *, algorithm: Algorithm = "md5"
) -> HashClaim | None:
    """What is stated about a file, a hash (`written`) or its size in bytes, with what is found; None where it is neither.

    A hash may be preceded by its algorithm and a colon, as Frictionless writes it; otherwise it is one of `algorithm`.
    """
    if size is not None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            return None
        return HashClaim(path, "bytes", str(size), str(desk.holding.sizes[path]), where)
    if not isinstance(written, str):
        return None
    name, colon, digest = written.strip().rpartition(":")
    named = next((known for known in LENGTHS if known == name.lower().replace("-", "")), None) if colon else algorithm
    if named is None or len(digest) != LENGTHS[named] or not re.fullmatch(r"[0-9a-fA-F]+", digest):
        return None
    return HashClaim(path, named, digest.lower(), _found(desk, path, named), where)


def _found(desk: Desk, path: str, algorithm: Algorithm) -> str | None:
    if algorithm == "sha256":
        return desk.facts[path].sha256 if path in desk.facts else None
    if (path, algorithm) not in desk.digests:
        desk.digests[path, algorithm] = _digest(desk, path, algorithm)
    return desk.digests[path, algorithm]


def _digest(desk: Desk, path: str, algorithm: Algorithm) -> str | None:
    whole = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with reading(), desk.holding.stream(path) as file:
            while piece := file.read(STEP):
                whole.update(piece)
    except Unreadable:
        return None
    return whole.hexdigest()


def size_claim(desk: Desk, path: str, written: str, where: str) -> HashClaim | None:
    """A size with a unit, as Croissant writes it, held against the file: `1024 B`, or `1.5 MB` to its last digit."""
    match = _SIZE.match(written.strip())
    if match is None:
        return None
    unit = _UNITS[(match[2] or "").lower()]
    decimals = len(match[1].partition(".")[2])
    stated, precision = float(match[1]) * unit, (0.5 * unit / 10**decimals if unit > 1 else 0)
    size = desk.holding.sizes[path]
    claimed = str(size) if abs(stated - size) <= precision else str(round(stated))
    return HashClaim(path, "bytes", claimed, str(size), where)


def from_lists(desk: Desk) -> list[HashClaim]:
    """What lists of hashes in the dataset state; a file that they name and that is not there has nothing found."""
    found: list[HashClaim] = []
    for path in desk.paths:
        if PurePosixPath(path).name.lower() not in LISTS:
            continue
        text = desk.text(path, desk.limits.description_bytes)
        folder = path[: len(path) - len(PurePosixPath(path).name)]
        for number, line in enumerate((text or "").split("\n"), 1):
            match = _LINE.match(line)
            if match is None:
                if line.strip() and not line.startswith("#"):
                    desk.notes.about("dataset.hash_line", path, level="warning", line=number)
                continue
            name = folder + match[2].strip().removeprefix("./")
            if not is_inner_path(name):
                desk.notes.about("dataset.hash_line", path, level="warning", line=number)
                continue
            actual = desk.facts[name].sha256 if name in desk.facts else None
            found.append(HashClaim(name, "sha256", match[1].lower(), actual, f"{path}:{number}"))
    return found
