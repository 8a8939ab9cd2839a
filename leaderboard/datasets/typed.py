"""A form read field by field: what was typed as values, and what is wrong with it, all of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from math import isfinite
from typing import Final
from unicodedata import normalize

from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_, translate
from leaderboard.submissions.service import plain
from leaderboard.terms.forms import MOST_AMOUNT

_SEPARATORS: Final = re.compile(r"[\s,，、;；]+")
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(万|亿|[kmgt]?b)?")
_SCALES: Final[Mapping[str, float]] = {
    "": 1, "万": 1e4, "亿": 1e8, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}  # fmt: skip


class Typed:
    """The texts of one form. Each method gives the value of a field, or None (nothing) and a fault where it cannot be read."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.faults: list[FieldError] = []

    def text(self, name: str) -> str:
        """As typed, without blanks around it and without signs that cannot be seen."""
        return plain(self._form.get(name, "").replace("\r\n", "\n")).strip()

    def wrong(self, name: str, message: str, **params: object) -> None:
        """Notes a fault."""
        self.faults.append(FieldError(name, message, params))

    def one(self, name: str, known: Collection[str]) -> str | None:
        """One key of a list."""
        text = self.text(name)
        if text and text not in known:
            self.wrong(name, N_("Choose one of the list"))
        return text if text in known else None

    def boxes(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """The keys whose boxes, named ``name-key``, are ticked."""
        return tuple(key for key in known if self._form.get(f"{name}-{key}"))

    def amount(self, name: str) -> float | None:
        """A number that is not negative, with separators, 万 and 亿, or a unit of bytes: 12,000; 1.5万; 3 GB."""
        text = self.text(name)
        if not text:
            return None
        found = _AMOUNT.fullmatch(normalize("NFKC", text).replace(",", "").lower())
        value = float(found[1]) * _SCALES[found[2] or ""] if found else float("nan")
        if not isfinite(value) or value > MOST_AMOUNT:
            self.wrong(name, N_("Write a number such as 12000 or 1.5"))
            return None
        return value

    def count(self, name: str, most: int) -> int | None:
        """A whole number up to ``most``."""
        text = normalize("NFKC", self.text(name))
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
            self.wrong(name, N_("Write a whole number, at most {most}"), most=most)
            return None
        return int(text)

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

    def codes(self, name: str, form: str, message: str, *, upper: bool = False) -> tuple[str, ...]:
        """Codes with commas or blanks between them, each once; ``message`` may use ``{value}``, one that is wrong."""
        given = [code.upper() if upper else code for code in _SEPARATORS.split(self.text(name)) if code]
        for code in given:
            if not re.fullmatch(form, code):
                self.wrong(name, message, value=code[:60])
                return ()
        return tuple(dict.fromkeys(given))

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


def spelled(word: str) -> str:
    """A word as it is compared."""
    return " ".join(normalize("NFKC", word).casefold().split())
