"""Marks of the records that a team changed or added, as they are written: the host reads them without knowing the records.

How they are made, and what they tell, is in `challenges.marking`.
"""

from array import array
from typing import Final

NAME: Final = "marks.bin"
MOST: Final = 2048
"""Marks that are kept of a submission, the smallest; reached by twice the records of the bundle."""


def parsed(written: bytes) -> tuple[int, ...]:
    """The marks that were written, as whole numbers from -2⁶³ to 2⁶³ - 1, each once. Raises ValueError for anything else."""
    if len(written) % 8 or len(written) > 8 * MOST:
        raise ValueError(f"{len(written)} bytes are no marks")
    found = array("q", written)
    if len(set(found)) != len(found):
        raise ValueError("a mark is there twice")
    return tuple(found)
