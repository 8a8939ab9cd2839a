"""Rules between the keys of `[annotation]`, and the words of every message."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import challenges
from challenges.annotation_messages import ANNOTATION_EXPECTED, ANNOTATION_HINTS, ANNOTATION_MESSAGES
from challenges.annotation_rules import findings
from challenges.definition import Definition
from challenges.messages import MESSAGES
from tests.challenges.annotation.jobs import CLASSES, SOURCE, definition

ROOM = Path(challenges.__file__).parent


def found(**said):
    return {(one.message, ".".join(map(str, one.path))): one for one in findings(definition(**said))}


def test_a_sound_section_is_sound():
    assert found() == {}
    assert list(findings(Definition.model_validate({**SOURCE, "kind": "prediction"}))) == []


def test_items_are_public_tables_and_gold_hidden_ones():
    said = found(items="answers/items.csv", gold={"path": "public/gold.csv"})
    assert said.keys() == {("package.not_below", "annotation.items"), ("package.not_below", "annotation.gold.path")}
    assert [one.params for one in said.values()] == [{"folder": "public/"}, {"folder": "answers/"}]
    said = found(items="public/items/", gold={"path": "answers/gold.xlsx"})
    assert said.keys() == {("package.not_a_table", "annotation.items"), ("package.not_a_table", "annotation.gold.path")}


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ({"item": "label"}, "label"),
        ({"annotator": "item"}, "annotator"),
        ({"seconds": "annotator"}, "seconds"),
    ],
)
def test_a_column_holds_one_thing(labels, key):
    assert found(labels={"classes": CLASSES, **labels}).keys() == {
        ("annotation.same_column", f"annotation.labels.{key}")
    }


def test_classes_are_names_and_come_once():
    said = found(labels={"classes": ["a", "b", "a", " c", "", "d" * 101]})
    assert said.keys() == {
        ("package.repeated", "annotation.labels.classes.2"),
        ("package.not_a_name", "annotation.labels.classes.3"),
        ("package.not_a_name", "annotation.labels.classes.4"),
        ("package.too_long", "annotation.labels.classes.5"),
    }


@pytest.mark.parametrize("currency", ["cny", "RMB.", "元", "", "CNYX", "C1Y"])
def test_a_currency_is_a_code(currency):
    assert found(currency=currency).keys() == {("annotation.not_a_currency", "annotation.currency")}


def test_costs_stay_finite_and_one_label_an_item_is_worth_a_word():
    assert found(cost=1e300).keys() == {("package.at_most", "annotation.cost")}
    (one,) = found(per_item=1).values()
    assert (one.message, one.level) == ("annotation.nobody_to_agree", "warning")


def test_every_message_that_is_used_has_words_and_the_other_way_round():
    texts = {
        node.value
        for path in ROOM.glob("annotation_*.py")
        if path.name != "annotation_messages.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    used = {text for text in texts if re.fullmatch(r"annotation\.[a-z_]+", text)} - {"annotation.json"}
    kinds = {"annotation.items"}  # begins two ids
    assert (used - kinds) | {"annotation.items_empty", "annotation.items_repeated"} == set(ANNOTATION_MESSAGES)
    assert {*ANNOTATION_HINTS, *ANNOTATION_EXPECTED} <= set(ANNOTATION_MESSAGES)
    elsewhere = {text for text in texts if re.fullmatch(r"(package|answers|intake)\.[a-z_]+", text)}
    assert elsewhere - {"answers.ids"} <= set(MESSAGES)


@pytest.mark.parametrize("message", sorted(ANNOTATION_MESSAGES))
def test_a_sentence_begins_small_and_ends_without_a_stop(message):
    text = ANNOTATION_MESSAGES[message]
    assert text[0].islower() or text.startswith("{")
    assert not text.endswith((".", "!"))
    assert "  " not in text


@pytest.mark.parametrize("hint", sorted(ANNOTATION_HINTS.values()))
def test_a_hint_is_a_whole_sentence(hint):
    assert hint[0].isupper()
    assert hint.endswith(".")
    assert not any(name for _, name, _, _ in Formatter().parse(hint) if name)
