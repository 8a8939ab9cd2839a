"""The table of injectors."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from scoring.quality.injectors import copies, labels, texts, values
from scoring.quality.injectors.people import MAKERS
from scoring.quality.injectors.planting import Injector, Need
from scoring.quality.personal import KINDS

_MANY: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_SOME: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_FEW: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
_RARE: Final = (0.0005, 0.002, 0.01, 0.05)
_LABEL: Final[frozenset[Need]] = frozenset({"label"})
_TEXT: Final[frozenset[Need]] = frozenset({"text"})
_STRINGS: Final[frozenset[Need]] = frozenset({"strings"})
_NUMBERS: Final[frozenset[Need]] = frozenset({"numbers"})
_SCHEMA: Final[frozenset[Need]] = frozenset({"schema"})
_TIME: Final[frozenset[Need]] = frozenset({"time"})
_WINDOW: Final[frozenset[Need]] = frozenset({"time", "window"})
_CLASSES: Final[frozenset[Need]] = frozenset({"label", "classes"})

_RECORDS: Final = (
    Injector("cells.missing", "Missing cells", ("Q7",), _MANY, values.emptied),
    Injector("cells.disguised", "Stand-ins for missing cells", ("Q7",), _SOME, values.disguised),
    Injector(
        "cells.out_of_schema", "Values outside the schema", ("Q1",), _SOME, values.out_of_schema, _SCHEMA
    ),
    Injector(
        "cells.swapped", "Swapped columns", ("Q1",), _SOME, values.swapped, _SCHEMA | _STRINGS | _NUMBERS
    ),
    Injector(
        "numbers.times_10", "Unit errors, ×10", ("Q18",), _FEW, partial(values.wrong_unit, factor=10), _NUMBERS
    ),
    Injector(
        "numbers.times_1000", "Unit errors, ×1000", ("Q18",), _FEW, partial(values.wrong_unit, factor=1000),
        _NUMBERS,
    ),
    Injector("numbers.stuck", "A stuck sensor", ("Q18",), _SOME, values.stuck, _NUMBERS | _TIME),
    Injector("copies.exact", "Exact copies", ("Q13",), _SOME, copies.exact_copies),
    Injector("copies.near_texts", "Edited copies of texts", ("Q14",), _SOME, copies.near_texts, _TEXT),
    Injector("copies.near_rows", "Edited copies of rows", ("Q14",), _SOME, copies.near_rows),
    Injector("labels.uniform", "Wrong labels, any class", ("A6",), _MANY, labels.uniform_noise, _LABEL),
    Injector("labels.one_way", "Wrong labels, one way", ("A6",), _MANY, labels.one_way_noise, _LABEL),
    Injector("labels.contradicting", "Contradicting labels", ("Q11",), _SOME, labels.contradicting, _LABEL),
    Injector(
        "labels.unknown", "Labels of no class", ("Q6",), _SOME, labels.unknown_labels, _CLASSES
    ),
    Injector("labels.missing", "Missing labels", ("Q8", "Q7"), _MANY, labels.missing_labels, _LABEL),
    Injector("classes.thinned", "Imbalanced classes", ("A2", "A1"), (2, 5, 10, 20, 100), labels.thinned, _LABEL),
    Injector("texts.mojibake", "Wrong encoding", ("Q15",), _SOME, texts.mojibake, _TEXT),
    Injector("texts.truncated", "Truncated texts", ("Q15",), _SOME, texts.truncated, _TEXT),
    Injector(
        "times.late", "Dated outside the window", ("A5",), _SOME, values.late, _WINDOW
    ),
    *(
        Injector(
            f"personal.{kind}", KINDS[kind].title, ("Q5",), _RARE, partial(texts.personal, make=make),
            _STRINGS,
        )
        for kind, make in MAKERS.items()
    ),
)  # fmt: skip

INJECTORS: Final[Mapping[str, Injector]] = MappingProxyType({record.key: record for record in _RECORDS})
"""Every injector. `moves` may name a check that there is not yet; whoever runs it looks in
`scoring.quality.checks.CHECKS`."""
