"""What a preview must not show, beyond what `scoring.quality.personal` finds by form and check digits.

Names of people and postal addresses have no form that could be checked, so a report does not count them. A preview is shown to
everybody, and hiding too much costs little: here titles of columns and what most cells look like are reason enough.
"""

from typing import Final

import polars as pl

from challenges.column_titles import by_title
from challenges.preview import NOTHING, Hidden
from scoring.quality import personal
from scoring.quality.personal import ColumnFinding

MOSTLY: Final = 0.2
"""Share of the cells with a hit from which on a column is one of personal data, not a text in which some occurs."""
ALIKE: Final = 0.6
"""Share of the cells that look like names or addresses from which on the column holds them."""
_LOOKED_AT: Final = 20_000

_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_CHINESE_NAME: Final = (
    rf"^(?:[{_SURNAMES}][\p{{Han}}]{{1,2}}|(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|令狐|慕容)[\p{{Han}}]{{1,2}})$"
)
_ADDRESS: Final = (
    r"(?:[\p{Han}]{2,12}(?:省|自治区|市|州|盟))?(?:[\p{Han}]{1,10}(?:市|区|县|旗|镇|乡))?[\p{Han}A-Za-z0-9]{1,12}(?:路|街|道|巷|弄|胡同|村|小区|花园)"
    r"[\p{Han}]{0,4}[0-9０-９一二三四五六七八九十]+(?:号|弄|栋|幢|座)(?:[0-9A-Za-z\p{Han}\-－]{0,12}(?:室|单元|楼|层|号))?"
    r"|\b\d{1,5} (?:[A-Z][\w'.-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct)\b"
)
_KEY_FORMS: Final = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bsk-[A-Za-z0-9_-]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}|\bLTAI[0-9A-Za-z]{12,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    r"|(?i:\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)\b|密码|口令|密钥)\s*(?:[=:：]|是|为|is)\s*\S+"
    r"|[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@"
)
_DENSE: Final = r"^[A-Za-z0-9+/_=-]{32,}$"


def hidden(cells: pl.Series, findings: tuple[ColumnFinding, ...]) -> Hidden:
    """Why no value of a column may be shown, "" where they may, each masked by `shown`.

    cells     (n,) all cells of the column
    findings  what `scoring.quality.personal.judge` says of this column
    """
    if cells.dtype.is_nested() or cells.dtype in {pl.Binary, pl.Object}:
        return "nested"
    if any(one.direct and one.verdict != "chance" and one.share >= MOSTLY for one in findings):
        return "personal"
    return by_title(cells.name) or (_by_looks(cells) if cells.dtype == pl.String else "")


def _by_looks(cells: pl.Series) -> Hidden:
    """What most texts of a column look like."""
    some = cells.drop_nulls().head(_LOOKED_AT).str.strip_chars()
    some = some.filter(some != "")
    if not len(some):
        return ""
    if max(_share(some, _CHINESE_NAME), _share(some, _ADDRESS)) >= ALIKE:
        return "personal"
    return "secret" if max(_share(some, _KEY_FORMS), float(_dense(some).sum()) / len(some)) >= ALIKE else ""


def shown(cells: pl.Series, findings: tuple[ColumnFinding, ...]) -> pl.Series:
    """Cells of a column that is not hidden, as texts with personal data and secrets masked; null stays null.

    Numbers are masked only where a finding says that they are more than chance.
    """
    if cells.dtype == pl.String or any(one.verdict != "chance" for one in findings):
        texts = personal.mask(cells, personal.find(cells, title=cells.name), title=cells.name)
    else:
        texts = cells.cast(pl.String)
    if cells.dtype != pl.String:
        return texts
    masked = texts.str.replace_all(_ADDRESS, NOTHING).str.replace_all(_KEY_FORMS, NOTHING)
    return masked.set(_dense(masked).fill_null(value=False), NOTHING)


def _share(some: pl.Series, pattern: str) -> float:
    return float(some.str.contains(pattern).sum()) / len(some)


def _dense(texts: pl.Series) -> pl.Series:
    """Which texts are one long word of small and capital letters and digits, as keys are; a digest in hexadecimal is none."""
    kinds = [texts.str.contains(pattern) for pattern in (_DENSE, "[a-z]", "[A-Z]", "[0-9]")]
    return kinds[0] & kinds[1] & kinds[2] & kinds[3]
