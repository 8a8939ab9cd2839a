"""What a column's title says about its cells, where a number alone says nothing (QQ, passports, coordinates)."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The words are looked for before a number in running text as well.
WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "qq": ("qq", "扣扣", "企鹅"),
        "wechat": ("微信", "薇信", "weixin", "wechat", "wx", "vx", "v信", "加v"),
        "passport": ("护照", "passport", "通行证", "回乡证", "台胞证"),
        "social_security_us": ("ssn", "social security"),
        "coordinates": ("经", "纬", "坐标", "latitude", "longitude", "lat", "lon", "lng", "gps", "coordinates"),
    }
)
_PARTS: Final = re.compile(r"[a-z]+|[^\sa-z0-9_.\-]+")
_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def named_by(title: str) -> frozenset[str]:
    """The kinds that a title names: whole words in letters, any part in ideographs.

    >>> sorted(named_by("客户QQ号")), sorted(named_by("pickupLat")), sorted(named_by("plate"))
    (['qq'], ['coordinates'], [])
    """
    plain = _JOINED.sub(" ", title[:1000]).lower()
    parts = _PARTS.findall(plain)
    return frozenset(kind for kind, words in WORDS.items() if any(_says(plain, parts, word) for word in words))


def _says(plain: str, parts: list[str], word: str) -> bool:
    return word in parts if word.isascii() and " " not in word else word in plain
