"""What is told about the overlap of two sets, and what is not."""

import random
from dataclasses import fields

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.duplicates.images import perceptual_hashes
from scoring.quality.duplicates.overlap import (
    BANDS,
    FEWEST_ROWS,
    TOO_FEW,
    Overlap,
    band,
    overlap,
    overlap_images,
    overlap_rows,
    overlap_texts,
)
from scoring.quality.duplicates.shingles import near_form
from scoring.quality.duplicates.texts import jaccard, near_texts

few = st.lists(st.integers(0, 9), max_size=20)


@given(few, few)
def test_equal_hashes_are_counted(mine, other):
    found = overlap(np.array(mine, dtype=np.uint64), np.array(other, dtype=np.uint64))
    exact = sum(row in other for row in mine)
    assert found == Overlap(len(mine), exact, exact, len(set(mine)), len(set(mine) & set(other)))
    assert found.share == found.exact_share == (exact / len(mine) if mine else 0)


texts = st.lists(
    st.text("天地玄黄宇宙", max_size=7) | st.sampled_from(["天地玄黄宇宙洪荒", "天地玄黄宇宙洪", None]), max_size=15
)


@settings(max_examples=30)
@given(texts, texts)
def test_texts_are_near_to_a_single_text_of_the_other_set(mine, other):
    """By comparing all pairs. A chain through my own texts does not count."""
    forms, others = (near_form(pl.Series(side, dtype=pl.String)).to_list() for side in (mine, other))

    def near(form: str | None) -> bool:
        return bool(form) and any(jaccard(pl.Series([form]), pl.Series([one]))[0] >= 0.5 for one in others if one)

    found = overlap_texts(pl.Series(mine, dtype=pl.String), pl.Series(other, dtype=pl.String))
    assert found.exact == sum(bool(form) and form in others for form in forms)
    assert found.near == sum(near(form) for form in forms)
    assert found.rows == len(mine)


def test_a_chain_of_my_texts_does_not_reach_the_other_set():
    text = "天地玄黄宇宙洪荒日月盈昃辰宿列张"
    chain = pl.Series([text[start : start + 10] for start in range(0, 7, 2)])
    assert near_texts(chain).copies == 3
    assert overlap_texts(chain, pl.Series([text[:10]])).near == 2


def test_many_of_my_texts_near_to_one_and_one_near_to_many():
    rng = random.Random(1)
    base = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(50))
    many = pl.Series(
        [base[:at] + chr(0x4E00 + rng.randrange(9000)) + base[at:] for at in range(1, 49) for _ in range(40)]
    )
    assert overlap_texts(many, pl.Series([base])).near == len(many)
    assert overlap_texts(pl.Series([base]), many).near == 1
    assert overlap_texts(many[:1000], many[1000:]).near == 1000


def test_rows_and_pictures():
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {"id": range(1500), "a": rng.normal(size=1500), "b": rng.normal(size=1500), "c": rng.normal(size=1500)}
    )
    other = pl.concat([frame[:100], frame[100:300].with_columns(pl.col("id") + 10**6, pl.col("a") * 1.0002)])
    found = overlap_rows(frame, other.select("c", "b", "a", "id"))
    assert (found.rows, found.exact, found.near, found.band) == (1500, 100, 300, "10 % to 50 %")
    images = rng.integers(0, 256, (60, 16, 16), dtype=np.uint8)
    mine = perceptual_hashes(images)
    darker = perceptual_hashes((images[:20] * 0.7).astype(np.uint8))
    assert overlap_images(mine, darker).near == 20
    assert overlap_images(mine, perceptual_hashes(images[30:])).exact == 30


@given(st.floats(0, 1))
def test_bands_are_coarse_and_in_order(share):
    words = [words for _, words in BANDS]
    place = words.index(band(share))
    limits = [0.0, *(limit for limit, _ in BANDS)]
    assert limits[place] <= share < limits[place + 1]
    assert len(words) == len(set(words)) == 4


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_has_no_band(share):
    with pytest.raises(ValueError, match="from 0 to 1"):
        band(share)


def test_a_band_does_not_tell_about_single_rows():
    """One row, many copies of one row, and one hidden row among others that are not hidden all look the same."""
    hidden = np.arange(10**6, 10**6 + 5000)
    own = np.arange(FEWEST_ROWS - 1)
    for probe in (hidden[0], 7):
        assert overlap(np.array([probe]), hidden).band == TOO_FEW
        assert overlap(np.repeat(probe, 100_000), hidden).band == TOO_FEW
        assert overlap(np.concatenate([own, np.repeat(probe, 100_000)]), hidden).band in {"below 1 %", TOO_FEW}
        assert overlap(np.append(np.arange(-FEWEST_ROWS, -1), [probe, -1]), hidden).band == "below 1 %"


def test_an_overlap_names_no_row():
    assert all(field.type is int or field.type == "int" for field in fields(Overlap))


def test_empty_sets():
    none = np.array([], dtype=np.uint64)
    assert overlap(none, none) == Overlap(0, 0, 0, 0, 0)
    assert overlap(none, none).share == 0
    assert overlap_texts(pl.Series([], dtype=pl.String), pl.Series(["一"])).near == 0
    assert overlap_texts(pl.Series(["一"]), pl.Series([], dtype=pl.String)).near == 0
