"""Gates: limits of measures beyond which a dataset gets no rank, whatever its points. A challenge may move them.

Plain Python: pages and packages ask here which gates there are.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from scoring.quality.checks import CHECKS

POSSIBLE: Final = tuple(key for key, check in CHECKS.items() if check.gate is not None or check.may_gate)
"""The checks that have a gate, or may have one where a challenge sets its limit."""


def held(moved: Mapping[str, float | None]) -> dict[str, float]:
    """The limits that hold, by check in the order of reports.

    moved   by check, another limit than the usual one; None: its gate is off

    KeyError for a check that cannot have a gate; ValueError for a limit that its measure, a share, cannot reach.

    >>> held({"Q5": 0.001, "A11": None})["Q5"], "A11" in held({"A11": None}), "G8" in held({})
    (0.001, False, False)
    """
    for key, limit in moved.items():
        if key not in POSSIBLE:
            raise KeyError(key)
        if limit is not None and not 0 <= limit <= 1:
            raise ValueError(f"the limit of {key} is a share from 0 to 1, not {limit}")
    return dict(_held(moved))


def _held(moved: Mapping[str, float | None]) -> Iterator[tuple[str, float]]:
    for key in POSSIBLE:
        limit = moved.get(key, CHECKS[key].gate)
        if limit is not None:
            yield key, limit
