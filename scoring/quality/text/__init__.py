"""Cleanliness and safety of texts: signals of each text, the rules they must pass, and listed words."""

from scoring.quality.text.rules import RULES, clean_texts
from scoring.quality.text.safety import Safety, Word, find_words
from scoring.quality.text.signals import text_signals
from scoring.quality.text.surprise import Reference, count_reference

__all__ = ["RULES", "Reference", "Safety", "Word", "clean_texts", "count_reference", "find_words", "text_signals"]
