"""Sort and page by address: what the query string says, checked, and the links that change it."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_

MAX_CURSOR = 4096  # far more than the key of a row; keeps hostile links from being parsed
JsonScalar = str | int | float | bool | None


@dataclass(frozen=True)
class Sort:
    """One column and a direction; written ``-score`` (descending) or ``team`` in the address."""

    key: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str | None, allowed: Collection[str], default: Self) -> Self:
        """Read the ``sort`` parameter. Raises Malformed for a column that is not among ``allowed``."""
        if not text:
            return default
        key = text.removeprefix("-")
        if key not in allowed:
            raise Malformed(
                "paging.sort",
                N_("This table cannot be sorted by “{key}”; it can be by: {allowed}."),
                key=key,
                allowed=", ".join(sorted(allowed)),
            )
        return cls(key, text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.key}"

    def toggled(self, key: str, *, descending_first: bool = False) -> str:
        """Write the parameter that a click on the header of ``key`` asks for."""
        return str(Sort(key, not self.descending if key == self.key else descending_first))

    def aria(self, key: str) -> str | None:
        """Give the value of ``aria-sort`` for the header of ``key``; ``None`` when sorted by another column."""
        if key != self.key:
            return None
        return "descending" if self.descending else "ascending"


def encode_cursor(values: tuple[JsonScalar, ...]) -> str:
    """Pack the key of the last row shown into an address-safe string."""
    return (
        base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode())
        .rstrip(b"=")
        .decode()
    )


def decode_cursor(text: str, length: int) -> tuple[JsonScalar, ...]:
    """Unpack a cursor of ``length`` scalars. Raises Malformed for anything that ``encode_cursor`` did not make."""
    try:
        values = json.loads(base64.b64decode(text[:MAX_CURSOR] + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != length or any(isinstance(value, list | dict) for value in values):
        raise Malformed("paging.cursor", N_("This page link is damaged; start again from the first page."))
    return tuple(values)


@dataclass(frozen=True)
class Pager:
    """Links between the pages of a keyset listing: query strings that start with ``?``, ``None`` where there is none.

    ``first`` and ``last`` are the numbers of the rows shown (from 1), ``total`` all there are; ``None`` when not known.
    """

    previous: str | None = None
    next: str | None = None
    first: int | None = None
    last: int | None = None
    total: int | None = None
