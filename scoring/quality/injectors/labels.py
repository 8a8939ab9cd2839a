"""Labels that are wrong, missing, unknown, contradictory or scarce."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality.evidence import Evidence
from scoring.quality.injectors.copies import appended
from scoring.quality.injectors.planting import IntArray, Planted, first, put

MOST_OF_A_CLASS: Final = 0.45
"""Beyond a half nobody can tell which label of a class is the wrong one."""


def codes_of(seen: Evidence) -> tuple[pl.Series, list[str], IntArray, IntArray]:
    """The labels, the classes in order, the rows that have a label and the code of each."""
    labels = seen.labels
    assert labels is not None, "asked for by needs"
    names = sorted(labels.drop_nulls().unique().to_list())
    rows = np.flatnonzero(labels.is_not_null().to_numpy())
    codes = labels.gather(rows).replace_strict(names, list(range(len(names))), return_dtype=pl.Int64).to_numpy()
    return labels, names, rows, codes


def _relabelled(seen: Evidence, rows: IntArray, labels: pl.Series, of: int) -> Planted:
    order = np.argsort(rows)
    return Planted(
        put(seen.table, str(seen.roles.label), rows[order], labels.gather(order)), rows[order], len(rows) / of
    )


def uniform_noise(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Labels become any other class, each as likely."""
    _, names, rows, codes = codes_of(seen)
    if len(names) < 2:
        return None
    moved = (codes + rng.integers(1, len(names), len(rows))) % len(names)
    picked = first(rng, len(rows), severity * len(rows))
    return _relabelled(seen, rows[picked], pl.Series(names).gather(moved[picked]), len(rows))


def one_way_noise(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Labels become the next class in the order of their names, those of every other class four times as often, and
    never more than `MOST_OF_A_CLASS`: of a few classes less is planted than is asked for.
    """
    _, names, rows, codes = codes_of(seen)
    if len(names) < 2:
        return None
    weights = np.where(np.arange(len(names)) % 2 == 0, 1.6, 0.4)
    sizes = np.bincount(codes, minlength=len(names)) / len(rows)
    rates = np.minimum(severity * weights / (weights @ sizes), MOST_OF_A_CLASS)
    picked = np.flatnonzero(rng.random(len(rows)) < rates[codes])
    return _relabelled(seen, rows[picked], pl.Series(names).gather((codes[picked] + 1) % len(names)), len(rows))


def unknown_labels(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Labels are spelled as no class is."""
    labels, _, rows, _ = codes_of(seen)
    picked = rows[first(rng, len(rows), severity * len(rows))]
    return _relabelled(seen, picked, labels.gather(picked) + " ?", len(rows))


def missing_labels(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records lose their label."""
    _, _, rows, _ = codes_of(seen)
    picked = rows[first(rng, len(rows), severity * len(rows))]
    return _relabelled(seen, picked, pl.Series([None] * len(picked), dtype=pl.String), seen.rows)


def contradicting(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records with content that have no copy come again under another label. `severity` and `rate` count the records of both
    kinds.
    """
    _, names, rows, codes = codes_of(seen)
    once = ((seen.copies.sizes == 1) & ~seen.empty)[rows]
    if len(names) < 2 or not once.any():
        return None
    labelled, rows, codes = len(rows), rows[once], codes[once]
    others = pl.Series(names).gather((codes + rng.integers(1, len(names), len(rows))) % len(names))
    picked = first(rng, len(rows), min(len(rows), labelled * severity / (2 - severity)))
    changed = put(seen.table[rows[picked]], str(seen.roles.label), np.arange(len(picked)), others.gather(picked))
    table = appended(seen.table.cast({str(seen.roles.label): pl.String}), changed, seen.roles.id)
    both = np.sort(np.append(rows[picked], np.arange(seen.rows, table.height)))
    return Planted(table, both, len(both) / (labelled + len(picked)))


def thinned(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """All classes but the largest lose records until they are so many times smaller; at least one is left of each."""
    _, names, rows, codes = codes_of(seen)
    if len(names) < 2:
        return None
    sizes = np.bincount(codes, minlength=len(names))
    most = np.where(np.arange(len(names)) == sizes.argmax(), sizes.max(), max(1, sizes.max() // severity))
    order = rng.permutation(len(rows))
    place = pl.DataFrame({"code": codes[order]}).select(pl.int_range(pl.len()).over("code")).to_series().to_numpy()
    kept = np.sort(rows[order[place < most[codes[order]]]])
    return Planted(seen.table[kept], np.zeros(0, np.int64), float("nan"))
