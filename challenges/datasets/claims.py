"""Numbers that a documentation states about its own data, as data: they are held against what is measured.

Fields state them for certain. In running text only the items that speak of the data as it is are searched (scale, distribution,
label statistics, limitations): how a dataset was made is full of numbers of rows that are no longer there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from challenges.datasets.describing import Described
from challenges.findings import Finding
from challenges.toml_lines import KeyPath

Kind = Literal["rows", "columns", "files", "bytes", "missing", "class", "sha256"]
SEARCHED: Final[Mapping[str, tuple[Kind, ...]]] = MappingProxyType(
    {
        "scale": ("rows", "columns", "files", "bytes", "missing", "sha256"),
        "structure": ("columns", "sha256"),
        "distribution": ("missing",),
        "label_statistics": ("class",),
        "limitations": ("missing",),
        "versioning": ("sha256",),
    }
)
"""Item → what is looked for in its text."""
MOST: Final = 500
"""Claims that are kept."""
TOLERANCE: Final = 0.01
"""How far a stated number may be from the measured one: by this share, or for shares by this much."""

_FIGURE: Final = r"(?<![\d.,A-Za-z_-])(?P<figure>\d{1,3}(?:[,，]\d{3})+|\d+(?:\.\d+)?)\s{0,2}(?P<many>thousand|million|billion|百万|[千万亿]|[kKM](?![A-Za-z]))?\s{0,2}\+?"
_TIMES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "thousand": 10**3,
        "k": 10**3,
        "千": 10**3,
        "万": 10**4,
        "million": 10**6,
        "m": 10**6,
        "百万": 10**6,
        "亿": 10**8,
        "billion": 10**9,
    }
)
_NOUNS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "rows": r"(?:[a-z]{1,20}\s){0,2}(?:rows|records|samples|examples|instances|observations|entries|items|images|photos|texts|sentences|reviews|documents|recordings|clips)\b"
        r"|条|行|个?样本|份|张|段|篇|个?图像|个?图片",
        "columns": r"(?:[a-z]{1,20}\s){0,1}(?:columns|fields|features|variables|attributes)\b|列|个?字段|个?特征|个?变量",
        "files": r"(?:[a-z]{1,20}\s){0,1}files\b|个?文件",
    }
)
_BYTES: Final = re.compile(
    r"(?<![\d.A-Za-z_-])(?P<figure>\d+(?:[,，]\d{3})*(?:\.\d+)?)\s{0,2}(?P<unit>bytes|[KMGT]i?B|B|字节)(?![\w])",
    re.IGNORECASE,
)
_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "b": 1, "bytes": 1, "字节": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
        "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    }
)  # fmt: skip
_MISSING: Final = re.compile(
    r"(?i)(?:missing|null|empty|缺失|空值)[^.。;；\n%]{0,30}?(?P<figure>\d{1,3}(?:\.\d+)?)\s?%|(?P<before>\d{1,3}(?:\.\d+)?)\s?%[^.。;；\n%]{0,20}?(?:missing|缺失)"
)
_CLASS: Final = re.compile(
    r"^\s*[|*•·-]?\s*`?(?P<name>[^|:：\d`*][^|:：`*\n]{0,60}?)`?\s*(?:[|:：]|\s-\s|\s=\s)\s*(?P<figure>\d{1,3}(?:[,，]\d{3})+|\d+)(?P<rest>[^\n]{0,40})$",
    re.MULTILINE,
)
_INLINE_CLASS: Final = re.compile(
    r"(?P<name>[\w\u4e00-\u9fff-]{1,40})\s?[:：(（]\s?(?P<figure>\d{1,3}(?:[,，]\d{3})+|\d+)\s?(?:条|个|张|份|段|篇)?(?=[),，;；、。)）\s]|$)"
)
_NUMBER: Final = re.compile(_FIGURE, re.IGNORECASE)
_PER_CENT: Final = re.compile(r"(?<![\d.,A-Za-z_-])(?P<figure>\d{1,3}(?:\.\d+)?)\s?[%％]")
_SHA256: Final = re.compile(r"(?<![0-9a-f])(?P<digest>[0-9a-fA-F]{64})(?![0-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Claim:
    """One stated number.

    kind       rows, columns, files, bytes of all files, missing (share of empty cells, 0 to 1), class (records with a label), sha256
    value      the number; for sha256 the digest as text
    subject    the label of a class, the path of a file; None for the whole dataset
    precision  half of the last digit that was given: "1.2 万" is 12,000 give or take 500
    certain    a field says so; otherwise it was read out of running text
    where      the file and line, or key path
    """

    kind: Kind
    value: float | str
    subject: str | None
    precision: float
    certain: bool
    where: str

    def agrees(self, measured: float | str) -> bool:
        """Whether what was measured is what was stated, within 1 % (for shares: one point) or the precision of the statement.

        >>> about = Claim("rows", 12_000, None, 500, certain=False, where="README.md:3")
        >>> about.agrees(12_400), about.agrees(13_000)
        (True, False)
        """
        if isinstance(self.value, str) or isinstance(measured, str):
            return str(self.value).lower() == str(measured).lower()
        slack = TOLERANCE if self.kind == "missing" else TOLERANCE * abs(measured)
        return abs(self.value - measured) <= max(slack, self.precision) * (1 + 1e-9)


def in_text(key: str, text: str, where: str) -> Iterator[Claim]:
    """What the text of the item `key` states. The text has at most a few thousand characters."""
    for kind in SEARCHED.get(key, ()):
        if kind == "bytes":
            yield from (_sized(match, where) for match in _BYTES.finditer(text))
        elif kind == "missing":
            yield from (_share(match, where) for match in _MISSING.finditer(text))
        elif kind == "sha256":
            yield from (
                Claim("sha256", match["digest"].lower(), None, 0, certain=False, where=where)
                for match in _SHA256.finditer(text)
            )
        elif kind == "class":
            yield from _classes(text, where)
        else:
            pattern = re.compile(rf"{_FIGURE}(?:{_NOUNS[kind]})", re.IGNORECASE)
            for match in pattern.finditer(text):
                value, precision = _number(match["figure"], _TIMES.get((match["many"] or "").lower(), 1))
                yield Claim(kind, value, None, precision, certain=False, where=where)


def figures(text: str) -> Iterator[tuple[float, float]]:
    """Every number in a text, whatever it counts, with half of its last digit.

    >>> list(figures("12,000 条，约 3.5 万字"))
    [(12000.0, 0.0), (35000.0, 500.0)]
    """
    return (_number(match["figure"], _TIMES.get((match["many"] or "").lower(), 1)) for match in _NUMBER.finditer(text))


def sizes(text: str) -> Iterator[tuple[float, float]]:
    """Every number of bytes in a text, with half of its last digit."""
    return (_number(match["figure"], _UNITS[match["unit"].lower()]) for match in _BYTES.finditer(text))


def shares(text: str) -> Iterator[tuple[float, float]]:
    """Every number in per cent, from 0 to 1, with half of its last digit."""
    found = (_number(match["figure"]) for match in _PER_CENT.finditer(text))
    return ((value / 100, precision / 100) for value, precision in found)


def contradicted(stated: Iterable[Claim], measured: Mapping[tuple[Kind, str | None], float | str]) -> list[Claim]:
    """The claims that what was measured speaks against; what was not measured speaks against nothing.

    Fields must all be right. Of numbers read out of running text one of a kind and subject must be: "8,000 records for training,
    2,000 for testing, 10,000 in all" is a true statement of the number of rows.

    >>> text = [Claim("rows", rows, None, 0, certain=False, where="README.md:3") for rows in (8_000, 2_000, 10_000)]
    >>> contradicted(text, {("rows", None): 10_000}), len(contradicted(text, {("rows", None): 9_000}))
    ([], 3)
    """
    known = [claim for claim in stated if (claim.kind, claim.subject) in measured]
    wrong = [claim for claim in known if not claim.agrees(measured[claim.kind, claim.subject])]
    saved = {(claim.kind, claim.subject) for claim in known if not claim.certain and claim not in wrong}
    return [claim for claim in wrong if claim.certain or (claim.kind, claim.subject) not in saved]


def _number(figure: str, times: int = 1) -> tuple[float, float]:
    """The number that is written, and half of its last digit."""
    plain = figure.replace(",", "").replace("，", "")
    decimals = len(plain.partition(".")[2])
    return float(plain) * times, 0.5 * times / 10**decimals if times > 1 or decimals else 0.0


def _sized(match: re.Match[str], where: str) -> Claim:
    value, precision = _number(match["figure"], _UNITS[match["unit"].lower()])
    return Claim("bytes", value, None, precision, certain=False, where=where)


def _share(match: re.Match[str], where: str) -> Claim:
    figure = match["figure"] or match["before"]
    value, precision = _number(figure)
    return Claim("missing", value / 100, None, precision / 100, certain=False, where=where)


def _classes(text: str, where: str) -> Iterator[Claim]:
    lines = [match for match in _CLASS.finditer(text) if not _INLINE_CLASS.search(match["rest"])]
    for match in lines or _INLINE_CLASS.finditer(text):
        name = match["name"].strip()
        if "%" not in match[0] and name:
            yield Claim("class", _number(match["figure"])[0], name, 0, certain=False, where=where)


_FIELDS: Final[tuple[Kind, ...]] = ("rows", "columns", "files", "bytes", "missing")
KNOWN: Final = (*_FIELDS, "classes", "sha256")


def in_fields(card: Described, path: KeyPath) -> tuple[list[Claim], list[Finding]]:
    """The claims of a `[claims]` table: rows, columns, files, bytes, missing; classes by name; sha256 by path."""
    found, bad = list[Claim](), list[Finding]()
    table = card.at(path)
    if table is None:
        return found, bad
    if not isinstance(table, dict):
        return found, [card.finding("package.want_table", path)]
    for key, value in table.items():
        where, at = f"{card.file} {'.'.join(map(str, path))}.{key}", (*path, key)
        if key in {"classes", "sha256"}:
            found += _table(card, at, value, where, bad)
        elif key in _FIELDS:
            if not _sound(value, share=key == "missing"):
                bad.append(card.finding("dataset.claim_number", at))
            else:
                found.append(Claim(key, float(value), None, 0, certain=True, where=where))
        else:
            bad.append(card.unknown(at, KNOWN))
    return found, bad


def _sound(value: Any, *, share: bool) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= (1 if share else 2**53)


def _table(card: Described, path: KeyPath, value: Any, where: str, bad: list[Finding]) -> Iterator[Claim]:
    if not isinstance(value, dict):
        bad.append(card.finding("package.want_table", path))
        return
    for name, one in value.items():
        if path[-1] == "classes" and _sound(one, share=False):
            yield Claim("class", float(one), name, 0, certain=True, where=where)
        elif path[-1] == "sha256" and isinstance(one, str) and _SHA256.fullmatch(one):
            yield Claim("sha256", one.lower(), name, 0, certain=True, where=where)
        else:
            bad.append(
                card.finding("dataset.claim_number" if path[-1] == "classes" else "dataset.hash_form", (*path, name))
            )
