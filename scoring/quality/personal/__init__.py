"""Personal information in texts and tables: found, counted, judged against chance, and masked.

    find(texts)                   every piece in a column, with its place        → DataFrame
    count(frame)                  how many, column by column; shards add up      → Counts
    judge(counts)                 which columns hold more than chance gives      → ColumnFindings
    direct_rows_of(frame, …)      the rows with a direct identifier              → Series
    mask(texts, hits)             the texts with the hits starred                → Series
    k_anonymity(frame, columns)   how well rows hide among each other            → KAnonymity
    KINDS                         what is known about each kind

Where one looks: `kinds` says what is looked for, `reading` turns texts into one array of characters, `figures` finds numbers
by the way they are grouped, `numbers` and `words` hold one function for each kind, `plans` the number plans and check
characters, `finding` the search.

Importing this package loads no NumPy: a page reads titles without it. Everything but KINDS is loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from scoring.quality.personal.kinds import KINDS, PersonalKind

if TYPE_CHECKING:
    from scoring.quality.personal.anonymity import KAnonymity, k_anonymity
    from scoring.quality.personal.counting import ColumnFinding, Counts, Tally, count, direct_rows_of, judge
    from scoring.quality.personal.finding import find
    from scoring.quality.personal.masking import mask

_HOME = {
    "ColumnFinding": "counting",
    "Counts": "counting",
    "KAnonymity": "anonymity",
    "Tally": "counting",
    "count": "counting",
    "direct_rows_of": "counting",
    "find": "finding",
    "judge": "counting",
    "k_anonymity": "anonymity",
    "mask": "masking",
}

__all__ = [
    "KINDS",
    "ColumnFinding",
    "Counts",
    "KAnonymity",
    "PersonalKind",
    "Tally",
    "count",
    "direct_rows_of",
    "find",
    "judge",
    "k_anonymity",
    "mask",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'scoring.quality.personal' has no attribute {name!r}")
    return getattr(import_module(f"scoring.quality.personal.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
