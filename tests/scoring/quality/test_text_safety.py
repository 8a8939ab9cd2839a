"""Listed words are found where they are disguised, and not where they are a part of another word."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.text import Word, find_words
from tests.scoring.quality.reviews import reviews

WORDS = [Word("坏词", "a"), Word("secret", "b"), Word("ant", "c"), Word("red flag", "c")]


def hits(text: str, words=WORDS, exceptions=()) -> dict[str, bool]:
    found = find_words(pl.Series([text]), words, exceptions).hits
    return {words[word].text: disguised for _, word, disguised in found.iter_rows()}


@pytest.mark.parametrize("text", ["坏词", "这是坏词吧", "坏词坏词"])
def test_plain_words(text):
    assert hits(text) == {"坏词": False}


@pytest.mark.parametrize("text", ["坏 词", "坏*词", "坏-_-词", "坏😀词", "坏…词", "【坏】【词】"])
def test_han_words_with_something_between(text):
    assert hits(text) == {"坏词": True}


def test_invisible_characters_and_wide_forms_are_no_disguise_at_all():
    assert hits("坏\u200b词 ＳＥＣＲＥＴ sécret") == {"坏词": False, "secret": False}


@pytest.mark.parametrize("text", ["很坏。词不达意", "坏，词", "词坏", "坏"])
def test_a_stop_between_han_characters_ends_the_word(text):
    assert hits(text) == {}


@pytest.mark.parametrize("text", ["s3cret", "$ecret", "S e c r e t", "s.e.c.r.e.t!", "s-3-c-r-3-t", "rêd fl4g"])
def test_other_words_disguised(text):
    assert set(hits(text)) in ({"secret"}, {"red flag"})
    assert all(hits(text).values())


@pytest.mark.parametrize("text", ["secretary", "secrets", "plants", "giant", "red flags", "a n t", "47 455 1337"])
def test_parts_of_words_numbers_and_short_spellings_are_not_hits(text):
    assert hits(text) == {}


def test_words_beside_han_characters():
    assert hits("用ant吧，Red  Flag！") == {"ant": False, "red flag": False}


def test_exceptions_are_passed_over_but_hide_nothing_else():
    assert hits("坏词典", exceptions=["坏词典"]) == {}
    assert hits("坏词典里的坏词", exceptions=["坏词典"]) == {"坏词": False}


def test_rates_by_category_and_rows():
    found = find_words(pl.Series(["坏词", None, "ant 坏词", "", "ant", "no"]), WORDS, population=600)
    assert found.rows.tolist() == [0, 2, 4]
    assert (found.unsafe.count, found.unsafe.of, found.unsafe.exact) == (3, 6, False)
    assert {name: share.count for name, share in found.by_category.items()} == {"a": 2, "b": 0, "c": 2}


def test_no_words_or_no_texts():
    assert find_words(pl.Series(["a"]), []).unsafe.value == 0
    assert find_words(pl.Series([], dtype=pl.String), WORDS).unsafe.of == 0


def test_an_exception_without_a_visible_character_excepts_nothing():
    assert hits("坏词", exceptions=["\u200b", ""]) == {"坏词": False}


def test_unusable_lists_are_refused():
    for words in ([Word(" ", "a")], [Word("。。", "a")], [Word("x" * 101, "a")], [Word("x", "a")] * 100_001):
        with pytest.raises(ValueError, match="list"):
            find_words(pl.Series(["a"]), words)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=30), max_size=5), st.lists(st.text(min_size=1, max_size=5), max_size=5))
def test_any_texts_and_words(texts, words):
    listed = [Word(word, "x") for word in words if any(character.isalnum() for character in word)]
    found = find_words(pl.Series(texts, dtype=pl.String), listed)
    assert found.hits.select("row", "word").is_unique().all()
    for place, text in enumerate(texts):
        for number, word in enumerate(listed):
            if word.text.isascii() and word.text.isalpha() and text.lower() == word.text.lower():
                assert (place, number) in found.hits.select("row", "word").rows()


def test_real_reviews_hold_a_word_as_often_as_a_plain_search_finds_it():
    texts = reviews()
    found = find_words(pl.Series(texts), [Word("骗子", "x")])
    plain = found.hits.filter(~pl.col("disguised"))["row"].to_list()
    assert plain == [row for row, text in enumerate(texts) if "骗子" in text]
    assert found.hits["disguised"].sum() <= 2
