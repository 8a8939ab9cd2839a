"""Kinds that are written in digits: identity numbers, telephones, cards, addresses of machines, coordinates."""

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np

from scoring.quality.personal import plans
from scoring.quality.personal.candidates import Candidates, together
from scoring.quality.personal.figures import DigitRuns, Figures
from scoring.quality.personal.reading import (
    ARMS,
    IS_ALNUM,
    IS_IDEOGRAPH,
    IS_LETTER,
    BoolArray,
    ByteArray,
    IntArray,
    code,
    members,
)

_ONE_BY_ONE: Final = (1,) * 11
_ANY: Final = " -."
_MOBILE: Final = (
    ((11,), _ANY),
    ((3, 4, 4), _ANY),
    ((4, 3, 4), _ANY),
    ((3, 8), "-"),
    ((7, 4), "-"),
    (_ONE_BY_ONE, _ANY),
)
_LANDLINE: Final = ((10,), (11,), (12,), (3, 7), (3, 8), (4, 7), (4, 8), (3, 4, 4), (4, 3, 4), (4, 4, 4))
_IDENTITY: Final = ((18,), (6, 12), (6, 8, 4), (6, 4, 8), (6, 4, 4, 4), (3, 3, 4, 4, 4), (14, 4))
_IS_X: Final = members("Xx")
_OLD_IDENTITY: Final = ((15,), (6, 6, 3), (6, 9))
_CARDS: Final = {
    14: ((14,), (4, 6, 4)),
    15: ((15,), (4, 6, 5)),
    16: ((16,), (4, 4, 4, 4)),
    17: ((17,), (4, 4, 4, 4, 1)),
    18: ((18,), (6, 12), (4, 4, 4, 4, 2)),
    19: ((19,), (6, 13), (4, 4, 4, 4, 3)),
}
_BETWEEN_COORDINATES: Final = members(" ,;:/|-+'EWNSewns北东经纬")
_LEAST_DECIMALS: Final = 4
_ARMS: Final = members(ARMS)
_LARGE_OCTET: Final = (
    32  # versions and paragraphs are rarely so high; of addresses 0.7 % have fewer than two such numbers
)
_CHINA: Final = ((3, 54), (73, 136))  # latitudes and longitudes, in whole degrees


def identity(runs: DigitRuns, today: date | None) -> Candidates:
    small = runs.reading.small
    parts = []
    for *head, tail in _IDENTITY:
        whole = runs.shaped(*head, tail)
        if len(whole.first):
            digits = runs.digits(whole.first, 18)
            parts.append(_judged(whole, plans.identity(digits[:, :17], digits[:, 17] + np.uint8(ord("0")), today)))
        body = runs.shaped(*head, tail - 1)
        body = body.where(_IS_X[small[body.stop]] & ~IS_ALNUM[small[np.minimum(body.stop + 1, len(small) - 1)]])
        if len(body.first):
            sound = plans.identity(runs.digits(body.first, 17), small[body.stop], today)
            parts.append(Candidates(body.start, body.stop + 1, sound))
    return together(*parts)


def identity_15(runs: DigitRuns) -> Candidates:
    found = (runs.shaped(*shape) for shape in _OLD_IDENTITY)
    return together(*(_judged(figures, plans.identity_15(runs.digits(figures.first, 15))) for figures in found))


def mobile(runs: DigitRuns) -> Candidates:
    found = (runs.shaped(*shape, marks=marks) for shape, marks in _MOBILE)
    parts = [_judged(figures, plans.mobile(runs.digits(figures.first, 3))) for figures in found if len(figures.first)]
    for country in (b"86", b"0086"):
        figures = runs.behind_country_code(country, 11)
        parts.append(_judged(figures, plans.mobile(runs.digits(figures.first, 3, skip=len(country)))))
    return together(*parts)


def landline(runs: DigitRuns) -> Candidates:
    parts = []
    for shape in _LANDLINE:
        figures = runs.shaped(*shape, marks=" -)", telephone=True)
        if not len(figures.first):
            continue
        digits = runs.digits(figures.first, sum(shape))
        zero = digits[:, 0] == 0
        parts.append(_judged(figures.where(zero), plans.landline(digits[zero])))
    return together(*parts)


def bank_card(runs: DigitRuns) -> Candidates:
    return _cards(runs, (16, 17, 18, 19), plans.bank_prefix)


def payment_card(runs: DigitRuns) -> Candidates:
    return _cards(runs, (14, 15, 16), plans.payment_prefix)


def _cards(runs: DigitRuns, lengths: tuple[int, ...], prefix: Callable[[ByteArray], BoolArray]) -> Candidates:
    parts = []
    for length in lengths:
        for shape in _CARDS[length]:
            figures = runs.shaped(*shape, marks=" -")
            if not len(figures.first):
                continue
            digits = runs.digits(figures.first, length)
            issued = prefix(digits)
            parts.append(_judged(figures.where(issued), plans.luhn(digits[issued])))
    return together(*parts)


def social_security_us(runs: DigitRuns) -> Candidates:
    """Three groups with hyphens, whatever their lengths; and nine digits that a word names."""
    groups = runs.in_three(9, "-")
    usual = (runs.length[groups.first] == 3) & (runs.length[groups.last] == 4)
    plain = runs.shaped(9)
    plain = plain.where(_named(runs, plain, "social_security_us"))
    return together(
        _judged(groups, usual & plans.social_security_us(runs.digits(groups.first, 9))),
        _judged(plain, plans.social_security_us(runs.digits(plain.first, 9))),
    )


def military(runs: DigitRuns) -> Candidates:
    """The digits behind 字第."""
    small = runs.reading.small
    at = np.flatnonzero((runs.length >= 6) & (runs.length <= 8))
    start, stop = runs.start[at], runs.stop[at]
    before = [small[np.maximum(start - back, 0)] for back in (1, 2, 3)]
    formed = (before[0] == code("第")) & (before[1] == code("字")) & IS_IDEOGRAPH[before[2]]
    return Candidates(start[formed], stop[formed], _ARMS[before[2][formed]])


def ipv4(runs: DigitRuns) -> Candidates:
    first = np.flatnonzero(runs.length <= 3)
    first = first[first + 4 <= len(runs.length)]
    for place in (1, 2, 3):
        first = first[(runs.joint[first + place - 1] == ord(".")) & (runs.length[first + place] <= 3)]
    dot = ord(".")
    start, stop = runs.start[first], runs.stop[first + 3]
    lettered = IS_LETTER[runs.reading.small[start - 1]] | IS_LETTER[runs.reading.small[stop]]
    first = first[(runs.joined_before[first] != dot) & (runs.joint[first + 3] != dot) & ~lettered]
    octets = np.stack([_small_value(runs, first + place) for place in range(4)], axis=1)
    lengths = np.stack([runs.length[first + place] for place in range(4)], axis=1)
    plain = (octets >= 10 ** (lengths - 1)) | ((octets == 0) & (lengths == 1))  # no leading zeros
    accepted = plans.public_ipv4(octets) & plain.all(axis=1) & ((octets >= _LARGE_OCTET).sum(axis=1) >= 2)
    return Candidates(runs.start[first], runs.stop[first + 3], accepted)


def _small_value(runs: DigitRuns, run: IntArray) -> IntArray:
    """(k,) the number that a run of one to three digits writes."""
    return plans.value(runs.digits(run, 3)) // 10 ** (3 - runs.length[run])


def coordinates(runs: DigitRuns) -> Candidates:
    """Pairs of decimal numbers in China or behind a word; behind a word, or below such a title, also single ones."""
    whole = np.flatnonzero(
        (runs.length[:-1] <= 3)
        & (runs.joint[:-1] == ord("."))
        & (runs.joined_before[:-1] != ord("."))
        & (runs.joint[1:] != ord("."))
        & (runs.length[1:] >= _LEAST_DECIMALS)
    )
    size = _small_value(runs, whole)
    start, stop = runs.start[whole], runs.stop[np.minimum(whole + 1, len(runs.stop) - 1)]
    named = runs.reading.is_named(start, stop, "coordinates") & (size <= 180)
    pair = np.flatnonzero((np.diff(whole) == 2) & _side_by_side(runs, whole))
    one, other = size[pair], size[pair + 1]
    on_earth = (np.minimum(one, other) <= 90) & (np.maximum(one, other) <= 180)
    accepted = _in_china(one, other) | _in_china(other, one) | (named[pair] & on_earth)
    singles = Candidates(start, stop, named).where(named)
    return together(Candidates(start[pair], stop[pair + 1], accepted), singles)


def _in_china(latitude: IntArray, longitude: IntArray) -> BoolArray:
    (south, north), (west, east) = _CHINA
    return np.asarray((latitude >= south) & (latitude < north) & (longitude >= west) & (longitude < east))


def _side_by_side(runs: DigitRuns, whole: IntArray) -> BoolArray:
    """(w - 1,) whether only one to four marks or letters of directions stand between a decimal number and the next."""
    behind = runs.stop[np.minimum(whole[:-1] + 1, len(runs.stop) - 1)]
    gap = runs.start[whole[1:]] - behind
    between = runs.reading.matrix(behind, 4)
    linked = (_BETWEEN_COORDINATES[between] | (np.arange(4) >= gap[:, None])).all(axis=1)
    return np.asarray((gap >= 1) & (gap <= 4) & linked)


def international_phone(runs: DigitRuns) -> Candidates:
    phones = runs.behind_plus(8, 15)
    others = runs.of_length(8, 15)
    others = others.where(runs.reading.small[others.start - 1] != ord("+"))
    return together(
        _judged(phones, plans.country(runs.digits(phones.first, 3))),
        _judged(others, np.zeros(len(others.start), dtype=np.bool_)),
    )


def qq(runs: DigitRuns) -> Candidates:
    return _accounts(runs, "qq")


def wechat_number(runs: DigitRuns) -> Candidates:
    """Accounts of WeChat that are a number."""
    found = _accounts(runs, "wechat")
    return found.where(found.accepted)


def _accounts(runs: DigitRuns, kind: str) -> Candidates:
    figures = runs.of_length(5, 11)
    figures = figures.where(runs.digits(figures.first, 1)[:, 0] > 0)
    return _judged(figures, _named(runs, figures, kind))


def _named(runs: DigitRuns, figures: Figures, kind: str) -> BoolArray:
    return runs.reading.is_named(figures.start, figures.stop, kind)


def _judged(figures: Figures, accepted: BoolArray) -> Candidates:
    return Candidates(figures.start, figures.stop, accepted)
