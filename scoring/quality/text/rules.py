"""What a clean text must be like: a table of bounds, adapted from what builders of language corpora use.

Gopher   Rae et al. 2021, arXiv:2112.11446, table A1 and section A.1.1
C4       Raffel et al. 2020, arXiv:1910.10683, section 2.2
FineWeb  Penedo et al. 2024, arXiv:2406.17557, section 3.6

Those bounds are for web pages in English; many reject every review of ten characters. Here they are kept where they hold for
short and for long texts, and otherwise asked only of texts that are long enough. Share of clean texts among real ones: 17,412
different Chinese shop reviews .958 (by code 01 to 07: .999, .998, .996, .966, 1.000, .996, .999), 19,484 paragraphs of the People's
Daily .983, 1,624 of its pages .982, 1,884 documentation strings in English .980, 1,571 paragraphs of licences .819 (addresses, rules
of hyphens and headings by themselves). Most of what fails is cut off: of reviews above 100 characters a tenth ends in the middle of a
sentence, because the shop cut them there. What is found of planted defects is in `tests/scoring/quality/test_text_rules.py`.

Not found: a text cut off within 100 characters, sentences in a wrong order, nonsense in good characters, and rubbish that is so
frequent that it makes up the corpus (give `text_signals` a reference against that).

The clauses of TC609-5-2025-04 are named by their number; the reasons are ours.
"""

from typing import Final

import polars as pl

from scoring.quality.cleanliness import Cleanliness, Rule, judge

_GOPHER: Final = "Rae et al. 2021, arXiv:2112.11446"
_C4: Final = "Raffel et al. 2020, arXiv:1910.10683"
_FINEWEB: Final = "Penedo et al. 2024, arXiv:2406.17557"

RULES: Final = (
    Rule(
        "text.strange", "T02080101", "surprise_z", "max", 6.0,
        "The characters follow each other as in no other text here",
        "perplexity filter of CCNet (Wenzek et al. 2020, arXiv:1911.00359), with pairs of characters for a model",
        only_if=("characters", 10),
    ),
    Rule(
        "text.thin", "T02080102", "density", "min", 0.5,
        "Few different characters for its length", "ours; entropy of Shannon 1948",
        only_if=("characters", 10),
    ),
    Rule("text.tiny", "T02080102", "units", "min", 2.0, "Not even two words", f"{_GOPHER}: 50 words, lowered for reviews"),
    Rule("text.one_character", "T02080103", "longest_run", "max", 9.0, "One letter or digit ten times in a row", "ours"),
    Rule(
        "text.same_sentences", "T02080103", "repeated_sentences", "max", 0.3,
        "Says the same sentences again", f"{_GOPHER}: duplicate lines 0.30, on sentences",
    ),
    Rule(
        "text.same_strings", "T02080103", "repeated_grams", "max", 0.15,
        "Long strings of words come again", f"{_GOPHER}: duplicate 5-grams 0.15, on 10 characters or words",
    ),
    Rule(
        "text.top_string", "T02080103", "top_gram", "max", 0.3,
        "One string of words makes up much of it", f"{_GOPHER}: top 2-gram 0.20, on 4 characters or words, raised for short texts",
        only_if=("units", 20),
    ),
    Rule("text.cut_off", "T02080104", "cut_off", "max", 0.0, "Ends in a comma or an open bracket", f"{_C4}: terminal punctuation"),
    Rule(
        "text.no_end", "T02080104", "ends_closed", "min", 1.0,
        "A longer text that does not end its last sentence", f"{_C4}: terminal punctuation, only for longer texts",
        only_if=("characters", 100),
    ),
    Rule(
        "text.no_sentences", "T02080104", "closed_lines", "min", 0.12,
        "Hardly a line ends a sentence", f"{_FINEWEB}: lines with terminal punctuation 0.12",
        only_if=("characters", 400),
    ),
    Rule(
        "text.long_word", "T02080106", "longest_word", "max", 40.0,
        "Letters without a space, longer than a word", f"{_GOPHER}: mean word length 3 to 10, on the longest one",
    ),
    Rule("text.blank", "T02080105", "blank", "max", 0.0, "Holds no character", "ours"),
    Rule("text.placeholder", "T02080105", "placeholder", "max", 0.0, "A placeholder in the place of a text", f"{_C4}: lorem ipsum"),
    Rule("text.mojibake", "T02080106", "mojibake", "max", 0.01, "Rubble of a wrong encoding", "ours"),
    Rule("text.control", "T02080106", "bad", "max", 0.01, "Control or private characters", "ours"),
    Rule("text.markup", "T02080106", "markup", "max", 0.05, "HTML tags or entities", f"{_C4}: code and markup"),
    Rule("text.addresses", "T02080106", "addresses", "max", 0.5, "Mostly web addresses", "ours"),
    Rule("text.boilerplate", "T02080106", "boilerplate", "max", 1.0, "Stock phrases of web pages", f"{_C4}: javascript, policy notices"),
    Rule(
        "text.punctuation", "T02080106", "punctuation", "max", 0.5,
        "Mostly punctuation", f"{_GOPHER}: 80 % of words have a letter", only_if=("characters", 10),
    ),
    Rule(
        "text.symbols", "T02080106", "symbols", "max", 0.25,
        "Many symbols", f"{_GOPHER}: symbols to words 0.1, per character", only_if=("characters", 10),
    ),
    Rule(
        "text.digits", "T02080106", "digits", "max", 0.5,
        "Mostly digits", f"{_GOPHER}: 80 % of words have a letter", only_if=("characters", 10),
    ),
    Rule("text.white", "T02080106", "white", "max", 0.5, "Mostly white space", "ours", only_if=("characters", 10)),
    Rule(
        "text.shuffled", "T02080107", "order_gain", "min", 0.0,
        "The characters are in no order that a language has", "ours; pairs of characters against single ones",
        only_if=("characters", 20),
    ),
)  # fmt: skip


def clean_texts(
    signals: pl.DataFrame, rules: tuple[Rule, ...] = RULES, *, population: int | None = None
) -> Cleanliness:
    """Which texts are clean. signals: of `text_signals`; population: texts that these were drawn from, None: they are all.

    >>> from scoring.quality.text.signals import text_signals
    >>> found = clean_texts(text_signals(pl.Series(["质量很好，下次还来。", "N/A", "好看，"])))
    >>> found.dirty.tolist(), [outcome.rule.key for outcome in found.outcomes if outcome.rows.size]
    ([False, True, True], ['text.cut_off', 'text.placeholder'])
    """
    return judge(signals, rules, population=population)
