"""Images and sounds made on the spot, for the checks that look at files."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from PIL import Image

from scoring.quality.evidence import Evidence

RATE = 8000


@dataclass(frozen=True)
class Files:
    """Files by row, held in memory."""

    kind: Literal["image", "audio"]
    contents: tuple[bytes | None, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, kind: Literal["image", "audio"], contents: Sequence[bytes | None]) -> Self:
        return cls(kind, tuple(contents), tuple(f"{kind}/{place}" for place in range(len(contents))))

    @property
    def paths(self) -> pl.Series:
        named = zip(self.contents, self.names, strict=True)
        return pl.Series("file", [None if content is None else name for content, name in named], dtype=pl.String)

    def source(self, row: int) -> bytes | None:
        return self.contents[row]

    def taken(self, rows: npt.NDArray[np.int64]) -> "Files":
        return Files(self.kind, tuple(self.contents[row] for row in rows), tuple(self.names[row] for row in rows))


def picture(number: int, *, shade: int | None = None) -> bytes:
    """A PNG of 48 × 48: sharp squares of many shades, or one shade all over."""
    shades = np.random.default_rng(number).integers(20, 236, (4, 4), dtype=np.uint8)
    pixels = np.full((48, 48), shade, np.uint8) if shade is not None else np.kron(shades, np.ones((12, 12), np.uint8))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def sound(number: int, *, loudness: float = 0.5) -> bytes:
    """A WAV of one second: a tone that comes and goes over faint noise. Above 1 it is clipped."""
    time = np.arange(RATE) / RATE
    tone = loudness * np.sin(2 * np.pi * (440 + 20 * number) * time) * (np.sin(2 * np.pi * 3 * time) > 0)
    samples = np.clip(tone + np.random.default_rng(number).normal(0, 0.003, RATE), -1, 1)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def with_files(kind: Literal["image", "audio"], contents: Sequence[bytes | None]) -> Evidence:
    files = Files.of(kind, contents)
    return Evidence(pl.DataFrame({"file": files.names, "kind": ["a", "b"] * (len(contents) // 2)}), media=files)
