"""Names of the places by which offers are sifted: ISO 3166 codes, China's provinces with their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.core.i18n import N_

REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CN": N_("China"),
        "CN-BJ": N_("Beijing"),
        "CN-TJ": N_("Tianjin"),
        "CN-HE": N_("Hebei"),
        "CN-SX": N_("Shanxi"),
        "CN-NM": N_("Inner Mongolia"),
        "CN-LN": N_("Liaoning"),
        "CN-JL": N_("Jilin"),
        "CN-HL": N_("Heilongjiang"),
        "CN-SH": N_("Shanghai"),
        "CN-JS": N_("Jiangsu"),
        "CN-ZJ": N_("Zhejiang"),
        "CN-AH": N_("Anhui"),
        "CN-FJ": N_("Fujian"),
        "CN-JX": N_("Jiangxi"),
        "CN-SD": N_("Shandong"),
        "CN-HA": N_("Henan"),
        "CN-HB": N_("Hubei"),
        "CN-HN": N_("Hunan"),
        "CN-GD": N_("Guangdong"),
        "CN-GX": N_("Guangxi"),
        "CN-HI": N_("Hainan"),
        "CN-CQ": N_("Chongqing"),
        "CN-SC": N_("Sichuan"),
        "CN-GZ": N_("Guizhou"),
        "CN-YN": N_("Yunnan"),
        "CN-XZ": N_("Tibet"),
        "CN-SN": N_("Shaanxi"),
        "CN-GS": N_("Gansu"),
        "CN-QH": N_("Qinghai"),
        "CN-NX": N_("Ningxia"),
        "CN-XJ": N_("Xinjiang"),
        "HK": N_("Hong Kong SAR"),
        "MO": N_("Macao SAR"),
        "TW": N_("Taiwan, China"),
        "US": N_("United States"),
        "GB": N_("United Kingdom"),
        "DE": N_("Germany"),
        "FR": N_("France"),
        "JP": N_("Japan"),
        "KR": N_("South Korea"),
        "SG": N_("Singapore"),
    }
)
