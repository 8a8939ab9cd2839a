"""Sizes and budgets in a text: a number or a range, a unit, and words that say whether it is the least or the most."""

import re
from collections.abc import Iterator
from typing import Final

from leaderboard.terms.demand import Budget, SizeWanted
from leaderboard.terms.forms import MOST_AMOUNT
from leaderboard.terms.understanding.amounts import BYTES, NUMBER, TO, both

_LEAST: Final = r"at least|no fewer than|no less than|not less than|minimum(?: of)?|more than|over|above|>=?|≥|至少|不少于|不低于|最少|超过|大于"
_MOST: Final = r"at most|no more than|not more than|up to|maximum(?: of)?|under|below|less than|within|<=?|≤|最多|不超过|不高于|低于|控制在|小于"
_IDEAL: Final = r"ideally|preferably|about|around|roughly|approximately|some|最好(?:有|是|能有|能到|达到)?|理想(?:是|为)?|大约|大概|约"
_SAID: Final = rf"(?:(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<ideal>{_IDEAL})) ?"
_AFTER: Final = r"(?P<after>以上|及以上|以内|以下|左右| or more| or less|\+)?"

_UNITS: Final = {
    "rows": (
        (
            r"rows?|records?|samples?|entries|items?|reviews?|documents?|sentences?|messages?|questions?|conversations?|"
            r"transactions?|data points?|examples?|articles?|tweets?|pairs?|trajectories|orders|cases"
        ),
        "条|行|份|篇|句|例|笔|组|个样本|样本|对",
    ),
    "images": (r"images?|pictures?|photos?|photographs?|frames?|scans?|x-rays?", "张|幅|帧"),
    "hours": (r"hours?|hrs?", "个?小时"),
}
_WORD: Final = r"(?: (?!(?:and|or|by|in|at|of|for|to|with|from|per|each|yuan|rmb|cny|dollars?|usd|euros?|eur) )[a-z][a-z-]{1,20}){0,3}?"
_SIZE: Final = re.compile(
    rf"(?:{_SAID})?(?P<first>{NUMBER})(?:{TO}(?P<second>{NUMBER}))?(?:(?:{_WORD} )?(?:"
    + "|".join(rf"(?P<{unit}>(?<![a-z])(?:{en})(?![a-z])|{zh})" for unit, (en, zh) in _UNITS.items())
    + rf")|\s?(?P<bytes>kb|mb|gb|tb|pb)(?![a-z])){_AFTER}"
)

_CURRENCIES: Final = {
    "CNY": r"人民币|元人民币|元|块钱|rmb|cny|yuan|¥",
    "USD": r"美元|美金|us\$|usd|us dollars?|dollars?|\$",
    "EUR": r"欧元|euros?|eur|€",
    "HKD": r"港币|港元|hk\$|hkd",
    "GBP": r"英镑|gbp|pounds?|£",
    "JPY": r"日元|jpy|yen",
}
_CURRENCY: Final = "|".join(rf"(?P<{key}{{at}}>{words})" for key, words in _CURRENCIES.items())
_NOT_EACH: Final = r"(?![a-z])(?! ?(?:/|每| ?per |[^ ]?一[条张小]| an? (?:row|image|record|hour)))"
_EACH: Final = re.compile(r"每.{0,2}$|(?<![a-z])(?:per|each) [a-z]{1,12}:? $")
_MONEY: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_SAID})?(?:{_CURRENCY.format(at='')}) ?(?P<first>{NUMBER})(?:{TO}(?:us\$|hk\$|[¥$€£])?(?P<second>{NUMBER}))?{_AFTER}{_NOT_EACH}",
        rf"(?:{_SAID})?(?P<first>{NUMBER})(?:{TO}(?P<second>{NUMBER}))? ?(?:{_CURRENCY.format(at='')}){_AFTER}{_NOT_EACH}",
        rf"预算(?:为|是|约|大约|在|:|总共|总额)?(?:{_SAID})?(?P<first>{NUMBER})(?:{TO}(?P<second>{NUMBER}))?{_AFTER}(?![\d零一二两三四五六七八九十百千万亿年月条张元美欧港英日人至到~～–—-])",
    )
)


def sizes(text: str) -> Iterator[tuple[int, int, SizeWanted]]:
    """Start, end and value of every size in `text` (small letters). A plain number is the least that will do."""
    for found in _SIZE.finditer(text):
        unit = next(unit for unit in ("rows", "images", "hours", "bytes") if found[unit])
        low, high = both(found["first"], found["second"] or found["first"])
        factor = BYTES[found["bytes"]] if found["bytes"] else 1
        low, high = low * factor, high * factor
        if max(low, high) > MOST_AMOUNT:
            continue
        if found["second"]:
            size = SizeWanted(unit=unit, least=low, ideal=high)
        elif found["most"] or found["after"] in {"以内", "以下", " or less"}:
            size = SizeWanted(unit=unit, most=low)
        elif found["ideal"] or found["after"] == "左右":
            size = SizeWanted(unit=unit, ideal=low)
        else:
            size = SizeWanted(unit=unit, least=low)
        yield found.start(), found.end(), size


def budgets(text: str) -> Iterator[tuple[int, int, Budget]]:
    """Start, end and value of every sum of money in `text` (small letters) that is not a price a piece."""
    for pattern in _MONEY:
        for found in pattern.finditer(text):
            if _EACH.search(text[: found.start()]):
                continue
            said = found.groupdict()
            currency = next((key for key in _CURRENCIES if said.get(key)), "CNY")
            low, high = both(found["first"], found["second"] or found["first"])
            if max(low, high) > MOST_AMOUNT:
                continue
            if found["second"]:
                yield found.start(), found.end(), Budget(low=low, high=high, currency=currency)
            elif found["least"] or found["after"] in {"以上", "及以上", " or more", "+"}:
                yield found.start(), found.end(), Budget(low=low, currency=currency)
            else:
                yield found.start(), found.end(), Budget(high=high, currency=currency)
