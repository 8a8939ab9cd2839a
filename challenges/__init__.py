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
    from challenges.building import build
    from challenges.checking import CheckReport, check
    from challenges.guess import look
    from challenges.package import Package, load
    from challenges.packing import Packed, pack, unpack
    from challenges.preparation import prepare
    from challenges.scaffold import new
    from challenges.schema import json_schema
    from challenges.writing import write

SHIPPED = (
    "flight-delays", "shuttle-anomalies", "fashion-items", "review-annotation",
    "flight-records", "shop-reviews", "fashion-labels", "low-flight-weather",
)  # fmt: skip
"""The packages in `challenges/shipped/`, inside the wheel too, in the order in which a demo posts them."""

BUILT = ("low-altitude-tracks",)
"""Those there too whose data is under terms of its own and not shipped: `jiebang challenge build` makes them from it."""

_HOME = {
    "build": "building",
    "CheckReport": "checking",
    "check": "checking",
    "Package": "package",
    "load": "package",
    "Packed": "packing",
    "pack": "packing",
    "unpack": "packing",
    "new": "scaffold",
    "prepare": "preparation",
    "look": "guess",
    "json_schema": "schema",
    "write": "writing",
}
"""Where each verb that is loaded late lives. No module may have the name of a verb: importing it would hide the verb."""

__all__ = [
    "BUILT",
    "SECTORS",
    "SHIPPED",
    "CheckReport",
    "Definition",
    "Example",
    "Finding",
    "Package",
    "PackageRefused",
    "Packed",
    "Report",
    "build",
    "check",
    "json_schema",
    "load",
    "look",
    "new",
    "pack",
    "prepare",
    "unpack",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'challenges' has no attribute {name!r}")
    return getattr(import_module(f"challenges.{_HOME[name]}"), name)
