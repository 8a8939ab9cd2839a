"""Sounds: false headers are refused with a reason, signals are what was put in, defects are found."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import scipy.io.wavfile
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality import audio as audio_module
from scoring.quality.audio import audio_signals, clean_sounds, read

RATE = 16_000
TIME = np.arange(RATE * 6) / RATE
SPEECH = 0.3 * np.sin(2 * np.pi * 220 * TIME) + 0.1 * np.sin(2 * np.pi * 2200 * TIME)
SPEECH *= np.sin(2 * np.pi * 0.8 * TIME) > 0  # with pauses
SAMPLES = Path(scipy.io.__file__).parent / "tests/data"


def written(samples: np.ndarray, rate: int = RATE) -> bytes:
    """16 bits; (n,) or (n, channels), full scale 1."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((np.clip(samples, -1, 1 - 2**-15) * 2**15).astype("<i2").tobytes())
    return file.getvalue()


def measured(samples: np.ndarray, rate: int = RATE) -> dict[str, float]:
    return audio_signals([read(written(samples, rate))]).row(0, named=True)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_every_coding_is_read_as_scipy_reads_it(kind):
    rng = np.random.default_rng(0)
    wide = rng.normal(0, 0.1, (500, 3))
    samples = wide.astype(kind) if np.dtype(kind).kind == "f" else (wide * np.iinfo(kind).max / 4).astype(kind)
    file = io.BytesIO()
    scipy.io.wavfile.write(file, 8000, samples)
    sound = read(file.getvalue())
    assert (sound.problem, sound.rate, sound.channels, sound.frames) == (None, 8000, 3, 500)
    decoded, _ = audio_module._decoded(sound, 100, 50)
    _, expected = scipy.io.wavfile.read(file)
    scale = 1 if sound.floating else 2.0 ** (sound.bits - 1)
    np.testing.assert_allclose(decoded, (expected[100:150].astype(float) - (128 if sound.bits == 8 else 0)) / scale)


def test_24_bits_are_read_as_scipy_reads_them(tmp_path):
    found = read(SAMPLES / "test-8000Hz-le-3ch-5S-24bit.wav")
    _, expected = scipy.io.wavfile.read(SAMPLES / "test-8000Hz-le-3ch-5S-24bit.wav")
    decoded, whole = audio_module._decoded(found, 0, 5)
    np.testing.assert_array_equal(whole.reshape(5, 3), expected >> 8)  # scipy puts them into the upper bytes of 32
    assert np.abs(decoded).max() <= 1


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("test-44100Hz-le-1ch-4bytes.wav", None),
        ("test-48000Hz-2ch-64bit-float-le-wavex.wav", None),
        ("test-44100Hz-le-1ch-4bytes-early-eof.wav", "truncated"),
        ("test-44100Hz-le-1ch-4bytes-early-eof-no-data.wav", "truncated"),
        ("test-44100Hz-le-1ch-4bytes-incomplete-chunk.wav", "false_header"),
        ("test-8000Hz-le-3ch-5S-24bit-inconsistent.wav", "false_header"),
        ("test-8000Hz-le-1ch-1byte-ulaw.wav", "unknown_coding"),
        ("test-8000Hz-le-4ch-9S-12bit.wav", "unknown_coding"),
        ("test-44100Hz-be-1ch-4bytes.wav", "not_wav"),
        ("test-44100Hz-le-1ch-4bytes-rf64.wav", "not_wav"),
    ],
)
def test_files_made_to_test_readers(name, problem):
    assert read(SAMPLES / name).problem == problem


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("place", "form", "value"),
    [(22, "<H", 0), (22, "<H", 65), (24, "<I", 0), (24, "<I", 2**31), (28, "<I", 7), (32, "<H", 3), (40, "<I", 3)],
)
def test_headers_that_contradict_themselves_are_refused(place, form, value):
    content = bytearray(written(SPEECH[:100]))
    struct.pack_into(form, content, place, value)
    assert read(bytes(content)).problem == "false_header"


@pytest.mark.hostile
def test_headers_that_promise_more_or_nothing():
    content = bytearray(written(SPEECH[:100]))
    struct.pack_into("<I", content, 40, 0xFFFFFFFE)
    assert read(bytes(content)).problem == "truncated"
    struct.pack_into("<I", content, 40, 0)
    assert read(bytes(content)).problem == "no_sound"
    assert read(b"").problem == "not_wav"


@pytest.mark.hostile
def test_empty_and_long_files(tmp_path, monkeypatch):
    (tmp_path / "empty.wav").write_bytes(b"")
    assert read(tmp_path / "empty.wav").problem == "not_wav"
    monkeypatch.setattr(audio_module, "MOST_BYTES", 100)
    assert read(written(SPEECH[:100])).problem == "too_many_bytes"


@pytest.mark.hostile
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_changed_bytes_give_a_sound_or_a_reason(data):
    content = bytearray(written(SPEECH[:200]))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, 60))] = data.draw(st.integers(0, 255))
    found = read(bytes(content))
    assert (found.data is None) == (found.problem is not None)
    audio_signals([found])


def test_measures_of_a_known_sound():
    found = measured(0.5 * np.sin(2 * np.pi * 1000 * TIME))
    assert (found["rate"], found["bits"], found["channels"], found["duration"]) == (RATE, 16, 1, 6)
    assert found["bit_rate"] == 256
    assert found["rms"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.01)
    assert found["peak"] == pytest.approx(20 * np.log10(0.5), abs=0.01)
    assert found["bandwidth"] == pytest.approx(1000 / (RATE / 2), abs=0.01)
    assert found["silence"] == 0
    assert found["clipped"] == 0
    assert found["used_bits"] == 16


@pytest.mark.parametrize("decibels", [0, 5, 10, 20, 30, 40])
def test_the_signal_to_noise_ratio_is_recovered_where_there_are_pauses(decibels):
    noise = np.random.default_rng(decibels).normal(size=len(SPEECH))
    noise *= np.sqrt((SPEECH[SPEECH != 0] ** 2).mean() / 10 ** (decibels / 10))
    assert measured(0.5 * (SPEECH + noise))["snr"] == pytest.approx(decibels, abs=1.5)


def test_blocks_do_not_show(monkeypatch):
    sound = read(written(np.column_stack((SPEECH, np.clip(3 * SPEECH, -1, 1)))))
    whole = audio_signals([sound]).drop("bandwidth")  # which looks at a part of each block
    monkeypatch.setattr(audio_module, "_BLOCK", 6_400)
    np.testing.assert_allclose(audio_signals([sound]).drop("bandwidth"), whole, rtol=1e-9)


def plus_clicks(samples):
    """A run of three full-scale samples counts, two do not."""
    clicks = samples.copy()
    clicks[100:103] = 1
    clicks[200:202] = 1
    return clicks


def test_clipped_samples_are_counted_in_runs():
    assert measured(plus_clicks(SPEECH))["clipped"] == pytest.approx(3 / len(SPEECH))


DEFECTS = {
    "audio.clipped": np.clip(SPEECH * 5, -1, 1),
    "audio.offset": SPEECH + 0.1,
    "audio.silent": SPEECH * (TIME > 5),
    "audio.faint": SPEECH * 1e-3,
    "audio.noisy": SPEECH + np.random.default_rng(0).normal(0, 0.3, len(SPEECH)),
    "audio.depth": np.round(SPEECH * 8) / 8,
    "audio.short": SPEECH[:1000],
    "audio.narrow": 0.3 * np.sin(2 * np.pi * 200 * TIME) * (SPEECH != 0),
}


@pytest.mark.parametrize("key", DEFECTS)
def test_planted_defects(key):
    sounds = [read(written(SPEECH)), read(written(DEFECTS[key]))]
    found = clean_sounds(audio_signals(sounds))
    assert found.dirty.tolist() == [False, True]
    assert key in {outcome.rule.key for outcome in found.outcomes if outcome.rows.size}


def test_a_low_rate_is_found():
    found = clean_sounds(audio_signals([read(written(SPEECH[::4], RATE // 4))]))
    assert {outcome.rule.key for outcome in found.outcomes if outcome.rows.size} == {"audio.rate"}


def test_numbers_that_are_none_are_counted_and_harmless():
    samples = SPEECH.astype(np.float32)
    samples[:10], samples[10:20] = np.nan, np.inf
    file = io.BytesIO()
    scipy.io.wavfile.write(file, RATE, samples)
    found = audio_signals([read(file.getvalue())])
    assert found["not_finite"][0] == pytest.approx(20 / len(SPEECH))
    assert found["rms"][0] == pytest.approx(measured(SPEECH)["rms"], abs=0.01)
    assert clean_sounds(found).dirty[0]


def test_unreadable_sounds_have_no_signals():
    found = audio_signals([read(b"no"), read(written(SPEECH))])
    assert np.isnan(found["rate"][0])
    assert clean_sounds(found).dirty.tolist() == [False, False]
    assert audio_signals([]).height == 0
