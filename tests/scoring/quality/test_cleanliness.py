"""Rules say which rows fail; what is not known is not judged."""

import numpy as np
import polars as pl
import pytest

from scoring.quality.audio import RULES as AUDIO
from scoring.quality.cleanliness import Rule, judge
from scoring.quality.images import RULES as IMAGES
from scoring.quality.text import RULES as TEXT

SIGNALS = pl.DataFrame({"size": [1, 5, 9, None], "noise": [0.1, float("nan"), 0.9, 0.9]})
LARGE = Rule("large", "T1", "size", "max", 6, "", "")
QUIET = Rule("quiet", "T1", "noise", "max", 0.5, "", "", only_if=("size", 5))
LEAST = Rule("least", "T2", "size", "min", 1, "", "")


def test_rows_counts_and_codes():
    found = judge(SIGNALS, [LARGE, QUIET, LEAST])
    large, quiet, least = found.outcomes
    assert (large.rows.tolist(), large.passed.of) == ([2], 3)
    assert (quiet.rows.tolist(), quiet.passed.of) == ([2], 1)  # row 0 is too small, row 1 unknown, row 3 has no size
    assert least.rows.size == 0
    assert found.dirty.tolist() == [False, False, True, False]
    assert {code: share.count for code, share in found.by_code.items()} == {"T1": 3, "T2": 4}
    assert found.clean.value == 0.75
    assert found.clean.exact


def test_a_sample_has_intervals_also_for_rules_that_judge_few_rows():
    found = judge(SIGNALS, [LARGE, QUIET], population=400)
    assert not found.clean.exact
    assert found.clean.low < found.clean.value < found.clean.high
    assert found.outcomes[1].passed.high - found.outcomes[1].passed.low > found.clean.high - found.clean.low


def test_no_rows():
    found = judge(SIGNALS.clear(), [LARGE])
    assert found.clean.of == 0
    assert np.isnan(found.clean.value)


def test_a_missing_signal_is_the_callers_mistake():
    with pytest.raises(ValueError, match="lack noise"):
        judge(SIGNALS.select("size"), [QUIET])


@pytest.mark.parametrize("rules", [TEXT, IMAGES, AUDIO])
def test_every_rule_is_fully_stated(rules):
    keys = [rule.key for rule in rules]
    assert len(set(keys)) == len(keys)
    for rule in rules:
        assert rule.code.startswith("T0208")
        assert rule.reason
        assert rule.source
