"""Cleanliness of sounds: WAV files read without trust, signals of each, and the rules they must pass.

Only WAV: other formats need decoders in C that are not at hand. Video is out of scope for the same reason: a header can be read,
but what it says about resolution and frames can be checked against the pictures only by a decoder. Signal-to-distortion ratio
(T02080402) needs the undistorted sound; the share of clipped samples stands for it.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.cleanliness import Cleanliness, Rule, judge

MOST_BYTES: Final = 1 << 30
MOST_CHANNELS: Final = 64
MOST_RATE: Final = 768_000  # Hz
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CHUNKS: Final = 64  # parts of a file looked at before its sound
_BLOCK: Final = 1 << 19  # frames decoded together
_WINDOW: Final = 0.02  # seconds
_SILENT: Final = -60.0  # dB of full scale
_CLIPPED_IN_A_ROW: Final = 3
_LOUDEST: Final = 1e6  # of full scale; floats beyond it would drown all else
_FLOOR: Final = 1e-10  # power, -100 dB of full scale
_QUIET, _LOUD = 0.1, 0.9  # quantiles of the power of windows that stand for noise, and for signal with noise

Problem = Literal["too_many_bytes", "not_wav", "unknown_coding", "false_header", "truncated", "no_sound"]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """A WAV file whose header holds what it promises, or the problem.

    problem    "too_many_bytes" (more than 1 GiB), "not_wav", "unknown_coding" (only linear PCM of 8, 16, 24 or 32 bits, and
               float of 32 or 64), "false_header" (channels, rate, sizes that contradict each other or are out of range),
               "truncated" (fewer bytes than the header says), "no_sound" (not one frame)
    rate       frames per second
    channels   1 … 64
    bits       of one sample
    frames     samples of one channel
    data       the bytes of the samples
    floating   samples are float
    """

    problem: Problem | None
    rate: int = 0
    channels: int = 0
    bits: int = 0
    frames: int = 0
    data: npt.NDArray[np.uint8] | None = None
    floating: bool = False


def read(source: Path | bytes) -> Sound:
    """Read a file (mapped into memory, not copied) or its bytes. Never raises for what the bytes are.

    >>> read(b"RIFF").problem
    'not_wav'
    """
    if isinstance(source, bytes):
        content = np.frombuffer(source, dtype=np.uint8)
    elif source.stat().st_size:
        content = np.memmap(source, dtype=np.uint8, mode="r")
    else:
        content = np.zeros(0, dtype=np.uint8)
    if len(content) > MOST_BYTES:
        return Sound("too_many_bytes")
    if content[:4].tobytes() != b"RIFF" or content[8:12].tobytes() != b"WAVE":
        return Sound("not_wav")
    header: bytes | None = None
    place = 12
    for _ in range(_CHUNKS):
        if place + 8 > len(content):
            break
        name, size = struct.unpack("<4sI", content[place : place + 8].tobytes())
        if name == b"fmt ":
            header = content[place + 8 : place + 8 + min(size, 40)].tobytes()
        if name == b"data":
            return _sound(header, content[place + 8 :], size)
        place += 8 + size + size % 2
    return Sound("truncated" if header else "false_header")


def _sound(header: bytes | None, rest: npt.NDArray[np.uint8], size: int) -> Sound:
    if header is None or len(header) < 16:
        return Sound("false_header")
    coding, channels, rate, bytes_a_second, align, bits = struct.unpack("<HHIIHH", header[:16])
    if coding == _EXTENSIBLE and len(header) >= 26:
        coding = struct.unpack("<H", header[24:26])[0]
    if (coding, bits) not in {*((_PCM, depth) for depth in (8, 16, 24, 32)), (_FLOAT, 32), (_FLOAT, 64)}:
        return Sound("unknown_coding", rate, channels, bits)
    sane = 1 <= channels <= MOST_CHANNELS and 1 <= rate <= MOST_RATE
    if not sane or align != channels * bits // 8 or bytes_a_second != rate * align or size % align:
        return Sound("false_header", rate, channels, bits)
    if size > len(rest):
        return Sound("truncated", rate, channels, bits, len(rest) // align)
    if size == 0:
        return Sound("no_sound", rate, channels, bits)
    return Sound(None, rate, channels, bits, size // align, rest[:size], coding == _FLOAT)


def audio_signals(sounds: Sequence[Sound]) -> pl.DataFrame:
    """Measure each of n sounds; those with a problem have NaN.

    Returns n rows, Float64. dB are of full scale. Channels are averaged for silence and noise, each looked at for clipping.

        rate, bits, channels, duration (s), bit_rate (kbit/s)
        used_bits       bits that ever change: fewer than `bits` for a sound that was recorded with fewer (PCM only)
        clipped         share of samples in runs of three or more at full scale
        silence         share of windows of 20 ms below -60 dB
        rms, peak       dB, not below -100
        snr             dB between the 90 % and the 10 % quantile of the power of windows, the latter taken away from the former:
                        an estimate for sounds with pauses, such as speech (as the histogram method of NIST STNR); too low for
                        steady sounds, and without meaning for music; NaN for digital silence
        dynamic_range   dB between the 95 % and the 5 % quantile of the power of windows
        offset          mean of the samples, as a share of full scale, without sign
        bandwidth       share of the frequencies up to half the rate that hold 99.9 % of the power: low for a sound that was
                        recorded at a lower rate
        not_finite      share of float samples that are NaN or infinite; these count as 0

    >>> silent = Sound(None, 8000, 1, 16, 8000, np.zeros(16000, np.uint8))
    >>> audio_signals([silent]).select("duration", "silence", "rms").row(0)
    (1.0, 1.0, -100.0)
    """
    rows = [_measured(sound) for sound in sounds]
    return pl.DataFrame(rows, schema=dict.fromkeys(_NAMES, pl.Float64), orient="row")


_NAMES: Final = (
    "rate", "bits", "channels", "duration", "bit_rate", "used_bits", "clipped", "silence", "rms", "peak", "snr",
    "dynamic_range", "offset", "bandwidth", "not_finite",
)  # fmt: skip


@dataclass(slots=True)
class _Sums:
    """What is added up over the blocks of a sound."""

    windows: list[FloatArray]
    spectrum: FloatArray
    squares: float = 0.0
    total: float = 0.0
    peak: float = 0.0
    clipped: int = 0
    not_finite: int = 0
    changing: int = 0  # all samples of PCM or-ed: bits that are ever 1


def _measured(sound: Sound) -> tuple[float, ...]:
    if sound.problem or sound.data is None:
        return (float("nan"),) * len(_NAMES)
    sums = _summed(sound)
    size = sound.frames * sound.channels
    means, mean_squares = np.concatenate(sums.windows, axis=1)
    middle = sums.total / size
    power = np.maximum(mean_squares - 2 * middle * means + middle**2, _FLOOR)
    return (
        sound.rate,
        sound.bits,
        sound.channels,
        sound.frames / sound.rate,
        sound.rate * sound.channels * sound.bits / 1000,
        float("nan") if sound.floating else _used_bits(sums.changing, sound.bits),
        sums.clipped / size,
        float((_decibels(power) < _SILENT).mean()),
        float(_decibels(max(sums.squares / size, _FLOOR))),
        float(_decibels(max(sums.peak**2, _FLOOR))),
        _signal_to_noise(power),
        float(np.subtract(*_decibels(np.quantile(power, (0.95, 0.05))))),
        abs(middle),
        _bandwidth(sums.spectrum),
        sums.not_finite / size,
    )


def _summed(sound: Sound) -> _Sums:
    window = max(1, round(sound.rate * _WINDOW))
    full_scale = 1.0 if sound.floating else 1 - 2.0 ** (1 - sound.bits)  # the largest positive number
    sums = _Sums([], np.zeros(_SPECTRUM // 2 + 1))
    step = _BLOCK // window * window
    for start in range(0, sound.frames, step):
        samples, whole = _decoded(sound, start, step)
        bad = ~np.isfinite(samples)
        samples[bad] = 0
        np.clip(samples, -_LOUDEST, _LOUDEST, out=samples)
        mono = samples.mean(axis=1)
        sums.windows.append(_window_moments(mono, window))
        sums.spectrum += _spectrum(mono)
        sums.squares += float(np.square(samples).sum())
        sums.total += float(samples.sum())
        sums.peak = max(sums.peak, float(np.abs(samples).max()))
        sums.clipped += _clipped(samples, full_scale)
        sums.not_finite += int(np.count_nonzero(bad))
        sums.changing |= 0 if whole is None else int(np.bitwise_or.reduce(whole, axis=None))
    return sums


def _decoded(sound: Sound, start: int, count: int) -> tuple[FloatArray, npt.NDArray[np.int64] | None]:
    """Frames as float64 (frames, channels), full scale 1; and, of PCM, the whole numbers."""
    assert sound.data is not None
    align = sound.channels * sound.bits // 8
    part = np.ascontiguousarray(sound.data[start * align : (start + count) * align])
    if sound.floating:
        return part.view(f"<f{sound.bits // 8}").reshape(-1, sound.channels).astype(np.float64), None
    if sound.bits == 8:
        whole = part.astype(np.int64) - 128
    elif sound.bits == 24:
        wide = np.zeros((len(part) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = part.reshape(-1, 3)
        whole = (wide.view("<i4")[:, 0] >> 8).astype(np.int64)
    else:
        whole = part.view(f"<i{sound.bits // 8}").astype(np.int64)
    return (whole / 2.0 ** (sound.bits - 1)).reshape(-1, sound.channels), whole


def _used_bits(changing: int, bits: int) -> float:
    """changing: all samples or-ed; its lowest zeros never change."""
    changing &= (1 << bits) - 1
    return float(bits - ((changing & -changing).bit_length() - 1)) if changing else 0.0


def _clipped(samples: FloatArray, full_scale: float) -> int:
    full = (np.abs(samples) >= full_scale).astype(np.int8)
    edges = np.diff(full, axis=0, prepend=0, append=0)
    total = 0
    for channel in range(full.shape[1]):
        starts, stops = (np.flatnonzero(edges[:, channel] == way) for way in (1, -1))
        lengths = stops - starts
        total += int(lengths[lengths >= _CLIPPED_IN_A_ROW].sum())
    return total


def _window_moments(mono: FloatArray, window: int) -> FloatArray:
    """(2, w) mean and mean square of each whole window; of all samples where they are fewer than one window."""
    whole = len(mono) // window * window
    parts = mono[:whole].reshape(-1, window) if whole else mono[None]
    return np.stack((parts.mean(axis=1), np.square(parts).mean(axis=1)))


_SPECTRUM: Final = 1024  # samples of one transform


def _spectrum(mono: FloatArray) -> FloatArray:
    """Power by frequency, of at most 256 stretches spread over the block (Welch 1967)."""
    whole = len(mono) // _SPECTRUM
    if not whole:
        return np.abs(np.fft.rfft(mono - mono.mean(), _SPECTRUM)) ** 2
    stretches = mono[: whole * _SPECTRUM].reshape(whole, _SPECTRUM)[:: max(1, whole // 256)]
    stretches = (stretches - stretches.mean(axis=1, keepdims=True)) * np.hanning(_SPECTRUM)
    return np.asarray((np.abs(np.fft.rfft(stretches, axis=1)) ** 2).sum(axis=0))


def _bandwidth(spectrum: FloatArray) -> float:
    total = float(spectrum.sum())
    if total <= _FLOOR:
        return float("nan")
    return float(np.searchsorted(np.cumsum(spectrum), 0.999 * total) / (len(spectrum) - 1))


def _signal_to_noise(power: FloatArray) -> float:
    noise, loud = np.quantile(power, (_QUIET, _LOUD))
    if loud <= _FLOOR:
        return float("nan")
    return float(_decibels(max(float(loud - noise), _FLOOR) / noise))


def _decibels(power: FloatArray | float) -> FloatArray:
    return np.asarray(10 * np.log10(power))


RULES: Final = (
    Rule("audio.noisy", "T02080401", "snr", "min", 10.0, "More noise than a telephone line", "ours; quantiles as in NIST STNR"),
    Rule("audio.silent", "T02080401", "silence", "max", 0.8, "Mostly silence", "ours"),
    Rule("audio.faint", "T02080401", "rms", "min", -50.0, "Too faint", "ours"),
    Rule("audio.clipped", "T02080402", "clipped", "max", 0.001, "Clipped", "ours"),
    Rule("audio.offset", "T02080402", "offset", "max", 0.02, "Off centre", "ours"),
    Rule("audio.not_finite", "T02080402", "not_finite", "max", 0.0, "Samples that are no numbers", "ours"),
    Rule("audio.rate", "T02080403", "rate", "min", 8000.0, "Fewer than 8,000 samples a second", "telephone speech, ITU-T G.711"),
    Rule("audio.narrow", "T02080403", "bandwidth", "min", 0.05, "Recorded at a much lower rate than it says", "ours"),
    Rule("audio.depth", "T02080404", "used_bits", "min", 8.0, "Fewer than 8 bits in use", "telephone speech, ITU-T G.711"),
    Rule("audio.bit_rate", "T02080405", "bit_rate", "min", 64.0, "Less than 64 kbit a second", "telephone speech, ITU-T G.711"),
    Rule("audio.short", "T02080406", "duration", "min", 0.1, "Shorter than a tenth of a second", "ours"),
    Rule("audio.long", "T02080406", "duration", "max", 4 * 3600.0, "Longer than four hours", "ours"),
)  # fmt: skip


def clean_sounds(
    signals: pl.DataFrame, rules: tuple[Rule, ...] = RULES, *, population: int | None = None
) -> Cleanliness:
    """Which sounds are clean. signals: of `audio_signals`; population: sounds that these were drawn from, None: they are all.

    A sound that could not be read has no signals and fails no rule here: its `problem` is the finding.
    """
    return judge(signals, rules, population=population)
