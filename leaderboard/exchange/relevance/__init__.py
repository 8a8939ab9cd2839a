"""How relevant each listing's text is to a need, in Chinese, in English and across. No web, no database, no clock.

    Text, language_of               one description in one language                       texts.py
    Embedder, Scale                 what turns texts into vectors: the seam               embedder.py
    installed_embedders()           those whose optional packages are there               semantic.py
    Index                           upsert, complete, delete, search, stats, save, load   index.py
    Index.compared                  one listing with many needs at once                   one_listing.py
    Found, relevance                a result, and the number behind it                    fusion.py

Words are compared by TF-IDF of character n-grams (`features`, `lexical`), meanings by the cosine of vectors
(`meanings`, `vectors`), by as many models as there are, and all are put on one scale for each language of the
descriptions (`fusion`). Without the optional packages the words work alone, which finds nothing across languages but
names; `Index.stats` says so.

Importing this package does not load NumPy; the names that need it are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from leaderboard.exchange.relevance.texts import Language, Text, language_of

if TYPE_CHECKING:
    from leaderboard.exchange.relevance.embedder import Embedder, Scale
    from leaderboard.exchange.relevance.fusion import Found, relevance
    from leaderboard.exchange.relevance.index import Index, Stats
    from leaderboard.exchange.relevance.saving import Unreadable
    from leaderboard.exchange.relevance.semantic import installed_embedders

_HOME = {
    "Embedder": "embedder",
    "Found": "fusion",
    "Index": "index",
    "Scale": "embedder",
    "Stats": "index",
    "Unreadable": "saving",
    "installed_embedders": "semantic",
    "relevance": "fusion",
}

__all__ = [
    "Embedder",
    "Found",
    "Index",
    "Language",
    "Scale",
    "Stats",
    "Text",
    "Unreadable",
    "installed_embedders",
    "language_of",
    "relevance",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'leaderboard.exchange.relevance' has no attribute {name!r}")
    return getattr(import_module(f"leaderboard.exchange.relevance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
