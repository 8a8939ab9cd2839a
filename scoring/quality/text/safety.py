"""Words that must not be in a dataset: a list that the organizer supplies, found also where they are disguised.

No list is shipped: which words are unsafe differs by sector and country and changes, offensive lists do not belong into a public
repository, and a classifier would need model weights. So this finds what it is told to find, and says nothing about the rest.
A text that quotes or condemns a word is found too: the rate is an upper bound for what people would call unsafe, and a lower
bound for all that is unsafe. Judgement by people (TC260-003 asks for both) stays with the organizer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.shares import Share, share_of
from scoring.quality.text.characters import MOST_CHARACTERS

MOST_WORDS: Final = 100_000
LONGEST_WORD: Final = 100

_BETWEEN_HAN: Final = (
    r"[\s\p{Cf}\p{Mn}\p{Sk}\p{So}\p{Sm}\p{Ps}\p{Pe}*·•.\-_|/\\~#@&%`'\"…]+"  # never the stops of a sentence
)
_LOOKALIKES: Final = {
    "@": "a",
    "$": "s",
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "|": "l",
}
_SPELT_OUT: Final = r"\b(?:[a-z] ){2,60}[a-z]\b"
_SHORTEST_SPELT_OUT: Final = 4  # letters; shorter words come by chance in strings of single letters


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase and the class of harm it belongs to, as the organizer names it."""

    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Safety:
    """Which of n texts hold a listed word.

    unsafe        share of texts with at least one
    rows          (k,) int64, ascending: those texts
    by_category   share of texts with a word of each class of harm
    hits          one line for each text and word: row Int64, word Int64 (position in the list), disguised Boolean (found only
                  with separators, look-alike letters or spelling undone)
    """

    unsafe: Share
    rows: npt.NDArray[np.int64]
    by_category: dict[str, Share]
    hits: pl.DataFrame


def find_words(
    texts: pl.Series, words: Sequence[Word], exceptions: Sequence[str] = (), *, population: int | None = None
) -> Safety:
    """Look for all words at once (Aho and Corasick 1975, as polars has it), in the first 50,000 characters of each text.

    words        at most 100,000 of at most 100 characters. Those with a Han character match anywhere, also with spaces, marks or
                 invisible characters between; others match whole words, without regard to case, width, accents, look-alikes
                 (pa55word) and spelling out (p-a-s-s). Simplified and traditional forms are different words: list both
    exceptions   harmless phrases that hold a listed word; they are passed over
    population   texts that these were drawn from at random; None: they are all

    ValueError for too many, too long or empty words, and those without a letter or digit.

    >>> found = find_words(pl.Series(["坏 词", "好词", "a p@ssw0rd!"]), [Word("坏词", "x"), Word("password", "y")])
    >>> found.rows.tolist(), found.hits["disguised"].to_list(), found.by_category["y"].count
    ([0, 2], [True, True], 1)
    """
    _check(words)
    plain = _normal(texts.cast(pl.String).fill_null("").str.head(MOST_CHARACTERS))
    harmless = [phrase for phrase in _normal(pl.Series(list(exceptions), dtype=pl.String)) if phrase]
    if harmless:
        plain = plain.str.replace_many(harmless, ["\n"] * len(harmless))
    listed = _normal(pl.Series([word.text for word in words], dtype=pl.String))
    numbered = pl.DataFrame({"word": np.arange(len(words)), "text": listed})
    with_han = numbered.filter(pl.col("text").str.contains(r"\p{Han}"))
    others = numbered.filter(~pl.col("text").str.contains(r"\p{Han}"))
    found = [_han_hits(plain, with_han)] if with_han.height else []
    found += _word_hits(plain, others) if others.height else []
    hits = (
        pl.concat(found) if found else pl.DataFrame(schema={"row": pl.Int64, "word": pl.Int64, "disguised": pl.Boolean})
    )
    hits = hits.group_by("row", "word").agg(pl.col("disguised").all()).sort("row", "word")
    rows = hits["row"].unique().sort().to_numpy()
    return Safety(
        share_of(len(rows), len(texts), population=population),
        rows,
        _by_category(hits, words, len(texts), population),
        hits,
    )


def _check(words: Sequence[Word]) -> None:
    if len(words) > MOST_WORDS:
        raise ValueError(f"{len(words)} words are listed; at most {MOST_WORDS} are looked for")
    for place, word in enumerate(words):
        if not word.text.strip() or len(word.text) > LONGEST_WORD:
            raise ValueError(f"word {place} of the list is empty or longer than {LONGEST_WORD} characters")
        if not any(character.isalnum() for character in word.text):
            raise ValueError(f"word {place} of the list holds no letter or digit")


def _normal(texts: pl.Series) -> pl.Series:
    """One width, lower case, no accents and no invisible characters."""
    return texts.str.normalize("NFKD").str.to_lowercase().str.replace_all(r"[\p{Mn}\p{Cf}]", "").str.normalize("NFKC")


def _han_hits(plain: pl.Series, words: pl.DataFrame) -> pl.DataFrame:
    squeezed = words.with_columns(pl.col("text").str.replace_all(_BETWEEN_HAN, ""))
    squeezed = squeezed.filter(pl.col("text").str.len_chars() > 0)
    found = [_matches(plain, words, disguised=False)]
    if squeezed.height:
        found.append(_matches(plain.str.replace_all(_BETWEEN_HAN, ""), squeezed, disguised=True))
    return pl.concat(found)


def _word_hits(plain: pl.Series, words: pl.DataFrame) -> list[pl.DataFrame]:
    spaced = _spaced(plain)
    unmasked = _spaced(_without_lookalikes(plain))
    letters = words.with_columns(text=_spaced(words["text"]))
    folded = words.with_columns(text=_spaced(_without_lookalikes(words["text"])))
    found = [_matches(spaced, letters, disguised=False), _matches(unmasked, folded, disguised=True)]
    run_together = folded.with_columns(pl.col("text").str.replace_all(" ", "", literal=True))
    run_together = run_together.filter(pl.col("text").str.len_chars() >= _SHORTEST_SPELT_OUT)
    if run_together.height:
        spelt = unmasked.str.extract_all(_SPELT_OUT).list.join("\n").str.replace_all(" ", "", literal=True)
        found.append(_matches(spelt, run_together, disguised=True))
    return found


def _without_lookalikes(texts: pl.Series) -> pl.Series:
    """Look-alikes as letters; numbers stay numbers, for 455 is no word."""
    without_numbers = texts.str.replace_all(r"\b[0-9]{2,}\b", " ")
    without_numbers = without_numbers.str.replace_all(
        r"!(\p{L})", "i$1"
    )  # at the end of a word it is an exclamation mark
    return without_numbers.str.replace_many(list(_LOOKALIKES), list(_LOOKALIKES.values()))


def _spaced(texts: pl.Series) -> pl.Series:
    """Words with one space before, between and after."""
    inner = texts.str.replace_all(r"[^\p{L}\p{N}]+|\p{Han}+", " ").str.strip_chars()
    return " " + inner + " "


def _matches(texts: pl.Series, words: pl.DataFrame, *, disguised: bool) -> pl.DataFrame:
    """Rows and the numbers of the words found there, each once."""
    found = texts.str.extract_many(words["text"].unique().to_list(), overlapping=True).list.unique()
    long = pl.DataFrame({"row": np.arange(len(texts)), "text": found}).explode("text").drop_nulls()
    return long.join(words, on="text").select("row", "word", pl.lit(disguised).alias("disguised"))


def _by_category(hits: pl.DataFrame, words: Sequence[Word], texts: int, population: int | None) -> dict[str, Share]:
    categories = pl.DataFrame({"word": np.arange(len(words)), "category": [word.category for word in words]})
    counts = dict(hits.join(categories, on="word").group_by("category").agg(pl.col("row").n_unique()).iter_rows())
    names = sorted({word.category for word in words})
    return {name: share_of(counts.get(name, 0), texts, population=population) for name in names}
