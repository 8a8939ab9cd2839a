"""The seam behind which texts become vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.texts import Language


@dataclass(frozen=True, slots=True)
class Scale:
    """How scores of texts that have nothing to do with each other lie, and from where on a score means something.

    `mean` and `spread` (standard deviation) stand in for what a small index cannot tell by itself. At or below `floor`
    a score is no evidence at all, at or above `clear` it is full evidence, in between in proportion.
    """

    mean: float
    spread: float
    floor: float
    clear: float


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are. Vectors of another name or version are
    never compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def prompt(self) -> bool:
        """Whether it is fast enough for a description to be encoded before it is first found; if not, it is later."""
        ...

    def scale(self, asked: Language, described: Language, /) -> Scale:
        """Of cosines between needs in one language and descriptions in another or the same."""
        ...

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Unit vectors (n, dimension) of descriptions, the same for the same text in any company, but for the last
        bits. An empty text has one too.
        """
        ...

    def encode_need(self, text: str, /) -> npt.NDArray[np.float32]:
        """The unit vector (dimension,) of a need; some models read needs otherwise than descriptions."""
        ...


def model_of(embedder: Embedder) -> str:
    """The model's id, by which stored vectors are known."""
    return f"{embedder.name}@{embedder.version}"
