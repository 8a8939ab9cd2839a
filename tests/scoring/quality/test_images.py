"""Images: hostile files are refused with a reason, signals are those of a slow version, blurred and noisy ones are found."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.ndimage
import scipy.signal
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from scoring.quality.images import clean_images, image_signals, read
from scoring.quality.images import signals as signals_module

FASHION = Path(__file__).parents[3] / "challenges/shipped/fashion-items/public/test.parquet"
PHOTOGRAPHS = [np.asarray(image) for image in sklearn.datasets.load_sample_images().images]


def written(pixels: np.ndarray, kind: str = "PNG", mode: str | None = None, **options) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def slow(image: np.ndarray) -> dict[str, float]:
    """One image, in floating point, by convolution."""
    color = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    luma = np.round(color.astype(float) @ [0.299, 0.587, 0.114])
    laplacian = scipy.signal.convolve2d(luma, [[0, 1, 0], [1, -4, 1], [0, 1, 0]], mode="valid")
    noise = scipy.signal.convolve2d(luma, [[1, -2, 1], [-2, 4, -2], [1, -2, 1]], mode="valid")
    share = np.bincount(luma.astype(int).ravel(), minlength=256) / luma.size
    red, green, blue = (color[..., channel].astype(float) for channel in range(3))
    opponents = red - green, (red + green) / 2 - blue
    return {
        "brightness": luma.mean(),
        "contrast": luma.std(),
        "sharpness": laplacian.var(),
        "entropy": -(share[share > 0] * np.log2(share[share > 0])).sum(),
        "noise": np.sqrt(np.pi / 2) * np.abs(noise).sum() / 6 / noise.size,
        "colourfulness": np.hypot(*(one.std() for one in opponents))
        + 0.3 * np.hypot(*(one.mean() for one in opponents)),
        "black": share[0],
        "white": share[255],
    }


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(3, 9), st.integers(3, 9), st.just(3)) | st.tuples(st.integers(3, 9), st.integers(3, 9)),
    )
)
def test_signals_are_those_of_a_slow_version(image):
    found = image_signals([image]).row(0, named=True)
    for name, value in slow(image).items():
        assert found[name] == pytest.approx(value, rel=0.02, abs=0.6), (
            name
        )  # luma is rounded in another way where it is at .5


def test_signals_of_a_photograph_are_exact_also_where_it_is_looked_at_in_bands(monkeypatch):
    expected = slow(PHOTOGRAPHS[0])
    whole = image_signals(PHOTOGRAPHS)
    monkeypatch.setattr(signals_module, "_TOGETHER", 5_000)
    assert image_signals(PHOTOGRAPHS).equals(whole)
    for name, value in expected.items():
        assert whole[name][0] == pytest.approx(value, rel=2e-3), name


def test_images_of_all_sizes_keep_their_places():
    rng = np.random.default_rng(0)
    images = [
        rng.integers(0, 256, shape, dtype=np.uint8) for shape in [(5, 4), (5, 4, 3), (9, 4), (5, 4), (1, 1), (2, 7, 3)]
    ]
    found = image_signals(images)
    for place, image in enumerate(images):
        assert found[place].equals(image_signals([image]))
    assert found["width"].to_list() == [4, 4, 4, 4, 1, 7]
    assert np.isnan(found["sharpness"][4])


def test_immerkaer_recovers_the_noise_of_a_smooth_image():
    rng = np.random.default_rng(1)
    smooth = np.add.outer(np.linspace(60, 180, 256), np.linspace(-20, 20, 256))
    for sigma in (2, 5, 10, 20):
        noisy = np.clip(np.round(smooth + rng.normal(0, sigma, smooth.shape)), 0, 255).astype(np.uint8)
        assert image_signals([noisy])["noise"][0] == pytest.approx(sigma, rel=0.05)


def test_no_images():
    assert image_signals([]).height == 0


@pytest.mark.parametrize(
    "image", [np.zeros((2, 2)), np.zeros((0, 3), np.uint8), np.zeros((2, 2, 4), np.uint8), np.zeros(4, np.uint8)]
)
def test_other_arrays_are_the_callers_mistake(image):
    with pytest.raises(ValueError, match="image 0"):
        image_signals([image])


DEFECTS = {
    "blurred": (lambda image: scipy.ndimage.gaussian_filter(image, (2, 2, 0)), "image.blurred"),
    "noisy": (lambda image: image + np.random.default_rng(0).normal(0, 80, image.shape), "image.noisy"),
    "dark": (lambda image: image * 0.05, "image.dark"),
    "bright": (lambda image: 250 + image * 0.02, "image.bright"),
    "one shade": (lambda image: image * 0 + 128, "image.blank"),
    "tiny": (lambda image: image[:12, :12], "image.low"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_planted_defects_of_photographs(defect):
    change, key = DEFECTS[defect]
    changed = [np.clip(change(image.astype(float)), 0, 255).astype(np.uint8) for image in PHOTOGRAPHS]
    found = clean_images(image_signals(PHOTOGRAPHS + changed))
    assert found.dirty.tolist() == [False, False, True, True]
    assert [outcome.rows.tolist() for outcome in found.outcomes if outcome.rule.key == key] == [[2, 3]]


def test_real_small_images_pass():
    fashion = pl.read_parquet(FASHION)["image"].to_numpy().reshape(-1, 28, 28)
    digits = np.kron(sklearn.datasets.load_digits().images, np.ones((3, 3))) * 15
    assert clean_images(image_signals(list(fashion))).clean.value > 0.998
    assert clean_images(image_signals(list(digits.astype(np.uint8)))).clean.value == 1


# reading

PIXELS = PHOTOGRAPHS[0][:40, :60]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_common_formats_are_read(kind):
    found = read(written(PIXELS, kind))
    assert (found.problem, found.format) == (None, kind)
    assert found.pixels.shape == (40, 60, 3)
    assert np.abs(found.pixels.astype(int) - PIXELS).mean() < 12


@pytest.mark.parametrize(("mode", "shape"), [("1", 2), ("L", 2), ("P", 3), ("RGBA", 3), ("LA", 2)])
def test_all_modes_become_gray_or_colors(mode, shape):
    found = read(written(PIXELS, "PNG", mode))
    assert found.mode == mode
    assert found.pixels.ndim == shape


def test_sixteen_bits_are_scaled_not_cut():
    deep = (np.arange(64, dtype=np.uint16) * 1000).reshape(8, 8)
    assert read(written(deep)).pixels.tolist() == (deep >> 8).tolist()


def test_paths_and_cmyk(tmp_path):
    (tmp_path / "a.jpg").write_bytes(written(PIXELS, "JPEG", "CMYK"))
    found = read(tmp_path / "a.jpg")
    assert (found.mode, found.pixels.shape) == ("CMYK", (40, 60, 3))
    with pytest.raises(OSError, match="missing"):
        read(tmp_path / "missing.png")


def test_a_turned_image_is_turned_back_and_its_place_is_reported():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
    found = read(written(PIXELS, "JPEG", exif=exif))
    assert found.pixels.shape == (60, 40, 3)
    assert found.has_place
    assert not read(written(PIXELS, "JPEG")).has_place


def test_only_the_first_frame_of_a_moving_image():
    frames = [Image.fromarray(np.full((9, 9), shade, np.uint8)) for shade in (0, 120, 240)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    found = read(file.getvalue())
    assert found.frames == 3
    assert found.pixels.max() == 0


@pytest.mark.hostile
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_files_that_end_early_are_broken(kind):
    whole = written(PHOTOGRAPHS[1], kind)
    for share in (0.1, 0.5, 0.9):
        found = read(whole[: int(len(whole) * share)])
        assert found.problem in {"broken", "unknown_format"}
        assert found.pixels is None


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", b"")
    )


@pytest.mark.hostile
@pytest.mark.parametrize("side", [8_000, 10_000, 20_000, 2**31 - 1])
def test_headers_of_huge_images_are_refused_before_anything_is_unpacked(side):
    assert read(png_header(side, side)).problem == "too_many_pixels"


@pytest.mark.hostile
def test_other_formats_and_long_files_are_refused(tmp_path, monkeypatch):
    assert read(written(PIXELS, "TIFF")).problem == "unknown_format"
    assert read(written(PIXELS, "BMP")).problem == "unknown_format"
    assert read(b"<svg onload='x()'/>").problem == "unknown_format"
    assert read(b"").problem == "unknown_format"
    monkeypatch.setattr("scoring.quality.images.reading.MOST_BYTES", 100)
    (tmp_path / "long.png").write_bytes(written(PIXELS))
    assert read(tmp_path / "long.png").problem == "too_many_bytes"


@pytest.mark.hostile
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), st.data())
def test_any_changed_bytes_give_an_image_or_a_reason(kind, data):
    content = bytearray(written(PIXELS, kind))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    found = read(bytes(content), most_pixels=100_000)
    assert (found.pixels is None) == (found.problem is not None)
