"""All checks on one dataset, joined to a result: what `jiebang quality` and a scored submission both report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence
from scoring.quality.gates import held
from scoring.quality.records import conditions
from scoring.quality.rubric import PRESETS, Result, judge


@dataclass(frozen=True)
class Assessment:
    """What was found.

    measured   by check, those that applied, in the order of `CHECKS`
    gates      by check, the limits that held
    failed     the checks whose gate the dataset does not pass
    result     points, blocks, composite, grade
    issues     single rows of all checks, as `scoring.quality.issues` with the column "check" in front; most recoverable points
               first, then by row
    """

    measured: Mapping[str, Measured]
    gates: Mapping[str, float]
    failed: tuple[str, ...]
    result: Result
    issues: pl.DataFrame


def assess(
    seen: Evidence,
    weights: Mapping[str, float] | None = None,
    *,
    known: Mapping[str, Measured] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda _: None,
) -> Assessment:
    """Runs every check that applies; of the conditions (`scoring.quality.records.conditions`) those whose gate holds.

    `weights`: of `rubric.PARTS`, by default those of a competition. `known`: what checks found already on this evidence; they are
    not run again. `progress` is told the key of each check before it runs. Limits
    of gates are the usual ones unless the reference moves them.
    """
    gates = held(seen.reference.gates if seen.reference else {})
    measured: dict[str, Measured] = {}
    for key, check in CHECKS.items():
        if check in conditions.RECORDS and key not in gates:
            continue
        progress(key)
        found = known.get(key) or check.load()(seen)
        if found is not None:
            measured[key] = found
    result = judge(
        {key: CHECKS[key].points(found) for key, found in measured.items()}, weights or PRESETS["competition"].weights
    )
    return Assessment(
        measured=measured,
        gates=gates,
        failed=tuple(key for key, found in measured.items() if not CHECKS[key].passes(found, gates.get(key))),
        result=result,
        issues=_ordered(measured, result),
    )


def _ordered(measured: Mapping[str, Measured], result: Result) -> pl.DataFrame:
    order = sorted(measured, key=lambda key: (-result.recoverable.get(key, 0.0), list(CHECKS).index(key)))
    parts = [
        found.select(pl.lit(key).alias("check"), pl.all())
        for key in order
        if (found := measured[key].issues) is not None and found.height
    ]
    return pl.concat([issues.none().select(pl.lit("").alias("check"), pl.all()), *parts])
