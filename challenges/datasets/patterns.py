"""Whether a regular expression of a stranger can be used, and at what cost, before it is compiled.

Patterns are compiled by polars (RE2 syntax): matching takes time linear in the text, but compiling takes time in the size of the
pattern once its repetitions are written out, and that is said in a few characters.
"""

import re
from typing import Final

import polars as pl

MOST_SIZE: Final = 50_000
"""Size of all patterns of a description together, by `size_of`: about half a second of compiling."""
_CEILING: Final = 10**9
_REPETITION: Final = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}")
_BRACKET: Final = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]?", re.DOTALL)
_WIDE: Final = frozenset("wWSDB")
_CLASS, _UNICODE = 10, 40


def size_of(pattern: str) -> int:
    r"""How large a pattern is once its repetitions are written out: 1 for a character, 10 for a class, 40 for a wide one.

    >>> size_of("abc"), size_of("(ab{9}){10}"), size_of(r"\w{100}")
    (3, 100, 4000)
    """
    totals, last, at = [0], 0, 0
    while at < len(pattern):
        character = pattern[at]
        step = 1
        if character == "(":
            totals.append(0)
            last = 0
        elif character == ")" and len(totals) > 1:
            last = totals.pop()
            totals[-1] += last
        elif character == "{" and (repeated := _REPETITION.match(pattern, at)):
            times = max(int(repeated[1]), int(repeated[2] or 0))
            grown = min(last * times, _CEILING)
            totals[-1] = min(totals[-1] + max(grown - last, 0), _CEILING)
            last, step = grown, len(repeated[0])
        elif character not in "*+?|^$":
            last, step = _atom(pattern, at)
            totals[-1] += last
        at += step
    return min(sum(totals), _CEILING)


def _atom(pattern: str, at: int) -> tuple[int, int]:
    """The size of a single character or class, and how many characters say it."""
    if pattern[at] == "\\":
        following = pattern[at + 1 : at + 2]
        if following in "pP" and following:
            end = pattern.find("}", at) if pattern[at + 2 : at + 3] == "{" else at + 2
            return _UNICODE, max(end - at + 1, 3)
        return (_UNICODE if following in _WIDE else _CLASS if following in "ds" else 1), 2
    if bracket := _BRACKET.match(pattern, at):
        wide = bracket[0].startswith("[^") or any(f"\\{letter}" in bracket[0] for letter in (*_WIDE, "p", "P"))
        return (_UNICODE if wide else _CLASS), len(bracket[0])
    return (_UNICODE if pattern[at] == "." else 1), 1


def fault_of(pattern: str) -> str | None:
    """Why a pattern cannot be used: the message id; None when it can. It is compiled as it is, and as it will be used."""
    for form in (pattern, f"^(?:{pattern})$"):
        try:
            pl.Series([""]).str.contains(form)
        except pl.exceptions.PolarsError as error:
            reason = str(error)
            if "look-around" in reason or "backreferences" in reason:
                return "dataset.schema_pattern_look"
            return "dataset.schema_pattern_large" if "size limit" in reason else "dataset.schema_pattern"
    return None
