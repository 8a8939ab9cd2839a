"""Every message id has one English sentence of one form, and one in Chinese with the same params."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import challenges
from challenges import facets, intake_messages, reference, starter_text
from challenges.annotation_messages import ANNOTATION_MESSAGES
from challenges.board_columns import COLUMNS
from challenges.datasets import messages as dataset_messages
from challenges.findings import Finding
from challenges.guess import _SCORES
from challenges.messages import MESSAGES

ROOM = Path(challenges.__file__).parent
ELSEWHERE = {*intake_messages.MESSAGES, *dataset_messages.MESSAGES, *ANNOTATION_MESSAGES}
OURS = {message: text for message, text in MESSAGES.items() if message not in ELSEWHERE}
CATALOGUE = ROOM.parent / "leaderboard/translations/zh_Hans/challenges.po"
FOUND_NEAR = {
    "not_listed",
    "licence_unknown",
    "no_such_column",
    "metric_unknown",
    "tie_unknown",
    "link_broken",
    "unknown_key",
}
ORDERS = {f"package.leak_{what}_{order}" for what in ("split", "truth") for order in ("ids", "rows")}


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def chinese():
    with CATALOGUE.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


def test_ids_that_are_used_have_words_and_words_are_used():
    code = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py") if "messages" not in path.name)
    used = set(re.findall(r'"((?:package|new|quality|patch)\.[a-z0-9_]+)"', code))
    assert used <= set(OURS)
    assert set(OURS) - used <= {f"package.{name}_near" for name in FOUND_NEAR} | ORDERS


@pytest.mark.parametrize("message", sorted(OURS))
def test_a_sentence_begins_small_and_ends_without_a_stop(message):
    text = OURS[message]
    assert not text.endswith((".", "!"))
    assert text[0].islower() or text.startswith("{")
    assert "  " not in text


def test_everything_is_said_in_chinese_with_the_same_params(chinese):
    sentences = set(OURS.values())
    for table in (facets.SECTORS, facets.TASKS, facets.MODALITIES, facets.ROLES, facets.PHASES):
        sentences |= set(table.values())
    sentences |= {entry.description for entry in reference.entries()}
    sentences |= {
        said for columns in COLUMNS.values() for column in columns for said in (column.name, column.explanation)
    }
    assert sentences == set(chinese)
    for sentence, translated in chinese.items():
        assert re.search(r"[\u4e00-\u9fff]", translated), sentence
        if sentence in OURS.values():
            assert fields(sentence) == fields(translated), sentence
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]", translated), f"half-width punctuation: {translated}"


def test_the_place_of_a_finding_needs_no_language():
    assert Finding(id="x", file="challenge.toml", line=31, key="answers.split.public", value="1.3").place == (
        "challenge.toml:31 answers.split.public = 1.3"
    )
    assert Finding(id="x", file="README.en.md", line=4).place == "README.en.md:4"
    assert Finding(id="x").place == ""


def test_new_briefs_can_name_every_metric_that_may_be_guessed():
    guessed = {metric for scores in _SCORES.values() for _, metric in scores}
    assert guessed == set(starter_text._METRICS_ZH)
