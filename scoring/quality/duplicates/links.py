"""Joining things pair by pair, and asking which hang together: union-find on whole arrays of pairs."""

import numpy as np

from scoring.sorting import IntArray


class Links:
    """`size` things numbered from 0, at first all apart. What hangs together is represented by its lowest number.

    >>> links = Links(5)
    >>> links.join(np.array([3, 4]), np.array([1, 3]))
    >>> links.roots().tolist()
    [0, 1, 2, 1, 1]
    """

    def __init__(self, size: int) -> None:
        self._parent = np.arange(size, dtype=np.int64)

    def find(self, things: IntArray) -> IntArray:
        """The representatives (m,) of `things` (m,)."""
        found = self._parent[things]
        while True:
            further = self._parent[found]
            if np.array_equal(further, found):
                break
            found = further
        self._parent[things] = found  # the next way is shorter
        return found

    def join(self, one: IntArray, other: IntArray) -> None:
        """Join the pairs one[i] – other[i]. The order of the pairs does not matter."""
        while len(one):
            a, b = self.find(one), self.find(other)
            apart = a != b
            one, other = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
            np.minimum.at(self._parent, other, one)  # a parent is always lower, so there are no circles
            self._shorten(np.unique(other))

    def _shorten(self, things: IntArray) -> None:
        while True:
            parent = self._parent[things]
            further = self._parent[parent]
            if np.array_equal(further, parent):
                return
            self._parent[things] = further

    def roots(self) -> IntArray:
        """(size,) the representative of each thing."""
        return self.find(np.arange(len(self._parent), dtype=np.int64))
