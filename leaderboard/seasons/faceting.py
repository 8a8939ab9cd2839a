"""Lists that are sifted by words and facets: what passes, what a click would show, what is chosen. Nothing here knows what is listed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from leaderboard.seasons.signals import Phrase, Words


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many cards it would show, and whether it is chosen."""

    value: str
    label: Phrase | Words
    count: int
    current: bool


@dataclass(frozen=True)
class Facet:
    key: str
    title: Phrase
    choices: tuple[Choice, ...]


Rule = tuple[str, str, Mapping[str, str], Callable[[Any], Sequence[str]]]
"""A facet: key, title, values with their names, and the values that a card has. What is chosen is an attribute named by the key."""


def plain(text: str) -> str:
    """A text as it is searched and ordered: one form of each sign, without regard to case."""
    return normalize("NFKC", text).casefold()


def matches(q: str, *texts: str) -> bool:
    """Whether every word of the search stands somewhere in the texts."""
    where = plain(" ".join(texts))
    return all(word in where for word in plain(q).split())


def passes(rules: Sequence[Rule], card: object, asked: object, *, but: str = "") -> bool:
    """Whether the card passes every facet chosen, one left out."""
    return all(
        key == but or not getattr(asked, key) or getattr(asked, key) in values(card) for key, _, _, values in rules
    )


def facets(rules: Sequence[Rule], cards: Sequence[object], asked: object) -> tuple[Facet, ...]:
    """Each facet with its counts under all the other choices: what a click would show."""
    found = []
    for key, title, words, values in rules:
        counts = Counter(value for card in cards if passes(rules, card, asked, but=key) for value in values(card))
        chosen = getattr(asked, key)
        choices = (
            Choice(value, Phrase(label), counts[value], value == chosen)
            for value, label in words.items()
            if counts[value] or value == chosen
        )
        found.append(Facet(key, Phrase(title), tuple(choices)))
    return tuple(found)


def chips(rules: Sequence[Rule], asked: Any) -> list[tuple[str, Phrase | Words]]:
    """What is chosen, to be taken away one by one; ``asked.q`` is the search."""
    said: list[tuple[str, Phrase | Words]] = [("q", Words(f"“{asked.q}”", f"“{asked.q}”"))] if asked.q else []
    return said + [(key, Phrase(words[getattr(asked, key)])) for key, _, words, _ in rules if getattr(asked, key)]
