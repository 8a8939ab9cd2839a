"""Sums of money in a text, to be blackened for others.

Wider than what is understood as a budget, on purpose: a price too many under the ink does no harm, one too few may.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from leaderboard.terms.understanding.amounts import NUMBER, TO

BLACK: Final = "█████"
_MONEY: Final = (
    r"人民币|元|块钱|rmb|cny|yuan|¥|美元|美金|us\$|usd|dollars?|\$|欧元|euros?|eur|€|港币|港元|hk\$|hkd|澳门元|mop|"
    r"英镑|gbp|pounds?|£|日元|jpy|yen|新元|sgd"
)
_RANGE: Final = rf"{NUMBER}(?:{TO}(?:{_MONEY})?{NUMBER})?"
_SUMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:预算|经费|budget)[^\n。；;.\d]{{0,30}}?{_RANGE}(?:\s?(?:{_MONEY}))?",
        rf"(?:{_MONEY})\s?{_RANGE}",
        rf"{_RANGE}\s?(?:{_MONEY})",
    )
)


@lru_cache(maxsize=8192)
def blackened(text: str) -> str:
    """The text with every sum of money under ink; how long a sum was cannot be seen.

    >>> blackened("预算30万到50万元，2027年交付"), blackened("At most USD 1.5 million for it")
    ('█████，2027年交付', 'At most █████ for it')
    """
    shown, at = [], 0
    for start, end in _merged(text):
        shown += [text[at:start], BLACK]
        at = end
    return "".join((*shown, text[at:]))


def _merged(text: str) -> Iterator[tuple[int, int]]:
    """Where sums stand, in order; those that touch are one."""
    plain = _folded(text)
    last: tuple[int, int] | None = None
    for start, end in sorted(found.span() for pattern in _SUMS for found in pattern.finditer(plain)):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def _folded(text: str) -> str:
    """Small letters and half-width signs, sign for sign, so that places stay."""
    return "".join(new if len(new := unicodedata.normalize("NFKC", sign).lower()) == 1 else sign for sign in text)
