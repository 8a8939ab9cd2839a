"""Which of several samples a leaked file is a copy of.

Each sample has a secret. A record's *rank* is a keyed hash of its cells as they are written; the sample is the records with the
lowest ranks, in the order of ranks. So each sample has records of its own in an order of its own, and whoever holds the secrets
can tell whose a copy is, also when the columns that name the request were cut off, records are missing or were shuffled. What is
not survived: cells that were rewritten, columns that were taken away. Standard library only.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import StringIO
from math import comb
from typing import Final

REQUEST: Final = "sample_request"
"""Title of the visible column that names the request in every record."""
RANK_BYTES: Final = 16
SURE: Final = 1e-9
"""A copy is told to be of a sample when chance would do as well less often than this."""
LONGEST_CELL: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept of a sample. ``secret`` and ``threshold`` (the highest rank in it) are hexadecimal; ``rows`` of ``of_rows``."""

    request: str
    secret: str
    threshold: str
    rows: int
    of_rows: int


@dataclass(frozen=True, slots=True)
class Trace:
    """How well a leaked file fits a sample: of ``records``, ``inside`` may be in it; ``ordered`` of ``pairs`` (first and second,
    third and fourth …) stand as in it. ``chance``: how often a file that has nothing to do with it fits as well. ``named``: its
    records name the request.
    """

    request: str
    records: int
    inside: int
    pairs: int
    ordered: int
    chance: float
    named: bool

    @property
    def sure(self) -> bool:
        return self.chance < SURE


def rank(secret: str, cells: Sequence[str]) -> bytes:
    """The keyed hash of a record, 16 bytes."""
    said = b"".join(len(cell.encode()).to_bytes(4, "big") + cell.encode() for cell in cells)
    return blake2b(said, key=bytes.fromhex(secret), digest_size=RANK_BYTES).digest()


def traced(leaked: str, marks: Iterable[Mark]) -> list[Trace]:
    """How a leaked CSV fits each of the samples, the best first. Records that occur twice count once."""
    csv.field_size_limit(LONGEST_CELL)
    lines = list(csv.reader(StringIO(leaked.removeprefix("\ufeff"))))
    if not lines:
        return []
    at = lines[0].index(REQUEST) if REQUEST in lines[0] else None
    names = {line[at] for line in lines[1:] if at is not None and len(line) > at}
    cells = [tuple(cell for number, cell in enumerate(line) if number != at) for line in lines[1:] if line]
    records = list(dict.fromkeys(cells))
    found = [_trace(mark, records, named=mark.request in names) for mark in marks]
    return sorted(found, key=lambda one: (one.chance, not one.named, one.request))


def _trace(mark: Mark, records: Sequence[Sequence[str]], *, named: bool) -> Trace:
    ranks = [rank(mark.secret, record) for record in records]
    limit = bytes.fromhex(mark.threshold)
    inside = sum(one <= limit for one in ranks)
    pairs = len(ranks) // 2
    ordered = sum(first < second for first, second in zip(ranks[::2], ranks[1::2], strict=False))
    share = min(1.0, mark.rows / max(1, mark.of_rows))
    chance = min(_at_least(inside, len(ranks), share), _at_least(ordered, pairs, 0.5))
    return Trace(mark.request, len(records), inside, pairs, ordered, min(1.0, 2 * chance), named)


def _at_least(hits: int, trials: int, share: float) -> float:
    """How often chance alone gives so many hits: the upper tail of the binomial distribution."""
    if share >= 1:
        return 1.0
    return min(1.0, sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(hits, trials + 1)))
