"""A measured usefulness on disk, so that what it is compared with is measured once for each package."""

import json
from pathlib import Path

import numpy as np

from scoring.utility import CurvePoint, Utility

_ARRAYS = ("small", "whole", "spread")


def save(path: Path, utility: Utility) -> None:
    """Writes one `.npz` of plain arrays; nothing in it is executed when it is read."""
    said = {
        name: getattr(utility, name)
        for name in (
            "metric",
            "direction",
            "yardstick",
            "value",
            "low",
            "high",
            "error",
            "fraction",
            "rows",
            "left_out",
        )
    }
    said["curve"] = [[point.share, point.rows, point.value] for point in utility.curve]
    arrays = {name: getattr(utility, name) for name in _ARRAYS}
    text = np.frombuffer(json.dumps(said).encode(), np.uint8)
    np.savez(path, said=text, **arrays)


def load(path: Path) -> Utility:
    """What `save` wrote."""
    with np.load(path, allow_pickle=False) as kept:
        said = json.loads(kept["said"].tobytes())
        curve = tuple(CurvePoint(share, rows, value) for share, rows, value in said.pop("curve"))
        return Utility(**said, curve=curve, **{name: kept[name] for name in _ARRAYS})
