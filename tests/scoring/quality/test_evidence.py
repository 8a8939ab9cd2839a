"""What is worked out about a dataset once, and kept."""

from dataclasses import replace

import polars as pl
import pytest

from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference

TABLE = pl.DataFrame({"id": ["1", "2", "3"], "size": ["4", "5", "5"], "label": ["a", "b", "b"]})
GOLD = pl.DataFrame({"id": ["1"], "label": ["a"]})


def test_what_was_worked_out_is_kept_when_more_is_known():
    seen = Evidence(TABLE, Roles(id="id", label="label"), reference=Reference())
    before = seen.conformity, seen.copies
    known = seen.knowing(Reference(gold=GOLD))
    assert (known.conformity, known.copies) == before
    assert known.conformity is before[0]
    assert known.reference is not None
    assert known.reference.gold is GOLD
    assert seen.reference == Reference(), "the first one knows no more than before"


def test_it_is_what_would_have_been_worked_out_anew():
    seen = Evidence(TABLE, Roles(id="id", label="label"), reference=Reference())
    assert seen.content
    assert seen.knowing(Reference(gold=GOLD)).content == replace(seen, reference=Reference(gold=GOLD)).content


def test_what_was_worked_out_without_a_challenge_is_not_kept():
    with pytest.raises(AssertionError):
        Evidence(TABLE).knowing(Reference())
