"""Masked texts keep their shape, say nothing, and stay as they are when they are masked again."""

import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.personal import KINDS, find, mask


def masked(*texts: str | None, **asked) -> list[str | None]:
    column = pl.Series(texts, dtype=pl.String)
    return mask(column, find(column, **asked), **asked).to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13800138000。", "电话138****8000。"),
        ("138-0013-8000", "138-****-8000"),
        ("+86 138 0013 8000", "+86 138 **** 8000"),
        ("１３８００１３８０００", "１３８****８０００"),
        ("sarah.liuhui@qq.com", "s****.******@qq.com"),
        ("a@b.com", "*@b.com"),
        ("QQ：609909965", "QQ：6*******5"),
        ("11010519491231002X", "110**************X"),
        ("京A·12345", "京A·****5"),
        ("0755-26888888", "075*-******88"),
        ("6222021234567890128", "6222***********0128"),
        ("GB82 WEST 1234 5698 7654 32", "GB82 **** **** **** **** 32"),
        ("护照E12345678", "护照E******78"),
        ("军字第2001988号", "军字第*****88号"),
        ("61.135.169.121", "61.***.***.***"),
        ("39.90872,116.39748", "39.*****,***.*****"),
        ("123-45-6789", "***-**-**89"),
        ("没有", "没有"),
        ("", ""),
        (None, None),
    ],
)
def test_what_is_left(text, expected):
    assert masked(text) == [expected]


def test_a_whole_column():
    assert masked(None, "13800138000 13900139000", "x", "a@b.com") == [None, "138****8000 139****9000", "x", "*@b.com"]


def test_some_kinds_only():
    column = pl.Series(["13800138000 a@b.com", "13900139000"])
    hits = find(column)
    assert mask(column, hits.filter(pl.col("kind") == "email")).to_list() == ["13800138000 *@b.com", "13900139000"]
    assert mask(column, hits.filter(pl.col("row") == 1)).to_list() == ["13800138000 a@b.com", "139****9000"]
    assert mask(column, hits.clear()).to_list() == column.to_list()


def test_what_is_left_of_one_number_and_what_stands_beside_it_are_no_other():
    """The last four digits of the telephone, with those behind it, are a sound card number."""
    text = "13812344111 1111 1111 1111"
    (result,) = masked(text)
    assert result == "138************ **** ****" or find(pl.Series([result])).is_empty()
    assert len(result) == len(text)


@pytest.mark.parametrize("dtype", [pl.Int64, pl.Float64])
def test_columns_of_numbers(dtype):
    column = pl.Series([13800138000, 7, None], dtype=dtype)
    result = mask(column, find(column)).to_list()
    assert result[0] == "138****8000"
    assert float(result[1]) == 7
    assert result[2] is None


def test_titles_and_the_day_go_with_it():
    column = pl.Series(["609909965"])
    assert mask(column, find(column, title="QQ"), title="QQ").to_list() == ["6*******5"]
    born = pl.Series(["110105202506010012"])
    hits = find(born, today=date(2025, 5, 31))
    assert mask(born, hits, today=date(2025, 5, 31)).to_list() == born.to_list()


def test_lists_of_texts():
    column = pl.Series([["甲", "13800138000"], None])
    assert mask(column, find(column)).to_list() == ["甲\n138****8000", None]


pieces = st.sampled_from(
    [
        *(
            "13800138000",
            "138-0013-8000",
            "4111 1111 1111 1111",
            "11010519491231002X",
            "010-51236699",
            "QQ",
            "微信",
            "+",
            "86",
            "@",
        ),
        *(
            "a@b.com",
            "x.y@qq.com",
            "61.135.169.121",
            "39.90872,116.39748",
            "京A12345",
            "护照",
            "E12345678",
            "123-45-6789",
            "1111",
            "12",
        ),
        *(
            " ",
            "-",
            ".",
            ":",
            "*",
            "**",
            "的",
            "\n",
            "é",
            "🙂",
            "abc_123",
            "2001:da8::1",
            "4",
            "５",
            "GB82 WEST 1234 5698 7654 32",
        ),
    ]
)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.lists(pieces, max_size=10).map("".join), max_size=5))
def test_masking_twice_is_masking_once_and_leaves_nothing(texts):
    column = pl.Series(texts, dtype=pl.String)
    once = mask(column, find(column))
    assert find(once).is_empty()
    assert mask(once, find(once)).equals(once)
    assert once.str.len_chars().equals(column.str.len_chars())
    for before, after in zip(texts, once.to_list(), strict=True):
        assert all(new in {old, "*"} for old, new in zip(before, after, strict=True))


def test_only_hits_are_touched():
    draw = random.Random(3)
    texts = ["".join(draw.choices("13800@a.b京A-微信的 \n🙂", k=30)) + " 13800138000" for _ in range(500)]
    column = pl.Series(texts)
    hits = find(column)
    result = mask(column, hits).to_list()
    inside = {(row, place) for row, _, start, stop in hits.rows() for place in range(start, stop)}
    for row, (before, after) in enumerate(zip(texts, result, strict=True)):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            assert old == new or (row, place) in inside


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_no_mask_keeps_more_than_eight_characters(record):
    assert sum(record.keep) <= 8
    assert min(record.keep) >= 0
