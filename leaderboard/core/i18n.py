"""Words: English in the code, Chinese in the catalogues, one per room, merged when first needed.

Messages are ``str.format`` templates; parameters are formatted by the locale (numbers get their separators).
"""

import gettext
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime as babel_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LocaleCode = Literal["zh", "en"]
LOCALES: Final[tuple[LocaleCode, ...]] = ("zh", "en")
TAGS: Final[Mapping[LocaleCode, str]] = {"zh": "zh-Hans", "en": "en"}
NAMES: Final[Mapping[LocaleCode, str]] = {"zh": "中文", "en": "English"}
CATALOGUES = Path(__file__).parent.parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a marker
    """Marks a literal for translation where it is written; it is translated where it is shown."""
    return message


def locale_tag(locale: str) -> str:
    """The BCP 47 tag of a locale code, for ``lang`` attributes: ``zh`` → ``zh-Hans``."""
    return TAGS[checked(locale)]


def checked(locale: str) -> LocaleCode:
    """The locale code itself. Raises KeyError for one that does not exist."""
    for known in LOCALES:
        if known == locale:
            return known
    raise KeyError(locale)


def preferred(accept_language: str, fallback: LocaleCode) -> LocaleCode:
    """The first of our languages in an Accept-Language header, by its weights."""
    weighed = []
    for position, part in enumerate(accept_language.split(",")):
        tag, *options = part.replace(" ", "").lower().split(";")
        quality = next((option.removeprefix("q=") for option in options if option.startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            continue
        code = tag.split("-")[0]
        if code in LOCALES and weight > 0:
            weighed.append((-weight, position, code))
    return checked(min(weighed)[2]) if weighed else fallback


class _Catalogue(gettext.NullTranslations):
    def __init__(self, sentences: dict[str, str | tuple[str, ...]]) -> None:
        super().__init__()
        self.sentences = sentences

    def gettext(self, message: str) -> str:
        found = self.sentences.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self.sentences.get(msgid1)
        if found is None:
            return msgid1 if n == 1 else msgid2
        return found if isinstance(found, str) else found[-1]  # Chinese has one form


@cache
def catalogue(locale: LocaleCode) -> gettext.NullTranslations:
    """All rooms' sentences in one language; English is the code itself."""
    if locale == "en":
        return gettext.NullTranslations()
    sentences: dict[str, str | tuple[str, ...]] = {}
    for path in sorted((CATALOGUES / TAGS[locale].replace("-", "_")).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=TAGS[locale].replace("-", "_")):
                if not entry.id or not entry.string or entry.fuzzy:
                    continue
                key = entry.id if isinstance(entry.id, str) else entry.id[0]
                sentences[key] = entry.string if isinstance(entry.string, str) else tuple(entry.string)
    return _Catalogue(sentences)


def translate(locale: str, message: str, /, **params: Any) -> str:
    """The sentence in ``locale`` with its parameters filled in; an unknown sentence comes out in English."""
    code = checked(locale)
    text = catalogue(code).gettext(message)
    return text.format(**_shown(code, params)) if params else text


def plain(locale: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a program reads them: those that are sentences themselves in ``locale``, the others as they are."""
    return {key: value.said(locale) if hasattr(value, "said") else value for key, value in params.items()}


def ngettext(locale: str, singular: str, plural: str, n: int, /, **params: Any) -> str:
    """As :func:`translate`, in the form that goes with ``n``; ``{count}`` is ``n`` unless given."""
    code = checked(locale)
    text = catalogue(code).ngettext(singular, plural, n)
    return text.format(**_shown(code, {"count": n, **params}))


def _shown(locale: LocaleCode, params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: format_number(locale, value)
        if isinstance(value, int) and not isinstance(value, bool) and key != "year"
        else value
        for key, value in plain(locale, params).items()
    }


def format_number(locale: str, value: float, digits: int | None = None) -> str:
    """A number with the locale's separators; with ``digits``, exactly so many decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(
        value, format=pattern, locale=_babel(checked(locale)), decimal_quantization=digits is not None
    )


_PATTERNS: Final = {"minute": "yyyy-MM-dd HH:mm", "second": "yyyy-MM-dd HH:mm:ss", "day": "yyyy-MM-dd"}


def format_datetime(
    locale: str, value: datetime, zone: str, *, to: Literal["minute", "second", "day"] = "minute"
) -> str:
    """An instant in ``zone``, the same unambiguous ISO-like form in both languages (the zone is shown beside it)."""
    return babel_datetime(value.astimezone(ZoneInfo(zone)), _PATTERNS[to], locale=_babel(checked(locale)))


def zone_label(zone: str, at: datetime) -> str:
    """``UTC+8`` for Asia/Shanghai: the offset in force at ``at``, which everyone understands."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


@cache
def _babel(locale: LocaleCode) -> Locale:
    return Locale.parse(TAGS[locale].replace("-", "_"))
