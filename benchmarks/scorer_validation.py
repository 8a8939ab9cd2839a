"""Is the quality score right? Known defects are put into real datasets, and what the checks say is compared with the
truth.

For each injector (`scoring.quality.injectors`), set and seed: do the points of its check fall whenever the severity
rises (Kendall's tau), how far is the measured rate from the planted one, which of the planted records are named and
how many others (recall, precision), and by how many points do checks move that the defect is none of the business of.
Then: two halves of an untouched set must score alike, and the known order of ten submissions of falling quality must
be recovered. What label errors cost to estimate allows one seed for them, and three sets on which they are looked at
beside other defects; everything else runs with three seeds.

    python benchmarks/scorer_validation.py [--quick] [--only PART …]

A full run keeps its findings in docs/figures/scorecard.json and writes docs/scorecard.md from them; --only renews
some parts.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import measure
import numpy as np
from real_sets import RealSet, real_sets
from scorecard import write_page

from scoring.quality.check import Check, Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence
from scoring.quality.injectors import INJECTORS, Injector
from scoring.quality.rubric import PRESETS, Result, judge

Found = list[dict[str, Any]]
DOCS: Final = Path(__file__).parent.parent / "docs"
KEPT: Final = DOCS / "figures" / "scorecard.json"
SEEDS: Final = 3
DEAR: Final = "A6"
"""The check that costs seconds; it is asked with one seed and fewer records."""
DEAR_SETS: Final = ("digits", "cancer", "shuttle", "chess", "titanic", "penguins", "reviews")
REPEATING: Final = ("planes",)
"""A set of so many copies that fewer records would leave too few different ones."""
DEAR_BESIDE: Final = ("cancer", "planes", "penguins")
DEAR_ROWS: Final = 1500
QUICK_SETS: Final = ("cancer", "penguins", "python")
QUICK_ROWS: Final = 400
FLOOR: Final = 1.0
"""Points at which a score has nothing left to lose."""
MONOTONE: Final = 0.98
CROSS_TALK: Final = 2.0
OF_PEOPLE: Final = "personal.mobile"
"""The one kind of personal data whose side effects are looked at: the others are written into the same cells."""
GRADES: Final = {"cells.missing": 0.02, "copies.exact": 0.006, "labels.uniform": 0.02, "labels.missing": 0.01}
"""What each of ten submissions has more of than the one before it; wrong labels only where a check estimates them."""


@dataclass(frozen=True)
class Reading:
    """What one check says: `bad` is the rate of defects; `rows` the records it names."""

    points: float
    bad: float
    rows: frozenset[int]


def read(check: Check, seen: Evidence) -> Reading | None:
    found = check.load()(seen)
    if found is None:
        return None
    bad = 1 - found.value if check.higher_is_better else found.value
    rows = frozenset() if found.issues is None else frozenset(found.issues["row"].drop_nulls().to_list())
    return Reading(check.points(found).value, bad, rows)


def evidence(one: RealSet, injector: Injector) -> Evidence:
    """With the schema that the set would be declared with, where the defect is about it; else without."""
    return replace(one.seen, schema=one.schema) if "schema" in injector.needs else one.seen


def curve(one: RealSet, injector: Injector, seed: int, every: int = 1) -> dict[str, Any] | None:
    """What the injector's first check says at rising severities; None: check or defect does not apply to the set."""
    check, seen = CHECKS[injector.moves[0]], evidence(one, injector)
    if injector.plant(seen, injector.severities[0], seed=seed) is None or (base := read(check, seen)) is None:
        return None
    found: dict[str, Any] = {"set": one.key, "injector": injector.key, "check": check.key, "seed": seed}
    steps: Found = [{"severity": 0.0, "rate": 0.0, "points": base.points, "rows": seen.rows}]
    for severity in injector.severities[::every]:
        planted = injector.plant(seen, severity, seed=seed)
        assert planted is not None
        height = planted.table.height
        if planted.rate == steps[-1]["rate"] or (math.isnan(planted.rate) and height == steps[-1]["rows"]):
            continue  # nothing more was planted than in the step before
        rate = None if math.isnan(planted.rate) else planted.rate
        step: dict[str, Any] = {"severity": severity, "rate": rate, "rows": height}
        if (after := read(check, replace(seen, table=planted.table))) is not None:
            truth, named = set(planted.rows.tolist()), after.rows
            step |= {"points": after.points, "planted": len(truth), "found": len(truth & named)}
            step["more"] = len(named - truth - base.rows) if height >= seen.rows else 0
            step["estimate"] = after.bad - base.bad * seen.rows / height
        steps.append(step)
    return {**found, "steps": steps, "tau": tau([step["points"] for step in steps if "points" in step])}


def tau(points: list[float]) -> float | None:
    """Kendall's tau between falling points and rising severity. Equal points count as missed, unless both are at the
    floor."""
    pairs = [(one, other) for one, other in combinations(points, 2) if max(one, other) > FLOOR]
    if not pairs:
        return None
    return sum((one > other) - (one < other) for one, other in pairs) / len(pairs)


def curves(sets: list[RealSet], keys: list[str], seeds: int, every: int = 1) -> Found:
    """Of all sets and seeds, with every so many of the severities."""
    found = []
    for key in keys:
        began = time.monotonic()
        own = [one for each in sets for seed in range(seeds) if (one := curve(each, INJECTORS[key], seed, every))]
        found += own
        summary(key, own, time.monotonic() - began)
    return found


def summary(key: str, found: Found, seconds: float) -> None:
    """One line for a reader of the output."""
    taus = [one["tau"] for one in found if one["tau"] is not None]
    if not taus:
        print(f"{key}: applies to no set")
        return
    steps = [step for one in found for step in one["steps"] if "found" in step]
    planted, hit, more = (sum(step[what] for step in steps) for what in ("planted", "found", "more"))
    errors = [abs(step["estimate"] - step["rate"]) for step in steps if step["rate"] is not None]
    print(
        f"{key}: {len({one['set'] for one in found})} sets, tau median {statistics.median(taus):.2f} least"
        f" {min(taus):.2f}; rate off by {100 * statistics.fmean(errors or [math.nan]):.2f} points;"
        f" {hit} of {planted} records named, {more} others; {seconds:.0f} s",
        flush=True,
    )


def everything(seen: Evidence, keys: list[str]) -> dict[str, Measured]:
    return {key: found for key in keys if (found := CHECKS[key].load()(seen)) is not None}


def points(found: dict[str, Measured]) -> dict[str, float]:
    return {key: CHECKS[key].points(one).value for key, one in found.items()}


def checks_beside(one: RealSet) -> list[str]:
    return [key for key in CHECKS if key != DEAR or one.key in DEAR_BESIDE]


def cross_talk(sets: list[RealSet], keys: list[str]) -> Found:
    """By how many points other checks move, at the middle severity."""
    found: Found = []
    bases: dict[tuple[str, bool], dict[str, float]] = {}
    for key in keys:
        injector = INJECTORS[key]
        for one in sets:
            seen = evidence(one, injector)
            planted = injector.plant(seen, injector.severities[len(injector.severities) // 2], seed=0)
            if planted is None:
                continue
            at = (one.key, seen.schema is not None)
            bases[at] = bases.get(at) or points(everything(seen, checks_beside(one)))
            after = points(everything(replace(seen, table=planted.table), [*bases[at]]))
            found += [
                {"injector": key, "set": one.key, "check": check, "moved": after[check] - before}
                for check, before in bases[at].items()
                if check in after and check not in injector.moves
            ]
        moved = [abs(each["moved"]) for each in found if each["injector"] == key]
        print(
            f"beside {key}: {sum(size >= CROSS_TALK for size in moved)} of {len(moved)} move by 2 points or more",
            flush=True,
        )
    return found


def judged(seen: Evidence, keys: list[str]) -> Result:
    measured = {key: CHECKS[key].points(found) for key, found in everything(seen, keys).items()}
    return judge(measured, PRESETS["competition"].weights)


def halves(sets: list[RealSet], seeds: int) -> Found:
    """The composites of two disjoint halves of an untouched set, and whether they differ by more than their intervals
    say."""
    found = []
    for one in sets:
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(one.seen.rows)
            cut = len(order) // 2
            parts = [replace(one.seen, table=one.seen.table[np.sort(rows)]) for rows in (order[:cut], order[cut:])]
            first, other = (judged(part, checks_beside(one)).composite for part in parts)
            allowed = math.hypot(*((each.high - each.low) / 2 for each in (first, other)))
            found.append({"set": one.key, "difference": first.value - other.value, "allowed": allowed})
    return found


def order(sets: list[RealSet], seeds: int) -> Found:
    """Ten submissions, each with more of three or four defects than the one before: the pairs in the right order."""
    found = []
    for one in (each for each in sets if each.seen.roles.label is not None):
        for seed in range(seeds):
            dear = seed == 0 and one.key in DEAR_BESIDE
            keys = [key for key in CHECKS if key != DEAR or dear]
            steps = {key: step for key, step in GRADES.items() if dear or INJECTORS[key].moves[0] != DEAR}
            scores = [judged(graded(one.seen, grade, steps, seed), keys).composite.value for grade in range(10)]
            right = sum(first > later for first, later in combinations(scores, 2))
            found.append({"set": one.key, "seed": seed, "scores": scores, "right": right, "pairs": 45, "dear": dear})
    return found


def graded(seen: Evidence, grade: int, steps: Mapping[str, float], seed: int) -> Evidence:
    for key, step in steps.items() if grade else ():
        planted = INJECTORS[key].plant(seen, grade * step, seed=seed)
        assert planted is not None, "every set here has labels and other columns"
        seen = replace(seen, table=planted.table)
    return seen


def parts(*, quick: bool) -> dict[str, Callable[[], Found]]:
    there = [key for key, injector in INJECTORS.items() if injector.moves[0] in CHECKS]
    dear = [key for key in there if INJECTORS[key].moves[0] == DEAR]
    cheap = [key for key in there if key not in dear]
    beside = [key for key in there if not key.startswith("personal.") or key == OF_PEOPLE]
    sets = real_sets(QUICK_SETS, QUICK_ROWS) if quick else real_sets()
    fewer = real_sets(QUICK_SETS[1:2], QUICK_ROWS) if quick else real_sets(DEAR_SETS, DEAR_ROWS) + real_sets(REPEATING)
    seeds = 1 if quick else SEEDS
    if quick:
        sets = [
            replace(one, key=f"{one.key} (small)") for one in sets
        ]  # so that none of them is asked for label errors
        dear = dear[:1]
    return {
        "labels": lambda: curves(fewer, dear, 1, every=3 if quick else 1),
        "defects": lambda: curves(sets, cheap, seeds),
        "cross_talk": lambda: cross_talk(sets, beside),
        "halves": lambda: halves(sets, seeds),
        "order": lambda: order(sets, seeds),
    }


def claims(found: dict[str, Found]) -> None:
    """The lines that `make bench` collects."""
    for name in ("labels", "defects"):
        taus = [one["tau"] for one in found.get(name, []) if one["tau"] is not None]
        steps = [step for one in found.get(name, []) for step in one["steps"] if "found" in step]
        errors = [abs(step["estimate"] - step["rate"]) for step in steps if step["rate"] is not None]
        if not errors:
            continue
        low = sum(one < MONOTONE for one in taus)
        measure.ratio(f"scorer_validation.{name}.not_monotone", ours=low, peer=len(taus), goal="<= 0", unit="curves")
        error = 100 * statistics.fmean(errors)
        measure.ratio(f"scorer_validation.{name}.rate_error", ours=error, peer=1, goal="<= 1", unit="points")
    moved = [abs(one["moved"]) for one in found.get("cross_talk", [])]
    if moved:
        far = sum(size >= CROSS_TALK for size in moved)
        measure.ratio("scorer_validation.cross_talk", ours=far, peer=len(moved), goal="<= 0", unit="pairs")
    if pairs := found.get("halves"):
        apart = sum(abs(one["difference"]) > max(one["allowed"], CROSS_TALK) for one in pairs)
        measure.ratio("scorer_validation.halves_apart", ours=apart, peer=len(pairs), goal="<= 0", unit="pairs")
    if graded_sets := found.get("order"):
        all_pairs = sum(one["pairs"] for one in graded_sets)
        wrong = all_pairs - sum(one["right"] for one in graded_sets)
        measure.ratio("scorer_validation.order_missed", ours=wrong, peer=all_pairs, goal="<= 0", unit="pairs")


def described(sets: list[RealSet]) -> Iterator[dict[str, Any]]:
    for one in sets:
        rows, columns = one.seen.table.shape
        yield {"key": one.key, "about": one.about, "licence": one.licence, "rows": rows, "columns": columns}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three small sets, one seed; writes nothing")
    parser.add_argument(
        "--only", nargs="*", default=[], help="parts to renew: labels, defects, cross_talk, halves, order; page"
    )
    asked = parser.parse_args()
    found: dict[str, Found] = {}
    for name, work in parts(quick=asked.quick).items():
        if asked.only and name not in asked.only:
            continue
        began = time.process_time()
        found[name] = work()
        print(f"{name}: {time.process_time() - began:.0f} CPU-s", flush=True)
        if not asked.quick:
            keep({name: found[name]})
    claims(found)
    if not asked.quick:
        keep({"sets": list(described(real_sets()))})
        write_page(json.loads(KEPT.read_text(encoding="utf-8")), DOCS)


def keep(new: dict[str, Any]) -> None:
    """Beside what other parts found before."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    rounded = json.loads(json.dumps(new), parse_float=lambda text: round(float(text), 6))
    KEPT.write_text(json.dumps(before | rounded, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
