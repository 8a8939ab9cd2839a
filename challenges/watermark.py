"""Which of several samples a leaked file is a copy of.

Each sample has a secret. A record's *rank* is a keyed hash of its cells as they are written; the sample is the records with the
lowest ranks, in the order of ranks. So each sample has records of its own in an order of its own, and whoever holds the secrets
can tell whose a copy is, also when the columns that name the request were cut off, records are missing or were shuffled. What is
not survived: cells that were rewritten, columns that were taken away. Standard library only.
"""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import StringIO
from itertools import islice
from math import exp, fsum, lgamma, log, log1p
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
    return _keyed(bytes.fromhex(secret), _written(cells))


def _written(cells: Sequence[str]) -> bytes:
    encoded = [cell.encode() for cell in cells]
    return b"".join(len(cell).to_bytes(4, "big") + cell for cell in encoded)


def _keyed(secret: bytes, record: bytes) -> bytes:
    return blake2b(record, key=secret, digest_size=RANK_BYTES).digest()


def traced(leaked: str, marks: Collection[Mark], *, delimiter: str = ",", most: int | None = None) -> list[Trace]:
    """How a leaked CSV with a header fits each of the samples, the best first. Records that occur twice count once.

    ``most``: so many records are looked at, from the first on. Chance is counted over all the samples that are tried. Raises
    csv.Error for what is no CSV.
    """
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(StringIO(leaked.removeprefix("\ufeff")), delimiter=delimiter)
    header = next(lines, [])
    at = header.index(REQUEST) if REQUEST in header else None
    names: set[str] = set()
    records: dict[bytes, None] = {}
    for line in islice((line for line in lines if line), most):
        if at is not None and at < len(line):
            names.add(line.pop(at))
        records[_written(line)] = None
    found = [_trace(mark, list(records), len(marks), named=mark.request in names) for mark in marks]
    return sorted(found, key=lambda one: (one.chance, not one.named, one.request))


def needed(mark: Mark, tried: int) -> int | None:
    """How many records of a sample, in any order, tell that they are of it, when so many samples are tried.

    None where the sample is nearly all there is, so that only the order of its records tells.
    """
    share = min(1.0, mark.rows / max(1, mark.of_rows))
    return next((count for count in range(1, mark.rows + 1) if _by_chance(share**count, tried) < SURE), None)


def _by_chance(one: float, tried: int) -> float:
    """Two tests are made of each sample."""
    return min(1.0, 2 * one * tried)


def _trace(mark: Mark, records: Sequence[bytes], tried: int, *, named: bool) -> Trace:
    secret = bytes.fromhex(mark.secret)
    ranks = [_keyed(secret, record) for record in records]
    limit = bytes.fromhex(mark.threshold)
    inside = sum(one <= limit for one in ranks)
    pairs = len(ranks) // 2
    ordered = sum(first < second for first, second in zip(ranks[::2], ranks[1::2], strict=False))
    share = min(1.0, mark.rows / max(1, mark.of_rows))
    chance = min(_at_least(inside, len(ranks), share), _at_least(ordered, pairs, 0.5))
    return Trace(mark.request, len(records), inside, pairs, ordered, _by_chance(chance, tried), named)


def _at_least(hits: int, trials: int, share: float) -> float:
    """How often chance alone gives so many hits: the upper tail of the binomial distribution; 1 for no more than the mean."""
    if hits <= trials * share:
        return 1.0
    yes, no, all = (
        log(share),
        log1p(-share),
        lgamma(trials + 1),
    )  # logarithms: no float holds the ways to choose from thousands
    ways = (all - lgamma(k + 1) - lgamma(trials - k + 1) + k * yes + (trials - k) * no for k in range(hits, trials + 1))
    return min(1.0, fsum(exp(one) for one in ways))
