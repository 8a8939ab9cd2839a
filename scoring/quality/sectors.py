"""The words by which a text or table is told to belong to a sector: `sectors.toml`, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from scoring.quality.text.safety import Word

FILE: Final = Path(__file__).with_name("sectors.toml")


@cache
def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """By sector, its words in both languages, in small letters."""
    with FILE.open("rb") as file:
        read = tomllib.load(file)
    return {
        sector: tuple(
            word.strip().lower() for words in languages.values() for word in words.replace("\n", " ").split(",")
        )
        for sector, languages in read.items()
    }


@cache
def listed() -> tuple[tuple[Word, str], ...]:
    """Every form that is looked for, under its sector, with the word that it is a form of: English words also with an -s."""
    return tuple(
        (Word(form, sector), word)
        for sector, words in vocabulary().items()
        for word in words
        for form in ((word, f"{word}s") if word.isascii() else (word,))
    )
