"""What of a text is compared as words: whole words, pieces of Latin words, signs and pairs of signs of Chinese ones.

Both languages share one index: a Chinese description may hold an acronym that an English need asks for.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator

LONGEST_READ = 20_000
"""Characters: a listing that tells more than a dozen pages has told what it is about."""

_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_PIECE = rf"[^\W_{_SIGNS}]+"
_RUNS = re.compile(rf"[{_SIGNS}]+|{_PIECE}(?:[-./_]{_PIECE})*")
_PIECES = re.compile(_PIECE)
_BY_SIGNS = re.compile(f"[{_SIGNS}]")
_LENGTHS = (3, 4)  # of the pieces of Latin words: they bring together prices and pricing


SIGN = 0.75
"""What a Chinese sign counts for where words are counted: most words have one or two, and their pairs overlap."""


def features(text: str) -> Iterator[int]:
    """The 32-bit ids of everything in the text, as often as it is there; of an empty text, or one of emoji, none.

    A compound (`ICD-10`, `PM2.5`) is there whole and in its parts.
    """
    for _, ids in runs(text):
        yield from ids


def runs(text: str) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The text run by run (a compound, or signs without a space): how many words it counts for, and its features."""
    for run in _RUNS.findall(_folded(text)):
        by_signs = bool(_BY_SIGNS.match(run))
        words = SIGN * len(run) if by_signs else float(len(_PIECES.findall(run)))
        yield words, tuple(zlib.crc32(one.encode()) for one in (_of_signs(run) if by_signs else _of_words(run)))


def whole(name: str) -> int:
    """The id of a name as one word, letter case aside."""
    return zlib.crc32(f"={_singular(_folded(name).strip())}".encode())


def names(text: str) -> set[int]:
    """The ids of what can only be meant literally: words with a digit or two capitals (`AIS`, `PM2.5`), a word asked
    for alone.
    """
    shown = unicodedata.normalize("NFKC", text[:LONGEST_READ]).strip()
    found = {
        whole(run)
        for run in _RUNS.findall(shown)
        if not _BY_SIGNS.match(run) and (any(c.isdigit() for c in run) or sum(c.isupper() for c in run) > 1)
    }
    return found if any(c.isspace() for c in shown) else found | {whole(shown)}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST_READ]).casefold()


def _singular(word: str) -> str:
    """An English word without the s of its plural, as far as that can be told from the word: both sides are cut alike.

    >>> [_singular(word) for word in ("ships", "batteries", "gas", "glass", "status", "analysis", "bus")]
    ['ship', 'battery', 'gas', 'glass', 'status', 'analysis', 'bus']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def _of_signs(run: str) -> Iterator[str]:
    yield from run
    for at in range(len(run) - 1):
        yield run[at : at + 2]


def _of_words(run: str) -> Iterator[str]:
    words = [_singular(word) for word in _PIECES.findall(run)]
    if len(words) > 1:
        yield f"={_singular(run)}"
    for word in words:
        yield f"={word}"
        edged = f"<{word}>"
        for length in _LENGTHS:
            for at in range(len(edged) - length + 1):
                yield edged[at : at + length]
