"""Made-up personal data of every kind that names somebody by itself: well-formed, with sound check digits, of nobody.

Numbers are drawn from the forms that `scoring.quality.personal.kinds` cites; check digits come from python-stdnum,
not from the code under test. Kinds that only a word before them tells apart come with that word.
"""

from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from types import MappingProxyType
from typing import Final

import numpy as np
from stdnum import iban, luhn
from stdnum.iso7064 import mod_11_2

Maker = Callable[[np.random.Generator], str]

REGIONS: Final = ("110105", "441900", "320583", "542621", "130229", "440524")


def digits(rng: np.random.Generator, count: int) -> str:
    """So many digits, the first not 0."""
    return str(int(rng.integers(10 ** (count - 1), 10**count)))


def _one(rng: np.random.Generator, *choices: str) -> str:
    return choices[int(rng.integers(len(choices)))]


def _day(rng: np.random.Generator) -> str:
    return f"{rng.integers(1, 13):02}{rng.integers(1, 29):02}"


def _identity(rng: np.random.Generator) -> str:
    body = f"{_one(rng, *REGIONS)}{rng.integers(1930, 2019)}{_day(rng)}{digits(rng, 3)}"
    return body + str(mod_11_2.calc_check_digit(body))


def _card(rng: np.random.Generator, prefix: str, length: int) -> str:
    body = prefix + digits(rng, length - 1 - len(prefix))
    return body + str(luhn.calc_check_digit(body))


def _iban(rng: np.random.Generator) -> str:
    account = digits(rng, 18)
    return f"DE{iban.calc_check_digits('DE00' + account)}{account}"


MAKERS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "email": lambda rng: f"a{digits(rng, 6)}@mail{digits(rng, 2)}.example.com",
        "ipv6": lambda rng: str(IPv6Address((0x2A << 120) | int.from_bytes(rng.bytes(15)))),
        "iban": _iban,
        "identity": _identity,
        "mobile": lambda rng: _one(rng, "130", "155", "166", "177", "189", "199") + digits(rng, 8),
        "landline": lambda rng: f"0{_one(rng, '755', '311', '10', '21')}-{rng.integers(2 * 10**7, 9 * 10**7)}",
        "identity_15": lambda rng: f"{_one(rng, *REGIONS)}{rng.integers(30, 100)}{_day(rng)}{digits(rng, 3)}",
        "bank_card": lambda rng: _card(rng, _one(rng, "622202", "621700", "95588"), 19),
        "payment_card": lambda rng: _card(rng, _one(rng, "4", "51", "2221", "3528"), 16),
        "social_security_us": lambda rng: f"{rng.integers(1, 666):03}-{rng.integers(1, 100):02}-{digits(rng, 4)}",
        "military": lambda rng: f"军字第{digits(rng, 7)}",
        "plate": lambda rng: f"{_one(rng, *'京粤琼新')}{_one(rng, *'ABC')}{digits(rng, 5)}",
        "passport": lambda rng: f"护照：E{_one(rng, *'ABCDE')}{digits(rng, 7)}",
        "ipv4": lambda rng: f"61.{rng.integers(32, 256)}.{rng.integers(32, 256)}.{rng.integers(256)}",
        "wechat": lambda rng: f"加微信 wx_{digits(rng, 7)}k",
        "qq": lambda rng: f"QQ号：{digits(rng, 10)}",
        "international_phone": lambda rng: f"+44 20 {digits(rng, 4)} {digits(rng, 4)}",
    }
)
"""By kind. Kinds that name nobody by themselves (credit codes of organizations, coordinates) count for no gate and
have none."""
