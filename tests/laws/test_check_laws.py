"""What every quality check must obey. A check that is not filed in `filed_checks` fails here."""

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence
from scoring.quality.rubric import PARTS
from scoring.quality.wording import sentence
from tests.laws.filed_checks import FILED
from tests.laws.filed_media import Files

TRAINS = "A6"
"""Looks for wrong labels with models of its own, which takes seconds."""
ALL = [pytest.param(key, marks=pytest.mark.slow) if key == TRAINS else key for key in sorted(CHECKS)]


def measured(key: str, seen: Evidence) -> Measured:
    found = CHECKS[key].load()(seen)
    assert found is not None, f"{key} does not apply to the data it is filed with"
    return found


@cache
def measured_as_filed(key: str, state: str) -> Measured:
    """Of the check's own ``sound`` or ``faulty`` data, once for all tests."""
    return measured(key, getattr(FILED[key], state))


def test_every_check_is_filed_and_every_file_is_of_a_check():
    assert FILED.keys() == CHECKS.keys()


@pytest.mark.parametrize("key", ALL)
def test_the_record_is_whole(key: str):
    check = CHECKS[key]
    assert check.key == key
    assert check.title
    assert check.explanation.endswith(".")
    assert check.advice.endswith(".")
    assert check.codes or key == "A10", "only novelty is asked for by no standard"
    assert all(re.match(r"^(T\d{4}|[IG] )", code) for code in check.codes)
    assert all(left[0] < right[0] for left, right in pairwise(check.anchors))
    assert {0.0, 100.0} <= {points for _, points in check.anchors}
    counts = check.gate is not None or check.may_gate or any(key in part.measures for part in PARTS.values())
    assert counts, "it would count for nothing"


@pytest.mark.parametrize("key", ALL)
def test_a_sound_dataset_gets_all_points_and_no_issue(key: str):
    found = measured_as_filed(key, "sound")
    assert CHECKS[key].points(found).value >= (100 if found.low == found.high else 99)
    assert CHECKS[key].passes(found, CHECKS[key].gate)
    assert found.issues is None or found.issues.height == 0


@pytest.mark.parametrize("key", ALL)
def test_known_defects_are_measured_and_found(key: str):
    filed = FILED[key]
    found = measured_as_filed(key, "faulty")
    assert found.value == pytest.approx(filed.found, abs=filed.within)
    assert found.low <= found.value <= found.high
    assert CHECKS[key].points(found).value < 100
    rows: dict[str, set[int | None]] = {}
    for code, row in (found.issues if found.issues is not None else issues.none()).select("code", "row").iter_rows():
        rows.setdefault(code, set()).add(row)
    assert {code: rows.get(code) for code in filed.issues} == filed.issues


@pytest.mark.parametrize("key", ALL)
def test_issues_have_the_common_form_and_a_sentence(key: str):
    found = measured_as_filed(key, "faulty").issues
    if found is None:
        return
    assert found.schema == issues.SCHEMA
    for code in found["code"].unique():
        words, params = sentence(code)
        assert words.format(**params)


@pytest.mark.parametrize("key", ALL)
def test_the_order_of_records_does_not_matter(key: str):
    seen = FILED[key].faulty
    order = np.random.default_rng(1).permutation(seen.rows)
    media = seen.media.taken(order) if isinstance(seen.media, Files) else None
    shuffled = measured(key, replace(seen, table=seen.table[order], media=media))
    found = measured_as_filed(key, "faulty")
    assert (shuffled.value, shuffled.low, shuffled.high) == pytest.approx(
        (found.value, found.low, found.high), abs=1e-12
    )
    assert shuffled.checked == found.checked


@pytest.mark.parametrize("key", ALL)
def test_an_empty_table_is_no_fault(key: str):
    seen = FILED[key].sound
    found = CHECKS[key].load()(replace(seen, table=seen.table.clear()))
    assert found is None or np.isfinite([found.value, found.low, found.high]).all()


@pytest.mark.parametrize("key", ALL)
def test_without_what_it_needs_it_does_not_apply(key: str):
    bare = Evidence(FILED[key].sound.table)
    if CHECKS[key].needs:
        assert CHECKS[key].load()(bare) is None


@pytest.mark.parametrize("key", [key for key in sorted(CHECKS) if CHECKS[key].hidden])
def test_what_is_hidden_names_no_record(key: str):
    found = measured_as_filed(key, "faulty")
    assert found.bad is None
    assert (
        found.issues is None
        or found.issues.select("row", "value", "suggestion").null_count().row(0) == (found.issues.height,) * 3
    )
