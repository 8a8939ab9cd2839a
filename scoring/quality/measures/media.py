"""Whether images and sounds can be opened and are clean."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from scoring.quality import audio, images, issues
from scoring.quality.check import Measured
from scoring.quality.cleanliness import Cleanliness, Rule, judge
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.origin import Media
from scoring.quality.shares import share_of
from scoring.sorting import BoolArray, IntArray

MOST_FILES: Final = 1000
"""Files that are opened; of more, those whose names have the smallest hashes."""

Opened = tuple[str | None, pl.DataFrame | None, bool]
"""What is wrong with a file, its signals, whether it says where it was taken."""


def clean_images(seen: Evidence) -> Measured | None:
    """Q16: images that can be opened and pass every rule; of many, a sample."""
    return _clean(seen, "image", _image, images.RULES)


def clean_sounds(seen: Evidence) -> Measured | None:
    """Q17: sounds that can be opened and pass every rule; of many, a sample."""
    return _clean(seen, "audio", _sound, audio.RULES)


def _image(source: Path | bytes) -> Opened:
    picture = images.read(source)
    signals = None if picture.pixels is None else images.image_signals([picture.pixels])
    return picture.problem, signals, picture.has_place


def _sound(source: Path | bytes) -> Opened:
    sound = audio.read(source)
    return sound.problem, audio.audio_signals([sound]) if sound.problem is None else None, False


def _clean(
    seen: Evidence,
    kind: Literal["image", "audio"],
    opened: Callable[[Path | bytes], Opened],
    rules: Sequence[Rule],
) -> Measured | None:
    media = seen.media
    if media is None or media.kind != kind or not seen.rows:
        return None
    named = np.flatnonzero(media.paths.is_not_null().to_numpy())
    if not len(named):
        return None
    rows = _drawn(media.paths, named, seen.seed)
    found = [_tried(media, int(row), opened) for row in rows]
    readable = np.array([signals is not None for _, signals, _ in found])
    judged = _judged([signals for _, signals, _ in found if signals is not None], rules)
    bad = ~readable
    if judged is not None:
        bad[readable] = judged.dirty
    share = share_of(int((~bad).sum()), len(rows), population=len(named))
    return Measured(
        share.value, share.low, share.high, share.of, share.of - share.count,
        issues=issues.joined(_issues(media.paths, kind, rows, found, readable, judged)),
        details={"codes": _by_code(judged), "sample": len(rows) < len(named), "unreadable": int((~readable).sum())},
    )  # fmt: skip


def _drawn(paths: pl.Series, named: IntArray, seed: int) -> IntArray:
    """Row numbers, ascending: the same files whatever the order of the records."""
    if len(named) <= MOST_FILES:
        return named
    hashes = exact.row_hashes(paths.gather(named).alias("path").to_frame(), seed=seed)
    return np.sort(named[np.argsort(hashes, kind="stable")[:MOST_FILES]])


def _tried(media: Media, row: int, opened: Callable[[Path | bytes], Opened]) -> Opened:
    try:
        source = media.source(row)
        return ("unopened", None, False) if source is None else opened(source)
    except Exception:  # noqa: BLE001  a stranger's archive may be damaged in any way; that it is, is the finding
        return "unopened", None, False


def _judged(signals: Sequence[pl.DataFrame], rules: Sequence[Rule]) -> Cleanliness | None:
    return judge(pl.concat(signals), rules) if signals else None


def _by_code(judged: Cleanliness | None) -> Mapping[str, Any]:
    return {} if judged is None else {code: one.value for code, one in judged.by_code.items()}


def _issues(
    paths: pl.Series,
    kind: str,
    rows: IntArray,
    found: Sequence[Opened],
    readable: BoolArray,
    judged: Cleanliness | None,
) -> list[pl.DataFrame]:
    places = {
        f"{kind}.{problem}": rows[[one == problem for one, _, _ in found]]
        for problem in sorted({one for one, _, _ in found if one is not None})
    }
    if judged is not None:
        places |= {one.rule.key: rows[readable][one.rows] for one in judged.outcomes}
    places["image.place"] = rows[[has_place for _, _, has_place in found]]
    return [issues.at(at, code, column=paths.name, values=paths.gather(at)) for code, at in places.items() if len(at)]
