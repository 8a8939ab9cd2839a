"""Numbers as people write them: digits with separators, 万 and 亿, k and million, Chinese and English numerals, per cent."""

import re
from decimal import Decimal
from typing import Final

_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,6})?"
_SCALES: Final = {
    "万亿": 1e12, "千万": 1e7, "百万": 1e6, "十万": 1e5, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2,
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9, "mn": 1e6, "k": 1e3, "m": 1e6, "w": 1e4,
}  # fmt: skip
BYTES: Final = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15}
_WORDS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80,
    "half a": 0.5,
}  # fmt: skip
_HANZI: Final = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_STEPS: Final = {"十": 10, "百": 100, "千": 1000}

_SCALE: Final = "|".join(sorted(_SCALES, key=len, reverse=True))
_WORD: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
SCALED: Final = rf"{_DIGITS}(?:\s?(?:{_SCALE})(?![a-z0-9]))?"
NUMBER: Final = rf"(?:{SCALED}|[零一二两三四五六七八九十百千万亿]{{1,12}}|(?<![a-z])(?:{_WORD})(?:\s(?:hundred|thousand|million|billion)){{1,2}}(?![a-z]))"
SMALL: Final = rf"(?:\d{{1,3}}|[一二两三四五六七八九十]{{1,3}}|(?<![a-z])(?:{_WORD})(?![a-z]))"
"""A small count, such as of months."""
TO: Final = r"\s?(?:-|–|—|~|～|至|到|\bto\b|\band\b)\s?"
PERCENT: Final = rf"(?:{_DIGITS}\s?(?:%|‰|percent\b|per cent\b)|百分之[零一二两三四五六七八九十]{{1,4}}|千分之[零一二两三四五六七八九十]{{1,4}})"

_READ: Final = re.compile(rf"({_DIGITS})\s?({_SCALE})?")
_GROUPED: Final = r"[0-9]{1,3}(?:[,_ ][0-9]{3})+|[0-9]{1,4}(?:[,_ ][0-9]{4})+|[0-9]+"
"""In groups of three as in English, or of four as in Chinese; ``1,5`` is neither, and nobody knows what it means."""
_ALONE: Final = re.compile(rf"((?:{_GROUPED})(?:\.[0-9]+)?)\s*({_SCALE}|{'|'.join(BYTES)})?")


def number(text: str) -> float:
    """The value of what `NUMBER` or `SMALL` matched.

    >>> [number(one) for one in ("1,200", "1.5万", "三百五十", "十万", "两千万", "half a million", "2 billion", "20k")]
    [1200.0, 15000.0, 350.0, 100000.0, 20000000.0, 500000.0, 2000000000.0, 20000.0]
    """
    digits = _READ.fullmatch(text)
    if digits is not None:
        return float(_scaled(digits[1], digits[2]))
    if text[0] in "零一二两三四五六七八九十百千万亿":
        return float(_hanzi(text))
    value = 1.0
    for word, worth in sorted(_WORDS.items(), key=lambda pair: -len(pair[0])):
        if re.match(rf"{word}(?![a-z])", text):
            value, text = float(worth), text[len(word) :]
            break
    for word in text.split():
        value *= _SCALES[word]
    return value


def alone(text: str) -> Decimal | None:
    """The number that `text` (small letters, half-width signs) is from end to end, with a scale or a unit of bytes; None: it is none.

    >>> [float(alone(one)) for one in ("1,500", "1.5万", "20 万", "1.5k", "3 gb", "0.57万")], alone("1,5"), alone("-1")
    ([1500.0, 15000.0, 200000.0, 1500.0, 3000000000.0, 5700.0], None, None)
    """
    found = _ALONE.fullmatch(text)
    return None if found is None else _scaled(found[1], found[2])


def _scaled(digits: str, scale: str | None) -> Decimal:
    """In decimals: as floating point numbers, 0.57 times 10,000 is less than 5,700."""
    factor = {**_SCALES, **BYTES}[scale] if scale else 1
    return Decimal(re.sub("[,_ ]", "", digits)) * Decimal(factor)


def _hanzi(text: str) -> int:
    """A Chinese numeral; 万 and 亿 end a section, 十 百 千 a digit."""
    total = section = digit = 0
    for sign in text:
        if sign in _HANZI:
            digit = _HANZI[sign]
        elif sign in _STEPS:
            section, digit = section + (digit or 1) * _STEPS[sign], 0
        else:
            total = (total + (section + digit or 1)) * (10**4 if sign == "万" else 10**8)
            section = digit = 0
    return total + section + digit


def both(first: str, second: str) -> tuple[float, float]:
    """The two ends of a range; a scale that only the second has counts for both: 20-30万, 二十到三十万.

    >>> both("20", "30万"), both("1k", "2k"), both("500", "1,000"), both("二十", "三十万"), both("五千", "一万")
    ((200000.0, 300000.0), (1000.0, 2000.0), (500.0, 1000.0), (200000.0, 300000.0), (5000.0, 10000.0))
    """
    low, high = number(first), number(second)
    scaled = _READ.fullmatch(second)
    if scaled is not None and scaled[2] and first.replace(",", "").replace(".", "").isdigit():
        low *= _SCALES[scaled[2]]
    elif scaled is None and second[-1] in "万亿" and set(first) <= {*_HANZI, *_STEPS}:
        both_scaled = low * _SCALES[second[-1]]
        low = both_scaled if both_scaled <= high else low
    return low, high


def share(text: str) -> float:
    """What `PERCENT` matched, as a share.

    >>> share("2 %"), share("百分之五"), share("5‰"), share("1.5 percent")
    (0.02, 0.05, 0.005, 0.015)
    """
    if text.startswith(("百分之", "千分之")):
        return _hanzi(text[3:]) / (100 if text[0] == "百" else 1000)
    value = float(re.match(_DIGITS, text)[0].replace(",", ""))  # type: ignore[index]
    return round(value / (1000 if "‰" in text else 100), 12)
