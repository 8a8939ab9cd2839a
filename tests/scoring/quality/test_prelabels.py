"""Labels that are proposed where there are none."""

import numpy as np
import polars as pl
import pytest

from challenges import patches
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles

ROWS, HIDDEN = 600, 60


def readings(rows: int = ROWS) -> pl.DataFrame:
    """Temperatures and vibrations of machines that run or stand; who looks at both can tell."""
    draw = np.random.default_rng(3)
    running = draw.random(rows) < 0.5
    return pl.DataFrame(
        {
            "temperature": np.round(draw.normal(20 + 25 * running, 4), 2),
            "vibration": np.round(draw.normal(1 + 4 * running, 1), 3),
            "state": np.where(running, "runs", "stands"),
        }
    )


def without_labels(table: pl.DataFrame, count: int) -> tuple[pl.DataFrame, np.ndarray]:
    hidden = np.sort(np.random.default_rng(5).choice(table.height, count, replace=False))
    return table.with_columns(table["state"].scatter(hidden, [None] * count)), hidden


def found(table: pl.DataFrame) -> pl.DataFrame:
    measured = CHECKS["Q8"].load()(Evidence(table, Roles(label="state")))
    assert measured is not None
    assert measured.bad == table["state"].null_count()
    return measured.issues.sort("row")


def test_what_models_are_sure_of_is_proposed_for_each_record_without_a_label() -> None:
    table, hidden = without_labels(readings(), HIDDEN)
    issues = found(table)
    assert issues["row"].to_list() == hidden.tolist()
    proposed = issues.filter(pl.col("suggestion").is_not_null())
    right = readings()["state"].gather(proposed["row"])
    assert (proposed["suggestion"] == right).mean() > 0.95
    assert proposed.height > 0.9 * HIDDEN
    assert proposed["confidence"].is_between(0.5, 1, closed="right").all()


def test_a_proposal_can_be_accepted_as_a_patch() -> None:
    table, hidden = without_labels(readings(), HIDDEN)
    issues = found(table).with_columns(pl.lit("Q8").alias("check"))
    patch = patches.proposed(table, issues)
    assert patch["record"].to_list() == [row + 1 for row, new in zip(hidden, issues["suggestion"], strict=True) if new]
    mended = patches.applied(table, patch)
    assert mended["state"].null_count() == HIDDEN - patch.height
    assert mended["state"].drop_nulls().is_in(["runs", "stands"]).all()


def test_the_order_of_records_changes_no_proposal() -> None:
    table, _ = without_labels(readings().with_row_index("place"), HIDDEN)
    turned = table[np.random.default_rng(1).permutation(table.height)]
    mine, theirs = (
        found(one.drop("place"))
        .with_columns(one["place"].gather(found(one.drop("place"))["row"]))
        .sort("place")
        .select("place", "suggestion")
        for one in (table, turned)
    )
    assert mine.equals(theirs)


@pytest.mark.parametrize("rows", [120, ROWS])
def test_where_there_is_too_little_to_learn_from_nothing_is_proposed(rows: int) -> None:
    table, _ = without_labels(readings(rows), rows - 100)
    issues = found(table)
    assert issues["suggestion"].null_count() == issues.height == rows - 100
    assert issues["confidence"].null_count() == issues.height
