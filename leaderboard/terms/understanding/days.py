"""Deadlines and periods as people write them. Where the year is missing it is the next time that the day comes."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from leaderboard.terms.listing import Period
from leaderboard.terms.understanding.amounts import SMALL, number

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?![a-z])\.?"
)
_YEAR: Final = r"(?:19|20)\d{2}"
_BY: Final = r"(?P<by>(?<![a-z])(?:by|before|no later than|until|deadline(?: is|:)?|due(?: by)?|ready by)) (?:the )?"
_ZH_YEAR: Final = rf"(?:(?P<year>{_YEAR})年?|(?P<which>今年|明年|后年))"

_DEADLINES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BY}(?P<year>{_YEAR})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})",
        rf"{_BY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{_MONTH}),?(?: (?P<year>{_YEAR}))?",
        rf"{_BY}(?P<name>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?(?: (?P<year>{_YEAR}))?",
        rf"{_BY}(?P<end>end of )?(?P<name>{_MONTH}),?(?: (?P<year>{_YEAR}))?",
        rf"{_BY}(?P<yearend>end of (?:the |this )?year|year-end)",
        rf"{_BY}(?P<end>end of )?(?P<year>{_YEAR})(?![\d-])",
        rf"(?P<within>(?<![a-z])(?:with)?in (?:the next )?)(?P<count>{SMALL}) (?P<unit>day|week|month)s?(?![a-z])",
        rf"(?:截止(?:日期|时间)?(?:为|是|:|到|至)?|于)?(?P<year>{_YEAR})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?P<qian>之?以?前|交付|截止)?",
        (
            rf"(?P<jie>截止(?:日期|时间)?(?:为|是|:|到|至)?|于)?(?:{_ZH_YEAR})?(?P<zhmonth>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月"
            r"(?:(?P<day>\d{1,2})[日号]|(?P<di>底|末))?(?P<qian>之前|以前|前|交付|截止)?"
        ),
        rf"(?:{_ZH_YEAR})?(?P<yearend>年底|年末|年终)(?:之?以?前|前)?",
        rf"(?P<count>{SMALL})个?(?P<unit>天|日|周|星期|月)(?:之内|以内|内)",
    )
)
_UNIT_DAYS: Final = {"day": 1, "week": 7, "天": 1, "日": 1, "周": 7, "星期": 7}

_PERIODS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?<![a-z])(?:from|between|of|in) )?(?P<first>{_YEAR}) ?(?:-|–|~|to|and|until) ?(?P<last>{_YEAR})(?![\d-])",
        rf"(?P<first>{_YEAR})年?(?:(?P<fm>\d{{1,2}})月)?(?:-|–|~|至|到)(?P<last>{_YEAR})年(?:(?P<lm>\d{{1,2}})月)?(?:间|期间)?",
        rf"(?<![a-z])(?P<since>since|after|from) (?P<first>{_YEAR})(?: on(?:wards)?)?(?![\d-])",
        rf"(?P<first>{_YEAR})年(?P<since>以来|以后|之后|后|起|至今)",
        rf"(?:(?<![a-z])(?:the )?(?:last|past)) (?P<years>{SMALL}) years?",
        rf"(?:最?近|过去)(?P<years>{SMALL})年",
        rf"(?<![a-z])(?:in|of|during) (?P<only>{_YEAR})(?![\d-])",
        rf"(?P<only>{_YEAR})年(?:度|的|全年)?(?!\d{{1,2}}月|底|末)",
    )
)


def deadlines(text: str, today: date) -> Iterator[tuple[int, int, date]]:
    """Start, end and last day of every deadline in `text` (small letters); in Chinese, of words that say "before" or so."""
    for pattern in _DEADLINES:
        for found in pattern.finditer(text):
            said = found.groupdict()
            if (
                "qian" in said
                and not (said["qian"] or said.get("jie") or said.get("di"))
                and not found[0].startswith("截止")
            ):
                continue
            day = _deadline(said, today)
            if day is not None:
                yield found.start(), found.end(), day


def _deadline(said: dict[str, str | None], today: date) -> date | None:
    year = _year(said, today)
    count, unit = said.get("count"), said.get("unit")
    if count and unit:
        many = int(number(count))
        return _months_on(today, many) if unit in {"month", "月"} else today + timedelta(days=many * _UNIT_DAYS[unit])
    if said.get("yearend"):
        return date(year or today.year, 12, 31)
    month = _month(said)
    if month is None:
        return None if year is None else date(year, 12, 31) if said.get("end") else date(year, 1, 1) - timedelta(days=1)
    if not 1 <= month <= 12:
        return None
    day = int(said["day"] or 0) or None if "day" in said else None
    whole = said.get("di") or said.get("end") or said.get("by") in {"by", "ready by", "due by", "deadline", "due"}
    year = year or (today.year if (month, day or 31) >= (today.month, today.day) else today.year + 1)
    if day is None:
        last = date(year, month, monthrange(year, month)[1])
        return (
            last
            if whole or said.get("qian") in {"交付", "截止"} or said.get("jie")
            else last.replace(day=1) - timedelta(1)
        )
    return date(year, month, day) if day <= monthrange(year, month)[1] else None


def _year(said: dict[str, str | None], today: date) -> int | None:
    written, which = said.get("year"), said.get("which")
    if written:
        return int(written)
    return today.year + ("今年", "明年", "后年").index(which) if which else None


def _month(said: dict[str, str | None]) -> int | None:
    name = said.get("name")
    if name:
        return _MONTHS.index(name[:3]) + 1
    written = said.get("month") or said.get("zhmonth")
    return int(number(written)) if written else None


def _months_on(day: date, many: int) -> date:
    years, month = divmod(day.month - 1 + many, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def periods(text: str, today: date) -> Iterator[tuple[int, int, Period]]:
    """Start, end and value of every period of time in `text` (small letters)."""
    for pattern in _PERIODS:
        for found in pattern.finditer(text):
            period = _period(found.groupdict(), today)
            if period is not None:
                yield found.start(), found.end(), period


def _period(said: dict[str, str | None], today: date) -> Period | None:
    if said.get("years"):
        many = int(number(str(said["years"])))
        return Period(first=_months_on(today, -12 * many), last=today) if many < 100 else None
    first, last = said.get("only") or said.get("first"), said.get("only") or said.get("last")
    months = int(said.get("fm") or 1), int(said.get("lm") or 12)
    if not first or not all(1 <= month <= 12 for month in months):
        return None
    begin = date(int(first), months[0], 1)
    end = None if last is None else date(int(last), months[1], monthrange(int(last), months[1])[1])
    return Period(first=begin, last=end) if end is None or begin <= end else None
