"""What people type into the boxes of a form: the same number however it is written, and a fault at the box that holds none."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.datasets.typed import Typed, shown
from leaderboard.exchange.demands import typed as demand_form
from leaderboard.exchange.listings import listing_form
from leaderboard.terms.words import SIZES

WIDE = str.maketrans("0123456789,.%kw", "０１２３４５６７８９，．％ｋｗ")
SCALES = {"": 1, "k": 10**3, "千": 10**3, "万": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8, "kb": 10**3, "GB": 10**9}


def grouped(digits: str, size: int, sign: str) -> str:
    first = len(digits) % size or size
    return sign.join([digits[:first], *(digits[at : at + size] for at in range(first, len(digits), size))])


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, Decimal]:
    """A number as somebody may write it, and what it is."""
    whole, part = draw(st.integers(0, 10**8)), draw(st.from_regex(r"(\.[0-9]{1,6})?", fullmatch=True))
    scale = draw(st.sampled_from(list(SCALES)))
    write: Callable[[str], str] = draw(
        st.sampled_from(
            [str, *(lambda text, at=at, sign=sign: grouped(text, at, sign) for at in (3, 4) for sign in ", _")]
        )
    )
    text = write(str(whole)) + part + draw(st.sampled_from(["", " "])) + scale
    text = text.translate(WIDE) if draw(st.booleans()) else text
    return draw(st.sampled_from(["", " "])) + text, Decimal(f"{whole}{part}") * SCALES[scale]


@given(numbers())
def test_a_number_is_the_same_however_it_is_written(written: tuple[str, Decimal]) -> None:
    text, value = written
    box = Typed({"box": text})
    assert (box.amount("box"), box.limit("box"), box.faults) == (float(value), float(value), [])
    assert Typed({"box": f"{text}%"}).limit("box") == float(value / 100)
    count = Typed({"box": text})
    assert count.count("box", 10**18) == (int(value) if value % 1 == 0 else None)
    assert len(count.faults) == (value % 1 != 0)


@given(numbers(), st.sampled_from(sorted(SIZES)))
def test_listings_and_demands_read_the_same(written: tuple[str, Decimal], unit: str) -> None:
    text, value = written
    offered = listing_form.sheet({f"size-{unit}": text}, "dataset").listing.sizes
    said, faults = demand_form.written({f"size-{unit}-least": text, "budget_high": text, "weight-relevance": "3"})
    assert offered == {unit: float(value)}
    assert faults == []
    assert [(size.unit, size.least) for size in said.document.sizes] == [(unit, float(value))]
    assert said.document.budget is not None
    assert said.document.budget.high == float(value)


@given(st.floats(0, 1e18))
def test_what_a_form_shows_reads_as_what_it_was(amount: float) -> None:
    assert Typed({"box": shown(amount)}).amount("box") == amount


@pytest.mark.parametrize(
    "text",
    ["-1", "1e400", "1e5", "1,5", "12,34,567", "1.5.2", "万", "1.5万万", "3 apples", "12%", "٣", "9" * 5_000, "0x10", "1 000 00", ","],
)  # fmt: skip
def test_what_is_no_number_is_named_at_its_box(text: str) -> None:
    box = Typed({"box": text})
    assert box.amount("box") is None
    assert [fault.field for fault in box.faults] == ["box"]
    _, faults = demand_form.written({"budget_low": text, "size-rows-most": text})
    assert {fault.field for fault in faults} == {"budget_low", "size-rows-most"}
    assert len(faults) == 2


@pytest.mark.parametrize("text", ["", "  ", "\t", "\u200b"])
def test_an_empty_box_says_nothing(text: str) -> None:
    box = Typed({"box": text})
    assert (box.amount("box"), box.limit("box"), box.count("box", 9), box.faults) == (None, None, None, [])


@pytest.mark.parametrize(("text", "count"), [("9,999", 9_999), ("1万", None), ("2.5", None), ("2.5k", 2_500)])
def test_counts_are_whole_and_bounded(text: str, count: int | None) -> None:
    box = Typed({"box": text})
    assert box.count("box", 9_999) == count
    assert [fault.params for fault in box.faults] == ([] if count else [{"most": 9_999}])
