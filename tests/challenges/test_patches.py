"""Proposals: what becomes one, that accepted ones are applied, and that nothing else ever is."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.findings import PackageRefused
from challenges.messages import MESSAGES
from challenges.patches import SCHEMA, applied, proposed
from scoring.quality.assessment import assess
from scoring.quality.evidence import Evidence, Roles

TABLE = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e"],
        "city": ["Foshan", "N/A", "Dongguan", "Foshan", "unknown"],
        "visits": [3, 4, 5, 3, 6],
        "kind": ["x", "y", "x", "x", "y"],
    }
)


def patch(*lines: tuple) -> pl.DataFrame:
    return pl.DataFrame([(*line, None, "Q1") for line in lines], schema=SCHEMA, orient="row")


def refused(table: pl.DataFrame, wrong: pl.DataFrame) -> dict[str, list[int | None]]:
    with pytest.raises(PackageRefused) as refusal:
        applied(table, wrong, file="p.csv")
    for finding in refusal.value.findings:
        assert MESSAGES[finding.id].format(**finding.params)
    return {finding.id: [example.row for example in finding.examples] for finding in refusal.value.findings}


def test_what_is_found_becomes_a_patch_and_the_patched_dataset_is_found_clean():
    seen = Evidence(TABLE, Roles(id="id", label="kind"))
    made = proposed(TABLE, assess(seen).issues)
    assert made.schema == SCHEMA
    assert made.select("record", "act", "column", "old", "new").rows() == [
        (2, "set", "city", "N/A", ""),
        (4, "drop", None, None, None),
        (5, "set", "city", "unknown", ""),
    ]
    mended = applied(TABLE, made)
    assert mended.rows() == [
        ("a", "Foshan", 3, "x"),
        ("b", None, 4, "y"),
        ("c", "Dongguan", 5, "x"),
        ("e", None, 6, "y"),
    ]
    again = assess(Evidence(mended, Roles(id="id", label="kind")))
    assert proposed(mended, again.issues).height == 0


def test_only_what_is_accepted_is_applied():
    made = proposed(TABLE, assess(Evidence(TABLE, Roles(id="id"))).issues)
    assert applied(TABLE, made.filter(pl.col("act") == "drop")).height == 4
    assert applied(TABLE, made.clear()).equals(TABLE)


def test_values_take_the_type_of_their_column():
    mended = applied(TABLE, patch((1, "set", "visits", "3", "30"), (2, "set", "visits", "4", "")))
    assert mended["visits"].to_list() == [30, None, 5, 3, 6]
    assert mended.schema == TABLE.schema


def test_records_are_counted_before_anything_is_dropped():
    mended = applied(TABLE, patch((1, "drop", None, None, None), (5, "set", "kind", "y", "x")))
    assert mended["kind"].to_list() == ["y", "x", "x", "x"]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_done():
    wrong = patch(
        (9, "drop", None, None, None),
        (0, "set", "city", "Foshan", "x"),
        (1, "set", "town", "Foshan", "x"),
        (1, "set", "city", "Zhuhai", "x"),
        (2, "set", "visits", "4", "many"),
    )
    assert refused(TABLE, wrong) == {
        "patch.no_record": [1, 2], "patch.no_column": [3], "patch.other_value": [4], "patch.unfit": [5]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (pl.DataFrame({"record": [1], "act": ["drop"]}), "patch.columns"),
        (patch((1, "drop", None, None, None)).with_columns(pl.lit("x").alias("record")), "patch.no_number"),
        (patch((1, "delete", None, None, None)), "patch.act_unknown"),
        (patch((1, None, None, None, None)), "patch.act_unknown"),
        (patch((None, "drop", None, None, None)), "patch.no_record"),
    ],
)
def test_a_patch_of_another_form(wrong, message):
    assert list(refused(TABLE, wrong)) == [message]


@given(st.lists(st.sampled_from(["", "a", "N/A", "b", "?"]), min_size=1, max_size=30))
def test_applying_what_is_proposed_never_fails_and_drops_only_copies(cells):
    table = pl.DataFrame({"x": cells, "y": [len(cell) for cell in cells]})
    made = proposed(table, assess(Evidence(table)).issues)
    assert applied(table, made).height == table.height - made.filter(pl.col("act") == "drop").height
