"""Places by their codes: ISO 3166, and for China's provinces the numbers of GB/T 2260 as well, which mean the same.

The names are messages.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PROVINCES: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "CN-BJ": (11, "Beijing"),
        "CN-TJ": (12, "Tianjin"),
        "CN-HE": (13, "Hebei"),
        "CN-SX": (14, "Shanxi"),
        "CN-NM": (15, "Inner Mongolia"),
        "CN-LN": (21, "Liaoning"),
        "CN-JL": (22, "Jilin"),
        "CN-HL": (23, "Heilongjiang"),
        "CN-SH": (31, "Shanghai"),
        "CN-JS": (32, "Jiangsu"),
        "CN-ZJ": (33, "Zhejiang"),
        "CN-AH": (34, "Anhui"),
        "CN-FJ": (35, "Fujian"),
        "CN-JX": (36, "Jiangxi"),
        "CN-SD": (37, "Shandong"),
        "CN-HA": (41, "Henan"),
        "CN-HB": (42, "Hubei"),
        "CN-HN": (43, "Hunan"),
        "CN-GD": (44, "Guangdong"),
        "CN-GX": (45, "Guangxi"),
        "CN-HI": (46, "Hainan"),
        "CN-CQ": (50, "Chongqing"),
        "CN-SC": (51, "Sichuan"),
        "CN-GZ": (52, "Guizhou"),
        "CN-YN": (53, "Yunnan"),
        "CN-XZ": (54, "Tibet"),
        "CN-SN": (61, "Shaanxi"),
        "CN-GS": (62, "Gansu"),
        "CN-QH": (63, "Qinghai"),
        "CN-NX": (64, "Ningxia"),
        "CN-XJ": (65, "Xinjiang"),
    }
)
"""ISO 3166-2 code: number of GB/T 2260, name."""
_NUMBERED: Final[Mapping[str, str]] = MappingProxyType(
    {f"CN-{number}": code for code, (number, _) in _PROVINCES.items()}
)
REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CN": "China",
        **{code: name for code, (_, name) in _PROVINCES.items()},
        "HK": "Hong Kong SAR",
        "MO": "Macao SAR",
        "TW": "Taiwan, China",
        "US": "United States",
        "GB": "United Kingdom",
        "DE": "Germany",
        "FR": "France",
        "JP": "Japan",
        "KR": "South Korea",
        "SG": "Singapore",
    }
)
"""The places that have a name here, by the code that `canonical` gives."""


def canonical(code: str) -> str:
    """The ISO code of a place; what is no number of a Chinese province stays as it is.

    >>> canonical("CN-44"), canonical("CN-GD"), canonical("HK")
    ('CN-GD', 'CN-GD', 'HK')
    """
    return _NUMBERED.get(code, code)


def within(inner: str, outer: str) -> bool:
    """Whether one place lies in another: a country holds its provinces, whichever way they are written.

    >>> within("CN-44", "CN"), within("CN", "CN-44"), within("HK", "CN"), within("CN-44", "CN-GD")
    (True, False, False, True)
    """
    one, other = canonical(inner), canonical(outer)
    return one == other or one.startswith(f"{other}-")
