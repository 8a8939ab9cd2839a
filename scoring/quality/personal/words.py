"""Kinds that hold letters: addresses, accounts, codes, plates, documents."""

from typing import Final

import numpy as np

from scoring.quality.personal import plans
from scoring.quality.personal.candidates import Candidates, none, together
from scoring.quality.personal.reading import (
    CAPITALS,
    DIGITS,
    IS_ALNUM,
    IS_DIGIT,
    IS_IDEOGRAPH,
    IS_LETTER,
    LETTERS,
    PLATE_ENDS,
    PROVINCES,
    UPPER,
    BoolArray,
    ByteArray,
    IntArray,
    Reading,
    members,
)

_LOCAL: Final = members(LETTERS + DIGITS + "._%+-")
_DOMAIN: Final = members(LETTERS + DIGITS + ".-")
_LONGEST_LOCAL, _LONGEST_LABEL = 64, 24
_HEXADECIMAL: Final = members(DIGITS + "ABCDEFabcdef")
_IPV6: Final = _HEXADECIMAL | members(":")
_LONGEST_IPV6, _SHORTEST_IPV6 = 39, 6
_ACCOUNT: Final = members(LETTERS + DIGITS + "_-")
_PLATE_CHARACTER: Final = members(DIGITS + "ABCDEFGHJKLMNPQRSTUVWXYZ")
_FEWEST_PLATE_DIGITS: Final = 3
_NEW_ENERGY: Final = members("ABCDEFGHJK")
_PLATE_MARKS: Final = members(" .-")
_PROVINCE: Final = members(PROVINCES)
_PLATE_END: Final = members(PLATE_ENDS)
_IS_CAPITAL: Final = members(CAPITALS)


def email(reading: Reading) -> Candidates:
    small = reading.small
    at = np.flatnonzero(small == ord("@"))
    at = at[_LOCAL[small[at - 1]] & _DOMAIN[small[at + 1]]]
    if not len(at):
        return none()
    local, domain, letters = reading.runs(_LOCAL), reading.runs(_DOMAIN), reading.runs(IS_LETTER)
    start = local.start[local.stopping(at)]
    start += (small[start] == ord(".")) & (start < at - 1)
    stop = _domain_stop(reading, letters.start, letters.stop, at + 1, domain.stop[domain.starting(at + 1)])
    enlarged = IS_DIGIT[small[at + 1]] & (UPPER[small[at + 2]] == ord("X"))  # icon@2x.png
    accepted = (stop > 0) & (at - start <= _LONGEST_LOCAL) & (small[at + 1] != ord(".")) & ~enlarged
    return Candidates(start, np.where(accepted, stop, at + 2), accepted)


def _domain_stop(reading: Reading, letters: IntArray, ends: IntArray, start: IntArray, stop: IntArray) -> IntArray:
    """(k,) where the last label of letters ends that a dot stands before, between start and stop; 0 if there is none.

    letters, ends   where the runs of letters begin and end
    """
    dotted = np.flatnonzero((reading.small[letters - 1] == ord(".")) & (ends - letters >= 2))
    if not len(dotted):
        return np.zeros(len(start), dtype=np.int64)
    last = np.searchsorted(letters[dotted], stop) - 1  # the last that begins before the domain stops
    label = dotted[np.maximum(last, 0)]
    begin, end = letters[label], ends[label]
    return np.where((last >= 0) & (begin - 1 > start) & (end - begin <= _LONGEST_LABEL), end, 0)


def ipv6(reading: Reading) -> Candidates:
    small = reading.small
    colon = ord(":")  # a single one at an end is the sentence's
    colons = np.flatnonzero(small == colon)
    if len(colons) < 2:
        return none()
    runs = reading.runs(_IPV6)
    near = colons[:-1][np.diff(colons) <= 5]  # of each pair of near colons the first
    within = np.searchsorted(near, runs.stop) > np.searchsorted(near, runs.start)
    runs = runs.where(within & (np.searchsorted(colons, runs.stop) - np.searchsorted(colons, runs.start) >= 2))
    start = runs.start + ((small[runs.start] == colon) & (small[runs.start + 1] != colon))
    stop = runs.stop - ((small[runs.stop - 1] == colon) & (small[runs.stop - 2] != colon))
    whole = ~IS_ALNUM[small[start - 1]] & ~IS_ALNUM[small[stop]]
    fits = (stop - start >= _SHORTEST_IPV6) & (stop - start <= _LONGEST_IPV6) & whole
    start, stop = start[fits], stop[fits]
    characters = reading.matrix(start, _LONGEST_IPV6)
    characters[np.arange(_LONGEST_IPV6) >= (stop - start)[:, None]] = 0
    formed = (characters == colon).sum(axis=1) >= 2
    return Candidates(start[formed], stop[formed], _public_ipv6(characters[formed]))


def _public_ipv6(characters: ByteArray) -> BoolArray:
    """(k,) whether the characters (k, 39), filled up with 0, are an address of 2000::/3 outside 2001:db8::/32."""
    inside = _HEXADECIMAL[characters]
    groups = np.zeros(len(characters), dtype=np.int64)
    length = np.zeros(len(characters), dtype=np.int64)
    longest = length.copy()
    for place in range(characters.shape[1]):
        groups += inside[:, place] & (length == 0)
        length = np.where(inside[:, place], length + 1, 0)
        longest = np.maximum(longest, length)
    colon = characters == ord(":")
    doubled = colon[:, :-1] & colon[:, 1:]
    gaps = doubled.sum(axis=1)
    tripled = (doubled[:, :-1] & doubled[:, 1:]).any(axis=1)
    complete = np.where(gaps == 1, groups <= 7, (gaps == 0) & (groups == 8)) & ~tripled & (longest <= 4)
    head = UPPER[characters[:, :4]]
    public = ((head[:, 0] == ord("2")) | (head[:, 0] == ord("3"))) & colon[:, 4] & inside[:, :4].all(axis=1)
    example = (head == list(b"2001")).all(axis=1) & _second_is_db8(UPPER[characters[:, 5:10]])
    return np.asarray(complete & public & ~example)


def _second_is_db8(second: ByteArray) -> BoolArray:
    """(k,) whether a group is DB8 or 0DB8; five characters (k, 5)."""
    short = (second[:, :4] == list(b"DB8:")).all(axis=1)
    return np.asarray(short | (second == list(b"0DB8:")).all(axis=1))


def iban(reading: Reading) -> Candidates:
    """In one piece, or in groups of four with spaces."""
    words = reading.words
    first = np.flatnonzero(words.length >= 4)
    head = reading.matrix(words.start[first], 4)
    country = plans.country_index(head)
    expected = np.where(country >= 0, plans.iban_forms()[0][country], 0)
    chosen = (expected > 0) & IS_DIGIT[head[:, 2:]].all(axis=1)
    if not chosen.any():
        return none()
    first, country, expected = first[chosen], country[chosen], expected[chosen]
    parts = []
    for grouped in (False, True):
        whole = _in_fours(reading, first, expected) if grouped else words.length[first] == expected
        parts.append(_ibans(reading, words.start[first[whole]], country[whole], expected[whole], grouped=grouped))
    return together(*parts)


def _in_fours(reading: Reading, first: IntArray, expected: IntArray) -> BoolArray:
    """(k,) whether the words from each on are groups of four characters with single spaces, and a last of what remains."""
    words, small = reading.words, reading.small
    fits = words.length[first] == 4
    for place in range(1, 9):
        word = np.minimum(first + place, len(words.start) - 1)
        due = np.minimum(expected - 4 * place, 4)
        spaced = (words.start[word] == words.stop[word - 1] + 1) & (small[words.stop[word - 1]] == ord(" "))
        fits &= (due <= 0) | (spaced & (words.length[word] == due) & (word == first + place))
    return np.asarray(fits)


def _ibans(reading: Reading, start: IntArray, country: IntArray, expected: IntArray, *, grouped: bool) -> Candidates:
    at = np.arange(34)
    at = at + at // 4 if grouped else at
    accepted = np.zeros(len(start), dtype=np.bool_)
    formed = np.zeros(len(start), dtype=np.bool_)
    last = len(reading.small) - 1
    for length in np.unique(expected).tolist():  # at most as many as there are lengths of IBANs
        chosen = np.flatnonzero(expected == length)
        characters = reading.small[np.minimum(start[chosen, None] + at[:length], last)]
        allowed = plans.iban_forms()[1][country[chosen, None], np.arange(length), characters]
        formed[chosen] = allowed.all(axis=1)
        accepted[chosen] = formed[chosen] & plans.iban_check(characters)
    stop = start + at[np.maximum(expected, 1) - 1] + 1
    return Candidates(start, stop, accepted).where(formed)


def credit_code(reading: Reading) -> Candidates:
    at = np.flatnonzero(reading.words.length == 18)
    if not len(at):
        return none()
    characters = reading.matrix(reading.words.start[at], 18)
    formed = plans.credit_form(characters)
    start = reading.words.start[at[formed]]
    return Candidates(start, start + 18, plans.credit_code(characters[formed]))


def plate(reading: Reading) -> Candidates:
    """A province, the letter of the issuing office, perhaps a mark, and the serial."""
    small, words = reading.small, reading.words
    joined = np.flatnonzero(IS_LETTER[small[words.start]] & (words.length >= 5) & (words.length <= 7))
    split = np.flatnonzero(IS_LETTER[small[words.start]] & (words.length == 1) & _PLATE_MARKS[small[words.stop]])
    following = words.starting(words.stop[split] + 1)
    split, following = split[following >= 0], following[following >= 0]
    office = np.concatenate([words.start[joined], words.start[split]])
    serial = np.concatenate([words.start[joined] + 1, words.start[following]])
    stop = np.concatenate([words.stop[joined], words.stop[following]])
    length = stop - serial
    ended = (length == 4) & _PLATE_END[small[stop]]
    chosen = IS_IDEOGRAPH[small[office - 1]] & ((length == 5) | (length == 6) | ended)
    chosen &= (IS_DIGIT[reading.matrix(serial, 6)] & (np.arange(6) < length[:, None])).sum(
        axis=1
    ) >= _FEWEST_PLATE_DIGITS
    office, serial, stop, length, ended = office[chosen], serial[chosen], stop[chosen], length[chosen], ended[chosen]
    issued = _PROVINCE[small[office - 1]] & (UPPER[small[office]] != ord("I"))
    accepted = issued & _serial(UPPER[reading.matrix(serial, 6)], length)
    return Candidates(office - 1, stop + ended, accepted)


def _serial(characters: ByteArray, length: IntArray) -> BoolArray:
    """(k,) whether the first 4, 5 or 6 of the characters (k, 6), of which three are digits, are a serial that is issued."""
    digit, either = IS_DIGIT[characters], _PLATE_CHARACTER[characters]
    usual = either[:, :4].all(axis=1) & (either[:, 4] | (length == 4))
    small_car = _NEW_ENERGY[characters[:, 0]] & either[:, 1] & digit[:, 2:].all(axis=1)
    large_car = digit[:, :5].all(axis=1) & _NEW_ENERGY[characters[:, 5]]
    return np.asarray(np.where(length == 6, small_car | large_car, usual))


def passport(reading: Reading) -> Candidates:
    """Capitals and digits, or nine digits, that a word names."""
    words = reading.words
    at = np.flatnonzero((words.length >= 8) & (words.length <= 10))
    start, stop = words.start[at], words.stop[at]
    characters = reading.matrix(start, 10)
    inside = np.arange(10) < (stop - start)[:, None]
    capitals = (_IS_CAPITAL[characters] & inside).sum(axis=1)
    digits = (IS_DIGIT[characters] & inside).sum(axis=1)
    leading = np.where(capitals == 2, _IS_CAPITAL[characters[:, 1]], True) & _IS_CAPITAL[characters[:, 0]]
    lettered = (
        leading
        & (capitals >= 1)
        & (capitals <= 2)
        & (digits >= 7)
        & (digits <= 8)
        & (capitals + digits == stop - start)
    )
    numeric = (digits == 9) & (stop - start == 9)
    chosen = lettered | numeric
    start, stop, lettered = start[chosen], stop[chosen], lettered[chosen]
    accepted = reading.is_named(start, stop, "passport")
    return Candidates(start, stop, accepted).where(lettered | accepted)


def wechat(reading: Reading) -> Candidates:
    """Accounts with letters. Other words are no candidates: they would be nearly all of an English text."""
    if not reading.mentions("wechat"):
        return none()
    runs = reading.runs(_ACCOUNT)
    runs = runs.where((runs.length >= 6) & (runs.length <= 20) & IS_LETTER[reading.small[runs.start]])
    accepted = reading.is_named(runs.start, runs.stop, "wechat")
    return Candidates(runs.start, runs.stop, accepted).where(accepted)
