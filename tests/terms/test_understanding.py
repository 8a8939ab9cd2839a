"""Sentences as enterprises write them, each with what it asks for, read by hand, and the words that are not understood."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.understanding.reading import LONGEST, understand

TODAY = date(2026, 11, 28)
SENTENCES = [json.loads(line) for line in Path(__file__).with_name("sentences.jsonl").read_text("utf-8").splitlines()]


def test_there_are_forty_sentences_in_each_language():
    said = [one["language"] for one in SENTENCES]
    assert said.count("en") >= 40
    assert said.count("zh") >= 40


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one["text"][:40])
def test_a_sentence_is_understood(one):
    found = understand(one["text"], one["language"], today=TODAY)
    assert found.demand.model_dump(mode="json", exclude_defaults=True) == one["asks"]
    assert [left.text for left in found.left] == one["left"]


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one["text"][:40])
def test_every_piece_stands_where_it_says(one):
    found = understand(one["text"], one["language"], today=TODAY)
    for piece in (*found.pieces, *found.left):
        assert one["text"][piece.start : piece.end] == piece.text != ""
    assert {piece.what for piece in found.pieces} <= set(MESSAGES)
    for left in found.left:
        assert not any(left.start < piece.end and piece.start < left.end for piece in found.pieces)


def test_what_is_not_wanted_is_shown_and_not_asked():
    found = understand("Speech for non-commercial use", "en", today=TODAY)
    assert [(piece.what, piece.value, piece.text) for piece in found.pieces] == [
        ("understood.modality", "audio", "Speech"),
        ("understood.not_usage", "commercialize", "non-commercial use"),
    ]
    assert found.demand.usage.actions == ()


def test_full_width_signs_read_like_plain_ones():
    wide = understand("１０万张图片，标注错误率低于２％", "zh", today=TODAY).demand
    assert wide == understand("10万张图片,标注错误率低于2%", "zh", today=TODAY).demand
    assert wide.sizes[0].least == 100_000


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3月前交付", "2027-02-28"),
        ("3月底前", "2027-03-31"),
        ("12月前", "2026-11-30"),
        ("before March", "2027-02-28"),
        ("by March", "2027-03-31"),
        ("by 30 November", "2026-11-30"),
        ("by 1 November", "2027-11-01"),
        ("两个月内", "2027-01-28"),
        ("within 10 days", "2026-12-08"),
        ("by 31 February", None),
    ],
)
def test_deadlines_are_the_next_such_day(text, day):
    found = understand(text, "zh", today=TODAY).demand.deadline
    assert found == (date.fromisoformat(day) if day else None)


def test_a_price_a_piece_is_no_budget():
    assert understand("5元/条，10万条", "zh", today=TODAY).demand.budget is None
    assert understand("2 dollars per image", "en", today=TODAY).demand.budget is None


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="at most"):
        understand("数" * (LONGEST + 1), "zh", today=TODAY)


ALPHABET = (
    "0123456789,.%万亿千百年月日前内底至到元条张小时近不低于超过预算标注错误率 abkm-$¥abcdefghijklmnopqrstuvwxyz大湾区"
)


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, max_size=60), st.sampled_from(("zh", "en")))
def test_any_text_gives_a_draft_and_places(text, language):
    found = understand(text, language, today=TODAY)
    for piece in (*found.pieces, *found.left):
        assert text[piece.start : piece.end] == piece.text
    assert understand(text, language, today=TODAY) == found
