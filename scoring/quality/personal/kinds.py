"""What is known about each kind of personal information before any text is read, as data.

**Direct** follows GB/T 37964-2019 (3.7, 3.8): an attribute that can name a person by itself in some setting, which its notes
say of telephone numbers, e-mail and IP addresses, bank cards and licence plates too. Names of people and postal addresses
are not looked for: they have no form that could be checked.

**Chance** is the probability that a random string of the stated outer form is accepted. Every figure is derived in the
record's comment, and measured by the tests on random strings. The order of the records is the priority: where two accepted
strings overlap, the kind that comes first keeps its place and the other is dropped, so an identity number is never also a
bank card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """One kind of personal information.

    title        English, for a reader of a report
    direct       whether it names a person by itself (else it does so together with other attributes, or names a company)
    outer_form   what counts as a candidate
    recognised   what makes a candidate a hit
    chance       P(hit | random string of the outer form), 0 … 1; an upper bound where the forms differ
    source       the standard or register
    keep         how many letters and digits a mask leaves at the start and at the end
    """

    key: str
    title: str
    direct: bool
    outer_form: str
    recognised: str
    chance: float
    source: str
    keep: tuple[int, int]


_RECORDS: Final = (
    PersonalKind(
        "email",
        "E-mail address",
        direct=True,
        outer_form="an @ between two characters that addresses may hold",
        recognised="a local part of up to 64 characters, and a domain with a dot and a last label of 2 to 24 letters",
        # measured with 16 random printable ASCII characters behind the @: 0.9 %; a dot and two letters are rare
        chance=0.01,
        source="RFC 5321, 4.1.2 and 4.5.3.1",
        keep=(1, 0),  # of the local part; the domain stays
    ),
    PersonalKind(
        "ipv6",
        "IPv6 address",
        direct=True,
        outer_form="hexadecimal digits and colons, two of these with at most four digits between, and nothing else of the word",
        recognised="eight groups, or fewer and one ::, within 2000::/3 and outside the documentation range",
        # measured on random strings of the 17 characters, 9 to 39 long: 2.5e-4; groups of at most four digits in the right
        # number are rare, and the first must be 2xxx or 3xxx
        chance=5e-4,
        source="RFC 4291, 2.2; RFC 3849",
        keep=(2, 0),
    ),
    PersonalKind(
        "iban",
        "Bank account (IBAN)",
        direct=True,
        outer_form="country, two digits and an account of that country's length and form",
        recognised="the check digits (ISO 7064 MOD 97-10)",
        chance=1 / 97 + 1e-4,  # one remainder of 97; check digits 00, 01 and 99 make it a hair more
        source="ISO 13616-1; the register as python-stdnum holds it",
        keep=(4, 2),
    ),
    PersonalKind(
        "identity",
        "Resident identity number",
        direct=True,
        outer_form="17 digits and a digit or X",
        recognised="a region code ever in use, a birth date from 1880 on, the check character (ISO 7064 MOD 11-2)",
        # 6,900 regions of 10^6 · 80,000 days of 10^8 · 1/11 = 5e-7
        chance=6e-7,
        source="GB 11643-1999; GB/T 2260 as python-stdnum holds it",
        keep=(3, 1),
    ),
    PersonalKind(
        "credit_code",
        "Unified social credit code (of an organization)",
        direct=False,
        outer_form="18 capitals and digits without I, O, S, V, Z, of which the third to the eighth are digits",
        recognised="the registering department, a region code ever in use, the check character (modulo 31)",
        # departments and categories 108 of 31² · regions 6.9e-3 · 1/31 = 2.5e-5; where all are digits 0.81 instead of 0.11,
        # 10 of 31 check characters can be met by a digit, each by one in ten digits: 0.81 · 6.9e-3 · 1/31 = 1.8e-4
        chance=2e-4,
        source="GB 32100-2015; GB/T 2260 as python-stdnum holds it",
        keep=(2, 2),
    ),
    PersonalKind(
        "mobile",
        "Mobile telephone number",
        direct=True,
        outer_form="11 digits, behind 86 or not, in one piece or as 3-4-4, 4-3-4, 3-8, 7-4 or one by one",
        recognised="one of the 54 prefixes of three digits that mobile networks of the mainland have",
        chance=0.054,  # 54 of 1000 prefixes
        source="number plan of MIIT, as libphonenumber's metadata and the operators state it",
        keep=(3, 4),
    ),
    PersonalKind(
        "landline",
        "Landline telephone number",
        direct=True,
        outer_form="10 to 12 digits from a 0 on, alone or with a mark after the area code",
        recognised="an area code in use, and a local number of its length that begins with 2 to 8",
        # after the 0, 11 digits: area codes of two digits 9 of 100, of three 358 of 1000; first digit 7 of 10: 0.31
        chance=0.32,
        source="area codes of MIIT, as libphonenumber's metadata holds them",
        keep=(3, 2),
    ),
    PersonalKind(
        "identity_15",
        "Resident identity number of 15 digits (until 1999)",
        direct=True,
        outer_form="15 digits",
        recognised="a region code ever in use and a birth date of the 20th century; it has no check character",
        chance=3e-4,  # 6,900 of 10^6 · 36,525 days of 10^6 = 2.5e-4
        source="GB 11643-1989; GB/T 2260 as python-stdnum holds it",
        keep=(3, 1),
    ),
    PersonalKind(
        "bank_card",
        "Bank card of China",
        direct=True,
        outer_form="16 to 19 digits with the issuer prefix 62, 81, 9558, 95599, 601382 or 601428",
        recognised="the check digit (Luhn)",
        chance=0.1,  # one check digit of ten
        source="ISO/IEC 7812-1; prefixes of UnionPay and of older Chinese cards",
        keep=(4, 4),
    ),
    PersonalKind(
        "payment_card",
        "International payment card",
        direct=True,
        outer_form="14 to 16 digits with the prefix and length of Visa, Mastercard, Amex, JCB, Diners, Discover or Mir",
        recognised="the check digit (Luhn)",
        chance=0.1,
        source="ISO/IEC 7812-1; published prefix ranges of the schemes",
        keep=(4, 4),
    ),
    PersonalKind(
        "social_security_us",
        "Social security number (USA)",
        direct=True,
        outer_form="nine digits in three groups with hyphens, or nine digits after a word that names it",
        recognised="groups of 3, 2 and 4 digits in the ranges that are issued",
        # one of the C(8,2) = 28 ways to cut nine digits in three · 0.89 of the areas · 0.99 of the groups = 3.2e-2
        chance=0.04,
        source="Social Security Administration, number assignment since 2011",
        keep=(0, 2),
    ),
    PersonalKind(
        "military",
        "Military officer certificate number",
        direct=True,
        outer_form="an ideograph, 字第, and 6 to 8 digits",
        recognised="an arm or rank (军, 士, 文, 武, 海, 空, 政, 后, 装, 参) before 字第",
        chance=5e-4,  # 10 of 20,992 ideographs
        source="form of the certificate (军官证)",
        keep=(0, 2),
    ),
    PersonalKind(
        "plate",
        "Licence plate",
        direct=True,
        outer_form="an ideograph, a letter, and 5 or 6 letters and digits, at least three of them digits",
        recognised="one of the 31 provinces, a serial of five or of a new-energy vehicle, no I or O in it",
        chance=1.5e-3,  # 31 of 20,992 ideographs
        source="GA 36-2018",
        keep=(1, 1),
    ),
    PersonalKind(
        "passport",
        "Passport or travel permit",
        direct=True,
        outer_form="one or two capitals and 7 or 8 digits",
        recognised="a word for passport or permit before it, or as the column's title; nine digits then pass too",
        chance=1e-4,  # a bound: no such word stands before a random string by chance
        source="ICAO Doc 9303 (lengths); forms of the Chinese documents",
        keep=(1, 2),
    ),
    PersonalKind(
        "ipv4",
        "IPv4 address",
        direct=True,
        outer_form="four numbers of one to three digits with dots",
        recognised="0 to 255 without leading zeros, a public address, two numbers from 32 on (versions are lower)",
        chance=0.2,  # numbers of one, two and three digits equally often: measured 0.17; of 0 to 999 equally often: 3.6e-3
        source="RFC 791; IANA special-purpose registry (RFC 6890)",
        keep=(2, 0),
    ),
    PersonalKind(
        "coordinates",
        "Coordinates that name a building",
        direct=False,
        outer_form="two decimal numbers of up to three digits, side by side, with four decimals or more (11 m)",
        recognised="a latitude and a longitude of China in either order, or anywhere behind a word or below a title for coordinates",
        # whole parts of one, two and three digits equally often: 2 · (0.70 + 0.49) / 3 · (0.30 + 0.04) / 3 = 0.09
        chance=0.1,
        source="WGS 84; 1e-4 degrees are 11 m",
        keep=(2, 0),
    ),
    PersonalKind(
        "wechat",
        "WeChat account",
        direct=True,
        outer_form="6 to 20 letters, digits, _ and - from a letter on, or 5 to 11 digits, behind a word for WeChat",
        recognised="nothing more: a word for WeChat directly before it, or as the column's title, makes it an account",
        chance=1e-4,  # a bound on such a word standing before a random string
        source="WeChat's rule for accounts",
        keep=(1, 1),
    ),
    PersonalKind(
        "qq",
        "QQ account",
        direct=True,
        outer_form="5 to 11 digits, the first not 0",
        recognised="QQ, 扣扣 or 企鹅 directly before it (not of a group, 群), or as the column's title",
        chance=1e-4,  # a bound, as with passports
        source="Tencent's number form",
        keep=(1, 1),
    ),
    PersonalKind(
        "international_phone",
        "International telephone number",
        direct=True,
        outer_form="8 to 15 digits, in groups or not",
        recognised="a + before it and a country code in use",
        chance=0.01,  # + is one of 95 printable characters · 0.85 of the country codes
        source="ITU-T E.164",
        keep=(3, 2),
    ),
)

KINDS: Final[Mapping[str, PersonalKind]] = MappingProxyType({record.key: record for record in _RECORDS})
