"""The challenge package: a folder anyone can write, check and score offline.

The public verbs are loaded on first use, so that a process that only shows definitions never imports numpy or polars.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from challenges.definition import Definition
from challenges.facets import SECTORS
from challenges.findings import Example, Finding, PackageRefused
from challenges.report import Report

if TYPE_CHECKING:
    from challenges.checking import CheckReport, check
    from challenges.package import Package, load
    from challenges.packing import Packed, pack, unpack
    from challenges.preparation import prepare
    from challenges.scaffold import new

_HOME = {
    "CheckReport": "checking",
    "check": "checking",
    "Package": "package",
    "load": "package",
    "Packed": "packing",
    "pack": "packing",
    "unpack": "packing",
    "new": "scaffold",
    "prepare": "preparation",
}
"""Where each verb that is loaded late lives. No module may have the name of a verb: importing it would hide the verb."""

__all__ = [
    "SECTORS",
    "CheckReport",
    "Definition",
    "Example",
    "Finding",
    "Package",
    "PackageRefused",
    "Packed",
    "Report",
    "check",
    "load",
    "new",
    "pack",
    "prepare",
    "unpack",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'challenges' has no attribute {name!r}")
    return getattr(import_module(f"challenges.{_HOME[name]}"), name)
