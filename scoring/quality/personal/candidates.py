"""The candidates of each kind in a reading, and which of them are hits."""

from dataclasses import dataclass

import numpy as np

from scoring.quality.personal.reading import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Candidates:
    """Strings of a kind's outer form: start and stop (k,) in the reading, and whether each is accepted as a hit (k,)."""

    start: IntArray
    stop: IntArray
    accepted: BoolArray

    def where(self, keep: BoolArray | IntArray) -> "Candidates":
        """Those that are marked, or at the places given."""
        return Candidates(self.start[keep], self.stop[keep], self.accepted[keep])


def together(*parts: Candidates) -> Candidates:
    """Candidates of the same kind as one, in no order."""
    if not parts:
        return none()
    return Candidates(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.stop for part in parts]),
        np.concatenate([part.accepted for part in parts]),
    )


def none() -> Candidates:
    """No candidates."""
    return Candidates(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
