"""What is worked out about a dataset once, and kept."""

from dataclasses import replace

import polars as pl
import pytest

from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference
from scoring.quality.schema import Field, Schema

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


ASKED = Schema(
    (
        Field("id"),
        Field("at", "datetime"),
        Field("size", "number", maximum=9),
        Field("count", "integer"),
        Field("code"),
    ),
    missing=("NA",),
)


def records(*rows: tuple[str | None, ...]) -> Evidence:
    named = [(f"r{place}", *row) for place, row in enumerate(rows)]
    table = pl.DataFrame(named, schema=dict.fromkeys(["id", "at", "size", "count", "code"], pl.String), orient="row")
    return Evidence(table, Roles(id="id"), ASKED)


def test_records_are_equal_however_their_moments_and_numbers_are_written():
    seen = records(
        ("2013-05-29T12:15", "1.50", "7", "x"),
        ("2013-05-29 12:15:00", "1.5", "7.0", "x"),
        ("2013-05-29T14:15:00+02:00", "15e-1", "7", " x"),
    )
    assert seen.copies.first.tolist() == [0, 0, 0]


def test_what_is_missing_is_equal_and_what_cannot_be_read_is_what_is_written():
    seen = records(
        ("2013-05-29T12:15", "NA", "7", "x"),
        ("2013-05-29T12:15", "", "7", "x"),
        ("noon", "1", "7", "x"),
        ("evening", "1", "7", "x"),
        ("noon", "1.0", "7", "x"),
    )
    assert seen.copies.first.tolist() == [0, 0, 2, 3, 2]


def test_values_out_of_their_range_and_codes_keep_records_apart():
    seen = records(
        ("2013-05-29T12:15", "10", "7", "x"),
        ("2013-05-29T12:15", "11", "7", "x"),
        ("2013-05-29T12:15", "10.0", "7", "x"),
        ("2013-05-29T12:15", "10", "7", "007"),
        ("2013-05-29T12:15", "10", "7", "7"),
    )
    assert seen.copies.first.tolist() == [0, 1, 0, 3, 4]


def test_without_a_schema_cells_are_compared_as_they_are_written():
    seen = records(("2013-05-29T12:15", "1", "7", "x"), ("2013-05-29T12:15:00", "1", "7", "x"))
    assert replace(seen, schema=None).copies.copies == 0
    assert seen.copies.copies == 1
