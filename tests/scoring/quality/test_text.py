"""Signals of texts against slow, clear versions; any input at all; any order."""

import math
import re
import unicodedata
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.quality.text import count_reference, text_signals
from scoring.quality.text.characters import CHUNK_CHARACTERS, MOST_CHARACTERS, flat_chunks
from scoring.quality.text.repetition import LONG_GRAM, SHORT_GRAM

STOPS = set("。！？!?….．｡")
LINES = set("\n\r\x85\u2028\u2029")
alphabet = st.sampled_from(list("好不的了，。！?  \n\tabAB12é¿\u200b\ufffd\ue000<>&;^😀ж한"))
texts_of_few_characters = st.lists(st.text(alphabet, max_size=40) | st.text(max_size=12), max_size=8)


def signals(*texts: str | None, **options) -> pl.DataFrame:
    return text_signals(pl.Series(texts, dtype=pl.String), **options)


def is_white(character: str) -> bool:
    return character in "\t\x0b\x0c" or character in LINES or unicodedata.category(character) == "Zs"


def is_han(character: str) -> bool:
    return bool(re.match("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", character))


def is_letter(character: str) -> bool:
    return (
        is_han(character)
        or (unicodedata.category(character)[0] in "LN")
        or unicodedata.category(character) in {"Mn", "Mc"}
    )


def units_of(text: str) -> list[tuple[str, int]]:
    """Han characters and words, each with the number of its sentence."""
    units: list[tuple[str, int]] = []
    sentence, open_word = 0, False
    for character in text:
        if character in STOPS or character in LINES:
            sentence += 1
        if is_han(character):
            units.append((character, sentence))
        elif is_letter(character):
            if open_word:
                units[-1] = (units[-1][0] + character, units[-1][1])
            else:
                units.append((character, sentence))
        open_word = is_letter(character) and not is_han(character)
    return units


def slow_repetition(text: str) -> tuple[int, float, float, float]:
    units = units_of(text)
    words = [unit for unit, _ in units]
    if not words:
        return 0, math.nan, math.nan, math.nan
    seen, again = set(), 0
    for number in sorted({sentence for _, sentence in units}):
        said = tuple(unit for unit, sentence in units if sentence == number)
        if len(said) >= 4:
            again += len(said) if "".join(said) in seen else 0
            seen.add("".join(said))
    covered, strings = set(), set()
    for start in range(len(words) - LONG_GRAM + 1):
        string = "".join(words[start : start + LONG_GRAM])
        covered |= set(range(start, start + LONG_GRAM)) if string in strings else set()
        strings.add(string)
    grams = Counter("".join(words[start : start + SHORT_GRAM]) for start in range(len(words) - SHORT_GRAM + 1))
    top = max(grams.values(), default=0)
    share = len(words)
    return share, again / share, len(covered) / share, min(1.0, (top if top > 1 else 0) * SHORT_GRAM / share)


@settings(deadline=None, max_examples=40)
@given(texts_of_few_characters)
@example(["abc" * 30, "好的。好的呀不错。好的呀不错。", "123 123 123 123 123 123 123 123 123 123 123"])
def test_repetition_is_what_a_slow_count_finds(texts):
    found = signals(*texts).select("units", "repeated_sentences", "repeated_grams", "top_gram").rows()
    for row, text in zip(found, texts, strict=True):
        assert row == pytest.approx(slow_repetition(text), nan_ok=True), text


@settings(deadline=None, max_examples=40)
@given(texts_of_few_characters)
def test_shares_are_what_a_slow_count_finds(texts):
    found = signals(*texts)
    for row, text in zip(found.iter_rows(named=True), texts, strict=True):
        seen = [character for character in text if not is_white(character)]
        assert row["characters"] == len(text)
        assert row["blank"] == (not text.strip())
        if not seen:
            assert math.isnan(row["han"])
            continue
        assert row["han"] == pytest.approx(sum(map(is_han, seen)) / len(seen))
        assert row["white"] == pytest.approx(1 - len(seen) / len(text))
        counts = Counter(seen)
        entropy = -sum(count / len(seen) * math.log2(count / len(seen)) for count in counts.values())
        assert row["entropy"] == pytest.approx(entropy, abs=1e-9)
        kinds = ("han", "latin", "other_letters", "digits", "punctuation", "symbols", "bad")
        assert sum(row[kind] for kind in kinds) == pytest.approx(1)


def slow_surprise(texts: list[str]) -> np.ndarray:
    rows = [[character for character in text if not is_white(character)] for text in texts]
    pairs = [list(pairwise(row)) for row in rows]
    first, second, both = Counter(), Counter(), Counter()
    for row in pairs:
        first.update(left for left, _ in row)
        second.update(right for _, right in row)
        both.update(row)
    found = []
    for row in pairs:
        own = (Counter(left for left, _ in row), Counter(right for _, right in row), Counter(row))
        total = second.total() - len(row)
        bits, alone = [], []
        for left, right in row:
            single = (second[right] - own[1][right] + 1) / (total + len(second) + 1)
            bits.append(
                -math.log2((both[left, right] - own[2][left, right] + 20 * single) / (first[left] - own[0][left] + 20))
            )
            alone.append(-math.log2(single))
        found.append((np.mean(bits), np.mean(alone) - np.mean(bits)) if row else (math.nan, math.nan))
    return np.array(found).reshape(-1, 2)


@settings(deadline=None, max_examples=40)
@given(texts_of_few_characters.filter(len))
def test_surprise_is_what_a_slow_count_without_the_text_itself_finds(texts):
    found = signals(*texts).select("surprise", "order_gain").to_numpy()
    np.testing.assert_allclose(found, slow_surprise(texts), atol=1e-9)


def test_a_reference_is_the_sum_of_its_parts_and_knows_nothing_of_the_judged_text():
    corpus = pl.Series(["今天天气很好", "今天很好", "明天天气不好"])
    whole = count_reference(corpus)
    parts = count_reference(corpus[2:]) + count_reference(corpus[:2])
    assert all(np.array_equal(getattr(whole, name), getattr(parts, name)) for name in ("first", "second", "pairs"))
    usual, strange = signals("今天天气不好", "气天不明好今", reference=whole)["surprise"]
    assert usual + 1 < strange


@settings(deadline=None, max_examples=30)
@given(texts_of_few_characters, st.randoms())
def test_the_order_of_the_texts_does_not_matter(texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    straight = signals(*texts).with_row_index().cast(pl.Float64)
    mixed = signals(*(texts[place] for place in order)).with_columns(index=pl.Series(order, dtype=pl.Float64))
    mixed = mixed.select("index", pl.exclude("index")).sort("index").cast(pl.Float64)
    np.testing.assert_array_equal(straight.to_numpy(), mixed.to_numpy())


def test_chunks_do_not_show():
    long = ["好的，" * 300_000, "", "a b c d e f g", "不" * 200_000, None]
    one_by_one = pl.concat([signals(text, reference=count_reference(pl.Series(["好不"]))) for text in long])
    together = signals(*long, reference=count_reference(pl.Series(["好不"])))
    columns = [name for name in together.columns if name != "surprise_z"]  # compares the texts with each other
    np.testing.assert_array_equal(together[columns].cast(pl.Float64), one_by_one[columns].cast(pl.Float64))
    assert together["characters"].to_list()[0] == 900_000


@pytest.mark.parametrize(
    "texts", [[], [None], [""], ["", "  \n"], ["a"], ["\x00"], ["\U0010ffff"], ["𠀀𠀁"], [" "] * 3]
)
def test_odd_columns(texts):
    found = signals(*texts)
    assert found.height == len(texts)
    assert found.columns == signals("好").columns


def test_a_text_without_an_end_is_looked_at_in_part():
    found = signals("好" * 10_000_000, "<" * 1_000_000, "&#" * 500_000, "(" * 1_000_000, "http://" + "a" * 1_000_000)
    assert found["characters"][0] == 10_000_000
    assert found["longest_run"].max() <= MOST_CHARACTERS
    assert MOST_CHARACTERS < CHUNK_CHARACTERS


def test_millions_of_empty_texts_are_split():
    assert [len(flat.lengths) for flat in flat_chunks(pl.Series([""] * ((1 << 20) + 3)))] == [1 << 20, 3]


@pytest.mark.parametrize(
    ("text", "signal", "least", "most"),
    [
        ("<p class='x'>好</p>", "markup", 0.9, 1.0),
        ("3 < 5 and 7 > 2", "markup", 0, 0),
        ("R&D; AT&T", "markup", 0, 0.6),
        ("&nbsp;&#183;", "markup", 1, 1),
        ("见https://a.example/b?c=1。好", "addresses", 0.8, 0.95),
        ("www.example.org", "addresses", 1, 1),
        ("版权所有 点击查看", "boilerplate", 2, 2),
        ("好，", "cut_off", 1, 1),
        ("好（", "cut_off", 1, 1),
        ("好。", "cut_off", 0, 0),
        ("好。", "ends_closed", 1, 1),
        ("好了", "ends_closed", 0, 0),
        ("他说：“好。”", "ends_closed", 1, 1),
        ("好。\n\n不好\n真的！", "closed_lines", 2 / 3, 2 / 3),
        ("abc defghi 好好好 12", "longest_word", 6, 6),
        ("哈哈哈哈哈!!!!!!!!", "longest_run", 5, 5),
        ("中文 english", "zh", 2 / 9, 2 / 9),
        ("中文 english", "en", 7 / 9, 7 / 9),
    ],
)
def test_single_signals(text, signal, least, most):
    assert least - 1e-9 <= signals(text)[signal][0] <= most + 1e-9


@pytest.mark.parametrize(
    "text",
    ["N/A", "null", "无", "暂无。", "——", "…", ":)", "此用户没有填写评价。", "Lorem ipsum dolor", "{{name}}", "XXX"],
)
def test_placeholders(text):
    assert signals(text)["placeholder"][0] == 1


@pytest.mark.parametrize("text", ["无锡", "没有问题", "空间大", "none of them", "测试通过", "testing", "很好"])
def test_texts_that_begin_like_placeholders(text):
    assert signals(text)["placeholder"][0] == 0


def test_several_lines_need_not_end_in_a_stop():
    assert signals("好。\n张三")["ends_closed"][0] is None


REAL = "这本书很好看，内容丰富，我非常喜欢，值得推荐。"


@pytest.mark.parametrize(
    "wrong",
    [
        REAL.encode().decode("latin-1"),
        REAL.encode().decode("cp1252", errors="replace"),
        REAL.encode().decode("gbk", errors="ignore"),
        REAL.encode("gbk").decode("latin-1"),
        REAL.encode("gbk").decode("utf-8", errors="replace"),
        REAL.encode("gbk").decode("utf-8", errors="replace").encode().decode("gbk", errors="ignore"),
        "烫烫烫烫烫烫",
        "这?款?子只?能用?一年",
        "na\u00c3\u00afve caf\u00c3\u00a9",
        "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    ],
)
def test_rubble_of_wrong_encodings(wrong):
    assert signals(wrong)["mojibake"][0] > 0.1


@pytest.mark.parametrize(
    "right",
    [
        REAL,
        "naïve café, déjà vu « l’été »",
        "Spaß“, sagte er; Maß”",
        "ESPAÑA “AÑO”",
        "水烫，锅烫",
        "真的吗?好不好?我不知道?你说呢",
        "Привет, мир",
        "優雅恬靜,房間很好",
        "ありがとう。",
        "1 × 2 ÷ 3 ± 5 °C",
    ],
)
def test_right_texts_are_no_rubble(right):
    assert signals(right)["mojibake"][0] == 0
