"""What a code of an issue means, in English: one sentence about one cell or record. `leaderboard.core.i18n` owns the Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scoring.quality.personal.kinds import KINDS

_CODES: Final = {
    # structure
    "type": "not a value of its column's type",
    "minimum": "below the least value allowed",
    "maximum": "above the greatest value allowed",
    "min_length": "shorter than allowed",
    "max_length": "longer than allowed",
    "pattern": "not of the required form",
    "enum": "not among the values allowed",
    "unique": "comes twice where each value may come once",
    "required": "empty where a value is required",
    "key": "the key stood in a record before",
    "key_empty": "a part of the key is missing",
    "column_missing": "the column is missing",
    "class_unknown": "not among the classes there are",
    "too_few_decimals": "fewer decimals than asked for",
    # values
    "disguised_missing": "stands for a missing value",
    "empty_column": "no record has a value",
    "label_missing": "no label",
    "label_contradicts": "equal to a record with another label",
    "label_doubtful": "probably the wrong label",
    "outlier.tail": "far from all other values of its column",
    # copies
    "exact_copy": "equal to an earlier record",
    "near_copy": "nearly equal to another record",
    # texts
    "text.strange": "characters follow each other as in no other text here",
    "text.thin": "few different characters for its length",
    "text.tiny": "not even two words",
    "text.one_character": "one letter or digit ten times in a row",
    "text.same_sentences": "says the same sentences again",
    "text.same_strings": "long strings of words come again",
    "text.top_string": "one string of words makes up much of it",
    "text.cut_off": "ends in a comma or an open bracket",
    "text.no_end": "a longer text that does not end its last sentence",
    "text.no_sentences": "hardly a line ends a sentence",
    "text.long_word": "a word of more than 40 characters",
    "text.blank": "holds no character",
    "text.placeholder": "a placeholder in the place of a text",
    "text.mojibake": "rubble of a wrong encoding",
    "text.control": "control or private characters",
    "text.markup": "tags or entities of HTML",
    "text.addresses": "mostly web addresses",
    "text.boilerplate": "stock phrases of web pages",
    "text.punctuation": "mostly punctuation",
    "text.symbols": "mostly symbols",
    "text.digits": "mostly digits",
    "text.white": "mostly white space",
    "text.shuffled": "characters in no order that a language has",
}

ISSUES: Final[Mapping[str, str]] = MappingProxyType(_CODES)
"""Codes with a fixed sentence. Beside them: `rule:<name>`, a rule between columns, and `personal:<kind>`."""

RULE_BROKEN: Final = "breaks the rule “{rule}”"


def sentence(code: str) -> tuple[str, dict[str, str]]:
    """The English sentence of a code, and what fills it.

    >>> sentence("rule:order")
    ('breaks the rule “{rule}”', {'rule': 'order'})
    """
    if code.startswith("rule:"):
        return RULE_BROKEN, {"rule": code.removeprefix("rule:")}
    if code.startswith("personal:"):
        return KINDS[code.removeprefix("personal:")].title, {}
    return ISSUES[code], {}
