"""Number plans and check characters, for whole arrays of digits at once.

Tables are made when first asked for and never change. Digits are (k, n) uint8, 0 to 9.
"""

import re
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from stdnum import numdb

from scoring.quality.personal.reading import CAPITALS, DIGITS, BoolArray, ByteArray, IntArray, code

EARLIEST_BIRTH: Final = 1880_01_01  # nobody born before lived to get a number
_LATEST: Final = 2099_12_31
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, *[0] * 87], dtype=np.int64)

# Prefixes of mobile numbers: 130 to 139, …; 174 serves satellites and emergencies, people hold its numbers too. Numbers of
# machines (13 digits from 140, 144, 146, 148, 1064 on) are not among them.
_MOBILE: Final = re.compile(r"1(?:[38]\d|4[579]|[59][0-35-9]|6[25-7]|7[0-8])")
# Area codes without their 0.
_AREA_OF_TWO: Final = re.compile(r"10|2[0-57-9]")
_AREA_OF_THREE: Final = re.compile(
    r"3(?:1\d|35|49|5\d|7\d|9[1-8])"
    r"|4(?:1\d|2[179]|3[1-9]|5[1-9]|6[47-9]|7\d|8[23])"
    r"|5(?:1\d|2[37]|3\d|4[36]|5\d|6[1-46]|7\d|80|9[1-9])"
    r"|6(?:3[1-5]|6[0238]|9[12])"
    r"|7(?:01|1\d|2[248]|3\d|4[3-6]|5\d|6[023689]|7\d|9\d)"
    r"|8(?:1[236-8]|2[5-7]|3\d|5[1-9]|7\d|8[36-8]|9[1-8])"
    r"|9(?:0[1-3689]|1[1-79]|3\d|41|43|5[1-5]|7\d|9\d)"
)
# Country codes (ITU-T E.164, list of assigned codes), +1 and +7 among them.
_COUNTRY: Final = re.compile(
    r"[157]\d\d"
    r"|2(?:[02-467]\d|1[1-368]|5[0-8]|9[01789])"
    r"|3(?:[0-79]\d|8[0-35-79])"
    r"|4(?:[013-9]\d|2[013])"
    r"|6(?:[0-6]\d|7[02-9]|8[0-35-9]|9[0-2])"
    r"|8(?:0[08]|[1246]\d|5[02356]|7[08]|8[012368])"
    r"|9(?:[0-58]\d|6[0-8]|7[0-79]|9[2-68])"
)
_BANK: Final = ("62", "81", "9558", "95599", "601382", "601428")
_PAYMENT: Final = {  # prefixes from – to, and the lengths of their numbers
    (4, 4): (16,),
    (51, 55): (16,),
    (2221, 2720): (16,),
    (34, 34): (15,),
    (37, 37): (15,),
    (3528, 3589): (16,),
    (300, 305): (14,),
    (309, 309): (14,),
    (36, 36): (14,),
    (38, 39): (14,),
    (6011, 6011): (16,),
    (644, 659): (16,),
    (2200, 2204): (16,),
}
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = np.array([3**place % 31 for place in range(17)], dtype=np.int64)
_IDENTITY_WEIGHTS: Final = np.array([pow(2, 17 - place, 11) for place in range(17)], dtype=np.int64)
_DEPARTMENTS: Final = "123456789ANY"
_IBAN_LONGEST: Final = 34


def value(digits: ByteArray) -> IntArray:
    """(k,) the whole numbers that up to 18 digits (k, n) write."""
    found: IntArray = digits.astype(np.int64) @ (10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64))
    return found


@cache
def regions() -> BoolArray:
    """(1000000,) which six digits are or were a code of GB/T 2260; those of residents of Hong Kong, Macau and Taiwan too.

    Whatever the year: a number is given when a person is registered, which may be decades after the birth.
    """
    table = np.zeros(1_000_000, dtype=np.bool_)
    for _, low, high, _, counties in numdb.get("cn/loc").prefixes:
        for province in range(int(low), int(high) + 1):
            for _, first, last, _, _ in counties:
                table[province * 10_000 + int(first) : province * 10_000 + int(last) + 1] = True
    table[[810000, 820000, 830000]] = True
    return _fixed(table)


def valid_date(year: IntArray, month: IntArray, day: IntArray) -> BoolArray:
    """(k,) whether there is such a day."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return np.asarray((day >= 1) & (day <= _DAYS[month] + (leap & (month == 2))))


def identity(digits: ByteArray, checks: ByteArray, today: date | None) -> BoolArray:
    """(k,) which resident identity numbers are sound: 17 digits (k, 17) and the byte (k,) of the check character.

    Region, date from 1880 to `today` (or to 2099), and MOD 11-2: the sum of 2^(17-i) · digit i and the check is 1 modulo 11.
    """
    year, month, day = (value(digits[:, low:high]) for low, high in ((6, 10), (10, 12), (12, 14)))
    birth = (year * 100 + month) * 100 + day
    latest = _LATEST if today is None else (today.year * 100 + today.month) * 100 + today.day
    born = valid_date(year, month, day) & (birth >= EARLIEST_BIRTH) & (birth <= latest)
    check = np.where((checks == ord("X")) | (checks == ord("x")), 10, checks.astype(np.int64) - ord("0"))
    sums = digits.astype(np.int64) @ _IDENTITY_WEIGHTS + check
    return np.asarray(regions()[value(digits[:, :6])] & born & (sums % 11 == 1))


def identity_15(digits: ByteArray) -> BoolArray:
    """(k,) which old identity numbers (k, 15) have a region and a date of the 20th century."""
    year, month, day = (value(digits[:, low : low + 2]) for low in (6, 8, 10))
    return np.asarray(regions()[value(digits[:, :6])] & valid_date(1900 + year, month, day))


def luhn(digits: ByteArray) -> BoolArray:
    """(k,) whether the last digit is the check digit of ISO/IEC 7812-1, annex B."""
    doubled = digits[:, -2::-2].astype(np.int64) * 2
    return np.asarray(
        (digits[:, -1::-2].sum(axis=1, dtype=np.int64) + (doubled - 9 * (doubled > 9)).sum(axis=1)) % 10 == 0
    )


@cache
def _prefixes(pattern: re.Pattern[str], width: int) -> BoolArray:
    numbers = (f"{number:0{width}}" for number in range(10**width))
    return _fixed(np.array([pattern.fullmatch(number) is not None for number in numbers]))


def mobile(digits: ByteArray) -> BoolArray:
    """(k,) whether the first three digits are a mobile prefix."""
    return np.asarray(_prefixes(_MOBILE, 3)[value(digits[:, :3])])


def landline(digits: ByteArray) -> BoolArray:
    """(k,) whether 0, an area code and a local number of its length make up the digits (k, 10 … 12).

    Behind 010 and 02x eight digits; behind other codes seven or eight, as cities changed over in different years.
    """
    width = digits.shape[1]
    two = _prefixes(_AREA_OF_TWO, 2)[value(digits[:, 1:3])] & (width == 11) & _local(digits[:, 3])
    three = _prefixes(_AREA_OF_THREE, 3)[value(digits[:, 1:4])] & (width in {11, 12}) & _local(digits[:, 4])
    return np.asarray((digits[:, 0] == 0) & (two | three))


def _local(first: ByteArray) -> BoolArray:
    return np.asarray((first >= 2) & (first <= 8))


def country(digits: ByteArray) -> BoolArray:
    """(k,) whether the digits (k, 3 or more) begin with a country code."""
    return np.asarray(_prefixes(_COUNTRY, 3)[value(digits[:, :3])])


def bank_prefix(digits: ByteArray) -> BoolArray:
    """(k,) which card numbers begin as those of Chinese banks."""
    found = np.zeros(len(digits), dtype=np.bool_)
    for prefix in _BANK:
        found |= value(digits[:, : len(prefix)]) == int(prefix)
    return found


def payment_prefix(digits: ByteArray) -> BoolArray:
    """(k,) which card numbers begin as those of an international scheme with numbers of this length."""
    found = np.zeros(len(digits), dtype=np.bool_)
    for (low, high), lengths in _PAYMENT.items():
        if digits.shape[1] in lengths:
            head = value(digits[:, : len(str(low))])
            found |= (head >= low) & (head <= high)
    return found


def social_security_us(digits: ByteArray) -> BoolArray:
    """(k,) which nine digits (k, 9) can have been issued: not the areas 000, 666 and 9xx, the group 00, the serial 0000."""
    area, group, serial = (value(digits[:, low:high]) for low, high in ((0, 3), (3, 5), (5, 9)))
    return np.asarray((area > 0) & (area != 666) & (area < 900) & (group > 0) & (serial > 0))


@cache
def _credit_values() -> npt.NDArray[np.int64]:
    table = np.full(256, -1, dtype=np.int64)
    table[[code(character) for character in _CREDIT_ALPHABET]] = np.arange(31)
    return _fixed(table)


def credit_form(characters: ByteArray) -> BoolArray:
    """(k,) which 18 characters (k, 18) could be a credit code: its alphabet, and digits from the third to the eighth."""
    values = _credit_values()[characters]
    return np.asarray((values >= 0).all(axis=1) & (values[:, 2:8] <= 9).all(axis=1))


def credit_code(characters: ByteArray) -> BoolArray:
    """(k,) which characters of that form have a department, a region and the check character of GB 32100."""
    values = _credit_values()[characters]
    region = values[:, 2:8] @ (10 ** np.arange(5, -1, -1))
    department = np.isin(characters[:, 0], [code(letter) for letter in _DEPARTMENTS])
    category = (values[:, 1] >= 1) & (values[:, 1] <= 9)
    registered = regions()[region] | (region == 100_000)  # 100000: registered with the state itself
    return np.asarray(
        department & category & registered & ((values[:, :17] @ _CREDIT_WEIGHTS + values[:, 17]) % 31 == 0)
    )


@cache
def iban_forms() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Of each country (two letters as a number 0 … 675) the length of its IBAN, 0 if it has none, and what may stand where.

    (676,) int64; (676, 34, 256) Boolean, by country, place and byte.
    """
    lengths = np.zeros(676, dtype=np.int64)
    allowed = np.zeros((676, _IBAN_LONGEST, 256), dtype=np.bool_)
    classes = {"n": DIGITS, "a": CAPITALS, "c": DIGITS + CAPITALS}
    for _, low, _, properties, _ in numdb.get("iban").prefixes:
        form = CAPITALS[:26], CAPITALS[:26], DIGITS, DIGITS
        rest = [
            classes[kind] for count, kind in re.findall(r"(\d+)!([nac])", properties["bban"]) for _ in range(int(count))
        ]
        index = country_index(np.array([[ord(letter) for letter in low]], dtype=np.uint8))[0]
        lengths[index] = 4 + len(rest)
        for place, characters in enumerate([*form, *rest]):
            allowed[index, place, [ord(character) for character in characters]] = True
    return _fixed(lengths), _fixed(allowed)


def country_index(letters: ByteArray) -> IntArray:
    """(k,) the number of two capitals (k, 2); -1 for other characters."""
    place = letters[:, :2].astype(np.int64) - ord("A")
    return np.where(((place >= 0) & (place < 26)).all(axis=1), place[:, 0] * 26 + place[:, 1], -1)


def iban_check(characters: ByteArray) -> BoolArray:
    """(k,) whether the account and then the first four characters, letters as 10 to 35, leave 1 modulo 97."""
    remainder = np.zeros(len(characters), dtype=np.int64)
    for place in [*range(4, characters.shape[1]), 0, 1, 2, 3]:
        character = characters[:, place].astype(np.int64)
        letter = character >= ord("A")
        number = np.where(letter, character - ord("A") + 10, character - ord("0"))
        remainder = (remainder * np.where(letter, 100, 10) + number) % 97
    return np.asarray(remainder == 1)


def public_ipv4(octets: IntArray) -> BoolArray:
    """(k,) which four numbers (k, 4) are an address of the public internet (RFC 6890, IANA's special-purpose registry)."""
    first, second, third = octets[:, 0], octets[:, 1], octets[:, 2]
    special = (
        (first == 0)
        | (first == 10)
        | (first == 127)
        | (first >= 224)
        | ((first == 100) & (second >= 64) & (second < 128))
        | ((first == 169) & (second == 254))
        | ((first == 172) & (second >= 16) & (second < 32))
        | ((first == 192) & ((second == 168) | ((second == 0) & ((third == 0) | (third == 2)))))
        | ((first == 198) & ((second == 18) | (second == 19) | ((second == 51) & (third == 100))))
        | ((first == 203) & (second == 0) & (third == 113))
    )
    return np.asarray((octets <= 255).all(axis=1) & ~special)


def _fixed(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    table.flags.writeable = False
    return table
