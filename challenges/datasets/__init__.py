"""Datasets that teams hand in: opened safely, whatever they are, with everything they say about themselves.

`open_dataset` is the verb; `read_schema` reads a schema of an organizer's package or of a dataset. Nothing is written to disk,
executed or fetched. Importing this package loads no polars; its names are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from challenges.datasets.bundle import Bundle, HashClaim, Licence, Media, Part, Provenance
    from challenges.datasets.documentation import Answer, Documentation
    from challenges.datasets.holding import FileFact
    from challenges.datasets.items import ITEMS, Item
    from challenges.datasets.limits import Limits
    from challenges.datasets.noting import DatasetRefused
    from challenges.datasets.opening import open_dataset
    from challenges.datasets.roles import Roles
    from challenges.datasets.table_schema import read_schema

_HOME = {
    "Answer": "documentation",
    "Bundle": "bundle",
    "DatasetRefused": "noting",
    "Documentation": "documentation",
    "FileFact": "holding",
    "HashClaim": "bundle",
    "ITEMS": "items",
    "Item": "items",
    "Licence": "bundle",
    "Limits": "limits",
    "Media": "bundle",
    "Part": "bundle",
    "Provenance": "bundle",
    "Roles": "roles",
    "open_dataset": "opening",
    "read_schema": "table_schema",
}

__all__ = [
    "ITEMS",
    "Answer",
    "Bundle",
    "DatasetRefused",
    "Documentation",
    "FileFact",
    "HashClaim",
    "Item",
    "Licence",
    "Limits",
    "Media",
    "Part",
    "Provenance",
    "Roles",
    "open_dataset",
    "read_schema",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'challenges.datasets' has no attribute {name!r}")
    return getattr(import_module(f"challenges.datasets.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
