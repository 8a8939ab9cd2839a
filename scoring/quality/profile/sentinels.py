"""Values that stand for "nothing there" though the cell is not empty, by rule. A table to read, and to add to.

That such a value is present is counted, not judged: 9999 may be a reading. `ColumnProfile.disguised` says for numbers
whether it stands apart from the others.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "na": ("na", "n/a", "n.a.", "#n/a", "<na>", "nan", "not available", "not applicable"),
    "null": ("null", "none", "nil", "(null)", "<null>", "[null]", "nul", "\\n"),
    "unknown": ("unknown", "unk", "undefined", "missing", "unspecified", "not known", "tbd"),
}
"""Each in small letters, capitals and with a capital first."""

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "blank": ("", *(" " * count for count in range(1, 9)), "\t", "\n", "\r\n", "\u3000", "\u3000\u3000", "\xa0"),
    "dash": ("-", "--", "---", "----", "–", "—", "——", "_", "__", "/", "\\", "－"),
    "question": ("?", "??", "???", "？", "？？"),
    "dots": (".", "..", "...", "…", "……", "*", "**", "***", "#"),
    "no_in_chinese": ("无", "暂无", "空", "空值", "没有", "缺失", "缺省", "不适用"),
    "unknown_in_chinese": ("未知", "不详", "不明", "不清楚", "未填", "未填写", "未提供", "待定", "待补充"),
    "number": (
        "-1",
        "-9",
        "-99",
        "-999",
        "-9999",
        "-99999",
        "999",
        "9999",
        "99999",
        "999999",
        "-999.0",
        "9999.0",
        "-1.0",
    ),
    "date": (
        "1900-01-01",
        "1900/01/01",
        "1900/1/1",
        "1900-01-01 00:00:00",
        "1970-01-01",
        "1970/1/1",
        "1970-01-01 00:00:00",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "9999-12-31",
        "2099-12-31",
        "1899-12-30",
    ),
}

TEXTS: Final[Mapping[str, str]] = {
    **{
        spelling: rule
        for rule, words in _WORDS.items()
        for word in words
        for spelling in (word, word.upper(), word.capitalize(), word.title())
    },
    "NaN": "na",
    **{spelling: rule for rule, spellings in _SPELLINGS.items() for spelling in spellings},
}
"""Rule of each text. A text counts when it is one of these exactly."""

NUMBERS: Final[Mapping[float, str]] = {
    **dict.fromkeys((-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -999999.0, -9999999.0, -999999999.0), "minus"),
    **dict.fromkeys(
        (99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0, 99999999.0, 999999999.0, 999.9, 9999.9), "nines"
    ),
    **dict.fromkeys((-999.9, -9999.9, -999.99, 9999.99), "nines"),
    **dict.fromkeys((-32768.0, 32767.0, -2147483648.0, 2147483647.0, 65535.0, 4294967295.0), "end_of_type"),
    **dict.fromkeys((-9223372036854775808.0, 9.969209968386869e36, -3.4028234663852886e38, 1e20, 1e30), "end_of_type"),
    **dict.fromkeys((19000101.0, 19700101.0, 99991231.0), "date"),
}
"""Rule of each number."""

DAYS: Final[Mapping[date, str]] = {
    date(1, 1, 1): "first_day",
    date(1753, 1, 1): "first_day",
    date(1899, 12, 30): "first_day",
    date(1899, 12, 31): "first_day",
    date(1900, 1, 1): "first_day",
    date(1970, 1, 1): "first_day",
    date(2000, 1, 1): "first_day",
    date(2099, 12, 31): "last_day",
    date(2999, 12, 31): "last_day",
    date(9999, 12, 31): "last_day",
}
"""Rule of each day."""
