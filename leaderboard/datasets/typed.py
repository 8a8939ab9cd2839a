"""A form read field by field: what was typed as values, and what is wrong with it, all of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from unicodedata import normalize

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_, translate
from leaderboard.submissions.service import plain
from leaderboard.terms.forms import MOST_AMOUNT
from leaderboard.terms.understanding import amounts

_SEPARATORS: Final = re.compile(r"[\s,，、;；]+")


class Typed:
    """The texts of one form. Each method gives the value of a field, or None (nothing) and a fault where it cannot be read."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.faults: list[FieldError] = []

    def text(self, name: str) -> str:
        """As typed, without blanks around it and without signs that cannot be seen."""
        return plain(self._form.get(name, "").replace("\r\n", "\n")).strip()

    def wrong(self, name: str, message: str, /, **params: object) -> None:
        """Notes a fault."""
        self.faults.append(FieldError(name, message, params))

    def one(self, name: str, known: Collection[str]) -> str | None:
        """One key of a list."""
        text = self.text(name)
        if text and text not in known:
            self.wrong(name, N_("Choose one of the list"))
        return text if text in known else None

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._form.get(name))

    def boxes(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """The keys whose boxes, named ``name-key``, are ticked."""
        return tuple(key for key in known if self.ticked(f"{name}-{key}"))

    def amount(self, name: str) -> float | None:
        """A number that is not negative, with separators, a scale or a unit of bytes: 12,000; 1.5万; 20k; 3 GB."""
        return self._number(name, N_("Write a number such as 12000 or 1.5"))

    def limit(self, name: str) -> float | None:
        """An amount, or a share in per cent: 0.02; 2 %."""
        return self._number(name, N_("Write a number such as 0.02 or 2%"), or_share=True)

    def count(self, name: str, most: int) -> int | None:
        """A whole number up to ``most``."""
        text = self._folded(name)
        if not text:
            return None
        value = amounts.alone(text)
        if value is None or value > most or value % 1:
            self.wrong(name, N_("Write a whole number, at most {most}"), most=most)
            return None
        return int(value)

    def day(self, name: str) -> date | None:
        """A day as 2026-11-28."""
        text = self.text(name)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong(name, N_("Write a day as 2026-11-28"))
            return None

    def words(self, name: str, *, upper: bool = False) -> tuple[str, ...]:
        """Words with commas or blanks between them, each once."""
        given = _SEPARATORS.split(self.text(name))
        return tuple(dict.fromkeys(word.upper() if upper else word for word in given if word))

    def codes(self, name: str, form: str, message: str, *, upper: bool = False) -> tuple[str, ...]:
        """The same, all of one form; ``message`` may use ``{value}``, one that is wrong."""
        given = self.words(name, upper=upper)
        for code in given:
            if not re.fullmatch(form, code):
                self.wrong(name, message, value=code[:60])
                return ()
        return given

    def names(self, name: str, known: Mapping[str, str]) -> tuple[str, ...]:
        """Keys of a list that people may write by their names in either language, with commas between them."""
        keys = {spelled(word): key for key, label in known.items() for word in (key, label, translate("zh", label))}
        found = []
        for word in re.split(r"[,，、;；\n]+", self.text(name)):
            if word.strip() and spelled(word) not in keys:
                self.wrong(name, N_("There is no “{value}” in the list"), value=word.strip()[:60])
            elif word.strip():
                found.append(keys[spelled(word)])
        return tuple(dict.fromkeys(found))

    def lines(self, name: str) -> Iterator[tuple[int, str]]:
        """The lines that are not blank, with their numbers from 1; a tab, as copied from a spreadsheet, reads as ``|``."""
        text = plain(self._form.get(name, "").replace("\r\n", "\n").replace("\t", "|"))
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, line.strip()

    def _number(self, name: str, message: str, *, or_share: bool = False) -> float | None:
        text = self._folded(name)
        if not text:
            return None
        share = or_share and text.endswith("%")
        value = amounts.alone(text[:-1].rstrip() if share else text)
        if value is None or value > MOST_AMOUNT:
            self.wrong(name, message)
            return None
        return float(value / 100 if share else value)

    def _folded(self, name: str) -> str:
        """In small letters and half-width signs."""
        return normalize("NFKC", self.text(name)).lower()


def spelled(word: str) -> str:
    """A word as it is compared."""
    return " ".join(normalize("NFKC", word).casefold().split())


def shown(amount: float | None) -> str:
    """An amount as a form shows it: whole ones without a point, nothing for None.

    >>> shown(50000.0), shown(1e-7), shown(None)
    ('50000', '0.0000001', '')
    """
    if amount is None:
        return ""
    return str(int(amount)) if amount == int(amount) else format(Decimal(repr(amount)), "f")
