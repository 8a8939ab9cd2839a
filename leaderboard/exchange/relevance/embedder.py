"""The seam behind which texts become vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


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
    def scale(self) -> Scale:
        """Of cosines between a need and the descriptions, whatever their languages."""
        ...

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Unit vectors (n, dimension), the same for the same text in any company, but for the last bits. An empty text
        has one too.
        """
        ...


def model_of(embedder: Embedder) -> str:
    """The model's id, by which stored vectors are known."""
    return f"{embedder.name}@{embedder.version}"
