"""Which SPDX licence a text means: an identifier, a name that people use for it, or the address of its text."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from challenges.licences import LICENCES

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"creativecommons\.org/publicdomain/zero/1\.0": "CC0-1.0",
        r"\bCC[ -]?0\b": "CC0-1.0",
        r"creative commons attribution 4\.0|知识共享署名 ?4\.0": "CC-BY-4.0",
        r"opendatacommons\.org/licenses/by/": "ODC-By-1.0",
        r"opendatacommons\.org/licenses/odbl/": "ODbL-1.0",
        r"opendatacommons\.org/licenses/pddl/": "PDDL-1.0",
        r"\bODC-PDDL-1\.0\b": "PDDL-1.0",
        r"apache\.org/licenses/license-2\.0": "Apache-2.0",
        r"\bapache(?: software)?(?: license| licence)?,?(?: version| v)?[ -]?2(?:\.0)?\b": "Apache-2.0",
        r"opensource\.org/licen[cs]es?/mit\b": "MIT",
        r"\bMIT[ -](?:licen[cs]e|许可)": "MIT",
        r"license\.coscl\.org\.cn/mulanpsl2": "MulanPSL-2.0",
        r"木兰宽松许可证,? ?(?:第 ?2 ?版|v2)": "MulanPSL-2.0",
        r"open government licen[cs]e v?3(?:\.0)?": "OGL-UK-3.0",
        r"cdla\.dev/permissive-2-0": "CDLA-Permissive-2.0",
    }
)
_CREATIVE: Final = re.compile(
    r"(?i)creativecommons\.org/licenses/(?P<url>by(?:-nc)?(?:-sa|-nd)?)/(?P<uv>[34]\.0)"
    r"|\bCC[ -]?(?P<id>BY(?:[ -]NC)?(?:[ -](?:SA|ND))?)[ -]v?(?P<iv>[34]\.0)\b"
)
_CASED: Final = frozenset({"MIT", "ISC", "Zlib", "0BSD", "Unlicense"})
"""Identifiers that are words too; they count as they are written only."""


def _pattern(identifier: str) -> re.Pattern[str]:
    flexible = re.escape(identifier).replace(r"\-", "[ -]")
    return re.compile(rf"(?<![\w.-]){flexible}(?![\w-]|\.\d)", 0 if identifier in _CASED else re.IGNORECASE)


_KNOWN: Final = tuple((identifier, _pattern(identifier)) for identifier in sorted(LICENCES, key=len, reverse=True))
_SAID: Final = tuple((identifier, re.compile(name, re.IGNORECASE)) for name, identifier in _NAMES.items())


def spdx(text: str) -> str | None:
    """The SPDX identifier that a text means, as `challenges.licences` writes it; None when it means none of those.

    >>> spdx("https://creativecommons.org/licenses/by-sa/4.0/"), spdx("cc-by-4.0"), spdx("本数据集采用 CC BY-NC 4.0 协议")
    ('CC-BY-SA-4.0', 'CC-BY-4.0', 'CC-BY-NC-4.0')
    >>> spdx("free for everybody")
    """
    text = text[:2000]
    if creative := _CREATIVE.search(text):
        kind = (creative["url"] or creative["id"]).upper().replace(" ", "-")
        identifier = f"CC-{kind}-{creative['uv'] or creative['iv']}"
        return identifier if identifier in LICENCES else None
    for identifier, pattern in (*_KNOWN, *_SAID):
        if pattern.search(text):
            return identifier
    return None
