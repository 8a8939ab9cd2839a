"""Perceptual hashes against scipy, near pictures on real ones, and every pair within the distance."""

import io
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.fft import dctn

import challenges
from scoring.quality.duplicates.images import (
    Prints,
    _correlation,
    bit_tables,
    contained_images,
    near_images,
    perceptual_hashes,
)

ITEMS = Path(challenges.__file__).parent / "shipped" / "fashion-items" / "public" / "train.parquet"


@pytest.fixture(scope="module")
def items() -> np.ndarray:
    """1500 real pictures, 28 × 28, of ten kinds of clothing that look much alike."""
    pixels = pl.read_parquet(ITEMS, n_rows=1500).drop("label", "id", strict=False).to_series()
    return np.array(pixels.to_list(), dtype=np.uint8).reshape(-1, 28, 28)


def pixels_of(prints: Prints) -> list:
    return [prints.pixels.tolist(), prints.frequencies.tolist(), prints.small.tolist(), prints.flat.tolist()]


def jpeg(image: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=60)
    return np.asarray(Image.open(file))


def resized(image: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((61, 57), Image.Resampling.BICUBIC))


COPIES = {
    "darker": lambda image: (image * 0.8 + 10).astype(np.uint8),
    "noisy": lambda image: np.clip(image + np.random.default_rng(1).normal(0, 5, image.shape), 0, 255).astype(np.uint8),
    "compressed": jpeg,
    "resized": resized,
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_of_real_pictures_are_found(items, name):
    copies = np.stack([COPIES[name](image) for image in items[:300]])
    prints = Prints.joined([perceptual_hashes(items), perceptual_hashes(copies)])
    first = near_images(prints).first
    assert (first[:300] == first[1500:]).mean() >= 0.98
    assert contained_images(perceptual_hashes(copies), perceptual_hashes(items)).mean() >= 0.98


def test_alike_is_not_the_same(items):
    """Of 1500 items next to none are copies; shirts and trousers that only look alike stay apart."""
    groups = near_images(perceptual_hashes(items))
    assert groups.rate < 0.02
    assert contained_images(perceptual_hashes(items[:700]), perceptual_hashes(items[700:])).mean() < 0.02


def test_every_pair_is_verified_and_none_is_missed(items):
    prints = perceptual_hashes(items[:400])
    found = near_images(prints, distance=10)
    distance = np.bitwise_count(prints.frequencies[:, None] ^ prints.frequencies)
    label = list(range(400))
    small = prints.small.reshape(400, -1).astype(float)
    for a, b in combinations(range(400), 2):
        if distance[a, b] <= 10 and np.corrcoef(small[a], small[b])[0, 1] >= 0.985:
            low, high = sorted((label[a], label[b]))
            label = [low if one == high else one for one in label]
    assert found.first.tolist() == label


def test_frequencies_are_those_of_scipy(items):
    """32 × 32 pictures need no reduction. A coefficient that lies within the rounding of the median may fall either way."""
    images = np.kron(items[:200], np.ones((8, 8), dtype=np.uint8))[:, ::7, ::7].copy()
    assert images.shape == (200, 32, 32)
    found = perceptual_hashes(images).frequencies
    spectrum = dctn(images.astype(float), axes=(1, 2), norm=None)
    order = sorted(((row + column, row), (row, column)) for row in range(11) for column in range(11))[1:65]
    lowest = np.stack([spectrum[:, row, column] for _, (row, column) in order], axis=1)
    bits = lowest > np.median(lowest, axis=1, keepdims=True)
    expected = np.packbits(bits, axis=1).view(">u8").astype(np.uint64).ravel()
    differing = np.bitwise_count(found ^ expected)
    assert differing.max() <= 2
    assert differing.mean() < 0.2


@settings(max_examples=40)
@given(st.integers(0, 12), st.integers(2, 300), st.integers(0, 2**32 - 1))
def test_words_within_the_distance_share_a_key(distance, size, seed):
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**63, size, dtype=np.uint64)
    flips = rng.choice(64, distance, replace=False)
    words[1] = words[0] ^ np.uint64(sum(1 << int(bit) for bit in flips))
    assert any(keys[0] == keys[1] for keys in bit_tables(words, distance))


def test_flat_pictures_are_duplicates_only_pixel_for_pixel():
    rng = np.random.default_rng(2)
    levels = np.full((60, 24, 24), 128, dtype=np.uint8) + rng.integers(0, 3, (60, 24, 24), dtype=np.uint8)
    black = np.zeros((3, 24, 24), dtype=np.uint8)
    prints = perceptual_hashes(np.concatenate([levels, black]))
    assert prints.flat.all()
    groups = near_images(prints, distance=12)
    assert groups.first.tolist() == [*range(60), 60, 60, 60]
    assert not contained_images(prints, perceptual_hashes(levels[:1] + 1)).any()
    assert contained_images(prints, perceptual_hashes(black[:1])).tolist() == [False] * 60 + [True] * 3


@settings(max_examples=6)
@given(st.permutations(range(80)))
def test_the_order_of_pictures_decides_nothing(items, order):
    images = np.concatenate([items[:40], (items[:40] * 0.9).astype(np.uint8)])
    plain = near_images(perceptual_hashes(images)).first
    moved = near_images(perceptual_hashes(images[order])).first
    assert ((moved[:, None] == moved) == (plain[order][:, None] == plain[order])).all()


def test_pictures_in_pieces_and_of_several_sizes(items):
    whole, parts = perceptual_hashes(items[:20]), [perceptual_hashes(items[:7]), perceptual_hashes(items[7:20])]
    assert pixels_of(whole) == pixels_of(Prints.joined(parts))
    large = np.random.default_rng(3).integers(0, 256, (3, 1300, 1100), dtype=np.uint8)
    assert pixels_of(perceptual_hashes(large)) == pixels_of(
        Prints.joined([perceptual_hashes(one[None]) for one in large])
    )


def test_small_copies_correlate_as_in_numpy(items):
    small = items[:50].reshape(50, -1)
    found = _correlation(small[:-1], small[1:])
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(small[:-1].astype(float), small[1:].astype(float), strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_no_picture_one_picture_and_many_equal_ones():
    none = perceptual_hashes(np.zeros((0, 8, 8), dtype=np.uint8))
    assert near_images(none).rate == 0
    assert contained_images(none, none).tolist() == []
    one = np.random.default_rng(4).integers(0, 256, (1, 1, 1), dtype=np.uint8)
    assert near_images(perceptual_hashes(one)).first.tolist() == [0]
    noise = np.random.default_rng(5).integers(0, 256, (1, 9, 13), dtype=np.uint8)
    assert near_images(perceptual_hashes(np.repeat(noise, 5_000, axis=0))).distinct == 1


@pytest.mark.parametrize("images", [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 2)), np.zeros((2, 0, 2), np.uint8)])
def test_other_arrays_are_refused(images):
    with pytest.raises(ValueError, match="Pictures are an array"):
        perceptual_hashes(images)
    with pytest.raises(ValueError, match="from 0 to 12"):
        near_images(perceptual_hashes(np.zeros((2, 2, 2), np.uint8)), distance=13)
