"""Official places: 1-2-2-4, tied exactly when shown alike, invalid last."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring import EARLIEST, Column, place, rounded

finite = st.floats(allow_nan=False, allow_infinity=False)
digits = st.integers(0, 12)
score = (
    st.none()
    | st.sampled_from([math.nan, math.inf])
    | st.floats(-2, 2)
    | st.sampled_from([0.5, 0.50001, 0.1, -0.0, 0.0])
)
column = st.tuples(st.sampled_from(["max", "min"]), st.none() | digits)


@st.composite
def tables(draw):
    settings = draw(st.lists(column, min_size=1, max_size=3))
    columns = [Column(f"c{i}", direction, kept) for i, (direction, kept) in enumerate(settings)]
    rows = draw(st.lists(st.tuples(*[score] * len(columns)), max_size=12))
    return {c.key: [row[i] for row in rows] for i, c in enumerate(columns)}, columns


def ahead(table, columns, one, other):
    """The slow clear version: −1 if `one` is better, 1 if worse, 0 if tied."""
    for position, c in enumerate(columns):
        a, b = table[c.key][one], table[c.key][other]
        valid = [value is not None and math.isfinite(value) for value in (a, b)]
        if valid != [True, True]:
            if valid[0] != valid[1]:
                return -1 if valid[0] else 1
            if position == 0:
                return 0
            continue
        a, b = (value if c.digits is None else rounded(value, c.digits) for value in (a, b))
        if a != b:
            return -1 if (a > b) == (c.direction == "max") else 1
    return 0


@given(tables())
def test_a_place_is_one_more_than_the_number_of_better_rows(case):
    table, columns = case
    rows = range(len(table[columns[0].key]))
    assert place(table, columns) == [1 + sum(ahead(table, columns, other, one) < 0 for other in rows) for one in rows]


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(case, random):
    table, columns = case
    places = place(table, columns)
    order = list(range(len(places)))
    random.shuffle(order)
    shuffled = {key: [values[i] for i in order] for key, values in table.items()}
    assert place(shuffled, columns) == [places[i] for i in order]


@given(tables())
def test_a_shared_place_skips_the_next_ones(case):
    places = sorted(place(*case))
    assert all(found == places.index(found) + 1 for found in places)


@given(tables())
def test_another_tie_break_never_moves_a_row_past_one_that_was_behind(case):
    table, columns = case
    coarse, fine = place(table, columns[:1]), place(table, columns)
    for one in range(len(fine)):
        for other in range(len(fine)):
            assert not (coarse[one] < coarse[other] and fine[one] >= fine[other])


def test_the_chain_score_then_loss_then_time():
    table = {
        "auc": [0.81234, 0.81233, 0.81230, 0.9, None, math.nan],
        "loss": [0.31, 0.30, 0.31, 0.2, 0.1, 0.2],
        "earliest": [30, 20, 10, 40, 1, 2],
    }
    auc, loss = Column("auc", "max", 4), Column("loss", "min", 2)
    assert place(table, [auc]) == [2, 2, 2, 1, 5, 5]
    assert place(table, [auc, loss]) == [3, 2, 3, 1, 5, 5]
    assert place(table, [auc, loss, EARLIEST]) == [4, 2, 3, 1, 5, 5]


def test_nobody_has_no_places():
    assert place({"auc": []}, [Column("auc", "max", 3)]) == []


@pytest.mark.parametrize(
    ("table", "columns", "match"),
    [
        ({"a": [1]}, [], "at least one column"),
        ({"a": [1]}, [Column("a", "max", 1), Column("b", "max", 1)], "no column b"),
        ({"a": [1], "b": [1, 2]}, [Column("a", "max", 1), Column("b", "max", 1)], "differ in length"),
    ],
)
def test_a_table_that_does_not_fit_is_a_mistake_of_the_caller(table, columns, match):
    with pytest.raises(ValueError, match=match):
        place(table, columns)


@given(finite, digits)
@example(-0.0, 3)
@example(0.125, 2)
@example(1.7976931348623157e308, 12)
@example(5e-324, 0)
def test_rounding_is_that_of_the_shortest_decimal_form(value, kept):
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-kept), context=Context(prec=400, rounding=ROUND_HALF_EVEN))
    found = rounded(value, kept)
    assert found == float(exact)
    assert not (found == 0 and math.copysign(1, found) < 0)
    assert rounded(found, kept) == found


@given(st.floats(-1000, 1000), st.floats(-1000, 1000), digits)
def test_shown_alike_is_tied_and_tied_is_shown_alike(one, other, kept):
    shown = [f"{rounded(value, kept):.{kept}f}" for value in (one, other)]
    assert (shown[0] == shown[1]) == (rounded(one, kept) == rounded(other, kept))
    assert "-0" not in {text.rstrip("0").rstrip(".") for text in shown}


@given(finite, finite, digits)
def test_rounding_keeps_the_order(one, other, kept):
    low, high = sorted([one, other])
    assert rounded(low, kept) <= rounded(high, kept)


def test_what_is_not_finite_comes_back_and_digits_are_bounded():
    assert math.isnan(rounded(math.nan, 2))
    assert rounded(-math.inf, 2) == -math.inf
    for wrong in (-1, 31):
        with pytest.raises(ValueError, match="digits"):
            rounded(0.5, wrong)
