"""A text that its owner wrote in one language or both, as a reader of one of them gets it."""

from dataclasses import dataclass

from leaderboard.core.i18n import LOCALES
from leaderboard.datasets.fields import CardWords


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
