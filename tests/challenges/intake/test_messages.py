"""Every finding has its sentence, in both languages, and no sentence waits for a finding that never comes."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from challenges.annotation_messages import ANNOTATION_EXPECTED, ANNOTATION_HINTS, ANNOTATION_MESSAGES
from challenges.intake_messages import EXPECTED, HINTS, MESSAGES

ROOT = Path(__file__).parents[3]
CODE = [*(ROOT / "challenges" / "intake").glob("*.py"), ROOT / "challenges" / "preparation.py"]
CATALOGUE = ROOT / "leaderboard" / "translations" / "zh_Hans" / "intake.po"
SENTENCES = [
    text
    for table, others in ((MESSAGES, {}), (HINTS, ANNOTATION_HINTS), (EXPECTED, ANNOTATION_EXPECTED))
    for message, text in table.items()
    if message not in others
]


def used():
    texts = {
        node.value
        for file in CODE
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found = {text for text in texts if re.fullmatch(r"(intake|answers)\.[a-z_]*[a-z]", text)}
    return found | {f"intake.delimiter_{name}" for name in ("comma", "tab", "semicolon", "bar")}


def chinese():
    text = CATALOGUE.read_text("utf-8")
    pairs = re.findall(r'^msgid (".*")\nmsgstr (".*")$', text, re.MULTILINE)
    return {ast.literal_eval(one): ast.literal_eval(other) for one, other in pairs}


def fields(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_message_that_is_used_has_a_sentence_and_the_other_way_round():
    assert used() == set(MESSAGES)


def test_hints_and_expectations_belong_to_messages():
    assert (set(HINTS) | set(EXPECTED)) - set(ANNOTATION_MESSAGES) <= set(MESSAGES)


def test_the_catalogue_has_exactly_these_sentences():
    assert set(chinese()) - {""} == set(SENTENCES)


@pytest.mark.parametrize(("english", "translated"), [pair for pair in chinese().items() if pair[0]])
def test_a_translation_uses_the_same_params(english, translated):
    assert translated
    assert fields(translated) == fields(english)
