"""A cell without a value is missing, whatever stands for it; and whatever is missing is counted by completeness alone."""

from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference
from tests.laws.filed_checks import ROLES, SOUND, TEXTS, changed, cities, trees


def measured(key: str, seen: Evidence) -> Measured:
    found = CHECKS[key].load()(seen)
    assert found is not None
    return found


def points(key: str, seen: Evidence) -> float:
    return CHECKS[key].points(measured(key, seen)).value


def missing(cells: pl.Series) -> list[bool]:
    return Evidence(cells.alias("cells").to_frame()).missing("cells").tolist()


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        (pl.Series(["a", None, "", " " * 20, "N/A", "未知", "b"]), [1, 2, 3, 4, 5]),
        (pl.Series(["a", None, "N/A", "b"], dtype=pl.Categorical), [1, 2]),
        (pl.Series(["a", "N/A"], dtype=pl.Enum(["N/A", "a"])), [1]),
        (pl.Series([31, -999, None, 40]), [1, 2]),
        (pl.Series([31.5, -999.0, float("nan"), float("inf"), None]), [1, 2, 4]),
        (pl.Series([97, 98, 99, 100]), []),  # 99 is a value among others
        (pl.Series([date(1900, 1, 1), date(2024, 5, 1), None]), [0, 2]),
        (pl.Series([datetime(1900, 1, 1), datetime(2024, 5, 1)]), [0]),  # noqa: DTZ001 - without zone
        (pl.Series([datetime(1970, 1, 1, tzinfo=UTC)] * 2).dt.convert_time_zone("Asia/Shanghai"), [0, 1]),
        (pl.Series([True, None, False]), [1]),
        (pl.Series([None, None]), [0, 1]),
        (pl.Series([], dtype=pl.String), []),
    ],
    ids=lambda value: str(value.dtype) if isinstance(value, pl.Series) else "",
)
def test_cells_that_hold_no_value(cells: pl.Series, places: list[int]):
    assert np.flatnonzero(missing(cells)).tolist() == places


def test_completeness_counts_them_and_lists_those_that_look_like_values():
    days = pl.Series([date(1900, 1, 1), None, *(date(2024, 5, day) for day in range(1, 9))])
    found = measured("Q7", Evidence(pl.DataFrame({"day": days, "name": [" " * 20, *"abcdefghi"]})))
    assert found.value == 1 - 3 / 20
    assert found.details["missing"] == {"day": 2, "name": 1}
    assert found.issues is not None
    assert found.issues.select("row", "column").rows() == [(0, "day"), (0, "name")]


# outliers


def levels() -> np.ndarray:
    return np.random.default_rng(0).normal(50, 5, 2_000)


@pytest.mark.parametrize("factor", [10, 100, 1000, 0.001])
def test_the_more_values_are_in_a_wrong_unit_the_fewer_points(factor: float):
    values = []
    for share in (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.4):
        numbers = levels()
        numbers[: int(2_000 * share)] *= factor
        seen = Evidence(pl.DataFrame({"level": numbers}))
        assert measured("Q18", seen).value == pytest.approx(share, abs=0.002)
        values.append(points("Q18", seen))
    assert values[0] == 100
    assert all(left >= right for left, right in pairwise(values))
    assert values[-3:] == pytest.approx([0, 0, 0])


def test_a_record_with_two_values_in_a_wrong_unit_counts_once():
    numbers = levels()
    numbers[:60] *= 1000
    found = measured("Q18", Evidence(pl.DataFrame({"one": numbers, "other": numbers + 1.5})))
    assert (found.value, found.bad) == (pytest.approx(60 / 2_000), 60)
    assert found.issues is not None
    assert set(found.issues["code"]) == {"outlier.unit"}


@pytest.mark.parametrize("share", [0.001, 0.005, 0.03, 0.1])
def test_what_stands_for_a_missing_number_is_no_outlier(share: float):
    numbers = levels()
    numbers[: int(2_000 * share)] = -999
    seen = Evidence(pl.DataFrame({"level": numbers}))
    assert measured("Q7", seen).value == pytest.approx(1 - share)
    assert points("Q18", seen) == 100


# records without content


def reviews(gap: str | None) -> Evidence:
    texts = pl.Series(TEXTS["text"].to_list()[:35] + [gap] * 5, dtype=pl.String)
    table = pl.DataFrame({"id": range(40), "text": texts, "label": ["yes", "no"] * 20})
    return Evidence(table, Roles(id="id", text="text", label="label"))


@pytest.mark.parametrize("gap", [None, "", "  ", "N/A"])
def test_records_without_a_text_are_missing_and_nothing_else(gap: str | None):
    seen = reviews(gap)
    assert np.flatnonzero(seen.empty).tolist() == [35, 36, 37, 38, 39]
    assert measured("Q7", seen).value == 1 - 5 / 120
    for key in ("Q11", "Q13", "Q15"):
        found = measured(key, seen)
        assert (points(key, seen), found.checked, found.bad) == (100, 35, 0)
        assert found.issues is None or found.issues.height == 0
    without = Evidence(seen.table.head(35), seen.roles)
    assert measured("Q14", seen).value == measured("Q14", without).value


def test_texts_that_are_all_missing_are_not_judged():
    seen = reviews(None)
    nothing = Evidence(seen.table.with_columns(text=pl.lit(None, pl.String)), seen.roles)
    assert CHECKS["Q15"].load()(nothing) is None
    assert CHECKS["Q13"].load()(nothing) is None
    assert measured("Q7", nothing).value == 2 / 3


def emptied(table: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The first records lose all but id and label."""
    place = pl.int_range(pl.len())
    lost = [name for name in table.columns if name not in {"id", "size"}]
    return table.with_columns(pl.when(place < rows).then(None).otherwise(pl.col(name)).alias(name) for name in lost)


def test_rows_without_content_are_missing_and_nothing_else():
    seen = Evidence(emptied(cities(), 6), ROLES, classes=SOUND.classes)
    assert int(seen.empty.sum()) == 6
    for key in ("Q11", "Q13", "Q14"):
        assert measured(key, seen).value == 0
        assert measured(key, seen).checked == 34
    one_left = changed(seen.table, "visits", {0: 17, 3: 17})  # both are small
    assert measured("Q13", Evidence(one_left, ROLES)).value == 1 / 36


def test_where_a_table_holds_only_labels_no_record_is_without_content():
    assert not Evidence(pl.DataFrame({"id": [1, 2], "size": [None, "small"]}), ROLES).empty.any()


@pytest.mark.slow
def test_rows_without_content_fill_no_group_and_have_no_doubtful_label():
    seen = Evidence(emptied(cities(30), 15), ROLES, reference=Reference(strata={"size": {"small": 6}}))
    assert measured("A3", seen).value == 0  # 5 of 10 hold something
    sound = trees().table
    padding = pl.DataFrame({"kind": ["oak", "elm", "fir"] * 100}, schema={"kind": pl.String})
    padded = pl.concat([sound, padding], how="diagonal")
    found, plain = (measured("A6", Evidence(table, Roles(label="kind"))) for table in (padded, sound))
    assert (found.value, found.checked) == (plain.value, plain.checked)


# labels


def test_records_that_differ_in_the_label_alone_are_contradictions_and_no_near_copies():
    again = cities().head(10).with_columns(pl.format("again-{}", "id").alias("id"), size=pl.lit("other"))
    seen = Evidence(pl.concat([cities(), again]), ROLES)
    assert measured("Q11", seen).value == 20 / 50
    assert measured("Q13", seen).value == 0
    found = measured("Q14", seen)
    assert (found.value, found.checked) == (0, 40)


def test_copies_whose_label_was_taken_off_are_near_copies_in_any_order():
    again = cities().head(10).with_columns(pl.format("again-{}", "id").alias("id"), size=pl.lit(None, pl.String))
    for parts in ([cities(), again], [again, cities()]):
        found = measured("Q14", Evidence(pl.concat(parts), ROLES))
        assert (found.bad, found.checked) == (10, 50)


def test_a_near_copy_stays_one_under_another_label():
    again = (
        cities()
        .head(10)
        .with_columns(pl.format("again-{}", "id").alias("id"), size=pl.lit("other"), height=pl.lit(1.5))
    )
    assert measured("Q14", Evidence(pl.concat([cities(), again]), ROLES)).bad == 10


def test_texts_of_two_labels_are_no_near_copies_but_those_of_two_authors_are():
    texts = TEXTS["text"].to_list()[:5]
    twice = pl.DataFrame({"text": texts * 2, "label": ["a"] * 5 + ["b"] * 5, "by": ["Li"] * 10})
    roles = Roles(text="text", label="label")
    assert measured("Q14", Evidence(twice, roles)).value == 0
    others = twice.with_columns(by=pl.Series(["Li"] * 5 + ["Wang"] * 5))
    assert measured("Q14", Evidence(others, roles)).value == 1 / 2


def test_labels_of_no_class_are_no_variety():
    labels = ["a", "b", "c", "d"] * 25
    strange = [f"x{place}" if place % 20 == 0 else label for place, label in enumerate(labels)]

    def variety(given: list[str], classes: tuple[str, ...] = ("a", "b", "c", "d")) -> float:
        return measured("A1", Evidence(pl.DataFrame({"kind": given}), Roles(label="kind"), classes=classes)).value

    assert variety(labels) == 1
    assert 0.99 < variety(strange) < 1
    assert variety(strange, ()) < 0.8  # where no classes are stated, those that come count
    assert variety(["x", "y"]) == 0


# times


def test_a_missing_time_is_not_outside_the_window():
    window = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC))
    times = ["2024-05-01", None, "", "N/A", "1900-01-01", "soon", "2023-05-01", "2024-06-01"]
    seen = Evidence(pl.DataFrame({"time": times}), Roles(time="time"), reference=Reference(window=window))
    found = measured("A5", seen)
    assert (found.value, found.checked) == (2 / 4, 4)
    assert found.issues is not None
    assert dict(found.issues.select("row", "code").rows()) == {5: "time_unknown", 6: "time_outside"}
    none = Evidence(pl.DataFrame({"time": [None, ""]}), seen.roles, reference=seen.reference)
    assert CHECKS["A5"].load()(none) is None
