"""Copies of rows with a changed id, unit or last digits are found; rows that agree by chance are not."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from scoring.quality.duplicates import tables
from scoring.quality.duplicates.tables import contained_rows, near_rows


def table(rows: int, seed: int = 0) -> pl.DataFrame:
    """Eight columns of a shop: independent of each other, 55 bits a row."""
    rng = np.random.default_rng(seed)
    words = np.array([f"item {number}" for number in range(500)])
    return pl.DataFrame(
        {
            "id": np.arange(rows) + 1_000_000 * seed,
            "name": words[rng.integers(0, 500, rows)],
            "price": np.round(rng.lognormal(3, 1, rows), 2),
            "weight": rng.lognormal(0, 1, rows),
            "temperature": np.round(rng.normal(0, 15, rows), 1),
            "stock": rng.integers(0, 300, rows),
            "open": rng.random(rows) < 0.3,
            "day": pl.Series(rng.integers(19_000, 20_000, rows)).cast(pl.Date),
        }
    )


def copies(frame: pl.DataFrame, count: int, **changes) -> pl.DataFrame:
    return frame[:count].with_columns(id=pl.int_range(count, dtype=pl.Int64) + 10**9).with_columns(**changes)


CHANGES = {
    "nothing": ({}, 1),
    "a unit": ({"weight": pl.col("weight") * 1000}, 2),
    "digits": ({"weight": pl.col("weight") * (1 + 2e-5), "price": pl.col("price") * (1 - 1e-4)}, 1),
    "digits and a missing value": ({"weight": pl.col("weight") * 1.0004, "stock": pl.lit(None, dtype=pl.Int64)}, 2),
    "another day and a name": ({"day": pl.col("day") + pl.duration(days=1), "name": pl.lit("x")}, 3),
    "upper case and spaces": ({"name": pl.lit(" ") + pl.col("name").str.replace(" ", "\u3000")}, 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_copies_with_another_id_and_more_are_found(name):
    changes, differing = CHANGES[name]
    frame = table(3000)
    whole = pl.concat([frame, copies(frame, 300, **changes)])
    groups = near_rows(whole, differing=differing)
    assert (groups.first[3000:] == np.arange(300)).mean() >= 0.995
    assert groups.copies <= 300
    assert near_rows(frame, differing=differing).copies == 0
    if differing > 1:
        assert near_rows(whole, differing=differing - 1).copies == 0


def test_columns_that_count_can_be_chosen():
    frame = table(2000)
    whole = pl.concat([frame, copies(frame, 100, weight=pl.col("weight") * 1000)])
    assert near_rows(whole, differing=1).copies == 0
    assert near_rows(whole, frame.columns[1:], differing=1).copies == 100


@pytest.mark.parametrize("load", [load_diabetes, load_breast_cancer, load_wine])
def test_real_measurements_are_no_copies(load):
    numbers, target = load(return_X_y=True)
    frame = pl.DataFrame(numbers, schema=[f"x{column}" for column in range(numbers.shape[1])])
    assert near_rows(frame.with_columns(y=target), differing=2).copies == 0


def test_agreeing_in_little_is_no_proof():
    """Yes and no in six columns: nearly all rows agree in five of them with hundreds of others."""
    answers = np.random.default_rng(1).integers(0, 2, (2000, 6))
    frame = pl.DataFrame(answers, schema=list("abcdef")).with_row_index("id")
    assert near_rows(frame).copies == 0


def narrow(rows: int) -> pl.DataFrame:
    """Nine columns of a few values each: 31 bits a row."""
    draw = np.random.default_rng(4)
    return pl.DataFrame({name: draw.integers(0, 11, rows) for name in "abcdefghi"})


def test_copies_that_differ_in_the_same_columns_betray_those_that_hold_little():
    """Rows that hold more than others are told from chance by themselves; from them it is known in which columns copies differ."""
    place = pl.int_range(pl.len())
    frame = narrow(3000).with_columns(h=pl.when(place < 1000).then(pl.col("h") + 100 * place.mod(40)).otherwise("h"))
    moved = frame[:1100].with_columns(pl.col(name) + 50 for name in "ae")
    found = near_rows(pl.concat([frame, moved]), differing=2)
    assert (found.first[4000:] == np.arange(1000, 1100)).mean() > 0.95
    assert near_rows(frame, differing=2).rate < 0.01
    few = near_rows(pl.concat([frame, moved[1000:1020]]), differing=2)
    assert (~few.kept[3000:]).mean() < 0.8, "twenty copies, fewer than one row in a hundred, say nothing of each other"


def test_rows_that_differ_in_fewer_columns_need_agree_in_less():
    frame = table(3000)
    whole = pl.concat([frame, copies(frame, 300, weight=pl.col("weight") * (1 + 2e-5))])
    assert near_rows(whole, differing=4).copies == near_rows(whole, differing=1).copies == 300


def test_a_table_in_which_nothing_can_be_proved_costs_next_to_nothing(monkeypatch):
    answers = np.random.default_rng(1).integers(0, 2, (2000, 20))
    monkeypatch.setattr(tables, "link", lambda *_, **__: pytest.fail("pairs were looked at"))
    assert near_rows(pl.DataFrame(answers), differing=4).distinct == len(np.unique(answers, axis=0))


def test_floats_agree_beside_what_could_not_be_read_as_one():
    """A cell that is no number does not take the tolerance away from all others."""
    frame = table(2000).drop("id")
    numbers = pl.struct(read="weight", written=pl.lit(None, pl.String)).alias("weight")
    odd = frame[:1].with_columns(pl.struct(read=pl.lit(None, pl.Float64), written=pl.lit("a lot")).alias("weight"))
    again = frame[:200].with_columns(pl.col("weight") * 1.0003, stock=pl.lit(-1, pl.Int64)).with_columns(numbers)
    found = near_rows(pl.concat([frame.with_columns(numbers), odd, again]))
    assert found.first[2001:].tolist() == list(range(200))


def test_columns_that_follow_from_others_prove_nothing():
    """Nine columns that three decide, each with noise in one row of four."""
    rng = np.random.default_rng(2)
    causes = rng.integers(0, 40, (5000, 3))
    columns = {f"cause {at}": causes[:, at] for at in range(3)}
    for at in range(6):
        sums = causes[:, at % 3] * 3 + causes[:, (at + 1) % 3] * (at + 1)
        columns[f"effect {at}"] = np.where(rng.random(5000) < 0.25, rng.integers(0, 200, 5000), sums)
    assert near_rows(pl.DataFrame(columns), differing=2).rate < 0.01


def test_one_row_padded_a_thousand_times_is_found():
    """The copies agree with each other in all columns but one; that must not pass for columns following from each other."""
    frame = table(3000)
    padding = copies(pl.concat([frame[:1]] * 1000), 1000)
    groups = near_rows(pl.concat([frame, padding]))
    assert groups.copies == 1000
    assert groups.largest(1) == [(0, 1001)]


def test_wide_tables_leave_out_blocks_of_columns():
    rng = np.random.default_rng(3)
    frame = pl.DataFrame(rng.integers(0, 50, (300, 120)), schema=[f"x{column}" for column in range(120)])
    changed = frame[:50].with_columns(**{name: pl.lit(-1, dtype=pl.Int64) for name in ("x7", "x50", "x119")})
    assert near_rows(pl.concat([frame, changed]), differing=3).first[300:].tolist() == list(range(50))


cells = st.sampled_from([None, 0.0, 1.0, 1.0004, -1.0, 2.5, 1e300, float("nan"), float("inf")])


@settings(max_examples=40)
@given(
    st.lists(st.tuples(cells, cells, st.sampled_from("abcdefgh"), st.integers(0, 3)), max_size=20), st.integers(1, 2)
)
def test_no_joined_pair_disagrees_in_more_columns(rows, differing):
    """By the definition, slowly; the information is not asked for, so joined rows are a part of those that may be."""
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "y": pl.Float64, "z": pl.String, "w": pl.Int64}, orient="row")
    found = near_rows(frame, differing=differing).first.tolist()

    def disagree(one, other) -> bool:
        if isinstance(one, float) and isinstance(other, float):
            if np.isnan(one) or np.isnan(other):
                return not (np.isnan(one) and np.isnan(other))
            return one != other and not abs(one - other) <= 1e-3 * max(abs(one), abs(other)) < np.inf
        missing = [value is None or value != value for value in (one, other)]  # noqa: PLR0124
        return not all(missing) and (any(missing) or one != other)

    label = list(range(len(rows)))
    for a, b in combinations(range(len(rows)), 2):
        if sum(map(disagree, rows[a], rows[b])) <= differing:
            low, high = sorted((label[a], label[b]))
            label = [low if one == high else one for one in label]
    assert all(label[first] == label[row] for row, first in enumerate(found))


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(120)), st.permutations(range(8)))
def test_the_order_of_rows_and_columns_decides_nothing(order, columns):
    frame = table(100)
    frame = pl.concat([frame, copies(frame, 20, price=pl.col("price") * 1.0001)])
    plain = near_rows(frame).first
    moved = near_rows(frame[order].select([frame.columns[column] for column in columns])).first
    assert ((moved[:, None] == moved) == (plain[order][:, None] == plain[order])).all()


def test_hostile_tables():
    assert near_rows(table(0)).rate == 0
    assert near_rows(table(1)).first.tolist() == [0]
    assert near_rows(pl.DataFrame({"a": [1] * 100_000, "b": ["x"] * 100_000})).copies == 99_999
    assert near_rows(pl.DataFrame({"a": [None] * 50, "b": [float("nan")] * 50})).copies == 49
    only_id = pl.DataFrame({"id": range(50_000), "same": ["x"] * 50_000})
    assert near_rows(only_id).copies == 0
    huge = pl.DataFrame({"a": [1e308, -1e308, 5e-324, 0.0, float("inf")], "b": [1.0] * 5})
    assert near_rows(huge).copies == 0


def test_rows_contained_in_another_table():
    mine, other = table(1000), table(2000, seed=1)
    other = pl.concat([other, copies(mine, 200, weight=pl.col("weight") * 1.0003)])
    found = contained_rows(mine, other)
    assert found.tolist() == [True] * 200 + [False] * 800
    assert contained_rows(mine, mine).all()
    assert contained_rows(mine, other.with_columns(stock=pl.col("stock").cast(pl.Float64))).sum() == 200
    assert not contained_rows(mine, other.clear()).any()
    assert contained_rows(mine.clear(), other).tolist() == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"differing": 0}, "1 to 4 columns, not in 0"),
        ({"differing": 5}, "1 to 4 columns, not in 5"),
        ({"columns": ["id"]}, "Rows of 1 columns"),
        ({"columns": ["id", "absent"]}, "no column “absent”"),
        ({"tolerance": 0.2}, "from 0 to 0.1"),
        ({"tolerance": float("nan")}, "from 0 to 0.1"),
    ],
)
def test_what_cannot_be_asked(asked, message):
    with pytest.raises(ValueError, match=message):
        near_rows(table(5), **asked)
