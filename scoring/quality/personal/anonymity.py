"""How well rows hide among each other: k-anonymity of a table's quasi-identifiers."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class KAnonymity:
    """Classes of rows that are equal in all quasi-identifiers.

    k          rows in the smallest class; 0 for an empty table
    classes    how many classes there are
    rows       how many rows
    below_5    rows in classes of fewer than 5
    below_10   rows in classes of fewer than 10
    unique     share of rows that are alone in their class, 0 … 1
    """

    k: int
    classes: int
    rows: int
    below_5: int
    below_10: int
    unique: float


def k_anonymity(frame: pl.DataFrame, quasi_identifiers: Sequence[str]) -> KAnonymity:
    """The k-anonymity of a table (Sweeney 2002, doi:10.1142/S0218488502001648).

    A null counts as a value, as does NaN, and 0.0 equals -0.0; ages, places and times should be as coarse as they are
    published. ValueError if no column is named or one is not in the table. Memory grows with the number of classes.

    >>> k_anonymity(pl.DataFrame({"age": [30, 30, 30, None], "sex": ["f", "f", "f", "f"]}), ["age", "sex"])
    KAnonymity(k=1, classes=2, rows=4, below_5=4, below_10=4, unique=0.25)
    """
    missing = [name for name in quasi_identifiers if name not in frame.columns]
    if missing or not quasi_identifiers:
        raise ValueError(f"quasi-identifiers must be columns of the table; not there: {missing}")
    named = frame.select(pl.col(name).alias(f"{place}") for place, name in enumerate(quasi_identifiers))
    sizes = named.group_by(named.columns).len("size")["size"].cast(pl.UInt64)
    rows = frame.height
    return KAnonymity(
        k=int(sizes.to_numpy().min(initial=rows)),
        classes=len(sizes),
        rows=rows,
        below_5=int(sizes.filter(sizes < 5).sum()),
        below_10=int(sizes.filter(sizes < 10).sum()),
        unique=int((sizes == 1).sum()) / max(rows, 1),
    )
