"""What one model says of all descriptions."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance import fusion
from leaderboard.exchange.relevance.embedder import Embedder, model_of
from leaderboard.exchange.relevance.texts import LONGEST_EMBEDDED, Text
from leaderboard.exchange.relevance.vectors import Vectors, whole_numbers

ASKED = 8192
"""Needs whose vectors are kept in memory, half a kilobyte each: a choice among what was found, or its next page, is the same
need again, and a supplier's page compares every open demand.
"""


class Meanings:
    """An embedder and its vectors by row; a row of zeros waits to be encoded."""

    def __init__(self, embedder: Embedder, stored: npt.NDArray[np.int8]) -> None:
        """With `stored` (rows, dimension); ValueError if they are of another length."""
        if stored.shape[1] != embedder.dimension:
            raise ValueError(f"vectors of {stored.shape[1]} numbers, not {embedder.dimension}")
        self.embedder = embedder
        self.model = model_of(embedder)
        self.vectors = Vectors(embedder.dimension, stored)
        self.asked = lru_cache(ASKED)(self._asked)

    @classmethod
    def none(cls, embedder: Embedder, rows: int) -> "Meanings":
        """Before anything is encoded."""
        return cls(embedder, np.zeros((rows, embedder.dimension), dtype=np.int8))

    def encoded(self, texts: Sequence[Text]) -> npt.NDArray[np.int8]:
        """The vectors (n, dimension) of descriptions: three parts of the whole, one of its heading."""
        vectors = self.embedder.encode([text.embedded() for text in texts]) * (1 - fusion.HEADING)
        return whole_numbers(vectors + self.embedder.encode([text.heading() for text in texts]) * fusion.HEADING)

    def waiting(self, count: int) -> npt.NDArray[np.int8]:
        """As many vectors (count, dimension) that are not there yet."""
        return np.zeros((count, self.embedder.dimension), dtype=np.int8)

    def _asked(self, query: Text | str) -> npt.NDArray[np.int8]:
        said = query[:LONGEST_EMBEDDED] if isinstance(query, str) else query.embedded()
        vector: npt.NDArray[np.int8] = whole_numbers(self.embedder.encode_need(said)[None])[0]
        vector.flags.writeable = False  # it is given to many
        return vector
