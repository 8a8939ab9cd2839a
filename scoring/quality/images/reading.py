"""Reading an image that a stranger sent: pixels, or the reason why there are none."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
"""TIFF and the rarer formats are left out: their decoders are large and seldom tested against attacks."""
MOST_PIXELS: Final = 50_000_000
MOST_BYTES: Final = 64 << 20
_GPS: Final = 0x8825
_XMP_GPS: Final = (b"GPSLatitude", b"GPSLongitude")

Problem = Literal["too_many_bytes", "too_many_pixels", "unknown_format", "broken"]
PixelArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is shown.

    pixels       uint8 (height, width) or (height, width, 3), turned as EXIF says; of a moving GIF the first frame.
                 None where there is a problem
    problem      why there are no pixels: "too_many_bytes" (more than 64 MiB), "too_many_pixels" (more than 50 million,
                 as its header says; nothing was unpacked), "unknown_format" (not PNG, JPEG, WebP or GIF), "broken" (ends
                 early, or does not decode)
    format       PNG, JPEG, WEBP, GIF; empty where unknown
    mode         of the file, as Pillow names it: 1, L, P, RGB, RGBA, CMYK, I;16, …
    frames       more than 1 for moving images
    has_place    the file says where it was taken (GPS in EXIF or XMP): personal information. The place itself is not kept
    """

    pixels: PixelArray | None
    problem: Problem | None
    format: str = ""
    mode: str = ""
    frames: int = 1
    has_place: bool = False


def read(source: Path | bytes, *, most_pixels: int = MOST_PIXELS) -> Picture:
    """Read a file or its bytes. Never raises for what the bytes are; OSError where a path cannot be opened.

    Memory is at most about 12 bytes for each of `most_pixels`. Transparency is dropped, deeper pixels are scaled to 8 bits.

    >>> read(b"no image").problem
    'unknown_format'
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MOST_BYTES:
        return Picture(None, "too_many_bytes")
    content = source if isinstance(source, bytes) else source.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, and of sizes that are refused here anyway
        try:
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        except UnidentifiedImageError:
            return Picture(None, "unknown_format")
        except Image.DecompressionBombError:
            return Picture(None, "too_many_pixels")
        except Exception:  # noqa: BLE001  a decoder may fail in any way on bytes that were made to break it
            return Picture(None, "broken")
        with image:
            return _decoded(image, most_pixels)


def _decoded(image: Image.Image, most_pixels: int) -> Picture:
    kind, mode = image.format or "", image.mode
    if image.width * image.height > most_pixels:
        return Picture(None, "too_many_pixels", kind, mode)
    try:
        frames = int(getattr(image, "n_frames", 1)) if kind == "GIF" and image.width * image.height < 1 << 22 else 1
        image.seek(0)
        image.load()
        has_place = _has_place(image)
        pixels = _pixels(ImageOps.exif_transpose(image) or image)
    except Exception:  # noqa: BLE001  as above
        return Picture(None, "broken", kind, mode)
    return Picture(pixels, None, kind, mode, frames, has_place)


def _has_place(image: Image.Image) -> bool:
    if image.getexif().get_ifd(_GPS):
        return True
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(packet, str):
        packet = packet.encode(errors="ignore")
    return any(mark in packet for mark in _XMP_GPS)


def _pixels(image: Image.Image) -> PixelArray:
    if image.mode.startswith("I"):  # 16 bits a pixel
        return (np.clip(np.asarray(image, dtype=np.int64), 0, 0xFFFF) >> 8).astype(np.uint8)
    gray = image.mode in {"1", "L", "LA"}
    return np.array(image.convert("L" if gray else "RGB"), dtype=np.uint8)
