"""Every message has one sentence of one form, and every id that the code uses has one."""

import re
from pathlib import Path
from string import Formatter

import pytest

import challenges.datasets
from challenges.datasets.messages import MESSAGES
from challenges.messages import MESSAGES as THEIRS
from scoring.quality import rules

ROOM = Path(challenges.datasets.__file__).parent
FILES = {"dataset.toml", "dataset.json"}


def used(pattern):
    code = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py") if path.name != "messages.py")
    return set(re.findall(pattern, code)) - FILES


def test_ids_that_are_used_have_words_and_words_are_used():
    ours = {message for message in MESSAGES if message.startswith("dataset.")}
    assert used(r'"(dataset\.[a-z0-9_]+)"') == ours
    assert used(r'"((?:intake|package)\.[a-z0-9_]+)"') <= set(THEIRS)
    of_rules = set(re.findall(r'"(rules\.[a-z0-9_]+)"', Path(rules.__file__).read_text("utf-8")))
    assert of_rules == set(MESSAGES) - ours
    assert all(THEIRS.get(message, text) == text for message, text in MESSAGES.items())


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_a_sentence_begins_small_and_ends_without_a_stop(message):
    text = MESSAGES[message]
    assert not text.endswith((".", "!"))
    assert text[0].islower() or text.startswith(("{", "Croissant"))
    assert "  " not in text
    assert all(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    assert re.fullmatch(r"[a-z]{1,40}\.[a-z0-9_]{1,60}", message)
