"""Arrays that are written again and again.

NumPy gives large fresh arrays back to the system after each use and gets them again page by page; for the short passes of
a profile that costs several times the arithmetic.
"""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Item = TypeVar("Item", bound=np.generic)


class Workspace:
    """One buffer for each name and type; a second request for a name overwrites what the first one got.

    >>> room = Workspace()
    >>> room.array("slots", 3, np.int64).shape
    (3,)
    """

    def __init__(self) -> None:
        self._buffers: dict[tuple[str, type[np.generic]], npt.NDArray[Any]] = {}

    def array(self, name: str, size: int, item: type[Item]) -> npt.NDArray[Item]:
        """(size,) uninitialised."""
        buffer = self._buffers.get((name, item))
        if buffer is None or len(buffer) < size:
            buffer = self._buffers[name, item] = np.empty(size, item)
        return buffer[:size]
