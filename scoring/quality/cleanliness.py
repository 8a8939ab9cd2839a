"""Rules that a text, an image or a sound must pass to be clean, as records; and which rows fail them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers
from scoring.quality.shares import Share, share_of


@dataclass(frozen=True, slots=True)
class Rule:
    """One bound on one signal.

    key         names the rule in reports; the reason code of the rows it flags
    code        the item of TC609-5-2025-04, with "T" before it
    signal      the column of signals that is looked at
    direction   "min": at least the threshold passes; "max": at most the threshold passes
    threshold   in the unit of the signal
    reason      what is wrong with a row that fails, in English
    source      who uses such a rule, and what was changed
    only_if     (signal, least): rows with less of that signal are not judged by this rule
    """

    key: str
    code: str
    signal: str
    direction: Literal["min", "max"]
    threshold: float
    reason: str
    source: str
    only_if: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found.

    rows     (k,) int64, ascending: the rows that fail
    passed   share of passing rows among those that the rule judges
    """

    rule: Rule
    rows: npt.NDArray[np.int64]
    passed: Share


@dataclass(frozen=True, slots=True)
class Cleanliness:
    """What all rules found.

    clean      share of rows that fail no rule
    dirty      (n,) bool: fails at least one rule
    by_code    for each standard code, the share of rows that fail none of its rules
    outcomes   in the order of the rules
    """

    clean: Share
    dirty: npt.NDArray[np.bool_]
    by_code: dict[str, Share]
    outcomes: tuple[Outcome, ...]


def judge(signals: pl.DataFrame, rules: Sequence[Rule], *, population: int | None = None) -> Cleanliness:
    """Apply the rules to (n, …) signals. A missing or NaN signal is not judged, and does not fail.

    population   rows that these were drawn from at random; None: they are all

    ValueError if a rule names a signal that is not there.

    >>> rule = Rule("dark", "T02080204", "brightness", "min", 0.1, "Too dark", "")
    >>> found = judge(pl.DataFrame({"brightness": [0.5, 0.05, None]}), [rule])
    >>> found.outcomes[0].rows.tolist(), found.outcomes[0].passed.value, found.clean.count
    ([1], 0.5, 2)
    """
    named = {rule.signal for rule in rules} | {rule.only_if[0] for rule in rules if rule.only_if}
    if missing := sorted(named - set(signals.columns)):
        raise ValueError(f"the signals lack {', '.join(missing)}")
    dirty = np.zeros(signals.height, dtype=np.bool_)
    of_code = {rule.code: np.zeros(signals.height, dtype=np.bool_) for rule in rules}
    outcomes = []
    for rule in rules:
        judged, failed = _apply(signals, rule)
        dirty |= failed
        of_code[rule.code] |= failed
        outcomes.append(_outcome(rule, judged, failed, population))
    by_code = {code: _unflagged(rows, population) for code, rows in of_code.items()}
    return Cleanliness(_unflagged(dirty, population), dirty, by_code, tuple(outcomes))


def _apply(signals: pl.DataFrame, rule: Rule) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(n,) which rows the rule judges, and which of them fail."""
    values = _numbers(signals, rule.signal)
    judged = ~np.isnan(values)
    if rule.only_if:
        name, least = rule.only_if
        judged &= _numbers(signals, name) >= least
    fails = values < rule.threshold if rule.direction == "min" else values > rule.threshold
    return judged, fails & judged


def _numbers(signals: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return as_numbers(signals[name])


def _outcome(
    rule: Rule, judged: npt.NDArray[np.bool_], failed: npt.NDArray[np.bool_], population: int | None
) -> Outcome:
    rows = np.flatnonzero(failed)
    count = int(np.count_nonzero(judged))
    if population is not None:  # a rule that judges few rows judges as small a part of all rows
        population = max(count, round(population * count / max(len(judged), 1)))
    return Outcome(rule, rows, share_of(count - len(rows), count, population=population))


def _unflagged(flags: npt.NDArray[np.bool_], population: int | None) -> Share:
    return share_of(int(len(flags) - np.count_nonzero(flags)), len(flags), population=population)
