"""What owners wrote in one language or both, as a reader of one of them gets it; and languages by their names."""

from dataclasses import dataclass
from typing import Final

from babel import Locale

from leaderboard.core.i18n import LOCALES
from leaderboard.datasets.fields import CardWords
from leaderboard.seasons.signals import Words

_ZH: Final = Locale("zh")
_EN: Final = Locale("en")


@dataclass(frozen=True)
class Said:
    """A text in the reader's language, or in ``locale``, the other one, where the owner wrote only that. Empty: not written."""

    text: str
    locale: str
    other: bool

    @classmethod
    def of(cls, words: CardWords, name: str, locale: str) -> "Said":
        return cls.either(getattr(words, f"{name}_en"), getattr(words, f"{name}_zh"), locale)

    @classmethod
    def either(cls, en: str, zh: str, locale: str) -> "Said":
        own, other = (zh, en) if locale == "zh" else (en, zh)
        away = next(one for one in LOCALES if one != locale)
        return cls(own or other, locale if own or not other else away, other=bool(other and not own))


def language(tag: str) -> Words:
    """The language of a BCP 47 tag by its name; the tag where it has none.

    >>> language("zh-Hans").said("en"), language("yue").said("zh")
    ('Chinese', '粤语')
    """
    code = tag.split("-", maxsplit=1)[0]
    return Words(_EN.languages.get(code, tag), _ZH.languages.get(code, tag))
